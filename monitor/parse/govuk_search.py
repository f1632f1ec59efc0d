"""Core: GOV.UK's Search API → RawFeed, entry for entry like its finder feeds.

Used to fetch what a feed no longer shows. The feeds' summaries are cut to 225 characters; these are whole.

Source: alphagov/search-api `docs/using-the-search-api.md`; for the form of a feed's entries,
alphagov/finder-frontend `app/presenters/entry_presenter.rb`.
"""

from __future__ import annotations

from .api import Api, Row, read_api, words
from .raw import RawFeed

_SITE = "https://www.gov.uk"


def read_govuk_search(text: str) -> RawFeed:
    """The pages of an answer of `/api/search.json`."""
    return read_api(text, _API)


def _page(row: Row) -> str:
    link = words(row, "link")
    return f"{_SITE}{link}" if link.startswith("/") else link


def _id(row: Row) -> str:
    """The id that finder feeds give the page."""
    link = words(row, "link")
    return f"tag:www.gov.uk,2005:{link}" if link else ""


_API = Api(
    site=f"{_SITE}/",
    results="results",
    total="total",
    fields={
        "title": "title",
        "link": _page,
        "guid": _id,
        "summary": "description",
        "updated": "public_timestamp",
    },
)
