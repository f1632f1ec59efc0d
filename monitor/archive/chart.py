"""Core: relevant items by topic and week → the bars and the table of the archive's first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ..render import words
from ..render.words import When
from .site import Link, Site, root, topic_path

WEEKS = 26
LEAST_WEEKS = 4
"""So that a bar is not as wide as a page in the first weeks."""
BAR_STEP, BAR_WIDTH = 10, 8
HEIGHT = 100
LEAST = 4
"""The height of a bar for one item, however small that is beside the tallest."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One topic in one week, in the chart's own units: the tallest bar of all is HEIGHT high."""

    x: int
    y: int
    height: int
    says: str
    """Week of 26 Jan 2026: 9 items."""


@dataclass(frozen=True, slots=True)
class Row:
    """One topic."""

    topic: Link
    total: int
    says: str
    """Trade: 312 items in 26 weeks."""
    more: str
    """Most in the week of 12 January 2026: 25. In the last week: 9."""
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """One line of the table."""

    when: When
    counts: tuple[int, ...]
    """In the order of the rows."""
    total: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Items by topic and week."""

    rows: tuple[Row, ...]
    weeks: tuple[Week, ...]
    """The latest first."""
    first: When
    last: When
    most: int
    """What the tallest bar stands for."""
    width: int
    bar_width: int = BAR_WIDTH
    height: int = HEIGHT


def chart_start(last_day: date) -> date:
    """The Monday of the first week of a chart that ends with the week of `last_day`."""
    return _monday(last_day) - timedelta(weeks=WEEKS - 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def chart(
    site: Site, counts: Mapping[tuple[str, date], int], first_day: date, last_day: date, path: str
) -> Chart | None:
    """The chart for the page at `path`, of the weeks up to that of `last_day`; None where all is 0.

    `counts`: how many relevant items, by (primary topic, Monday of the week). Every topic of the config has
    its row, in its order, so that readers learn where to look; then those that only old items have. At most
    WEEKS weeks, and none before `first_day`, the first edition's: nobody was counting then.
    """
    last, first = _monday(last_day), max(chart_start(last_day), _monday(first_day))
    weeks = max(LEAST_WEEKS, (last - first).days // 7 + 1)
    mondays = [last - timedelta(weeks=ago) for ago in reversed(range(weeks))]
    known = [topic.id for topic in site.topics]
    others = sorted(
        {topic for (topic, monday), n in counts.items() if n and monday in mondays} - {*known, ""}
    )
    numbers = {topic: [counts.get((topic, monday), 0) for monday in mondays] for topic in (*known, *others)}
    most = max((n for row in numbers.values() for n in row), default=0)
    if not most:
        return None
    return Chart(
        rows=tuple(
            _row(Link(site.title_of(topic), root(path) + topic_path(topic)), row, mondays, most)
            for topic, row in numbers.items()
        ),
        weeks=tuple(
            Week(
                _day(monday),
                tuple(row[at] for row in numbers.values()),
                sum(row[at] for row in numbers.values()),
            )
            for at, monday in reversed([*enumerate(mondays)])
        ),
        first=_day(mondays[0]),
        last=_day(mondays[-1]),
        most=most,
        width=weeks * BAR_STEP,
    )


def _row(topic: Link, numbers: list[int], mondays: list[date], most: int) -> Row:
    total, top = sum(numbers), max(numbers)
    peak = mondays[numbers.index(top)]
    more = f"Most in the week of {_day(peak).text}: {top}. In the last week: {numbers[-1]}." if top else ""
    return Row(
        topic=topic,
        total=total,
        says=f"{topic.title}: {words.count(total, 'item')} in {len(numbers)} weeks",
        more=more,
        bars=tuple(
            _bar(at, n, monday, most)
            for at, (n, monday) in enumerate(zip(numbers, mondays, strict=True))
            if n
        ),
    )


def _bar(at: int, number: int, monday: date, most: int) -> Bar:
    height = max(LEAST, round(HEIGHT * number / most))
    says = f"Week of {_day(monday).text}: {words.count(number, 'item')}"
    return Bar(at * BAR_STEP + (BAR_STEP - BAR_WIDTH) // 2, HEIGHT - height, height, says)


def _day(day: date) -> When:
    """26 Jan 2026."""
    return When(day.isoformat(), words.short_day(day, 0))
