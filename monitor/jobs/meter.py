"""Shell: the numbers of the service, for Prometheus."""

from __future__ import annotations

from datetime import datetime

from .. import VERSION
from ..config import Config
from ..health import metrics
from ..models import Mark, Running
from ..store import Store, StoreError
from .condition import PATIENCE, status


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
        families = metrics.service(running, found, VERSION, config.rulebook.version)
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
