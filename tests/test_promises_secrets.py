"""No secret of a config appears anywhere but where it is needed: a canary in each place that can hold one.

The whole program is used, at its most talkative, with servers that refuse and servers that agree; then all
that it said, wrote, stored and served is looked through, also for the canaries as headers and mails write
them.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from monitor import config as configuration
from monitor.cli.reloading import LiveConfig
from monitor.cli.watched import Watched
from monitor.models import FeedState, Fetched, address_mark, without_secrets
from monitor.polling import after_success
from monitor.store import Store

from .conftest import NOW, make_source
from .loopback import Canned, Loopback
from .mail_server import MailServer
from .program import RULES, Ran, monitor, rss

AT = "2026-01-29T08:30Z"
SECRETS = {
    name: f"canary{number}-{name.lower()}"
    for number, name in enumerate(("PASSWORD", "HEADER", "LOGIN", "KEY", "PING", "CHANNEL", "PROXY"))
}
WRITTEN = {"config.yaml", "proxied.yaml", "broken.yaml", "password.txt"}
"""Where the user wrote them."""


def shapes(secret: str) -> set[str]:
    """A secret as it may travel: as it is, in an address, as half of a login."""
    told = {secret, quote(secret), secret.upper()}
    for user in ("desk:", "\0desk\0"):
        # Without its end, which depends on what follows.
        told.add(base64.b64encode(f"{user}{secret}".encode()).decode().rstrip("=")[:-1])
    return told


def found_in(text: bytes) -> list[str]:
    """The names of the secrets in a text."""
    return [name for name, secret in SECRETS.items() if any(one.encode() in text for one in shapes(secret))]


@dataclass
class Desk:
    """A folder with a config that has a secret wherever one can stand."""

    folder: Path
    site: Loopback
    mail: MailServer

    def write(self, password: str = "${SMTP_PASSWORD}", name: str = "config.yaml", more: str = "") -> None:
        host = self.site.host
        text = f"""
database: monitor.db
output: site
polling: {{timeout: 5s}}
web: {{listen: null}}
ping_url: {self.site.url("/" + SECRETS["PING"])}
network: {{allow_private: ["{host}"]{more}}}
sources:
  - {{id: header, url: '{self.site.url("/a")}', kind: uk-media, headers: {{X-Desk: {SECRETS["HEADER"]}}}}}
  - {{id: login, url: 'http://desk:{SECRETS["LOGIN"]}@{host}/b', kind: uk-media}}
  - {{id: key, url: '{self.site.url("/c")}?edition=uk&api_key={SECRETS["KEY"]}', kind: uk-media}}
  - {{id: moved, url: '{self.site.url("/old")}?token={SECRETS["KEY"]}', kind: uk-media}}
  - {{id: gone, url: 'http://desk:{SECRETS["LOGIN"]}@{host}/gone?key={SECRETS["KEY"]}', kind: uk-media}}
  - {{id: page, url: 'http://desk:{SECRETS["LOGIN"]}@{host}/page?key={SECRETS["KEY"]}', kind: uk-media}}
{RULES}
digests:
  daily:
    title: UK-China daily
    schedule: "30 8 * * *"
    to: [ann@desk.example]
    channels: ["json://desk:{SECRETS["CHANNEL"]}@{host}/hook"]
mail: {{from: monitor@desk.example, host: localhost, port: {self.mail.port}, username: desk,
  password: "{password}", ca_file: {self.mail.ca_file(self.folder)}}}
"""
        (self.folder / name).write_text(text, encoding="utf-8")

    def monitor(self, *args: str, env: dict[str, str] | None = None, name: str = "config.yaml") -> Ran:
        env = {"SMTP_PASSWORD": SECRETS["PASSWORD"]} if env is None else env
        return monitor("--config", name, "-v", "-v", "--now", AT, *args, cwd=self.folder, env=env)

    def kept(self) -> dict[str, list[str]]:
        """The files that hold a secret, and which; but for those that the user wrote."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name not in WRITTEN]
        found = {path.name: found_in(path.read_bytes()) for path in files}
        return {name: secrets for name, secrets in found.items() if secrets}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Loopback() as site, MailServer(users={"desk": SECRETS["PASSWORD"]}) as mail:
        relative = rss(("Starmer meets Xi in Beijing", "A visit.")).replace(
            b"<link>https://gazette.example/starmer", b"<link>#starmer"
        )
        site.serve("/a", rss(("Britain and China sign", "An agreement on trade."), title="A"))
        site.serve("/b", rss(("Chinese tariffs hit British steel", "A dispute."), title="B"))
        site.serve("/c", relative)
        site.serve("/new", rss(("A Chinese embassy in London, Britain", "A vote."), title="D"))
        site.redirect("/old", f"/new?token={SECRETS['KEY']}", status=301)
        site.serve("/gone", b"no", status=401)
        site.serve("/page", b"<html><title>Log in</title></html>", content_type="text/html")
        site.serve(f"/{SECRETS['PING']}", b"OK")
        site.serve("/hook", b"OK")
        made = Desk(tmp_path, site, mail)
        made.write()
        yield made


