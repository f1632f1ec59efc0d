"""Shell: the config of a service: read again when it was edited, kept as it was where that cannot be used."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .. import schedule
from ..config import Config, ConfigError
from ..models import Trouble

log = logging.getLogger("monitor")

SETTLES = 2.0
"""Seconds that a file must have lain untouched, unless somebody has said that it was changed: an editor may
be in the middle of writing it."""


class LiveConfig:
    """The last config that could be used, and what is the matter with the file since."""

    def __init__(self, config: Config, load: Callable[[], Config]) -> None:
        """`load` reads the file anew and raises ConfigError."""
        self.config = config
        self.trouble: Trouble | None = None
        self._load = load
        self._noticed = threading.Event()
        self._seen = _fingerprint(config.file)

    @property
    def trouble_told(self) -> str:
        """The trouble on one line; "" where there is none."""
        trouble = self.trouble
        return f"{trouble.where}: {trouble.text}" if trouble else ""

    def notice(self) -> None:
        """Somebody has seen the file change. May be called in any thread."""
        self._noticed.set()

    def refresh(self) -> bool:
        """Reads the file again where its bytes have changed. Whether there is another config now."""
        was_noticed = self._noticed.is_set()
        self._noticed.clear()
        now = _fingerprint(self.config.file)
        if now == self._seen or (not was_noticed and _is_being_written(self.config.file)):
            return False
        self._seen = now
        try:
            found = self._load()
        except ConfigError as error:
            self._refuse(error)
            return False
        if _sources_on(self.config) and not _sources_on(found):
            self._keep(self.config.file.name, "It has no source that is switched on.")
            return False
        self._use(found)
        return True

    def _use(self, found: Config) -> None:
        config = self.config
        for name in ("database", "web_listen", "output"):
            if getattr(found, name) != getattr(config, name):
                log.warning("config=changed %s=ignored reason=needs_a_restart", name)
        self.config = replace(
            found, database=config.database, web_listen=config.web_listen, output=config.output
        )
        self.trouble = None
        log.info(
            "config=changed used=yes rules=%s sources=%d", found.rulebook.version, len(_sources_on(found))
        )

    def _refuse(self, error: ConfigError) -> None:
        first, *others = error.problems
        more = f" And {len(others)} more." if others else ""
        where = f"{Path(first.file).name}:{first.line}:{first.column}"
        self._keep(where, f"{first.message[:1].upper()}{first.message[1:]}.{more}")

    def _keep(self, where: str, text: str) -> None:
        self.trouble = Trouble("config", where, f"{text} The last good one is used.")
        log.error('config=changed used=no where=%s problem="%s"', where, text)


def _fingerprint(file: Path) -> str:
    """Of a file's bytes; "" for one that is not there or cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _is_being_written(file: Path) -> bool:
    try:
        age = schedule.utc_now().timestamp() - file.stat().st_mtime
    except OSError:
        return False
    return abs(age) < SETTLES


def _sources_on(config: Config) -> tuple[str, ...]:
    return tuple(source.id for source in config.sources if source.enabled)
