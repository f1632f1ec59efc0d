"""Explaining one item, and scoring labelled examples."""

from __future__ import annotations

import dataclasses
import json

import pytest

from monitor import config, tune
from monitor.classify import RuleBook
from monitor.models import RuleSpec

from .conftest import PROJECT, make_item, shared

BOOK = RuleBook(
    RuleSpec(
        uk=("UK", "British"),
        china=("China", "Chinese"),
        ignore=("bone china",),
        topics=(("migration", ("small boat", "visa")), ("trade", ("tariff*", "Market Access"))),
    )
)


def example(title: str, **labels: object) -> tune.Example:
    return tune.example({"id": title, "title": title, **labels}, 1)


def test_an_explanation_has_the_verdict_what_was_ignored_and_what_has_no_term() -> None:
    item = make_item("UK and Chinese tariffs on bone china")

    explained = tune.explain(item, None, BOOK)

    assert explained.verdict.relevant
    assert explained.ignored == ("bone china",)
    assert explained.silent_topics == ("migration",)


def test_near_misses_name_the_term_the_words_and_the_difference() -> None:
    item = make_item("UK and China", summary="Engines of small boats and market access were named.")

    near = tune.explain(item, None, BOOK).near

    assert [(miss.role, miss.term, miss.text, miss.reason) for miss in near] == [
        ("migration", "small boat", "small boats", "the ending differs; a term matches whole words"),
        ("trade", "Market Access", "market access", "capitals differ"),
    ]


def test_what_matches_as_it_is_is_no_near_miss() -> None:
    assert tune.explain(make_item("UK, China, small boat and small boats"), None, BOOK).near == ()


def test_a_term_whose_words_a_longer_term_took_is_no_near_miss() -> None:
    book = RuleBook(RuleSpec(topics=(("trade", ("Market Access", "wider NEAR/3 Market")),)))

    assert tune.explain(make_item("UK and China: wider Market Access"), None, book).near == ()


def test_the_context_of_a_match_has_the_words_around_it() -> None:
    item = make_item("x", summary="a " * 60 + "The UK stands here, " + "b " * 60)
    (match,) = BOOK.classify(item).matches

    assert "The [UK] stands here" in tune.context(item, match)
    assert len(tune.context(item, match)) < 100


def test_scores_count_right_and_wrong_decisions() -> None:
    result = tune.evaluate(
        [
            example("UK and China tariffs", relevant=1, topics=["trade"]),
            example("UK and China visa", relevant=1, topics=["trade"]),
            example("UK and China bins", relevant=0, topics=[]),
            example("Paris and China", relevant=1, topics=["migration"]),
            example("Paris", relevant=0, topics=[]),
        ],
        BOOK,
    )

    assert (result.relevance.tp, result.relevance.fp, result.relevance.fn) == (2, 1, 1)
    assert result.relevance.precision == pytest.approx(2 / 3)
    assert result.relevance.f1 == pytest.approx(2 / 3)
    assert (result.topics["trade"].tp, result.topics["trade"].fn) == (1, 1)
    assert (result.topics["migration"].fp, result.topics["migration"].fn) == (1, 1)
    assert result.micro_f1 == pytest.approx(2 / 5)
    assert result.macro_f1 == pytest.approx(1 / 3)
    assert [failure.example.id for failure in result.failures] == [
        "UK and China visa",
        "UK and China bins",
        "Paris and China",
    ]
    assert "China yes, UK no" in result.failures[2].why


def test_stories_are_scored_over_the_relevant_examples_and_one_without_event_is_alone() -> None:
    report = "Jingye shuts furnaces at British Steel in Scunthorpe"
    result = tune.evaluate(
        [
            example(report, relevant=1, event="steel", date="2025-03-27", outlet="A"),
            example(f"{report}, unions say", relevant=1, event="steel", date="2025-03-27", outlet="B"),
            example("Chinese students choose British universities", relevant=1, date="2025-03-27"),
            example("Tea", relevant=0, event="steel"),
        ],
        BOOK,
    )

    assert result.stories == (1.0, 1.0, 1.0)
    assert result.stories_n == 3


def test_a_month_or_year_is_a_span() -> None:
    month = example("x", approx_date="2024-02")
    year = example("x", approx_date="2024")
    day = example("x", date="2024-02-05", approx_date="2024")

    assert [f"{one.earliest:%F} {one.latest:%F}" for one in (month, year, day)] == [
        "2024-02-01 2024-02-29",
        "2024-01-01 2024-12-31",
        "2024-02-05 2024-02-05",
    ]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "title"),
        ({"title": 3}, "title"),
        ({"title": "x", "relevant": "yes"}, "relevant"),
        ({"title": "x", "topics": "trade"}, "topics"),
        ({"title": "x", "source_side": "france"}, "source_side"),
        ({"title": "x", "date": "soon"}, "date"),
        ({"title": "x", "date": "2024-13-01"}, "date"),
    ],
)
def test_a_line_that_is_no_example_is_refused_in_words(values: dict[str, object], says: str) -> None:
    with pytest.raises(tune.ExampleError, match=says):
        tune.example(values, 1)


def test_every_line_of_the_corpus_is_an_example() -> None:
    lines = (shared("corpus") / "dev.jsonl").read_text(encoding="utf-8").splitlines()

    assert len([tune.example(json.loads(line), n) for n, line in enumerate(lines)]) == len(lines)


def test_no_term_of_the_shipped_rules_or_of_odd_writing_stops_an_explanation() -> None:
    shipped = config.load(PROJECT / "config.yaml", {}).rules
    odd = ("Chen Min'er", "Chang'e", "Lloyd's", "McDonald's", "the workers'", "anti-", "Xi'an's", "a b")
    book = RuleBook(dataclasses.replace(shipped, uk=(*shipped.uk, *odd)))

    assert tune.explain(make_item("UK and China: Lloyd and workers"), None, book).verdict.relevant
