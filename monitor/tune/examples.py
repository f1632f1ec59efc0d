"""Core: labelled examples as values, from the mappings that a file of them holds."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..models import Item, Side

SIDES: Mapping[str, Side | None] = {"uk": "uk", "china": "china", "both": "both", "none": None}


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled item, as corpus/GUIDE.md describes it. Fields without a label are None."""

    id: str
    item: Item
    side: Side | None
    outlet: str
    relevant: bool | None
    topics: tuple[str, ...] | None
    event: str | None
    earliest: datetime | None
    latest: datetime | None


class ExampleError(ValueError):
    """A line that is no labelled example; the message says what is wrong with it."""


def example(values: Mapping[str, Any], number: int) -> Example:
    """One example from a JSON or YAML mapping. Raises ExampleError."""
    title = values.get("title") or values.get("text")
    if not isinstance(title, str) or not title.strip():
        raise ExampleError('an example needs a "title"')
    relevant = _relevance(values)
    topics = values.get("topics", values.get("expect"))
    if topics is not None and not (isinstance(topics, list) and all(isinstance(t, str) for t in topics)):
        raise ExampleError('"topics" is a list of topic ids')
    side = values.get("source_side") or "none"
    if side not in SIDES:
        raise ExampleError(f'"source_side" is uk, china, both or none, not {side!r}')
    name = str(values.get("id") or number)
    earliest, latest = _span(values.get("date"), values.get("approx_date"))
    item = Item(
        key=name,
        source_id="examples",
        guid=name,
        url=str(values.get("url") or ""),
        title=title.strip(),
        summary=str(values.get("summary") or ""),
        published=earliest,
    )
    return Example(
        name,
        item,
        SIDES[side],
        str(values.get("outlet") or ""),
        relevant,
        tuple(topics) if topics is not None else None,
        str(values["event"]) if values.get("event") else None,
        earliest,
        latest,
    )


def _relevance(values: Mapping[str, Any]) -> bool | None:
    label = values.get("relevant")
    if label is None:
        return bool(values["expect"]) if isinstance(values.get("expect"), list) else None
    if label in (0, 1, True, False):
        return bool(label)
    raise ExampleError(f'"relevant" is 1 or 0, not {label!r}')


def _span(date: object, approximate: object) -> tuple[datetime | None, datetime | None]:
    """The first and last moment that a full date, a month or a year stands for."""
    text = str(date or approximate or "")
    if not text:
        return None, None
    try:
        numbers = [int(part) for part in text[:10].split("-")]
        year, month, day = (*numbers, 1, 1)[:3]
        first = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise ExampleError(f"{text!r} is not a date; write 2026-01-29, 2026-01 or 2026") from None
    if len(numbers) == 3:
        return first, first
    last_month = month if len(numbers) == 2 else 12
    last_day = calendar.monthrange(year, last_month)[1]
    return first, datetime(year, last_month, last_day, tzinfo=UTC) + timedelta(hours=23)
