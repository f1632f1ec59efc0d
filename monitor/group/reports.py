"""Core: a report as grouping sees it, and made ready for many comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..text.words import words
from .wording import as_written, comparable, numbers, series, stages

_SUMMARY_CHARS = 500
_SUMMARY_WORDS = 40
"""A news text says what happened in its first sentences; further down, reports of different events meet."""


@dataclass(frozen=True, slots=True)
class Report:
    """What grouping looks at: an item without its verdict. Times are aware UTC."""

    id: int
    title: str
    summary: str = ""
    outlet: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    """Equal to `earliest` where the day is known; the end of the span where only month or year is."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A report made ready for many comparisons. Equal only to itself, so that it can be looked up."""

    report: Report
    headline: str
    """The headline's words of substance, comparable, with spaces between."""
    counts: Mapping[str, int]
    """How often each word stands in headline (twice) and summary."""
    numbers: frozenset[str]
    numbers_in_headline: frozenset[str]
    stages: tuple[int | None, ...]
    series: Mapping[str, int]
    first: date | None
    last: date | None
    """Neither is None, or both are."""

    @property
    def order(self) -> tuple[date, date, str, str, str]:
        """By date and then by text, so that the order of arrival and the ids make no difference."""
        report = self.report
        span = (self.first or date.max, self.last or date.max)
        return (*span, report.title, report.summary, report.outlet)

    @property
    def has_day(self) -> bool:
        """Whether its day is known."""
        return self.first is not None and self.first == self.last


def prepare(report: Report) -> Prepared:
    """Cuts a report into what comparisons need."""
    title, lead = words(report.title), words(report.summary[:_SUMMARY_CHARS])
    headline = [word for word, _ in comparable(title)]
    summary = [word for word, _ in comparable(lead)[:_SUMMARY_WORDS]]
    in_headline = numbers(title)
    first, last = report.earliest or report.latest, report.latest or report.earliest
    return Prepared(
        report=report,
        headline=" ".join(headline),
        counts=Counter(headline + headline + summary),
        numbers=in_headline | numbers(lead),
        numbers_in_headline=in_headline,
        stages=stages(title),
        series=series(lead) | series(title),
        first=first.date() if first else None,
        last=last.date() if last else None,
    )


def written(report: Report, wanted: Sequence[str]) -> list[str]:
    """Comparable words of a report as its headline writes them, or else its summary, in the order wanted."""
    in_title = as_written(report.title, wanted)
    rest = [word for word in wanted if word not in in_title]
    found = as_written(report.summary[:_SUMMARY_CHARS], rest) | in_title if rest else in_title
    return [found[word] for word in wanted]


def days_apart(a: Prepared, b: Prepared) -> int | None:
    """Whole UTC days between two reports, 0 where their spans overlap, None where one has no date."""
    if a.first is None or b.first is None or a.last is None or b.last is None:
        return None
    return max(0, (b.first - a.last).days, (a.first - b.last).days)
