"""Core: stories in a line each → a topic's first page, and the pages of its months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..models import StoryLine
from ..render import words
from .site import (
    File,
    Link,
    Month,
    Site,
    StoryEntry,
    by_month,
    feed_links,
    frame,
    month_title,
    root,
    story_entry,
    topic_path,
)

LATEST = 200
"""Stories on a topic's first page."""


@dataclass(frozen=True, slots=True)
class TopicView:
    """The latest stories of a topic, or those of one month."""

    title: str
    month: str
    """January 2026; "" on the first page."""
    stories: str
    """214 stories."""
    months: tuple[Month[StoryEntry], ...]
    all_months: tuple[Link, ...]
    """Every month that has stories, with their number; the newest first. Only on the first page."""


def topic_page(site: Site, topic: str, latest: Sequence[StoryLine], per_month: Mapping[str, int]) -> File:
    """A topic's first page, of its newest stories, at most LATEST; `per_month`: how many each month has."""
    path = topic_path(topic)
    months = _months(site, latest, path, topic)
    shown = tuple(
        replace(month, path=f"{month.id}/index.html") if len(month.lines) < per_month[month.id] else month
        for month in months
    )
    links = (
        Link(f"{month_title(month)} ({number:,})", f"{month}/index.html")
        for month, number in sorted(per_month.items(), reverse=True)
    )
    count = words.count(sum(per_month.values()), "story", "stories")
    view = TopicView(site.title_of(topic), "", count, shown, tuple(links))
    return _page(site, path, topic, view, crumbs=())


def topic_month_page(site: Site, topic: str, month: str, lines: Sequence[StoryLine]) -> File:
    """All stories of a topic that were first shown in a month such as "2026-01", newest first."""
    path = topic_path(topic, month)
    count = words.count(len(lines), "story", "stories")
    view = TopicView(site.title_of(topic), month_title(month), count, _months(site, lines, path, topic), ())
    crumb = Link(view.title, root(path) + topic_path(topic))
    return _page(site, path, topic, view, crumbs=(crumb,))


def _months(site: Site, lines: Sequence[StoryLine], path: str, topic: str) -> tuple[Month[StoryEntry], ...]:
    entries = [story_entry(site, line, path, topic) for line in lines]
    return by_month([line.filed.day for line in lines], entries, "story", "stories")


def _page(site: Site, path: str, topic: str, view: TopicView, crumbs: tuple[Link, ...]) -> File:
    title = f"{view.title}, {view.month}" if view.month else view.title
    about = f"News about UK-China relations under {view.title}: {view.stories}."
    around = frame(site, path, title, about, feeds=feed_links(site, path, topics=[topic]), crumbs=crumbs)
    return site.page(path, "page/topic.html", around, view)