EVERYDAY = (
    *("check --json", "poll --all", "once --force --json", "poll gone --json", "health --json", "sources"),
    *("sources --json", "sources export", "deliveries --json", "show 1 --json", "explain 1"),
    *("mail preview", "mail check", "export --format jsonl --all", "export --format datasette"),
)


def test_no_secret_is_in_anything_that_a_day_of_commands_says_or_writes(desk: Desk) -> None:
    said = {command: desk.monitor(*command.split()) for command in EVERYDAY}

    assert said["poll --all"].code == 0
    assert [recipient for recipient, _ in desk.mail.taken][:1] == ["ann@desk.example"]
    asked = {request.path.partition("?")[0]: request.headers for request in desk.site.requests}
    # The secrets were used, each where it belongs.
    assert asked["/a"]["X-Desk"] == SECRETS["HEADER"]
    assert base64.b64decode(asked["/b"]["Authorization"].split()[1]).decode() == f"desk:{SECRETS['LOGIN']}"
    assert f"/c?edition=uk&api_key={SECRETS['KEY']}" in [request.path for request in desk.site.requests]
    assert f"/{SECRETS['PING']}/start" in asked
    assert "/hook" in asked
    found = {command: found_in((ran.out + ran.err).encode()) for command, ran in said.items()}
    assert {command: names for command, names in found.items() if names} == {}
    assert desk.kept() == {}
    assert not any(found_in(mail) for _, mail in desk.mail.taken)


def test_no_secret_is_in_the_database_as_people_look_into_it(desk: Desk) -> None:
    desk.monitor("poll", "--all")

    with closing(sqlite3.connect(desk.folder / "monitor.db")) as db:
        stored = "\n".join(db.iterdump())
        addresses = dict(db.execute("SELECT id, url FROM sources").fetchall())

    assert found_in(stored.encode()) == []
    assert addresses["login"] == desk.site.url("/b")
    assert addresses["key"] == desk.site.url("/c?edition=uk")


def test_a_source_with_a_secret_in_its_address_is_asked_conditionally_and_when_it_is_due(desk: Desk) -> None:
    desk.site.handle("/b", Canned(rss(("Chinese tariffs hit British steel", "A dispute.")), etag='"1"'))
    desk.monitor("poll", "login")
    early = desk.monitor("poll", "--json")
    again = desk.monitor("poll", "login", "--json")

    statuses = {source["id"]: source["status"] for source in early.json["sources"]}
    assert statuses["login"] == "skipped"
    (one,) = again.json["sources"]
    assert (one["status"], one["http_status"]) == ("unchanged", 304)


def test_a_password_from_a_file_is_not_shown_where_the_server_refuses_it(desk: Desk) -> None:
    (desk.folder / "password.txt").write_text(SECRETS["PASSWORD"] + "\n", encoding="utf-8")
    desk.mail.users["desk"] = "another"
    env = {"SMTP_PASSWORD_FILE": str(desk.folder / "password.txt")}

    commands = ("once --force", "send", "mail check", "deliveries")
    said = [desk.monitor(*args.split(), env=env) for args in commands]

    assert "refused the login" in said[1].out + said[1].err or "535" in said[1].out + said[1].err
    assert found_in("".join(ran.out + ran.err for ran in said).encode()) == []
    assert desk.kept() == {}


def test_what_a_server_sends_back_of_our_secrets_is_not_repeated(desk: Desk) -> None:
    def echo(handler: BaseHTTPRequestHandler) -> None:
        """As some servers do: the whole request, in the answer to it."""
        told = f"{handler.path} {handler.headers}".replace("\r", " ").replace("\n", " ")
        handler.send_response(403, "Forbidden")
        handler.send_header("Content-Length", str(len(told.encode())))
        handler.send_header("X-Echo", told)
        handler.end_headers()
        handler.wfile.write(told.encode())

    for path in ("/a", "/b", "/c", "/old", "/gone", "/page"):
        desk.site.handle(path, echo)

    said = [desk.monitor(*args.split()) for args in ("poll --all", "sources --json")]

    assert said[0].code == 1
    assert found_in("".join(ran.out + ran.err for ran in said).encode()) == []
    assert desk.kept() == {}


