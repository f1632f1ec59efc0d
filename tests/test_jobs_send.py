"""Mails over a real mail server that misbehaves: what the ledger says of each, and what arrived."""

from __future__ import annotations

import logging
import multiprocessing
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import config as configuration
from monitor.config import Config
from monitor.deliver.smtp import Timeouts
from monitor.jobs.publish import address
from monitor.jobs.send import send
from monitor.models import Delivery, Outgoing
from monitor.render import letter
from monitor.store import Store

from . import mail_server as at
from .conftest import NOW
from .mail_server import EVERYONE, Fault, MailServer
from .program import write_config
from .storing import MESSAGE, make_edition, open_store

A, B, C = "ann@example.org", "Bert <bert@example.org>", "cleo@example.org"
SHORT = Timeouts(connect=5, command=0.5, data=0.5, final=0.5, quit=0.2)


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)


def made(folder: Path, server: MailServer | None) -> Config:
    """A config by which mail leaves over this server."""
    path = write_config(folder)
    if server:
        spec = server.spec(folder)
        section = (
            f"mail: {{from: {spec.sender}, host: localhost, port: {server.port}, "
            f"security: {spec.security}, ca_file: {spec.ca_file or 'null'}}}\n"
        )
        path.write_text(path.read_text("utf-8") + section, "utf-8")
    return configuration.load(path, {})


@contextmanager
def queued(folder: Path, config: Config, *recipients: str) -> Iterator[Store]:
    """A store with an edition whose mails wait."""
    with open_store(folder) as store:
        edition = make_edition()
        assert config.mail
        mail = letter.letter(MESSAGE, edition, config.mail, site=None, now=NOW)
        to = address(config, mail, edition, recipients)
        store.publish(
            edition,
            MESSAGE,
            (),
            now=NOW,
            rules_version="r",
            looked_at=0,
            outgoing=Outgoing(mail, to),
        )
        yield store


def ledger(store: Store) -> dict[str, Delivery]:
    return {one.recipient: one for one in store.outbox.of_edition(1)}


def rounds(config: Config, store: Store, *, until: timedelta = timedelta(days=4)) -> None:
    """Sends as the service would, each time that something is due, for some days."""
    now = NOW
    while now <= NOW + until:
        send(config, store, now, timeouts=SHORT)
        times = [one.next_try for one in store.outbox.of_edition(1) if one.next_try]
        if not times:
            return
        now = max(min(times), now + timedelta(seconds=1))


def test_each_recipient_gets_one_mail_of_their_own(tmp_path: Path) -> None:
    with MailServer() as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A, B, C) as store:
            sending = send(config, store, NOW, timeouts=SHORT)
            again = send(config, store, later(days=1), timeouts=SHORT)

    assert [one.delivery.status for one in sending.posted] == ["sent"] * 3
    assert again.posted == ()
    assert server.recipients() == ["ann@example.org", "bert@example.org", "cleo@example.org"]
    for recipient, mail in server.taken:
        assert mail.count(b"\r\nTo: ") + mail.startswith(b"To: ") == 1
        assert recipient.encode() in mail.partition(b"\r\n\r\n")[0]
        assert not [other for other in server.recipients() if other != recipient and other.encode() in mail]
    assert server.connections == 1


# fault of B → what the ledger says in the end, how many copies B has got, tries
FATES: list[tuple[str, Fault, int | None, str, int, int]] = [
    ("refused by the address", at.REFUSE_RCPT, None, "refused", 0, 1),
    ("refused before the mail", at.REFUSE_DATA, None, "refused", 0, 1),
    ("refused after the mail", at.REFUSE_DOT, None, "refused", 0, 1),
    ("greylisted once", at.DEFER_RCPT, 1, "sent", 1, 2),
    ("deferred before the mail", at.DEFER_DATA, 2, "sent", 1, 3),
    ("deferred after the mail", at.DEFER_DOT, 1, "sent", 1, 2),
    ("deferred for ever", at.DEFER_RCPT, None, "expired", 0, 23),
    ("dropped before the mail", at.DROP_BEFORE_DATA, 1, "sent", 1, 2),
    ("dropped in the mail", at.DROP_IN_BODY, 1, "sent", 1, 2),
    ("hangs before the mail", at.HANG_AT_DATA, 1, "sent", 1, 2),
    ("closes", at.CLOSING_AT_RCPT, 1, "sent", 1, 2),
    ("taken, and no answer", at.DROP_AFTER_DOT, 1, "sent", 2, 2),
    ("taken, and silence", at.HANG_AFTER_DOT, 1, "sent", 2, 2),
    ("not taken, and no answer", at.DROP_AFTER_DOT_UNTAKEN, 1, "sent", 1, 2),
    ("taken twice without an answer", at.DROP_AFTER_DOT, None, "unknown", 2, 2),
]


