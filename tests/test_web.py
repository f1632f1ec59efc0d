"""The web server beside the service, over real connections."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor import web
from monitor.models import Status

from .conftest import NOW

WELL = Status(last_poll=NOW, is_fresh=True, is_writable=True)
PAGES_SAY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
POLICY = f"{PAGES_SAY}; frame-ancestors 'none'"


@contextmanager
def served(
    folder: Path,
    *,
    status: Callable[[], Status] = lambda: WELL,
    metrics: Callable[[], str] = lambda: "monitor_healthy 1\n",
    hosts: tuple[str, ...] = (),
    **limits: Any,
) -> Iterator[web.Server]:
    """The server on a port of its own, serving the folder `site`."""
    with web.serving(
        "127.0.0.1:0",
        folder / "site",
        hosts=lambda: hosts,
        status=status,
        metrics=metrics,
        limits=web.Limits(**limits),
    ) as server:
        yield server


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.code, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(server: web.Server, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    """One request on a connection of its own; the path is sent as it is given."""
    connection = http.client.HTTPConnection(server.address, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def connected(server: web.Server) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the program's own log was told."""
    return [record for record in caplog.records if record.name == "monitor"]


def is_cut(client: socket.socket) -> bool:
    """Whether the server ends the connection without a word; it waits for that."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small archive, with things in its folder that are not for showing."""
    return written(tmp_path)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Server]:
    """One that is served to all tests that only look."""
    site = written(tmp_path_factory.mktemp("shown"))
    (site / "site" / "linked.html").symlink_to(site / "outside.html")
    (site / "site" / "up").symlink_to(site, target_is_directory=True)
    (site / "site" / "shown.html").symlink_to(site / "site" / ".git" / "config.txt")
    with served(site, hosts=("monitor.example.org",)) as server:
        yield server


def written(folder: Path) -> Path:
    files = {
        "index.html": "<h1>UK-China monitor</h1>",
        "daily/index.html": "<h1>Daily</h1>",
        "daily/2026-01-29/digest.txt": "Starmer meets Xi · 北京",
        "daily/2026-01-29/digest.json": "{}",
        "feeds/stories.atom": "<feed/>",
        "feeds/stories.json": "{}",
        "story/s6/report.html": "<h1>A story</h1>",
        ".archive.json": '{"edition_id": 6}',
        ".git/config.txt": "secret",
        "daily/.index.html.draft": "secret",
        "monitor.db": "secret",
        "config.yaml": "secret",
    }
    for name, text in files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "outside.html").write_text("secret")
    return folder


# The archive


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/", "text/html; charset=utf-8", "UK-China monitor"),
        ("/index.html?from=mail", "text/html; charset=utf-8", "UK-China monitor"),
        ("/daily/", "text/html; charset=utf-8", "Daily"),
        ("/daily/2026-01-29/digest.txt", "text/plain; charset=utf-8", "Starmer meets Xi · 北京"),
        ("/daily/2026-01-29/digest.json", "application/json", "{}"),
        ("/feeds/stories.atom", "application/atom+xml", "<feed/>"),
        ("/feeds/stories.json", "application/feed+json", "{}"),
    ],
)
def test_a_file_of_the_archive_is_served_with_its_type(
    shown: web.Server, path: str, kind: str, text: str
) -> None:
    found = ask(shown, path)

    assert (found.code, found.headers["content-type"], text in found.text) == (200, kind, True)
    assert found.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        *("/.archive.json", "/.git/config.txt", "/daily/.index.html.draft", "/%2earchive.json"),
        *(
            "/monitor.db",
            "/config.yaml",
            "/daily/2026-01-29",
            "/daily/2026-01-29/",
            "/story/",
            "/nothing.html",
        ),
        *("/../outside.html", "/daily/../../outside.html", "/%2e%2e/outside.html", "/..%2foutside.html"),
        *(
            "/..%5coutside.html",
            "//../outside.html",
            "/index.html%00.txt",
            "/linked.html",
            "/up/outside.html",
        ),
        *(
            "/shown.html",
            "/" + "a" * 300 + ".html",
            "/index.html/digest.txt",
            "/healthz/",
            "/~/",
            "/%ff.html",
        ),
    ],
)
def test_what_is_hidden_foreign_or_outside_is_not_there(shown: web.Server, path: str) -> None:
    found = ask(shown, path)

    assert (found.code, found.text) == (404, "Not Found")


def test_the_whole_folder_may_be_a_link_as_on_a_mounted_volume(site: Path) -> None:
    (site / "site").rename(site / "volume")
    (site / "site").symlink_to(site / "volume", target_is_directory=True)
    with served(site) as server:
        assert ask(server, "/daily/").code == 200


def test_a_folder_without_its_slash_leads_to_it_by_a_relative_address(site: Path) -> None:
    (site / "site" / "story" / "s6" / "index.html").write_text("<h1>s6</h1>")
    with served(site) as server:
        found = [ask(server, path) for path in ("/daily", "/story/s6", "//daily")]

    assert [(one.code, one.headers["location"]) for one in found] == [
        (307, "daily/"),
        (307, "s6/"),
        (307, "daily/"),
    ]


