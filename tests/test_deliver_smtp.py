"""What became of a mail, by the faults of a server that misbehaves on cue."""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.deliver.smtp import Session, Timeouts, Unreachable, session
from monitor.models import MailSpec, Outcome

from .mail_server import (
    BUSY_AT_GREETING,
    CLOSED_AT_GREETING,
    CLOSING_AT_RCPT,
    DEFER_DATA,
    DEFER_DOT,
    DEFER_MAIL,
    DEFER_RCPT,
    DRIP,
    DRIP_AFTER_DOT,
    DRIP_AT_GREETING,
    DROP,
    DROP_AFTER_DOT,
    DROP_AFTER_DOT_UNTAKEN,
    DROP_AT_RCPT,
    DROP_BEFORE_DATA,
    DROP_IN_BODY,
    EVERYONE,
    GARBAGE_AT_GREETING,
    HANG,
    HANG_AFTER_DOT,
    HANG_AT_DATA,
    HANG_AT_EHLO,
    HANG_AT_GREETING,
    HANG_IN_BODY,
    REFUSE_DATA,
    REFUSE_DOT,
    REFUSE_MAIL,
    REFUSE_RCPT,
    REFUSE_STARTTLS,
    Fault,
    MailServer,
)

SENDER = "monitor@example.org"
ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"
MAIL = b"Subject: Daily\r\n\r\nOne story.\r\n.\r\n..two dots\r\nEnd.\r\n"
# More than a connection's buffers hold: where the server stops reading, we cannot hand all of it over.
BIG = b"Subject: Daily\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 250_000
USUAL = Timeouts()
RELAY_DENIED = Fault("rcpt", "554 5.7.1 Relay access denied")
SHORT = Timeouts(command=0.5, data=0.5, final=0.5, auth_command=0.5, quit=0.2)
"""For servers that keep us waiting."""
PASSWORD = "correct-horse-battery"
SOON = 5.0
"""Seconds within which what must not take long is over, on a slow machine too."""


@pytest.fixture
def plain() -> Iterator[MailServer]:
    """A server without encryption, on which most faults can be shown quickly."""
    with MailServer("none", size_limit=100_000_000) as server:
        yield server


