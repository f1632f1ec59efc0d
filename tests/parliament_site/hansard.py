"""Hansard: names with capitals; its parameters have a prefix, and without it they are ignored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from .asking import Query, day, low, midnight, of_house, page, says, shortened
from .entries import Contribution, Entry, of_kind

FEW = 4
"""Rows of each kind in the search of everything, whatever is asked for."""


def hansard(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """The search of everything: all debates, but of the contributions a few."""
    found = _contributions(entries, query)
    debates = _debates(found)
    return {
        "TotalMembers": 0,
        "TotalContributions": len(found),
        "TotalWrittenStatements": 0,
        "TotalWrittenAnswers": 0,
        "TotalCorrections": 0,
        "TotalPetitions": 0,
        "TotalDebates": len(debates),
        "TotalCommittees": 0,
        "TotalDivisions": 0,
        "SearchTerms": [_own(query).get("searchterm", "")],
        "Members": [],
        "Contributions": [_contribution(one) for one in found[:FEW]],
        "WrittenStatements": [],
        "WrittenAnswers": [],
        "Corrections": [],
        "Petitions": [],
        "Debates": debates[:FEW],
        "Divisions": [],
        "Committees": [],
    }


def spoken(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """What was said, a page at a time."""
    found = _contributions(entries, query)
    rows = [_contribution(one) for one in page(_own(query), found, 20)]
    return _hansard_results(query, rows, len(found))


def debates(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """The debates in which it was said, or whose title has it."""
    found = _debates(_contributions(entries, query))
    return _hansard_results(query, page(_own(query), found, 20), len(found))


def _hansard_results(query: Query, rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"SearchTerms": [_own(query).get("searchterm", "")], "Results": rows, "TotalResultCount": total}


def _own(query: Query) -> Query:
    prefix = "queryparameters."
    return {key.removeprefix(prefix): value for key, value in query.items() if key.startswith(prefix)}


def _contributions(entries: Sequence[Entry], query: Query) -> list[Contribution]:
    own = _own(query)
    found = [
        one
        for one in of_kind(entries, Contribution)
        if says(own, "searchterm", one.debate, one.text)
        and of_house(own, one.house)
        and day(own, "startdate", date.min) <= one.sitting <= day(own, "enddate", date.max)
    ]
    return sorted(found, key=lambda one: one.sitting, reverse=low(own, "orderby") != "sittingdateasc")


def _contribution(one: Contribution) -> dict[str, Any]:
    return {
        "MemberName": one.member,
        "MemberId": 4493,
        "AttributedTo": f"{one.member} (Exampleton) (Lab)",
        "ItemId": 1,
        "ContributionExtId": one.ext_id,
        "ContributionText": shortened(one.text),
        "ContributionTextFull": one.text,
        "HRSTag": "hs_Para",
        "HansardSection": "",
        "Timecode": None,
        "DebateSection": one.debate,
        "DebateSectionId": 4974163,
        "DebateSectionExtId": one.debate_ext_id,
        "SittingDate": midnight(one.sitting),
        "Section": one.section,
        "House": one.house,
        "OrderInDebateSection": 1,
        "DebateSectionOrder": 1,
        "Rank": 1,
    }


def _debates(said: Iterable[Contribution]) -> list[dict[str, Any]]:
    rows = {
        one.debate_ext_id: {
            "DebateSection": one.section,
            "SittingDate": midnight(one.sitting),
            "House": one.house,
            "Title": one.debate,
            "Rank": 1,
            "DebateSectionExtId": one.debate_ext_id,
        }
        for one in said
    }
    return list(rows.values())
