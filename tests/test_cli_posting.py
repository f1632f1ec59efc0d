"""What went out and to whom, with the real program and a real mail server."""

from __future__ import annotations

import email
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from email import policy
from pathlib import Path

import pytest

from . import mail_server as at
from .loopback import Loopback
from .mail_server import MailServer
from .program import monitor, rss, started, write_config

THURSDAY, FRIDAY = "2026-01-29T08:30:00Z", "2026-01-30T08:30:00Z"
MEETING = ("Starmer meets Xi Jinping in Beijing", "The visit is the first by a British leader in years.")
STEEL = ("Tariffs on Chinese steel", "The UK keeps its trade remedy on plate from China.")
PASSWORD = "canary-in-the-mine"
TO = "ann@desk.example, Bert <bert@desk.example>"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(MEETING))
        yield running


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(users={"desk": PASSWORD}) as running:
        yield running


def configure(folder: Path, site: Loopback, server: MailServer, *, digests: str = "", more: str = "") -> None:
    """A config of one source, a daily to ann and bert unless others are given, and mail over the server."""
    daily = f"""
  daily: {{title: UK-China daily, schedule: "30 8 * * mon-fri", to: [{TO}]}}
"""
    path = write_config(
        folder,
        site,
        "{id: gazette, url: '{site}/feed', kind: uk-media}",
        digests="digests:" + (digests or daily),
    )
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f"mail: {{from: UK-China Monitor <monitor@desk.example>, reply_to: desk@desk.example, "
            f"host: localhost, port: {server.port}, ca_file: {server.ca_file(folder)}, "
            f'username: desk, password: "${{SMTP_PASSWORD:-}}"}}\n{more}'
        )


def run(folder: Path, *args: str, now: str = THURSDAY, password: str = PASSWORD) -> tuple[int, str, str]:
    done = monitor("--now", now, *args, cwd=folder, env={"SMTP_PASSWORD": password})
    assert PASSWORD not in done.out + done.err
    return done.code, done.out, done.err


def test_a_digest_is_made_and_mailed_at_once(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")

    code, out, err = run(tmp_path, "digest", "--json")
    again = run(tmp_path, "digest")

    assert (code, err) == (0, "")
    assert json.loads(out)["deliveries"] == [
        {"recipient": "ann@desk.example", "status": "sent"},
        {"recipient": "Bert <bert@desk.example>", "status": "sent"},
    ]
    assert server.recipients() == ["ann@desk.example", "bert@desk.example"]
    assert [one.encrypted for one in server.envelopes] == [True, True]
    assert (again[0], len(server.taken)) == (0, 2)
    mail = email.message_from_bytes(server.taken[0][1], policy=policy.default)
    assert mail["Subject"] == json_subject(tmp_path)
    assert mail["List-Unsubscribe"] == "<mailto:desk@desk.example?subject=unsubscribe>"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Starmer meets Xi Jinping in Beijing" in text
    assert "Starmer meets Xi Jinping in Beijing" in html


def json_subject(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "data" / "monitor.db")) as db:
        return str(db.execute("SELECT subject FROM editions ORDER BY id DESC").fetchone()[0])


