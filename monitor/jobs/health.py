"""Shell: how the sources do, and what is told of it: once when a fault persists, once when it is over."""

from __future__ import annotations

import logging
from datetime import datetime

from .. import health
from ..config import Config
from ..models import SourceHealth
from ..store import Store

log = logging.getLogger("monitor")


def healths(config: Config, store: Store | None, now: datetime) -> tuple[SourceHealth, ...]:
    """How every source of the config does, in its order; without a store, as before the first poll."""
    states = store.feed_states() if store else {}
    arrivals = store.arrivals() if store else {}
    reports = {report.id: report for report in store.source_report()} if store else {}
    created = store.created_at() if store else None
    found = []
    for source in config.sources:
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
                zone=config.timezone,
            )
        )
    return tuple(found)


def tell(config: Config, store: Store, now: datetime) -> None:
    """Keeps and logs what is new about faults of sources: never the same twice."""
    found = health.notices(
        healths(config, store, now),
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
