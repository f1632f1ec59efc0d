"""Core: editions → the archive's first page, the page of a year, the page of a digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ..models import Published
from ..render import words
from ..render.inert import clean
from ..render.words import When
from .chart import Chart, chart
from .site import (
    NAME,
    EditionLine,
    File,
    Link,
    Month,
    Site,
    by_month,
    digest_path,
    edition_counts,
    edition_line,
    edition_path,
    feed_links,
    frame,
    month_of,
    month_title,
    root,
    whole_day,
    year_path,
)

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Latest:
    """A digest with its latest edition."""

    digest: Link
    line: EditionLine


@dataclass(frozen=True, slots=True)
class IndexView:
    """The archive's first page."""

    since: When | None
    """The day of the first edition; None where there is none yet."""
    editions: str
    """1,304 editions."""
    latest: tuple[Latest, ...]
    chart: Chart | None
    months: tuple[Month[EditionLine], ...]
    """Of the year of the newest edition."""
    years: tuple[Link, ...]
    """The years before it, the latest first; the title says how many editions they have."""


def index_page(
    site: Site,
    this_year: Sequence[Published],
    latest: Sequence[Published],
    *,
    per_year: Mapping[int, int],
    first_day: date | None,
    weeks: Mapping[tuple[str, date], int],
) -> File:
    """The archive's first page.

    `this_year`: the editions of the newest edition's year, newest first. `latest`: the latest edition of each
    digest, in the order to show. `per_year`: how many editions each year has. `weeks`: relevant items by
    (primary topic, Monday), for the chart, which ends with the week of the newest edition.
    """
    last_day = this_year[0].edition.local_date if this_year else None
    years = sorted((year for year in per_year if last_day and year != last_day.year), reverse=True)
    view = IndexView(
        since=whole_day(first_day) if first_day else None,
        editions=words.count(sum(per_year.values()), "edition"),
        latest=tuple(Latest(_digest(one, INDEX), edition_line(one, INDEX)) for one in latest),
        chart=chart(site, weeks, first_day, last_day, INDEX) if first_day and last_day else None,
        months=_months(this_year, INDEX),
        years=tuple(
            Link(f"{year} ({words.count(per_year[year], 'edition')})", year_path(year)) for year in years
        ),
    )
    about = (
        "News about UK-China relations from public sources, each event once, with the reason why it is there."
    )
    around = frame(site, INDEX, NAME, about, feeds=feed_links(site, INDEX, editions=True))
    return site.page(INDEX, "page/index.html", around, view)


@dataclass(frozen=True, slots=True)
class YearView:
    """All editions of a year."""

    year: int
    editions: str
    months: tuple[Month[EditionLine], ...]


def year_page(site: Site, year: int, editions: Sequence[Published]) -> File:
    """The page of one year; `editions` are those of all digests in it, newest first."""
    path = year_path(year)
    view = YearView(year, words.count(len(editions), "edition"), _months(editions, path))
    around = frame(
        site,
        path,
        f"Editions of {year}",
        f"All editions of {year}: {view.editions}.",
        feeds=feed_links(site, path, editions=True),
    )
    return site.page(path, "page/year.html", around, view)


@dataclass(frozen=True, slots=True)
class Day:
    """An edition of an earlier year, in little room."""

    when: When
    """The text is the day of the month, "29"; a second edition that day is "29 (2)"."""
    path: str
    says: str
    """Thursday 29 January 2026: 31 stories, 45 items."""


@dataclass(frozen=True, slots=True)
class EarlierYear:
    """The editions of one earlier year."""

    year: int
    editions: str
    months: tuple[Month[Day], ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """All editions of one digest."""

    title: str
    editions: str
    latest: EditionLine
    months: tuple[Month[EditionLine], ...]
    """Of the year of its newest edition."""
    earlier: tuple[EarlierYear, ...]


def digest_page(site: Site, editions: Sequence[Published]) -> File:
    """The page of one digest, from all its editions, newest first and at least one."""
    newest = editions[0]
    path = digest_path(newest.edition.digest)
    by_year = [
        (year, list(some)) for year, some in groupby(editions, key=lambda one: one.edition.local_date.year)
    ]
    (_, this_year), *earlier = by_year
    view = DigestView(
        title=clean(newest.edition.title),
        editions=words.count(len(editions), "edition"),
        latest=edition_line(newest, path),
        months=_months(this_year, path),
        earlier=tuple(
            EarlierYear(year, words.count(len(some), "edition"), _days(some, path)) for year, some in earlier
        ),
    )
    around = frame(
        site,
        path,
        view.title,
        f"All editions of {view.title}: {view.editions}.",
        feeds=feed_links(site, path, editions=True),
    )
    return site.page(path, "page/digest.html", around, view)


def _digest(published: Published, path: str) -> Link:
    return Link(clean(published.edition.title), root(path) + digest_path(published.edition.digest))


def _months(editions: Sequence[Published], path: str) -> tuple[Month[EditionLine], ...]:
    days = [one.edition.local_date for one in editions]
    return by_month(days, [edition_line(one, path) for one in editions], "edition", "editions")


def _days(editions: Sequence[Published], path: str) -> tuple[Month[Day], ...]:
    """An earlier year as a calendar: the months newest first, in each its days from the first to the last."""
    months = groupby(editions, key=lambda one: month_of(one.edition.local_date))
    return tuple(
        Month(month, month_title(month), "", tuple(_day(one, path) for one in reversed([*some])))
        for month, some in months
    )


def _day(published: Published, path: str) -> Day:
    edition = published.edition
    day = whole_day(edition.local_date)
    # A name is the day, and a number for the second edition of that day and those after it.
    number = edition.name.removeprefix(f"{edition.local_date.isoformat()}-")
    text = f"{edition.local_date.day} ({number})" if number.isdigit() else f"{edition.local_date.day}"
    counts = edition_counts(published) or "no new items"
    return Day(When(day.iso, text), root(path) + edition_path(edition), f"{day.text}: {counts}")