def test_while_the_mail_server_is_down_nothing_is_lost(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    server.cue(at.EVERYONE, at.CLOSED_AT_GREETING)
    run(tmp_path, "poll")

    code, out, err = run(tmp_path, "digest")
    table = run(tmp_path, "deliveries")
    server.behave()
    sent = run(tmp_path, "send")
    nothing = run(tmp_path, "send")
    ledger = run(tmp_path, "deliveries", "--json")

    assert code == 1
    assert "2 mails: 2 waiting" in out
    assert "554 5.3.2 No service here" in err
    assert table[0] == 0
    assert re.search(r"daily/2026-01-29 +ann@desk\.example +pending +1 ", table[1])
    assert "next try 29 Jan, 08:31" in table[1]
    assert sent == (0, "2 sent.\n", "")
    assert nothing == (0, "Nothing is waiting to be sent.\n", "")
    assert server.recipients() == ["ann@desk.example", "bert@desk.example"]
    first = json.loads(ledger[1])["deliveries"][-1]
    assert {
        key: first[key] for key in ("digest", "edition", "recipient", "status", "attempts", "reason")
    } == {
        "digest": "daily",
        "edition": "2026-01-29",
        "recipient": "ann@desk.example",
        "status": "sent",
        "attempts": 2,
        "reason": None,
    }


def test_who_was_refused_is_named_and_the_next_edition_tells_it_without_a_name(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    server.cue("bert@desk.example", at.REFUSE_RCPT)
    run(tmp_path, "poll")
    code, _, err = run(tmp_path, "digest")
    ledger = run(tmp_path, "deliveries", "daily", "--status", "refused")
    server.behave()
    site.serve("/feed", rss(MEETING, STEEL))
    run(tmp_path, "poll", "--all", now=FRIDAY)
    run(tmp_path, "digest", now=FRIDAY)

    assert (code, "550 5.1.1 No such user" in err) == (1, True)
    assert ledger[0] == 1
    assert "Bert <bert@desk.example>" in ledger[1]
    assert "ann@desk.example" not in ledger[1]
    assert server.recipients().count("ann@desk.example") == 2
    folder = tmp_path / "data" / "site" / "daily" / "2026-01-30"
    text = " ".join((folder / "digest.txt").read_text("utf-8").split())
    assert "Not delivered: UK-China daily, 29 Jan. 1 of 2 refused for good." in text
    assert "bert" not in text + (folder / "index.html").read_text("utf-8")


def test_a_wrong_password_costs_no_mail(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")

    code, out, err = run(tmp_path, "digest", password="a-wrong-one")
    mended = run(tmp_path, "send")

    assert (code, "2 waiting" in out) == (1, True)
    assert "535" in err
    assert "a-wrong-one" not in out + err
    assert mended[1] == "2 sent.\n"


def test_an_edition_is_sent_again_on_purpose_only_as_a_mail_of_its_own(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")
    run(tmp_path, "digest")

    again = run(tmp_path, "digest", "--resend", "daily/2026-01-29", "--to", "ann@desk.example", now=FRIDAY)
    other = run(tmp_path, "digest", "--resend", "1", "--to", "New <new@desk.example>", "--json", now=FRIDAY)
    ledger = run(tmp_path, "deliveries")

    assert (again[0], "1 mail: 1 sent" in again[1]) == (0, True)
    assert json.loads(other[1])["deliveries"] == [{"recipient": "New <new@desk.example>", "status": "sent"}]
    assert server.recipients() == [
        "ann@desk.example",
        "bert@desk.example",
        "ann@desk.example",
        "new@desk.example",
    ]
    mails = [email.message_from_bytes(mail, policy=policy.default) for _, mail in server.taken]
    assert len({mail["Message-ID"] for mail in mails}) == 4
    assert {mail["Subject"] for mail in mails} == {mails[0]["Subject"]}
    # All but the recipient's own lines is as it was.
    assert len({mail.partition(b"From: ")[2] for _, mail in server.taken}) == 1
    assert "daily/2026-01-29 (again, 2)" in ledger[1]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--resend", "1"], "add --to ADDRESS"),
        (["--resend", "7", "--to", "a@b.example"], "there is no edition '7'"),
        (["--resend", "daily/2026-01-01", "--to", "a@b.example"], "there is no edition"),
        (["--resend", "1", "--to", "nobody"], "nobody"),
        (["--to", "a@b.example"], "--to goes with --resend"),
        (["--resend", "1", "--to", "a@b.example", "--no-send"], "--no-send does not go with --resend"),
        (["daily", "--resend", "1", "--to", "a@b.example"], "NAME does not go with --resend"),
    ],
)
def test_what_cannot_be_sent_again_is_told(
    tmp_path: Path, site: Loopback, server: MailServer, args: list[str], says: str
) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")
    run(tmp_path, "digest")

    code, out, err = run(tmp_path, "digest", *args)

    assert (code, out) == (2, "")
    assert says in err
    assert len(server.taken) == 2


def test_to_send_again_twice_are_two_mails(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")
    run(tmp_path, "digest")

    for _ in range(2):
        run(tmp_path, "digest", "--resend", "1", "--to", "new@desk.example")

    ids = [email.message_from_bytes(mail)["Message-ID"] for _, mail in server.taken]
    assert len(set(ids)) == 4
    assert [id_.split(".")[2] for id_ in ids] == ["r1", "r1", "r2", "r3"]


def test_mails_leave_also_where_the_page_cannot_be_written(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")
    (tmp_path / "data" / "site").write_text("in the way", "utf-8")

    code, _, err = run(tmp_path, "digest")

    assert code == 1
    assert "Cannot write" in err
    assert server.recipients() == ["ann@desk.example", "bert@desk.example"]


def test_older_mails_that_still_fail_are_told_by_every_run(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    server.cue(at.EVERYONE, at.CLOSED_AT_GREETING)
    run(tmp_path, "once")

    code, _, err = run(tmp_path, "once", now="2026-01-29T10:30:00Z")
    server.behave()
    mended = run(tmp_path, "once", now="2026-01-29T12:30:00Z")

    assert (code, "daily/2026-01-29: waiting" in err) == (1, True)
    assert mended[0] == 0
    assert "daily/2026-01-29: sent" in mended[1]


def test_what_was_lost_is_told_once_though_an_edition_between_was_silent(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    digests = """
  daily: {title: D, schedule: "30 8 * * *", when_empty: skip, to: [ann@desk.example, bert@desk.example]}
"""
    configure(tmp_path, site, server, digests=digests)
    server.cue("bert@desk.example", at.REFUSE_RCPT, times=1)
    run(tmp_path, "once")
    run(tmp_path, "once", now=FRIDAY)
    site.serve("/feed", rss(MEETING, STEEL))
    told = run(tmp_path, "poll", "--all", now="2026-01-31T08:00:00Z")
    run(tmp_path, "once", now="2026-01-31T08:31:00Z")
    site.serve("/feed", rss(MEETING, STEEL, ("UK-China trade talks", "They go on.")))
    run(tmp_path, "poll", "--all", now="2026-02-01T08:00:00Z")
    run(tmp_path, "once", now="2026-02-01T08:31:00Z")

    assert told[0] == 0
    texts = {
        path.parent.name: path.read_text("utf-8")
        for path in (tmp_path / "data" / "site" / "daily").glob("2026-*/digest.txt")
    }
    assert [name for name, text in sorted(texts.items()) if "Not delivered" in text] == ["2026-01-31"]


def test_what_was_sent_again_is_lost_no_more(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server)
    server.cue("bert@desk.example", at.REFUSE_RCPT, times=1)
    run(tmp_path, "poll")
    run(tmp_path, "digest")
    lost = run(tmp_path, "deliveries", "--limit", "1")
    run(tmp_path, "digest", "--resend", "1", "--to", "Bert <bert@desk.example>")
    site.serve("/feed", rss(MEETING, STEEL))
    run(tmp_path, "poll", "--all", now=FRIDAY)
    run(tmp_path, "digest", now=FRIDAY)

    assert lost[0] == 1
    assert "The latest 1; --limit N shows more.\nIn all: 1 refused, 1 sent." in lost[1]
    assert run(tmp_path, "deliveries")[0] == 0
    text = (tmp_path / "data" / "site" / "daily" / "2026-01-30" / "digest.txt").read_text("utf-8")
    assert "Not delivered" not in text


def test_a_server_that_will_not_relay_for_us_can_be_told_to(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    server.cue("bert@desk.example", at.Fault("rcpt", "554 5.7.1 Relay access denied"))
    run(tmp_path, "poll")
    code, _, err = run(tmp_path, "digest")
    server.behave()
    mended = run(tmp_path, "send")

    assert (code, "set mail.username" in err) == (1, True)
    assert mended[1] == "1 sent.\n"


def test_an_odd_public_url_costs_no_edition(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server, more="public_url: https://monitor..example.org\n")
    run(tmp_path, "poll")

    assert run(tmp_path, "digest")[0] == 0
    assert b"@desk.example>" in server.taken[0][1].partition(b"\r\n")[0]


def test_no_send_queues_nothing(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")

    code, _, _ = run(tmp_path, "digest", "--no-send")
    ledger = run(tmp_path, "deliveries")

    assert (code, server.connections) == (0, 0)
    assert ledger == (0, "Nothing was ever queued to be sent.\n", "")


def test_an_alert_comes_at_once_rests_and_its_item_is_in_the_daily_too(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    digests = """
  daily: {title: UK-China daily, schedule: "30 8 * * mon-fri", to: [ann@desk.example]}
  alerts:
    {title: Alert, schedule: immediately, topics: [trade], at_most_every: 30m, to: [bert@desk.example]}
"""
    configure(tmp_path, site, server, digests=digests)
    tea, talks = ("British tariff on China's tea", "A trade matter."), ("UK-China trade", "Talks go on.")

    def after(now: str, *items: tuple[str, str]) -> list[str]:
        site.serve("/feed", rss(*items))
        run(tmp_path, "poll", "--all", now=now)
        run(tmp_path, "once", now=now)
        return server.recipients()

    before = after("2026-01-28T08:31:00Z", MEETING)
    alerted = after("2026-01-29T06:00:00Z", MEETING, STEEL)
    resting = after("2026-01-29T06:20:00Z", MEETING, STEEL, tea)
    rested = after("2026-01-29T06:30:00Z", MEETING, STEEL, tea, talks)
    in_the_end = after(THURSDAY, MEETING, STEEL, tea, talks)

    assert before == ["ann@desk.example"]
    assert alerted == [*before, "bert@desk.example"]
    assert resting == alerted
    assert rested == [*alerted, "bert@desk.example"]
    assert in_the_end == [*rested, "ann@desk.example"]
    alert, daily = (mail.decode() for _, mail in server.taken[-2:])
    assert ("Tariffs on Chinese steel" in alert, "UK-China trade" in alert) == (False, True)
    assert ("Tariffs on Chinese steel" in daily, "UK-China trade" in daily) == (True, True)


def test_the_dead_mans_switch_hears_how_it_went(tmp_path: Path, site: Loopback, server: MailServer) -> None:
    site.serve("/ping/secret", b"OK")
    site.serve("/ping/secret/start", b"OK")
    site.serve("/ping/secret/fail", b"OK")
    configure(tmp_path, site, server, more=f"ping_url: {site.url('/ping/secret')}\n")
    run(tmp_path, "once")
    server.cue(at.EVERYONE, at.CLOSED_AT_GREETING)
    site.serve("/feed", rss(MEETING, STEEL))
    run(tmp_path, "once", now=FRIDAY)

    assert [request.path for request in site.requests if "ping" in request.path] == [
        "/ping/secret/start",
        "/ping/secret",
        "/ping/secret/start",
        "/ping/secret/fail",
    ]


def test_a_config_without_mail_makes_the_edition_and_says_that_nobody_gets_it(
    tmp_path: Path, site: Loopback
) -> None:
    write_config(
        tmp_path,
        site,
        "{id: gazette, url: '{site}/feed', kind: uk-media}",
        digests='digests:\n  daily: {title: D, schedule: "30 8 * * *", to: [a@b.example]}\n',
    )
    monitor("--now", THURSDAY, "poll", cwd=tmp_path)

    made = monitor("--now", THURSDAY, "digest", "--json", cwd=tmp_path)

    assert (made.code, made.json["deliveries"]) == (0, [])
    assert "does not say how mail leaves" in made.err


def test_a_service_told_to_stop_while_a_mail_server_is_silent_ends_soon(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    server.cue("ann@desk.example", at.HANG_AFTER_DOT)
    service = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--now", THURSDAY, "run"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SMTP_PASSWORD": PASSWORD},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.met.wait(60)
        service.send_signal(signal.SIGTERM)
        _, log = service.communicate(timeout=10)
    finally:
        service.kill()
    again = run(tmp_path, "send", now="2026-01-29T08:59:00Z")
    server.behave()
    later = run(tmp_path, "send", now="2026-01-29T09:01:00Z")

    assert service.returncode == 0
    assert "desk.example" not in log
    assert "1 sent" in again[1]  # bert, who had not been begun
    assert later[1] == "1 sent.\n"
    assert sorted(server.recipients()) == ["ann@desk.example", "ann@desk.example", "bert@desk.example"]
    assert len({mail for _, mail in server.taken}) == 2


def test_a_late_start_sends_from_a_fresh_process_what_a_dead_one_had_queued(
    tmp_path: Path, site: Loopback, server: MailServer
) -> None:
    configure(tmp_path, site, server)
    run(tmp_path, "poll")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        text = (tmp_path / "config.yaml").read_text("utf-8")
        elsewhere = text.replace(f"port: {server.port}", f"port: {closed.getsockname()[1]}")
        (tmp_path / "config.yaml").write_text(elsewhere, "utf-8")
        run(tmp_path, "digest")
    (tmp_path / "config.yaml").write_text(text, "utf-8")
    environ = {"SMTP_PASSWORD": PASSWORD}
    done = started("--now", "2026-01-31T08:30:00Z", "once", cwd=tmp_path, env=environ)

    assert done.code == 0
    assert server.recipients()[:2] == ["ann@desk.example", "bert@desk.example"]
    assert b"Date: Thu, 29 Jan 2026 08:30:00 +0000" in server.taken[0][1]
