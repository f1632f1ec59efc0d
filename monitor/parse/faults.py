"""Core: of feeds that are no well-formed XML, which can be read in parts all the same.

feedparser has another reader for them. It goes from the front to the end, looks at tags alone, and takes
along what an entry with a fault leaves behind: an element that is still open, a language. So an entry depends
on those before it. It does not on those behind it, nor on well-formed ones before it, which leave nothing:
entries that say something of the whole document (`pieces._leaves_nothing`) have it read whole.
That is how most feeds change: new entries on top, below them the known ones as they stood, from the first on,
and at the end some have fallen off. Then the new ones can be read alone, provided that

- each is well-formed, and so is the frame with them;
- the reader for broken documents reads them too: `with_fault` sees to that;
- the document as a whole is still broken, or the other reader would read it;
- behind the entries there are no more than end tags, or the last one might take something in that stood
  behind others before;
- nothing but what `pieces` has found could be an entry to a reader that looks at tags alone: see
  `may_hide_entries`.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from .document import mended

# An entry, in any case, and in CDATA and comments too: the reader for broken documents may see it where we do
# not.
_ENTRY = re.compile(rb"<(?:[\w.-]++:)*+(?:item|entry)(?![\w.-])", re.IGNORECASE)
_END_TAGS = re.compile(rb"(?:\s*+</[\w:.-]++\s*+>)*+\s*+")


def is_well_formed(xml: bytes) -> bool:
    """Whether a feed's XML is, once it is mended: then and only then feedparser reads it as XML."""
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(mended(xml), True)
    except expat.ExpatError:
        return False
    return True


def with_fault(xml: bytes) -> bytes:
    """The same, to be read by the reader for broken documents."""
    return xml + b"&"


def may_hide_entries(xml: bytes, entries: int) -> bool:
    """Whether XML in which we know of so many entries could have others."""
    return len(_ENTRY.findall(xml)) != entries


def is_end_tags(xml: bytes) -> bool:
    """Whether there is nothing but the ends of elements."""
    return _END_TAGS.fullmatch(xml) is not None
