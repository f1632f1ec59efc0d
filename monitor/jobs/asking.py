"""Shell: asks sources and reads their answers, many at the same time."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest
from typing import NamedTuple
from urllib.parse import urlsplit

from .. import polling
from ..fetch import FetchError
from ..models import FeedState, Fetched, Page, PageFormat, ParsedFeed, Source
from ..parse import ParseError

LOOK_UP = 0.5
"""Seconds between two looks at whether to stop, while answers are awaited."""

Fetch = Callable[[Source, FeedState], Fetched]
"""Asks one source; raises FetchError."""
Parse = Callable[[Source, Fetched], ParsedFeed]
"""Reads one answer; raises ParseError."""
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

    No more are under way or waiting to be stored than twice `concurrency`, so that memory does not grow with
    the number of sources.
    """
    running: dict[Future[Answer], Asked] = {}
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="fetch")
    try:
        while not stopping():
            for one in islice(asked, 2 * concurrency - len(running)):
                running[pool.submit(ask, network, one.source, one.state, now)] = one
            if not running:
                return
            done = wait(running, LOOK_UP, FIRST_COMPLETED).done
            for future in [future for future in running if future in done]:
                yield running.pop(future), future.result()
    finally:
        # Without waiting: what still waits for a server holds nothing that matters.
        pool.shutdown(wait=False, cancel_futures=True)


def ask(network: Network, source: Source, state: FeedState, now: datetime) -> Answer:
    """One source asked and its answer read, unless its bytes are those of last time."""
    started = time.monotonic()
    address = polling.address(source, now)
    try:
        fetched = network.fetch(source if address == source.url else replace(source, url=address), state)
    except FetchError as error:
        return Answer(error, seconds=time.monotonic() - started)
    if fetched.body is None:
        return Answer(fetched, None, state.body_hash, time.monotonic() - started)
    body_hash = _hash(source, fetched.body)
    feed: ParsedFeed | ParseError | None = None
    if state.url != source.url or state.body_hash != body_hash:
        try:
            feed = network.parse(source, fetched)
        except ParseError as error:
            feed = error
    # b"" and not None: the server did send a body, though it is dropped here.
    return Answer(replace(fetched, body=b""), feed, body_hash, time.monotonic() - started)


def _hash(source: Source, body: bytes) -> str:
    """A digest of the bytes and of what the config says about reading them."""
    reading = repr((source.kind, source.lang, source.strip, source.format)).encode()
    return hashlib.blake2b(reading + b"\0" + body, digest_size=16).hexdigest()
