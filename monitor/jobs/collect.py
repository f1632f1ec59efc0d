"""Shell: fetch → parse → classify → store, for every source that is due."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest
from urllib.parse import urlsplit

from .. import polling
from ..classify import RuleBook
from ..config import Config
from ..fetch import FetchError
from ..models import (
    Assessed,
    FeedState,
    Fetched,
    ParsedFeed,
    PollStatus,
    Recorded,
    Source,
    SourceOutcome,
)
from ..parse import ParseError
from ..store import Store

log = logging.getLogger("monitor")

LOOK_UP = 0.5
"""Seconds between two looks at whether to stop, while answers are awaited."""
NOTHING = Recorded()

Fetch = Callable[[Source, FeedState], Fetched]
"""Asks one source; raises FetchError."""
Parse = Callable[[Source, Fetched], ParsedFeed]
"""Reads one answer; raises ParseError."""


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking and reading one source gave; the body itself is no longer held."""

    result: Fetched | FetchError
    feed: ParsedFeed | ParseError | None = None
    """None where there was nothing to read: no answer, or the same bytes as last time."""
    body_hash: str | None = None
    seconds: float = 0.0


def collect(
    config: Config,
    store: Store,
    fetch: Fetch,
    parse: Parse,
    now: datetime,
    *,
    chosen: Sequence[str] = (),
    all_sources: bool = False,
    progress: Callable[[PollReport], None] = lambda _report: None,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[PollReport, ...]:
    """Asks the sources that are due (all enabled ones, or the `chosen` ids) and stores what they bring.

    Asking and reading run in parallel; this thread alone judges and writes. One report for each source, in
    config order; `progress` sees each as it is done. A source's failure is a report, never an exception.
    Once `stopping` says so, answers that are still awaited are given up: they will be asked for again.
    """
    store.sync_sources(config.sources)
    states = store.feed_states()
    reports: dict[str, PollReport] = {}
    asked: list[tuple[Source, FeedState]] = []
    for source in config.sources:
        if not source.enabled or (chosen and source.id not in chosen):
            continue
        state = states.get(source.id, FeedState(source.id))
        if chosen or all_sources or polling.is_due(source, state, now):
            asked.append((source, state))
        else:
            reports[source.id] = PollReport(source, "skipped", state.http_status)
    for source, state, answer in _answers(_hosts_in_turn(asked), fetch, parse, config.concurrency, stopping):
        outcome = take_in(source, state, answer, config.rulebook, now)
        recorded = store.record(outcome, now)
        report = PollReport(
            source,
            outcome.status,
            outcome.state.http_status,
            len(outcome.assessed),
            recorded,
            outcome.state.error,
            round(answer.seconds, 3),
            outcome.skipped,
        )
        _log(report)
        reports[source.id] = report
        progress(report)
    return tuple(reports[source.id] for source in config.sources if source.id in reports)


def _hosts_in_turn(asked: Sequence[tuple[Source, FeedState]]) -> Iterator[tuple[Source, FeedState]]:
    """One source of each host, then the next of each: a host with many must not hold all the places."""
    by_host: dict[str, list[tuple[Source, FeedState]]] = defaultdict(list)
    for source, state in asked:
        by_host[urlsplit(source.url).netloc].append((source, state))
    for turn in zip_longest(*by_host.values()):
        yield from filter(None, turn)


def _answers(
    asked: Iterator[tuple[Source, FeedState]],
    fetch: Fetch,
    parse: Parse,
    concurrency: int,
    stopping: Callable[[], bool],
) -> Iterator[tuple[Source, FeedState, Answer]]:
    """Asks and reads in threads, and gives each answer as it comes.

    No more are under way or waiting to be stored than twice `concurrency`, so that memory does not grow with
    the number of sources.
    """
    running: dict[Future[Answer], tuple[Source, FeedState]] = {}
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="fetch")
    try:
        while not stopping():
            for source, state in islice(asked, 2 * concurrency - len(running)):
                running[pool.submit(ask, fetch, parse, source, state)] = (source, state)
            if not running:
                return
            done = wait(running, LOOK_UP, FIRST_COMPLETED).done
            for future in [future for future in running if future in done]:
                source, state = running.pop(future)
                yield source, state, future.result()
    finally:
        # Without waiting: what still waits for a server holds nothing that matters.
        pool.shutdown(wait=False, cancel_futures=True)


def ask(fetch: Fetch, parse: Parse, source: Source, state: FeedState) -> Answer:
    """One source asked and its answer read, unless its bytes are those of last time."""
    started = time.monotonic()
    try:
        fetched = fetch(source, state)
    except FetchError as error:
        return Answer(error, seconds=time.monotonic() - started)
    if fetched.body is None:
        return Answer(fetched, None, state.body_hash, time.monotonic() - started)
    body_hash = _hash(source, fetched.body)
    feed: ParsedFeed | ParseError | None = None
    if state.url != source.url or state.body_hash != body_hash:
        try:
            feed = parse(source, fetched)
        except ParseError as error:
            feed = error
    # b"" and not None: the server did send a body, though it is dropped here.
    return Answer(replace(fetched, body=b""), feed, body_hash, time.monotonic() - started)


def take_in(source: Source, state: FeedState, answer: Answer, book: RuleBook, now: datetime) -> SourceOutcome:
    """One answer → all that it writes. A failure keeps what was known and says when to ask again."""
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
        failed = polling.after_failure(source, state, str(feed), now, status=result.status)
        return SourceOutcome(failed, "failed")
    succeeded = polling.after_success(source, state, result, now, body_hash=answer.body_hash)
    if feed is None:
        return SourceOutcome(succeeded, "unchanged")
    assessed = tuple(Assessed(item, book.classify(item, source.side)) for item in feed.items)
    return SourceOutcome(succeeded, "ok", assessed, feed.skipped)


def _log(report: PollReport) -> None:
    log.log(
        logging.WARNING if report.status == "failed" else logging.INFO,
        "source=%s status=%s items=%d new=%d updated=%d relevant=%d seconds=%.1f%s",
        report.source.id,
        report.status,
        report.items,
        report.recorded.new,
        report.recorded.updated,
        report.recorded.relevant,
        report.seconds,
        f' error="{report.error}"' if report.error else "",
    )
    for reason in report.skipped:
        log.warning('source=%s skipped="%s"', report.source.id, reason)


def _hash(source: Source, body: bytes) -> str:
    """A digest of the bytes and of what the config says about reading them."""
    reading = repr((source.kind, source.lang, source.strip)).encode()
    return hashlib.blake2b(reading + b"\0" + body, digest_size=16).hexdigest()
