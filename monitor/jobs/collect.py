"""Shell: fetch → parse → classify → store, for every source that is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from .. import govuk, polling
from ..fetch import FetchError
from ..models import Assessed, FeedState, Recorded, SourceOutcome
from ..parse import ParseError
from .asking import Answer, Asked, Network, answers, hosts_in_turn
from .health import tell
from .lookups import look_up

if TYPE_CHECKING:
    from ..classify import RuleBook
    from ..config import PollConfig
    from ..models import Item, ParsedFeed, PollStatus, Source
    from ..store import PollStore

log = logging.getLogger("monitor")

NOTHING = Recorded()
MOST_FOUND = 1_000
"""Results that one request to the Search API may give: as many mean that there are more."""
OUTLINES_AT_A_TIME = 50
"""Some two kilobytes each: of thousands of sources not all are held at once."""
UNREAD_AT_A_TIME = 20
"""Sources that were unchanged or failed are written so many at a time; what a kill loses is asked anew."""
WORTH_FILLING = timedelta(days=2)
"""So long after a gap was found it is tried to fill it."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """One line of the table that `poll` prints."""

    source: Source
    status: PollStatus
    http_status: int | None = None
    items: int = 0
    recorded: Recorded = NOTHING
    error: str | None = None
    seconds: float = 0.0
    skipped: tuple[str, ...] = ()
    """Why entries of the document were left out."""


def collect(
    config: PollConfig,
    store: PollStore,
    network: Network,
    now: datetime,
    *,
    chosen: Sequence[str] = (),
    all_sources: bool = False,
    progress: Callable[[PollReport], None] = lambda _report: None,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[PollReport, ...]:
    """Asks the sources that are due (all enabled ones, or the `chosen` ids) and stores what they bring.

    Then what a feed's window has lost is fetched by other means, the pages of relevant items are looked up,
    and faults of sources that persist are told once. Asking and reading run in parallel; this thread alone
    judges and writes. One report for each source, in config order; `progress` sees each as it is done. A
    source's failure is a report, never an exception. Once `stopping` says so, answers that are still awaited
    are given up: they will be asked for again.
    """
    store.sync_sources(config.sources)
    states = store.feed_states()
    reports: dict[str, PollReport] = {}
    asked: list[Asked] = []
    for source in config.sources:
        if not source.enabled or (chosen and source.id not in chosen):
            continue
        state = states.get(source.id, FeedState(source.id))
        if chosen or all_sources or polling.is_due(source, state, now):
            asked.append(Asked(source, state))
        else:
            reports[source.id] = PollReport(source, "skipped", state.http_status)
    known = _with_outlines(hosts_in_turn(asked), store, config.rulebook.version)
    unread: list[FeedState] = []
    for one, answer in answers(known, network, now, config.concurrency, stopping):
        outcome = take_in(one, answer, config.rulebook, now)
        if outcome.status == "ok":
            recorded = store.record(outcome, now)
        else:
            recorded = NOTHING
            unread.append(outcome.state)
            if len(unread) == UNREAD_AT_A_TIME:
                store.record_unread(unread, now)
                unread.clear()
        report = _report(one.source, outcome, recorded, answer.seconds)
        _log(report)
        reports[one.source.id] = report
        progress(report)
    store.record_unread(unread, now)
    was_asked = {id_ for id_, report in reports.items() if report.status != "skipped"}
    if was_asked:
        read = {id_ for id_, report in reports.items() if report.status in ("ok", "unchanged")}
        gaps = {id_: state for id_, state in store.open_gaps().items() if id_ in read}
        found = catch_up(config, store, network, now, gaps, stopping)
        for source_id, recorded in found.items():
            report = reports[source_id]
            reports[source_id] = replace(report, recorded=_sum(report.recorded, recorded))
    look_up(config, store, network, now, stopping=stopping)
    tell(config, store, now, was_asked)
    return tuple(reports[source.id] for source in config.sources if source.id in reports)


def _with_outlines(asked: Iterator[Asked], store: PollStore, rules_version: str) -> Iterator[Asked]:
    """The same with what the entries of each are known by, which is read for some sources at a time."""
    while some := tuple(islice(asked, OUTLINES_AT_A_TIME)):
        known = store.outlines([one.source.id for one in some], rules_version)
        yield from (replace(one, outline=known.get(one.source.id)) for one in some)


def take_in(asked: Asked, answer: Answer, book: RuleBook, now: datetime) -> SourceOutcome:
    """One answer → all that it writes. A failure keeps what was known and says when to ask again."""
    source, state = asked.source, asked.state
    result, feed = answer.result, answer.feed
    if isinstance(result, FetchError):
        failed = polling.after_failure(
            source,
            state,
            result.message,
            now,
            status=result.status,
            retry_after=result.retry_after,
            gone=result.gone,
        )
        return SourceOutcome(failed, "failed")
    if isinstance(feed, ParseError):
        failed = polling.after_failure(source, state, str(feed), now, status=result.status, ended=feed.ended)
        return SourceOutcome(failed, "failed")
    newest = max((date for date in _dates(feed) if date), default=None) if feed else None
    succeeded = polling.after_success(source, state, result, now, body_hash=answer.body_hash, newest=newest)
    if feed is None:
        return SourceOutcome(succeeded, "unchanged")
    assessed = _assessed(feed.items, source, book)
    # An interface is asked for a span of days: what it gives is no window that could be overrun.
    ids = asked.outline.items if asked.outline else ()
    return SourceOutcome(
        succeeded,
        "ok",
        assessed,
        feed.skipped,
        windowed=source.format == "feed",
        entries=tuple(ids[entry] if isinstance(entry, int) else entry for entry in feed.entries),
        outline=feed.outline,
        rules_version=book.version,
    )


def _dates(feed: ParsedFeed) -> tuple[datetime | None, ...]:
    return (feed.newest, *(item.date for item in feed.items))


def _assessed(items: Sequence[Item], source: Source, book: RuleBook) -> tuple[Assessed, ...]:
    return tuple(Assessed(item, book.classify(item, source.side)) for item in items)


def catch_up(
    config: PollConfig,
    store: PollStore,
    network: Network,
    now: datetime,
    states: Mapping[str, FeedState],
    stopping: Callable[[], bool],
) -> dict[str, Recorded]:
    """Fetches what the windows of GOV.UK's feeds have lost; what that brought, by source.

    `states` are those of the sources just read that have an open gap. They are asked for through the Search
    API, from the day before the gap on. Where that fails, the gap stays open, and the next poll tries again.
    """
    searches: list[Asked] = []
    for source in config.sources:
        state = states.get(source.id)
        if state is None or state.gap_to is None or now - state.gap_to > WORTH_FILLING:
            continue
        address = govuk.search_url(source.url, state.gap_from or now)
        if address:
            # No state of its own: the validators and the digest of the bytes are the feed's.
            search = replace(source, url=address, format="govuk-search")
            searches.append(Asked(search, FeedState(source.id)))
    brought = {}
    for one, answer in answers(iter(searches), network, now, config.concurrency, stopping):
        id_, feed = one.source.id, answer.feed
        problem = answer.result if isinstance(answer.result, FetchError) else feed
        if isinstance(problem, Exception) or feed is None or isinstance(feed, ParseError):
            log.warning('source=%s gap=open error="%s"', id_, problem)
            continue
        assessed = _assessed(feed.items, one.source, config.rulebook)
        outcome = SourceOutcome(states[id_], "ok", assessed, feed.skipped, windowed=False)
        brought[id_] = store.record(outcome, now)
        # What the API says there is; where it does not say, a full answer means that there is more.
        is_all = feed.rows < MOST_FOUND if feed.total is None else feed.rows >= feed.total
        if is_all:
            store.fill_gap(id_)
        log.info(
            "source=%s gap=%s found=%d new=%d",
            id_,
            "filled" if is_all else "open",
            len(assessed),
            brought[id_].new,
        )
    return brought


def _sum(one: Recorded, other: Recorded) -> Recorded:
    return replace(
        one,
        new=one.new + other.new,
        updated=one.updated + other.updated,
        relevant=one.relevant + other.relevant,
    )


def _report(source: Source, outcome: SourceOutcome, recorded: Recorded, seconds: float) -> PollReport:
    return PollReport(
        source,
        outcome.status,
        outcome.state.http_status,
        len(outcome.assessed) + len(outcome.unchanged),
        recorded,
        outcome.state.error,
        round(seconds, 3),
        outcome.skipped,
    )


def _log(report: PollReport) -> None:
    line = "poll source=%s status=%s items=%d new=%d updated=%d relevant=%d seconds=%.1f"
    said: tuple[object, ...] = (
        report.source.id,
        report.status,
        report.items,
        report.recorded.new,
        report.recorded.updated,
        report.recorded.relevant,
        report.seconds,
    )
    if report.error:
        line, said = f'{line} error="%s"', (*said, report.error)
    log.log(logging.WARNING if report.status == "failed" else logging.INFO, line, *said)
    for reason in report.skipped:
        log.warning('entry source=%s skipped="%s"', report.source.id, reason)
