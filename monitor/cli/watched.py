"""Shell: what those who watch the service see of it: the archive's pages, whether it is well, its numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from .. import web
from ..jobs import condition
from ..jobs.meter import Meter
from ..models import Running, Status
from ..store import Store
from .reloading import LiveConfig

log = logging.getLogger("monitor")

PATIENCE = 3.0
"""Seconds that an answer waits for a database which another process keeps locked."""


class Watched:
    """What the service knows of itself. Written by the thread that works, read by the web server's."""

    def __init__(self, live: LiveConfig, store: Store, clock: Callable[[], datetime]) -> None:
        """`store` is used here only. What comes from now on is counted."""
        self._live, self._clock = live, clock
        self._meter = Meter(store)
        now = clock()
        # Replaced as a whole, never changed: a reader has the old one or the new one.
        self._running = Running(started=now, config_loaded=now)

    def ran(self, seconds: float, *, is_well: bool, new_config: bool = False) -> None:
        """A run has ended, which took so long; before it there may have been a new config."""
        now, before = self._clock(), self._running
        self._running = replace(
            before,
            last_run=now,
            last_success=now if is_well else before.last_success,
            seconds=seconds,
            config_loaded=now if new_config else before.config_loaded,
        )

    @contextmanager
    def served(self) -> Iterator[web.Server | None]:
        """While this is open, `web.listen` is served; nothing where the config says null. Raises WebError."""
        config = self._live.config
        if config.web_listen is None:
            yield None
            return
        with web.serving(
            config.web_listen,
            config.output,
            hosts=self._hosts,
            status=self._status,
            metrics=self._metrics,
        ) as server:
            log.info("web=started url=%s", server.url)
            yield server

    def _hosts(self) -> list[str]:
        host = urlsplit(self._live.config.public_url or "").hostname
        return [host] if host else []

    def _status(self) -> Status:
        trouble = self._live.trouble_told
        return condition.status(
            self._live.config, self._clock(), remarks=[trouble] if trouble else [], patience=PATIENCE
        )

    def _metrics(self) -> str:
        running = replace(self._running, config_trouble=self._live.trouble_told)
        return self._meter.text(self._live.config, self._clock(), running, patience=PATIENCE)
