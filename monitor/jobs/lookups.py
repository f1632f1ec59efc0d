"""Shell: looks up the pages behind items: GOV.UK's own account of them, and articles behind teasers."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .. import govuk
from ..fetch import FetchError
from ..models import (
    FeedState,
    Fetched,
    Item,
    Page,
    PageFormat,
    PageOutcome,
    PageState,
    PageStatus,
    PageWanted,
    Side,
    Source,
)
from ..parse import ParseError
from .asking import Network
from .hands import LOOK_UP

if TYPE_CHECKING:
    from ..classify import RuleBook
    from ..config import PollConfig
    from ..store import PollStore

log = logging.getLogger("monitor")

APART = 0.2
"""Seconds between the starts of two requests to one host: GOV.UK allows ten a second, we take five."""
GOVUK_PAGES = 100
"""Pages of GOV.UK looked up after one poll; the others wait for the next."""
AT_ONCE = 4
WITHIN = 60.0
"""Seconds after which one run starts no more look-ups."""
FAILURES_IN_A_ROW = 3
"""So many, and a host is asked no more in this run."""
FIRST_PAUSE = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(days=1)
MISSING, GONE, TOO_MANY = 404, 410, 429
MISSING_TIMES, MISSING_FOR = 4, timedelta(days=1)
"""So many failures in a row, the first 404 so long ago and the last one now, and the page is held to be
removed: a fault at the publisher's answers 404 too."""
SAME_MOMENT = timedelta(minutes=1)
"""A feed and the page itself may round the time of an update differently."""
ENDS: Mapping[PageStatus, str] = {"withdrawn": "withdrawn", "gone": "removed", "moved": "moved"}
"""What readers are told of a page that was live when it was looked up last."""


@dataclass(frozen=True, slots=True)
class _LookUp:
    """One page to be asked for."""

    wanted: PageWanted
    format: PageFormat
    source: Source
    """Where the request goes, as a source of its own: without headers, which may be secrets."""

    @property
    def state(self) -> FeedState:
        """The validators of last time, in the form that fetching takes."""
        known = self.wanted.state
        return FeedState(
            self.source.id, url=self.source.url, etag=known.etag, last_modified=known.last_modified
        )


def look_up(
    config: PollConfig,
    store: PollStore,
    network: Network,
    now: datetime,
    *,
    stopping: Callable[[], bool] = lambda: False,
    within: float = WITHIN,
) -> int:
    """Asks for the pages of relevant GOV.UK items, and for articles of sources with `full_text`.

    Each is read and judged again with its text, in one transaction. A page that fails is tried again later,
    with growing pauses; the item stays as its feed gave it. A host that wants to be left alone, or that fails
    again and again, is asked no more in this run, and after `within` seconds no look-up is begun: what is
    left over is for the next run. Returns how many pages were read.
    """
    by_id = {source.id: source for source in config.sources}
    full_text = [source.id for source in config.sources if source.enabled and source.full_text]
    pages = store.wanted_pages(now, govuk=config.look_up, full_text=(), limit=GOVUK_PAGES)
    articles = store.wanted_pages(now, govuk=False, full_text=full_text, limit=config.full_text_limit)
    wanted = [_look_up(one, "govuk-content", by_id) for one in pages]
    wanted += [_look_up(one, "article", by_id) for one in articles]
    read = 0
    for one, result in _results(wanted, network, stopping, within):
        source = by_id.get(one.wanted.source_id)
        outcome = take_in(one.wanted, result, config.rulebook, source.side if source else None, now)
        if source is None:
            # Whose side it was on is no longer known: the verdict of that time holds.
            outcome = replace(outcome, verdict=None)
        store.record_page(outcome, now)
        read += not outcome.state.error
        if outcome.state.error:
            log.info('item=%d page=%s error="%s"', one.wanted.item_id, one.source.url, outcome.state.error)
    if wanted:
        log.info("pages=%d read=%d", len(wanted), read)
    return read


