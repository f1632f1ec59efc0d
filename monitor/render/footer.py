"""Core: what a mail says at its end: why it came, where the rest is, how to end it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..models import Digest, DigestSpec, MailSpec, Topic
from . import words
from .inert import clean, safe_url
from .letter import relevance_address, unsubscribe_address

_WORKDAYS = frozenset(("mon", "tue", "wed", "thu", "fri"))
_WEEKDAYS = {
    "mon": "Mondays",
    "tue": "Tuesdays",
    "wed": "Wednesdays",
    "thu": "Thursdays",
    "fri": "Fridays",
    "sat": "Saturdays",
    "sun": "Sundays",
}
TOPICS_NAMED = 12


@dataclass(frozen=True, slots=True)
class Footer:
    """The last lines of a mail. Addresses that are "" are left out."""

    asked: str = ""
    """You asked for one email every weekday about: Trade."""
    archive: str = ""
    """Where all editions are on the web."""
    feed: str = ""
    """The Atom feed of stories."""
    not_relevant: str = ""
    """A mailto address: where to say that a story should not be here."""
    unsubscribe: str = ""
    """A mailto address."""


def footer(
    digest: Digest, spec: DigestSpec | None, archive_url: str | None, mail: MailSpec | None = None
) -> Footer:
    """What is known of the digest, of the output folder's address on the web, and of whom to write to.

    Raises ValueError where an address in `mail` is none.
    """
    site = archive_url.rstrip("/") if archive_url else ""
    return Footer(
        asked=asked_for(spec, digest.topics) if spec else "",
        archive=safe_url(f"{site}/index.html") if site else "",
        feed=safe_url(f"{site}/feeds/stories.atom") if site else "",
        not_relevant=relevance_address(mail, digest.edition) if mail else "",
        unsubscribe=unsubscribe_address(mail) if mail else "",
    )


def asked_for(spec: DigestSpec, topics: Sequence[Topic]) -> str:
    """You asked for one email every weekday about: Trade and Borders."""
    titles = {topic.id: clean(topic.title) for topic in topics}
    named = [titles.get(id_, id_) for id_ in spec.topics]
    if len(named) > TOPICS_NAMED:
        named = [*named[:TOPICS_NAMED], words.count(len(named) - TOPICS_NAMED, "other topic")]
    about = words.listing(named) if named else "all topics"
    return f"You asked for {how_often(spec.schedule)} about: {about}."


def how_often(schedule: str) -> str:
    """A schedule in words: "one email a day"; "emails" where it is neither daily, weekly nor monthly."""
    if schedule == "immediately":
        return "an email as soon as there is news"
    minute, hour, day, month, weekday = (schedule.lower().split() + ["*"] * 5)[:5]
    once = minute.isdecimal() and hour.isdecimal() and month == "*"
    if once and day == "*":
        return _on(_days(weekday))
    if once and day.isdecimal() and weekday == "*":
        return "one email a month"
    return "emails"


def _on(days: Sequence[str]) -> str:
    if len(days) == len(_WEEKDAYS):
        return "one email a day"
    if {*days} == _WORKDAYS:
        return "one email every weekday"
    if len(days) == 1:
        return f"one email a week, on {_WEEKDAYS[days[0]]},"
    return f"emails on {words.listing(_WEEKDAYS[day] for day in days)}" if days else "emails"


def _days(weekdays: str) -> tuple[str, ...]:
    """mon-fri or tue,thu → the days; () where the expression is of another kind."""
    names = tuple(_WEEKDAYS)
    if weekdays == "*":
        return names
    chosen: set[str] = set()
    for part in weekdays.split(","):
        found = re.fullmatch(r"([a-z]{3})(?:-([a-z]{3}))?", part)
        if not found or not {found[1], found[2] or found[1]} <= {*names}:
            return ()
        first, last = names.index(found[1]), names.index(found[2] or found[1])
        chosen |= {*names[first : last + 1]}
    return tuple(name for name in names if name in chosen)