def hand_over(
    server: MailServer,
    folder: Path,
    *recipients: str,
    mail: bytes = MAIL,
    timeouts: Timeouts = USUAL,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """What becomes of a mail to each of `recipients`, in one session."""
    with session(server.spec(folder), timeouts=timeouts, stopping=stopping) as opened:
        return [opened.hand_over(SENDER, recipient, mail) for recipient in recipients]


def unreachable(server: MailServer, folder: Path, timeouts: Timeouts = USUAL, **changes: object) -> str:
    """Why a session could not be begun."""
    with pytest.raises(Unreachable) as caught, session(server.spec(folder, **changes), timeouts=timeouts):
        pass
    return str(caught.value)


def limits(fault: Fault) -> Timeouts:
    """Short where the server will keep us waiting."""
    return SHORT if fault.does in (HANG, DRIP) or isinstance(fault.does, bytes) else USUAL


# What arrives


@pytest.mark.parametrize("security", ["starttls", "implicit", "none"])
def test_a_mail_arrives_byte_for_byte(security: str, tmp_path: Path) -> None:
    with MailServer(security) as server:  # type: ignore[arg-type] # one of the three
        outcomes = hand_over(server, tmp_path, ANN)

    assert outcomes == [Outcome("sent")]
    assert server.taken == [(ANN, MAIL)]
    assert server.envelopes[0].encrypted == (security != "none")


def test_each_recipient_has_a_transaction_of_its_own_on_one_connection(
    plain: MailServer, tmp_path: Path
) -> None:
    hand_over(plain, tmp_path, ANN, BOB)

    assert plain.recipients() == [ANN, BOB]
    assert plain.connections == 1
    assert plain.commands == [
        "EHLO [127.0.0.1]",
        *(f"MAIL FROM:<{SENDER}> SIZE={len(MAIL)}", f"RCPT TO:<{ANN}>", "DATA"),
        *(f"MAIL FROM:<{SENDER}> SIZE={len(MAIL)}", f"RCPT TO:<{BOB}>", "DATA"),
        "QUIT",
    ]


def test_a_mail_that_does_not_end_in_a_line_end_gets_one(plain: MailServer, tmp_path: Path) -> None:
    hand_over(plain, tmp_path, ANN, mail=b"Subject: x\r\n\r\nEnd")

    assert plain.taken == [(ANN, b"Subject: x\r\n\r\nEnd\r\n")]


def test_a_mail_of_many_megabytes_arrives_encrypted(tmp_path: Path) -> None:
    with MailServer(size_limit=100_000_000) as server:
        outcomes = hand_over(server, tmp_path, ANN, mail=BIG[:5_000_000], timeouts=Timeouts())

    assert outcomes == [Outcome("sent")]
    assert server.taken[0][1].rstrip() == BIG[:5_000_000].rstrip()


# Faults of one recipient

ONE = [
    (REFUSE_MAIL, "refused", "550 5.7.1 No mail from you"),
    (REFUSE_RCPT, "refused", "550 5.1.1 No such user"),
    (DEFER_RCPT, "deferred", "450 4.2.0 Greylisted, come back later"),
    (RELAY_DENIED, "deferred", "554 5.7.1 Relay access denied” (the server"),
    (REFUSE_DATA, "refused", "554 5.5.1 No valid recipients"),
    (DEFER_DATA, "deferred", "451 4.3.0 Not now"),
    (REFUSE_DOT, "refused", "554 5.6.0 Looks like spam"),
    (DEFER_DOT, "deferred", "452 4.3.1 Disk full"),
    (Fault("rcpt", "552 5.2.2 Mailbox full"), "refused", "552 5.2.2 Mailbox full"),
]


@pytest.mark.parametrize(("fault", "status", "said"), ONE, ids=lambda value: getattr(value, "does", None))
def test_a_refusal_concerns_its_recipient_alone(
    fault: Fault, status: str, said: str, plain: MailServer, tmp_path: Path
) -> None:
    plain.cue(BOB if fault.at != "mail" else EVERYONE, fault, times=1)
    order = (ANN, BOB, EVE) if fault.at != "mail" else (BOB, ANN, EVE)

    outcomes = dict(zip(order, hand_over(plain, tmp_path, *order), strict=True))

    assert outcomes[ANN] == outcomes[EVE] == Outcome("sent")
    assert (outcomes[BOB].status, outcomes[BOB].whole_server) == (status, False)
    assert f"it answered “{said}" in outcomes[BOB].reason
    assert outcomes[BOB].reason.startswith(f"mail server localhost:{plain.port}, ")
    assert plain.recipients() == [ANN, EVE]
    assert plain.commands.count("RSET") == 1
    assert plain.connections == 1


def test_where_a_refused_mail_cannot_be_reset_the_next_has_a_new_connection(
    plain: MailServer, tmp_path: Path
) -> None:
    plain.cue(ANN, REFUSE_RCPT)
    plain.cue(EVERYONE, Fault("rset", DROP))

    outcomes = hand_over(plain, tmp_path, ANN, BOB)

    assert [outcome.status for outcome in outcomes] == ["refused", "sent"]
    assert plain.recipients() == [BOB]
    assert plain.connections == 2


# Faults of the server, as one recipient meets them

SERVER = [
    (DEFER_MAIL, "deferred", False, "“451 4.3.0 Out of order”"),
    (DROP_AT_RCPT, "deferred", False, "at RCPT TO: it closed the connection"),
    (CLOSING_AT_RCPT, "deferred", False, "“421 4.3.2 Shutting down”"),
    (Fault("mail", "530 5.7.0 Authentication required"), "deferred", False, "set mail.username"),
    (Fault("mail", "530 5.7.0 Must issue a STARTTLS command first"), "deferred", False, "mail.security"),
    (Fault("rcpt", "535 5.7.8 Bad credentials"), "deferred", False, "user name, password or token is wrong"),
    (Fault("mail", "530 5.7.57 Client not authenticated"), "deferred", False, "mail.auth_command"),
    (DROP_BEFORE_DATA, "deferred", False, "at DATA: it closed the connection"),
    (HANG_AT_DATA, "deferred", False, "at DATA: no answer within 0.5 seconds"),
    (Fault("data", "250 What now"), "deferred", False, "“250 What now”"),
    (Fault("data", b"354 go\r\n250 taken already\r\n"), "deferred", False, "said more than it was asked"),
    (Fault("rcpt", b"hello\r\n"), "deferred", False, "no SMTP reply"),
    (Fault("rcpt", b"250-" + b"x" * 10_000), "deferred", False, "does not end"),
    (Fault("rcpt", b"250-x\r\n" * 20_000), "deferred", False, "does not end"),
    (DROP_AFTER_DOT, "unknown", True, "it may have arrived"),
    (DROP_AFTER_DOT_UNTAKEN, "unknown", False, "it may have arrived"),
    (HANG_AFTER_DOT, "unknown", True, "after the whole mail was sent: no answer within 0.5 seconds"),
    (DRIP_AFTER_DOT, "unknown", True, "no answer within 0.5 seconds"),
    (Fault("dot", b"yes\r\n", taken=True), "unknown", True, "no SMTP reply"),
    (Fault("dot", "354 Go on", taken=True), "unknown", True, "“354 Go on”"),
    (Fault("dot", "421 4.3.2 Shutting down", then_drop=True), "deferred", False, "“421 4.3.2"),
]


@pytest.mark.parametrize(
    ("fault", "status", "arrived", "said"), SERVER, ids=lambda value: str(getattr(value, "does", ""))[:24]
)
def test_a_fault_of_the_server_says_so_and_is_told_from_what_may_have_arrived(
    fault: Fault, status: str, arrived: bool, said: str, plain: MailServer, tmp_path: Path
) -> None:
    plain.cue(EVERYONE, fault, times=1)
    began = time.monotonic()

    first, second = hand_over(plain, tmp_path, BOB, ANN, timeouts=limits(fault))

    assert (first.status, first.whole_server) == (status, True)
    assert said in first.reason
    assert second == Outcome("sent")
    assert plain.recipients() == [BOB] * arrived + [ANN]
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("fault", [DROP_IN_BODY, HANG_IN_BODY], ids=["drop", "hang"])
@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_mail_that_was_not_handed_over_whole_is_deferred(
    fault: Fault, security: str, tmp_path: Path
) -> None:
    with MailServer(security, size_limit=100_000_000) as server:  # type: ignore[arg-type] # one of the three
        server.cue(BOB, fault)
        outcome, *_ = hand_over(server, tmp_path, BOB, mail=BIG, timeouts=limits(fault))

    assert (outcome.status, outcome.whole_server) == ("deferred", True)
    assert "while the mail was being sent" in outcome.reason
    assert server.taken == []


def test_a_small_mail_that_the_kernel_took_whole_may_have_arrived(plain: MailServer, tmp_path: Path) -> None:
    plain.cue(BOB, HANG_IN_BODY)

    outcome, *_ = hand_over(plain, tmp_path, BOB, timeouts=SHORT)

    assert outcome.status == "unknown"
    assert plain.taken == []


@pytest.mark.parametrize(
    "fault",
    [Fault("mail", DROP), Fault("mail", "421 4.7.0 Too many mails on one connection", then_drop=True)],
)
def test_a_connection_that_ended_between_two_mails_is_opened_again(
    fault: Fault, plain: MailServer, tmp_path: Path
) -> None:
    with session(plain.spec(tmp_path)) as opened:
        first = opened.hand_over(SENDER, ANN, MAIL)
        plain.cue(EVERYONE, fault, times=1)
        second = opened.hand_over(SENDER, BOB, MAIL)

    assert (first, second) == (Outcome("sent"), Outcome("sent"))
    assert plain.connections == 2


def test_a_server_that_has_gone_between_two_mails_defers(tmp_path: Path) -> None:
    with MailServer("none") as server:
        opened = Session(server.spec(tmp_path), lambda: False, USUAL)
        opened.open()
        assert opened.hand_over(SENDER, ANN, MAIL) == Outcome("sent")
    outcome = opened.hand_over(SENDER, BOB, MAIL)
    opened.close()

    assert (outcome.status, outcome.whole_server) == ("deferred", True)
    assert "connection refused" in outcome.reason


# Sessions that cannot be begun


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (HANG_AT_GREETING, "at the greeting: no answer within 0.5 seconds"),
        (DRIP_AT_GREETING, "at the greeting: no answer within 0.5 seconds"),
        (CLOSED_AT_GREETING, "“554 5.3.2 No service here”"),
        (BUSY_AT_GREETING, "“421 4.7.0 Too many connections”"),
        (GARBAGE_AT_GREETING, "no SMTP reply: “[31m SSH-2.0-nonsense”"),
        (Fault("greeting", DROP), "at the greeting: "),
        (HANG_AT_EHLO, "at EHLO: no answer within 0.5 seconds"),
        (Fault("ehlo", b"\r\n"), "at EHLO: its answer is empty"),
        (Fault("ehlo", "502 5.5.1 No such command"), "“502 5.5.1 No such command”"),
        (REFUSE_STARTTLS, "“454 4.7.0 TLS not available”, and mail does not go unencrypted"),
        (Fault("starttls", b"220 go\r\n250 injected\r\n"), "said more than it was asked"),
        (Fault("starttls", b"220 go\r\n"), "at the TLS handshake: no answer within 0.5 seconds"),
        (Fault("starttls", DROP), "at STARTTLS: "),
    ],
    ids=lambda value: str(getattr(value, "does", ""))[:24],
)
def test_a_server_that_cannot_be_used_is_unreachable_in_words(
    fault: Fault, said: str, tmp_path: Path
) -> None:
    with MailServer() as server:
        server.cue(EVERYONE, fault)
        began = time.monotonic()
        reason = unreachable(server, tmp_path, limits(fault))

    assert said in reason
    assert reason.startswith(f"mail server localhost:{server.port}")
    assert time.monotonic() - began < SOON
    assert not [said for said in server.commands if said.startswith(("MAIL", "AUTH"))]


