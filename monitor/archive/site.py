"""Core: what all pages of the archive share: their frame, their paths, and lines of lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from .. import render
from ..models import Edition, Published, StoryLine, Topic
from ..render import words
from ..render.feeds import ATOM_TYPE, JSON_FEED_TYPE
from ..render.inert import clean, safe_url
from ..render.reports import TITLE_CHARS, lang_of
from ..render.words import When

NAME = "UK-China monitor"
OUTLETS_NAMED = 3
DESCRIPTION_CHARS = 200

T = TypeVar("T")


class File(NamedTuple):
    """A page or feed."""

    path: str
    """Under the output folder, with slashes."""
    text: str


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages are made with."""

    env: render.Environment
    zone: ZoneInfo
    topics: tuple[Topic, ...]
    """The config's, in its order."""
    public_url: str = ""
    """Where the output folder is on the web; "" where it is not."""
    indexed: bool = False
    """Whether search engines may list the pages, which takes a `public_url` too."""

    def title_of(self, topic: str) -> str:
        """A topic's title; its id where the config does not (or no longer) name it."""
        return next((clean(one.title) for one in self.topics if one.id == topic), clean(topic))

    def page(self, path: str, template: str, frame: Frame, view: object) -> File:
        """A page from its template and what that is given: `frame`, and the fields of `view`, a dataclass."""
        context: dict[str, Any] = {field.name: getattr(view, field.name) for field in fields(view)}  # type: ignore[arg-type]  # every view is one
        return File(path, render.rendered(self.env, template, {"frame": frame, **context}).strip() + "\n")


@dataclass(frozen=True, slots=True)
class Link:
    """A page of ours, by its path as the page that names it sees it."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed of ours in both forms."""

    title: str
    atom: str
    json: str
    atom_type: str = ATOM_TYPE
    json_type: str = JSON_FEED_TYPE


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    title: str
    """What the page is called; in a browser's tab the site's name follows."""
    description: str
    site: str
    home: str
    """The path to the archive's first page; "" on that page itself."""
    crumbs: tuple[Link, ...]
    """The pages between the first one and this."""
    feeds: tuple[FeedLink, ...]
    noindex: bool
    url: str
    """The page's own address on the web; "" where it has none: then nothing is said that needs one."""
    kind: str
    """What OpenGraph calls it: website or article."""


def frame(
    site: Site,
    path: str,
    title: str,
    description: str,
    *,
    feeds: Iterable[FeedLink],
    crumbs: Iterable[Link] = (),
    kind: str = "website",
) -> Frame:
    """The frame of the page at `path`, which is under the output folder; links are as seen from there."""
    home = f"{root(path)}index.html"
    return Frame(
        title=title,
        description=words.shortened(description, DESCRIPTION_CHARS),
        site=NAME,
        home="" if path == "index.html" else home,
        crumbs=tuple(crumbs),
        feeds=tuple(feeds),
        noindex=not (site.indexed and site.public_url),
        url=web_address(site, path),
        kind=kind,
    )


def web_address(site: Site, path: str) -> str:
    """The address on the web of the page at `path` under the output folder; "" where there is none."""
    if not site.public_url:
        return ""
    return safe_url(f"{site.public_url.rstrip('/')}/{path.removesuffix('index.html')}")


def root(path: str) -> str:
    """The way from the page at `path` up to the output folder: "../../"."""
    return "../" * path.count("/")


# Where the pages are, under the output folder.


def story_path(story_id: str) -> str:
    """A story's page."""
    return f"story/{story_id}/index.html"


def topic_path(topic: str, month: str = "") -> str:
    """A topic's first page, or the one of a month such as "2026-01"."""
    return f"topic/{topic}/{month}/index.html" if month else f"topic/{topic}/index.html"


def digest_path(digest: str) -> str:
    """The list of a digest's editions."""
    return f"{digest}/index.html"


def edition_path(edition: Edition) -> str:
    """An edition's own page, as `deliver` puts it there."""
    return f"{edition.digest}/{edition.name}/index.html"


def year_path(year: int) -> str:
    """The list of a year's editions."""
    return f"year/{year}/index.html"


def stories_feeds(topic: str = "") -> tuple[str, str]:
    """The feeds of all stories or of a topic's, as Atom and as JSON Feed."""
    name = f"topic-{topic}" if topic else "stories"
    return f"feeds/{name}.atom", f"feeds/{name}.json"


EDITIONS_FEEDS = ("feeds/editions.atom", "feeds/editions.json")


