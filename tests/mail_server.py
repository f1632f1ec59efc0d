"""A mail server on this machine's loopback address that keeps what it takes, and misbehaves on cue.

with MailServer() as server:                          # STARTTLS; also "implicit" and "none"
    server.cue("b@example.org", REFUSE_RCPT)          # whenever b is named
    server.cue("c@example.org", DEFER_DOT, times=1)   # the first time only
    server.cue(EVERYONE, HANG_AT_GREETING)            # what comes before a recipient is named
    send(host="localhost", port=server.port, ca_file=server.ca_file(tmp_path))
    assert server.taken == [("a@example.org", b"Subject: ...")]

A fault is where and what: Fault("rcpt", "450 4.2.0 Come later"), Fault("body", DROP). The names below are
those that most tests want. `server.spec(tmp_path)` is the MailSpec by which mail leaves over it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from monitor.models import MailSpec

EVERYONE = "*"
Place = Literal[
    *("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot", "rset", "noop", "quit")
]
Security = Literal["starttls", "implicit", "none"]
Certificate = Literal["good", "self-signed", "wrong host", "expired"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at a place of the conversation.

    "body" is in the middle of a mail, "dot" after all of it. `does`: DROP closes the connection, HANG says
    nothing more, DRIP begins a reply that never ends, a byte every 50 ms; other text is a reply; bytes are
    sent as they are, and nothing follows. `taken`: whether a mail that met its fault at the dot is kept all
    the same. `then_drop`: whether the connection is closed after a reply.
    """

    at: Place
    does: str | bytes
    taken: bool = False
    then_drop: bool = False


DROP, HANG, DRIP = "drop", "hang", "drip"

REFUSE_MAIL = Fault("mail", "550 5.7.1 No mail from you")
DEFER_MAIL = Fault("mail", "451 4.3.0 Out of order")
REFUSE_RCPT = Fault("rcpt", "550 5.1.1 No such user")
DEFER_RCPT = Fault("rcpt", "450 4.2.0 Greylisted, come back later")
DROP_AT_RCPT = Fault("rcpt", DROP)
CLOSING_AT_RCPT = Fault("rcpt", "421 4.3.2 Shutting down", then_drop=True)
REFUSE_DATA = Fault("data", "554 5.5.1 No valid recipients")
DEFER_DATA = Fault("data", "451 4.3.0 Not now")
DROP_BEFORE_DATA = Fault("data", DROP)
HANG_AT_DATA = Fault("data", HANG)
DROP_IN_BODY = Fault("body", DROP)
HANG_IN_BODY = Fault("body", HANG)
REFUSE_DOT = Fault("dot", "554 5.6.0 Looks like spam")
DEFER_DOT = Fault("dot", "452 4.3.1 Disk full")
DROP_AFTER_DOT = Fault("dot", DROP, taken=True)
DROP_AFTER_DOT_UNTAKEN = Fault("dot", DROP)
HANG_AFTER_DOT = Fault("dot", HANG, taken=True)
DRIP_AFTER_DOT = Fault("dot", DRIP, taken=True)
HANG_AT_GREETING = Fault("greeting", HANG)
DRIP_AT_GREETING = Fault("greeting", DRIP)
CLOSED_AT_GREETING = Fault("greeting", "554 5.3.2 No service here", then_drop=True)
BUSY_AT_GREETING = Fault("greeting", "421 4.7.0 Too many connections", then_drop=True)
GARBAGE_AT_GREETING = Fault("greeting", b"\xff\xfe\x00\x1b[31m SSH-2.0-nonsense\r\n")
HANG_AT_EHLO = Fault("ehlo", HANG)
REFUSE_STARTTLS = Fault("starttls", "454 4.7.0 TLS not available")

BODY_READ = 1_000
"""Bytes of a mail that are read before a fault in its middle."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came with a mail that was taken."""

    sender: str
    recipient: str
    options: tuple[str, ...]
    login: str
    encrypted: bool


@dataclass
class _Cue:
    fault: Fault
    times: float


