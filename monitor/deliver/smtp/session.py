"""I/O: a session with a mail server, and what became of each mail that was handed over in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from ssl import SSLContext

from ...models import MailSpec, Outcome
from .login import log_in, mechanisms
from .patience import Lost, Patience, Unreachable, never
from .replies import CLOSING, LOGIN_TROUBLE, Reply, explained, refuses_to_relay
from .talk import Talk
from .wire import Certificate, Wire, dial, tls_context

MAIL_FROM, RCPT_TO, DATA = "at MAIL FROM", "at RCPT TO", "at DATA"
SENDING = "while the mail was being sent"
ALL_SENT = "after the whole mail was sent"

_ADDRESS = re.compile(r"[^\x00-\x20\x7f<>]+@[^\x00-\x20\x7f<>@]+")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that each step may last, however the server spreads its bytes (RFC 5321, 4.5.3.2)."""

    connect: float = 30
    """Finding the host and reaching it."""
    command: float = 60
    """The greeting, each command with its reply, a TLS handshake."""
    data: float = 180
    """The reply to DATA; and sending the mail."""
    final: float = 600
    """The reply to the whole mail: long, since giving up too early makes duplicates (RFC 1047)."""
    auth_command: float = 30
    quit: float = 2
    after_stop: float = 1
    """How long that last reply is still waited for once the program is to stop: mostly it is on its way."""


DEFAULTS = Timeouts()


@contextmanager
def session(
    spec: MailSpec, *, stopping: Callable[[], bool] = never, timeouts: Timeouts = DEFAULTS
) -> Iterator[Session]:
    """A session that is connected, encrypted and logged in as `spec` says; closed at the end.

    `stopping` is asked at least every 0.2 seconds while the server is waited for; once it is true, what is
    under way ends. Raises Unreachable.
    """
    opened = Session(spec, stopping, timeouts)
    opened.open()
    try:
        yield opened
    finally:
        opened.close()


