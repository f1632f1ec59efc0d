"""I/O: listens, in a thread beside the service, and bounds what one client may take of it."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..models import Refusal, Status
from .guard import Guard
from .pages import application

log = logging.getLogger("monitor")

HEADER_BYTES = 16 * 1024
IDLE_SECONDS = 5
GRACE = 0.5
"""Seconds that an answer may still take when the server stops."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may take."""

    at_once: int = 64
    """With so many connections open a request is answered with 503."""
    connections: int = 128
    """Those above it are cut."""
    header_seconds: float = 10.0
    """Within so long of connecting a client has sent its first request."""
    connection_seconds: float = 120.0
    """For so long a connection may last, whatever it is doing: reading slowly too."""


LIMITS = Limits()


class WebError(Refusal):
    """The pages cannot be served where the config says. The message says why and what to do."""


class Server:
    """A server that is listening."""

    def __init__(self, listening: socket.socket) -> None:
        host, port = listening.getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        """host:port, with the port that the system chose where it was asked for port 0."""
        self.url = f"http://{self.address}/"


@contextmanager
def serving(
    listen: str,
    output: Path,
    *,
    hosts: Callable[[], Collection[str]],
    status: Callable[[], Status],
    metrics: Callable[[], str],
    limits: Limits = LIMITS,
) -> Iterator[Server]:
    """Serves the folder `output`, /healthz and /metrics on `listen` (host:port) until the block ends.

    `hosts` gives the names under which it may be asked just now, besides that of `listen`, localhost, any
    address and any name without a dot. `status` and `metrics` are called in other threads, one call of each
    at a time; an error of theirs is answered with 500 and logged. Stops within 2 seconds.
    Raises WebError where it cannot listen.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    app = Guard(application(output, status, metrics), lambda: {*hosts(), host, "localhost"})
    with _listening(host, int(port)) as listening:
        server = uvicorn.Server(_settings(app, limits))
        thread = threading.Thread(target=server.run, args=([listening],), name="web", daemon=True)
        _hand_on_log()
        thread.start()
        try:
            yield Server(listening)
        finally:
            server.should_exit = True
            thread.join()


def _listening(host: str, port: int) -> socket.socket:
    is_wide = ":" in host
    try:
        return socket.create_server(
            (host, port),
            family=socket.AF_INET6 if is_wide else socket.AF_INET,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        where = f"[{host}]:{port}" if is_wide else f"{host}:{port}"
        raise WebError(f"no pages can be served on {where}: {_why(error, port)}, or null for none") from error


def _why(error: OSError, port: int) -> str:
    another = "set another port in web.listen"
    match error.errno:
        case errno.EADDRINUSE:
            return f"another program listens there already; stop it, {another}"
        case errno.EACCES:
            return f"this user may not use port {port}; {another} (1024 or higher)"
        case _:
            return f"{error.strerror or error}; set an address of this machine in web.listen"


def _settings(app: Guard, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        cast("uvicorn._types.ASGI3Application", app),
        http=cast("type[H11Protocol]", partial(_Connection, limits)),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.at_once,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )


class _Connection(H11Protocol):
    """A connection that ends: uvicorn itself waits for ever for a request that does not come."""

    def __init__(self, limits: Limits, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._ends: tuple[asyncio.TimerHandle, ...] = ()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            transport.abort()
            return
        self._ends = (
            self.loop.call_later(self._limits.header_seconds, self._end_where_silent),
            self.loop.call_later(self._limits.connection_seconds, transport.abort),
        )

    def _end_where_silent(self) -> None:
        if self.cycle is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for end in self._ends:
            end.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(GRACE, self.transport.abort)


class _Ours(logging.Handler):
    """Hands uvicorn's lines on to our log: what strangers send is for those who look closely."""

    def emit(self, record: logging.LogRecord) -> None:
        """An error with its trace; what is less, for debugging."""
        is_ours = record.levelno >= logging.ERROR and bool(record.exc_info)
        level = logging.ERROR if is_ours else logging.DEBUG
        log.log(level, 'web says="%s"', record.getMessage().strip(), exc_info=record.exc_info)


def _hand_on_log() -> None:
    """From now on, in this process; once, however often servers are started."""
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(_Ours())
