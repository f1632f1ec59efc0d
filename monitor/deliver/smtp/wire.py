"""I/O: a connection to a mail server: found, dialled, encrypted; and bytes over it under a deadline.

A socket's own timeout is per call, so a server that sends a byte now and then holds a client for ever. Here
the socket never blocks; all waiting is done with patience (see `patience`), in the caller's own thread.
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import os
import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from .patience import Patience, Unreachable

Result = TypeVar("Result")
Entry = tuple[socket.AddressFamily, tuple[Any, ...]]

MAX_LINE = 4_096
MAX_REPLY = 65_536
"""Bytes of a line, and of all lines of a reply, after which a server is held to be broken."""
_PIECE = 16_384  # the size of a TLS record
_NO_ROUTE = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL))
# Of OpenSSL's x509_vfy.h.
_CERTIFICATE_TROUBLE = {
    9: "its certificate is not valid yet: look at the clocks of both machines",
    10: "its certificate has expired: renew it on the server",
    18: "its certificate is self-signed: save it as a PEM file and name that in mail.ca_file",
    **dict.fromkeys(
        (2, 19, 20, 21),
        "its certificate comes from an authority that this machine does not know: save the authority's "
        "certificate as a PEM file and name that in mail.ca_file",
    ),
    **dict.fromkeys(
        (62, 64), "its certificate is for another host: set mail.host to a name that the certificate has"
    ),
}
_TOO_OLD = frozenset(
    ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW")
)
_NO_TLS = frozenset(
    ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
)


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Verifies certificate and host name, by the system's authorities and those in `ca_file` ("" for none).

    Raises Unreachable where the file cannot be used.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not ca_file:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError as error:
        raise Unreachable(f"mail.ca_file {ca_file} holds no certificates in PEM form") from error
    except OSError as error:
        raise Unreachable(f"mail.ca_file {ca_file} cannot be read: {error.strerror}") from error
    return context


def dial(host: str, port: int, server: str, patience: Patience, *, only_loopback: bool) -> socket.socket:
    """A connected socket that does not block. `server` is how messages name it.

    With `only_loopback` an address of another machine is never dialled. Raises Unreachable, and Lost at the
    end of patience.
    """
    entries = _resolved(host, port, server, patience)
    if only_loopback:
        entries = [entry for entry in entries if _is_loopback(entry[1][0])]
        if not entries:
            raise Unreachable(
                f"{server}: {host} is another machine, and mail to it would go unencrypted; "
                "set mail.security to starttls or implicit"
            )
    failure: OSError = OSError(errno.EADDRNOTAVAIL, "no address")
    for position, (family, address) in enumerate(entries):
        # What is left is shared out, so that a dead IPv6 route leaves time for IPv4.
        seconds = patience.left() / (len(entries) - position)
        try:
            return _connected(family, address, patience, time.monotonic() + seconds)
        except OSError as error:
            failure = error
    raise Unreachable(f"{server}: {_dialling_trouble(failure)}") from failure


def _resolved(host: str, port: int, server: str, patience: Patience) -> list[Entry]:
    answer: queue.SimpleQueue[list[Entry] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put([(entry[0], entry[4]) for entry in found])
        except (OSError, ValueError) as error:  # ValueError: a label that is empty or too long
            answer.put(error)

    # The resolver cannot be interrupted; a daemon thread can be left behind to its own time-out.
    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    while True:
        try:
            found = answer.get(timeout=patience.pause())
        except queue.Empty:
            continue
        if isinstance(found, Exception):
            raise Unreachable(
                f"{server}: the name {host} was not found; check mail.host and this machine's DNS"
            ) from found
        return found


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _connected(
    family: socket.AddressFamily, address: tuple[Any, ...], patience: Patience, until: float
) -> socket.socket:
    """Raises OSError, which at the moment `until` (of time.monotonic) is TimeoutError, and Lost."""
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        code = connection.connect_ex(address)
        while code == errno.EINPROGRESS and (seconds := until - time.monotonic()) > 0:
            if _ready(connection, select.POLLOUT, min(seconds, patience.pause())):
                code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    except BaseException:
        connection.close()
        raise
    if code:
        connection.close()
        # OSError makes a TimeoutError of ETIMEDOUT.
        raise OSError(code if code != errno.EINPROGRESS else errno.ETIMEDOUT, os.strerror(code))
    return connection


def _ready(connection: socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(connection, event)
    return bool(poll.poll(seconds * 1_000))


def _dialling_trouble(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return (
            "it did not answer in time; check mail.host and mail.port, and whether a firewall stands between"
        )
    if error.errno == errno.ECONNREFUSED:
        return "connection refused; check mail.host and mail.port, and whether the server runs"
    if error.errno in _NO_ROUTE:
        return f"it cannot be reached ({error.strerror}); check this machine's network and mail.host"
    return f"no connection ({error.strerror or error}); check mail.host and mail.port"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server has shown, which was verified."""

    names: tuple[str, ...]
    """The hosts and addresses that it is for."""
    until: datetime
    """UTC."""


