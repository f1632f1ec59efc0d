"""Shell: store: what retention no longer keeps is deleted, once a day or by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from ..config import Config
from ..store import Limits, Pruned, Store

log = logging.getLogger("monitor")

LEAST_KEPT = timedelta(days=14)
"""A shorter retention means this: so long a story is open, and editions count what was looked at."""
MAILS_KEPT = timedelta(days=90)
"""The bytes of mails, after the last of an edition was settled."""
DAILY = timedelta(days=1)


def prune(
    config: Config,
    store: Store,
    now: datetime,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> Pruned:
    """Deletes what is beyond retention, in short transactions; what was deleted until `stopping` said so.

    What is left over by a stop or a kill goes the next time.
    """
    done = Pruned()
    for more in store.upkeep.prune(limits(config, now)):
        done += more
        if stopping():
            return done
    store.upkeep.note_pruned(now)
    log.info("prune=done unmatched=%d matched=%d mails=%d", done.unmatched, done.matched, done.mails)
    return done


def prune_daily(
    config: Config, store: Store, now: datetime, *, stopping: Callable[[], bool] = lambda: False
) -> Pruned | None:
    """The same where it was last done a day ago or longer; None where it was not yet due.

    The database remembers it. A time that is still to come was set by a clock that was wrong then.
    """
    last = store.upkeep.last_pruned()
    if last and timedelta(0) <= now - last < DAILY:
        return None
    return prune(config, store, now, stopping=stopping)


def limits(config: Config, now: datetime) -> Limits:
    """From when on things are kept at `now`, as the config has it."""

    def since(kept: timedelta | None) -> datetime | None:
        return None if kept is None else now - max(kept, LEAST_KEPT)

    return Limits(
        unmatched=since(config.retention_unmatched),
        matched=since(config.retention_matched),
        mails=now - MAILS_KEPT,
        digests=config.digests,
    )
