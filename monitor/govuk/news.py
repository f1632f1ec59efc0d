"""Core: whether a page of GOV.UK is new, changed, or only dated anew, from what its Content API says.

Its feeds carry nothing but the time of the last major update. The page itself has a change history: one note
for each major update, the first being "First published."

Source: alphagov/publishing-api `docs/api.md` and `app/models/edition/timestamps.rb`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..models import ChangeNote, News, Page

SAME_CHANGE = timedelta(hours=24)
"""A note this near to the update belongs to it: editors may set either time by hand, often to midnight."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page's latest update is, and what its editors say of it."""

    news: News
    note: ChangeNote | None = None


def read_news(page: Page, before: Page | None = None, *, same_text: bool = False) -> Reading:
    """What the latest update of `page` is.

    `before` is the page as it was looked up last, if ever; `same_text` says whether its text is still that.
    """
    if before is None:
        return _first_reading(page)
    note = _newest(page)
    if note and note != _newest(before) and note not in before.history:
        return Reading("updated", note)
    is_same = same_text and page.title == before.title
    return Reading("reissued" if is_same else "updated")


def _first_reading(page: Page) -> Reading:
    first, latest, note = page.first_published, page.public_updated, _newest(page)
    if first is None or latest is None:
        return Reading("new")
    if latest - first <= SAME_CHANGE and len(page.history) <= 1:
        return Reading("new")
    if note is None or (len(page.history) == 1 and abs(note.at - first) <= SAME_CHANGE):
        return Reading("reissued")
    return Reading("updated", note) if abs(latest - note.at) <= SAME_CHANGE else Reading("reissued")


def _newest(page: Page) -> ChangeNote | None:
    return max(page.history, key=lambda note: note.at, default=None)
