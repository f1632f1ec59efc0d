"""I/O: which items hold Chinese or its like, as the schema and searches say it."""

from __future__ import annotations

HAS_WIDE = "({})".format(
    " OR ".join(
        # Plain ASCII is told apart first, twenty times faster. The range: radicals, kana, Chinese, Hangul.
        f"(length({name}) <> length(CAST({name} AS BLOB)) AND {name} GLOB '*[\u2e80-\U0003ffff]*')"
        for name in ("title", "summary", "text")
    )
)
"""Which items the index `items_wide` holds: SQLite uses it only for selects that say this to the letter."""
