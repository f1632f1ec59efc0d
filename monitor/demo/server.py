"""I/O: the sample feeds, served over real HTTP on loopback, with the habits of real servers."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

EDITIONS = (datetime(2026, 1, 29, 8, 30, tzinfo=UTC), datetime(2026, 1, 30, 8, 30, tzinfo=UTC))
"""When the demo's two editions are made: Thursday and Friday, 08:30 in London."""

_RSS = "application/rss+xml; charset=utf-8"
_ATOM = "application/atom+xml; charset=utf-8"
_FOLDERS = {1: ("thursday",), 2: ("friday", "thursday")}
"""Where to look for each day's files, first find wins: a feed without a Friday file did not change."""


@dataclass(frozen=True, slots=True)
class Route:
    """What one address answers."""

    file: str
    content_type: str
    gzip: bool = False
    delay: float = 0.0
    """Seconds before a whole answer; one that says "unchanged" (304) comes at once."""


ROUTES = {
    "/search/news-and-communications.atom": Route("govuk-news.atom", _ATOM, gzip=True),
    "/search/policy-papers-and-consultations.atom": Route("govuk-policy.atom", _ATOM),
    "/government/organisations/department-for-business-and-trade.atom": Route("govuk-dbt.atom", _ATOM),
    "/home-service/news/rss.xml": Route("home-service.xml", "text/xml; charset=utf-8", gzip=True),
    "/ledger/world": Route("ledger.xml", "application/xml; charset=utf-8"),
    "/sentinel/world/rss": Route("sentinel.xml", "text/xml; charset=UTF-8"),
    "/harbour-post/rss/510734/feed": Route("harbour-post.xml", _RSS),
    "/trade-review/feed/": Route("trade-review.xml", _RSS),
    "/briefings/feed/": Route("briefings.xml", _RSS, gzip=True),
    "/asia-markets/rss/feed/nar": Route("asia-markets.rdf", "application/rdf+xml"),
    "/strand/commentary.atom": Route("strand.atom", _ATOM),
    "/pennine/feed.json": Route("pennine.json", "application/feed+json"),
    "/global-channel/rss/section/china.xml": Route("global-channel.xml", "application/xml"),
    "/dongfang/rss/world.xml": Route("dongfang.xml", "text/xml"),
    # A type that says nothing, as plain file servers send it.
    "/supply-lines/rss.xml": Route("supply-lines.xml", "application/octet-stream"),
    "/courier/rss": Route("courier.xml", _RSS, delay=1.5),
    "/hostile/feed.xml": Route("hostile.xml", _RSS),
    "/bomb/feed.xml": Route("bomb.xml", _RSS),
    # The usual end of a feed that moved behind a login: a page, and status 200.
    "/members/feed": Route("members.html", "text/html; charset=utf-8"),
}
"""Every feed that answers 200. `/bulletin/rss.xml`, which the config also names, is gone: 404.

The paths of GOV.UK are its own: the config says that this site is asked in its place.
"""
_CONTENT = "/api/content"
"""GOV.UK's Content API: what stands after it is a page's path."""
_PAGES = "govuk-pages.json"


def feeds_folder() -> Path:
    """The folder of the bundled feeds."""
    return Path(__file__).parent / "feeds"


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for answers under way, and no socket outlives the site
    day = 1

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.closing = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "DemoSite"
    sys_version = ""
    timeout = 10  # seconds; a client that connects and says nothing must not keep the site from closing

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        route = Route(_PAGES, "application/json") if path.startswith(_CONTENT) else ROUTES.get(path)
        body = _body(route, self.server.day) if route else b""
        if path.startswith(_CONTENT):
            body = _page(body, path.removeprefix(_CONTENT))
        if route is None or not body:
            self._answer(HTTPStatus.NOT_FOUND, b"not here\n", {"Content-Type": "text/plain; charset=utf-8"})
            return
        packed = route.gzip and "gzip" in self.headers.get("Accept-Encoding", "")
        # Weak where the same document also travels packed: the bytes differ, what they say does not.
        etag = f'{"W/" if route.gzip else ""}"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Content-Type": route.content_type}
        if route.gzip:
            headers["Vary"] = "Accept-Encoding"
        if _known(etag, self.headers.get("If-None-Match", "")):
            self._answer(HTTPStatus.NOT_MODIFIED, b"", headers)
            return
        self.server.closing.wait(route.delay)
        if packed:
            self._answer(HTTPStatus.OK, gzip.compress(body, mtime=0), headers | {"Content-Encoding": "gzip"})
        else:
            self._answer(HTTPStatus.OK, body, headers)

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the demo's own output is what the reader should see."""


def _body(route: Route, day: int) -> bytes:
    places = (feeds_folder() / folder / route.file for folder in _FOLDERS[day])
    return next(place for place in places if place.exists()).read_bytes()


def _page(pages: bytes, path: str) -> bytes:
    """One page's document out of the file of all; nothing where there is none."""
    document = json.loads(pages).get(path)
    return json.dumps(document).encode() if document else b""


def _known(etag: str, if_none_match: str) -> bool:
    """Weak comparison with a list of tags (RFC 9110, 13.1.2); none of ours holds a comma."""
    return etag.removeprefix("W/") in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


class DemoSite:
    """A context manager: the sample feeds on a free port of 127.0.0.1 while it is open, without log lines."""

    def __init__(self) -> None:
        self._server = _Server()
        # By default shutdown() takes up to half a second to be noticed, which tests would feel.
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def day(self) -> int:
        """Which edition of the feeds is served: 1 or 2, as in `EDITIONS`."""
        return self._server.day

    @day.setter
    def day(self, day: int) -> None:
        if day not in _FOLDERS:
            raise ValueError(f"the demo has day 1 and day 2, not day {day!r}")
        self._server.day = day

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