def test_a_page_that_the_browser_has_is_not_sent_again_until_it_changes(site: Path) -> None:
    with served(site) as server:
        first = ask(server)
        again = ask(server, If_None_Match=first.headers["etag"])
        (site / "site" / "index.html").write_text("<h1>Another</h1>")
        changed = ask(server, If_None_Match=first.headers["etag"])

    assert (again.code, again.body) == (304, b"")
    assert (changed.code, changed.text) == (200, "<h1>Another</h1>")


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/no"])
def test_head_answers_as_get_does_but_for_the_body(shown: web.Server, path: str) -> None:
    got, head = ask(shown, path), ask(shown, path, "HEAD")

    assert (head.code, head.body) == (got.code, b"")
    assert head.headers["content-length"] == str(len(got.body))
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics"])
def test_nothing_can_be_done_but_reading(shown: web.Server, method: str, path: str) -> None:
    found = ask(shown, path, method)

    assert found.code == 405
    assert {*found.headers["allow"].split(", ")} == {"GET", "HEAD"}


def test_before_the_first_edition_there_is_nothing_and_then_there_is(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        before = ask(server)
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "index.html").write_text("<h1>First</h1>")
        after = ask(server)

    assert (before.code, after.code) == (404, 200)


# Every answer


def test_every_answer_forbids_scripts_frames_and_guessing(shown: web.Server) -> None:
    answers = [
        ask(shown),
        ask(shown, If_None_Match="*"),
        ask(shown, "/daily"),
        ask(shown, "/no"),
        ask(shown, "/", "POST"),
        ask(shown, Host="evil.example"),
        ask(shown, "/healthz"),
        ask(shown, "/metrics"),
    ]

    assert [one.code for one in answers] == [200, 304, 307, 404, 405, 400, 200, 200]
    for one in answers:
        assert one.headers["content-security-policy"] == POLICY
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["server"] is None


def test_the_policy_is_the_one_that_the_pages_state_themselves() -> None:
    for template in ("page/base.html", "digest/page.html"):
        page = (Path(__file__).parent.parent / "templates" / template).read_text("utf-8")
        stated = page.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
        # A page cannot forbid to be framed: that is for the server alone (CSP 3, 3.3).
        assert stated == PAGES_SAY


@pytest.mark.parametrize(
    "host",
    [
        *("monitor.example.org", "MONITOR.example.org.", "monitor.example.org:443", "localhost:8080"),
        *("127.0.0.1", "192.168.1.5:8080", "[::1]:8080", "[fd00::1]", "monitor:8080"),
    ],
)
def test_it_answers_to_its_own_names_and_to_those_that_nobody_can_register(
    shown: web.Server, host: str
) -> None:
    assert ask(shown, Host=host).code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8080", "monitor.example.org.evil.example", "127.0.0.1.evil.example"),
        *("", "a b", "127.0.0.1@evil.example", "[evil.example]", "evil.example#localhost", "1.2.3.4.5"),
    ],
)
def test_under_another_name_it_answers_nothing(shown: web.Server, host: str) -> None:
    found = ask(shown, Host=host)

    assert found.code == 400
    assert "UK-China" not in found.text


# /healthz and /metrics


def test_healthz_says_ok_while_all_is_well(site: Path) -> None:
    with served(site) as server:
        said, as_json = ask(server, "/healthz"), ask(server, "/healthz", Accept="application/json")

    assert (said.code, said.text, said.headers["cache-control"]) == (200, "ok\n", "no-store")
    assert json.loads(as_json.text) == {
        "schema_version": 1,
        "ok": True,
        "last_poll": "2026-01-29T08:30:00Z",
        "problems": [],
        "remarks": [],
    }


def test_healthz_says_503_with_the_reason_in_words(site: Path) -> None:
    stale = Status(("the last poll was 3 h ago; 70 min are allowed",), ("config.yaml:3:1: not used.",))
    with served(site, status=lambda: stale) as server:
        said, as_json = ask(server, "/healthz"), ask(server, "/healthz", Accept="application/json")

    assert (said.code, as_json.code) == (503, 503)
    assert said.text == "the last poll was 3 h ago; 70 min are allowed\nconfig.yaml:3:1: not used.\n"
    assert json.loads(as_json.text)["problems"] == [*stale.problems]


def test_what_works_with_a_config_that_cannot_be_used_is_well_and_says_so(site: Path) -> None:
    with served(site, status=lambda: Status(remarks=("config.yaml:3:1: not used.",))) as server:
        said = ask(server, "/healthz")

    assert (said.code, said.text) == (200, "ok\nconfig.yaml:3:1: not used.\n")


def test_metrics_are_of_the_type_that_prometheus_wants(site: Path) -> None:
    with served(site) as server:
        found = ask(server, "/metrics")

    assert (found.code, found.text) == (200, "monitor_healthy 1\n")
    assert found.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_many_who_ask_at_once_cost_no_more_than_one(site: Path) -> None:
    asked, go_on, calls, answers = threading.Event(), threading.Event(), [], []

    def slow() -> str:
        calls.append(1)
        asked.set()
        assert go_on.wait(10)
        return "monitor_healthy 1\n"

    with served(site, metrics=slow) as server:
        clients = [threading.Thread(target=lambda: answers.append(ask(server, "/metrics"))) for _ in range(5)]
        for client in clients:
            client.start()
        assert asked.wait(10)
        # Pages are served meanwhile.
        assert ask(server).code == 200
        go_on.set()
        for client in clients:
            client.join()

    assert ([one.text for one in answers], len(calls)) == (["monitor_healthy 1\n"] * 5, 1)


