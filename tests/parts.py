"""A feed read in parts against the same feed read whole."""

from __future__ import annotations

from monitor.models import Item, ParsedFeed
from monitor.parse import ParseError
from monitor.parse.document import decode
from monitor.parse.feed import xml_of
from monitor.parse.pieces import Pieces, cut


def pieces_of(body: bytes) -> Pieces | None:
    """The pieces of a document; None for one that is no feed, or is always read whole."""
    try:
        return cut(xml_of(decode(body, "")))
    except ParseError:
        return None


def is_same(feed: ParsedFeed, before: ParsedFeed, whole: ParsedFeed) -> bool:
    """Whether what was read of a document, after another, is what reading it whole gives."""
    if not any(isinstance(one, int) for one in feed.entries):
        return feed == whole
    if (feed.outline, feed.newest) != (whole.outline, whole.newest):
        return False
    return _by_key(_joined(feed, before)) == _by_key(whole.items)


def _joined(feed: ParsedFeed, before: ParsedFeed) -> list[Item]:
    """The items of a document of which only a part was read, with those known from the one before."""
    items = {item.key: item for item in (*before.items, *feed.items)}
    keys = [before.entries[one] if isinstance(one, int) else one for one in feed.entries]
    return [items[str(key)] for key in dict.fromkeys(keys)]


def _by_key(items: list[Item] | tuple[Item, ...]) -> list[Item]:
    return sorted(items, key=lambda item: item.key)
