"""I/O: what a page that is seen again means to the store: nothing, a better copy of its text, or an update.

Decides on values alone; of the database it uses only the form in which times are kept. A stored text and its
verdict always come from the same source, so that the places of the matches fit; only the text and the date
that the page itself has given outlive the copies of its feeds (see `pages`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from ..models import Assessed, Item
from .connection import moment_or_none, stamp, stamp_or_none

GOV_UK = "https://www.gov.uk/"
CUT = "…"
"""Marks a summary that a finder feed has cut: after 225 characters, or on both sides of a keyword."""
ROUNDING = timedelta(minutes=1)
"""GOV.UK's feeds and the page itself, which may tell of an update first, may round its time differently."""
ONE_PUBLICATION = timedelta(days=3)
"""Further apart, two dates are not those of one page that its publisher gave another address."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of a page, as far as decisions need it."""

    id: int
    key: str
    source_id: str
    """The source whose text is stored."""
    title: str
    summary: str
    published: str | None
    updated: str | None
    revision: int
    relevant: bool
    rules_version: str
    content_hash: str
    was_read: bool
    """Whether the page was looked up: then the stored text is its own, which no feed carries."""
    is_dated: bool
    """Whether the page says when it was first published."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to write: the new copy, and with it perhaps the new verdict and a new revision."""

    item: Item
    """The copy, with what is kept of the stored one; only a page's own text is kept besides."""
    verdict: bool
    what: str = ""
    """In words, for an update; empty where readers need not be told."""


