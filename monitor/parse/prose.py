"""Core: a publisher's HTML → one line of plain text within a limit: what is searched and classified."""

from __future__ import annotations

from ..text.boilerplate import strip_boilerplate
from ..text.html import paragraphs, plain
from ..text.words import is_han

MAX_TITLE = 500
MAX_SUMMARY = 20_000
MAX_TEXT = 100_000
"""Characters, as the limits before it."""

_MARKUP_FACTOR = 5
"""How much longer than the limit a text is cut before its markup is taken away."""


def readable(html: str, limit: int, strip: tuple[str, ...] = ()) -> str:
    """The words of `html` in at most `limit` characters, without boilerplate; `strip` are a source's own."""
    return unbroken(paragraphs(html[: limit * _MARKUP_FACTOR]), limit, strip)


def unbroken(text: str, limit: int, strip: tuple[str, ...] = ()) -> str:
    """Like `readable`, for plain text with a line for each paragraph."""
    return clip(_in_one_line(strip_boilerplate(text, strip)), limit)


def short(html: str, limit: int = MAX_TITLE) -> str:
    """A title, name or note in plain text, whole as far as `limit` allows."""
    return clip(uncut(html, limit), limit)


def uncut(html: str, limit: int) -> str:
    """The plain text of so much of `html` as can hold `limit` characters: perhaps longer than they."""
    return plain(html[: limit * _MARKUP_FACTOR])


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut after a word where one ends near the limit."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ", limit * 4 // 5)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def _in_one_line(text: str) -> str:
    """The paragraphs of a text one after the other, each closed: a standfirst often has no full stop."""
    *before, last = text.split("\n")
    return " ".join([*map(_closed, before), last])


def _closed(line: str) -> str:
    if not line or not (line[-1].isalnum() or line[-1] in ")]’”\"'"):
        return line
    return f"{line}。" if is_han(line[-1]) else f"{line}."