def test_nobody_listening_is_said(tmp_path: Path) -> None:
    with MailServer("none") as server:
        spec = server.spec(tmp_path)

    with pytest.raises(Unreachable, match="connection refused; check"), session(spec):
        pass


def test_a_host_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    # Linux lets one connection wait to be accepted here, and answers no other.
    with contextlib.ExitStack() as held, socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        port = deaf.getsockname()[1]
        spec = MailSpec("a@example.org", None, "127.0.0.1", port, "none")
        with (
            pytest.raises(Unreachable, match=r"did not answer in time|no answer within 0\.5 seconds"),
            session(spec, timeouts=Timeouts(connect=0.5)),
        ):
            pass


def test_a_name_that_is_not_found_is_said(plain: MailServer, tmp_path: Path) -> None:
    # A label of more than 63 letters: no name server is asked.
    reason = unreachable(plain, tmp_path, host=f"{'x' * 70}.example")

    assert "was not found; check mail.host" in reason


def test_unencrypted_mail_goes_to_this_machine_only(plain: MailServer, tmp_path: Path) -> None:
    # TEST-NET-1 (RFC 5737) is nobody's: were it dialled, that would take as long as `connect`.
    began = time.monotonic()
    reason = unreachable(plain, tmp_path, host="192.0.2.1")

    assert "192.0.2.1 is another machine, and mail to it would go unencrypted" in reason
    assert time.monotonic() - began < SOON


