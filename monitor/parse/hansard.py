"""Core: debates in Parliament in which a term was spoken → RawFeed.

Source: hansard-api.parliament.uk, swagger/docs/v1: `/search/contributions/Spoken.json`, whose results are
single speeches, and `/search/debates.json`. A page of Hansard is a debate, so that an entry is a debate too,
with all that was found in it.
"""

from __future__ import annotations

import re
from collections import defaultdict

from .api import LONDON, Api, Row, Rows, day, html, listed, read_api, words
from .raw import RawFeed

_SITE = "https://hansard.parliament.uk"
_HOUSES = {"commons": "Commons", "lords": "Lords"}
_SPEECHES = "speeches"
_NAMED = 5
"""Speakers of a debate who are named."""
_WORD = re.compile(r"[A-Za-z0-9]+")


def read_hansard(text: str) -> RawFeed:
    """The debates of an answer of a search in Hansard."""
    return read_api(text, _API)


def _debates(rows: Rows) -> Rows:
    """One result for each debate, in the order of the first found in each, with its speeches as spoken."""
    debates: defaultdict[str, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        debates[words(row, "DebateSectionExtId") or f"unknown {number}"].append(row)
    return [{**found[0], _SPEECHES: sorted(found, key=_place)} for found in debates.values()]


def _place(row: Row) -> int:
    order = row.get("OrderInDebateSection")
    return order if isinstance(order, int) else 0


def _title(row: Row) -> str:
    # In a list of debates, DebateSection is the place: "Lords Chamber".
    return words(row, "Title") or words(row, "DebateSection")


def _page(row: Row) -> str:
    """A debate's page. Without its title in the address the site shows a page that is not complete."""
    house, debate = _HOUSES.get(words(row, "House").lower()), words(row, "DebateSectionExtId")
    if not (house and debate and day(row, "SittingDate")):
        return ""
    slug = "".join(word[0].upper() + word[1:] for word in _WORD.findall(_title(row))) or "Debate"
    return f"{_SITE}/{house}/{day(row, 'SittingDate')}/debates/{debate}/{slug}"


def _summary(row: Row) -> str:
    first = row[_SPEECHES][0]
    return html(_speech(first, "ContributionText"), _where(row))


def _content(row: Row) -> str:
    speeches = (_speech(speech, "ContributionTextFull") for speech in listed(row, _SPEECHES))
    return html(*speeches, _where(row))


def _speech(row: Row, text: str) -> str:
    said = words(row, text) or words(row, "ContributionText")
    speaker = words(row, "MemberName") or words(row, "AttributedTo")
    return f"{speaker}: {said}" if said and speaker else said


def _where(row: Row) -> str:
    """House and speakers; in a list of debates the place."""
    house = _HOUSES.get(words(row, "House").lower(), "")
    place = words(row, "DebateSection") if words(row, "Title") else ""
    where = ", ".join(filter(None, (f"In the House of {house}" if house else "", place)))
    names = (words(speech, "MemberName") for speech in listed(row, _SPEECHES))
    speakers = list(dict.fromkeys(filter(None, names)))
    more = f" and {len(speakers) - _NAMED} more" if len(speakers) > _NAMED else ""
    said = ", ".join(speakers[:_NAMED]) + more
    return ": ".join(filter(None, (where, said))) + "." if where or said else ""


_API = Api(
    site=_SITE,
    results="Results",
    total="TotalResultCount",
    gather=_debates,
    clock=LONDON,
    fields={
        "title": _title,
        "link": _page,
        "guid": "DebateSectionExtId",
        "summary": _summary,
        "content": _content,
        "published": "SittingDate",
    },
)
