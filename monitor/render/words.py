"""Core: how times, kinds of outlet and places of a match are said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..models import Edition, Field, HealthStatus, Kind, Match, PageStatus

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - reads better
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_DAYS_BY_NAME = 7
"""A weekday alone is clear for this many days, the day itself included."""

KINDS: dict[Kind, str] = {
    "official-uk": "Official UK",
    "parliament": "Parliament",
    "official-china": "Official China",
    "state-media": "State media",
    "uk-media": "UK media",
    "world-media": "World media",
    "trade-press": "Trade press",
    "think-tank": "Think tank",
    "business": "Business",
    "university": "University",
    "other": "Other",
}
PAGE_STATUSES: dict[PageStatus, str] = {"withdrawn": "Withdrawn", "gone": "Removed"}
FAULTS: dict[HealthStatus, str] = {
    "failing": "Failing",
    "ended": "Ended",
    "overrun": "Overrun",
    "quiet": "Quiet",
}
"""What may be wrong with a source, the gravest first."""
FIELDS: dict[Field, str] = {"title": "title", "lead": "1st sentence", "text": "text"}
_WEIGHT = re.compile(r"\s+\^[\d.]+\Z")
_EXPRESSION = re.compile(r"\b(?:AND|OR|NOT|SAME|NEAR/\d+|ATLEAST/\d+)\b|title:|[\"]")
_BETWEEN_OPERANDS = re.compile(rf"{_EXPRESSION.pattern}|[()]")
_LONG = 4
"""Words of a place that are shown whole."""
SIDES = {"uk": "UK", "china": "China", "both": "UK-China", "elsewhere": "elsewhere", "exclude": "excluded"}


@dataclass(frozen=True, slots=True)
class When:
    """A moment for `<time>`: for machines and for readers."""

    iso: str
    """UTC with Z, or the date alone."""
    text: str


def utc(when: datetime) -> str:
    """ISO 8601 in UTC with Z, to the second."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def local(when: datetime, zone: ZoneInfo) -> datetime:
    """The moment in the zone; a date at the edge of the calendar stays in UTC, where it can be told."""
    try:
        return when.astimezone(zone)
    except OverflowError:
        return when.astimezone(UTC)


def long_day(day: date) -> str:
    """Thursday 29 January 2026."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date, this_year: int) -> str:
    """29 Jan; with the year where it is not this one."""
    short = f"{day.day} {_MONTHS[day.month - 1][:3]}"
    return short if day.year == this_year else f"{short} {day.year}"


def days(first: date, last: date) -> str:
    """Thursday 29 January 2026; of several days: Monday 26 January to Sunday 1 February 2026."""
    if first == last:
        return long_day(last)
    from_ = long_day(first)
    return f"{from_.removesuffix(f' {first.year}') if first.year == last.year else from_} to {long_day(last)}"


def moment(when: datetime, zone: ZoneInfo, this_year: int) -> When:
    """29 Jan, 06:12. Midnight to the second is how feeds write a date without a time: then the day alone."""
    here = local(when, zone)
    day = short_day(here.date(), this_year)
    in_utc = when.astimezone(UTC)
    if (in_utc.hour, in_utc.minute, in_utc.second) == (0, 0, 0):
        return When(in_utc.date().isoformat(), short_day(in_utc.date(), this_year))
    if (here.hour, here.minute, here.second) == (0, 0, 0):
        return When(here.date().isoformat(), day)
    return When(utc(when), f"{day}, {here:%H:%M}")


def day(when: datetime, zone: ZoneInfo, this_year: int) -> When:
    """29 Jan: the day of a moment."""
    here = local(when, zone).date()
    return When(here.isoformat(), short_day(here, this_year))


def whose(day: date, today: date) -> str:
    """The story of which day: "yesterday's story", "Tuesday's story", "the story of 12 Jan"."""
    ago = (today - day).days
    if ago == 0:
        return "today's earlier story"
    if ago == 1:
        return "yesterday's story"
    if 1 < ago < _DAYS_BY_NAME:
        return f"{_DAYS[day.weekday()]}'s story"
    return f"the story of {short_day(day, today.year)}"


def zone_name(zone: ZoneInfo) -> str:
    """Europe/London is said "London time"; UTC stays UTC."""
    name = zone.key.rpartition("/")[2].replace("_", " ")
    return name if name.upper() == "UTC" else f"{name} time"


def window(edition: Edition, zone: ZoneInfo) -> str:
    """From 08:30 Wednesday 28 January to 08:30 Thursday 29 January 2026, London time."""
    start, end = local(edition.start, zone), local(edition.end, zone)
    first, last = long_day(start.date()), long_day(end.date())
    if start.date() == end.date():
        return f"From {start:%H:%M} to {end:%H:%M} {last}, {zone_name(zone)}"
    if start.year == end.year:
        first = first.removesuffix(f" {start.year}")
    return f"From {start:%H:%M} {first} to {end:%H:%M} {last}, {zone_name(zone)}"


def is_about_a_day(edition: Edition) -> bool:
    """Whether "today" is a fair word for the window; 25 hours is a day when the clocks go back."""
    return edition.end - edition.start <= timedelta(hours=25)


def count(number: int, one: str, many: str = "") -> str:
    """1 story, 2 stories, 1,204 items."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def without_weight(term: str) -> str:
    """`tariff* ^2` → `tariff*`."""
    return _WEIGHT.sub("", term)