@pytest.mark.parametrize(
    ("fault", "times", "status", "copies", "tries"),
    [fate[1:] for fate in FATES],
    ids=[fate[0] for fate in FATES],
)
def test_what_the_ledger_says_is_what_became_of_it(
    tmp_path: Path, fault: Fault, times: int | None, status: str, copies: int, tries: int
) -> None:
    with MailServer() as server:
        server.cue("bert@example.org", fault, times=times)
        config = made(tmp_path, server)
        with queued(tmp_path, config, A, B, C) as store:
            rounds(config, store)
            said = ledger(store)

    arrived = Counter(server.recipients())
    assert (said[B].status, arrived["bert@example.org"], said[B].attempts) == (status, copies, tries)
    assert said[B].next_try is None
    assert bool(said[B].reason) == (status != "sent")
    # Whatever befalls one, the others have theirs, once.
    assert (said[A].status, said[C].status) == ("sent", "sent")
    assert (arrived["ann@example.org"], arrived["cleo@example.org"]) == (1, 1)
    # A second copy is the first one to the byte, with its Message-ID: mail programs show one.
    assert len({mail for to, mail in server.taken if to == "bert@example.org"}) == min(copies, 1)


@pytest.mark.parametrize(
    "fault",
    [at.BUSY_AT_GREETING, at.CLOSED_AT_GREETING, at.GARBAGE_AT_GREETING, at.REFUSE_STARTTLS, at.DEFER_MAIL],
    ids=["busy", "closed", "garbage", "no encryption", "out of order"],
)
def test_a_server_in_trouble_costs_time_and_no_mail(tmp_path: Path, fault: Fault) -> None:
    with MailServer() as server:
        server.cue(EVERYONE, fault)
        config = made(tmp_path, server)
        with queued(tmp_path, config, A, B, C) as store:
            send(config, store, NOW, timeouts=SHORT)
            waiting = ledger(store)
            server.behave()
            assert send(config, store, later(seconds=59), timeouts=SHORT).posted == ()
            send(config, store, later(minutes=1), timeouts=SHORT)
            said = ledger(store)

    assert {one.status for one in waiting.values()} == {"pending"}
    assert {one.attempts for one in waiting.values()} == {1}
    assert all(one.reason for one in waiting.values())
    assert {one.status for one in said.values()} == {"sent"}
    assert Counter(server.recipients()) == {
        "ann@example.org": 1,
        "bert@example.org": 1,
        "cleo@example.org": 1,
    }


@pytest.mark.parametrize("certificate", ["self-signed", "wrong host", "expired"])
@pytest.mark.parametrize("security", ["starttls", "implicit"])
def test_nothing_is_sent_to_a_server_that_cannot_prove_itself(
    tmp_path: Path, certificate: at.Certificate, security: at.Security
) -> None:
    with MailServer(security, certificate) as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A) as store:
            send(config, store, NOW, timeouts=SHORT)
            said = ledger(store)[A]

    assert (said.status, server.taken) == ("pending", [])
    assert "certificate" in said.reason
    assert not [command for command in server.commands if command.startswith("MAIL")]


def test_a_server_without_encryption_gets_nothing(tmp_path: Path) -> None:
    with MailServer(starttls=False) as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A) as store:
            send(config, store, NOW, timeouts=SHORT)
            said = ledger(store)[A]

    assert (said.status, server.taken) == ("pending", [])
    assert "STARTTLS" in said.reason


