"""Core: how a source does, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

HealthStatus = Literal["ok", "failing", "quiet", "overrun", "ended", "never", "off"]
"""failing: the last polls failed; quiet: answers, but longer without a new item than its habit; overrun:
items between two polls may have been missed; ended: its publisher has ended it; never: not asked yet."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source does, in words: a line of the health table and of the coverage statement."""

    id: str
    name: str
    status: HealthStatus
    since: datetime | None = None
    """When that began: the first failed poll, the last new item, the begin of a gap."""
    why: str = ""
    """A sentence for the analyst; empty where all is well."""
    advice: str = ""
    """What to do about it, as a sentence."""
    last_ok: datetime | None = None
    last_new: datetime | None = None
    usual: timedelta | None = None
    """The usual time between two arrivals of new items; None while too little is known."""
    items: int = 0
    matched: int = 0
    remark: str = ""
    """Worth knowing though nothing is wrong: moved, or never any match."""
    failures: int = 0
    """Failed polls in a row."""
    error: str = ""
    """What was the matter at the last of them."""
    filled: datetime | None = None
    """The begin of its last gap, where what was missed then has been fetched by other means."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told once about a source: that a fault persists, or that it is over."""

    source_id: str
    name: str
    at: datetime
    kind: Literal["fault", "recovered"]
    status: HealthStatus
    """The fault, also where it is over."""
    text: str