# Encryption


@pytest.mark.parametrize("security", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (
            "self-signed",
            "its certificate is self-signed: save it as a PEM file and name that in mail.ca_file",
        ),
        (
            "wrong host",
            "its certificate is for another host: set mail.host to a name that the certificate has",
        ),
        ("expired", "its certificate has expired: renew it on the server"),
        ("good", "its certificate comes from an authority that this machine does not know"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_ends_it_before_any_secret_is_said(
    security: str, certificate: str, said: str, tmp_path: Path
) -> None:
    with MailServer(security, certificate, users={"ann": PASSWORD}) as server:  # type: ignore[arg-type] # as listed
        trusted = {} if certificate in ("wrong host", "expired") else {"ca_file": ""}
        reason = unreachable(server, tmp_path, username="ann", password=PASSWORD, **trusted)

    assert said in reason
    assert "AUTH PLAIN" not in server.commands


def test_a_self_signed_certificate_can_be_trusted_by_name_of_its_file(tmp_path: Path) -> None:
    with MailServer(certificate="self-signed") as server:
        reason = unreachable(server, tmp_path)

    assert "is for another host" in reason  # it is trusted; that it names no host is its other fault


def test_a_server_without_starttls_gets_nothing(tmp_path: Path) -> None:
    with MailServer(starttls=False) as server:
        reason = unreachable(server, tmp_path)

    assert (
        "does not offer STARTTLS, and mail does not go unencrypted; set mail.security to implicit" in reason
    )
    assert server.commands == ["EHLO [127.0.0.1]"]


def test_after_starttls_the_server_is_asked_again_what_it_offers(tmp_path: Path) -> None:
    with MailServer(users={"ann": PASSWORD}) as server:
        spec = server.spec(tmp_path, username="ann", password=PASSWORD)
        with session(spec) as opened:
            assert opened.mechanisms == ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")
            assert opened.encryption.startswith("TLS 1.")

    assert server.commands == ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "AUTH PLAIN", "QUIT"]


def test_a_server_that_speaks_no_tls_on_its_port_is_told_from_one_that_cannot_be_trusted(
    plain: MailServer, tmp_path: Path
) -> None:
    reason = unreachable(plain, tmp_path, security="implicit")

    assert "does not speak TLS on this port: set mail.security to starttls" in reason


def test_a_port_that_waits_for_tls_is_guessed_from_its_silence(tmp_path: Path) -> None:
    with MailServer("implicit") as server:
        reason = unreachable(server, tmp_path, SHORT, security="starttls")

    assert "if this port expects TLS from the first byte (465 does), set mail.security to implicit" in reason


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read: No such file"), (b"hello", "holds no certificates")]
)
def test_a_ca_file_of_no_use_is_said(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    if content:
        path.write_bytes(content)
    with MailServer() as server:
        reason = unreachable(server, tmp_path, ca_file=str(path))

    assert f"mail.ca_file {path} {said}" in reason


# Logging in


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("password", [PASSWORD, "naïve 密码"])
def test_a_password_logs_in_by_each_mechanism(mechanism: str, password: str, tmp_path: Path) -> None:
    with (
        MailServer(users={"ann": password}, mechanisms=(mechanism,)) as server,
        session(server.spec(tmp_path, username="ann", password=password)) as opened,
    ):
        assert opened.login == f"ann by {mechanism}"
        assert opened.hand_over(SENDER, BOB, MAIL) == Outcome("sent")

    assert server.envelopes[0].login == "ann"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_a_wrong_password_is_tried_once_and_never_shown(mechanism: str, tmp_path: Path) -> None:
    with MailServer(users={"ann": "another"}, mechanisms=(mechanism, "PLAIN", "LOGIN")) as server:
        reason = unreachable(server, tmp_path, username="ann", password=PASSWORD)

    assert "the login as ann failed: “535 5.7.8" in reason
    assert "the user name, password or token is wrong" in reason
    assert PASSWORD not in reason
    assert len([said for said in server.commands if said.startswith("AUTH")]) == 1


def test_a_reply_that_repeats_a_secret_is_shown_without_it(tmp_path: Path) -> None:
    encoded = "AGFubgBjb3JyZWN0LWhvcnNlLWJhdHRlcnk="
    with MailServer(users={"ann": PASSWORD}) as server:
        server.cue(EVERYONE, Fault("auth", f"535 5.7.8 What is {encoded} or {PASSWORD}?"))
        reason = unreachable(server, tmp_path, username="ann", password=PASSWORD)

    assert "“535 5.7.8 What is … or …?”" in reason


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled", "mail.auth_command"),
        ("550 5.7.30 Basic authentication is not supported for Client Submission", "mail.auth_command"),
        ("534 5.7.9 Application-specific password required", "app password"),
        ("534-5.7.14 <https://accounts.example/signin> Please log in\r\n534 5.7.14 there", "app password"),
        ("538 5.7.11 Encryption required", "mail.security"),
        ("454 4.7.0 Temporary authentication failure", "“454 4.7.0 Temporary authentication failure”"),
    ],
)
def test_a_known_refusal_of_a_login_is_explained(reply: str, advice: str, tmp_path: Path) -> None:
    with MailServer(users={"ann": PASSWORD}) as server:
        server.cue(EVERYONE, Fault("auth", reply))
        reason = unreachable(server, tmp_path, username="ann", password=PASSWORD)

    assert advice in reason