def shown_term(match: Match) -> str:
    """A term as a reader sees it: a word or phrase as in the config, else the words that it found.

    The weight says nothing about the item, `tariff*` and expressions are for `explain`. Of a long place only
    the words that the expression names are said: "visitors … visa".
    """
    term = without_weight(match.term)
    inner = term[1:-1]
    if term[:1] == term[-1:] == '"' and '"' not in inner and inner:
        return inner
    if not _EXPRESSION.search(term):
        return match.text if "*" in term else term
    spans = named_words(match)
    if len(match.text.split()) <= _LONG or len(spans) < 2:
        return match.text
    return " … ".join(match.text[start:end] for start, end in (spans[0], spans[-1]))


def named_words(match: Match) -> tuple[tuple[int, int], ...]:
    """Where in `match.text` the words stand that its term names, as (start, end); the whole for a plain term.

    An expression such as `visitor* NEAR/8 visa` holds over a stretch of text of which most is by the way.
    """
    term = without_weight(match.term)
    whole = ((0, len(match.text)),)
    if not _EXPRESSION.search(term):
        return whole
    named = _operands(term)
    return tuple(found.span() for found in named.finditer(match.text)) or whole if named else whole


@lru_cache(maxsize=4096)
def _operands(term: str) -> re.Pattern[str] | None:
    """The words and phrases of an expression, the longest first: near enough to how rules read them."""
    phrases = sorted(filter(None, map(str.strip, _BETWEEN_OPERANDS.split(term))), key=len, reverse=True)
    spelt = [r"[\s-]+".join(_spelt(word) for word in re.split(r"[\s-]+", phrase)) for phrase in phrases]
    return re.compile("|".join(spelt)) if spelt else None


def _spelt(word: str) -> str:
    """A word of a term; its capitals are required, small letters match both."""
    bare = re.sub(r"['’]", "['’]", re.escape(word.rstrip("*"))) + (r"\w*" if word.endswith("*") else "")
    bare = f"(?i:{bare})" if word == word.lower() else bare
    return rf"(?<!\w){bare}(?!\w)" if word.isascii() else bare


def topic_or_side(match: Match) -> str:
    """What a match speaks for: its topic's id, the reader's handle in config.yaml, else the side."""
    return match.topic or SIDES.get(match.role, match.role)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a word and marked with "…"."""
    if len(text) <= limit:
        return text
    head, _, _ = text[: limit - 1].rpartition(" ")
    return (head or text[: limit - 1]) + "…"


def listing(parts: Iterable[str]) -> str:
    """A, B and C; nothing for nothing."""
    *rest, last = tuple(parts) or ("",)
    return f"{', '.join(rest)} and {last}" if rest else last
