"""Core: a feed's text cut into its entries, so that of a document that changed only what is new is read.

feedparser takes some thirty milliseconds for a document of thirty entries, of which thirty are usually those
of last time. A piece is the text of one entry, from `<item` to `</item>` or `<entry` to `</entry>`; what
stands before the first and behind the last is the frame. The frame with some of the pieces is a document of
its own, and in it feedparser reads each entry as it does in the whole, provided that

- the whole is well-formed, which `outline` sees to: feedparser's other reader, for broken documents, lets one
  entry run into the next;
- no entry stands within another, has a prefix (`<atom:entry>`), or is not written out (`<item/>`);
- nothing but white space and comments stands between entries;
- no entry declares a namespace but XHTML's: feedparser lets it count for all that follows;
- it is RSS or Atom: in RSS 1.0 entries stand apart from the channel and are listed in it.

Where any of this does not hold there are no pieces, and the document is read whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_CUTTABLE = (b"<rss", b"<feed")
# What an entry may begin or end with, and what may hold the like of it without meaning it.
_TOKEN = re.compile(rb"<(?:!\[CDATA\[|!--|[?]|(/?)((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])[^<>]*>)")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
# Well-formed ones (XML 1.0, 2.5): one that is not makes the document another.
_COMMENT = re.compile(rb"<!--(?:[^-]|-[^-])*+-->")
# What changes at each fetch and has no bearing on entries, nor on whether the document is well-formed.
_VOLATILE = re.compile(
    rb"<(lastBuildDate|pubDate|updated|modified|(?:dc|dcterms):(?:date|modified)|ttl|generator|sy:\w+)"
    rb">[^<>&\]]*</\1>"
)
_NAMESPACE = re.compile(rb"xmlns(?::[\w.-]+)?\s*=\s*[\"']([^\"']*)[\"']")
_HARMLESS = {b"http://www.w3.org/1999/xhtml"}
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A feed's XML in UTF-8: its frame and its entries."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes

    def frame(self) -> bytes:
        """Equal for two documents whose frames mean the same for their entries."""
        return _VOLATILE.sub(b"", _COMMENT.sub(b"", self.head + b"\0" + self.tail))

    def with_only(self, entries: list[bytes]) -> bytes:
        """The document with these entries alone."""
        return b"".join((self.head, *entries, self.tail))


def cut(xml: bytes) -> Pieces | None:
    """The pieces of a feed that begins with its root element; None where it cannot be cut safely."""
    if not xml.startswith(_CUTTABLE):
        return None
    ranges = _ranges(xml)
    if not ranges:
        return None
    entries = tuple(xml[start:end] for start, end in ranges)
    gaps = (xml[end:start] for (_, end), (start, _) in pairwise(ranges))
    if any(_COMMENT.sub(b"", gap).strip(_BLANK) for gap in gaps if gap.strip(_BLANK)):
        return None
    first, last = ranges[0][0], ranges[-1][1]
    if xml.find(b"xmlns", first, last) >= 0 and not all(map(_declares_nothing, entries)):
        return None
    return Pieces(xml[:first], entries, xml[last:])


def _ranges(xml: bytes) -> list[tuple[int, int]] | None:
    """Where each entry begins and ends; None where one is within another or otherwise not as expected."""
    ranges: list[tuple[int, int]] = []
    at, start, opened = 0, -1, b""
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
        elif name != opened:
            return None
        else:
            ranges.append((start, at))
            opened = b""
    return None if opened else ranges


def _declares_nothing(entry: bytes) -> bool:
    if b"xmlns" not in entry:
        return True
    return all(uri in _HARMLESS for uri in _NAMESPACE.findall(entry))