def test_the_next_mechanism_is_tried_where_one_is_offered_in_vain(tmp_path: Path) -> None:
    with MailServer(users={"ann": PASSWORD}) as server:
        server.cue(EVERYONE, Fault("auth", "504 5.5.4 Not that one"), times=1)
        with session(server.spec(tmp_path, username="ann", password=PASSWORD)) as opened:
            assert opened.login == "ann by LOGIN"


def test_a_login_that_cannot_be_is_said(tmp_path: Path) -> None:
    with MailServer() as server:
        none = unreachable(server, tmp_path, username="ann", password=PASSWORD)
    with MailServer(tokens={"ann": "t"}, mechanisms=("XOAUTH2", "GSSAPI")) as server:
        other = unreachable(server, tmp_path, username="ann", password=PASSWORD)
        empty = unreachable(server, tmp_path, username="ann", auth_command=("printf", ""))
        nobody = unreachable(server, tmp_path, auth_command=("echo", "t"))
    with MailServer(users={"ann": PASSWORD}) as server:
        missing = unreachable(server, tmp_path, username="ann")

    assert "it offers no login; leave mail.username empty" in none
    assert "it offers to log in by XOAUTH2, GSSAPI, not by PLAIN or LOGIN or CRAM-MD5" in other
    assert "the first line that it printed is no token" in empty
    assert "mail.auth_command is set and mail.username is empty" in nobody
    assert "mail.username is set and mail.password is empty" in missing