def _look_up(wanted: PageWanted, format: PageFormat, sources: dict[str, Source]) -> _LookUp:  # noqa: A002 - its name
    url = govuk.content_url(wanted.item.key) if format == "govuk-content" else wanted.item.url
    known = sources.get(wanted.source_id)
    source = Source(
        id=wanted.source_id,
        name=urlsplit(url).netloc,
        url=url,
        kind="other",
        outlet="",
        every=timedelta(),
        max_bytes=known.max_bytes if known else 10_000_000,
        timeout=known.timeout if known else 30.0,
    )
    return _LookUp(wanted, format, source)


Result = tuple[Fetched, Page | None] | FetchError | ParseError
"""The answer and the page in it (None where it has not changed), or why there is none."""


class _Unwell:
    """Hosts that are to be left alone for now."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self._failures: Counter[str] = Counter()

    def note(self, host: str, result: Result) -> None:
        """Take in what one request to `host` gave; a page that is not there is an answer like any other."""
        if not isinstance(result, FetchError) or result.status in (MISSING, GONE):
            self._failures[host] = 0
            return
        self._failures[host] += 1
        is_refused = result.status == TOO_MANY or result.retry_after is not None
        is_too_often = self._failures[host] >= FAILURES_IN_A_ROW
        if (is_refused or is_too_often) and host not in self.hosts:
            self.hosts.add(host)
            log.warning('host=%s look_ups=stopped error="%s"', host, result)


def _results(
    wanted: Sequence[_LookUp], network: Network, stopping: Callable[[], bool], within: float
) -> Iterator[tuple[_LookUp, Result]]:
    """Asks in threads, the requests to one host at least APART, and gives each result as it comes.

    No more of a host that is unwell, and none that would begin after `within` seconds.
    """
    end, unwell = time.monotonic() + within, _Unwell()
    running: dict[Future[Result], _LookUp] = {}
    free_at: dict[str, float] = defaultdict(float)
    waiting = list(wanted)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="page")
    try:
        while (waiting or running) and not stopping():
            at = time.monotonic()
            waiting = [one for one in waiting if at < end and one.source.name not in unwell.hosts]
            ready = (
                [one for one in waiting if free_at[one.source.name] <= at] if len(running) < AT_ONCE else []
            )
            if ready:
                waiting.remove(ready[0])
                free_at[ready[0].source.name] = at + APART
                running[pool.submit(_ask, network, ready[0])] = ready[0]
                continue
            if not running:
                time.sleep(APART / 4 if waiting else 0.0)
                continue
            pause = APART / 4 if waiting and len(running) < AT_ONCE else LOOK_UP
            done = wait(running, pause, FIRST_COMPLETED).done
            for future in [future for future in running if future in done]:
                one, result = running.pop(future), future.result()
                unwell.note(one.source.name, result)
                yield one, result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask(network: Network, one: _LookUp) -> Result:
    try:
        fetched = network.fetch(one.source, one.state)
        return fetched, None if fetched.body is None else network.page(one.format, fetched)
    except (FetchError, ParseError) as error:
        return error


def take_in(
    wanted: PageWanted, result: Result, book: RuleBook, side: Side | None, now: datetime
) -> PageOutcome:
    """One look-up → all that it writes."""
    before = wanted.state
    if isinstance(result, FetchError | ParseError):
        failed = _failed(before, result, now)
        if not _is_removed(result, failed, now):
            return PageOutcome(failed)
        gone = replace(before.page or Page(), status="gone")
        # Without validators: "not modified" would be said of the page as it was, should it come back.
        state = replace(_asked(wanted, now, page=gone), etag=None, last_modified=None)
        return _told_of_end(wanted, PageOutcome(state))
    fetched, page = result
    answered = replace(
        _asked(wanted, now, page=before.page),
        etag=fetched.etag or (before.etag if page is None else None),
        last_modified=fetched.last_modified or (before.last_modified if page is None else None),
    )
    if page is None:
        # Not modified: the text that is stored holds, but the feed's words may be new.
        return PageOutcome(answered, verdict=book.classify(wanted.item, side))
    if page.status in ("moved", "gone"):
        # Such a document has nothing but that to tell: the page's own words and dates stay.
        known = replace(
            before.page or page, status=page.status, moved_to=page.moved_to, explanation=page.explanation
        )
        return _told_of_end(wanted, PageOutcome(replace(answered, page=known)))
    return _told_of_end(wanted, _read(wanted, page, answered, book, side))


def _told_of_end(wanted: PageWanted, outcome: PageOutcome) -> PageOutcome:
    """The outcome as news, where a page that was live is live no more."""
    page, before = outcome.state.page, wanted.state.page
    if page is None or page.status == "live" or before is None or before.status != "live":
        return outcome
    state = replace(outcome.state, note=page.explanation, note_at=None)
    return replace(outcome, state=state, what=ENDS[page.status], is_news=True)


def _read(
    wanted: PageWanted, page: Page, answered: PageState, book: RuleBook, side: Side | None
) -> PageOutcome:
    before, body_hash = wanted.state, hashlib.blake2b(page.text.encode(), digest_size=16).hexdigest()
    state = replace(answered, page=replace(page, text=""), body_hash=body_hash)
    # A look-up that found no document says nothing of how the page was before.
    known = before.page if before.page and before.page.title else None
    is_restored = known is not None and known.status in ("withdrawn", "gone") and page.status == "live"
    compared = None if is_restored else known
    is_first = _is_told_first(known, page, wanted.item)
    what = ""
    if compared and compared.public_updated == page.public_updated:
        state = replace(state, news=before.news, note=before.note, note_at=before.note_at)
    elif page.public_updated:
        reading = govuk.read_news(page, compared, same_text=body_hash == before.body_hash)
        note = reading.note
        state = replace(
            state, news=reading.news, note=note.note if note else "", note_at=note.at if note else None
        )
        what = {"new": "", "updated": "updated", "reissued": "re-issued unchanged"}[reading.news]
    item = replace(
        wanted.item,
        text=page.text or wanted.item.text,
        published=page.first_published
        if state.news == "new" and page.first_published
        else wanted.item.published,
        updated=page.public_updated if is_first else wanted.item.updated,
    )
    is_news = is_first or (is_restored and not _has_feed_told(wanted))
    return PageOutcome(state, item, book.classify(item, side), "restored" if is_restored else what, is_news)


def _is_told_first(known: Page | None, page: Page, item: Item) -> bool:
    """Whether a page tells of a major update that no feed has told of yet."""
    if known is None or known.public_updated is None or page.public_updated is None:
        return False
    is_told = item.updated is not None and page.public_updated - item.updated <= SAME_MOMENT
    return page.public_updated > known.public_updated and not is_told


def _has_feed_told(wanted: PageWanted) -> bool:
    """Whether the present revision is a feed's, of an update since the page was read last."""
    known, updated = wanted.state.page, wanted.item.updated
    if known is None or updated is None or wanted.content_hash == wanted.state.asked_for:
        return False
    return known.public_updated is None or updated - known.public_updated > SAME_MOMENT