@pytest.mark.parametrize("proxy", ["http://desk:{}@127.0.0.1:9", "http://desk:{}@[::1]:9"])
def test_the_login_of_a_proxy_that_cannot_be_used_is_not_shown(desk: Desk, proxy: str) -> None:
    desk.write(name="proxied.yaml", more=f", proxy: '{proxy.format(SECRETS['PROXY'])}'")

    said = [desk.monitor(*args.split(), name="proxied.yaml") for args in ("poll --all", "sources")]

    assert said[0].code == 1
    assert found_in("".join(ran.out + ran.err for ran in said).encode()) == []
    assert desk.kept() == {}


@pytest.mark.parametrize(
    "more",
    [
        ", proxy: 'socks5://desk:{}@proxy.example'",
        ", mirrors: {{www.gov.uk: 'http://desk:{}@127.0.0.1:1'}}",
        ", proxi: 'http://desk:{}@proxy.example'",
        ", proxy: 'http://desk:{}@proxy.example', proxy: 'http://desk:{}@proxy.example'",
    ],
    ids=["kind", "mirror", "misspelt", "twice"],
)
def test_a_config_that_is_refused_is_told_without_its_secrets(desk: Desk, more: str) -> None:
    desk.write(name="broken.yaml", more=more.format(*[SECRETS["PROXY"]] * 2), password=SECRETS["PASSWORD"])

    said = [desk.monitor(*args.split(), name="broken.yaml") for args in ("check --json", "poll")]

    assert [ran.code for ran in said] == [2, 2]
    assert found_in("".join(ran.out + ran.err for ran in said).encode()) == []


def test_what_the_service_serves_holds_no_secret_also_of_a_config_that_it_cannot_use(desk: Desk) -> None:
    desk.monitor("once", "--force")
    environ = {"SMTP_PASSWORD": SECRETS["PASSWORD"]}
    loaded = lambda: replace(  # noqa: E731 - read again at each reload
        configuration.load(desk.folder / "config.yaml", environ), web_listen="127.0.0.1:0"
    )
    live = LiveConfig(loaded(), loaded)
    desk.write(more=f", proxi: 'http://desk:{SECRETS['PROXY']}@proxy.example'", password=SECRETS["PASSWORD"])
    live.notice()
    live.refresh()
    with Store.open(live.config.database) as store:
        watched = Watched(live, store, lambda: NOW + timedelta(hours=9))
        with watched.served() as server, httpx.Client(trust_env=False) as client:
            assert server is not None
            answers = [
                client.get(f"{server.url}{path}", headers=headers)
                for path in ("", "healthz", "metrics", "../config.yaml", "config.yaml", "daily/latest.html")
                for headers in ({}, {"Accept": "application/json"})
            ]

    assert any("config.yaml:" in answer.text for answer in answers)
    assert any("monitor_source_up" in answer.text for answer in answers)
    for answer in answers:
        assert found_in(answer.content + repr(answer.headers).encode()) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://gazette.example/feed?page=2", "https://gazette.example/feed?page=2"),
        ("https://desk:pw@gazette.example/feed", "https://gazette.example/feed"),
        ("https://gazette.example/feed?a=1&Api_Key=pw&b=2", "https://gazette.example/feed?a=1&b=2"),
        ("https://gazette.example/feed?access%5Ftoken=pw", "https://gazette.example/feed"),
        ("http://[desk:pw@gazette.example/feed", ""),
    ],
)
def test_an_address_is_stored_without_its_secrets_and_known_again(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
    assert (address_mark(url) == url) == (shown == url)
    assert (address_mark(url) == address_mark(url.replace("pw", "new"))) == ("pw" not in url)
    assert "pw" not in address_mark(url)


def test_the_new_address_of_a_source_is_remembered_without_its_key() -> None:
    fetched = Fetched("gazette", "https://x.example/", 200, b"", moved_to="https://x.example/f?p=1&key=pw")

    state = after_success(make_source(), FeedState("gazette"), fetched, NOW)

    assert state.moved_to == "https://x.example/f?p=1"