def test_a_token_logs_in(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('ya29.token'); print('more')")
    with (
        MailServer(tokens={"ann": "ya29.token"}) as server,
        session(server.spec(tmp_path, username="ann", auth_command=command)) as opened,
    ):
        assert opened.login == "ann by XOAUTH2"
        assert opened.hand_over(SENDER, BOB, MAIL) == Outcome("sent")

    assert server.recipients() == [BOB]


def test_a_refused_token_is_answered_by_an_empty_line_and_never_shown(tmp_path: Path) -> None:
    with MailServer(tokens={"ann": "new"}) as server:
        reason = unreachable(server, tmp_path, username="ann", auth_command=("echo", "ya29.stale"))

    assert "the login as ann failed: “535 5.7.8 Authentication credentials invalid”" in reason
    assert "ya29" not in reason


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo ya29.secret; exit 3", "it ended with status 3"),
        ("echo ya29.secret >&2; exit 1", "it ended with status 1"),
        ("echo; echo ya29.secret", "is no token"),
        ("echo 'ya29.secret\x07'", "is no token"),
        ("yes ya29.secret", "it printed more than 64 KB"),
        ("echo ya29.secret; exec sleep 60", "no answer within 0.5 seconds"),
        ("exec 1>&-; exec sleep 60", "no answer within 0.5 seconds"),
    ],
)
def test_an_auth_command_that_gives_no_token_is_said_without_its_words(
    script: str, said: str, tmp_path: Path
) -> None:
    with MailServer(tokens={"ann": "ya29.secret"}) as server:
        began = time.monotonic()
        timeouts = SHORT if "sleep" in script else USUAL
        reason = unreachable(server, tmp_path, timeouts, username="ann", auth_command=("sh", "-c", script))

    assert said in reason
    assert reason.startswith("mail.auth_command: ")
    assert "ya29" not in reason
    assert time.monotonic() - began < SOON


def test_an_auth_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    with MailServer(tokens={"ann": "t"}) as server:
        reason = unreachable(server, tmp_path, username="ann", auth_command=(str(tmp_path / "none"),))

    assert "none' could not be started: No such file or directory" in reason


def test_an_auth_command_is_killed_with_what_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {shlex.quote(str(pid))}; wait"
    with MailServer(tokens={"ann": "t"}) as server:
        unreachable(server, tmp_path, SHORT, username="ann", auth_command=("sh", "-c", script))

    assert not runs(int(pid.read_text()))


