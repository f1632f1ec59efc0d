"""`monitor mail`: tried with a real mail server on loopback, by the real program.

The senders are of domains that exist for nobody, of which the program asks no name server anything.
"""

from __future__ import annotations

import json
import re
import socket
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from .loopback import Loopback
from .mail_server import (
    CLOSED_AT_GREETING,
    DROP_AFTER_DOT,
    EVERYONE,
    REFUSE_RCPT,
    REFUSE_STARTTLS,
    Fault,
    MailServer,
)
from .program import DIGESTS, Ran, monitor, rss, write_config

NOW = "2026-01-29T08:30Z"
CANARY = "canary-s3cret"
SENDER = "UK-China Monitor <monitor@desk.example>"
ANN = "ann@desk.example"
TO_ANN = DIGESTS.replace("}", f", to: [Ann <{ANN}>]}}")


def configured(
    folder: Path, server: MailServer | None = None, site: Loopback | None = None, **mail: Any
) -> None:
    """A config in `folder` whose mail leaves by `server`."""
    sources = "{id: gazette, url: '{site}/gazette', kind: uk-media}" if site else ""
    path = write_config(folder, site, sources, digests=mail.pop("digests", TO_ANN))
    section: dict[str, Any] = {"from": SENDER, "host": "localhost"}
    if server:
        section |= {"port": server.port, "security": server.security}
        section |= {} if server.security == "none" else {"ca_file": server.ca_file(folder)}
    # What JSON is, YAML is too.
    path.write_text(path.read_text("utf-8") + f"mail: {json.dumps(section | mail)}\n", "utf-8")


def run(folder: Path, *args: str, password: str = CANARY) -> Ran:
    """`monitor mail …`. No run shows the password."""
    ran = monitor("mail", *args, "--now", NOW, cwd=folder, env={"PASSWORD": password})
    assert CANARY not in ran.out + ran.err
    return ran


def names(ran: Ran) -> list[tuple[str, bool]]:
    return [(step["name"], step["ok"]) for step in ran.json["steps"]]


def polled(folder: Path, loopback: Loopback, server: MailServer | None = None, **mail: Any) -> None:
    """A config with one source, which has been read."""
    loopback.serve("/gazette", rss(("Starmer meets Xi in Beijing", "The visit is the first since 2018.")))
    configured(folder, server, loopback, **mail)
    assert monitor("poll", "--now", NOW, cwd=folder).code == 0


# check


def test_check_tells_each_step_to_a_login_and_sends_nothing(tmp_path: Path) -> None:
    with MailServer(users={"desk": CANARY}, utf8=True) as server:
        configured(tmp_path, server, username="desk", password="${PASSWORD}", reply_to="desk@desk.example")
        ran = run(tmp_path, "check")

    assert (ran.code, ran.err) == (0, "")
    steps, dns, end = ran.out.split("\n\n")
    lines = steps.splitlines()
    assert [line[:4] for line in lines] == ["ok  "] * 6
    assert lines[0] == (
        f"ok    settings    localhost:{server.port}, security starttls, login as desk with a password; "
        f"from {SENDER}, answers to desk@desk.example"
    )
    assert re.fullmatch(r"ok    name        localhost is .*127\.0\.0\.1.*", lines[1])
    assert lines[2] == "ok    connection  it greets with “mail.test ready”"
    certificate = r"its certificate is for localhost; days left: [\d,]+"
    assert re.fullmatch(rf"ok    encryption  TLS 1\.[23] \(.+\); {certificate}", lines[3])
    assert lines[4] == (
        "ok    offer       takes mails of up to 10,000,000 bytes, also to addresses beyond ASCII; "
        "login by PLAIN, LOGIN, CRAM-MD5, XOAUTH2"
    )
    assert lines[5] == "ok    login       desk by PLAIN"
    assert "desk.example is a domain for examples and belongs to nobody" in dns
    assert end == "Nothing was sent. `monitor mail test ADDRESS` sends one short mail.\n"
    assert server.taken == []
    assert server.commands[-1] == "QUIT"
    assert not any(said.startswith("MAIL") for said in server.commands)


