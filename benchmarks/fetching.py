"""What one request costs with our fetcher, with httpx as it comes, and at the least in Python.

    .venv/bin/python benchmarks/fetching.py            300 origins, five rounds, a minute
    .venv/bin/python benchmarks/fetching.py --quick    100 origins, two rounds

Each origin is asked once in a round, by sixteen threads, for an answer of 304 and for one of 200 with gzip.
Ours does what a poll does: address policy, deadline, places at a host, limits, httpcore below. The least is a
socket, a request written and an answer read to its end, without any of that: no TLS, no redirects, no limits.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from benchmarks.measure import Table, Target, part_of
from benchmarks.peers import CONCURRENCY
from benchmarks.server import FeedServer, State
from monitor.fetch import Fetcher
from monitor.models import FeedState
from tests.conftest import make_source

Ask = Callable[[str, str | None], object]
"""Asks an address, with a validator or without."""


def with_socket(url: str, etag: str | None) -> bytes:
    """The answer as it comes."""
    parts = urlsplit(url)
    asked = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"
    )
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.sendall(f"{asked}{condition}\r\n".encode())
        answer = bytearray()
        while piece := connection.recv(65536):
            answer += piece
    return bytes(answer)


def bench(*, quick: bool) -> tuple[list[Table], list[Target]]:
    """A table; nothing was aimed at."""
    rounds, count = (2, 100) if quick else (5, 300)
    rows = []
    with FeedServer(count) as server, httpx.Client() as client, _fetcher() as fetcher:
        tags = {url: fetcher.fetch(make_source(url=url)).etag for url in server.urls}

        def with_httpx(url: str, etag: str | None) -> bytes:
            return client.get(url, headers={"If-None-Match": etag} if etag else None).content

        def with_ours(url: str, etag: str | None) -> object:
            source = make_source(url=url)
            state = FeedState(source.id, url=source.url_mark, etag=etag) if etag else None
            return fetcher.fetch(source, state)

        ways: dict[str, Ask] = {
            "ours": with_ours,
            "httpx.Client as it comes": with_httpx,
            "bare sockets": with_socket,
        }
        for answer, asked, state in (
            ("304", [(url, tags[url]) for url in server.urls], State()),
            ("200, gzip", [(url, None) for url in server.urls], State(validators=False)),
        ):
            server.show(state)
            found: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(rounds):
                for way, ask in ways.items():
                    found[way].append(milliseconds(ask, asked))
            sent = server.show(state)
            assert (sent.whole if answer == "304" else sent.unchanged) == 0, "not what was to be measured"
            means = {way: statistics.median(times) for way, times in found.items()}
            for way, mean in means.items():
                rows.append((f"{answer}, {way}", f"{mean:.2f}", f"{mean / means['bare sockets']:.1f}"))
    note = (
        f"Processor time for a request, medians of {rounds} rounds; {count} origins, {CONCURRENCY} threads."
    )
    return [Table("Asking", ("answer, with", "ms", "× bare sockets"), rows, note)], []


def _fetcher() -> Fetcher:
    return Fetcher(user_agent="benchmark", allow_private=["127.0.0.1"])


def milliseconds(ask: Ask, asked: Sequence[tuple[str, str | None]]) -> float:
    """Of processor time for each that is asked."""
    began = time.process_time()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for done in [pool.submit(ask, *one) for one in asked]:
            done.result()
    return (time.process_time() - began) * 1000 / len(asked)


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="100 origins, two rounds")
    print(part_of(*bench(quick=options.parse_args().quick)))


if __name__ == "__main__":
    main()
