"""How days and terms are said, and which words of a long match are marked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitor.models import Match
from monitor.render.words import days, named_words, shown_term, whose

THURSDAY = date(2026, 1, 29)


def match(term: str, text: str) -> Match:
    return Match("topic", term, "title", text, 0, "trade", 3.0)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, "today's earlier story"),
        (1, "yesterday's story"),
        (2, "Tuesday's story"),
        (6, "Friday's story"),
        (7, "the story of 22 Jan"),
        (40, "the story of 20 Dec 2025"),
    ],
)
def test_an_earlier_story_is_that_of_a_weekday_and_after_six_days_of_a_date(ago: int, said: str) -> None:
    assert whose(THURSDAY - timedelta(days=ago), THURSDAY) == said


def test_days_of_two_years_name_both() -> None:
    assert days(date(2025, 12, 29), date(2026, 1, 4)) == ("Monday 29 December 2025 to Sunday 4 January 2026")
    assert days(THURSDAY, THURSDAY) == "Thursday 29 January 2026"


@pytest.mark.parametrize(
    ("term", "text", "shown"),
    [
        ("tariff", "Tariff", "tariff"),
        ("tariff* ^2", "tariffs", "tariffs"),
        ('"BN(O)"', "BN(O)", "BN(O)"),
        ("Starmer NEAR/3 Xi", "Starmer and Xi", "Starmer and Xi"),
        ("visitor* NEAR/8 visa", "visitors to China to need no visa", "visitors … visa"),
        (
            "(visitor* OR traveller*) NEAR/8 visa* ^2",
            "Visas promised to all travellers",
            "Visas … travellers",
        ),
        (
            "small boat* NEAR/10 engine*",
            "engines reaching the smugglers' small-boats",
            "engines … small-boats",
        ),
        ("中国 NEAR/9 签证", "中国 将 对 英国 免 签证", "中国 … 签证"),
        ("ATLEAST/3 China", "China and China and China", "China … China"),
    ],
)
def test_a_term_is_said_as_the_text_has_it_and_of_a_long_place_the_ends_alone(
    term: str, text: str, shown: str
) -> None:
    assert shown_term(match(term, text)) == shown


@pytest.mark.parametrize(
    ("term", "text", "marked"),
    [
        ("small boat*", "small boats", ["small boats"]),
        ("Scotch NEAR/9 China", "Scotch makers raise a glass as China", ["Scotch", "China"]),
        ("sanction* SAME (Russia OR Iran)", "sanctioned for helping Russia", ["sanctioned", "Russia"]),
        ("US AND visa", "us and no visa for the US", ["visa", "US"]),
        ("MI5 NEAR/4 alert", "an accented àlert of Ml5", ["an accented àlert of Ml5"]),
        ("title: (envoy* AND talks)", "Envoy leaves talks", ["Envoy", "talks"]),
        ("king's NEAR/3 banquet", "King’s long banquet", ["King’s", "banquet"]),
    ],
)
def test_of_a_stretch_of_text_the_words_that_the_term_names_are_marked(
    term: str, text: str, marked: list[str]
) -> None:
    assert [text[start:end] for start, end in named_words(match(term, text))] == marked
