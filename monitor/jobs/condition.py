"""Shell: whether the service is well, for `monitor health` and the web."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .. import health
from ..models import Status
from ..store import SourceStore, StoreError

if TYPE_CHECKING:
    from ..config import Config

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
        with SourceStore.open(database, busy_timeout=patience) as store:
            store.check_writable()
            known = store.feed_states()
    except StoreError as error:
        return Status((str(error),), told)
    states = [state for id_, state in known.items() if among is None or id_ in among]
    stale = health.staleness(every, states, now)
    return Status((stale,) if stale else (), told, health.last_poll(states, now), not stale, is_writable=True)
