"""Core: bytes → items. One document in, its items out, or ParseError with what it is instead.

`document` finds out what the bytes are, `feed` and `jsonfeed` read entries, `items` makes them clean,
`identity` gives them their keys. Hostile documents can cost feedparser minutes or gigabytes: in the program
this runs in `sandbox`'s child processes.
"""

from __future__ import annotations

from ..models import Fetched, ParsedFeed, Source
from .document import decode
from .feed import read_feed
from .items import to_items
from .jsonfeed import read_json_feed
from .raw import ParseError

__all__ = ["ParseError", "parse_feed"]

_CHINESE_SOURCES = {"official-china", "state-media"}


def parse_feed(source: Source, fetched: Fetched) -> ParsedFeed:
    """The items of one answer, in its order, each key once. A feed without entries gives no items.

    Everything in an item is plain text within limits: title 500, url 2,048, guid 1,024, summary 20,000 and
    text 100,000 characters; 2,000 items. Raises ParseError where the answer is no feed: empty, a web page, a
    PDF, other JSON or XML, a feed with entity declarations, or one that GOV.UK has retired.
    """
    chinese = source.kind in _CHINESE_SOURCES or (source.lang or "").lower().startswith("zh")
    text = decode(fetched.body or b"", fetched.content_type, chinese)
    raw = read_json_feed(text) if text.startswith(("{", "[")) else read_feed(text)
    return to_items(raw, source, fetched.url or source.url)
