"""Labelled examples, stored labels and tests written by hand: what counts as right, and what is counted."""

from __future__ import annotations

from typing import Any

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import Label, RuleSpec

from .conftest import NOW, make_item, make_judged

BOOK = RuleBook(
    RuleSpec(
        uk=("UK", "British"),
        china=("China", "Chinese"),
        topics=(("migration", ("small boat", "visa")), ("trade", ("tariff*",))),
    )
)


def line(title: str, **labels: Any) -> tune.Example:
    """A line of a corpus."""
    return tune.example({"id": title, "title": title, **labels}, 1)


def check(
    title: str, relevant: bool | None = None, topics: tuple[str, ...] | None = None, **more: Any
) -> Any:
    """A test written by hand."""
    return tune.Example(
        title, make_item(title), None, "", relevant, topics, origin="test", **({"only": topics == ()} | more)
    )


def test_a_line_of_a_corpus_names_all_topics_and_a_test_those_that_must_be_there() -> None:
    title = "UK and China: visa and tariffs"

    result = tune.evaluate([line(title, relevant=1, topics=["trade"]), check(title, True, ("trade",))], BOOK)

    assert [failure.example.origin for failure in result.failures] == ["file"]
    assert result.topics["trade"].tp == 2
    assert (result.topics["migration"].fp, result.topics["migration"].tp) == (1, 0)
    assert [one.id for one in result.passed] == [title]


def test_a_topic_that_must_not_be_there_fails_a_test_and_counts_as_false_alarm() -> None:
    result = tune.evaluate(
        [
            check("UK and China: tariffs", unwanted=("trade",)),
            check("UK and China: visa", unwanted=("trade",)),
        ],
        BOOK,
    )

    assert [failure.example.id for failure in result.failed] == ["UK and China: tariffs"]
    assert result.topics["trade"] == tune.Score(0, 1, 0)
    assert result.relevance == tune.Score(0, 0, 0)


def test_no_topics_at_all_means_not_relevant() -> None:
    result = tune.evaluate([check("UK and China: tariffs", False, ()), check("Tea", False, ())], BOOK)

    assert (result.relevance.fp, result.topics["trade"].fp) == (1, 1)
    assert [one.id for one in result.passed] == ["Tea"]


def test_tests_that_are_still_to_do_are_counted_apart() -> None:
    result = tune.evaluate(
        [
            check("UK and China: bins", True, ("trade",), todo=True),
            check("UK and China: tariffs", True, ("trade",), todo=True),
            check("UK and China: visa", True, ("migration",)),
        ],
        BOOK,
    )

    assert result.n == 1
    assert result.failures == ()
    assert [failure.example.id for failure in result.todo] == ["UK and China: bins"]
    assert [one.id for one in result.promote] == ["UK and China: tariffs"]
    assert result.topics["trade"] == tune.Score(0, 0, 0)


def test_a_failed_test_names_what_nearly_matched_of_what_it_expected() -> None:
    topic = tune.evaluate([check("UK and China: Tariffed small boats", True, ("migration",))], BOOK)
    side = tune.evaluate([check("china and the British", True)], BOOK)
    otherwise = tune.evaluate([check("UK and China: small boats", False, ())], BOOK)

    assert topic.failed[0].near == ("small boats",)
    assert side.failed[0].near == ("china",)
    assert otherwise.failed[0].near == ()


def test_a_label_is_an_example_with_all_its_topics_or_with_none_said() -> None:
    judged = make_judged("UK and China: visa and tariffs", id=7)

    with_topics = tune.labelled(judged, Label(7, True, ("trade",), NOW), None)
    without = tune.labelled(judged, Label(7, True, None, NOW), None)
    irrelevant = tune.labelled(judged, Label(7, False, None, NOW), None)
    result = tune.evaluate([with_topics, without, irrelevant], BOOK)

    assert [(failure.example.id, failure.is_relevance) for failure in result.failures] == [
        ("7", False),
        ("7", True),
    ]
    assert result.topics["migration"] == tune.Score(0, 2, 0)
    assert (result.relevance.tp, result.relevance.fp) == (2, 1)


def test_the_side_of_the_source_counts_for_a_label() -> None:
    judged = make_judged("China: tariffs")

    result = tune.evaluate([tune.labelled(judged, Label(1, True, ("trade",), NOW), "uk")], BOOK)

    assert result.failures == ()


def test_only_a_corpus_knows_which_reports_are_one_story() -> None:
    judged = make_judged("UK and China: tariffs")
    label = tune.labelled(judged, Label(1, True, None, NOW), None)

    assert tune.evaluate([label, label, check("UK and China: visa", True)], BOOK).stories_n == 0
    assert tune.evaluate([label, line("UK and China: visa", relevant=1)], BOOK).stories_n == 1
