"""Core: bytes → items and pages, or ParseError with what the bytes are instead.

`document` finds out what the bytes are, `feed` and `jsonfeed` read entries, one file each the results of an
interface (on `api`), `items` makes them clean, `identity` gives them their keys. `page` reads a single page.
Hostile documents can cost the libraries minutes or gigabytes: in the program this runs in `sandbox`'s child
processes.
"""

from __future__ import annotations

from collections.abc import Callable

from ..models import Fetched, Format, ParsedFeed, Source
from .committee_publications import read_committee_publications
from .document import decode
from .feed import read_feed
from .govuk_search import read_govuk_search
from .hansard import read_hansard
from .items import to_items
from .jsonfeed import read_json_feed
from .page import parse_page
from .raw import ParseError, RawFeed
from .written_questions import read_written_questions
from .written_statements import read_written_statements

__all__ = ["ParseError", "parse_feed", "parse_page"]

_CHINESE_SOURCES = {"official-china", "state-media"}


def parse_feed(source: Source, fetched: Fetched) -> ParsedFeed:
    """The items of one answer, in its order, each key once. An answer without entries gives no items.

    Everything in an item is plain text within limits: title 500, url 2,048, guid 1,024, summary 20,000 and
    text 100,000 characters; 2,000 items. Raises ParseError where the answer is not what `source.format` says:
    empty, a web page, a PDF, other JSON or XML, a feed with entity declarations, or one that GOV.UK has
    retired (`ended`).
    """
    chinese = source.kind in _CHINESE_SOURCES or (source.lang or "").lower().startswith("zh")
    text = decode(fetched.body or b"", fetched.content_type, chinese)
    return to_items(_READERS[source.format](text), source, fetched.url or source.url)


def _read_any_feed(text: str) -> RawFeed:
    return read_json_feed(text) if text.startswith(("{", "[")) else read_feed(text)


_READERS: dict[Format, Callable[[str], RawFeed]] = {
    "feed": _read_any_feed,
    "govuk-search": read_govuk_search,
    "written-questions": read_written_questions,
    "written-statements": read_written_statements,
    "committee-publications": read_committee_publications,
    "hansard": read_hansard,
}
