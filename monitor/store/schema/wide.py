"""I/O: which items hold Chinese or its like, and where, as the schema and searches say it."""

from __future__ import annotations


def _is_wide(name: str) -> str:
    # Plain ASCII is told apart first, twenty times faster. The range: radicals, kana, Chinese, Hangul.
    return f"(length({name}) <> length(CAST({name} AS BLOB)) AND {name} GLOB '*[\u2e80-\U0003ffff]*')"


_TEXTS = ("title", "summary", "text")
HAS_WIDE = "({})".format(" OR ".join(_is_wide(name) for name in _TEXTS))
"""Which items the index `items_wide` holds: SQLite uses it only for selects that say this to the letter."""
WIDE_TEXT = "({})".format(" || char(0) || ".join(f"iif({_is_wide(name)}, {name}, '')" for name in _TEXTS))
"""Their texts that have such characters, as the index holds them; no query has the character between them."""
