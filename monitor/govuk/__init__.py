"""Core: what is particular to GOV.UK: who a page is, where its feeds and interfaces are.

`identity` tells pages and titles, `addresses` makes the addresses of feeds and interfaces, `news` tells new
pages from changed ones.
"""

from .addresses import FINDERS, atom_of_page, content_url, feed_url, is_forbidden, search_url
from .identity import identity, is_ended, is_govuk, page_title, strip_type_prefix
from .news import Reading, read_news

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
