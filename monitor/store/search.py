"""I/O: full-text search over all stored items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from ..models import Judged
from . import pages
from .connection import rows
from .query import Query, is_cjk, parse, to_fts, to_where, words_of

EXCERPT_WORDS = 24
EXCERPT_CHARACTERS = 60
"""How much of a text stands before a found word where words cannot be counted, and twice that after it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A found item. `title` and `excerpt` have the found words between the markers that the caller gave."""

    judged: Judged
    title: str
    excerpt: str


def search(
    db: Database,
    query: str,
    *,
    limit: int = 20,
    relevant_only: bool = False,
    markers: tuple[str, str] = ("[", "]"),
) -> tuple[Hit, ...]:
    """Items that a query finds: best first; latest first where it holds Chinese. The language: `query`.

    The texts come as stored: whoever puts them in HTML chooses markers that outlive escaping, and escapes.
    Raises StoreError for a query that cannot be read.
    """
    tree = parse(query)
    if is_cjk(tree):
        return _by_text(db, tree, limit, markers, relevant_only=relevant_only)
    found = rows(
        db,
        """
        SELECT
            items.*,
            highlight(items_fts, 0, :start, :end) AS marked_title,
            snippet(items_fts, -1, :start, :end, '…', :words) AS excerpt
        FROM items_fts JOIN items ON items.id = items_fts.rowid
        WHERE items_fts MATCH :query AND (items.relevant OR NOT :relevant_only)
        -- a word in the title says more than one in the text
        ORDER BY bm25(items_fts, 8, 3, 1), items.id DESC
        LIMIT :limit
        """,
        {
            "query": to_fts(tree),
            "start": markers[0],
            "end": markers[1],
            "words": EXCERPT_WORDS,
            "relevant_only": relevant_only,
            "limit": limit,
        },
    )
    return tuple(
        Hit(judged, row["marked_title"], row["excerpt"])
        for judged, row in zip(pages.judged(db, found), found, strict=True)
    )


def _by_text(
    db: Database, tree: Query, limit: int, markers: tuple[str, str], *, relevant_only: bool
) -> tuple[Hit, ...]:
    condition, parameters = to_where(tree)
    found = rows(
        db,
        f"SELECT * FROM items WHERE {condition} AND (relevant OR NOT ?) "  # noqa: S608 - made by to_where, values bound
        "ORDER BY first_seen DESC, id DESC LIMIT ?",
        [*parameters, relevant_only, limit],
    )
    words = sorted({words.text for words in words_of(tree)}, key=len, reverse=True)
    sought = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return tuple(_hit(judged, sought, markers) for judged in pages.judged(db, found))


def _hit(judged: Judged, sought: re.Pattern[str], markers: tuple[str, str]) -> Hit:
    item = judged.item
    texts: Sequence[str] = (item.summary, item.text, item.title)
    text = next((text for text in texts if sought.search(text)), item.title)
    return Hit(
        judged,
        _marked(item.title, sought, markers),
        _marked(_around(text, sought), sought, markers),
    )


def _around(text: str, sought: re.Pattern[str]) -> str:
    found = sought.search(text)
    middle = found.start() if found else 0
    start, end = max(0, middle - EXCERPT_CHARACTERS), middle + 2 * EXCERPT_CHARACTERS
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _marked(text: str, sought: re.Pattern[str], markers: tuple[str, str]) -> str:
    return sought.sub(lambda found: f"{markers[0]}{found[0]}{markers[1]}", text)
