"""Core: a verdict's reasons in words, and the words around a match."""

from __future__ import annotations

from ..models import Item, Match, Verdict

ROLE_NAMES = {"uk": "UK", "china": "China", "both": "both", "elsewhere": "elsewhere", "exclude": "exclude"}
FIELD_NAMES = {"title": "title", "lead": "1st sentence", "text": "text"}
CONTEXT = 40
"""Characters shown on either side of a match."""
TERM_SHOWN = 80
"""Characters of a long expression: enough to find it in config.yaml."""


def context(item: Item, match: Match) -> str:
    """The words around a match, the match in square brackets."""
    source: str = getattr(item, match.where)
    start, end = match.start, match.start + len(match.text)
    before = source[max(0, start - CONTEXT) : start].partition(" ")[2] if start > CONTEXT else source[:start]
    after = source[end : end + CONTEXT]
    after = after.rpartition(" ")[0] if end + CONTEXT < len(source) else after
    return f"{before}[{match.text}]{after}"


def why(verdict: Verdict) -> str:
    """A verdict in one line: the reason, the sum, and the terms behind it."""
    parts = " ".join(f"{ROLE_NAMES[name]} {points:+g}" for name, points in verdict.parts if points)
    seen = dict.fromkeys(
        f'{match.topic or ROLE_NAMES[match.role]} "{shortened(match.term)}" ({FIELD_NAMES[match.field]})'
        for match in verdict.matches
    )
    return "; ".join(part for part in (verdict.reason, parts, ", ".join(seen)) if part)


def shortened(text: str, most: int = TERM_SHOWN) -> str:
    """`text` with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
