"""Core: one small page of every kind, passing through every branch of the templates, to try them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from ..models import (
    Edition,
    Filed,
    Item,
    Judged,
    Match,
    Message,
    Page,
    Published,
    Revised,
    Showing,
    Story,
    StoryLine,
    Told,
    Update,
    Verdict,
)
from .chart import chart_start
from .feeds import story_entry
from .lists import digest_page, index_page, year_page
from .site import Site
from .story import story_page
from .topics import topic_month_page, topic_page

_NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
_TITLE = "A sample headline about tariffs"
_MATCH = Match("topic", "tariff*", "title", "tariffs", _TITLE.index("tariffs"), "trade", 3.0)
_FILED = Filed("s1", ("trade", "study"), _NOW.date(), 2)


def pages(site: Site) -> tuple[Callable[[], object], ...]:
    """What makes each page, for its problems to be told one by one."""
    editions = [_published(number, number * 200) for number in range(3)]
    lines = [
        StoryLine(_FILED, _TITLE, "en", ("Gazette",), 1),
        StoryLine(replace(_FILED, topics=("trade",)), "标题", "zh", ("A", "B", "C", "D", "E"), 5),
    ]
    weeks = {("trade", chart_start(_NOW.date()) + timedelta(weeks=25)): 3}
    first = partial(index_page, site, per_year={2026: 1, 2025: 2}, first_day=date(2025, 1, 1))
    return (
        partial(first, editions[:1], editions[:2], weeks=weeks),
        partial(index_page, site, (), (), per_year={}, first_day=None, weeks={}),
        partial(year_page, site, 2026, editions[:1]),
        partial(digest_page, site, editions),
        partial(topic_page, site, "trade", lines, {"2026-01": 5}),
        partial(topic_page, site, "trade", (), {}),
        partial(topic_month_page, site, "trade", "2026-01", lines),
        partial(story_page, site, _told()),
        partial(
            story_page, site, replace(_told(), story=Story("s1", (_judged(1),)), showings=(), changes=())
        ),
        partial(story_entry, site, _told()),
    )


def _published(number: int, days_ago: int) -> Published:
    end = _NOW - timedelta(days=days_ago)
    name = f"{end.date()}-2" if number == 2 else f"{end.date()}"
    edition = Edition("daily", "Sample", end - timedelta(days=1), end, end.date(), name=name)
    subject = f"Sample, {end.date()}: no new items" if number == 1 else "A subject"
    return Published(number, edition, Message(subject, "", "", ""), number % 2, number, written=True)


def _told() -> Told:
    reports = (
        _judged(1, page=Page("withdrawn", document_type="Guidance", organisations=("Sample Office",))),
        _judged(2, url="", published=None, lang="zh", summary=""),
        _judged(3, days=2, matches=()),
    )
    changes = tuple(
        Revised(1, number, update)
        for number, update in enumerate(
            (
                Update(_NOW, "new title", "An older headline"),
                Update(_NOW, "updated", note="Added a form.", note_at=_NOW),
                Update(_NOW, "updated, new title", note="Added a form"),
                Update(_NOW, ""),
            ),
            start=2,
        )
    )
    showings = tuple(
        Showing(_published(0, 0).edition, pairs) for pairs in (((1, 1), (2, 1)), ((3, 1), (1, 2)), ((1, 3),))
    )
    together = ("the same people", "")
    return Told(_FILED, Story("s1", reports, together, why_joined="the same day"), showings, changes)


def _judged(
    id_: int,
    *,
    days: int = 0,
    page: Page | None = None,
    matches: tuple[Match, ...] = (_MATCH,) * 2,
    **changes: Any,
) -> Judged:
    values: dict[str, Any] = {
        "summary": "A sample.",
        "url": "https://gazette.example/1",
        "published": _NOW + timedelta(days=days),
        "lang": "en",
    }
    item = Item(f"{id_}", "gazette", f"{id_}", title=_TITLE, **(values | changes))
    verdict = Verdict(True, 6.0, ("trade", "study"), matches, "4be1")
    return Judged(id_, item, verdict, _NOW + timedelta(days=days), "Gazette", "uk-media", page=page)
