"""Shell: asks sources and reads their answers, many at the same time."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest
from queue import SimpleQueue
from threading import BoundedSemaphore
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
from .hands import Done, Hands, next_of

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
    """Asks and reads in threads, and gives each answer as it comes.

    At most `concurrency` are asked at the same time. No more are under way or waiting to be stored than twice
    as many, so that memory does not grow with the number of sources.
    """
    network = _limited(network, concurrency)
    done: Done[_Ended] = SimpleQueue()
    # Apart, or a document that is read for long would have more threads ask than it takes.
    asking: Hands[Asked, _Ended] = Hands(lambda one: _received(network, one, now), concurrency, done)
    reading: Hands[_Received, _Ended] = Hands(
        lambda one: _read_through(network, one, stopping), concurrency, done
    )
    under_way = 0
    try:
        while not stopping():
            for one in islice(asked, 2 * concurrency - under_way):
                asking.give(one)
                under_way += 1
            if not under_way:
                return
            ended = next_of(done, asking, reading)
            if isinstance(ended, _Received):
                reading.give(ended)
            elif ended:
                under_way -= 1
                yield ended
    finally:
        # Without waiting where something still waits for a server: it holds nothing that matters.
        for hands in (asking, reading):
            hands.let_go(wait=not under_way)


def _limited(network: Network, most: int) -> Network:
    """The same, asked by so many at the same time: further pages are asked for while documents are read."""
    places = BoundedSemaphore(most)

    def fetch(source: Source, state: FeedState) -> Fetched:
        with places:
            return network.fetch(source, state)

    return network._replace(fetch=fetch)


@dataclass(frozen=True, slots=True)
class _Received:
    """A document that came, and is to be read."""

    asked: Asked
    address: str
    fetched: Fetched
    digest: hashlib.blake2b
    """Of what came so far."""
    started: float
    """By the monotonic clock."""

    @property
    def is_known(self) -> bool:
        """Whether it is what came last time."""
        source, state = self.asked.source, self.asked.state
        return state.url == source.url_mark and state.body_hash == self.digest.hexdigest()

    def answer(self, feed: ParsedFeed | ParseError | None) -> tuple[Asked, Answer]:
        """What came of it."""
        # b"" and not None: the server did send a body, though it is dropped here.
        fetched, seconds = replace(self.fetched, body=b""), time.monotonic() - self.started
        return self.asked, Answer(fetched, feed, self.digest.hexdigest(), seconds)


_Ended = _Received | tuple[Asked, Answer]
"""What a thread has done: an answer, or the first half of it."""


def ask(
    network: Network, asked: Asked, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> Answer:
    """One source asked and its answer read, unless its bytes are those of last time.

    An interface's list is read page by page, as far as `MOST_PAGES` and `MOST_ROWS`; what is left is told
    among what was skipped.
    """
    came = _received(network, asked, now)
    _, answer = _read_through(network, came, stopping) if isinstance(came, _Received) else came
    return answer


def _received(network: Network, asked: Asked, now: datetime) -> _Received | tuple[Asked, Answer]:
    """The document that came; the answer itself where there is nothing to read."""
    started, source = time.monotonic(), asked.source
    address = polling.address(source, now)
    try:
        fetched = network.fetch(_at(source, address), asked.state)
    except FetchError as error:
        return asked, Answer(error, seconds=time.monotonic() - started)
    if fetched.body is None:
        return asked, Answer(fetched, None, asked.state.body_hash, time.monotonic() - started)
    came = _Received(asked, address, fetched, _digest(source, fetched.body), started)
    # Whether a list has more pages, its first one alone says: it is read also where its bytes are known.
    return came.answer(None) if came.is_known and source.window is None else came


def _read_through(network: Network, came: _Received, stopping: Callable[[], bool]) -> tuple[Asked, Answer]:
    """A document, and the pages that belong to it."""
    source = came.asked.source
    try:
        feed = _read(network, came.asked, _as_shown(came.fetched))
    except ParseError as error:
        return came.answer(error)
    if _is_cut(feed):
        feed = _with_the_rest(network, source, came.address, feed, came.digest, stopping)
        # A server's word that the first page is unchanged would say nothing of the others.
        came = replace(came, fetched=replace(came.fetched, etag=None, last_modified=None))
    # What is left out is told each time.
    return came.answer(None if came.is_known and not _is_cut(feed) else feed)


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
