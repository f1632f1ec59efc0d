"""I/O: what a child does with a document, and how it says what came of it. The parent needs none of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from .. import parse  # and not its functions: what reads pages is imported for the first page
from ..models import Fetched, Item, Page, PageFormat, Source


def feed_answer(body: bytes, source: Source, fetched: Fetched, before: bytes) -> dict[str, Any]:
    """The answer to a document that is a feed. Raises ParseError."""
    feed = parse.parse_feed(source, replace(fetched, body=body), before)
    items = [_fields(item) for item in feed.items]
    return {
        "title": feed.title,
        "items": items,
        "skipped": feed.skipped,
        "rows": feed.rows,
        "total": feed.total,
        "entries": feed.entries,
        "outline": feed.outline.hex(),
        "newest": feed.newest.isoformat() if feed.newest else None,
    }


def page_answer(body: bytes, format: PageFormat, url: str, content_type: str) -> dict[str, Any]:  # noqa: A002 - its name
    """The answer to a document that is a page. Raises ParseError."""
    page = parse.parse_page(format, url, body, content_type)
    return _fields(page) | {"history": [(note.at.isoformat(), note.note) for note in page.history]}


def _fields(value: Item | Page) -> dict[str, Any]:
    """A value's fields, times as text."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in fields.items()}


WORK: dict[str, Callable[..., dict[str, Any]]] = {"feed": feed_answer, "page": page_answer}
"""What a child can be asked for."""
