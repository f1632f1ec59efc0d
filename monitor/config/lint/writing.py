"""Border: lints K009 and K010: what stands in the file is not what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...classify.nodes import Phrase
from ..values import Document
from .findings import Entry, Finding, TermList

_PAIRS = {"“": "”", "„": "“”", "‘": "’", "«": "»", "「": "」", "『": "』", "《": "》", "'": "'", "＂": "＂"}
_BALANCED = (("“„", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("《", "》"))
_STOPS = frozenset(",;.:…、，。；：")
_BULLETS = frozenset("•◦▪‣·●○■")
_CUT = re.compile(r"[ \t]+#(?!\s*lint:)(\w\S*?)[\s,\]]*$")
_ANCHOR = re.compile(r"(?:^|[\s\[,-])&(\S+)[ \t]+$")
_OPERATOR = r"(?:AND|OR|NOT|SAME|NEAR/\d+|ATLEAST/\d+|title:)"
_ENDS_OPEN = re.compile(rf"(?:^|[\s(]){_OPERATOR}$")
_BEGINS_OPEN = re.compile(rf"{_OPERATOR}(?:[\s(]|$)|\^\d")

LONGEST_NAME = 200
"""Characters before a term in which the name of an anchor is looked for."""

Said = tuple[str, str, str]
"""Message, hint, and a few words for a warning about many."""


def quotation_marks(lists: Sequence[TermList]) -> Iterator[Finding]:
    """K009: quotation marks are as if they were not there; only straight double ones make a literal."""
    for terms in lists:
        for entry in terms.entries:
            text = entry.source
            if text.isascii() and text[0] != "'":
                continue
            if len(text) > 2 and text[-1] in _PAIRS.get(text[0], ""):
                message = f"the quotation marks round {text} do nothing"
                hint = f"write {text[1:-1]}; to take AND or ( ) to the letter: '\"{text[1:-1]}\"'"
            elif any(_count(text, before) != _count(text, after) for before, after in _BALANCED):
                message = f'in "{text}" a quotation mark is opened or closed alone; it does nothing'
                hint = "remove it, or write the whole as you mean it"
            else:
                continue
            yield Finding("K009", entry.loc, entry.source, message, hint)


def _count(text: str, marks: str) -> int:
    return sum(text.count(mark) for mark in marks)


def not_as_it_looks(document: Document, lists: Sequence[TermList]) -> Iterator[Finding]:
    """K010: two entries become one, a piece is cut off, a sign has come along."""
    for terms in lists:
        for entry in terms.entries:
            found = _written(document, entry)
            if found:
                message, hint, why = found
                yield Finding("K010", entry.loc, entry.source, message, hint, why=why)


def _written(document: Document, entry: Entry) -> Said | None:
    return (
        (_two_lines(entry) or _cut_off(document, entry) or _anchor(document, entry) or _several(entry))
        if entry.scalar.plain
        else None
    ) or _sign(entry)


def _two_lines(entry: Entry) -> Said | None:
    """A comma or a dash was forgotten. A term with operators may well go on in the next line."""
    lines = [line.strip() for line in re.split(r"\r\n|[\n\r\x85\u2028\u2029]", entry.scalar.source)]
    for at in range(1, len(lines)):
        before, after = " ".join(lines[:at]), lines[at]
        is_open = before.count("(") > before.count(")")
        if not (is_open or _ENDS_OPEN.search(before) or _BEGINS_OPEN.match(after)):
            message = f'two lines are one term here: "{_end(before)}" and "{_start(after)}"'
            hint = 'put a comma or "- " between them, or all on one line if it is one term'
            return message, hint, "two lines"
    return None


def _end(text: str) -> str:
    return text if len(text) <= 40 else "…" + text[-39:]


def _start(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _cut_off(document: Document, entry: Entry) -> Said | None:
    scalar = entry.scalar
    first = scalar.place.column - 1 if scalar.place.line == scalar.last else 0
    line = document.line(scalar.last)
    end = scalar.source.splitlines()[-1].strip() if scalar.source else ""
    # No piece of the line is copied: thousands of terms may stand on it.
    found = _CUT.match(line, first + len(end)) if line.startswith(end, first) else None
    if not found:
        return None
    whole = f"{entry.source} #{found[1]}"
    return (
        f'the term ends before #{found[1]}: " #" begins a comment',
        f'write "{whole}" in quotes',
        f"cut before #{found[1]}",
    )


def _anchor(document: Document, entry: Entry) -> Said | None:
    end = entry.scalar.place.column - 1
    found = _ANCHOR.search(document.line(entry.line), max(0, end - LONGEST_NAME), end)
    if not found:
        return None
    message = f"&{found[1]} is no part of the term: YAML takes it for a name that *{found[1]} would refer to"
    return message, f'write "&{found[1]} {entry.source}" in quotes', f"after &{found[1]}"


def _several(entry: Entry) -> Said | None:
    """`- UK, Britain, London` is one term to YAML."""
    text = entry.source
    if text.count(",") + text.count("，") + text.count("、") < 2 and not re.search(r"[;；|]\s*\S", text):
        return None
    message = f'"{_start(text)}" is one term, which matches only with these signs in it'
    hint = "begin a line with a dash for each term, or put [ ] round them all"
    return message, hint, "several in one"


def _sign(entry: Entry) -> Said | None:
    node = entry.term.node
    if not isinstance(node, Phrase) or len(node.words) < 2:
        return None
    first, last = node.words[0].fold, node.words[-1].fold
    if last in _STOPS:
        message = f'the {last} at the end of "{entry.shown}" is part of the term'
        return message, f"remove it: no text without {last} matches", f"ends in {last}"
    if first in _BULLETS:
        return f'the {first} before "{entry.shown}" is part of the term', "remove it", f"begins with {first}"
    return None
