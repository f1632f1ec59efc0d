"""Near misses: what would match if an ending or capitals did not matter."""

from __future__ import annotations

import pytest

from monitor.classify import RuleBook
from monitor.models import RuleSpec
from monitor.tune import NearMisses

from .conftest import make_item


def near(term: str, text: str) -> list[str]:
    """The words of `text` that are a near miss of `term`, the only term of its rule book."""
    book = RuleBook(RuleSpec(uk=(term,)))
    item = make_item(text)
    return [miss.text for miss in NearMisses(book).misses(item, book.places(item))]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("small boat", "Small boats land", ["Small boats"]),
        ("tariffs", "A tariff falls", ["tariff"]),
        ("country", "Both countries", ["countries"]),
        ("shipping", "They ship it", ["ship"]),
        ("trade", "Trading on", ["Trading"]),
        ("Trade Envoy", "Two trade envoys", ["trade envoys"]),
        ("Uyghur", "The Uyghurs", ["Uyghurs"]),
        ("Labour", "hard labour", ["labour"]),
    ],
)
def test_a_common_ending_or_a_capital_makes_a_near_miss(term: str, text: str, found: list[str]) -> None:
    assert near(term, text) == found


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("stores", "A story"),
        ("portal", "A portion"),
        ("Withers", "She went with them"),
        ("Hunter", "They hunted"),
        ("Rivers", "a river"),
        ("UK", "uk"),
        ("spy", "spies"),
        ("small boat", "small boat and small boats"),
    ],
)
def test_another_word_an_abbreviation_or_a_match_is_none(term: str, text: str) -> None:
    assert near(term, text) == []


def test_words_of_which_another_term_of_the_list_has_some_are_no_near_miss() -> None:
    book = RuleBook(RuleSpec(topics=(("trade", ("tariff", "tariffs")), ("law", ("tariff",)))))
    item = make_item("New tariffs")

    found = NearMisses(book).misses(item, book.places(item))

    assert [(miss.role, miss.term) for miss in found] == [("law", "tariff")]


def test_words_that_ignore_takes_away_are_no_near_miss() -> None:
    book = RuleBook(RuleSpec(uk=("small boat",), ignore=("small boats race",)))
    item = make_item("The small boats race")

    assert NearMisses(book).misses(item, book.places(item)) == ()


def test_near_misses_of_some_roles_only_can_be_asked_for() -> None:
    book = RuleBook(RuleSpec(uk=("Briton",), topics=(("trade", ("tariff",)),)))
    item = make_item("Britons and tariffs")

    assert [match.term for match in NearMisses(book, ("topic",)).places(item, ())] == ["tariff"]
    assert [match.term for match in NearMisses(book, ("uk",)).places(item, ())] == ["Briton"]


def test_a_single_name_in_small_letters_can_be_left_out() -> None:
    book = RuleBook(RuleSpec(uk=("Labour", "Briton", "Trade Envoy")))
    finder = NearMisses(book, small_names=False)

    found = finder.places(make_item("Britons, hard labour, two trade envoys"), ())

    assert [match.term for match in found] == ["Briton", "Trade Envoy"]


def test_one_finder_serves_many_items() -> None:
    book = RuleBook(RuleSpec(uk=("small boat",)))
    finder = NearMisses(book)
    items = [make_item("Small boats"), make_item("A small boat"), make_item("Smaller boats")]

    assert [len(finder.misses(item, book.places(item))) for item in items] == [1, 0, 0]
