"""A small web server on this machine's loopback address, for tests that want the real thing.

with Loopback() as site:
    site.serve("/feed", body=b"<rss/>", etag='"1"')      # answers If-None-Match with 304 by itself
    site.redirect("/old", "/feed", status=301)
    site.handle("/odd", lambda request: request.wfile.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n"))
    fetch(site.url("/feed"))
    assert site.count("/feed") == 1
    assert site.requests[0].headers["user-agent"]
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

Handle = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came in. `path` has its query; `headers` looks names up in any case."""

    method: str
    path: str
    headers: Message


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that is ready; with a validator it answers a matching conditional request with 304."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/atom+xml"
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        unchanged = self.is_known(request.headers)
        request.send_response(304 if unchanged else self.status)
        for name, value in (
            ("ETag", self.etag),
            ("Last-Modified", self.last_modified),
            *self.headers.items(),
        ):
            if value is not None:
                request.send_header(name, value)
        if unchanged or self.status == 204:
            request.end_headers()
            return
        request.send_header("Content-Type", self.content_type)
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(self.body)

    def is_known(self, headers: Message) -> bool:
        """Whether the client has this version; If-None-Match comes first (RFC 9110, 13.2.2)."""
        if self.status != 200:
            return False
        tags = headers.get("If-None-Match")
        if tags is not None:
            return self.etag is not None and self.etag in [tag.strip() for tag in tags.split(",")]
        return self.last_modified is not None and headers.get("If-Modified-Since") == self.last_modified


class Loopback:
    """A threaded server; a context manager. Unknown paths answer 404.

    Routes may be added and replaced at any time. A route with a query is found before one without.
    `tls` is a server-side context, and makes it an https server.
    """

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.hung_up = threading.Event()
        """Set when a client went away while it was being answered."""
        self.closing = threading.Event()
        """Set when the server is about to close: a slow handler waits on this, never sleeps."""
        self.bugs: list[BaseException] = []
        """What handlers raised; the first of them is raised again when the server closes."""
        self._routes: dict[str, Handle] = {}
        self._lock = threading.Lock()
        self._server = _Server(host, self)
        self._scheme = "http"
        if tls:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self.bugs and error is None:
            raise self.bugs[0]

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """`address:port`, as network.allow_private takes it."""
        address = str(self._server.server_address[0])
        return f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://{self.host}{path}"

    def serve(
        self,
        path: str,
        body: bytes = b"",
        *,
        status: int = 200,
        content_type: str = "application/atom+xml",
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer `path` with this from now on."""
        self.handle(path, Canned(body, status, content_type, etag, last_modified, headers or {}))

    def redirect(self, path: str, to: str, *, status: int = 302) -> None:
        self.serve(path, status=status, headers={"Location": to})

    def handle(self, path: str, handle: Handle) -> None:
        """Let `handle` answer `path`: it has http.server's handler, with send_response, headers and wfile."""
        self._routes[path] = handle

    def count(self, path: str | None = None) -> int:
        """How many requests came, for one path or for all."""
        with self._lock:
            return sum(path in (None, request.path) for request in self.requests)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.requests.append(Request(handler.command, handler.path, handler.headers))
        route = self._routes.get(handler.path) or self._routes.get(handler.path.partition("?")[0])
        (route or Canned(b"not here", status=404, content_type="text/plain"))(handler)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, site: Loopback) -> None:
        self.site = site
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about; anything else is a bug of the test."""
        error = sys.exception()
        if isinstance(error, OSError):
            self.site.hung_up.set()
        elif error is not None:
            self.site.bugs.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.site.answer(self)

    def do_HEAD(self) -> None:
        self.server.site.answer(self)

    def do_POST(self) -> None:
        self.server.site.answer(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""
