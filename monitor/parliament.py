"""Core: where the interfaces (JSON) of the UK Parliament are that list what is new.

Each address holds `{from}` where the first day belongs that is asked for: see `polling.address`. The lists
are asked for a span of days that is long enough for late changes, and for as many rows as such a span has as
a rule; what is beyond them is on further pages.

Sources: the OpenAPI descriptions at questions-statements-api.parliament.uk, committees-api.parliament.uk and
hansard-api.parliament.uk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import quote, urlencode

# Each is also a Format of models: what the list answers with.
List = Literal["written-questions", "written-statements", "committee-publications", "hansard"]
House = Literal["commons", "lords"]
FROM = "{from}"


@dataclass(frozen=True, slots=True)
class _Interface:
    """One list: its address, and what its parameters are called."""

    address: str
    search: str
    since: str
    house: str
    """Empty where it cannot be asked for one House."""
    skip: str
    """How many rows of the list come before the first that is wanted."""
    rest: str
    window: timedelta
    has_phrases: bool
    """Whether double quotes make several words one phrase; else each of them is searched for."""
    needs_search: bool = True
    """Whether all of it would be too much to ask for at each poll."""


_QUESTIONS = "https://questions-statements-api.parliament.uk/api"
# expandMember: with the names of those who ask and answer. Both lists are newest first of themselves, and cut
# their texts after 255 characters, but search all of them.
_INTERFACES: Mapping[List, _Interface] = {
    "written-questions": _Interface(
        address=f"{_QUESTIONS}/writtenquestions/questions",
        search="searchTerm",
        since="tabledWhenFrom",
        house="house",
        skip="skip",
        rest="expandMember=true&take=500",
        # By the day of tabling, and answers come weeks later: an answer is seen as a change of its question.
        window=timedelta(days=28),
        has_phrases=False,
    ),
    "written-statements": _Interface(
        address=f"{_QUESTIONS}/writtenstatements/statements",
        search="searchTerm",
        since="madeWhenFrom",
        house="house",
        skip="skip",
        rest="expandMember=true&take=200",
        window=timedelta(days=14),
        has_phrases=False,
    ),
    "committee-publications": _Interface(
        address="https://committees-api.parliament.uk/api/Publications",
        search="SearchTerm",  # in descriptions, not in the documents themselves
        since="StartDate",
        house="",
        skip="Skip",
        rest="SortOrder=PublicationDateDescending&Take=100",
        window=timedelta(days=14),
        has_phrases=True,
        needs_search=False,
    ),
    "hansard": _Interface(
        # Not /search.json, which gives four results of each kind, nor /search/debates.json, which searches
        # titles: what was said in either chamber, in Westminster Hall and in Grand Committee.
        address="https://hansard-api.parliament.uk/search/contributions/Spoken.json",
        search="queryParameters.searchTerm",
        since="queryParameters.startDate",
        house="queryParameters.house",
        skip="queryParameters.skip",
        rest="queryParameters.orderBy=SittingDateDesc&queryParameters.take=100",
        window=timedelta(days=7),
        has_phrases=True,
    ),
}
LISTS: tuple[List, ...] = tuple(_INTERFACES)


def address(list_: List, search: str = "", house: House | None = None) -> str:
    """The address of a list, with `{from}` for the first day (YYYY-MM-DD).

    `search` is a word or a phrase; where the interface knows no phrases, entries with any of the words come.
    Raises ValueError, with a sentence, where the list cannot be asked so.
    """
    interface = _INTERFACES[list_]
    words = " ".join(search.split())
    if not words and interface.needs_search:
        raise ValueError(f"{list_} can only be searched: all of it would be thousands of entries")
    if house and not interface.house:
        raise ValueError(f"{list_} cannot be asked for one House alone")
    if interface.has_phrases and " " in words and '"' not in words:
        words = f'"{words}"'
    pairs = [(interface.search, words)] if words else []
    pairs += [(interface.house, house.capitalize())] if house else []
    chosen = f"{urlencode(pairs, quote_via=quote)}&" if pairs else ""
    return f"{interface.address}?{chosen}{interface.since}={FROM}&{interface.rest}"


def further(url: str, skip: int) -> str | None:
    """The address of the next page of a list, after `skip` rows; `url` is that of its first page.

    None for what is none of the lists' addresses.
    """
    begins = url.partition("?")[0]
    name = next((one.skip for one in _INTERFACES.values() if one.address == begins), None)
    return f"{url}&{name}={skip}" if name else None


def window(list_: List) -> timedelta:
    """How far back the list is asked at each poll."""
    return _INTERFACES[list_].window


def needs_search(list_: List) -> bool:
    """Whether the list is only asked with something to search for."""
    return _INTERFACES[list_].needs_search


def has_houses(list_: List) -> bool:
    """Whether the list can be asked for one House alone."""
    return bool(_INTERFACES[list_].house)
