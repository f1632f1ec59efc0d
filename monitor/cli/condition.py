"""Shell: `monitor sources` and `monitor health`: the condition of the sources and of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .. import config as configuration
from ..config import ConfigError
from ..health import shortest_interval
from ..jobs import condition
from ..jobs.health import healths, healths_of
from ..models import FeedState, HealthStatus, Notice, OwnWord, Source, SourceHealth, Status, Watched
from ..store import SourceStore, StoreError
from .context import SHORTLY, Context
from .output import ago, plural, print_json, print_table, span

RECENT = timedelta(days=7)
"""How far back notices about sources are listed."""
SILENT = timedelta(minutes=25)
"""After this a service that says nothing of itself was killed: it says something every ten minutes."""
FAULTS: tuple[HealthStatus, ...] = ("failing", "ended", "overrun", "quiet")


def sources(context: Context) -> int:
    """`monitor sources`: works before the first poll too."""
    config, now = context.polled, context.now
    known = context.reader if config.database.exists() else None
    states = known.feed_states() if known else {}
    rows = [
        _source_row(source, states.get(source.id) or FeedState(source.id), health)
        for source, health in zip(config.sources, healths(config, known, now), strict=True)
    ]
    if context.args.json:
        notices = known.notices(now - RECENT) if known else ()
        print_json({"sources": rows, "notices": [_notice_json(notice) for notice in notices]})
        return 0
    print_table(
        ["SOURCE", "KIND", "STATUS", "ITEMS#", "MATCHED#", "LAST NEW#", "USUAL#", "ASKED#", "EVERY#", "WHY"],
        [
            [
                row["id"],
                row["kind"],
                row["status"],
                str(row["items"]),
                str(row["matched"]),
                ago(row["last_new"], now),
                span(row["usual_seconds"]),
                ago(row["last_polled"], now),
                span(row["every_seconds"]),
                " ".join(filter(None, (row["why"], row["advice"], row["remark"]))) or row["note"],
            ]
            for row in rows
        ],
    )
    print(f"\n{_in_sum([row['status'] for row in rows])}")
    return 0


def _in_sum(statuses: list[str]) -> str:
    counts = Counter(statuses)
    on = len(statuses) - counts["off"]
    faults = [f"{counts[status]} {status}" for status in FAULTS if counts[status]]
    return f"{plural(on, 'source')} on, {counts['off']} off. {', '.join(faults) or 'None at fault'}."


def _source_row(source: Source, state: FeedState, health: SourceHealth) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "url": source.shown_url,
        "kind": source.kind,
        "status": health.status,
        "since": health.since,
        "why": health.why,
        "advice": health.advice,
        "remark": health.remark,
        "http_status": state.http_status,
        "items": health.items,
        "matched": health.matched,
        "last_polled": state.last_polled,
        "last_ok": state.last_ok,
        "last_new": state.last_new,
        "next_due": state.next_due,
        "usual_seconds": health.usual.total_seconds() if health.usual else None,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "error": state.error if state.failures else None,
        "moved_to": state.moved_to,
        "every_seconds": source.every.total_seconds(),
        "note": source.note,
    }


def _notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "source": notice.source_id,
        "at": notice.at,
        "kind": notice.kind,
        "status": notice.status,
        "text": notice.text,
    }


def health(context: Context) -> int:
    """`monitor health`: 0 where all is well, else 1 with the reasons; a source at fault is only told.

    So is a config that cannot be used, while the service goes on with the last good one. This is asked each
    minute, so the config is read where it has changed since, and else what the database has kept of it.
    """
    try:
        remembered = _remembered(context)
        watched = remembered or _watched(context)
    except ConfigError as error:
        return _health_without_config(context, error)
    database, now = Path(watched.database), context.now
    asked = {source.id for source in watched.sources if source.enabled}
    status = condition.status_of(database, shortest_interval(watched.sources), now, among=asked)
    found: tuple[SourceHealth, ...] = ()
    notices: tuple[Notice, ...] = ()
    problems = list(status.problems)
    remarks: list[str] = []
    try:
        if status.is_writable:
            with SourceStore.open(database, read_only=True) as store:
                found = healths_of(watched.sources, ZoneInfo(watched.timezone), store, now, "unmatched")
                notices = store.notices(now - RECENT)
                remarks = _remarks(_word(store, now))
    except StoreError as error:
        problems.append(str(error))
    else:
        if status.is_writable and not remembered:
            _remember(watched)
    return _told(
        context, database, replace(status, problems=(*problems,), remarks=(*remarks,)), found, notices
    )


def _remembered(context: Context) -> Watched | None:
    """What the database has kept, where the config is still the one of then. Raises ConfigError."""
    mark, database = context.mark()
    if database is None or not database.exists():
        return None
    try:
        with SourceStore.open(database, read_only=True, busy_timeout=SHORTLY) as store:
            kept = store.watched()
    except StoreError:
        return None  # whatever is the matter is found again, and told
    return kept if kept and (kept.mark, kept.database) == (mark, str(database)) else None


def _watched(context: Context) -> Watched:
    """The same from the config itself. Raises ConfigError."""
    before, _ = context.mark()
    config = context.config
    after, _ = context.mark()
    # Edited meanwhile: nobody knows which of the two was read.
    mark = before if before == after else ""
    return Watched(mark, str(config.database), config.timezone_name, config.sources)


def _remember(watched: Watched) -> None:
    with suppress(StoreError), SourceStore.open(Path(watched.database), busy_timeout=SHORTLY) as store:
        if watched.mark:
            store.note_watched(watched)


def _health_without_config(context: Context, error: ConfigError) -> int:
    """The health of a service that goes on with an earlier config. Raises `error` where none does."""
    file = configuration.find(context.args.config, context.environ, context.cwd)
    database = configuration.database_named(file, context.environ)
    try:
        if database is None:
            raise error
        with SourceStore.open(database, read_only=True) as store:
            word = _word(store, context.now)
            notices = store.notices(context.now - RECENT)
    except StoreError:
        raise error from None
    if word is None:
        raise error
    status = condition.status_of(database, word.every, context.now, remarks=_remarks(word) or [_first(error)])
    return _told(context, database, status, (), notices)


def _told(
    context: Context,
    database: Path,
    status: Status,
    found: Sequence[SourceHealth],
    notices: Sequence[Notice],
) -> int:
    faults = [one for one in found if one.status in FAULTS]
    if context.args.json:
        print_json(
            {
                "ok": status.is_well,
                "last_poll": status.last_poll,
                "database": database,
                "problems": status.problems,
                "remarks": status.remarks,
                "sources": Counter(one.status for one in found),
                "faults": [
                    {"id": f.id, "status": f.status, "since": f.since, "why": f.why, "advice": f.advice}
                    for f in faults
                ],
                "notices": [_notice_json(notice) for notice in notices],
            }
        )
        return int(not status.is_well)
    fine = f"ok: last poll {ago(status.last_poll, context.now)} ago, database writable"
    print("\n".join((*status.problems, *status.remarks) if status.problems else (fine, *status.remarks)))
    if faults:
        print(f"{_in_sum([one.status for one in found])} See `monitor sources`.")
    return int(not status.is_well)


def _word(store: SourceStore, now: datetime) -> OwnWord | None:
    """What the service says of itself; None where it has not said anything for so long that it has ended."""
    word = store.own_word()
    return word if word and abs(now - word.at) <= SILENT else None


def _remarks(word: OwnWord | None) -> list[str]:
    return [word.trouble] if word and word.trouble else []


def _first(error: ConfigError) -> str:
    from .reloading import fit_for_all

    first = error.problems[0]
    place = f":{first.line}:{first.column}" if first.line else ""
    return f"{Path(first.file).name}{place}: {fit_for_all(first.message)}."
