"""Core: ministers' written statements to Parliament → RawFeed.

Source: questions-statements-api.parliament.uk, swagger/v1, StatementsViewModel. Members have names only where
the request says `expandMember=true`; the list cuts the text after some 255 characters.
"""

from __future__ import annotations

from .api import LONDON, Api, Row, day, html, read_api, words
from .raw import RawFeed

_SITE = "https://questions-statements.parliament.uk"


def read_written_statements(text: str) -> RawFeed:
    """The statements of an answer of `/api/writtenstatements/statements`."""
    return read_api(text, _API)


def _page(row: Row) -> str:
    made, number = day(row, "dateMade"), words(row, "uin").lower()
    return f"{_SITE}/written-statements/detail/{made}/{number}" if made and number else ""


def _summary(row: Row) -> str:
    return html(words(row, "text"), _who(row))


def _who(row: Row) -> str:
    """Who made it, in which office, for whom."""
    by = [words(row, name) for name in ("member.name", "memberRole", "answeringBodyName")]
    house = words(row, "house")
    place = f" in the House of {house}" if house in {"Commons", "Lords"} else ""
    named = ", ".join(filter(None, by))
    return f"Made{place} by {named}." if named else ""


_API = Api(
    site=_SITE,
    results="results",
    total="totalResults",
    inside="value",
    clock=LONDON,
    fields={
        "title": "title",
        "link": _page,
        "guid": "id",
        "summary": _summary,
        "published": "dateMade",
    },
)