def test_an_error_in_the_numbers_is_answered_and_logged_and_the_server_goes_on(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise ZeroDivisionError("no numbers today")

    with served(site, metrics=broken) as server:
        found, page = ask(server, "/metrics"), ask(server)

    assert (found.code, found.text, page.code) == (500, "Internal Server Error", 200)
    (error,) = [record for record in told(caplog) if record.levelno >= logging.ERROR]
    assert "no numbers today" in str(error.exc_info)


# Listening, limits and the end


def refusal_to_listen(on: str, folder: Path) -> str:
    with (
        pytest.raises(web.WebError) as refused,
        web.serving(on, folder, hosts=tuple, status=lambda: WELL, metrics=str),
    ):
        pass
    return str(refused.value)


def test_a_port_that_is_taken_is_refused_in_words(site: Path) -> None:
    with served(site) as server:
        assert refusal_to_listen(server.address, site) == (
            f"no pages can be served on {server.address}: another program listens there already; stop it, "
            "set another port in web.listen, or null for none"
        )


def test_an_address_that_is_not_of_this_machine_is_refused_in_words(site: Path) -> None:
    said = refusal_to_listen("192.0.2.1:8080", site)

    assert said.startswith("no pages can be served on 192.0.2.1:8080: ")
    assert said.endswith("; set an address of this machine in web.listen, or null for none")


def test_after_the_end_the_port_is_free(site: Path) -> None:
    with served(site) as server:
        ask(server)
    with web.serving(server.address, site / "site", hosts=tuple, status=lambda: WELL, metrics=str) as again:
        assert again.address == server.address
        assert ask(again).code == 200


def test_the_end_waits_for_no_client_and_no_database(site: Path) -> None:
    (site / "site" / "long.txt").write_bytes(b"x" * 30_000_000)
    asked, go_on = threading.Event(), threading.Event()

    def locked() -> str:
        asked.set()
        go_on.wait(30)
        return ""

    with ExitStack() as clients:
        with served(site, metrics=locked) as server:
            silent, half, lazy, waiting = (clients.enter_context(connected(server)) for _ in range(4))
            half.sendall(b"GET / HTTP/1.1\r\nHost: local")
            lazy.sendall(b"GET /long.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert lazy.recv(12) == b"HTTP/1.1 200"
            waiting.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert asked.wait(10)
            begun = time.monotonic()
        took = time.monotonic() - begun
        go_on.set()
        assert is_cut(silent)

    assert took < 2


def test_a_client_that_asks_for_nothing_is_cut(site: Path) -> None:
    with served(site, header_seconds=0.1) as server, connected(server) as silent, connected(server) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: local")

        assert is_cut(silent)
        assert is_cut(half)


def test_a_client_that_does_not_read_is_cut(site: Path) -> None:
    (site / "site" / "long.txt").write_bytes(b"x" * 30_000_000)
    with served(site, at_once=2, connection_seconds=0.3) as server, connected(server) as lazy:
        lazy.sendall(b"GET /long.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert lazy.recv(12) == b"HTTP/1.1 200"
        begun = time.monotonic()
        answers = [ask(server).code]
        while answers[-1] == 503 and time.monotonic() < begun + 10:
            answers.append(ask(server).code)

    assert (answers[0], answers[-1]) == (503, 200)


def test_too_many_connections_are_told_so_and_more_are_cut(site: Path) -> None:
    with served(site, at_once=3, connections=4) as server, ExitStack() as clients:
        kept = [clients.enter_context(connected(server)) for _ in range(3)]
        told = ask(server)
        kept.append(clients.enter_context(connected(server)))
        cut = clients.enter_context(connected(server))

        assert told.code == 503
        assert is_cut(cut)
        for one in kept:
            one.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000,
        b"GET /" + b"x" * 20_000,
        b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\nContent-Length: 3\r\n\r\nabc",
    ],
    ids=["long header", "long address", "TLS", "two hosts", "no host", "two lengths"],
)
def test_what_is_no_decent_request_is_refused(
    site: Path, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with served(site) as server, connected(server) as client:
        client.sendall(sent)
        answer = client.recv(10_000)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert {record.levelno for record in told(caplog)} <= {logging.DEBUG}


def test_requests_are_logged_for_debugging_only(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "monitor"), served(site) as server:
        ask(server, "/daily/?q=secret")
        ask(server, "/no%0aERROR%20forged")

    lines = [record.getMessage() for record in told(caplog)]
    assert "served method=GET path=/daily/ status=200" in lines
    assert "served method=GET path=/no%0aERROR%20forged status=404" in lines
    assert {record.levelno for record in told(caplog)} == {logging.DEBUG}