def test_check_as_json_is_steps_and_advice(tmp_path: Path) -> None:
    with MailServer("none") as server:
        configured(tmp_path, server)
        ran = run(tmp_path, "check", "--json")

    assert ran.code == 0
    assert ran.json.keys() == {"schema_version", "ok", "steps", "advice"}
    assert (ran.json["schema_version"], ran.json["ok"]) == (1, True)
    assert names(ran) == [
        (name, True) for name in ("settings", "name", "connection", "encryption", "offer", "login")
    ]
    assert ran.json["steps"][3]["text"] == "none, which only a server on this machine may have"
    assert ran.json["steps"][5]["text"] == "none asked for by mail.username"
    assert len(ran.json["advice"]) == 1


@pytest.mark.parametrize(
    ("fault", "fails", "says"),
    [
        (CLOSED_AT_GREETING, "connection", "at the greeting: it answered “554 5.3.2 No service here”"),
        (REFUSE_STARTTLS, "encryption", "at STARTTLS: it answered “454 4.7.0 TLS not available”"),
        (Fault("auth", "535 5.7.8 no"), "login", "the login as desk failed: “535 5.7.8 no” (the user name, "),
    ],
)
def test_check_ends_at_the_step_that_fails_with_what_to_do(
    fault: Fault, fails: str, says: str, tmp_path: Path
) -> None:
    with MailServer(users={"desk": CANARY}) as server:
        server.cue(EVERYONE, fault)
        configured(tmp_path, server, username="desk", password="${PASSWORD}")
        ran = run(tmp_path, "check", "--json")

    assert (ran.code, ran.json["ok"]) == (1, False)
    assert names(ran)[-1] == (fails, False)
    assert all(ok for _, ok in names(ran)[:-1])
    assert says in ran.json["steps"][-1]["text"]
    assert len(ran.json["advice"]) == 1


def test_a_server_that_refuses_ehlo_has_nothing_to_offer(tmp_path: Path) -> None:
    with MailServer("none") as server:
        server.cue(EVERYONE, Fault("ehlo", "550 5.7.1 Go away"))
        configured(tmp_path, server)
        ran = run(tmp_path, "check", "--json")

    assert ran.code == 1
    assert names(ran)[-1] == ("offer", False)
    assert "at EHLO: it answered “550 5.7.1 Go away”" in ran.json["steps"][-1]["text"]


def test_a_certificate_of_a_stranger_fails_the_check(tmp_path: Path) -> None:
    with MailServer(certificate="wrong host") as server:
        configured(tmp_path, server)
        ran = run(tmp_path, "check")

    assert ran.code == 1
    (failed,) = [line for line in ran.out.splitlines() if line.startswith("FAIL")]
    assert failed.startswith("FAIL  encryption  ")
    assert "its certificate is for another host: set mail.host" in failed


def test_a_wrong_password_fails_the_check_and_is_not_shown(tmp_path: Path) -> None:
    with MailServer(users={"desk": "another"}) as server:
        configured(tmp_path, server, username="desk", password="${PASSWORD}")
        ran = run(tmp_path, "check")

    assert ran.code == 1
    assert "FAIL  login       " in ran.out


def test_a_host_that_is_not_found_fails_at_its_name(tmp_path: Path) -> None:
    # An address on a network card that is not there: no name server is asked for it.
    configured(tmp_path, host="::1%nowhere", security="starttls")

    ran = run(tmp_path, "check", "--json")

    assert ran.code == 1
    assert names(ran) == [("settings", True), ("name", False)]
    assert ran.json["steps"][1]["text"] == (
        "::1%nowhere was not found: check mail.host and this machine's DNS"
    )