class Wire:
    """Bytes to and from a server. It has what smtplib uses of a socket, and raises Lost where it breaks off.

    `connection` is connected, does not block, and is this object's from then on.
    """

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._socket = connection
        self._patience = patience
        self._unread = b""
        self._received = 0
        self.certificate: Certificate | None = None
        """The other side's, once encrypted."""

    def sendall(self, data: bytes) -> None:
        """Hands all of `data` to the kernel. Raises Lost where it has surely not taken all of it."""
        self._check_nothing_unread()
        self._received = 0
        unsent = memoryview(data)
        while unsent:
            sent = self._done(functools.partial(self._socket.send, unsent[:_PIECE]), select.POLLOUT)
            unsent = unsent[sent:]

    def makefile(self, mode: str) -> Wire:  # noqa: ARG002 - as smtplib calls it
        """Itself: it reads lines already."""
        return self

    def readline(self, size: int = -1) -> bytes:  # noqa: ARG002 - as smtplib calls it; our limit is lower
        """The next line with its end, within smtplib's own limit of 8,192 bytes."""
        while b"\n" not in self._unread:
            if len(self._unread) > MAX_LINE or self._received > MAX_REPLY:
                raise self._patience.lost("nonsense", "its answer does not end")
            piece = self._done(functools.partial(self._socket.recv, MAX_LINE), select.POLLIN)
            if not piece:
                raise self._patience.lost("closed", "it closed the connection")
            self._unread += piece
            self._received += len(piece)
        line, end, self._unread = self._unread.partition(b"\n")
        return line + end

    def start_tls(self, context: ssl.SSLContext, host: str, server: str) -> str:
        """Encrypts what follows; the version and cipher as in "TLS 1.3 (TLS_AES_256_GCM_SHA384)".

        Raises Unreachable where the server cannot be trusted, or not be agreed with.
        """
        # What came unencrypted must not be read as if it had come encrypted (CVE-2011-0411).
        self._check_nothing_unread()
        try:
            secured = context.wrap_socket(
                self._socket, server_hostname=host.rstrip("."), do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            raise self._patience.lost("closed", "no encrypted connection could be begun") from error
        self._socket = secured
        self._done(functools.partial(_handshake, secured, server), select.POLLIN)
        self.certificate = _certificate(secured)
        cipher = secured.cipher()
        return (
            f"{(secured.version() or 'TLS').replace('TLSv', 'TLS ')} ({cipher[0] if cipher else 'unknown'})"
        )

    def close(self) -> None:
        """Closes at once, without a word to the server. May be called again."""
        self._socket.close()

    def _check_nothing_unread(self) -> None:
        if self._unread:
            raise self._patience.lost("nonsense", "it said more than it was asked")

    def _done(self, operation: Callable[[], Result], event: int) -> Result:
        """`operation`, as soon as the socket lets it. It is tried first: what is there must not be missed."""
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            except ssl.SSLWantWriteError:
                wanted = select.POLLOUT
            except BlockingIOError:
                wanted = event
            except OSError as error:
                words = f"the connection broke ({error.strerror or error})"
                raise self._patience.lost("closed", words) from error
            _ready(self._socket, wanted, self._patience.pause())


def _handshake(secured: ssl.SSLSocket, server: str) -> None:
    try:
        secured.do_handshake()
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLEOFError):
        raise
    except ssl.SSLCertVerificationError as error:
        meaning = _CERTIFICATE_TROUBLE.get(
            error.verify_code, f"its certificate is not to be trusted: {error.verify_message}"
        )
        raise Unreachable(f"{server}: {meaning}") from error
    except ssl.SSLError as error:
        raise Unreachable(f"{server}: {_tls_trouble(error.reason)}") from error


def _certificate(secured: ssl.SSLSocket) -> Certificate | None:
    found: dict[str, Any] = dict(secured.getpeercert() or {})
    if "notAfter" not in found:
        return None
    names = tuple(name for kind, name in found.get("subjectAltName", ()) if kind in {"DNS", "IP Address"})
    return Certificate(names, datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC))


def _tls_trouble(reason: str | None) -> str:
    if reason in _TOO_OLD:
        return "it has no TLS of version 1.2 or later: renew the server's software"
    if reason in _NO_TLS:
        return (
            "it does not speak TLS on this port: set mail.security to starttls, or to implicit with port 465"
        )
    return f"no encrypted connection could be agreed on ({reason or 'no reason given'})"
