"""Serves the feeds of feeds.py on the loopback address: each on a port, and so an origin, of its own.

    .venv/bin/python benchmarks/server.py      how many requests it answers a second

In a process of its own, with answers that are ready: what is measured are those who ask. It knows conditional
requests (ETag first, then Last-Modified), gzip and connections that are kept, and may let each answer wait.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.feeds import LATER, NOW, Feed, feeds, is_changed

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class State:
    """What is served now."""

    new: int = 0
    """Entries that came on top of the feeds that changed."""
    touched: int = 0
    """Another number: another date in the head of the feeds that changed."""
    percent: float = 100.0
    """How many of the feeds changed."""
    validators: bool = True
    """False: no ETag, no Last-Modified, and those that come back are not looked at: always 200."""
    latency: float = 0.0
    """Seconds from the request to the answer."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server did."""

    whole: int
    """Answers with a document."""
    unchanged: int
    """Answers without one: 304."""
    seconds: float
    """Of the server's processor time."""


class FeedServer:
    """The server in a child process; a context manager. `urls[number]` is where a feed is."""

    def __init__(self, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.urls: list[str] = [f"http://{HOST}:{port}/feed" for port in self._told()]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def show(self, state: State) -> Sent:
        """From now on; returns what went out since the last time."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asdict(state)) + "\n")
        self._process.stdin.flush()
        return Sent(**self._told())

    def _told(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the server of the feeds has ended")
        return json.loads(line)


@dataclass(frozen=True, slots=True)
class Ready:
    """The answers that one feed may give."""

    plain: bytes
    packed: bytes
    unchanged: bytes
    etag: bytes
    modified: bytes


def ready(feed: Feed, port: int, new: int, touched: int, with_validators: bool) -> Ready:
    """What is answered while the feed is so."""
    body = feed.body(f"http://{HOST}:{port}", new=new, touched=touched)
    packed = gzip.compress(body, 6, mtime=0)
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    modified = format_datetime(LATER if new or touched else NOW, usegmt=True)
    validators = f"ETag: {etag}\r\nLast-Modified: {modified}\r\n" if with_validators else ""
    kind = "rss" if feed.kind.startswith("rss") else "atom"
    about = f"Content-Type: application/{kind}+xml; charset={feed.encoding}\r\n{validators}"

    def whole(data: bytes, coding: str) -> bytes:
        return f"HTTP/1.1 200 OK\r\n{about}{coding}Content-Length: {len(data)}\r\n\r\n".encode() + data

    return Ready(
        whole(body, ""),
        whole(packed, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"),
        f"HTTP/1.1 304 Not Modified\r\n{validators}\r\n".encode(),
        etag.encode() if with_validators else b"",
        modified.encode() if with_validators else b"",
    )


class _Site:
    """All feeds, as they are served now."""

    def __init__(self, count: int) -> None:
        self.feeds = feeds(count)
        self.ports: list[int] = []
        self.ready: list[Ready] = []
        self.shown: list[tuple[int, int, bool] | None] = [None] * count
        self.latency = 0.0
        self.sent: Counter[str] = Counter()

    def show(self, state: State) -> None:
        self.latency = state.latency
        for feed, port in zip(self.feeds, self.ports, strict=True):
            changed = is_changed(feed.number, state.percent)
            wanted = (state.new * changed, state.touched * changed, state.validators)
            if self.shown[feed.number] != wanted:
                self.ready[feed.number : feed.number + 1] = [ready(feed, port, *wanted)]
                self.shown[feed.number] = wanted


class _Connection(asyncio.Protocol):
    def __init__(self, site: _Site, number: int) -> None:
        self.site, self.number = site, number
        self.request = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.request += data
        while b"\r\n\r\n" in self.request:
            head, _, self.request = self.request.partition(b"\r\n\r\n")
            answers = self.site.ready[self.number]
            if self.site.latency:
                asyncio.get_running_loop().call_later(self.site.latency, self.answer, head, answers)
            else:
                self.answer(head, answers)

    def answer(self, head: bytes, answers: Ready) -> None:
        if self.transport.is_closing():
            return
        fields = dict(_field(line) for line in head.split(b"\r\n")[1:])
        if _is_known(fields, answers):
            status, data = "304", answers.unchanged
        elif b"gzip" in fields.get(b"accept-encoding", b""):
            status, data = "200", answers.packed
        else:
            status, data = "200", answers.plain
        self.site.sent[status] += 1
        self.transport.write(data)
        if fields.get(b"connection", b"").lower() == b"close":
            self.transport.close()


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()


def _is_known(fields: dict[bytes, bytes], answers: Ready) -> bool:
    """Whether the client has this version; If-None-Match comes first (RFC 9110, 13.2.2)."""
    if not answers.etag:
        return False
    tags = fields.get(b"if-none-match")
    if tags is not None:
        return answers.etag in tags
    return fields.get(b"if-modified-since") == answers.modified


async def serve(count: int) -> None:
    """Until standard input ends; each line of it is a state, each line of output what was told."""
    loop = asyncio.get_running_loop()
    site = _Site(count)
    for number in range(count):
        server = await loop.create_server(partial(_Connection, site, number), HOST, 0, backlog=64)
        site.ports.append(server.sockets[0].getsockname()[1])
    site.show(State())
    print(json.dumps(site.ports), flush=True)
    began = time.process_time()
    while line := await asyncio.to_thread(sys.stdin.readline):
        sent = Sent(site.sent["200"], site.sent["304"], time.process_time() - began)
        site.show(State(**json.loads(line)))
        print(json.dumps(asdict(sent)), flush=True)
        site.sent.clear()
        began = time.process_time()


def _ask(url: str, validator: str) -> None:
    port = int(url.split(":")[2].split("/", maxsplit=1)[0])
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(
            f"GET /feed HTTP/1.1\r\nHost: x\r\n{validator}\r\nAccept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        while connection.recv(1 << 20):
            pass


def main() -> None:
    """Serves, or says how fast."""
    if len(sys.argv) > 1:
        asyncio.run(serve(int(sys.argv[1])))
        return
    known = f"If-Modified-Since: {format_datetime(NOW, usegmt=True)}"
    with FeedServer(100) as server:
        for name, validator in (("304", known), ("200, gzip", "X: y")):
            server.show(State())
            began = time.monotonic()
            for url in server.urls * 20:
                _ask(url, validator)
            wall = time.monotonic() - began
            sent = server.show(State())
            answers = sent.whole + sent.unchanged
            print(
                f"{name}: {answers / wall:.0f} answers a second one after the other, "
                f"{answers / sent.seconds:.0f} in a second of the server's processor time"
            )


if __name__ == "__main__":
    main()
