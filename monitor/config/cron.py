"""Border: reads a cron expression of five fields far enough to know that it is right and comes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,4}))?", re.ASCII)
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * sun",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 jan *",
    "@annually": "0 0 1 jan *",
}


class CronError(ValueError):
    """An expression that cannot be read: `message` and `hint` (may be "")."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.isdecimal() and self.low <= int(text[:6]) <= self.high:
            return int(text)
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        raise CronError(f'"{text}" is no {self.name}', f"write {self.low} to {self.high}{names}")


_UNITS = (
    _Unit("minute", 0, 59),
    _Unit("hour", 0, 23),
    _Unit("day of the month", 1, 31),
    _Unit("month", 1, 12, _MONTHS),
    _Unit("weekday", 0, 7, _WEEKDAYS),
)


def normal(expression: str) -> str:
    """The same schedule in one spelling: months by number, weekdays by name, no range that runs over its end.

    Weekdays are where schedulers differ (0 is Sunday in cron, Monday in APScheduler): numbers are read as
    cron does and written as names. Raises CronError.
    """
    fields = expression.split()
    if expression.strip().lower() in _ALIASES:
        raise CronError(
            "a name for a schedule is not read here", f'write "{_ALIASES[expression.strip().lower()]}"'
        )
    if len(fields) != len(_UNITS):
        count = f"this has {len(fields)}"
        raise CronError(
            f"a schedule has five fields, {count}",
            'minute hour day month weekday, as in "30 8 * * mon-fri"; or: immediately',
        )
    read = [_numbers(text, unit) for text, unit in zip(fields, _UNITS, strict=True)]
    _, _, days, months, weekdays = read
    if min(days) > max(_LONGEST[month - 1] for month in months):
        raise CronError("this day never comes in the months given")
    month, weekday = fields[3].lower(), fields[4].lower()
    if re.search("[a-z]", month):
        month = ",".join(str(number) for number in sorted(months))
    if re.search(r"\d", weekday) or _runs_over(weekday):
        chosen = {number % 7 for number in weekdays}
        weekday = ",".join(name for number, name in enumerate(_WEEKDAYS) if number in chosen)
    return " ".join([*fields[:3], month, weekday])


def _runs_over(weekday: str) -> bool:
    """Whether a range goes past Sunday, the last day of the week for some schedulers, as fri-mon does."""
    order = (*_WEEKDAYS[1:], "sun")
    ranges = [part.partition("/")[0].split("-") for part in weekday.split(",") if "-" in part]
    return any(order.index(first) > order.index(last) for first, last in ranges)


def _numbers(text: str, unit: _Unit) -> frozenset[int]:
    """The values that a field stands for."""
    found: set[int] = set()
    for part in text.split(","):
        found.update(_part(part, unit))
    return frozenset(found)


def _part(part: str, unit: _Unit) -> range:
    match = _PART.fullmatch(part)
    if not match:
        raise CronError(
            f'"{part}" cannot be read as {unit.name}',
            'write *, 5, 1-5, 1,3,5 or */15, as in "*/15 7-19 * * *"',
        )
    step = int(match["step"] or 1)
    top = 6 if unit.names is _WEEKDAYS else unit.high  # 7 is Sunday again: */2 must not count it twice
    first = unit.number(match["first"]) if match["first"] else unit.low
    last = top if match["first"] is None or match["step"] else first
    last = unit.number(match["last"]) if match["last"] else last
    if first > last and unit.names is _WEEKDAYS:
        last += 7
    if first > last:
        raise CronError(f'"{part}" runs backwards', f"write {match['last']}-{match['first']}, or two ranges")
    if not step or (match["step"] and step > last - first):
        raise CronError(
            f'"{part}" has a step that does not fit', f"a step here is 1 to {max(1, last - first)}"
        )
    return range(first, last + 1, step)
