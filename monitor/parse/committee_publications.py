"""Core: what committees of Parliament publish (reports, correspondence, responses) → RawFeed.

Source: committees-api.parliament.uk, swagger/v1, Publication. The page of a publication is that of its first
document: its bare address answers 404. What was published before 2020 has no documents but an address in the
archive. Evidence is not among the publications.
"""

from __future__ import annotations

from .api import LONDON, Api, Row, html, listed, read_api, words
from .raw import RawFeed

_SITE = "https://committees.parliament.uk"
_HOUSES = {"Commons": "House of Commons", "Lords": "House of Lords", "Joint": "both Houses"}


def read_committee_publications(text: str) -> RawFeed:
    """The publications of an answer of `/api/Publications`."""
    return read_api(text, _API)


def _page(row: Row) -> str:
    number = words(row, "id")
    document = next(filter(None, (words(one, "documentId") for one in listed(row, "documents"))), "")
    if number and document:
        return f"{_SITE}/publications/{number}/documents/{document}/default/"
    archived = words(row, "additionalContentUrl") or words(row, "additionalContentUrl2")
    return archived or (f"{_SITE}/publications/{number}/html/" if number else "")


def _summary(row: Row) -> str:
    committee, house = words(row, "committee.name"), _HOUSES.get(words(row, "committee.house"), "")
    what = [words(row, "type.name"), committee, house, _paper(row)]
    inquiries = [words(business, "title") for business in listed(row, "businesses")]
    named = "; ".join(filter(None, inquiries))
    return html(", ".join(filter(None, what)), f"Part of: {named}" if named else "")


def _paper(row: Row) -> str:
    """The number under which it is cited, with its session: numbers come again in the next."""
    for number in ("hcNumber", "hlPaper"):
        if words(row, f"{number}.number"):
            session = words(row, f"{number}.sessionDescription")
            return words(row, f"{number}.number") + (f" ({session})" if session else "")
    return ""


_API = Api(
    site=_SITE,
    results="items",
    total="totalResults",
    clock=LONDON,
    fields={
        "title": "description",
        "link": _page,
        "guid": "id",
        "summary": _summary,
        "published": "publicationStartDate",
    },
)
