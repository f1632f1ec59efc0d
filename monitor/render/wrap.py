"""Core: wraps plain text to columns, with wide characters counted as two and addresses kept whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = 72
"""Below the 78 of RFC 5322, 2.1.1, so that a quoted reply still fits."""

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_LINE_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_ADDRESS = re.compile(r"<?https?://", re.IGNORECASE)
_NOT_FIRST = frozenset("、。，．：；！？」』）》〉】〕…—％")
"""Chinese punctuation that must not begin a line."""
_NOT_LAST = frozenset("「『（《〈【〔")
"""Chinese punctuation that must not end one."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not broken, and whether a space stands before it."""

    text: str
    spaced: bool


def width(text: str) -> int:
    """Columns that a terminal or a fixed-width mail needs (Unicode UAX #11); combining marks need none."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if _is_wide(char) else 1


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


def tidied(text: str) -> str:
    """No spaces at line ends, at most one empty line in a row, so that templates need not count them."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", text)).strip("\n") + "\n"


def wrap(text: str, indent: int = 2, hanging: int = 2, columns: int = COLUMNS) -> str:
    """A paragraph → lines of at most `columns`; the first after `indent` spaces, the others after `hanging`.

    Every line is indented by two spaces or more because Outlook joins lines that are not. An address is never
    broken, however long; another word is broken only where it is longer than a line.
    """
    lines: list[str] = []
    line, used = " " * indent, indent
    empty = True
    for atom in _atoms(text, columns - max(indent, hanging)):
        gap = 1 if atom.spaced and not empty else 0
        size = width(atom.text)
        if not empty and used + gap + size > columns:
            lines.append(line)
            line, used, gap = " " * hanging, hanging, 0
        line += " " * gap + atom.text
        used += gap + size
        empty = False
    return "\n".join([*lines, line]) if not empty else ""


def _atoms(text: str, room: int) -> Iterator[_Atom]:
    for word in text.split():
        spaced = True
        for part in _parts(word):
            for piece in _chopped(part, room):
                yield _Atom(piece, spaced)
                spaced = False


def _parts(word: str) -> Iterator[str]:
    """A word split where a line may end without a space: beside wide characters."""
    if word.isascii() or _ADDRESS.match(word):
        yield word
        return
    part = ""
    for char in word:
        if part and _may_break(part[-1], char):
            yield part
            part = ""
        part += char
    yield part


def _may_break(before: str, after: str) -> bool:
    if before in _NOT_LAST or after in _NOT_FIRST or _char_width(after) == 0:
        return False
    return _is_wide(before) or _is_wide(after)


def _chopped(part: str, room: int) -> Iterator[str]:
    """A part cut to `room` columns, unless it is an address."""
    if width(part) <= room or _ADDRESS.match(part):
        yield part
        return
    piece, used = "", 0
    for char in part:
        size = _char_width(char)
        if used + size > room:
            yield piece
            piece, used = "", 0
        piece += char
        used += size
    yield piece
