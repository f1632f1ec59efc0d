"""Core: labelled examples as values: from lines of a file, from stored labels, from tests written by hand."""

from __future__ import annotations

import calendar
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Literal

from ..models import Item, Judged, Label, Side

SIDES: Mapping[str, Side | None] = {"uk": "uk", "china": "china", "both": "both", "none": None}
TOLD = 80
"""Characters of a wrong value that a message shows."""


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


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with an example."""

    message: str
    hint: str = ""
    key: str = ""
    """The key at fault; "" where it is the whole."""


class ExampleError(ValueError):
    """A line that is no labelled example: `mistakes` are all that were found in it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("; ".join(mistake.message for mistake in mistakes))
        self.mistakes = tuple(mistakes)


def example(values: Mapping[str, Any], number: int, known: Collection[str] | None = None) -> Example:
    """One line of a corpus: `title`, `relevant`, `topics` and what else there is of the fields read below.

    `number`: its name where it has no `id`. `known`: the topics that there are; any where it is left out.
    Raises ExampleError with every mistake.
    """
    if mistakes := [*_mistakes(values, known)]:
        raise ExampleError(mistakes)
    relevant, topics = _relevance(values), _topics(values)[1]
    title: str = values.get("title") or values["text"]
    name = str(values.get("id") or number)
    earliest, latest = _span(values)
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
        SIDES[values.get("source_side") or "none"],
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


def _mistakes(values: Mapping[str, Any], known: Collection[str] | None) -> Iterator[Mistake]:
    title = values.get("title") or values.get("text")
    if not isinstance(title, str) or not title.strip():
        yield Mistake('an example needs a "title"', key="title")
    if values.get("relevant") not in (None, 0, 1):
        yield Mistake(f'"relevant" is 1 or 0, not {_told(values["relevant"])}', key="relevant")
    key, topics = _topics(values)
    if topics is not None and not (isinstance(topics, list) and all(isinstance(one, str) for one in topics)):
        yield Mistake(f'"{key}" is a list of topic ids', key=key)
        topics = None
    for topic in dict.fromkeys(topics or ()):
        if known is not None and topic not in known:
            yield Mistake(f"there is no topic {_told(topic)} in the config", _nearest(topic, known), key)
    if topics and values.get("relevant") == 0:  # as false is
        hint = 'topics are for what is relevant: write "relevant": 1, or leave the topics out'
        yield Mistake(f'not relevant, and yet "{key}" has topics', hint, key)
    side = values.get("source_side") or "none"
    if not isinstance(side, str) or side not in SIDES:
        yield Mistake(f'"source_side" is uk, china, both or none, not {_told(side)}', key="source_side")
    try:
        _span(values)
    except (ValueError, OverflowError):
        key = "date" if values.get("date") else "approx_date"
        yield Mistake(f"{_told(values[key])} is not a date", "write 2026-01-29, 2026-01 or 2026", key)


def _topics(values: Mapping[str, Any]) -> tuple[str, Any]:
    """The key that has the topics, and what stands there."""
    key = "topics" if "topics" in values else "expect"
    return key, values.get(key)


def _nearest(topic: str, known: Collection[str]) -> str:
    near = get_close_matches(topic.lower(), known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known) or 'none'}"


def _told(value: object) -> str:
    """A value as the line has it, as far as it is worth showing."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TOLD else f"{text[: TOLD - 1]}…"


def _relevance(values: Mapping[str, Any]) -> bool | None:
    label = values.get("relevant")
    if label is None:
        return bool(values["expect"]) if isinstance(values.get("expect"), list) else None
    return bool(label)


def _span(values: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The first and last moment that a full date, a month or a year stands for. Raises ValueError."""
    text = str(values.get("date") or values.get("approx_date") or "")
    if not text:
        return None, None
    numbers = [int(part) for part in text[:10].split("-")]
    year, month, day = (*numbers, 1, 1)[:3]
    first = datetime(year, month, day, tzinfo=UTC)
    if len(numbers) >= 3:
        return first, first
    last_month = month if len(numbers) == 2 else 12
    last_day = calendar.monthrange(year, last_month)[1]
    return first, datetime(year, last_month, last_day, tzinfo=UTC) + timedelta(hours=23)
