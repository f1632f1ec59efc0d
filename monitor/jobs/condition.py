"""Shell: whether the service is well, for `monitor health` and the web, and its numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from .. import health
from ..config import Config
from ..health import metrics
from ..models import Mark, Running, Status
from ..store import Store, StoreError

PATIENCE = 10.0
"""Seconds that another process may keep the database locked."""


def status(
    config: Config, now: datetime, *, remarks: Sequence[str] = (), patience: float = PATIENCE
) -> Status:
    """Whether the polls are fresh and the database can be written. Opens it anew, so any thread may ask.

    `remarks` are handed on. `patience` is in seconds.
    """
    asked = {source.id for source in config.sources if source.enabled}
    every = health.shortest_interval(config.sources)
    return status_of(config.database, every, now, among=asked, remarks=remarks, patience=patience)


def status_of(
    database: Path,
    every: timedelta | None,
    now: datetime,
    *,
    among: Collection[str] | None = None,
    remarks: Sequence[str] = (),
    patience: float = PATIENCE,
) -> Status:
    """The same where no config is at hand. `every` is the shortest interval of a source; None without any.

    `among` are the ids of the sources that count; None: all that there ever were.
    """
    told = tuple(remarks)
    if not database.exists():
        return Status((f"{database} does not exist yet: run `monitor poll` first",), told)
    try:
        with Store.open(database, busy_timeout=patience) as store:
            store.check_writable()
            known = store.feed_states()
    except StoreError as error:
        return Status((str(error),), told)
    states = [state for id_, state in known.items() if among is None or id_ in among]
    stale = health.staleness(every, states, now)
    return Status((stale,) if stale else (), told, health.last_poll(states, now), not stale, is_writable=True)


class Meter:
    """The numbers for Prometheus. Counts what comes since it was made; ask in one thread at a time."""

    def __init__(self, store: Store) -> None:
        """`store` is used here only: each reading opens the database anew, in the thread that asks."""
        mark = store.figures().mark
        self._last_item, self._first_delivery = mark.item, mark.delivery
        self._counts = metrics.Counts()

    def text(self, config: Config, now: datetime, running: Running, *, patience: float = PATIENCE) -> str:
        """All numbers as they are, in Prometheus' text format; without a database those that need none."""
        found = status(config, now, patience=patience)
        families = metrics.service(running, found, version("uk-china-monitor"), config.rulebook.version)
        try:
            with Store.open(config.database, read_only=True, busy_timeout=patience) as store:
                figures = store.figures(Mark(self._last_item, self._first_delivery))
                states = store.feed_states()
        except StoreError:  # `found` says it: monitor_database_writable is 0
            return metrics.exposition(families)
        self._counts, self._last_item = self._counts.plus(figures), figures.mark.item
        topics = [topic.id for topic in config.topics]
        return metrics.exposition(
            (
                *families,
                *metrics.sources(config.sources, states, self._counts, topics),
                *metrics.digests([spec.id for spec in config.digests], figures),
            )
        )