def _is_removed(error: FetchError | ParseError, failed: PageState, now: datetime) -> bool:
    """Whether a failure says that the page is no more; `failed` is the state with this failure counted."""
    if not isinstance(error, FetchError) or error.status not in (MISSING, GONE):
        return False
    was_gone = failed.page is not None and failed.page.status == "gone"
    is_long = failed.missing_since is not None and now - failed.missing_since >= MISSING_FOR
    return error.status == GONE or was_gone or (failed.failures >= MISSING_TIMES and is_long)


def _asked(wanted: PageWanted, now: datetime, *, page: Page | None) -> PageState:
    return replace(
        wanted.state,
        asked=now,
        asked_for=wanted.content_hash,
        next_try=None,
        failures=0,
        error="",
        missing_since=None,
        page=page,
    )


def _failed(before: PageState, error: FetchError | ParseError, now: datetime) -> PageState:
    failures = before.failures + 1
    asked_for = error.retry_after or 0.0 if isinstance(error, FetchError) else 0.0
    wished = timedelta(seconds=min(asked_for, LONGEST_PAUSE.total_seconds()))
    pause = min(max(FIRST_PAUSE * 2 ** min(failures - 1, 10), wished), LONGEST_PAUSE)
    is_missing = isinstance(error, FetchError) and error.status == MISSING
    return replace(
        before,
        asked=now,
        failures=failures,
        error=str(error),
        next_try=now + pause,
        missing_since=before.missing_since or (now if is_missing else None),
    )
