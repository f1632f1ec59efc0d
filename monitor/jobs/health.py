"""Shell: how the sources do, and what is told of it: once when a fault persists, once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .. import health
from ..models import FeedState, Source, SourceHealth
from ..store import Counts, SourceStore

if TYPE_CHECKING:
    from ..config import PollConfig

log = logging.getLogger("monitor")


def healths(
    config: PollConfig, store: SourceStore | None, now: datetime, counts: Counts = "all"
) -> tuple[SourceHealth, ...]:
    """How every source of the config does, in its order; without a store, as before the first poll.

    With less than "all" in `counts`, the numbers of items and matches are not to be shown; with "unmatched"
    all else is as it should be, with "few" the remarks on matches are not.
    """
    return healths_of(config.sources, config.timezone, store, now, counts)


def healths_of(
    sources: Sequence[Source],
    zone: ZoneInfo,
    store: SourceStore | None,
    now: datetime,
    counts: Counts = "all",
    states: Mapping[str, FeedState] | None = None,
) -> tuple[SourceHealth, ...]:
    """The same of any sources; times of the day are those of `zone`. `states` spares asking for them."""
    if states is None:
        states = store.feed_states() if store else {}
    arrivals = store.arrivals(of=[source.id for source in sources]) if store else {}
    reports = {report.id: report for report in store.source_report(counts)} if store else {}
    created = store.created_at() if store else None
    found = []
    for source in sources:
        report = reports.get(source.id)
        found.append(
            health.source_health(
                source,
                states.get(source.id),
                arrivals.get(source.id, ()),
                items=report.items if report else 0,
                matched=report.matched if report else 0,
                now=now,
                since=(report and report.first_seen) or created,
                zone=zone,
            )
        )
    return tuple(found)


def tell(config: PollConfig, store: SourceStore, now: datetime, asked: Collection[str]) -> None:
    """Keeps and logs what is new about faults of sources: never the same twice.

    Of those that were just `asked`, and those that fail: about the others there is nothing new.
    """
    states = store.feed_states()
    failing = {id_ for id_, state in states.items() if state.failures}
    looked_at = [source for source in config.sources if source.id in failing or source.id in asked]
    if not looked_at:
        return
    found = health.notices(
        healths_of(looked_at, config.timezone, store, now, "few", states),
        store.open_faults(),
        now,
        recent=store.notices(now - health.OVERRUN_TOLD_AGAIN),
        zone=config.timezone,
    )
    if found:
        store.add_notices(found)
    for notice in found:
        level = logging.WARNING if notice.kind == "fault" else logging.INFO
        log.log(
            level,
            'source=%s notice=%s status=%s text="%s"',
            notice.source_id,
            notice.kind,
            notice.status,
            notice.text,
        )
