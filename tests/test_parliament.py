"""Where the UK Parliament's interfaces are."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor import parliament
from monitor.models import Format
from monitor.polling import address as address_at
from tests.conftest import NOW, make_source


def query(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        (
            "written-questions",
            "https://questions-statements-api.parliament.uk/api/writtenquestions/questions"
            "?searchTerm=China&tabledWhenFrom={from}&expandMember=true&take=500",
        ),
        (
            "written-statements",
            "https://questions-statements-api.parliament.uk/api/writtenstatements/statements"
            "?searchTerm=China&madeWhenFrom={from}&expandMember=true&take=200",
        ),
        (
            "committee-publications",
            "https://committees-api.parliament.uk/api/Publications"
            "?SearchTerm=China&StartDate={from}&SortOrder=PublicationDateDescending&Take=100",
        ),
        (
            "hansard",
            "https://hansard-api.parliament.uk/search/contributions/Spoken.json"
            "?queryParameters.searchTerm=China&queryParameters.startDate={from}"
            "&queryParameters.orderBy=SittingDateDesc&queryParameters.take=100",
        ),
    ],
)
def test_each_list_has_its_address(wanted: parliament.List, address: str) -> None:
    assert parliament.address(wanted, "China") == address


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("written-questions", "house"),
        ("written-statements", "house"),
        ("hansard", "queryParameters.house"),
    ],
)
def test_a_list_can_be_asked_for_one_house(wanted: parliament.List, key: str) -> None:
    assert query(parliament.address(wanted, "China", "lords"))[key] == ["Lords"]
    assert parliament.has_houses(wanted)


def test_committees_cannot_be_asked_for_one_house() -> None:
    assert not parliament.has_houses("committee-publications")
    with pytest.raises(ValueError, match="one House"):
        parliament.address("committee-publications", "China", "commons")


def test_only_committees_can_be_asked_for_everything() -> None:
    without = [wanted for wanted in parliament.LISTS if not parliament.needs_search(wanted)]

    assert without == ["committee-publications"]
    assert "SearchTerm" not in parliament.address("committee-publications")
    with pytest.raises(ValueError, match="can only be searched"):
        parliament.address("hansard", " ")


def test_several_words_are_one_phrase_where_the_interface_knows_phrases() -> None:
    said = query(parliament.address("hansard", "Hong  Kong"))
    asked = query(parliament.address("written-questions", "Hong Kong"))

    assert said["queryParameters.searchTerm"] == ['"Hong Kong"']
    assert asked["searchTerm"] == ["Hong Kong"]


def test_what_is_searched_for_cannot_change_the_rest_of_the_address() -> None:
    address = parliament.address("hansard", "a&queryParameters.take=1#{from}")

    assert query(address)["queryParameters.searchTerm"] == ["a&queryParameters.take=1#{from}"]
    assert address.count("{from}") == 1


@pytest.mark.parametrize("wanted", parliament.LISTS)
def test_an_address_begins_with_the_first_day_of_the_window(wanted: parliament.List) -> None:
    form: Format = wanted
    source = make_source(
        url=parliament.address(wanted, "China"), format=form, window=parliament.window(wanted)
    )
    first = (NOW - parliament.window(wanted)).date().isoformat()

    assert f"={first}&" in address_at(source, NOW)
    assert "{" not in address_at(source, NOW)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("written-questions", "skip"),
        ("written-statements", "skip"),
        ("committee-publications", "Skip"),
        ("hansard", "queryParameters.skip"),
    ],
)
def test_each_list_has_its_own_name_for_how_many_come_before(wanted: parliament.List, name: str) -> None:
    first = parliament.address(wanted, "China")

    assert parliament.further(first, 100) == f"{first}&{name}=100"


@pytest.mark.parametrize("url", ["https://www.gov.uk/api/search.json?q=x", "https://x.example/"])
def test_what_is_no_list_of_parliament_has_no_further_page(url: str) -> None:
    assert parliament.further(url, 100) is None


def test_questions_are_followed_until_their_answers_come() -> None:
    assert parliament.window("written-questions") == timedelta(days=28)