@dataclass
class MailServer:
    """The server; a context manager, on a port of its own. What it is to be is given when it is made.

    `users` and `tokens` are passwords and XOAUTH2 tokens by user name; with either, mail is taken after a
    login only. `mechanisms` are the ways to log in that are offered, where there are users.
    """

    security: Security = "starttls"
    certificate: Certificate = "good"
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")
    size_limit: int = 10_000_000
    utf8: bool = False
    starttls: bool = True
    """Whether STARTTLS is offered, where that is the security."""

    taken: list[tuple[str, bytes]] = field(default_factory=list, init=False)
    """(recipient, mail) in the order of arrival, for each mail that the server has, told of it or not."""
    envelopes: list[Envelope] = field(default_factory=list, init=False)
    """For each of `taken`."""
    commands: list[str] = field(default_factory=list, init=False)
    """What clients said, without what comes after AUTH and its mechanism."""
    connections: int = field(default=0, init=False)
    port: int = field(default=0, init=False)
    met: threading.Event = field(default_factory=threading.Event, init=False)
    """Set when a fault was met: by then the client waits for what will not come."""

    def __post_init__(self) -> None:
        self._cues: dict[str, list[_Cue]] = {}
        self._lock = threading.Lock()
        self._bugs: list[Exception] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._went_wrong)
        self._open: set[_Conversation] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail server")

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(self._listen())
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._bugs and error is None:
            raise self._bugs[0]

    def ca_file(self, folder: Path) -> str:
        """The path of a file, written in `folder`, by which the certificate is trusted."""
        path = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(path)
        return str(path)

    def spec(self, folder: Path, **changes: Any) -> MailSpec:
        """How mail leaves by this server; trusting it takes a file in `folder`."""
        values: dict[str, Any] = {
            "sender": "Monitor <monitor@example.org>",
            "reply_to": None,
            "host": "localhost",
            "port": self.port,
            "security": self.security,
            "ca_file": "" if self.security == "none" else self.ca_file(folder),
        }
        return MailSpec(**(values | changes))

    def cue(self, recipient: str, fault: Fault, *, times: int | None = None) -> None:
        """Do `fault` for `recipient`, or EVERYONE; always, or so many times. May be said at any time."""
        with self._lock:
            self._cues.setdefault(recipient, []).append(_Cue(fault, times or float("inf")))

    def behave(self) -> None:
        """Forget all cues."""
        with self._lock:
            self._cues.clear()

    def say(self, data: bytes) -> None:
        """Send bytes to all clients now, as they are."""
        self._loop.call_soon_threadsafe(lambda: [client.say(data) for client in self._open])

    def opened(self, client: _Conversation) -> None:
        """A connection stands; it may be said again once it is encrypted."""
        self._open.add(client)

    def ended(self, client: _Conversation) -> None:
        """A connection has gone."""
        self._open.discard(client)

    def recipients(self) -> list[str]:
        """Who has got a mail, once for each."""
        return [recipient for recipient, _ in self.taken]

    def fault(self, place: Place, recipient: str) -> Fault | None:
        """The fault that is due, counted as done."""
        with self._lock:
            for cue in [*self._cues.get(recipient, []), *self._cues.get(EVERYONE, [])]:
                if cue.fault.at == place and cue.times > 0:
                    cue.times -= 1
                    return cue.fault
        return None

    @cached_property
    def _authority(self) -> trustme.CA:
        return trustme.CA()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self.certificate == "self-signed":
            authority = self._authority
            with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
                context.load_cert_chain(certificate, key)
            return context
        host = "mail.example.org" if self.certificate == "wrong host" else "localhost"
        end = datetime(2020, 1, 2, tzinfo=UTC) if self.certificate == "expired" else None
        start = datetime(2020, 1, 1, tzinfo=UTC) if end else None
        self._authority.issue_cert(host, not_before=start, not_after=end).configure_cert(context)
        return context

    def _went_wrong(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        # A client that goes away, or does not like a certificate, is what these tests are about.
        if isinstance(error, Exception) and not isinstance(error, OSError | asyncio.IncompleteReadError):
            self._bugs.append(error)

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(
            self._conversation, "127.0.0.1", 0, ssl=self._tls if self.security == "implicit" else None
        )

    def _conversation(self) -> _Conversation:
        conversation = _Conversation(self, self._loop, self._tls if self._offers_starttls else None)
        self.connections += 1
        return conversation

    @property
    def _offers_starttls(self) -> bool:
        return self.security == "starttls" and self.starttls

    async def _close(self) -> None:
        self._server.close()
        await asyncio.sleep(0.01)  # for connections that are being accepted, and ends that are being noticed
        while self._open:
            for client in [*self._open]:
                client.abort()
            await asyncio.sleep(0.01)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class _Handler:
    """What aiosmtpd asks; it hands on to the conversation."""

    async def handle_EHLO(
        self, server: _Conversation, session: Any, envelope: Any, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name = hostname
        ours = server.owner
        kept = [line for line in lines if not line.startswith(("250-AUTH", "250 HELP"))]
        if (ours.users or ours.tokens) and server.may_log_in:
            kept.append("250-AUTH " + " ".join(ours.mechanisms))
        return [*kept, "250 ENHANCEDSTATUSCODES"]

    async def handle_DATA(self, server: _Conversation, session: Any, envelope: Any) -> str:
        return await server.all_came(envelope)


class _Conversation(SMTP):
    """aiosmtpd's side of one connection, with our faults before each step."""

    def __init__(
        self, owner: MailServer, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None
    ) -> None:
        self.owner = owner
        self.recipient = ""
        self.gone: asyncio.Future[None] = loop.create_future()
        super().__init__(
            _Handler(),
            hostname="mail.test",
            ident="ready",
            loop=loop,
            tls_context=tls,
            data_size_limit=owner.size_limit,
            enable_SMTPUTF8=owner.utf8,
            auth_require_tls=False,
            authenticator=self._password_fits,
        )

    @property
    def may_log_in(self) -> bool:
        return self.owner.security != "starttls" or self._tls_protocol is not None

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.owner.opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if not self.gone.done():
            self.gone.set_result(None)
        self.owner.ended(self)

    async def _handle_client(self) -> None:
        try:
            if await self._goes_wrong("greeting"):
                await self.gone
            await super()._handle_client()
        except ConnectionError:
            return  # the client went away

    async def smtp_EHLO(self, arg: str) -> None:
        await self._unless("ehlo", f"EHLO {arg}", super().smtp_EHLO, arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._unless("starttls", "STARTTLS", super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:
        await self._unless("auth", f"AUTH {arg.partition(' ')[0]}", super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._unless("mail", f"MAIL {arg}", self._mail, arg)

    async def _mail(self, arg: str | None) -> None:
        if (self.owner.users or self.owner.tokens) and not getattr(self.session, "authenticated", False):
            await self.push("530 5.7.0 Authentication required")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        named = re.search(r"<(.*?)>", arg or "")
        self.recipient = named[1] if named else ""
        await self._unless("rcpt", f"RCPT {arg}", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:
        await self._unless("data", "DATA", self._data, arg)

    async def _data(self, arg: str) -> None:
        fault = self.owner.fault("body", self.recipient)
        if fault is None:
            return await super().smtp_DATA(arg)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readexactly(BODY_READ)
        return await self._do(fault)

    async def smtp_RSET(self, arg: str) -> None:
        await self._unless("rset", "RSET", super().smtp_RSET, arg)

    async def smtp_NOOP(self, arg: str) -> None:
        await self._unless("noop", "NOOP", super().smtp_NOOP, arg)

    async def smtp_QUIT(self, arg: str) -> None:
        await self._unless("quit", "QUIT", super().smtp_QUIT, arg)

    async def all_came(self, envelope: Any) -> str:
        """The whole mail is here: the reply to it, unless a fault is in the way."""
        fault = self.owner.fault("dot", self.recipient)
        if fault is None or fault.taken:
            self._take(envelope)
        if fault is None:
            return "250 2.0.0 Taken"
        if isinstance(fault.does, str) and fault.does not in (DROP, HANG, DRIP) and not fault.then_drop:
            return fault.does
        await self._do(fault)
        await self.gone
        raise asyncio.CancelledError  # what aiosmtpd would still do needs a connection

    def _take(self, envelope: Any) -> None:
        login = getattr(getattr(self.session, "auth_data", None), "login", b"")
        options = tuple(envelope.mail_options)
        encrypted = self.session is not None and (
            self.session.ssl is not None or self.owner.security == "implicit"
        )
        for recipient in envelope.rcpt_tos:
            self.owner.envelopes.append(
                Envelope(envelope.mail_from, recipient, options, login.decode(), encrypted)
            )
            self.owner.taken.append((recipient, bytes(envelope.original_content)))

    async def _unless(
        self, place: Place, said: str, step: Callable[[Any], Awaitable[None]], arg: str | None
    ) -> None:
        """Does the step, unless a fault is due here."""
        self.owner.commands.append(said)
        if not await self._goes_wrong(place):
            await step(arg)

    async def _goes_wrong(self, place: Place) -> bool:
        fault = self.owner.fault(place, self.recipient)
        if fault:
            await self._do(fault)
        return fault is not None

    async def _do(self, fault: Fault) -> None:
        if fault.does == DROP:
            await self._drop()
        elif fault.does == HANG:
            self.owner.met.set()
            await self.gone
        elif fault.does == DRIP:
            await self._drip()
        elif isinstance(fault.does, bytes):
            self._writer.write(fault.does)
            await self._writer.drain()
            self.owner.met.set()
            await self.gone
        else:
            await self.push(fault.does)
        if fault.then_drop:
            await self._drop()

    async def _drop(self) -> None:
        self.owner.met.set()
        self.abort()
        await self.gone

    async def _drip(self) -> None:
        self.owner.met.set()
        while not self.gone.done():
            self._writer.write(b"2")
            await asyncio.wait([self.gone], timeout=0.05)

    def _password_fits(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        fits = (
            isinstance(data, LoginPassword)
            and self.owner.users.get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=fits, handled=False, auth_data=data)

    async def auth_CRAM__MD5(self, _: Any, args: list[str]) -> AuthResult:
        challenge = b"<1896.697170952@mail.test>"
        answer = await self.challenge_auth(challenge)
        name, _, digest = bytes(answer).decode().rpartition(" ")
        wanted = hmac.new(self.owner.users.get(name, "").encode(), challenge, "md5").hexdigest()
        data = LoginPassword(name.encode(), b"")
        return AuthResult(
            success=digest == wanted and name in self.owner.users, handled=False, auth_data=data
        )

    async def auth_XOAUTH2(self, _: Any, args: list[str]) -> AuthResult:
        name, token = _bearer(args[1])
        if token and self.owner.tokens.get(name) == token:
            return AuthResult(success=True, handled=False, auth_data=LoginPassword(name.encode(), b""))
        error = b64encode(json.dumps({"status": "401", "schemes": "bearer"}).encode()).decode()
        await self.challenge_auth(error, encode_to_b64=False)
        return AuthResult(success=False, handled=False)


def _bearer(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"user=(.*)\x01auth=Bearer (.*)\x01\x01", b64decode(text).decode())
    return (found[1], found[2]) if found else ("", "")
