"""Signals to a dead-man's switch, over real connections."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from monitor.fetch.ping import Signal, ping, signal_address
from tests.loopback import Loopback

SECRET = "3f7c-secret-uuid"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.mark.parametrize(("signal", "path"), [("start", "/start"), ("success", ""), ("fail", "/fail")])
def test_each_signal_has_its_address(signal: Signal, path: str, site: Loopback) -> None:
    site.serve(f"/{SECRET}{path}", b"OK")

    said = ping(site.url(f"/{SECRET}"), signal)

    assert said == ""
    assert [(request.method, request.path) for request in site.requests] == [("GET", f"/{SECRET}{path}")]


@pytest.mark.parametrize(
    ("url", "signal", "asked"),
    [
        ("https://hc.example/k/slug?create=1", "start", "https://hc.example/k/slug/start?create=1"),
        ("https://hc.example/k/slug?create=1", "success", "https://hc.example/k/slug?create=1"),
        ("https://hc.example/k/", "fail", "https://hc.example/k/fail"),
        ("https://hc.example/k/", "success", "https://hc.example/k/"),
        ("https://hc.example", "fail", "https://hc.example/fail"),
        ("http://[::1]:8000/k#x", "start", "http://[::1]:8000/k/start"),
    ],
)
def test_a_query_stays_behind_the_signal(url: str, signal: Signal, asked: str) -> None:
    assert signal_address(url, signal) == asked


@pytest.mark.parametrize("status", [301, 304, 400, 404, 410, 500, 503])
def test_another_answer_is_told_without_the_path(status: int, site: Loopback) -> None:
    site.serve(f"/{SECRET}", b"no", status=status)

    assert ping(site.url(f"/{SECRET}"), "success") == f"127.0.0.1 answered {status}; check ping_url"


def test_where_nobody_listens_that_is_told_without_the_path() -> None:
    with Loopback() as gone:
        url = gone.url(f"/{SECRET}")

    said = ping(url, "success")

    assert "127.0.0.1" in said
    assert SECRET not in said


def test_an_unknown_name_is_told() -> None:
    said = ping(f"https://no-such-host.invalid/{SECRET}", "fail", timeout=5)

    assert "no-such-host.invalid" in said
    assert SECRET not in said


def test_a_server_that_hangs_costs_no_more_than_the_time_given(site: Loopback) -> None:
    site.handle("/slow", lambda request: site.closing.wait() and None)

    said = ping(site.url("/slow"), "success", timeout=0.3)

    assert said.startswith("127.0.0.1 timed out")
    assert not site.closing.is_set()


def test_a_server_that_sends_its_answer_byte_by_byte_costs_no_more_either(site: Loopback) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        while not site.closing.wait(0.05):
            request.wfile.write(b"H")

    site.handle("/slow", drip)

    assert ping(site.url("/slow"), "success", timeout=0.5)
    assert not site.closing.is_set()


def test_a_body_without_end_is_not_read(site: Loopback) -> None:
    ended = threading.Event()

    def pour(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while not site.closing.is_set():
                request.wfile.write(b"x" * 65_536)
        finally:
            ended.set()

    site.handle("/endless", pour)

    assert ping(site.url("/endless"), "success") == ""
    assert ended.wait(10)
    assert not site.closing.is_set()


def test_a_few_redirects_are_followed(site: Loopback) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/c", status=308)
    site.redirect("/c", "/d", status=307)
    site.serve("/d", b"OK")

    assert ping(site.url("/a"), "success") == ""
    assert site.count("/d") == 1


def test_many_redirects_are_not(site: Loopback) -> None:
    site.redirect(f"/{SECRET}", f"/{SECRET}")

    assert ping(site.url(f"/{SECRET}"), "success") == "127.0.0.1 redirects more than 3 times"
    assert site.count() == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "mailto:a@example.org", "ftp://127.0.0.1/x"])
def test_a_redirect_to_no_web_address_is_told(target: str, site: Loopback) -> None:
    site.redirect(f"/{SECRET}", target)

    said = ping(site.url(f"/{SECRET}"), "success")

    assert "no web address" in said
    assert site.count() == 1


def test_a_login_goes_to_its_own_host_alone(site: Loopback) -> None:
    with Loopback() as other:
        other.serve("/b", b"OK")
        site.redirect("/a", other.url("/b"))
        ping(site.url("/a").replace("//", "//desk:p%40ss@"), "success")

        login = site.requests[0].headers["Authorization"]
        assert base64.b64decode(login.removeprefix("Basic ")) == b"desk:p@ss"
        assert other.requests[0].headers["Authorization"] is None


def test_the_path_is_in_no_line_of_the_log(site: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    site.serve(f"/{SECRET}", status=500)
    with caplog.at_level(logging.DEBUG):
        ping(site.url(f"/{SECRET}"), "success")

    assert SECRET not in caplog.text
