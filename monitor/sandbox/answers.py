"""I/O: what a child says, taken apart field by field by its parent. `work` is where it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from ..models import ChangeNote, Item, Page, PageStatus, ParsedFeed, Source
from ..parse import ParseError

# What an answer that is not ours may raise while it is taken apart.
NONSENSE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)

LONGEST_OUTLINE = 100_000
"""Bytes: of two thousand entries it has 66,017."""


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
        entries=tuple(one if isinstance(one, int) else str(one) for one in answer["entries"]),
        outline=_outline(answer["outline"]),
        newest=_moment(answer["newest"]),
    )


def _outline(written: str) -> bytes:
    if len(written) > 2 * LONGEST_OUTLINE:
        raise ValueError("an outline of more entries than are read")
    return bytes.fromhex(written)


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
