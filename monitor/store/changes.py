"""I/O: what a page that is seen again means to the store: nothing, a better copy of its text, or an update.

Decides on values alone; of the database it uses only the form in which times are kept. A stored text and its
verdict always come from the same source, so that the places of the matches fit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

from ..models import Assessed, Item
from .connection import stamp, stamp_or_none

GOV_UK = "https://www.gov.uk/"


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


@dataclass(frozen=True, slots=True)
class Change:
    """What to write: the new text, and with it perhaps the new verdict and a new revision."""

    verdict: bool
    what: str = ""
    """In words, for an update; empty where readers need not be told."""


def content_hash(item: Item) -> str:
    """Equal for two items that no reader could tell apart."""
    fields = (item.url, item.guid, item.title, item.summary, item.text, item.lang)
    dates = (stamp_or_none(item.published) or "", stamp_or_none(item.updated) or "")
    return blake2b("\x1f".join(fields + dates).encode(), digest_size=16).hexdigest()


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but capitals and spaces."""
    return one == other or _squeezed(one) == _squeezed(other)


def is_same_page(known: Known, item: Item) -> bool:
    """Whether a page with a known guid but a new address is the known page, moved.

    Another title *and* another date of publication say that the feed gives one guid to many pages.
    """
    other_date = known.published and item.published and known.published != stamp(item.published)
    return same_words(known.title, item.title) or not other_date


def change(known: Known, fresh: Assessed, past_titles: Collection[str] = ()) -> Change | None:
    """What is to be written of a known page that was seen again; None for nothing.

    `past_titles`: those of its last few revisions. A publisher that goes to and fro between two headlines
    has given news once.
    """
    item = fresh.item
    is_own = item.source_id == known.source_id
    if is_own and _is_stale(known, item):
        return None
    if is_own and content_hash(item) == known.content_hash:
        return None if item.key == known.key else Change(verdict=False)
    what = _news(known, item, past_titles, is_own=is_own)
    if what:
        return Change(verdict=True, what=what)
    gained = fresh.verdict.relevant and not known.relevant
    if not is_own:
        # The other source says by its side what the stored text lacks. Never the other way round.
        return Change(verdict=True) if gained else None
    # Under the same rules the fresh verdict is that of the fresh text. Other rules do not rewrite history,
    # and a small edit takes nothing out.
    same_rules = fresh.verdict.rules_version == known.rules_version
    return Change(verdict=gained or (same_rules and fresh.verdict.relevant == known.relevant))


def updated_to_keep(known: Known, item: Item) -> str | None:
    """The date of the last update, as it is stored, once this copy's text is taken: never an earlier one.

    Or a copy from before an update would make that update news again. A copy without the date tells nothing
    of it. Only dates of one clock are compared: those of one source, and of GOV.UK in all its feeds.
    """
    fresh = stamp_or_none(item.updated)
    has_one_clock = item.source_id == known.source_id or known.key.startswith(GOV_UK)
    return max(filter(None, (fresh, known.updated)), default=None) if has_one_clock else fresh


def _is_stale(known: Known, item: Item) -> bool:
    """Whether a source gives a copy from before the stored one, as a lagging cache does."""
    return bool(known.updated and item.updated and stamp(item.updated) < known.updated)


def _news(known: Known, item: Item, past_titles: Collection[str], *, is_own: bool) -> str:
    same_title = same_words(known.title, item.title)
    is_later = bool(known.updated and item.updated and stamp(item.updated) > known.updated)
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


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())
