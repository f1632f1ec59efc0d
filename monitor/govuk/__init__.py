"""Core: what is particular to GOV.UK: who a page is, where its feeds and interfaces are.

`pages` tells pages and titles, `addresses` makes the addresses of feeds and interfaces, `news` tells new
pages from changed ones. Each is imported when something of it is first asked for.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .addresses import FINDERS, atom_of_page, content_url, feed_url, is_forbidden, search_url
    from .news import Reading, read_news
    from .pages import identity, is_ended, is_govuk, page_title, strip_type_prefix

__all__ = [
    "FINDERS",
    "Reading",
    "atom_of_page",
    "content_url",
    "feed_url",
    "identity",
    "is_ended",
    "is_forbidden",
    "is_govuk",
    "page_title",
    "read_news",
    "search_url",
    "strip_type_prefix",
]

_HOME = {
    "FINDERS": "addresses",
    "Reading": "news",
    "atom_of_page": "addresses",
    "content_url": "addresses",
    "feed_url": "addresses",
    "identity": "pages",
    "is_ended": "pages",
    "is_forbidden": "addresses",
    "is_govuk": "pages",
    "page_title": "pages",
    "read_news": "news",
    "search_url": "addresses",
    "strip_type_prefix": "pages",
}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
