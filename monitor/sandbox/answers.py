"""I/O: what a child says: made there from values, taken apart field by field by the parent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

from ..models import ChangeNote, Fetched, Item, Page, PageFormat, PageStatus, ParsedFeed, Source
from ..parse import ParseError, parse_feed, parse_page

# What an answer that is not ours may raise while it is taken apart.
NONSENSE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)


def error_in(answer: Any) -> ParseError | None:
    """The error that an answer holds, if any."""
    return ParseError(str(answer["error"]), ended=answer.get("ended") is True) if "error" in answer else None


def feed_in(answer: Any, source: Source) -> ParsedFeed:
    """The feed that an answer holds. Raises one of NONSENSE where it holds none."""
    return ParsedFeed(
        title=str(answer["title"]),
        items=tuple(_item(fields, source) for fields in answer["items"]),
        skipped=tuple(map(str, answer["skipped"])),
        rows=int(answer["rows"]),
        total=None if answer["total"] is None else int(answer["total"]),
    )


def _item(fields: dict[str, Any], source: Source) -> Item:
    published, updated = fields.pop("published"), fields.pop("updated")
    words = {name: str(value) for name, value in fields.items()}
    return Item(**(words | {"source_id": source.id}), published=_moment(published), updated=_moment(updated))


def page_in(answer: Any) -> Page:
    """The page that an answer holds. Raises one of NONSENSE where it holds none."""
    status: PageStatus = answer["status"]
    if status not in get_args(PageStatus):
        raise ValueError(f"no such status: {status}")
    return Page(
        status=status,
        title=str(answer["title"]),
        text=str(answer["text"]),
        document_type=str(answer["document_type"]),
        organisations=tuple(map(str, answer["organisations"])),
        first_published=_moment(answer["first_published"]),
        public_updated=_moment(answer["public_updated"]),
        history=tuple(_note(at, note) for at, note in answer["history"]),
        moved_to=str(answer["moved_to"]),
        explanation=str(answer["explanation"]),
        content_id=str(answer["content_id"]),
    )


def _note(at: str, note: str) -> ChangeNote:
    return ChangeNote(datetime.fromisoformat(at).astimezone(UTC), str(note))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def feed_answer(body: bytes, source: Source, fetched: Fetched) -> dict[str, Any]:
    """The answer to a document that is a feed. Raises ParseError."""
    feed = parse_feed(source, replace(fetched, body=body))
    items = [_fields(item) for item in feed.items]
    return {
        "title": feed.title,
        "items": items,
        "skipped": feed.skipped,
        "rows": feed.rows,
        "total": feed.total,
    }


def page_answer(body: bytes, format: PageFormat, url: str, content_type: str) -> dict[str, Any]:  # noqa: A002 - its name
    """The answer to a document that is a page. Raises ParseError."""
    page = parse_page(format, url, body, content_type)
    return _fields(page) | {"history": [(note.at.isoformat(), note.note) for note in page.history]}


def _fields(value: Item | Page) -> dict[str, Any]:
    """A value's fields, times as text."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in fields.items()}


WORK: dict[str, Callable[..., dict[str, Any]]] = {"feed": feed_answer, "page": page_answer}
"""What a child can be asked for."""