class Session:
    """A conversation with a mail server over many mails. Made by `session`; for one thread."""

    def __init__(self, spec: MailSpec, stopping: Callable[[], bool], timeouts: Timeouts) -> None:
        self._spec = spec
        self._stopping = stopping
        self._timeouts = timeouts
        self._patience = Patience(stopping)
        self._talk: Talk | None = None
        self._used = False
        self.server = f"mail server {spec.host}:{spec.port}"
        """As all messages name it."""
        self.greeting = ""
        """The server's own words, cleaned."""
        self.encryption = "none"
        """As in "TLS 1.3 (TLS_AES_256_GCM_SHA384)"."""
        self.certificate: Certificate | None = None
        """The server's; None where nothing is encrypted."""
        self.login = ""
        """As in "monitor by PLAIN"; "" without a login."""
        self.mechanisms: tuple[str, ...] = ()
        """The ways to log in that the server offers, once encrypted."""
        self.offers_utf8 = False
        """Whether it takes addresses beyond ASCII (SMTPUTF8, RFC 6531)."""
        self.size_limit: int | None = None
        """Bytes of the largest mail that it takes (RFC 1870); None where it does not say."""

    def open(self) -> None:
        """Connects anew, whatever was before. Raises Unreachable."""
        self._drop()
        try:
            self._talk = talk = self._dialled()
            self._greet(talk)
            self._learn(talk)
            if self._spec.security == "starttls":
                self._start_tls(talk)
                self._learn(talk)  # what was said unencrypted counts for nothing (RFC 3207, 4.2)
            self.login = log_in(
                talk,
                self._spec,
                seconds=self._timeouts.command,
                command_seconds=self._timeouts.auth_command,
            )
        except Lost as lost:
            self._drop()
            raise Unreachable(str(lost)) from lost
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Takes leave, for two seconds at most, and closes the connection. May be called again."""
        if self._talk:
            with suppress(Lost):
                self._talk.ask("QUIT", seconds=self._timeouts.quit)
        self._drop()

    def noop(self) -> None:
        """Asks for a sign of life. Raises Unreachable where none comes."""
        try:
            reply = self._opened().ask("NOOP", seconds=self._timeouts.command)
        except Lost as lost:
            self._drop()
            raise Unreachable(str(lost)) from lost
        if not reply.positive:
            self._drop()
            raise Unreachable(f"{self.server}, at NOOP: it answered {explained(reply)}")

    def hand_over(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """One mail to one recipient, in a transaction of its own, and what became of it.

        Both addresses are bare (local@domain); the content is the whole mail, its lines ended by CRLF. Opens
        the connection again where it was lost before. Never raises for what the server does.
        """
        unfit = _unfit(sender, recipient, content)
        if unfit:
            return Outcome("refused", unfit)
        if self._stopping():
            return Outcome("deferred", "the program was stopped before the mail was sent", whole_server=True)
        try:
            return self._transaction(sender, recipient, content)
        except Unreachable as error:
            return Outcome("deferred", str(error), whole_server=True)
        except Lost as lost:
            self._drop()
            return Outcome("deferred", str(lost), whole_server=True)

    def _transaction(self, sender: str, recipient: str, content: bytes) -> Outcome:
        talk = self._opened()
        international = not (sender + recipient).isascii()
        if international and not self.offers_utf8:
            return Outcome(
                "refused",
                f"{self.server}: it takes no addresses beyond ASCII (SMTPUTF8); "
                "use another address, or a server that takes them",
            )
        reply = self._mail_from(sender, content, international=international)
        if not reply.positive:
            return self._declined(reply, MAIL_FROM)
        talk = self._opened()
        reply = talk.ask("RCPT", f"TO:<{recipient}>", step=RCPT_TO, seconds=self._timeouts.command)
        if not reply.positive:
            return self._declined(reply, RCPT_TO)
        reply = talk.ask("DATA", step=DATA, seconds=self._timeouts.data)
        if reply.code != 354:
            return self._declined(reply, DATA)
        talk.begin(SENDING, self._timeouts.data)
        talk.send(_stuffed(content))
        return self._final(talk)

    def _final(self, talk: Talk) -> Outcome:
        """What the server makes of a mail of which it may have each byte."""
        talk.begin(ALL_SENT, self._timeouts.final, after_stop=self._timeouts.after_stop)
        try:
            reply = talk.answer()
        except Lost as lost:
            self._drop()
            return Outcome("unknown", f"{lost}; it may have arrived", whole_server=True)
        if reply.positive:
            return Outcome("sent")
        if not (reply.transient or reply.permanent):
            self._drop()
            return Outcome(
                "unknown", f"{self._answered(reply, ALL_SENT)}; it may have arrived", whole_server=True
            )
        return self._declined(reply, ALL_SENT)

    def _mail_from(self, sender: str, content: bytes, *, international: bool) -> Reply:
        """The reply to MAIL FROM.

        A connection that has served a mail may have ended since, by idling or by a limit of mails on one
        connection. Nothing was said yet of this mail then, and it begins anew on another connection.
        """
        if not self._used:
            return self._said_mail_from(sender, content, international=international)
        try:
            reply = self._said_mail_from(sender, content, international=international)
        except Lost as lost:
            if lost.ending != "closed":
                raise
        else:
            if reply.code != CLOSING:
                return reply
        self.open()
        return self._said_mail_from(sender, content, international=international)

    def _said_mail_from(self, sender: str, content: bytes, *, international: bool) -> Reply:
        talk = self._opened()
        self._used = True
        options = [f"SIZE={len(content)}"] if "size" in talk.features else []
        options += ["SMTPUTF8"] if international else []
        options += [] if content.isascii() else ["BODY=8BITMIME"]
        args = " ".join([f"FROM:<{sender}>", *options])
        return talk.ask("MAIL", args, step=MAIL_FROM, seconds=self._timeouts.command)

    def _declined(self, reply: Reply, step: str) -> Outcome:
        """What a reply means that is surely no acceptance; leaves the session ready for the next mail."""
        reason = self._answered(reply, step)
        if reply.code in {CLOSING, *LOGIN_TROUBLE} or not (reply.transient or reply.permanent):
            self._drop()
            return Outcome("deferred", reason, whole_server=True)
        self._reset()
        if reply.permanent and not (step == RCPT_TO and refuses_to_relay(reply)):
            return Outcome("refused", reason)
        return Outcome("deferred", reason, whole_server=step == MAIL_FROM)

    def _answered(self, reply: Reply, step: str) -> str:
        return f"{self.server}, {step}: it answered {explained(reply)}"

    def _reset(self) -> None:
        """Ends a transaction that came to nothing; where that fails the next one gets a new connection."""
        try:
            clean = self._opened().ask("RSET", seconds=self._timeouts.command).positive
        except Lost:
            clean = False
        if not clean:
            self._drop()

    def _opened(self) -> Talk:
        if self._talk is None:
            self.open()
        if self._talk is None:
            raise RuntimeError("open() neither raised nor opened")
        return self._talk

    def _drop(self) -> None:
        """Closes the connection without a word."""
        talk, self._talk = self._talk, None
        self._used = False
        if talk:
            talk.close()

    def _dialled(self) -> Talk:
        spec = self._spec
        self._patience.begin(f"{self.server}, connecting", self._timeouts.connect)
        connection = dial(
            spec.host, spec.port, self.server, self._patience, only_loopback=spec.security == "none"
        )
        return Talk(Wire(connection, self._patience), self.server, self._patience)

    @cached_property
    def _context(self) -> SSLContext:
        return tls_context(self._spec.ca_file)

    def _greet(self, talk: Talk) -> None:
        self.encryption, self.certificate = "none", None
        if self._spec.security == "implicit":
            talk.begin("at the TLS handshake", self._timeouts.command)
            self.encryption = talk.start_tls(self._context, self._spec.host)
            self.certificate = talk.certificate
        talk.begin("at the greeting", self._timeouts.command)
        try:
            reply = talk.answer()
        except Lost as lost:
            if lost.ending != "late" or self._spec.security == "implicit":
                raise
            hint = "if this port expects TLS from the first byte (465 does), set mail.security to implicit"
            raise Unreachable(f"{lost}; {hint}") from lost
        if reply.code != 220:
            raise Unreachable(self._answered(reply, "at the greeting"))
        self.greeting = reply.text

    def _learn(self, talk: Talk) -> None:
        reply = talk.ehlo(self._timeouts.command)
        if not reply.positive:
            raise Unreachable(self._answered(reply, "at EHLO"))
        self.mechanisms = mechanisms(talk)
        self.offers_utf8 = "smtputf8" in talk.features
        size = talk.features.get("size", "")
        # 0 says that there is no fixed limit.
        self.size_limit = int(size) or None if size.isascii() and size.isdigit() else None

    def _start_tls(self, talk: Talk) -> None:
        if "starttls" not in talk.features:
            raise Unreachable(
                f"{self.server}: it does not offer STARTTLS, and mail does not go unencrypted; "
                "set mail.security to implicit with port 465, or have encryption set up on the server"
            )
        reply = talk.ask("STARTTLS", seconds=self._timeouts.command)
        if reply.code != 220:
            raise Unreachable(
                f"{self._answered(reply, 'at STARTTLS')}, and mail does not go unencrypted; "
                "try later, or set mail.security to implicit with port 465"
            )
        talk.begin("at the TLS handshake", self._timeouts.command)
        self.encryption = talk.start_tls(self._context, self._spec.host)
        self.certificate = talk.certificate


def _unfit(sender: str, recipient: str, content: bytes) -> str:
    """Why a mail cannot be put into SMTP at all; "" where it can."""
    for address in (sender, recipient):
        if not _ADDRESS.fullmatch(address):
            return f"{address!r} is no mail address"
    ends = content.count(b"\r\n")
    if content.count(b"\r") != ends or content.count(b"\n") != ends:
        # Some servers would read a bare line end and a dot as the end of the mail ("SMTP smuggling").
        return "the mail has a line that does not end in CRLF"
    return ""


def _stuffed(content: bytes) -> bytes:
    """The mail as DATA wants it (RFC 5321, 4.5.2), with the dot that ends it."""
    start = b"." if content.startswith(b".") else b""
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return start + content.replace(b"\r\n.", b"\r\n..") + end
