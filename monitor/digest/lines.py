"""Core: an edition summed up in one line, for the mail's head."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from ..models import Coverage, Digest, Edition
from .extracts import extract, shortened
from .reasons import counts
from .week import is_week

_SUBJECT_CHARS = 60
_HEADLINE_CHARS = 24
"""What a subject keeps of the headline even where the digest's own title is long."""
_PREHEADER_CHARS = 100
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def subject(digest: Digest) -> str:
    """The mail's subject: one line, at most 60 characters where the digest's title leaves the room for it."""
    edition = digest.edition
    first, last = days_of(edition)
    days = _day(last) if first == last else f"{_day(first)} to {_day(last)}"
    start = f"{edition.title}, {days}: "
    if not digest.stories:
        return _one_line(start + _nothing(digest.coverage))
    if first != last:
        return _one_line(start + _plural(len(digest.stories), "story", "stories"))
    first_story, others = digest.stories[0], len(digest.stories) - 1
    end = f" (+{others})" if others else ""
    # What readers were told before is never the day's news.
    start = _one_line(start) + (" update:" if first_story.earlier or first_story.update else "")
    room = max(_HEADLINE_CHARS, _SUBJECT_CHARS - len(start) - 1 - len(end))
    headline = _one_line(first_story.lead.item.title) or "one story without a headline"
    return f"{start} {shortened(headline, room)}{end}"


def preheader(digest: Digest) -> str:
    """The line mail programs show after the subject: at most 100 characters, not the subject again."""
    n = counts(digest)
    read = f"{n.sources_read} of {_plural(n.sources_total, 'source', 'sources')} read"
    if not digest.stories:
        looked = _plural(digest.coverage.looked_at, "item", "items")
        return f"{looked} looked at · {read}"
    first, last = days_of(digest.edition)
    told = 1 if first == last else 0
    teasers = [_one_line(story.lead.item.title) for story in digest.stories[told : told + 2]]
    teasers = teasers or [_one_line(extract(digest.stories[0].lead))]
    room = _PREHEADER_CHARS - len(read)
    lines = []
    for left, teaser in zip(range(len(teasers), 0, -1), teasers, strict=True):
        lines.append(shortened(teaser, room // left - 3))
        room -= len(lines[-1]) + 3
    return " · ".join([*filter(None, lines), read])


def _nothing(coverage: Coverage) -> str:
    """What an empty edition says of itself: was there nothing, or was nothing read?"""
    failed = len(coverage.having("failing", "ended"))
    if failed:
        return f"{failed} of {_plural(len(coverage.sources), 'source', 'sources')} failed"
    return "no new items" if coverage.read else "no source was read"


def days_of(edition: Edition) -> tuple[date, date]:
    """The first and last local day that an edition is about; the same where it is no week."""
    if not is_week(edition):
        return edition.local_date, edition.local_date
    days = round((edition.end - edition.start) / timedelta(days=1))
    return edition.local_date - timedelta(days=days), edition.local_date - timedelta(days=1)


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _one_line(text: str) -> str:
    """Text that is safe in a header: line breaks and controls are spaces, invisible formatting is gone."""
    kept = ("" if unicodedata.category(c) in {"Cf", "Cs"} else c for c in text)
    spaced = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in "".join(kept))
    return " ".join("".join(spaced).split())
