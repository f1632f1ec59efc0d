"""Core: a feed's text cut into its entries, so that of a document that changed only what is new is read.

feedparser takes some thirty milliseconds for a document of thirty entries, of which thirty are usually those
of last time. A piece is the text of one entry, from `<item` to `</item>` or `<entry` to `</entry>`; what
stands before the first and behind the last is the frame. The frame with some of the pieces is a document of
its own, and in it feedparser reads each entry as it does in the whole, provided that

- the whole is well-formed: feedparser's other reader, for broken documents, lets one entry run into the next
  (`faults` says when they can be read in parts all the same);
- no entry stands within another, has a prefix (`<atom:entry>`), or is not written out (`<item/>`);
- nothing but white space and comments stands between entries;
- no entry declares a namespace but XHTML's: feedparser lets it count for all that follows;
- no entry that names a language or a base has a `div` where feedparser expects text: it does not see that the
  `div` ends, and lets the language count for all that follows;
- it is RSS or Atom: in RSS 1.0 entries stand apart from the channel and are listed in it.

Where any of this does not hold there are no pieces, and the document is read whole.

Pieces are cut in the bytes as they were published. Whoever has the marks of pieces that were cut before
spares looking at what is in them: the same bytes, where an entry may begin, are the same entry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

_CUTTABLE = (b"<rss", b"<feed")
# What an entry may begin or end with, and what may hold the like of it without meaning it.
_TOKEN = re.compile(rb"<(?:!\[CDATA\[|!--|[?]|(/?)((?:[\w.-]++:)?+(?:item|entry))(?=[\s>/])[^<>]*+>)")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_CLOSING = {b"item": b"item>", b"entry": b"ntry>"}
"""By which the end of an entry is guessed: five bytes, which CPython finds three times as fast as more."""
# Well-formed ones (XML 1.0, 2.5): one that is not makes the document another.
_COMMENT = re.compile(rb"<!--(?:[^-]|-[^-])*+-->")
# What changes at each fetch and has no bearing on entries, nor on whether the document is well-formed.
_VOLATILE = re.compile(
    rb"<(lastBuildDate|pubDate|updated|modified|(?:dc|dcterms):(?:date|modified)|ttl|generator|sy:\w+)"
    rb">[^<>&\]]*</\1>"
)
# In any case: the reader for broken documents takes XMLNS too, and declarations without quotation marks.
_DECLARES = re.compile(rb"xmlns", re.IGNORECASE)
_NAMESPACE = re.compile(rb"xmlns(?::[\w.-]+)?\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
# To that reader what these say holds for the whole document, wherever they stand.
_ROOTS = re.compile(rb"<(?:[\w.-]++:)*+(?:feed|rss|rdf|channel)(?![\w.-])", re.IGNORECASE)
_HARMLESS = {b"http://www.w3.org/1999/xhtml"}
_INHERITED = re.compile(rb"\b(?:lang|base)\s*+=", re.IGNORECASE)
# A div, and what tells whether feedparser expects text where it stands, or XML.
_DIV = re.compile(
    rb"<(?:!\[CDATA\[|!--|(?:[\w.-]++:)*+div\b|/?(?:[\w.-]++:)*+(?:content|summary|title|description)\b([^<>]*+)>)",
    re.IGNORECASE,
)
_XHTML = re.compile(rb"\stype\s*+=\s*+[\"']xhtml[\"']")
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A feed's XML in UTF-8: its frame and its entries."""

    head: bytes
    entries: tuple[bytes, ...]
    marks: tuple[int, ...]
    """Of each entry a digest, see `mark`."""
    between: bytes
    """The comments between the entries."""
    tail: bytes

    def frame(self) -> bytes:
        """Equal for two documents whose frames mean the same for their entries."""
        return _VOLATILE.sub(b"", _COMMENT.sub(b"", self.head + b"\0" + self.tail))

    def with_only(self, entries: Iterable[bytes]) -> bytes:
        """The document with these entries alone."""
        return b"".join((self.head, *entries, self.tail))

    def lean(self, entries: Iterable[bytes]) -> bytes:
        """The same without what has no bearing on entries."""
        return b"".join((_VOLATILE.sub(b"", self.head), *entries, _VOLATILE.sub(b"", self.tail)))


def mark(text: bytes | str) -> int:
    """A digest of eight bytes; 0 for nothing."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return int.from_bytes(sha256(data).digest()[:8]) if data else 0  # processors have instructions for it


def cut(xml: bytes, known: Collection[int] = frozenset()) -> Pieces | None:
    """The pieces of a feed that begins with its root element; None where it cannot be cut safely.

    `known` are the marks of pieces that were cut before, of any document.
    """
    if not xml.startswith(_CUTTABLE):
        return None
    found = _found(xml, known)
    if not found:
        return None
    between = b"".join(xml[one.end : after.start] for one, after in pairwise(found)).strip(_BLANK)
    if _COMMENT.sub(b"", between).strip(_BLANK):
        return None
    entries = tuple(xml[one.start : one.end] for one in found)
    marks = tuple(one.mark for one in found)
    if not all(text in known or _leaves_nothing(entry) for text, entry in zip(marks, entries, strict=True)):
        return None
    return Pieces(xml[: found[0].start], entries, marks, between, xml[found[-1].end :])


class _Found(NamedTuple):
    """Where an entry begins and ends, and its mark."""

    start: int
    end: int
    mark: int


def _found(xml: bytes, known: Collection[int]) -> list[_Found] | None:
    """Where the entries are; None where one is within another or otherwise not as expected."""
    found: list[_Found] = []
    at, start, opened = 0, -1, b""
    guess = _Found(0, 0, 0)
    while token := _TOKEN.search(xml, at):
        at = token.end()
        name = token[2]
        if name is None:
            ending = _ENDS.get(token[0])
            end = xml.find(ending, at) if ending else -1
            if ending is None or end < 0:
                return None
            at = end + len(ending)
        elif b":" in name or token[0].endswith(b"/>"):
            return None
        elif not token[1]:
            if opened:
                return None
            start, opened = token.start(), name
            if known and (guess := _guessed(xml, start, at, name)).mark in known:
                found.append(guess)
                at, opened = guess.end, b""
        elif name != opened:
            return None
        else:
            found.append(_Found(start, at, mark(xml[start:at])))
            opened = b""
            if at < guess.end:
                known = ()  # or each guess might go over all the rest
    return None if opened else found


def _guessed(xml: bytes, start: int, at: int, name: bytes) -> _Found:
    """The entry at `start`, whose tag ends at `at`, if it is a known one."""
    end = xml.find(_CLOSING[name], at) + len(_CLOSING[name])
    return _Found(start, end, mark(xml[start:end]))


def _leaves_nothing(entry: bytes) -> bool:
    """Whether what follows an entry is read as if it were not there."""
    declared = _NAMESPACE.findall(entry)
    if len(declared) < len(_DECLARES.findall(entry)) or not all(uri in _HARMLESS for uri in declared):
        return False
    if _ROOTS.search(entry):
        return False
    return not (b"div" in entry and _INHERITED.search(entry) and _has_stray_div(entry))


def _has_stray_div(entry: bytes) -> bool:
    """Whether a `div` stands in the markup of an entry, but for one in a text of type xhtml."""
    at, is_xhtml = 0, False
    while token := _DIV.search(entry, at):
        at = token.end()
        if ending := _ENDS.get(token[0]):
            at = entry.find(ending, at)
            if at < 0:
                return True
        elif token[1] is not None:
            is_xhtml = _XHTML.search(token[1]) is not None
        elif not is_xhtml:
            return True
    return False
