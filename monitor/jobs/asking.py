"""Shell: asks sources and reads their answers, many at the same time."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urlsplit

from .. import parliament, polling
from ..fetch import FetchError
from ..models import (
    FeedState,
    Fetched,
    Item,
    Outline,
    Page,
    PageFormat,
    ParsedFeed,
    Source,
    without_secrets,
)
from ..parse import ParseError

LOOK_UP = 0.5
"""Seconds between two looks at whether to stop, while answers are awaited."""
BRISK = 0.01
"""Seconds within which one thread after the other brings an answer where servers are near: then one is
enough, and more of them would only wait for each other, at half again the cost of a request. Where nothing
comes for so long, their number is doubled."""
MOST_PAGES = 10
"""Of one list, at one poll."""
MOST_ROWS = 2_000
"""Results of one list after which no further page is asked for."""
MAX_TEXT = 100_000
"""Characters of an item's text: the limit of `parse`."""
TOO_MANY = "{} more than can be read: narrow the search"

Fetch = Callable[[Source, FeedState], Fetched]
"""Asks one source; raises FetchError."""
Parse = Callable[[Source, Fetched, bytes], ParsedFeed]
"""Reads one answer, of which the outline of the last one is known (b"" for nothing); raises ParseError."""
ReadPage = Callable[[PageFormat, Fetched], Page]
"""Reads one page; raises ParseError."""


class Network(NamedTuple):
    """The world outside, under the config's limits."""

    fetch: Fetch
    parse: Parse
    page: ReadPage


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that is asked, and what is remembered of it."""

    source: Source
    state: FeedState
    outline: Outline | None = None
    """What the last answer's entries are known by."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking and reading one source gave; the body itself is no longer held."""

    result: Fetched | FetchError
    feed: ParsedFeed | ParseError | None = None
    """None where there was nothing to read: no answer, or the same bytes as last time."""
    body_hash: str | None = None
    seconds: float = 0.0


def hosts_in_turn(asked: Sequence[Asked]) -> Iterator[Asked]:
    """One source of each host, then the next of each: a host with many must not hold all the places."""
    by_host: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_host[urlsplit(one.source.url).netloc].append(one)
    for turn in zip_longest(*by_host.values()):
        yield from filter(None, turn)


def answers(
    asked: Iterator[Asked],
    network: Network,
    now: datetime,
    concurrency: int,
    stopping: Callable[[], bool],
) -> Iterator[tuple[Asked, Answer]]:
    """Asks and reads in at most `concurrency` threads, and gives each answer as it comes.

    No more are under way or waiting to be stored than twice `concurrency`, so that memory does not grow with
    the number of sources.
    """
    hands = _Hands(lambda one: ask(network, one, now, stopping), concurrency)
    try:
        while not stopping():
            for one in islice(asked, 2 * concurrency - hands.under_way):
                hands.give(one)
            if not hands.under_way:
                return
            if ended := hands.take():
                yield ended
    finally:
        hands.let_go()


class _Hands:
    """Threads that do one thing to whatever they are given, no more of them than it takes."""

    def __init__(self, work: Callable[[Asked], Answer], most: int) -> None:
        self.under_way = 0
        """Given, and not yet taken back."""
        self._work = work
        self._most = most
        self._count = 0
        self._todo: SimpleQueue[Asked | None] = SimpleQueue()
        # A thread itself comes only where it has failed.
        self._done: SimpleQueue[tuple[Asked, Answer] | Future[None]] = SimpleQueue()
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="fetch")
        self._hire()

    def give(self, one: Asked) -> None:
        """One more to be done."""
        self.under_way += 1
        self._todo.put(one)

    def take(self) -> tuple[Asked, Answer] | None:
        """The next that is done; None where there is none yet. Raises what the work has raised."""
        may_grow = self._count < self._most and not self._todo.empty()
        try:
            ended = self._done.get(timeout=BRISK if may_grow else LOOK_UP)
        except Empty:
            for _ in range(min(self._count, self._most - self._count) if may_grow else 0):
                self._hire()
            return None
        self.under_way -= 1
        if isinstance(ended, Future):
            ended.result()
            return None
        return ended

    def let_go(self) -> None:
        """Begin no more, and do not wait for what still waits for a server: it holds nothing that matters."""
        with suppress(Empty):
            while True:
                self._todo.get_nowait()
        for _ in range(self._count):
            self._todo.put(None)
        self._pool.shutdown(wait=not self.under_way, cancel_futures=True)

    def _hire(self) -> None:
        self._count += 1
        self._pool.submit(self._work_on).add_done_callback(self._tell_of_failure)

    def _work_on(self) -> None:
        while one := self._todo.get():
            self._done.put((one, self._work(one)))

    def _tell_of_failure(self, hand: Future[None]) -> None:
        if not hand.cancelled() and hand.exception():
            self._done.put(hand)


