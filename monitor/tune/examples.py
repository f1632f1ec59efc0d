"""Core: labelled examples as values: from lines of a file, from stored labels, from tests written by hand."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ..models import Item, Judged, Label, Side

SIDES: Mapping[str, Side | None] = {"uk": "uk", "china": "china", "both": "both", "none": None}


@dataclass(frozen=True, slots=True)
class Example:
    """An item and what is said of it. Fields without a label are None."""

    id: str
    item: Item
    side: Side | None
    outlet: str
    relevant: bool | None
    topics: tuple[str, ...] | None
    """Topics that it has."""
    event: str | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    only: bool = True
    """Whether `topics` are all that it has; else others may be given or not."""
    unwanted: tuple[str, ...] = ()
    """Topics that it does not have."""
    origin: Literal["file", "label", "test"] = "file"
    """A line of a corpus, an analyst's label, a test written by hand. Only a corpus knows events."""
    name: str = ""
    """What its author calls a test."""
    todo: bool = False
    """A test that is known to fail."""

    def has(self, topic: str) -> bool | None:
        """Whether it has a topic; None where nothing is said of that."""
        if self.topics is not None and topic in self.topics:
            return True
        if topic in self.unwanted or (self.topics is not None and self.only):
            return False
        return None


class ExampleError(ValueError):
    """A line that is no labelled example; the message says what is wrong with it."""


def example(values: Mapping[str, Any], number: int) -> Example:
    """One line of a corpus, as corpus/GUIDE.md describes it. Raises ExampleError."""
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


def labelled(judged: Judged, label: Label, side: Side | None) -> Example:
    """A stored item with its label; `side` is that of its source."""
    topics = label.topics if label.relevant else ()
    return Example(
        str(judged.id),
        judged.item,
        side,
        judged.outlet,
        label.relevant,
        topics,
        earliest=judged.date,
        latest=judged.date,
        origin="label",
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
