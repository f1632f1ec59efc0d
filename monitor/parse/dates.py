"""Core: dates as feeds write them → aware UTC datetimes.

RFC 822 and 2822 (RSS), RFC 3339 and W3CDTF (Atom, Dublin Core), and what is met besides: no zone, "BST",
"GMT+8", American and asctime order, seconds since 1970. What fits no form is None: an item without a date is
shown by when it was first seen, which is better than a date that was guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

FIRST_YEAR = 1990
"""Before this a date is a default (1970, 0001), not a publication."""

CHINA = timezone(timedelta(hours=8))

_LONGEST = 64

_ZONE = (
    r"(?P<zone>[+-]\d{1,2}:?\d{2}|[+-]\d{1,2}|(?:(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?)|[A-Za-z][A-Za-z/_]*)?"
)
_TIME = (
    r"(?:(?:[\sTt,]+|\sat\s)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    rf"\s?(?P<half>[AaPp]\.?[Mm]\.?)?\s*{_ZONE})?"
)
_DAY_NAME = r"(?:[A-Za-z]{3,9}\.?(?:,\s*|\s+))?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # 2026-01-29T08:30:00Z, 2026-01-29 16:30:00, 2026/1/29, 20260129
        rf"(?P<year>\d{{4}})(?P<s>[-/.])(?P<month>\d{{1,2}})(?P=s)(?P<day>\d{{1,2}}){_TIME}",
        rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_TIME}",
        # Thu, 29 Jan 2026 08:30:00 GMT, 29-Jan-26
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]{_MONTH}[\s-](?P<year>\d{{4}}|\d{{2}}){_TIME}(?:\s*\(.*\))?",
        # January 29, 2026 8:30 am
        rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}",
        # Thu Jan 29 08:30:00 GMT 2026
        rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}}){_TIME}\s+(?P<year>\d{{4}})",
        # 2026年1月29日 16:30
        rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日{_TIME}",
    )
)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{13})")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Hours from UTC of names that are met. CST is Chinese where the source is, else American: see `_zone`.
_NAMED = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET", "ETC/UTC", "ETC/GMT"), 0.0),
    **dict.fromkeys(("BST", "WEST", "CET", "MET"), 1.0),
    **dict.fromkeys(("CEST", "MEST", "EET"), 2.0),
    **dict.fromkeys(("HKT", "SGT", "AWST", "PHT", "MYT"), 8.0),
    **dict.fromkeys(("JST", "KST"), 9.0),
    "EST": -5.0,
    "EDT": -4.0,
    "CST": -6.0,
    "CDT": -5.0,
    "MST": -7.0,
    "MDT": -6.0,
    "PST": -8.0,
    "PDT": -7.0,
    "AEST": 10.0,
    "AEDT": 11.0,
    "NZST": 12.0,
    "NZDT": 13.0,
}


def parse_date(value: str, local: tzinfo = UTC) -> datetime | None:
    """The moment that `value` names, in UTC, or None. Future moments are returned as they are.

    `local` is the clock of the source, for a time without zone. Where that is CHINA, so is CST.
    """
    value = value.strip()[: _LONGEST + 1]
    if not value or len(value) > _LONGEST:
        return None
    epoch = _EPOCH.fullmatch(value)
    if epoch:
        return _plausible(datetime.fromtimestamp(int(epoch[1] or 0) or int(epoch[2]) / 1000, UTC))
    for form in _FORMS:
        found = form.fullmatch(value)
        if found:
            return _moment(found.groupdict(), local)
    return None


def _moment(part: dict[str, str | None], local: tzinfo) -> datetime | None:
    month = part["month"] or ""
    digits = part["year"] or ""
    year = int(digits)
    if len(digits) == 2:  # RFC 2822, 4.3
        year += 2000 if year < 50 else 1900
    hour = int(part["hour"] or 0)
    half = (part["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    minute, second = int(part["minute"] or 0), int(part["second"] or 0)
    try:
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        day = datetime(year, number, int(part["day"] or 0), tzinfo=_zone(part["zone"] or "", local))
        # A leap second, and midnight as the day's end, are left to timedelta.
        clock = timedelta(hours=hour, minutes=minute, seconds=second)
        if minute > 59 or second > 60 or clock > timedelta(days=1):
            return None
        return _plausible((day + clock).astimezone(UTC))
    except (ValueError, OverflowError):  # no such month, day, offset; the years 0 and 10000
        return None


def _zone(name: str, local: tzinfo) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-span if offset[1] == "-" else span)
    if not name or (local is CHINA and name.upper() == "CST"):
        return local
    return timezone(timedelta(hours=_NAMED.get(name.upper(), 0.0)))


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year >= FIRST_YEAR else None
