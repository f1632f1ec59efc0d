"""One conditional GET over a real connection: what is asked, what comes back, and what each failure says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from monitor.fetch import Fetcher, FetchError
from monitor.models import FeedState, Source
from tests.conftest import make_source
from tests.loopback import Loopback

FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"
AGENT = "uk-china-monitor/0 (test)"
NOTHING_KNOWN = FeedState("gazette")


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(user_agent=AGENT, allow_private=["127.0.0.1"]) as fetcher:
        yield fetcher


def source_at(url: str, **changes: Any) -> Source:
    return make_source(url=url, timeout=10.0, **changes)


def failure(fetcher: Fetcher, source: Source, state: FeedState = NOTHING_KNOWN) -> FetchError:
    """The error that fetching `source` ends in."""
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(source, state)
    return caught.value


# What a good answer gives


def test_an_answer_comes_with_its_body_and_its_validators_verbatim(site: Loopback, fetcher: Fetcher) -> None:
    modified = "Thu, 29 Jan 2026 08:00:00 GMT"
    site.serve("/feed", FEED, etag='W/"a-1"', last_modified=modified, content_type="text/xml; charset=gbk")

    fetched = fetcher.fetch(source_at(site.url("/feed")), NOTHING_KNOWN)

    assert (fetched.source_id, fetched.url, fetched.status) == ("gazette", site.url("/feed"), 200)
    assert (fetched.body, fetched.content_type) == (FEED, "text/xml; charset=gbk")
    assert (fetched.etag, fetched.last_modified, fetched.moved_to) == ('W/"a-1"', modified, None)


def test_the_request_says_who_asks_and_what_it_can_read(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/feed", FEED)

    fetcher.fetch(source_at(site.url("/feed?q=china&page=2#top")), NOTHING_KNOWN)

    request = site.requests[0]
    assert (request.method, request.path) == ("GET", "/feed?q=china&page=2")
    assert request.headers["User-Agent"] == AGENT
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "application/atom+xml" in request.headers["Accept"]
    assert request.headers["Host"] == site.host
    assert "If-None-Match" not in request.headers
    assert "If-Modified-Since" not in request.headers


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "unquoted", '"caf\u00e9"', '"\u00ff\u00fe"'])
def test_an_etag_makes_the_round_trip_byte_for_byte(site: Loopback, fetcher: Fetcher, etag: str) -> None:
    site.serve("/feed", FEED, etag=etag)
    source = source_at(site.url("/feed"))

    first = fetcher.fetch(source, NOTHING_KNOWN)
    second = fetcher.fetch(source, FeedState(source.id, source.url, etag=first.etag))

    assert site.requests[1].headers["If-None-Match"] == first.etag == etag
    assert (second.status, second.body, second.etag) == (304, None, etag)


def test_last_modified_makes_the_round_trip_verbatim_however_it_is_written(
    site: Loopback, fetcher: Fetcher
) -> None:
    odd = "Thu, 29 Jan 2026 08:00:00 +0000"
    site.serve("/feed", FEED, last_modified=odd)
    source = source_at(site.url("/feed"))

    first = fetcher.fetch(source, NOTHING_KNOWN)
    second = fetcher.fetch(source, FeedState(source.id, source.url, last_modified=first.last_modified))

    assert site.requests[1].headers["If-Modified-Since"] == odd
    assert (second.status, second.body) == (304, None)


def test_validators_are_not_sent_to_a_new_address(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/new", FEED, etag='"1"')
    before = FeedState("gazette", site.url("/old"), etag='"1"', last_modified="Thu, 29 Jan 2026 08:00:00 GMT")

    fetched = fetcher.fetch(source_at(site.url("/new")), before)

    assert fetched.body == FEED
    assert "If-None-Match" not in site.requests[0].headers
    assert "If-Modified-Since" not in site.requests[0].headers


def test_a_validator_too_long_to_send_back_is_forgotten(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/feed", FEED, etag=f'"{"x" * 5000}"')

    assert fetcher.fetch(source_at(site.url("/feed")), NOTHING_KNOWN).etag is None


@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_body_is_an_answer_for_the_parser_to_judge(
    site: Loopback, fetcher: Fetcher, status: int
) -> None:
    site.serve("/feed", b"", status=status)

    assert fetcher.fetch(source_at(site.url("/feed")), NOTHING_KNOWN).body == b""


def test_cookies_are_not_kept(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/set", status=302, headers={"Location": "/feed", "Set-Cookie": "id=1; Path=/"})
    site.serve("/feed", FEED, headers={"Set-Cookie": "id=2; Path=/"})

    for _ in range(2):
        fetcher.fetch(source_at(site.url("/set")), NOTHING_KNOWN)

    assert site.count() == 4
    assert [request.headers["Cookie"] for request in site.requests] == [None] * 4


# Redirects


def test_a_relative_redirect_is_followed_and_a_temporary_one_is_not_remembered(
    site: Loopback, fetcher: Fetcher
) -> None:
    site.redirect("/a/old", "../feed", status=302)
    site.serve("/feed", FEED)

    fetched = fetcher.fetch(source_at(site.url("/a/old")), NOTHING_KNOWN)

    assert (fetched.body, fetched.url, fetched.moved_to) == (FEED, site.url("/feed"), None)


@pytest.mark.parametrize(
    ("first", "second", "moved"), [(301, 308, True), (308, 301, True), (301, 302, False), (307, 301, False)]
)
def test_a_move_is_reported_where_every_step_was_permanent(
    site: Loopback, fetcher: Fetcher, first: int, second: int, moved: bool
) -> None:
    site.redirect("/old", "/middle", status=first)
    site.redirect("/middle", site.url("/feed"), status=second)
    site.serve("/feed", FEED)

    fetched = fetcher.fetch(source_at(site.url("/old")), NOTHING_KNOWN)

    assert fetched.moved_to == (site.url("/feed") if moved else None)


def test_a_redirected_source_can_be_unchanged(site: Loopback, fetcher: Fetcher) -> None:
    site.redirect("/old", "/feed", status=301)
    site.serve("/feed", FEED, etag='"1"')
    source = source_at(site.url("/old"))

    fetched = fetcher.fetch(source, FeedState(source.id, source.url, etag='"1"'))

    assert (fetched.status, fetched.body, fetched.moved_to) == (304, None, site.url("/feed"))


@pytest.mark.parametrize(("redirects", "followed"), [(5, True), (6, False)])
def test_five_redirects_are_followed_and_no_more(
    site: Loopback, fetcher: Fetcher, redirects: int, followed: bool
) -> None:
    for number in range(redirects):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.serve(f"/{redirects}", FEED)
    source = source_at(site.url("/0"))

    if followed:
        assert fetcher.fetch(source, NOTHING_KNOWN).body == FEED
    else:
        assert "more than 5 redirects" in failure(fetcher, source).message
    assert site.count() == 6


def test_a_circle_of_redirects_is_found_at_once(site: Loopback, fetcher: Fetcher) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a#again")

    assert "circle" in failure(fetcher, source_at(site.url("/a"))).message
    assert site.count() == 2


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://127.0.0.1/x",
        "data:text/xml,<rss/>",
        "javascript:1",
    ],
)
def test_a_redirect_leads_only_to_http_and_https(site: Loopback, fetcher: Fetcher, target: str) -> None:
    site.redirect("/feed", target)

    message = failure(fetcher, source_at(site.url("/feed"))).message

    assert "only http and https are read" in message
    assert "127.0.0.1 redirects to" in message


@pytest.mark.parametrize(
    "target", ["http://[::1", "http://a:b:c/", "//", "http://\u2603.\u00ad./", "http://:80/", "h" * 70_000]
)
def test_a_redirect_that_cannot_be_read_is_an_error_with_a_sentence(
    site: Loopback, fetcher: Fetcher, target: str
) -> None:
    def redirect(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(
            b"HTTP/1.1 302 Found\r\nLocation: " + target.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        )

    site.handle("/feed", redirect)

    assert "127.0.0.1" in failure(fetcher, source_at(site.url("/feed"))).message


def test_a_redirect_without_a_target_is_no_document(site: Loopback, fetcher: Fetcher) -> None:
    site.serve("/feed", b"", status=302)

    error = failure(fetcher, source_at(site.url("/feed")))

    assert "answered 302 Found" in error.message


# A source's own headers


def test_a_sources_own_headers_go_to_its_origin_alone(site: Loopback, fetcher: Fetcher) -> None:
    with Loopback() as elsewhere:
        site.redirect("/feed", "/here")
        site.redirect("/here", elsewhere.url("/there"))
        elsewhere.serve("/there", FEED)
        source = source_at(site.url("/feed"), headers=(("X-Api-Key", "s3cret"), ("User-Agent", "other/1")))

        fetcher.fetch(source, NOTHING_KNOWN)

        assert [request.headers["X-Api-Key"] for request in site.requests] == ["s3cret", "s3cret"]
        assert [request.headers["User-Agent"] for request in site.requests] == ["other/1", "other/1"]
        assert elsewhere.requests[0].headers["X-Api-Key"] is None
        assert elsewhere.requests[0].headers["User-Agent"] == AGENT


def test_a_login_in_the_address_is_sent_to_its_origin_and_shown_nowhere(
    site: Loopback, fetcher: Fetcher
) -> None:
    with Loopback() as elsewhere:
        site.redirect("/feed", elsewhere.url("/there"), status=301)
        elsewhere.serve("/there", FEED)
        site.serve("/broken", b"", status=500)
        login = site.url("/feed").replace("http://", "http://anna:s%40crit@")

        fetched = fetcher.fetch(source_at(login), NOTHING_KNOWN)
        error = failure(fetcher, source_at(login.replace("/feed", "/broken")))

        assert site.requests[0].headers["Authorization"] == "Basic YW5uYTpzQGNyaXQ="
        assert elsewhere.requests[0].headers["Authorization"] is None
        assert "crit" not in f"{fetched.url} {fetched.moved_to} {error}"


def test_a_header_that_cannot_be_sent_is_an_error_that_names_the_setting_and_not_the_value(
    site: Loopback, fetcher: Fetcher
) -> None:
    source = source_at(site.url("/feed"), headers=(("X-Api-Key", "s3cret\r\nX-More: b"),))

    message = failure(fetcher, source).message

    assert "`headers`" in message
    assert "s3cret" not in message
    assert site.count() == 0


# Answers that are no document


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "answered 400 Bad Request: it does not take this request"),
        (401, "answered 401 Unauthorized: it asks for a login"),
        (403, "answered 403 Forbidden: it refuses this program, as some sites refuse all"),
        (404, "answered 404 Not Found: there is no feed at this address"),
        (410, "answered 410 Gone: the publisher has removed this feed for good"),
        (429, "answered 429 Too Many Requests: it asks for fewer requests"),
        (500, "answered 500 Internal Server Error: the site has a fault of its own"),
        (503, "answered 503 Service Unavailable: the site has a fault of its own"),
        (599, "answered 599: the site has a fault of its own"),
        (304, "answered 304 Not Modified: that is no document"),
    ],
)
def test_each_refusal_says_what_it_was_and_what_to_do(
    site: Loopback, fetcher: Fetcher, status: int, words: str
) -> None:
    site.serve("/feed", b"<html>no</html>", status=status)

    error = failure(fetcher, source_at(site.url("/feed")))

    assert error.message.startswith(f"127.0.0.1 {words}")
    assert str(error) == error.message
    assert (error.status, error.gone, error.retry_after) == (status, status == 410, None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", None, 120),
        ("0", None, 0),
        ("9" * 5000, None, 366 * 86400),
        ("Thu, 29 Jan 2026 09:30:00 GMT", "Thu, 29 Jan 2026 08:30:00 GMT", 3600),
        ("Thursday, 29-Jan-26 09:30:00 GMT", "Thu Jan 29 08:30:00 2026", 3600),
        ("Thu, 29 Jan 2026 07:30:00 GMT", "Thu, 29 Jan 2026 08:30:00 GMT", 0),
        ("soon", "Thu, 29 Jan 2026 08:30:00 GMT", None),
        ("Thu, 29 Jan 2026 09:30:00 GMT", "yesterday", None),
        ("-5", "Thu, 29 Jan 2026 08:30:00 GMT", None),
        ("Thu, 29 Jan 99999 09:30:00 GMT", "Thu, 29 Jan 2026 08:30:00 GMT", None),
        ("Thu, 29 Jan 99999999999999999999 09:30:00 GMT", "Thu, 29 Jan 2026 08:30:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_against_the_answers_own_date(
    site: Loopback, fetcher: Fetcher, status: int, retry_after: str, date: str | None, seconds: float | None
) -> None:
    def refuse(request: BaseHTTPRequestHandler) -> None:
        lines = [f"HTTP/1.1 {status} No", f"Retry-After: {retry_after}", "Content-Length: 0"]
        lines += [f"Date: {date}"] if date else []
        request.wfile.write("\r\n".join([*lines, "", ""]).encode())

    site.handle("/feed", refuse)

    error = failure(fetcher, source_at(site.url("/feed")))

    assert (error.status, error.retry_after) == (status, seconds)
    assert ("it asks to wait" in error.message) == (seconds is not None)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (3600, "60 minutes"),
        (7200, "2 hours"),
        (86400, "24 hours"),
        (172800, "2 days"),
    ],
)
def test_a_wish_to_wait_is_told_in_units_that_people_use(
    site: Loopback, fetcher: Fetcher, seconds: int, told: str
) -> None:
    site.serve("/feed", b"", status=503, headers={"Retry-After": str(seconds)})

    assert f"(it asks to wait {told})" in failure(fetcher, source_at(site.url("/feed"))).message


def test_a_refused_connection_says_so(fetcher: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, never listening
        port = unused.getsockname()[1]

        error = failure(fetcher, source_at(f"http://127.0.0.1:{port}/feed"))

    assert "127.0.0.1 refused the connection" in error.message
    assert error.status is None


@pytest.mark.parametrize("host", ["nonexistent.invalid", "a..b", f"{'x' * 64}.example"])
def test_a_name_that_is_not_found_says_so(fetcher: Fetcher, host: str) -> None:
    assert f"the name {host} was not found" in failure(fetcher, source_at(f"http://{host}/feed")).message


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://example.com/", "/etc/passwd", "example.com/feed"]
)
def test_a_source_has_an_http_address(fetcher: Fetcher, url: str) -> None:
    assert "only http and https are read" in failure(fetcher, source_at(url)).message


@pytest.mark.parametrize("url", ["http://", "http:///feed", "https:feed", "http://[::1", "http://h:port/"])
def test_a_source_whose_address_cannot_be_read_says_so(fetcher: Fetcher, url: str) -> None:
    assert failure(fetcher, source_at(url)).message.startswith("this source's url")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"),
        (b"", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, "does not speak HTTP"),
    ],
)
def test_an_answer_that_is_cut_or_not_http_says_so(
    site: Loopback, fetcher: Fetcher, answer: bytes, words: str
) -> None:
    def talk(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(answer)
        request.close_connection = True

    site.handle("/feed", talk)

    message = failure(fetcher, source_at(site.url("/feed"))).message

    assert words in message
    assert message.isprintable()
    assert len(message) < 300


# Many at once


def test_a_host_gets_no_more_requests_at_once_than_it_has_places(site: Loopback) -> None:
    pair = threading.Barrier(2, timeout=10)  # each request waits for another: two do run at once
    lock = threading.Lock()
    inside, most = 0, 0

    def answer(request: BaseHTTPRequestHandler) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        pair.wait()
        with lock:
            inside -= 1
        request.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    site.handle("/feed", answer)
    with (
        Fetcher(user_agent=AGENT, allow_private=["127.0.0.1"], per_host=2) as fetcher,
        ThreadPoolExecutor(6) as threads,
    ):
        list(threads.map(lambda _: fetcher.fetch(source_at(site.url("/feed")), NOTHING_KNOWN), range(6)))

    assert most == 2
    assert site.count("/feed") == 6


def test_requests_to_a_host_start_apart_and_waiting_for_a_turn_does_not_count(site: Loopback) -> None:
    site.serve("/feed", FEED)
    source = make_source(url="http://lists.example/feed", timeout=1.0)
    with (
        Fetcher(
            user_agent=AGENT,
            allow_private=["127.0.0.1"],
            per_host=5,
            mirrors={"lists.example": site.url("")},
            spacing={"lists.example": 0.3},
        ) as fetcher,
        ThreadPoolExecutor(5) as threads,
    ):
        began = time.monotonic()
        found = list(threads.map(lambda _: fetcher.fetch(source, NOTHING_KNOWN), range(5)))

    assert [fetched.body for fetched in found] == [FEED] * 5
    assert time.monotonic() - began >= 4 * 0.3


def test_waiting_for_a_place_does_not_count_against_the_time(site: Loopback) -> None:
    begun = threading.Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        begun.set()
        site.closing.wait(1.2)
        request.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    site.handle("/slow", slow)
    site.serve("/feed", FEED)
    with (
        Fetcher(user_agent=AGENT, allow_private=["127.0.0.1"], per_host=1) as fetcher,
        ThreadPoolExecutor(1) as threads,
    ):
        first = threads.submit(fetcher.fetch, source_at(site.url("/slow")), NOTHING_KNOWN)
        begun.wait(10)
        second = fetcher.fetch(make_source(url=site.url("/feed"), timeout=1.0), NOTHING_KNOWN)

        assert first.result().status == 204
        assert second.body == FEED