def runs(pid: int) -> bool:
    """Whether a process does anything any more: one that was killed may not have been cleared away yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")


def test_an_auth_command_is_not_waited_for_by_way_of_what_it_leaves_running(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {shlex.quote(str(pid))}; echo ya29.token"
    with MailServer(tokens={"ann": "ya29.token"}) as server:
        spec = server.spec(tmp_path, username="ann", auth_command=("sh", "-c", script))
        with session(spec) as opened:
            assert opened.login == "ann by XOAUTH2"
    os.kill(int(pid.read_text()), 9)


# Addresses, sizes, and what cannot be put into SMTP


def test_an_address_beyond_ascii_goes_where_the_server_takes_such(tmp_path: Path) -> None:
    with MailServer(utf8=True) as server:
        outcomes = hand_over(server, tmp_path, "jürgen@example.org", ANN)

    assert outcomes == [Outcome("sent"), Outcome("sent")]
    assert server.recipients() == ["jürgen@example.org", ANN]
    assert ["SMTPUTF8" in envelope.options for envelope in server.envelopes] == [True, False]


def test_an_address_beyond_ascii_is_refused_where_the_server_does_not_take_such(tmp_path: Path) -> None:
    with MailServer(utf8=False) as server:
        outcomes = hand_over(server, tmp_path, "jürgen@example.org", ANN)

    assert [outcome.status for outcome in outcomes] == ["refused", "sent"]
    assert "takes no addresses beyond ASCII (SMTPUTF8); use another address" in outcomes[0].reason
    assert server.recipients() == [ANN]


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    with MailServer("none", size_limit=1_000) as server:
        outcomes = hand_over(server, tmp_path, ANN, mail=MAIL + b"x\r\n" * 400)

    assert [(outcome.status, outcome.whole_server) for outcome in outcomes] == [("refused", False)]
    assert "“552 Error: message size exceeds fixed maximum message size”" in outcomes[0].reason
    assert "DATA" not in server.commands


@pytest.mark.parametrize(
    ("recipient", "mail", "said"),
    [
        ("ann@example.org>\r\nRCPT TO:<eve@example.org", MAIL, "is no mail address"),
        ("ann@example.org> SIZE=1", MAIL, "is no mail address"),
        ("ann", MAIL, "is no mail address"),
        (ANN, b"Subject: x\r\n\r\nsmuggled\n.\r\nMAIL FROM:<a@b>\r\n", "does not end in CRLF"),
        (ANN, b"Subject: x\r\n\r\nsmuggled\r.\r\nMAIL FROM:<a@b>\r\n", "does not end in CRLF"),
    ],
)
def test_what_would_be_read_as_commands_is_refused_before_anything_is_said(
    recipient: str, mail: bytes, said: str, plain: MailServer, tmp_path: Path
) -> None:
    outcome, *_ = hand_over(plain, tmp_path, recipient, mail=mail)

    assert outcome.status == "refused"
    assert said in outcome.reason
    assert plain.commands == ["EHLO [127.0.0.1]", "QUIT"]


def test_a_servers_words_are_shown_clean_and_short(plain: MailServer, tmp_path: Path) -> None:
    reply = b"550-5.1.1 \x1b[31mThe user\x00\x07\r\n550-5.1.1 does not\r\n550 5.1.1 exist\xe2\x80\xae\xff"
    plain.cue(ANN, Fault("rcpt", reply + b"\r\n"))
    plain.cue(BOB, Fault("rcpt", "550 " + "long " * 100))

    clean, short = hand_over(plain, tmp_path, ANN, BOB, timeouts=SHORT)

    assert "“550 5.1.1 [31mThe user does not exist �”" in clean.reason
    assert len(short.reason) < 300
    assert short.reason.endswith("…”")


# Being stopped


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (Fault("rcpt", HANG), "deferred", "at RCPT TO: the program was stopped"),
        (HANG_AT_DATA, "deferred", "at DATA: the program was stopped"),
        (HANG_IN_BODY, "deferred", "while the mail was being sent: the program was stopped"),
        (HANG_AFTER_DOT, "unknown", "the program was stopped; it may have arrived"),
    ],
    ids=["rcpt", "data", "body", "dot"],
)
def test_being_stopped_ends_what_is_under_way_at_once(
    fault: Fault, status: str, said: str, plain: MailServer, tmp_path: Path
) -> None:
    plain.cue(BOB, fault)
    patient = Timeouts(after_stop=0.2)
    mail = BIG if fault.at == "body" else MAIL
    began = time.monotonic()

    first, second = hand_over(
        plain, tmp_path, BOB, ANN, mail=mail, timeouts=patient, stopping=plain.met.is_set
    )

    assert (first.status, first.whole_server) == (status, True)
    assert said in first.reason
    assert (second.status, second.whole_server) == ("deferred", True)
    assert "before the mail was sent" in second.reason
    assert time.monotonic() - began < SOON


def test_being_stopped_leaves_the_answer_to_a_whole_mail_a_moment_to_come(
    plain: MailServer, tmp_path: Path
) -> None:
    stopped = threading.Event()
    plain.cue(BOB, Fault("dot", b"250 ", taken=True))

    def look() -> bool:
        # When half of the reply is there we are to stop, and the other half comes.
        if plain.met.is_set() and not stopped.is_set():
            stopped.set()
            plain.say(b"Taken\r\n")
        return stopped.is_set()

    outcome, *_ = hand_over(plain, tmp_path, BOB, timeouts=Timeouts(after_stop=5), stopping=look)

    assert outcome == Outcome("sent")


@pytest.mark.parametrize("fault", [HANG_AT_GREETING, HANG_AT_EHLO, Fault("starttls", b"220 go\r\n")])
def test_being_stopped_ends_the_opening_of_a_session(fault: Fault, tmp_path: Path) -> None:
    began = time.monotonic()
    with MailServer() as server:
        server.cue(EVERYONE, fault)
        with (
            pytest.raises(Unreachable, match="the program was stopped"),
            session(server.spec(tmp_path), stopping=server.met.is_set),
        ):
            pass

    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("does", [HANG, DROP, b"nonsense\r\n"])
def test_a_server_that_does_not_let_go_is_left(does: str | bytes, plain: MailServer, tmp_path: Path) -> None:
    plain.cue(EVERYONE, Fault("quit", does))
    began = time.monotonic()

    outcomes = hand_over(plain, tmp_path, ANN)

    assert outcomes == [Outcome("sent")]
    assert time.monotonic() - began < SOON


def test_nothing_is_left_open_or_running(tmp_path: Path) -> None:
    def left() -> tuple[int, int]:
        return len([*Path("/proc/self/fd").iterdir()]), threading.active_count()

    hand_over_badly(tmp_path)  # what is made once in a process
    before = left()
    hand_over_badly(tmp_path)

    assert left() == before


def hand_over_badly(folder: Path) -> None:
    with MailServer() as server:
        server.cue(ANN, HANG_AFTER_DOT)
        server.cue(BOB, DROP_BEFORE_DATA)
        hand_over(server, folder, ANN, BOB, timeouts=Timeouts(final=0.5, quit=0.2))
        server.cue(EVERYONE, HANG_AT_EHLO)
        unreachable(server, folder, SHORT)


# What is learnt of a server


def test_a_session_tells_what_its_server_is(tmp_path: Path) -> None:
    with (
        MailServer(users={"ann": PASSWORD}, size_limit=5_000, utf8=True) as server,
        session(server.spec(tmp_path, username="ann", password=PASSWORD)) as opened,
    ):
        opened.noop()

        assert opened.server == f"mail server localhost:{server.port}"
        assert opened.greeting == "mail.test ready"
        assert opened.encryption.startswith("TLS 1.3 (TLS_")
        assert opened.certificate
        assert opened.certificate.names == ("localhost",)
        assert opened.certificate.until.year > 2030
        assert opened.size_limit == 5_000
        assert opened.offers_utf8

    assert server.commands[-2:] == ["NOOP", "QUIT"]


def test_a_session_without_a_sign_of_life_says_so(plain: MailServer, tmp_path: Path) -> None:
    plain.cue(EVERYONE, Fault("noop", "451 4.3.0 Not well"), times=1)
    with session(plain.spec(tmp_path), timeouts=SHORT) as opened:
        with pytest.raises(Unreachable, match="Not well"):
            opened.noop()
        plain.cue(EVERYONE, Fault("noop", HANG))
        with pytest.raises(Unreachable, match="at NOOP: no answer within"):
            opened.noop()

        assert opened.encryption == "none"
        assert opened.certificate is None
        assert opened.hand_over(SENDER, ANN, MAIL) == Outcome("sent")