def feed_links(
    site: Site, path: str, *, topics: Iterable[str] = (), editions: bool = False
) -> list[FeedLink]:
    """The feeds that the page at `path` names: those of its topics, of all stories, of editions."""
    named = [(f"Stories: {site.title_of(topic)}", stories_feeds(topic)) for topic in topics]
    named.append(("All stories", stories_feeds()))
    if editions:
        named.append(("Editions", EDITIONS_FEEDS))
    return [FeedLink(title, root(path) + atom, root(path) + json) for title, (atom, json) in named]


# Months


@dataclass(frozen=True, slots=True)
class Month(Generic[T]):
    """The lines of one month, newest first."""

    id: str
    """As in "2026-01"."""
    title: str
    """As in "January 2026"."""
    count: str
    """How many lines: "23 editions"."""
    lines: tuple[T, ...]
    path: str = ""
    """A page with all of that month, where these are not all; else ""."""


def month_of(day: date) -> str:
    """2026-01: the name of a month's page."""
    return f"{day:%Y-%m}"


def month_title(month: str) -> str:
    """January 2026."""
    return words.long_day(date.fromisoformat(f"{month}-01")).split(maxsplit=2)[2]


def by_month(days: Sequence[date], lines: Sequence[T], one: str, many: str) -> tuple[Month[T], ...]:
    """Lines, newest first, with their days → months."""
    months = groupby(zip(days, lines, strict=True), key=lambda pair: month_of(pair[0]))
    grouped = [(month, tuple(line for _, line in pairs)) for month, pairs in months]
    return tuple(
        Month(month, month_title(month), words.count(len(some), one, many), some) for month, some in grouped
    )


def day_in_month(day: date) -> When:
    """Thu 29: under the heading of its month."""
    return When(day.isoformat(), f"{words.long_day(day)[:3]} {day.day}")


def whole_day(day: date) -> When:
    """Thursday 29 January 2026."""
    return When(day.isoformat(), words.long_day(day))


# Lines


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition in a list."""

    when: When
    long_when: When
    headline: str
    """Its subject without what the line says anyway: the digest and the day."""
    path: str
    digest: Link
    counts: str
    """"31 stories, 45 items"; "" where there are none, which the headline says."""


def edition_line(published: Published, path: str) -> EditionLine:
    """An edition as the page at `path` lists it."""
    edition = published.edition
    title = clean(edition.title)
    return EditionLine(
        when=day_in_month(edition.local_date),
        long_when=whole_day(edition.local_date),
        headline=_headline(clean(published.message.subject), title),
        path=root(path) + edition_path(edition),
        digest=Link(title, root(path) + digest_path(edition.digest)),
        counts=edition_counts(published),
    )


def edition_counts(published: Published) -> str:
    """31 stories, 45 items; nothing for nothing."""
    if not published.stories:
        return ""
    return f"{words.count(published.stories, 'story', 'stories')}, {words.count(published.items, 'item')}"


def _headline(subject: str, title: str) -> str:
    """What a subject says after "UK-China daily, 29 Jan: "; all of one that is not made like that."""
    before, _, said = subject.partition(": ")
    if not said or not before.startswith(f"{title}, "):
        return subject
    return said[0].upper() + said[1:]


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One story in a list."""

    when: When
    title: str
    lang: str
    path: str
    outlets: str
    """GOV.UK, World Wire and 2 others."""
    reports: str
    """3 reports; "" for one."""
    topics: tuple[Link, ...]
    """Its topics but the one that the page is about."""


def story_entry(site: Site, line: StoryLine, path: str, topic: str) -> StoryEntry:
    """A story as the page at `path`, which is about a topic, lists it."""
    return StoryEntry(
        when=day_in_month(line.filed.day),
        title=words.shortened(clean(line.title), TITLE_CHARS) or "(no title)",
        lang=lang_of(line.lang, line.title),
        path=root(path) + story_path(line.filed.id),
        outlets=outlets_named(line.outlets),
        reports=words.count(line.reports, "report") if line.reports > 1 else "",
        topics=tuple(
            Link(site.title_of(other), root(path) + topic_path(other))
            for other in line.filed.topics
            if other != topic
        ),
    )


def outlets_named(outlets: Iterable[str]) -> str:
    """GOV.UK, World Wire and 2 others."""
    names = [name for name in map(clean, outlets) if name]
    shown, others = names[:OUTLETS_NAMED], len(names) - OUTLETS_NAMED
    return words.listing([*shown, words.count(others, "other")] if others > 0 else shown)