def content_hash(item: Item) -> str:
    """Equal for two items that no reader could tell apart.

    GOV.UK gives one page different ids in its feeds and its Search API; `updated` alone is its date there.
    """
    is_govuk = item.key.startswith(GOV_UK)
    address = (item.key, "") if is_govuk else (item.url, item.guid)
    published = "" if is_govuk else stamp_or_none(item.published) or ""
    dates = (published, stamp_or_none(item.updated) or "")
    # Only where there is one, so that the digests of all other items stay what they were without it.
    outlet = (item.outlet,) if item.outlet else ()
    fields = (*address, item.title, item.summary, item.text, item.lang, *dates, *outlet)
    return blake2b("\x1f".join(fields).encode(), digest_size=16).hexdigest()


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but capitals and spaces."""
    return one == other or squeezed(one) == squeezed(other)


def squeezed(text: str) -> str:
    """Equal for two texts that are the same words."""
    return " ".join(text.casefold().split())


def is_same_page(known: Known, item: Item) -> bool:
    """Whether a page with a known guid but a new address is the known page, moved.

    Its title must be the same, or its time of publication; and where the time is another, its summary too.
    Else the feed gives one guid to many pages: when in doubt, two items are better than one that is lost.
    """
    has_other_date = bool(known.published and item.published and known.published != stamp(item.published))
    if not same_words(known.title, item.title):
        # A full hour is often just a day, and many pages have that.
        has_time = item.published is not None and (item.published.minute, item.published.second) != (0, 0)
        return bool(known.published) and has_time and not has_other_date
    return not has_other_date or bool(item.summary and same_words(known.summary, item.summary))


def is_same_publication(known: Known, item: Item, last_seen: str) -> bool:
    """Whether the date of an entry with the words of a vanished page allows that it is this page.

    A column may have the same title and summary every day. So the date must be near, and from before the
    source was last read with the known page in it (`last_seen`): what is later is another piece.
    """
    before, now = dates_to_compare(known, item)
    return bool(before and now and stamp(now) <= last_seen and abs(now - before) <= ONE_PUBLICATION)


def dates_to_compare(known: Known, item: Item) -> tuple[datetime | None, datetime | None]:
    """The dates of a known page and of a copy of it; on GOV.UK those of the last update, which feeds have."""
    if known.key.startswith(GOV_UK):
        return moment_or_none(known.updated), item.updated
    return moment_or_none(known.published or known.updated), item.date


def change(known: Known, fresh: Assessed, past_titles: Collection[str] = ()) -> Change | None:
    """What is to be written of a known page that was seen again; None for nothing.

    `past_titles`: those of its last few revisions. A publisher that goes to and fro between two headlines
    has given news once.
    """
    item = _with_what_is_kept(known, fresh.item)
    is_own = item.source_id == known.source_id
    if is_own and _is_stale(known, item):
        return None
    if is_own and content_hash(item) == known.content_hash:
        return None if item.key == known.key else Change(item, verdict=False)
    what = _news(known, item, past_titles, is_own=is_own)
    relevant = fresh.verdict.relevant
    gained = relevant and not known.relevant
    if what:
        # A verdict on less than what is stored, that is without the page's text, takes nothing out. The page
        # is looked up again, since its content hash has changed, and then judged with all that it says.
        is_whole = item.summary == fresh.item.summary and (item.text != "" or not known.was_read)
        return Change(item, verdict=is_whole or relevant or not known.relevant, what=what)
    if not is_own:
        # The other source says by its side what the stored text lacks. Never the other way round.
        return Change(item, verdict=True) if gained else None
    # Under the same rules the fresh verdict is that of the fresh text. Other rules do not rewrite history,
    # and a small edit takes nothing out.
    same_rules = fresh.verdict.rules_version == known.rules_version
    return Change(item, verdict=gained or (same_rules and relevant == known.relevant))


def is_in_its_place(known: Known, item: Item, last_seen: str, *, is_news: bool) -> bool:
    """Whether a page that a source showed before, at `last_seen` for the last time, stands where it stood.

    Not one that may have come to the top anew: on GOV.UK each one with a later date than it was shown with,
    elsewhere one that is news under a later date. Some sources date all that they have anew each day.
    """
    if known.key.startswith(GOV_UK) and item.updated:
        updated = stamp(item.updated)
        is_shown = known.source_id == item.source_id and updated == known.updated
        return not is_news and (updated <= last_seen or is_shown)
    fresh, stored = item.updated or item.published, known.updated or known.published
    return not (is_news and fresh and stored and stamp(fresh) > stored)


def updated_to_keep(known: Known, item: Item) -> str | None:
    """The date of the last update, as it is stored, once this copy's text is taken: never an earlier one.

    Or a copy from before an update would make that update news again. A copy without the date tells nothing
    of it. Only dates of one clock are compared: those of one source, and of GOV.UK in all its feeds.
    """
    fresh = stamp_or_none(item.updated)
    has_one_clock = item.source_id == known.source_id or known.key.startswith(GOV_UK)
    return max(filter(None, (fresh, known.updated)), default=None) if has_one_clock else fresh


def _with_what_is_kept(known: Known, item: Item) -> Item:
    return replace(item, summary=_summary_to_keep(known, item), published=_published_to_keep(known, item))


def _summary_to_keep(known: Known, item: Item) -> str:
    """The whole description of a GOV.UK page, where a finder feed gives a piece of it.

    One source may bring both, through its feed and through the Search API that fills its gaps.
    """
    is_whole_known = known.key.startswith(GOV_UK) and known.summary and not _is_cut(known.summary)
    if not is_whole_known or not _is_cut(item.summary):
        return item.summary
    is_part = squeezed(item.summary.strip(f"{CUT} ")) in squeezed(known.summary)
    return known.summary if is_part or not _is_later(known, item) else item.summary


def _is_cut(summary: str) -> bool:
    return summary.startswith(CUT) or summary.endswith(CUT)


def _published_to_keep(known: Known, item: Item) -> datetime | None:
    """The page's own date, else the first that its source gave with this title."""
    stored = moment_or_none(known.published)
    if stored is None or item.published is None:
        return item.published or stored
    is_own = item.source_id == known.source_id
    is_redated = is_own and stored < item.published and same_words(known.title, item.title)
    return stored if known.is_dated or is_redated else item.published


def _is_stale(known: Known, item: Item) -> bool:
    """Whether a source gives a copy from before the stored one, as a lagging cache does."""
    return bool(known.updated and item.updated and stamp(item.updated + _slack(known)) < known.updated)


def _is_later(known: Known, item: Item) -> bool:
    return bool(known.updated and item.updated and stamp(item.updated - _slack(known)) > known.updated)


def _slack(known: Known) -> timedelta:
    """How far two dates of one update may be apart."""
    return ROUNDING if known.key.startswith(GOV_UK) else timedelta()


def _news(known: Known, item: Item, past_titles: Collection[str], *, is_own: bool) -> str:
    same_title = same_words(known.title, item.title)
    is_later = _is_later(known, item)
    if known.key.startswith(GOV_UK):
        # GOV.UK moves this date for changes that its editors hold to be major, in all its feeds alike.
        if not is_later:
            return ""
        return "published again" if same_title else "published again, new title"
    if not is_own:
        return ""
    if not same_title:
        is_return = any(same_words(item.title, title) for title in past_titles)
        return "" if is_return else "new title"
    return "text changed" if is_later and not same_words(known.summary, item.summary) else ""
