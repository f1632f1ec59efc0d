"""Core: an answer of any format → items."""

from __future__ import annotations

from collections.abc import Callable

from ..models import Fetched, Format, ParsedFeed, Source
from .committee_publications import read_committee_publications
from .document import decode
from .feed import xml_of
from .govuk_search import read_govuk_search
from .hansard import read_hansard
from .items import to_items
from .jsonfeed import read_json_feed
from .outline import Outline
from .parts import read_parts, read_undecoded
from .raw import RawFeed
from .written_questions import read_written_questions
from .written_statements import read_written_statements

_CHINESE_SOURCES = {"official-china", "state-media"}


def parse_feed(source: Source, fetched: Fetched, before: bytes = b"") -> ParsedFeed:
    """The items of one answer, in its order, each key once. An answer without entries gives no items.

    `before` is the `outline` of this source's last answer: of the entries that stand here as they did there,
    only that is told (`ParsedFeed.entries`). Without it, all are read.
    Everything in an item is plain text within limits: title 500, url 2,048, guid 1,024, summary 20,000 and
    text 100,000 characters; 2,000 items. Raises ParseError where the answer is not what `source.format` says:
    empty, a web page, a PDF, other JSON or XML, a feed with entity declarations, or one that GOV.UK has
    retired (`ended`).
    """
    feed_url = fetched.url or source.url
    known = Outline.of(before)
    if known and source.format == "feed":
        feed = read_undecoded(fetched.body or b"", source, feed_url, known)
        if feed:
            return feed
    chinese = source.kind in _CHINESE_SOURCES or (source.lang or "").lower().startswith("zh")
    text = decode(fetched.body or b"", fetched.content_type, chinese)
    if source.format == "feed" and not text.startswith(("{", "[")):
        return read_parts(xml_of(text), source, feed_url, known)
    return to_items(_READERS[source.format](text), source, feed_url).feed


_READERS: dict[Format, Callable[[str], RawFeed]] = {
    "feed": read_json_feed,
    "govuk-search": read_govuk_search,
    "written-questions": read_written_questions,
    "written-statements": read_written_statements,
    "committee-publications": read_committee_publications,
    "hansard": read_hansard,
}
