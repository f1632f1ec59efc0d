"""I/O: full-text search over all stored items."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ..models import Judged
from . import pages
from .connection import id_list, rows, stamp
from .database import Database
from .query import Query, finds_cjk_only, is_cjk, parse, pattern, to_fts, to_where, words_of
from .schema import HAS_WIDE, WIDE_TEXT

MOST_RANKED = 20_000
"""Of more items than these that hold the words, the latest ones are ranked: each takes two microseconds."""
EXCERPT_WORDS = 24
EXCERPT_CHARACTERS = 60
"""How much of a text stands before a found word where words cannot be counted, and twice that after it."""


Alike = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A found item. `title` and `excerpt` have the found words between the markers that the caller gave."""

    judged: Judged
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Within:
    """Which items a search or an export looks at."""

    relevant_only: bool = False
    since: datetime | None = None
    """Those first seen then or later."""
    topics: Collection[str] = ()
    """Those with one of these topics; empty means all."""

    @property
    def condition(self) -> tuple[str, dict[str, object]]:
        """As a condition on `items`, with its parameters."""
        conditions: list[str] = []
        parameters: dict[str, object] = {}
        if self.relevant_only:
            conditions.append("items.relevant = 1")
        if self.since:
            conditions.append("items.first_seen >= :since")
            parameters["since"] = stamp(self.since)
        if self.topics:
            conditions.append(
                "EXISTS (SELECT 1 FROM json_each(items.topics) AS has "
                "WHERE has.value IN (SELECT value FROM json_each(:topics)))"
            )
            parameters["topics"] = id_list(self.topics)
        return " AND ".join(conditions) or "TRUE", parameters

    @property
    def rows_condition(self) -> tuple[str, dict[str, object]]:
        """The same as a condition on `items_fts`, of whose hits as few as can be are read."""
        condition, parameters = self.condition
        # A plus keeps FTS5 from being asked for each id by itself, and min() from reading by id.
        if self.relevant_only:
            ids = f"SELECT id FROM items INDEXED BY items_relevant WHERE {condition}"  # noqa: S608 - our own text
            return f"+items_fts.rowid IN ({ids})", parameters
        exact = f"(SELECT {condition} FROM items WHERE items.id = items_fts.rowid)"  # noqa: S608 - our own text
        if self.since:
            first = "SELECT min(+id) FROM items INDEXED BY items_first_seen WHERE first_seen >= :since"
            return f"items_fts.rowid >= ({first}) AND {exact}", parameters
        return exact if parameters else "TRUE", parameters


EVERYWHERE = Within()
WIDE = ("INDEXED BY items_wide", HAS_WIDE, (WIDE_TEXT,))
NOT_WIDE = ("", "TRUE", ("items.title", "items.summary", "items.text"))
"""Where Chinese words are looked for: an index, its condition, the texts."""


def search(
    db: Database,
    query: str,
    *,
    limit: int = 20,
    within: Within = EVERYWHERE,
    markers: tuple[str, str] = ("[", "]"),
    alike: Alike = str,
) -> tuple[Hit, ...]:
    """Items that a query finds: best first; latest first where it holds Chinese. The language: `query`.

    Of more than MOST_RANKED items that it finds, the best of the latest. `alike` gives, for a character of a
    Chinese word, all that are to be found as it. The texts come as stored: whoever puts them in HTML chooses
    markers that outlive escaping, and escapes.
    Raises StoreError for a query that cannot be read.
    """
    tree = parse(query)
    if is_cjk(tree):
        return _by_text(db, tree, limit, within, markers, alike)
    condition, parameters = within.rows_condition
    found = rows(
        db,
        # In three steps, so that neither a row of items nor an excerpt is read for what is not shown.
        f"""
        WITH found AS MATERIALIZED (
            -- a word in the title says more than one in the text
            SELECT items_fts.rowid AS id, bm25(items_fts, 8, 3, 1) AS rank_ FROM items_fts
            WHERE items_fts MATCH :query AND {condition}
            ORDER BY items_fts.rowid DESC LIMIT :most
        ),
        best AS MATERIALIZED (SELECT id, rank_ FROM found ORDER BY rank_, id DESC LIMIT :limit)
        SELECT
            items.*,
            highlight(items_fts, 0, :start, :end) AS marked_title,
            snippet(items_fts, -1, :start, :end, '…', :words) AS excerpt
        FROM best
            CROSS JOIN items_fts ON items_fts.rowid = best.id
            CROSS JOIN items ON items.id = best.id
        WHERE items_fts MATCH :query
        ORDER BY best.rank_, best.id DESC
        """,  # noqa: S608 - our own conditions, values bound
        {
            "query": to_fts(tree),
            "start": markers[0],
            "end": markers[1],
            "words": EXCERPT_WORDS,
            "limit": limit,
            "most": MOST_RANKED,
            **parameters,
        },
    )
    return tuple(
        Hit(judged, row["marked_title"], row["excerpt"])
        for judged, row in zip(pages.judged(db, found), found, strict=True)
    )


def _by_text(
    db: Database, tree: Query, limit: int, within: Within, markers: tuple[str, str], alike: Alike
) -> tuple[Hit, ...]:
    """Reads the texts themselves, the latest first, until there are enough hits."""
    # The index holds only the items that have such characters: few, in a monitor of mostly English.
    index, has_wide, sought_in = WIDE if finds_cjk_only(tree) else NOT_WIDE
    finds, words = to_where(tree, alike, sought_in)
    condition, parameters = within.condition
    db.conn.create_function("regexp", 2, _finds, deterministic=True)
    found = rows(
        db,
        f"""
        SELECT * FROM items WHERE id IN (
            SELECT items.id FROM items {index} WHERE {has_wide} AND {condition} AND {finds}
            ORDER BY first_seen DESC, id DESC LIMIT :limit
        )
        ORDER BY first_seen DESC, id DESC
        """,  # noqa: S608 - our own conditions, values bound
        {"limit": limit, **parameters, **words},
    )
    texts = sorted({words.text for words in words_of(tree)}, key=len, reverse=True)
    sought = _compiled("|".join(pattern(text, alike) for text in texts))
    return tuple(_hit(judged, sought, markers) for judged in pages.judged(db, found))


@lru_cache(maxsize=64)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


def _finds(expression: str, text: str) -> bool:
    """SQLite's `text REGEXP expression`."""
    return _compiled(expression).search(text) is not None


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
