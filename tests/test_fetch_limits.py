"""What a source may cost: one deadline for the whole request, one limit for the body, whatever it sends."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from monitor.fetch import Fetcher, FetchError
from monitor.models import FeedState, Fetched
from tests.conftest import make_source
from tests.loopback import Loopback

LIMIT = 100_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
NOTHING_KNOWN = FeedState("gazette")
WITHIN = 0.3
AT_MOST = 3.0
"""Seconds after which a deadline of WITHIN has surely failed: generous, for a busy machine."""


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(user_agent="uk-china-monitor/0 (test)", allow_private=["127.0.0.1"]) as fetcher:
        yield fetcher


def fetch(fetcher: Fetcher, url: str, *, max_bytes: int = LIMIT, timeout: float = 10.0) -> Fetched:
    return fetcher.fetch(make_source(url=url, max_bytes=max_bytes, timeout=timeout), NOTHING_KNOWN)


def failure(fetcher: Fetcher, url: str, *, max_bytes: int = LIMIT, timeout: float = 10.0) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(fetcher, url, max_bytes=max_bytes, timeout=timeout)
    return caught.value.message


# Size


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("x-gzip", 31), ("GZIP", 31), ("deflate", 15)])
def test_a_compressed_body_is_decompressed(site: Loopback, fetcher: Fetcher, coding: str, wbits: int) -> None:
    body = b"".join(b"<item>%d</item>" % number for number in range(20_000))
    packer = zlib.compressobj(wbits=wbits)
    site.serve("/feed", packer.compress(body) + packer.flush(), headers={"Content-Encoding": coding})

    assert fetch(fetcher, site.url("/feed"), max_bytes=len(body)).body == body
    assert "larger than" in failure(fetcher, site.url("/feed"), max_bytes=len(body) - 1)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, LIMIT])
def test_the_limit_itself_is_allowed_plain_and_compressed(
    site: Loopback, fetcher: Fetcher, size: int
) -> None:
    site.serve("/plain", b"x" * size, headers={"Content-Encoding": "identity"})
    site.serve("/gzip", gzip.compress(b"x" * size, mtime=0), headers={"Content-Encoding": "gzip"})

    for path in ("/plain", "/gzip"):
        assert fetch(fetcher, site.url(path)).body == b"x" * size


def test_one_byte_over_the_limit_is_refused_and_names_the_setting(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/plain", b"x" * (LIMIT + 1))
    site.serve("/gzip", gzip.compress(b"x" * (LIMIT + 1), mtime=0), headers={"Content-Encoding": "gzip"})

    for path in ("/plain", "/gzip"):
        message = failure(fetcher, site.url(path))
        assert "larger than 100,000 bytes" in message
        assert "max_bytes" in message


def test_a_compressed_bomb_costs_no_more_than_the_limit(site: Loopback, fetcher: Fetcher) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(60)) + packer.flush()
    assert len(bomb) < LIMIT
    site.serve("/feed", bomb, headers={"Content-Encoding": "gzip"})

    tracemalloc.start()
    try:
        message = failure(fetcher, site.url("/feed"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert "larger than" in message
    assert peak < 5_000_000


def test_a_large_body_is_refused_by_its_declared_length(site: Loopback, fetcher: Fetcher) -> None:
    def declare(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(HEAD + b"Content-Length: 60000000\r\n\r\n")
        site.closing.wait(10)  # not one byte of body: only the head can be what is refused

    site.handle("/feed", declare)

    assert "larger than" in failure(fetcher, site.url("/feed"))


def test_an_endless_body_is_cut_and_the_connection_closed(site: Loopback, fetcher: Fetcher) -> None:
    sent = 0

    def pour(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.close_connection = True
        request.wfile.write(HEAD + b"\r\n")
        while not site.closing.is_set():
            request.wfile.write(bytes(65_536))
            sent += 65_536

    site.handle("/feed", pour)

    assert "larger than" in failure(fetcher, site.url("/feed"))
    assert site.hung_up.wait(10)
    assert sent < 60_000_000


def test_compressed_data_that_gives_nothing_is_cut_too(site: Loopback, fetcher: Fetcher) -> None:
    nothing = zlib.compressobj(wbits=31)
    start = nothing.compress(b"") + nothing.flush(zlib.Z_SYNC_FLUSH)

    def pour(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.write(HEAD + b"Content-Encoding: gzip\r\n\r\n" + start)
        while not site.closing.is_set():
            request.wfile.write(b"\x00\x00\x00\xff\xff" * 1000)  # empty stored blocks, without end

    site.handle("/feed", pour)

    assert "larger than" in failure(fetcher, site.url("/feed"))


def test_a_gzip_body_may_have_several_members_and_a_stray_newline(site: Loopback, fetcher: Fetcher) -> None:
    body = (
        gzip.compress(b"<rss>", mtime=0)
        + gzip.compress(b"", mtime=0)
        + gzip.compress(b"</rss>", mtime=0)
        + b"\n"
    )
    site.serve("/feed", body, headers={"Content-Encoding": "gzip"})

    assert fetch(fetcher, site.url("/feed")).body == b"<rss></rss>"


def test_members_are_limited_in_number(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/feed", gzip.compress(b"", mtime=0) * 2000, headers={"Content-Encoding": "gzip"})

    assert "more than 1000 members" in failure(fetcher, site.url("/feed"))


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip, br", "x\t" + "y" * 500])
def test_a_coding_that_was_not_asked_for_is_refused(site: Loopback, fetcher: Fetcher, coding: str) -> None:
    site.serve(
        "/feed",
        gzip.compress(gzip.compress(b"<rss/>", mtime=0), mtime=0),
        headers={"Content-Encoding": coding},
    )

    message = failure(fetcher, site.url("/feed"))

    assert "only plain gzip was asked for" in message
    assert message.isprintable()
    assert len(message) < 300


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(b"<rss></rss>", mtime=0)[:-9], "cut short"),
        (gzip.compress(b"<rss></rss>", mtime=0)[:5], "cut short"),
        (b"<rss></rss>", "damaged"),
        (gzip.compress(b"<rss></rss>", mtime=0)[:-8] + b"\0" * 8, "damaged"),
        (gzip.compress(b"<rss>", mtime=0) + gzip.compress(b"</rss>", mtime=0)[:-4], "cut short"),
    ],
)
def test_damaged_compression_is_an_error_not_half_a_feed(
    site: Loopback, fetcher: Fetcher, body: bytes, words: str
) -> None:
    site.serve("/feed", body, headers={"Content-Encoding": "gzip"})

    assert words in failure(fetcher, site.url("/feed"))


# Time


def dripping(site: Loopback, start: bytes, drop: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """A handler that sends `start`, then `drop` again and again, too often for one read to time out."""

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.write(start)
        while not site.closing.wait(0.05):
            request.wfile.write(drop)

    return drip


@pytest.mark.parametrize(
    ("start", "drop", "stage"),
    [
        (b"", b"", "waiting for its answer"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", "waiting for its answer"),
        (b"HTTP/1.1 200 OK\r\n", b"X: x\r\n", "waiting for its answer"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", "waiting for its answer"),
        (HEAD + b"\r\n", b"x", "reading the body ("),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "reading the body ("),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x", "reading the body (0 bytes"),
        (
            HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x", mtime=0)[:10],
            b"",
            "reading the body (10 bytes",
        ),
    ],
)
def test_no_way_of_dripping_outlasts_the_deadline(
    site: Loopback, fetcher: Fetcher, start: bytes, drop: bytes, stage: str
) -> None:
    site.handle("/feed", dripping(site, start, drop))

    began = time.monotonic()
    message = failure(fetcher, site.url("/feed"), timeout=WITHIN)

    assert time.monotonic() - began < AT_MOST
    assert message.startswith("127.0.0.1 timed out after ")
    assert stage in message


def test_a_flood_of_interim_answers_ends_at_the_deadline(site: Loopback, fetcher: Fetcher) -> None:
    def flood(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        while not site.closing.is_set():
            request.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)

    site.handle("/feed", flood)

    began = time.monotonic()
    message = failure(fetcher, site.url("/feed"), timeout=WITHIN)

    assert time.monotonic() - began < AT_MOST
    assert "timed out" in message


def test_redirects_share_the_one_deadline(site: Loopback, fetcher: Fetcher) -> None:
    def slow(request: BaseHTTPRequestHandler) -> None:
        site.closing.wait(0.2)
        number = int(request.path.removeprefix("/slow?"))
        request.wfile.write(
            b"HTTP/1.1 302 Found\r\nLocation: /slow?%d\r\nContent-Length: 0\r\n\r\n" % (number + 1)
        )

    site.handle("/slow", slow)

    assert "timed out" in failure(fetcher, site.url("/slow?0"), timeout=WITHIN)
    assert 1 <= site.count() <= 2


def test_a_silent_tls_handshake_ends_at_the_deadline(fetcher: Fetcher) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # the kernel accepts, nobody speaks
        port = silent.getsockname()[1]

        began = time.monotonic()
        message = failure(fetcher, f"https://127.0.0.1:{port}/feed", timeout=WITHIN)

    assert time.monotonic() - began < AT_MOST
    assert "timed out" in message
    assert "while connecting to 127.0.0.1" in message


def test_a_deadline_that_is_over_before_it_begins_sends_nothing(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/feed", b"<rss/>")

    assert "timed out" in failure(fetcher, site.url("/feed"), timeout=0.0)
    assert site.count() == 0