def ask(
    network: Network, asked: Asked, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> Answer:
    """One source asked and its answer read, unless its bytes are those of last time.

    An interface's list is read page by page, as far as `MOST_PAGES` and `MOST_ROWS`; what is left is told
    among what was skipped.
    """
    started, source, state = time.monotonic(), asked.source, asked.state
    address = polling.address(source, now)
    try:
        fetched = network.fetch(_at(source, address), state)
    except FetchError as error:
        return Answer(error, seconds=time.monotonic() - started)
    if fetched.body is None:
        return Answer(fetched, None, state.body_hash, time.monotonic() - started)
    digest = _digest(source, fetched.body)
    is_known = state.url == source.url_mark and state.body_hash == digest.hexdigest()
    feed: ParsedFeed | ParseError | None = None
    # Whether a list has more pages, its first one alone says: it is read also where its bytes are known.
    if not is_known or source.window is not None:
        try:
            feed = _read(network, asked, _as_shown(fetched))
        except ParseError as error:
            feed = error
    if isinstance(feed, ParsedFeed) and _is_cut(feed):
        feed = _with_the_rest(network, source, address, feed, digest, stopping)
        # A server's word that the first page is unchanged would say nothing of the others.
        fetched = replace(fetched, etag=None, last_modified=None)
    body_hash = digest.hexdigest()
    is_known = state.url == source.url_mark and state.body_hash == body_hash
    if is_known and isinstance(feed, ParsedFeed) and not _is_cut(feed):  # what is left out is told each time
        feed = None
    # b"" and not None: the server did send a body, though it is dropped here.
    return Answer(replace(fetched, body=b""), feed, body_hash, time.monotonic() - started)


def _read(network: Network, asked: Asked, fetched: Fetched) -> ParsedFeed:
    """What is new in an answer; all of it where what is said to be known is not. Raises ParseError.

    A damaged outline must not keep a source from being read, and the reader's word is no index into our own
    memory: it may have been taken over by what it read.
    """
    marks, known = (asked.outline.marks, len(asked.outline.items)) if asked.outline else (b"", 0)
    feed = network.parse(asked.source, fetched, marks)
    if _names_only(feed, known):
        return feed
    feed = network.parse(asked.source, fetched, b"")
    if not _names_only(feed, 0):
        raise ParseError("the parser's answer names entries that nobody knows")
    return feed


def _names_only(feed: ParsedFeed, known: int) -> bool:
    """Whether each entry that was not read is one of so many."""
    return all(isinstance(one, str) or (type(one) is int and 0 <= one < known) for one in feed.entries)


def _at(source: Source, address: str) -> Source:
    return source if address == source.url else replace(source, url=address)


def _as_shown(fetched: Fetched) -> Fetched:
    """The answer as its reader may know it: links are made absolute by its address, which may have a key."""
    return replace(fetched, url=without_secrets(fetched.url))


def _is_cut(feed: ParsedFeed) -> bool:
    """Whether there are more results than have been read."""
    return feed.total is not None and feed.total > feed.rows


def _with_the_rest(
    network: Network,
    source: Source,
    address: str,
    feed: ParsedFeed,
    digest: hashlib.blake2b,
    stopping: Callable[[], bool],
) -> ParsedFeed:
    """The first page joined with those after it; `digest` is fed with their bytes.

    Where one cannot be had, what was read before it is kept: the next poll begins anew.
    """
    pages = 1
    problem: FetchError | ParseError | None = None
    while _is_cut(feed) and pages < MOST_PAGES and feed.rows < MOST_ROWS and not stopping():
        url = parliament.further(address, feed.rows)
        if url is None:
            break
        try:
            # No state: what is remembered belongs to the first page.
            fetched = network.fetch(_at(source, url), FeedState(source.id))
            more = network.parse(source, _as_shown(fetched), b"")
        except (FetchError, ParseError) as error:
            problem = error
            break
        digest.update(fetched.body or b"")
        pages += 1
        feed = _joined(feed, more)
        if not more.rows:  # it counts what it does not give
            break
    if not _is_cut(feed):
        return feed
    left = (feed.total or 0) - feed.rows
    why = f"{left} more than could be read: {problem}" if problem else TOO_MANY.format(left)
    return replace(feed, skipped=(*feed.skipped, why))


def _joined(feed: ParsedFeed, more: ParsedFeed) -> ParsedFeed:
    """Two pages as one. An entry that is on both, as a debate may be, has the text of both."""
    items = {item.key: item for item in feed.items}
    for item in more.items:
        known = items.get(item.key)
        items[item.key] = _with_text_of(item, known) if known else item
    return replace(
        feed,
        items=tuple(items.values()),
        skipped=(*feed.skipped, *more.skipped),
        rows=feed.rows + more.rows,
        # The latest count: the list may have changed meanwhile.
        total=feed.total if more.total is None else more.total,
    )


def _with_text_of(other: Item, item: Item) -> Item:
    """`item` with what `other` says besides: a row that has moved on to the next page says nothing new."""
    said, new = item.text or item.summary, other.text or other.summary
    return item if new in said else replace(item, text=f"{said}\n{new}"[:MAX_TEXT])


def _digest(source: Source, body: bytes) -> hashlib.blake2b:
    """A digest of the bytes and of what the config says about reading them; more bytes may follow."""
    reading = repr((source.kind, source.lang, source.strip, source.format)).encode()
    digest = hashlib.blake2b(reading + b"\0", digest_size=16)
    digest.update(body)  # joined, the two would be a copy of ten megabytes in each thread
    return digest
