"""What a name's server may answer, from one look-up to the next; and what the first fetches of all share."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.fetch import Fetcher, FetchError
from monitor.models import FeedState

from .conftest import PROJECT, make_source
from .loopback import Loopback

AGENT = "uk-china-monitor/0 (test)"


class Resolver:
    """A name's server whose answers for `feeds.example` change each time; all else is really looked up.

    It stands in for the system's resolver, which a test cannot make answer over the network.
    """

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked = 0
        self._answers = answers
        self._real = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "feeds.example":
            return self._real(host, port, *args, **options)
        given = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in given]


def fetch(url: str, *allow_private: str) -> bytes | None:
    with Fetcher(user_agent=AGENT, allow_private=allow_private) as fetcher:
        return fetcher.fetch(make_source(url=url, timeout=5.0), FeedState("gazette")).body


def test_a_name_is_looked_up_once_and_what_was_checked_is_what_is_dialled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Loopback() as listed, Loopback(host="127.0.0.2") as inside:
        listed.serve("/feed", b"<rss/>")
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        monkeypatch.setattr(socket, "getaddrinfo", resolver)

        body = fetch(f"http://feeds.example:{listed.port}/feed", "127.0.0.1")

    assert body == b"<rss/>"
    assert resolver.asked == 1
    assert inside.count() == 0


def test_each_step_of_a_redirect_is_looked_up_and_checked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as listed:
        listed.redirect("/feed", "/onward")
        listed.serve("/onward", b"secret")
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        monkeypatch.setattr(socket, "getaddrinfo", resolver)

        with pytest.raises(FetchError) as caught:
            fetch(f"http://feeds.example:{listed.port}/feed", "127.0.0.1")

    assert "has the address 127.0.0.2, not a public address" in caught.value.message
    assert resolver.asked == 2
    assert listed.count() == 1


def test_an_answer_of_both_kinds_opens_no_way_to_the_one_that_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Loopback(host="127.0.0.2") as inside:
        # Nobody listens on this port of the address that is allowed: the next in turn would be the other.
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(["127.0.0.1", "127.0.0.2"]))

        with pytest.raises(FetchError) as caught:
            fetch(f"http://feeds.example:{inside.port}/feed", "127.0.0.1")

    assert "refused the connection" in caught.value.message
    assert inside.count() == 0


def test_sixteen_first_requests_make_one_tls_context() -> None:
    """Sixteen would take seconds of processor time, which count against each request's own."""
    script = (
        "import threading\n"
        "from monitor.fetch.wire import tls_context\n"
        "made, start = [], threading.Barrier(16)\n"
        "def make():\n"
        "    start.wait()\n"
        "    made.append(tls_context())\n"
        "threads = [threading.Thread(target=make) for _ in range(16)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "print(len(made), len(set(map(id, made))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )

    assert ran.stdout.split() == ["16", "1"]
