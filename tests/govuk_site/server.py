"""The site itself: what its editors do, and what its visitors get."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from html import escape
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, tostring

from ..loopback import Canned, Loopback
from . import search
from .content import content_item
from .documents import FINDERS, ROOT, TAGS, TYPES, Deed, Document, mentions
from .feeds import activity_feed, ended_feed, finder_feed, travel_feed

JSON = "application/json; charset=utf-8"
PAGE = 20
"""Entries of a feed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and how it was answered."""

    path: str
    """With its query."""
    at: datetime
    """In the site's own time."""
    wall: float
    """In seconds of this machine's monotonic clock."""
    status: int


class GovukSite(Loopback):
    """A GOV.UK to edit and to ask. Its time, `now`, is what the last deed or the test made it.

    `down` answers 503 to all; `most_per_second` answers 429 to what passes it, 0 to all.
    """

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        super().__init__()
        self.now = now
        self.pages: dict[str, Document] = {}
        """By path; a page that moved stands under its old path as a redirect."""
        self.retired: dict[str, str] = {}
        """Finders that have ended, and where they lead."""
        self.asked: list[Asked] = []
        self.down = False
        self.most_per_second: int | None = None

    def pass_to(self, now: datetime) -> None:
        """Let time pass; it never runs backwards."""
        assert now >= self.now, f"{now} is before {self.now}"
        self.now = now

    def publish(self, at: datetime, page: Document) -> Document:
        """First publication."""
        page.content_id = page.content_id or str(uuid5(NAMESPACE_URL, ROOT + page.path))
        page.first_published = page.updated = at
        page.notes = [(at, "First published.")]
        self.pages[page.path] = page
        return self._done(page, Deed(at, "new"))

    def major_update(self, at: datetime, page: Document, note: str, **words: str) -> Document:
        """With a note of what was changed; the page goes to the top of its feeds."""
        page.updated = at
        page.notes.insert(0, (at, note))
        return self._done(page, Deed(at, "updated", note), words)

    def minor_edit(self, at: datetime, page: Document, **words: str) -> Document:
        """Changes words in place: no public date moves."""
        return self._done(page, Deed(at, "edited"), words)

    def reissue(self, at: datetime, page: Document) -> Document:
        """Publishes it anew, with a later date and not a word of change."""
        page.updated = at
        return self._done(page, Deed(at, "reissued"))

    def withdraw(self, at: datetime, page: Document, explanation: str) -> Document:
        """Leaves it to be read, marked as no longer current."""
        page.withdrawn = (at, explanation)
        return self._done(page, Deed(at, "withdrawn", explanation))

    def remove(self, at: datetime, page: Document, explanation: str = "") -> Document:
        """Unpublishes it."""
        page.gone = explanation
        return self._done(page, Deed(at, "gone", explanation))

    def redirect_page(self, at: datetime, page: Document, to: str) -> Document:
        """Takes it down in favour of another page."""
        page.moved_to = to
        return self._done(page, Deed(at, "moved", to))

    def rename(self, at: datetime, page: Document, path: str) -> Document:
        """Gives it a new address, to which the old one leads. Its content id and public dates stay."""
        self.pages[page.path] = Document(
            page.path, page.title, moved_to=path, first_published=at, updated=at, touched=at
        )
        self.pages[path] = page
        page.path = path
        return self._done(page, Deed(at, "renamed", path))

    def retire(self, at: datetime, path: str, to: str) -> None:
        """Ends a finder: its feed says so from now on, with status 200."""
        self.pass_to(at)
        self.retired[path] = to

    def _done(self, page: Document, deed: Deed, words: dict[str, str] | None = None) -> Document:
        self.pass_to(deed.at)
        for name, value in (words or {}).items():
            setattr(page, name, value)
        page.touched = deed.at
        page.deeds.append(deed)
        return page

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Any request."""
        canned = self._canned(handler.path)
        status = 304 if canned.is_known(handler.headers) else canned.status
        self.asked.append(Asked(handler.path, self.now, time.monotonic(), status))
        self.handle(handler.path, canned)
        super().answer(handler)

    def _canned(self, asked: str) -> Canned:
        parts = urlsplit(asked)
        path, query = unquote(parts.path), parse_qsl(parts.query, keep_blank_values=True)
        if self._is_too_much():
            return Canned(_TOO_MANY, 429, "text/html")  # the edge's own page, whatever was asked for
        if self.down:
            return Canned(b"503 error", 503, "text/plain; charset=utf-8")
        if path == "/api/search.json":
            problem = search.problem(query)
            return _json({"error": problem}, 422) if problem else _json(search.results(query, self._listed()))
        if path.startswith("/api/content/"):
            return self._content(path.removeprefix("/api/content"))
        if path.endswith(".atom"):
            return self._feed(path.removesuffix(".atom"), query)
        return self._page(path)

    def _is_too_much(self) -> bool:
        lately = sum(asked.wall > time.monotonic() - 1 for asked in self.asked)
        return self.most_per_second is not None and lately >= self.most_per_second

    def _listed(self) -> list[Document]:
        """What feeds and searches see, the last major update first."""
        return sorted(
            filter(lambda p: p.is_listed, self.pages.values()), key=lambda p: p.updated, reverse=True
        )

    def _feed(self, path: str, query: Sequence[tuple[str, str]]) -> Canned:
        folder, _, slug = path.rpartition("/")
        if path in self.retired:
            return _atom(ended_feed(path, self.retired[path]))
        if folder == "/search" and slug in FINDERS:
            return _atom(self._finder_feed(slug, query))
        active = [page for page in self._listed() if TYPES[page.type].supergroup != "other"]
        if folder == "/government/organisations":
            return _atom(activity_feed(path, [page for page in active if slug in page.organisations][:PAGE]))
        if folder == "/government/topical-events":
            return _atom(activity_feed(path, [page for page in active if slug in page.topical_events][:10]))
        if folder == "/foreign-travel-advice" and path in self.pages:
            return _atom(travel_feed(self.pages[path]))
        return _NOT_FOUND

    def _finder_feed(self, slug: str, query: Sequence[tuple[str, str]]) -> Element:
        """Of one filter any value will do; what is no filter is ignored, and so is any order asked for."""
        tags = {tag: [value for key, value in query if key.removesuffix("[]") == tag] for tag in TAGS}
        words = next((value for key, value in query if key in ("keywords", "q")), "")
        first = PAGE * (int(dict(query).get("page", 1)) - 1)
        found = [
            page
            for page in self._listed()
            if TYPES[page.type].subgroup in FINDERS[slug][1]
            and all(not wanted or set(wanted) & set(getattr(page, tag)) for tag, wanted in tags.items())
            and mentions(page, words)
        ]
        return finder_feed(slug, query, tags, words, found[first : first + PAGE])

    def _content(self, path: str) -> Canned:
        base, _, part = path.rpartition("/")
        if path in self.pages:
            page = self.pages[path]
            # A removed page with an explanation is a document, without one an error with a body.
            return _json(content_item(page), 410 if page.gone == "" else 200, tagged=True)
        if base in self.pages and part in self.pages[base].parts:
            return Canned(status=303, headers={"Location": f"{ROOT}/api/content{base}"})
        return Canned(status=404, content_type=JSON)

    def _page(self, path: str) -> Canned:
        """What a browser gets."""
        page = self.pages.get(path)
        if to := self.retired.get(path) or (page and page.moved_to):
            return Canned(status=301, headers={"Location": to})
        if page is None:
            return _NOT_FOUND
        html = f"<!DOCTYPE html><html><title>{escape(page.title)} - GOV.UK</title>{page.body}</html>"
        return Canned(html.encode(), 200 if page.gone is None else 410, "text/html; charset=utf-8")


def _atom(feed: Element) -> Canned:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(feed, "utf-8")
    cached = {"Cache-Control": "max-age=300, public"}
    return Canned(body, content_type="application/atom+xml; charset=utf-8", headers=cached)


def _json(value: dict[str, Any], status: int = 200, *, tagged: bool = False) -> Canned:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Canned(body, status, JSON, etag=f'W/"{md5(body).hexdigest()}"' if tagged else None)


_NOT_FOUND = Canned(b"404 error not found", 404, "text/plain; charset=utf-8")
_TOO_MANY = b"<!DOCTYPE html><html><title>Sorry, there have been too many attempts</title></html>"