def test_a_server_that_is_down_for_three_days_is_given_up_and_the_next_edition_knows(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with MailServer() as server:
            config = made(tmp_path, server)
        assert config.mail
        config = replace(config, mail=replace(config.mail, port=nobody.getsockname()[1]))
        with queued(tmp_path, config, A, C) as store:
            rounds(config, store)
            said = ledger(store)
            (edition,) = store.outbox.undelivered("daily", later(days=3))

    assert {one.status for one in said.values()} == {"expired"}
    assert (edition.sent_to, edition.expired, edition.refused) == (2, 2, 0)
    assert edition.ids == (1, 2)


def test_without_a_mail_section_what_is_queued_waits_and_says_why(tmp_path: Path) -> None:
    with MailServer() as server:
        config = made(tmp_path, server)
    with queued(tmp_path, config, A) as store:
        send(replace(config, mail=None), store, NOW)
        said = ledger(store)[A]

    assert said.status == "pending"
    assert "mail:" in said.reason


def test_a_later_edit_of_sender_and_recipients_changes_no_byte_of_what_is_queued(tmp_path: Path) -> None:
    with MailServer() as server:
        config = made(tmp_path, server)
        assert config.mail
        with queued(tmp_path, config, A) as store:
            edited = replace(
                config,
                mail=replace(
                    config.mail, sender="Somebody else <other@example.org>", reply_to="x@example.org"
                ),
                digests=(replace(config.digests[0], to=("new@example.org",), title="Another title"),),
            )
            send(edited, store, NOW, timeouts=SHORT)

    ((recipient, mail),) = server.taken
    assert recipient == "ann@example.org"
    assert b"other@example.org" not in mail
    assert server.envelopes[0].sender == "monitor@example.org"


def test_what_a_dead_process_was_handing_over_is_in_doubt_and_tried_once_more(tmp_path: Path) -> None:
    with MailServer() as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A) as store:
            store.outbox.begin(1, NOW)
            first = send(config, store, later(minutes=1), timeouts=SHORT)
            waiting = send(config, store, later(minutes=30), timeouts=SHORT)
            second = send(config, store, later(minutes=31), timeouts=SHORT)

    assert [one.delivery.status for one in first.posted] == ["unknown"]
    assert waiting.posted == ()
    assert [one.delivery.status for one in second.posted] == ["sent"]
    assert server.recipients() == ["ann@example.org"]


def _hold(path: Path, ready: object, done: object) -> None:
    with Store.open(path) as store, store.outbox.held() as is_ours:
        assert is_ours
        ready.set()  # type: ignore[attr-defined]  # multiprocessing's Event is a function to mypy
        done.wait(30)  # type: ignore[attr-defined]  # the same


def test_two_processes_do_not_send_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, done = context.Event(), context.Event()
    with MailServer("none") as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A):
            pass
    other = context.Process(target=_hold, args=(tmp_path / "monitor.db", ready, done))
    other.start()
    assert ready.wait(30)
    with MailServer("none") as server, Store.open(tmp_path / "monitor.db") as store:
        config = replace(config, mail=server.spec(tmp_path))
        busy = send(config, store, NOW, timeouts=SHORT)
        done.set()
        other.join(30)
        free = send(config, store, NOW, timeouts=SHORT)

    assert (busy.is_busy, busy.posted) == (True, ())
    assert [one.delivery.status for one in free.posted] == ["sent"]
    assert other.exitcode == 0


def test_when_told_to_stop_it_leaves_what_it_has_not_begun(tmp_path: Path) -> None:
    with MailServer() as server:
        config = made(tmp_path, server)
        with queued(tmp_path, config, A, B, C) as store:
            send(config, store, NOW, stopping=lambda: len(server.taken) == 1, timeouts=SHORT)
            said = [one.status for one in store.outbox.of_edition(1)]
            send(config, store, NOW, timeouts=SHORT)

    assert said == ["sent", "pending", "pending"]
    assert sorted(Counter(server.recipients()).values()) == [1, 1, 1]


def test_a_mail_in_doubt_is_not_sent_again_weeks_later(tmp_path: Path) -> None:
    with MailServer() as server:
        server.cue("ann@example.org", at.DROP_AFTER_DOT)
        config = made(tmp_path, server)
        with queued(tmp_path, config, A) as store:
            send(config, store, NOW, timeouts=SHORT)
            send(config, store, later(days=22), timeouts=SHORT)
            said = ledger(store)[A]

    assert (said.status, said.next_try, len(server.taken)) == ("unknown", None, 1)


def test_logs_name_no_recipient(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    refusal = Fault("rcpt", "550 5.1.1 <bert@example.org>: no such user bert@example.org")
    with MailServer() as server:
        server.cue("bert@example.org", refusal)
        config = made(tmp_path, server)
        with queued(tmp_path, config, A, B) as store, caplog.at_level(logging.DEBUG, logger="monitor"):
            send(config, store, NOW, timeouts=SHORT)
            said = ledger(store)[B]

    assert "bert@example.org" in said.reason
    assert "status=refused" in caplog.text
    assert "example.org" not in caplog.text
