"""Core: which items are one and the same.

The key of an item, the same over all feeds and polls, is the first of these that exists:
1. the path of its page, on GOV.UK (see `govuk`); headline and publisher, on Google News (see `google_news`);
2. its address without tracking (`text.urls.identity_url`), unless that is the feed's home page or several
   entries of the document with different ids share it, as those of a live blog do: then the address with a
   digest of the id, or of the title;
3. `<source>:<guid>`; ids are unique only within their feed;
4. `<source>:` and a digest of title and summary.

The address comes before the id since publishers change ids without need (BBC's end in the place on the page),
and since one article is in several feeds of its publisher under one address. For the same reason two entries
with one address and one title are one article under two ids, such as its AMP page beside it, unless date and
summary tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from .. import govuk
from ..models import Item
from ..text.words import fold
from . import google_news

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """An item without its key, and the address that it is compared by ("" where it has none)."""

    item: Item
    address: str


def keyed(drafts: Iterable[Draft], home: str) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items with their keys, in order, and for each draft the key of the item that it became a part of.

    Of two with one key the later is kept, at the place of the first. `home` is the address of the feed's
    site, in the form of `identity_url`.
    """
    kept, places = _without_variants(drafts, home)
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for draft in kept:
        ids[draft.address].add(_token(draft.item))
    items: dict[str, Item] = {}
    keys = []
    for draft in kept:
        shared = draft.address == home or len(ids[draft.address]) > 1
        item = replace(draft.item, key=_key(draft, shared))
        keys.append(item.key)
        known = items.get(item.key)
        if known is None or _time(item) > _time(known):
            items[item.key] = item
    return tuple(items.values()), tuple(keys[place] for place in places)


def _without_variants(drafts: Iterable[Draft], home: str) -> tuple[list[Draft], list[int]]:
    """The drafts, of those that are variants of one article the later, at the place of the first.

    With them, for each draft that was given, the place at which it or its variant is kept.
    """
    kept: list[Draft] = []
    kept_at: list[int] = []
    places: dict[tuple[object, ...], int] = {}
    for draft in drafts:
        # Entries without a page of their own may have nothing but their ids to tell them apart.
        is_page = draft.address not in ("", home)
        name = (draft.address, fold(draft.item.title)) if is_page else (len(kept),)
        place = next(
            (places[*name, *sign] for sign in _fitting(draft.item) if (*name, *sign) in places), None
        )
        if place is None:
            place = len(kept)
            kept.append(draft)
        elif _time(draft.item) > _time(kept[place].item):
            kept[place] = draft
        kept_at.append(place)
        for sign in _signs(draft.item):
            places.setdefault((*name, *sign), place)
    return kept, kept_at


def _signs(item: Item) -> tuple[tuple[object, ...], ...]:
    """What an entry is found by among those with its address and title."""
    return (
        ("date", item.date),
        ("summary", item.summary),
        ("has date", item.date is not None),
        ("has summary", bool(item.summary)),
        ("has", item.date is not None, bool(item.summary)),
    )


def _fitting(item: Item) -> Iterator[tuple[object, ...]]:
    """The signs of entries that are one article with it: in date or summary they agree.

    What one of two lacks does not contradict the other; what both lack says nothing.
    """
    if item.date:
        yield ("date", item.date)
    if item.summary:
        yield ("summary", item.summary)
    yield ("has date", item.date is None)
    yield ("has summary", not item.summary)
    if not item.date and not item.summary:
        yield ("has", False, False)


def _key(draft: Draft, shared: bool) -> str:
    item = draft.item
    page = govuk.identity(draft.address) if govuk.is_govuk(draft.address) else ""
    if page:
        return page
    if google_news.is_google_news(draft.address):
        return google_news.key(item.title, item.outlet)
    if draft.address:
        return f"{draft.address}#{_digest(_token(item))[:16]}" if shared else draft.address
    return f"{item.source_id}:{item.guid or _digest(item.title + item.summary)[:32]}"


def _token(item: Item) -> str:
    return item.guid or item.title


def _time(item: Item) -> datetime:
    return item.updated or item.published or _NEVER


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
