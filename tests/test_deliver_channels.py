"""Short texts to chats, by real Apprise in a real child process, to a server on this machine."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from monitor.deliver.channels import channel_name, faults, is_installed, notify, without_secrets
from monitor.models import Outcome
from tests.loopback import Loopback

CANARY = "T0pS3cretT0ken"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{CANARY}dnlazkcOXrIdevi7/%23desk"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def apprise() -> None:
    """Apprise is an extra."""
    if is_installed():
        return
    if "channels" in os.environ.get("MONITOR_TESTS_NEED", ""):
        pytest.fail("Apprise is needed here and is not installed: pip install '.[channels]'")
    pytest.skip("Apprise is not installed (pip install '.[channels]'): channels were not tried")


def channel(site: Loopback, path: str = "/hook", query: str = "") -> str:
    """A JSON webhook on the server."""
    return f"json://127.0.0.1:{site.port}{path}{query}"


def taken(site: Loopback, path: str = "/hook") -> list[dict[str, Any]]:
    """From now on the server takes what is posted to `path`: it comes into this list."""
    posted: list[dict[str, Any]] = []

    def take(request: BaseHTTPRequestHandler) -> None:
        posted.append(json.loads(request.rfile.read(int(request.headers["Content-Length"]))))
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    site.handle(path, take)
    return posted


def hang(site: Loopback) -> None:
    """From now on the server takes what is posted and never answers."""
    site.handle("/hook", lambda request: site.closing.wait() and None)


def test_a_text_arrives_as_it_is(site: Loopback, apprise: None) -> None:
    posted = taken(site)
    title, body = (
        "UK-China daily: 3 stories",
        "• 中国 & <b>steel</b> \\n /etc/passwd {x} :smile:\n\nhttps://x.example/",
    )

    outcome = notify(channel(site), title, body)

    assert outcome == Outcome("sent")
    assert [(post["title"], post["message"]) for post in posted] == [(title, body)]
    assert posted[0]["attachments"] == []


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_what_the_service_turns_down_is_tried_again_and_its_status_is_told(
    status: int, site: Loopback, apprise: None
) -> None:
    site.serve("/hook", status=status)

    outcome = notify(channel(site), "title", "body")

    assert outcome.status == "deferred"
    assert str(status) in outcome.reason


def test_where_nobody_listens_nothing_was_taken(apprise: None) -> None:
    with Loopback() as gone:
        url = channel(gone)

    assert notify(url, "title", "body").status == "deferred"


def test_without_an_answer_it_is_unknown_whether_it_arrived(site: Loopback, apprise: None) -> None:
    hang(site)

    outcome = notify(channel(site, query="?rto=0.3"), "title", "body")

    assert outcome.status == "unknown"
    assert "may have arrived" in outcome.reason
    assert site.count() == 1


def test_a_connection_cut_after_the_text_was_sent_is_unknown_too(site: Loopback, apprise: None) -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers["Content-Length"]))
        request.close_connection = True

    site.handle("/hook", cut)

    assert notify(channel(site), "title", "body").status == "unknown"


def test_there_is_one_limit_for_all_of_it(site: Loopback, apprise: None) -> None:
    hang(site)

    outcome = notify(channel(site, query="?rto=500"), "title", "body", seconds=4)

    assert outcome == Outcome("unknown", "the service gave no answer within 4 s; it may have arrived")


def test_what_ends_before_anything_was_handed_over_has_not_been_taken(site: Loopback, apprise: None) -> None:
    outcome = notify(channel(site), "title", "body", seconds=0)

    assert outcome == Outcome("deferred", "the service gave no answer within 0 s")
    assert site.count() == 0


def test_a_program_that_stops_does_not_wait_for_the_service(site: Loopback, apprise: None) -> None:
    asked = threading.Event()

    def wait(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        site.closing.wait()

    site.handle("/hook", wait)

    outcome = notify(channel(site, query="?rto=500"), "title", "body", stopping=asked.is_set)

    assert outcome.status == "unknown"
    assert "stopped" in outcome.reason


@pytest.mark.parametrize("url", [f"nosuch://x/{CANARY}", f"slack://{CANARY}", f"https://x.example/{CANARY}"])
def test_a_url_that_apprise_cannot_use_is_refused_without_its_secrets(url: str, apprise: None) -> None:
    outcome = notify(url, "title", "body")

    assert outcome.status == "refused"
    assert "URL" in outcome.reason
    assert CANARY.lower() not in outcome.reason.lower()


def test_without_apprise_it_is_said_how_to_install_it(
    site: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # what Python itself takes for "not there"

    outcome = notify(channel(site), "title", "body")

    # Installing it mends it: what waits goes out then.
    assert outcome.status == "deferred"
    assert "pip install 'uk-china-monitor[channels]'" in outcome.reason
    assert faults([channel(site), "nosuch://x"]) == ("", "")


def test_one_url_is_one_channel_and_no_list_of_them(site: Loopback, apprise: None) -> None:
    posted = taken(site, "/a")

    notify(f"{channel(site, '/a')},{channel(site, '/a')}", "title", "body")

    assert len(posted) <= 1


def test_the_secrets_of_a_url_are_nowhere_to_be_seen(
    site: Loopback, apprise: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        pytest.skip("only Linux shows what other processes were given")
    monkeypatch.setenv("MONITOR_SMTP_PASSWORD", f"{CANARY}env")
    seen: list[bytes] = []

    def look(request: BaseHTTPRequestHandler) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
        for child in children:
            seen.extend(Path(f"/proc/{child}/{name}").read_bytes() for name in ("cmdline", "environ"))
        request.send_error(403, explain=CANARY)

    site.handle(f"/{CANARY}", look)
    url = f"json://user:{CANARY}@127.0.0.1:{site.port}/{CANARY}?-key={CANARY}"
    with caplog.at_level(logging.DEBUG):
        outcome = notify(url, "title", "body")

    assert outcome.status == "deferred"
    assert seen
    assert not [content for content in seen if CANARY.encode() in content]
    assert CANARY not in f"{outcome!r} {channel_name(url)} {caplog.text}"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"slack://{CANARY}/b", f"no {CANARY.upper()} there"),
        (f"json://u:p%40{CANARY}@h.example/", f"p@{CANARY} is wrong"),
        (f"tgram://123:{CANARY}/-100", f"https://api.example/bot123:{CANARY}/send"),
        (f"ntfy://h.example/a?auth={CANARY}", f"auth={CANARY}"),
        (f"https://hooks.example/{CANARY}%2Fx", f"/{CANARY}/x"),
    ],
)
def test_no_piece_of_a_url_is_left_in_a_reason(url: str, text: str) -> None:
    told = without_secrets(text, url)

    assert CANARY.lower() not in told.lower()
    assert "***" in told


def test_a_reason_is_one_short_printable_line() -> None:
    told = without_secrets("gone\r\n\x1b[31mand " + "on " * 500, "json://h.example/")

    assert told.isprintable()
    assert told.startswith("gone [31mand on on")
    assert len(told) == 200


def test_a_channel_is_called_by_its_kind_and_told_from_others_of_it() -> None:
    name, other = channel_name(SLACK), channel_name(SLACK + "x")

    assert name == channel_name(SLACK)
    assert name != other
    assert [part[:6] for part in (name, other)] == ["slack ", "slack "]
    assert len(name) == len("slack 3fa2c1")
    assert channel_name(CANARY).startswith("channel ")
    assert CANARY not in name + channel_name(CANARY)


def test_channels_can_be_looked_at_before_anything_is_sent(site: Loopback, apprise: None) -> None:
    said = {
        channel(site): "",
        SLACK: "",
        f"slak://{CANARY}": "has no service slak://; did you mean slack://?",
        f"slack://{CANARY}": "Apprise cannot use this slack:// URL: a part is missing",
        f"https://x.example/{CANARY}": "Apprise knows no service with such a web address",
        "file:///etc/passwd": "has no service file://",
    }

    found = faults([*said])

    assert [bool(fault) for fault in found] == [bool(part) for part in said.values()]
    assert all(part in fault for fault, part in zip(found, said.values(), strict=True))
    assert CANARY not in "".join(found)
    assert site.count() == 0
