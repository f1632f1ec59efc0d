"""Core: what the running service says of itself: is it well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .feeds import Source


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the monitor does its work, as `monitor health` and /healthz tell it."""

    problems: tuple[str, ...] = ()
    """What keeps it from its work, in sentences; empty where all is well."""
    remarks: tuple[str, ...] = ()
    """What its keeper should mend, though it works: a config that could not be used."""
    last_poll: datetime | None = None
    """When a source was last asked, whatever it answered."""
    is_fresh: bool = False
    """Whether sources are asked as often as they should be, and at least one is read."""
    is_writable: bool = False
    """Whether the database could be written just now."""

    @property
    def is_well(self) -> bool:
        """Whether nothing keeps it from its work."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class OwnWord:
    """What the service has last said of itself, for those who have nothing but its database."""

    at: datetime
    every: timedelta | None
    """The shortest interval of the sources that are switched on; None where none is."""
    trouble: str = ""
    """As config_trouble of Running."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a config says of what `monitor health` looks at, kept so that it is not read each minute."""

    mark: str
    """That of the config, as `config.mark_of` has it: under any other this no longer holds."""
    database: str
    """The absolute path."""
    timezone: str
    sources: tuple[Source, ...]
    """With `id`, `name`, `enabled`, `every`, and `url_mark` in place of the address; the rest is not kept."""
