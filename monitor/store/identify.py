"""I/O: which stored pages the entries of a document are.

In this order: the page's key; a key that it had before; its guid in this source, where that guid stands for
one page only; and, where a publisher rebuilt its feed with new guids and addresses, its title and summary.
When in doubt, an entry is a page of its own: of two items too many a digest makes one story, one that was
taken for another is lost.
All look-ups are made for the whole document at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TypeVar

from ..models import Assessed, Item
from .changes import Known, dates_to_compare, is_same_page, is_same_publication, same_words, squeezed
from .connection import id_list, moment, rows, stamp, value
from .database import Database

STOOD_WITHIN = timedelta(days=3)
"""A page that was rebuilt stood in the source so shortly before it was last read."""
ALIKE, APART = timedelta(hours=1), timedelta(hours=6)
"""Dates within the first, of pages whose own lay further apart than the second, were given all at once."""

KNOWN_COLUMNS = ", ".join(
    {
        "was_read": "pages.status IS NOT NULL",
        "is_dated": "pages.first_published IS NOT NULL",
    }.get(field.name, f"items.{field.name}")
    for field in fields(Known)
)
KNOWN = f"SELECT {KNOWN_COLUMNS} FROM items LEFT JOIN pages ON pages.item_id = items.id"  # noqa: S608 - constant

T = TypeVar("T")
Document = Mapping[str, Assessed]
"""The entries of a document by key."""


@dataclass(frozen=True, slots=True)
class Identified:
    """A document, its entries told from each other, and the known page of each key that has one."""

    document: Document
    known: Mapping[str, Known]
    """Two keys may lead to one page."""


def identify(
    db: Database,
    source_id: str,
    assessed: Sequence[Assessed],
    *,
    windowed: bool,
    unchanged: Collection[int] = (),
) -> Identified:
    """Find the known pages among the entries of a document that were read.

    `unchanged` are the pages of its other entries: they stand where they stood, under their own keys, and no
    entry that was read is one of them by its guid or its words.
    `windowed`: whether it is all that stands in the source, so that what is not in it has gone.
    """
    document: dict[str, Assessed] = {}
    for fresh in assessed:
        # A page that stands twice in a document counts once, as it stands first.
        document.setdefault(fresh.item.key, fresh)
    ids = _ids_by_key(db, document)
    guids = _ids_by_guid(db, source_id, document)
    by_guid = {guid: id_ for guid, id_ in guids.items() if id_ not in unchanged}
    pages = _load(db, {*ids.values(), *by_guid.values()})
    document = _told_apart(document, ids, by_guid, pages)
    ids |= {page.key: page.id for page in pages.values()}
    known = {key: pages[ids[key]] for key in document if key in ids}
    present = {page.id for page in known.values()}
    for key, fresh in document.items():
        id_ = by_guid.get(fresh.item.guid)
        if key not in known and id_ and id_ not in present and is_same_page(pages[id_], fresh.item):
            known[key] = pages[id_]
    if windowed:
        known |= _rebuilt(db, source_id, document, known, unchanged)
    return Identified(document, known)


def _ids_by_key(db: Database, keys: Collection[str]) -> dict[str, int]:
    found = rows(
        db,
        """
        SELECT key, id FROM items WHERE key IN (SELECT value FROM json_each(?1))
        UNION ALL
        SELECT key, item_id FROM aliases WHERE key IN (SELECT value FROM json_each(?1))
        """,
        [id_list(keys)],
    )
    return {row["key"]: row["id"] for row in found}


def _ids_by_guid(db: Database, source_id: str, document: Document) -> dict[str, int]:
    """The page that each guid has stood for in this source, unless it stands for several, here or before."""
    counts = Counter(fresh.item.guid for fresh in document.values())
    found = rows(
        db,
        """
        SELECT guid, min(item_id) AS id FROM sightings
        WHERE source_id = ? AND guid IN (SELECT value FROM json_each(?))
        GROUP BY guid HAVING count(*) = 1
        """,
        [source_id, id_list(guid for guid, count in counts.items() if guid and count == 1)],
    )
    return {row["guid"]: row["id"] for row in found}


def _told_apart(
    document: Document, ids: Mapping[str, int], by_guid: Mapping[str, int], pages: Mapping[int, Known]
) -> dict[str, Assessed]:
    """The document, an entry under the address of another page put back under its own key.

    Where entries share an address, `parse` gives them keys with a digest of the guid, and the bare address to
    one that is left alone. That may be the key of the other.
    """
    told: dict[str, Assessed] = {}
    for key, fresh in document.items():
        own = pages.get(by_guid.get(fresh.item.guid, 0))
        by_key = pages.get(ids.get(key, 0))
        is_another = (
            own is not None
            and by_key is not None
            and own.id != by_key.id
            and own.key not in document
            and same_words(own.title, fresh.item.title)
            and not same_words(by_key.title, fresh.item.title)
        )
        if is_another and own is not None:
            fresh = replace(fresh, item=replace(fresh.item, key=own.key))  # noqa: PLW2901 - the entry, corrected
        told.setdefault(fresh.item.key, fresh)
    return told


def _load(db: Database, ids: Iterable[int]) -> dict[int, Known]:
    found = db.execute(f"{KNOWN} WHERE items.id IN (SELECT value FROM json_each(?))", [id_list(ids)])  # noqa: S608 - constant
    return {known.id: known for known in (Known(*row) for row in found)}


def _rebuilt(
    db: Database,
    source_id: str,
    document: Document,
    known: Mapping[str, Known],
    unchanged: Collection[int],
) -> dict[str, Known]:
    """Vanished pages that stand in the document with another guid and address, by the new key.

    Exactly one entry and one page must have these words, a summary among them, and the date must fit. Where
    the publisher has made the whole feed anew, also pages without a summary or a date are found, and those
    that it dated all at once.
    """
    if len(known) == len(document):
        return {}
    last_read = value(db, "SELECT max(last_seen) FROM sightings WHERE source_id = ?", [source_id])
    if last_read is None:
        return {}
    stood = db.execute(
        f"""
        SELECT sightings.last_seen, {KNOWN_COLUMNS}
        FROM sightings JOIN items ON items.id = sightings.item_id LEFT JOIN pages ON pages.item_id = items.id
        WHERE sightings.source_id = ? AND sightings.last_seen >= ?
        """,  # noqa: S608 - constant
        [source_id, stamp(moment(last_read) - STOOD_WITHIN)],
    )
    seen = {page.id: (page, at) for at, page in ((row[0], Known(*row[1:])) for row in stood)}
    pages = _single((_words(page.title, page.summary), page) for page, _ in seen.values())
    entries = _single((_words(f.item.title, f.item.summary), (key, f)) for key, f in document.items())
    present = {*unchanged, *(page.id for page in known.values())}
    pairs = [
        (pages[words], fresh.item)
        for words, (key, fresh) in entries.items()
        if key not in known and words in pages and pages[words].id not in present
    ]
    # Half of the entries have the words of vanished pages, and not one is known: that is no chance.
    is_anew = not known and not unchanged and len(pairs) > 1 and 2 * len(pairs) >= len(document)
    is_dated_at_once = is_anew and _are_dated_at_once(pairs)
    return {
        item.key: page
        for page, item in pairs
        if ((item.summary or is_anew) and is_same_publication(page, item, seen[page.id][1]))
        or (is_anew and item.date is None)
        or is_dated_at_once
    }


def _are_dated_at_once(pairs: Sequence[tuple[Known, Item]]) -> bool:
    """Whether pages that were published hours apart have come to have one date."""
    compared = [dates_to_compare(page, item) for page, item in pairs]
    before = [was for was, _ in compared if was]
    now = [is_ for _, is_ in compared if is_]
    if not (len(before) == len(now) == len(compared)):
        return False
    return max(now) - min(now) <= ALIKE and max(before) - min(before) >= APART


def _words(title: str, summary: str) -> tuple[str, str]:
    return squeezed(title), squeezed(summary)


def _single(pairs: Iterable[tuple[tuple[str, str], T]]) -> dict[tuple[str, str], T]:
    """What has words that nothing else has, by these words."""
    pairs = list(pairs)
    counts = Counter(words for words, _ in pairs)
    return {words: one for words, one in pairs if counts[words] == 1}
