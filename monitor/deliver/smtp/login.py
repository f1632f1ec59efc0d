"""I/O: logs in to a mail server by password, or by a token that a program of the user prints (XOAUTH2)."""

from __future__ import annotations

import hmac
import os
import select
import signal
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress

from ...models import MailSpec
from .patience import GLANCE, Lost, Patience, Unreachable
from .replies import Reply, explained
from .talk import Talk

MAX_TOKEN_OUTPUT = 65_536
# The first that is offered is taken. smtplib would begin with CRAM-MD5, which servers that keep no clear
# passwords offer in vain: three refusals a try, and the account is locked. Nobody listens: the connection is
# encrypted, or stays on this machine.
_BY_PASSWORD = ("PLAIN", "LOGIN", "CRAM-MD5")
# Replies that speak of the mechanism, not of the password (RFC 4954, 4 and 6): the next one is tried.
_NOT_THIS_WAY = frozenset((500, 501, 502, 504, 534))


def log_in(talk: Talk, spec: MailSpec, *, seconds: float, command_seconds: float) -> str:
    """Logs in as `spec` says; returns how, as in "monitor by PLAIN", and "" where no login is asked for.

    `seconds` is for each command to the server, `command_seconds` for `spec.auth_command`. Raises Unreachable
    where it fails. Neither password nor token is in any message.
    """
    if not spec.username:
        if spec.auth_command:
            raise Unreachable(f"{talk.server}: mail.auth_command is set and mail.username is empty; set both")
        return ""
    offered = mechanisms(talk)
    if not offered:
        raise Unreachable(
            f"{talk.server}: it offers no login; leave mail.username empty, "
            "or set mail.port to that for submission (587)"
        )
    wanted = ("XOAUTH2",) if spec.auth_command else _BY_PASSWORD
    ways = [name for name in wanted if name in offered]
    if not ways:
        raise Unreachable(
            f"{talk.server}: it offers to log in by {', '.join(offered)}, not by {' or '.join(wanted)}; "
            + ("set mail.password" if spec.auth_command else "set mail.auth_command for XOAUTH2")
        )
    secret = _secret(talk, spec, command_seconds)
    for name in ways:
        reply = _exchange(talk, name, spec.username, secret, seconds)
        if reply.positive:
            return f"{spec.username} by {name}"
        if reply.code not in _NOT_THIS_WAY:
            break
    raise Unreachable(f"{talk.server}: the login as {spec.username} failed: {explained(reply)}")


def mechanisms(talk: Talk) -> tuple[str, ...]:
    """The ways to log in that the server offers, in capitals and in its order."""
    return tuple(dict.fromkeys(talk.features.get("auth", "").upper().split()))


def _secret(talk: Talk, spec: MailSpec, seconds: float) -> str:
    if spec.auth_command:
        secret = access_token(spec.auth_command, talk.patience, seconds)
    elif spec.password:
        secret = spec.password
    else:
        raise Unreachable(
            f"{talk.server}: mail.username is set and mail.password is empty; set both or neither"
        )
    talk.hide(secret)
    return secret


def _exchange(talk: Talk, mechanism: str, user: str, secret: str, seconds: float) -> Reply:
    """One try to log in (RFC 4954, 4): the server's last word on it."""
    first, answers = _script(mechanism, user, secret)
    opening = mechanism if first is None else f"{mechanism} {_encoded(talk, first)}"
    reply = talk.ask("AUTH", opening, step="at the login", seconds=seconds)
    for answer in answers:
        if reply.code != 334:
            break
        try:
            challenge = b64decode(reply.raw)
        except ValueError as error:
            raise talk.patience.lost("nonsense", "its question is not in base64") from error
        reply = talk.ask(_encoded(talk, answer(challenge)), step="at the login", seconds=seconds)
    if reply.code == 334:
        raise talk.patience.lost("nonsense", "it asks for more than this way of logging in has")
    return reply


def _script(
    mechanism: str, user: str, secret: str
) -> tuple[bytes | None, Sequence[Callable[[bytes], bytes]]]:
    """What is sent with AUTH, if anything, and what is answered to each challenge."""
    name, key = user.encode(), secret.encode()
    if mechanism == "PLAIN":  # RFC 4616
        return b"\0%b\0%b" % (name, key), ()
    if mechanism == "LOGIN":
        return None, (lambda _: name, lambda _: key)
    if mechanism == "CRAM-MD5":  # RFC 2195
        return None, (
            lambda challenge: b"%b %b" % (name, hmac.new(key, challenge, "md5").hexdigest().encode()),
        )
    # XOAUTH2: a challenge is an error in JSON; the refusal itself follows on an empty answer.
    return b"user=%b\1auth=Bearer %b\1\1" % (name, key), (lambda _: b"",)


def _encoded(talk: Talk, data: bytes) -> str:
    text = b64encode(data).decode("ascii")
    talk.hide(text)
    return text


def access_token(command: Sequence[str], patience: Patience, seconds: float) -> str:
    """The first line that a program prints, within `seconds`.

    The program is started without a shell, sees no standard input, and is killed with all it started where it
    takes too long, prints more than 64 KB, or we are stopped. Raises Unreachable; what it printed is in no
    message.
    """
    patience.begin("mail.auth_command", seconds)
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own program, named in the user's own config
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it has a NUL character"
        raise Unreachable(f"mail.auth_command: {command[0]!r} could not be started: {reason}") from error
    with process:
        try:
            printed = _printed(process, patience)
            status = process.returncode
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if status:
        raise Unreachable(f"mail.auth_command: it ended with status {status}; run it by hand to see why")
    token = printed.partition(b"\n")[0].strip()
    if not token or not token.isascii() or not token.decode("ascii").isprintable():
        raise Unreachable("mail.auth_command: the first line that it printed is no token; run it by hand")
    return token.decode("ascii")


def _printed(process: subprocess.Popen[bytes], patience: Patience) -> bytes:
    """All that a program prints until it ends. Raises Unreachable where it is too much or takes too long."""
    if process.stdout is None:
        raise RuntimeError("the program was started without a pipe")
    output = process.stdout.fileno()
    poll = select.poll()
    poll.register(output, select.POLLIN)
    printed, open_still = b"", True
    while True:
        ended = process.poll() is not None
        # Something it started may hold the pipe open: once it has ended, only what is there is read.
        if open_still and poll.poll(0 if ended else _milliseconds(patience)):
            piece = os.read(output, MAX_TOKEN_OUTPUT)
            printed += piece
            open_still = bool(piece)
            if len(printed) > MAX_TOKEN_OUTPUT:
                raise Unreachable("mail.auth_command: it printed more than 64 KB; it is to print a token")
        elif ended:
            return printed
        elif not open_still:
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(GLANCE, _milliseconds(patience) / 1_000))


def _milliseconds(patience: Patience) -> float:
    try:
        return patience.pause() * 1_000
    except Lost as lost:
        raise Unreachable(str(lost)) from lost
