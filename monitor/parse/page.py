"""Core: one page → what it says itself: GOV.UK's own account of it, or the article of any web page."""

from __future__ import annotations

from ..models import Page, PageFormat
from .article import read_article
from .document import decode
from .govuk_content import read_govuk_content


def parse_page(format: PageFormat, url: str, body: bytes, content_type: str) -> Page:  # noqa: A002 - its name
    """What a page says, as plain text within limits: title 500 characters, text 100,000.

    `url` is the address that answered, for relative links. Raises ParseError where the answer is not what
    `format` says: for "govuk-content" the JSON of GOV.UK's Content API, for "article" a web page with an
    article in it.
    """
    if format == "govuk-content":
        return read_govuk_content(decode(body, content_type, wanted="the JSON of an interface"), url)
    return read_article(decode(body, content_type, wanted="a web page"))