def test_a_port_where_nobody_listens_fails_at_the_connection(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        configured(tmp_path, host="127.0.0.1", port=closed.getsockname()[1], security="none")
        ran = run(tmp_path, "check", "--json")

    assert ran.code == 1
    assert names(ran) == [("settings", True), ("name", True), ("connection", False)]
    assert "connection refused; check mail.host and mail.port" in ran.json["steps"][-1]["text"]


@pytest.mark.parametrize(("takes_them", "code"), [(True, 0), (False, 1)])
def test_check_says_whether_the_server_takes_recipients_beyond_ascii(
    takes_them: bool, code: int, tmp_path: Path
) -> None:
    digests = DIGESTS.replace("}", f", to: [{ANN}, jörg@desk.example]}}")
    with MailServer("none", utf8=takes_them) as server:
        configured(tmp_path, server, digests=digests)
        ran = run(tmp_path, "check", "--json")

    assert ran.code == code
    assert names(ran)[-1] == ("addresses", takes_them)
    assert "jörg@desk.example" in ran.json["steps"][-1]["text"]
    assert ANN not in ran.json["steps"][-1]["text"]


def test_a_token_comes_from_the_command_and_is_not_shown(tmp_path: Path) -> None:
    with MailServer(tokens={"desk": CANARY}) as server:
        configured(tmp_path, server, username="desk", auth_command=["echo", "${PASSWORD}"])
        ran = run(tmp_path, "check")

    assert ran.code == 0
    assert "login as desk with a token of mail.auth_command;" in ran.out
    assert "ok    login       desk by XOAUTH2" in ran.out


@pytest.mark.parametrize("command", [["check"], ["preview"], ["test", ANN]])
def test_without_a_mail_section_there_is_nothing_to_try(command: list[str], tmp_path: Path) -> None:
    write_config(tmp_path)

    ran = run(tmp_path, *command)

    assert (ran.code, ran.out) == (2, "")
    assert "does not say how mail leaves: add `mail:` with at least `from` and `host`" in ran.err


def test_mail_alone_says_what_it_can_do(tmp_path: Path) -> None:
    ran = run(tmp_path)

    assert ran.code == 2
    assert "required: ACTION" in ran.err


# test


def test_a_test_mail_is_one_short_mail_outside_the_ledger(tmp_path: Path) -> None:
    with MailServer(users={"desk": CANARY}) as server:
        configured(tmp_path, server, username="desk", password="${PASSWORD}")
        ran = run(tmp_path, "test", f"Ann <{ANN}>")

    assert (ran.code, ran.err) == (0, "")
    ((recipient, content),) = server.taken
    arrived = message_from_bytes(content, policy=default)
    assert recipient == ANN
    assert server.envelopes[0].sender == "monitor@desk.example"
    assert (arrived["To"], arrived["From"]) == (f"Ann <{ANN}>", SENDER)
    assert arrived["Subject"] == "Test of the UK-China monitor"
    assert arrived["Date"].datetime.isoformat() == "2026-01-29T08:30:00+00:00"
    assert "at 2026-01-29T08:30:00Z, by way of localhost." in arrived.get_content()
    assert f"Sent: the mail server localhost has taken a mail for Ann <{ANN}>." in ran.out
    assert f"Message-ID {arrived['Message-ID']}\n" in ran.out
    assert not (tmp_path / "data").exists()


def test_a_test_mail_that_is_refused_says_what_the_server_said(tmp_path: Path) -> None:
    with MailServer("none") as server:
        server.cue(ANN, REFUSE_RCPT)
        configured(tmp_path, server)
        ran = run(tmp_path, "test", ANN)

    assert ran.code == 1
    assert ran.out.startswith("Not sent: mail server localhost:")
    assert "at RCPT TO: it answered “550 5.1.1 No such user”" in ran.out


def test_a_test_mail_of_which_nobody_knows_is_called_so(tmp_path: Path) -> None:
    with MailServer("none") as server:
        server.cue(ANN, DROP_AFTER_DOT)
        configured(tmp_path, server)
        ran = run(tmp_path, "test", ANN)

    assert ran.code == 1
    assert ran.out.startswith("Nobody knows whether it was sent: mail server localhost:")


def test_a_test_mail_by_a_server_that_is_not_there_is_not_sent(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        configured(tmp_path, host="127.0.0.1", port=closed.getsockname()[1], security="none")
        ran = run(tmp_path, "test", ANN)

    assert ran.code == 1
    assert ran.out.startswith("Not sent: mail server 127.0.0.1:")


@pytest.mark.parametrize("to", ["ann", "ann@", "ann@-desk.example", "a@desk.example\nBcc: b@desk.example"])
def test_a_test_mail_to_no_address_is_not_tried(to: str, tmp_path: Path) -> None:
    with MailServer("none") as server:
        configured(tmp_path, server)
        ran = run(tmp_path, "test", to)

    assert (ran.code, ran.out) == (2, "")
    assert re.match(r"monitor: '.*' is not a (mail address|domain)", ran.err)
    assert server.connections == 0


# preview


def test_a_preview_is_the_mail_of_now_to_the_first_recipient_and_records_nothing(tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback)

    ran = run(tmp_path, "preview")

    path = tmp_path / "data" / "site" / "daily" / "preview" / "mail.eml"
    previewed = message_from_bytes(path.read_bytes(), policy=default)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Mail of daily to Ann <{ANN}>, ")
    assert f"  {path}\nNothing was recorded or sent.\n" in ran.out
    assert (previewed["To"], previewed["From"]) == (f"Ann <{ANN}>", SENDER)
    assert "Starmer meets Xi in Beijing" in previewed["Subject"]
    assert [part.get_content_type() for part in previewed.iter_parts()] == ["text/plain", "text/html"]
    assert monitor("show", "1", "--json", "--now", NOW, cwd=tmp_path).json["editions"] == []


def test_a_preview_on_stdout_is_the_mails_bytes_alone(tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback)

    shown = run(tmp_path, "preview", "daily", "--output", "-")
    written = run(tmp_path, "preview", "--output", "mail.eml")

    assert (shown.code, shown.err, written.code) == (0, "", 0)
    assert (tmp_path / "mail.eml").read_bytes() == shown.out.encode()
    assert shown.out.count("\r\n") == shown.out.count("\n") > 10


def test_a_file_that_is_there_is_overwritten_only_on_demand(tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback)
    mine = tmp_path / "mail.eml"
    mine.write_text("mine", encoding="utf-8")

    refused = run(tmp_path, "preview", "-o", "mail.eml")

    assert (refused.code, refused.err) == (2, "monitor: mail.eml is there already; --force overwrites it\n")
    assert mine.read_text("utf-8") == "mine"
    assert run(tmp_path, "preview", "-o", "mail.eml", "--force").code == 0
    assert mine.read_bytes().startswith(b"Message-ID: <daily.2026-01-29.r1.")


def test_a_digest_without_recipients_is_previewed_to_a_stand_in(tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback, digests=DIGESTS)

    ran = run(tmp_path, "preview", "--output", "-")

    assert ran.code == 0
    assert message_from_bytes(ran.out.encode(), policy=default)["To"] == "reader@example.org"


@pytest.mark.parametrize("named", ["1", "daily/2026-01-29"])
def test_a_kept_edition_is_previewed_as_it_was_sent(named: str, tmp_path: Path) -> None:
    with Loopback() as loopback, MailServer("none") as server:
        polled(tmp_path, loopback, server)
        assert monitor("digest", "--now", NOW, cwd=tmp_path).code == 0
        ran = run(tmp_path, "preview", "--edition", named)

    ((_, sent),) = server.taken
    path = tmp_path / "data" / "site" / "daily" / "preview" / "mail.eml"
    assert ran.code == 0
    assert "the bytes that are kept of edition 1." in ran.out
    assert path.read_bytes() == sent


def test_a_kept_edition_that_went_to_nobody_is_made_anew_with_its_own_date(tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback, digests=DIGESTS)
        assert monitor("digest", "--now", "2026-01-29T10:00Z", cwd=tmp_path).code == 0

    ran = run(tmp_path, "preview", "--edition", "1", "--output", "mail.eml")

    previewed = message_from_bytes((tmp_path / "mail.eml").read_bytes(), policy=default)
    assert "made anew: edition 1 had no mail to send" in ran.out
    assert previewed["Date"].datetime.isoformat() == "2026-01-29T10:00:00+00:00"
    assert previewed["To"] == "reader@example.org"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["weekly"], "there is no digest 'weekly'"),
        (["--edition", "7"], "there is no edition '7'; write its id or its folder"),
        (["--edition", "x"], "there is no edition 'x'"),
        (["--edition", "daily/2026-01-01"], "there is no edition 'daily/2026-01-01'"),
        (["daily", "--edition", "7"], "give one of the two"),
        (["--force"], "--force goes with --output FILE"),
        (["--output", "-", "--force"], "--force goes with --output FILE"),
        (["--output", "."], "is no file that could be written anew"),
    ],
)
def test_what_cannot_be_previewed_is_refused(args: list[str], says: str, tmp_path: Path) -> None:
    with Loopback() as loopback:
        polled(tmp_path, loopback)

    ran = run(tmp_path, "preview", *args)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
