"""I/O: the guarded way to the network: one deadline for a whole request, only allowed addresses.

httpx's timeouts are per read, so a server that sends a byte now and then holds a request for ever; and it
resolves names itself, so an address checked beforehand need not be the one that is dialled. Both are settled
where httpcore opens and reads sockets, by its public seam, the network backend.
"""

from __future__ import annotations

import functools
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx

from monitor.fetch.addresses import Address, AddressPolicy
from monitor.fetch.errors import FetchError

_Way = httpcore.HTTPConnection | httpcore.ConnectionPool

CONNECT_SECONDS = 10.0
"""The longest that one address is waited for before the next one is tried."""


class Deadline:
    """The moment at which a request must be over, `seconds` after it began."""

    def __init__(self, seconds: float) -> None:
        self._start = time.monotonic()
        self._seconds = seconds

    def left(self) -> float:
        """Seconds that remain; zero or less when it has passed."""
        return self._seconds - self.spent()

    def spent(self) -> float:
        """Seconds since the request began, time set aside not counted."""
        return time.monotonic() - self._start

    def set_aside(self, seconds: float) -> None:
        """Do not count `seconds` that were spent waiting for our own turn."""
        self._start += seconds


_making = threading.Lock()
"""Held while the TLS context is made: a cache alone would let each of the first threads make one."""


def tls_context() -> ssl.SSLContext:
    """The process's one TLS context; making it costs more than a request.

    It trusts certifi's list, and the system's too: an organisation that inspects traffic installs its own
    authority there (or names it in SSL_CERT_FILE). There is no way to turn verification off.
    """
    with _making:
        return _tls_context()


@functools.cache
def _tls_context() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


class GuardedTransport(httpx.BaseTransport):
    """httpx's way out: every request by a connection of its own, under its deadline and the address policy.

    The deadline comes in `request.extensions["deadline"]`, in `["redirected"]` whether a server named the
    address rather than the config, and in `["wire"]` whose scheme, host and port are dialled: those of the
    address itself, or of a mirror. A connection serves one request: sources are asked
    minutes apart, a kept connection would mostly be a dead one, and httpcore's pool is slow when shared.
    With a proxy its address is the hop to trust, and the only one dialled; names are then resolved by the
    proxy, and only what is private by its name alone is refused here.
    """

    def __init__(self, policy: AddressPolicy, proxy: httpx.Proxy | None = None) -> None:
        self._policy = policy
        self._proxy = httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth) if proxy else None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body is read as it is iterated. Raises FetchError and httpcore's errors."""
        wire = request.extensions["wire"]
        host, port = wire.raw_host.decode("ascii"), port_of(wire)
        redirected = request.extensions["redirected"]
        if self._proxy:
            self._policy.check_unresolved(host, port, redirected=redirected)
        url = httpcore.URL(scheme=wire.raw_scheme, host=host, port=wire.port, target=request.url.raw_path)
        way = self._way(url, request.extensions["deadline"], redirected)
        answer = way.handle_request(httpcore.Request(request.method, url, headers=request.headers.raw))
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer, way), request=request
        )

    def _way(self, url: httpcore.URL, deadline: Deadline, redirected: bool) -> _Way:
        """What sends one request: a connection, or httpcore's way through a proxy, which is always a pool."""
        tls = tls_context() if url.scheme == b"https" else None
        if self._proxy is None:
            backend = _Backend(deadline, self._policy, redirected)
            return httpcore.HTTPConnection(url.origin, ssl_context=tls, network_backend=backend)
        return httpcore.ConnectionPool(
            ssl_context=tls,
            proxy=self._proxy,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=_Backend(deadline, None, redirected),
        )


def port_of(url: httpx.URL) -> int:
    """The port that an http or https address means."""
    return url.port or (443 if url.scheme == "https" else 80)


class _Stream(httpx.SyncByteStream):
    """httpcore's body, as httpx wants it."""

    def __init__(self, answer: httpcore.Response, way: _Way) -> None:
        self._answer = answer
        self._way = way

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._way.close()


class _Backend(httpcore.NetworkBackend):
    """Resolves, checks each answer, and dials the very address it has checked."""

    def __init__(self, deadline: Deadline, policy: AddressPolicy | None, redirected: bool) -> None:
        self._deadline = deadline
        self._policy = policy
        self._redirected = redirected
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline stands in for it
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve(host, port, self._deadline.left())
        if self._policy:
            addresses = self._policy.acceptable(host, port, addresses, redirected=self._redirected)
        failure: Exception = httpcore.ConnectTimeout()
        for position, address in enumerate(addresses):
            # What remains is shared out, so that a dead IPv6 route leaves time for IPv4.
            seconds = min(CONNECT_SECONDS, self._deadline.left() / (len(addresses) - position))
            if seconds <= 0:
                break
            try:
                stream = self._sockets.connect_tcp(str(address), port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _GuardedStream(stream, self._deadline)
        raise failure


class _GuardedStream(httpcore.NetworkStream):
    """A connection on which no single operation outlasts the request's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        try:
            seconds = self._left(httpcore.ConnectTimeout)
            secured = self._stream.start_tls(ssl_context, server_hostname, seconds)
        except BaseException:
            self.close()  # httpcore forgets a connection whose handshake failed
            raise
        return _GuardedStream(secured, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, passed: type[Exception]) -> float:
        seconds = self._deadline.left()
        if seconds <= 0:
            raise passed
        return seconds


def resolve(host: str, port: int, seconds: float) -> tuple[Address, ...]:
    """The addresses of `host`, each once, in the resolver's order.

    Raises FetchError where there is none, httpcore.ConnectTimeout after `seconds`.
    """
    try:
        return (ipaddress.ip_address(host),)
    except ValueError:
        pass  # a name, or an address in a form that only a resolver takes
    answer: queue.SimpleQueue[tuple[Address, ...] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(_look_up(host, port))
        except (OSError, ValueError) as error:  # ValueError: a label that is empty or too long
            answer.put(error)

    # The resolver cannot be interrupted; a daemon thread can be left behind to its own time-out.
    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        found = answer.get(timeout=max(seconds, 0))
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if isinstance(found, Exception):
        raise FetchError(
            f"the name {host} was not found; check the address and this machine's DNS"
        ) from found
    return found


def _look_up(host: str, port: int) -> tuple[Address, ...]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in entries))
