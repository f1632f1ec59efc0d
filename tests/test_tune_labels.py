"""A label beside a verdict, and which items are most worth a label."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import Judged, Label, RuleSpec, Verdict

from .conftest import NOW, make_item, make_judged

BOOK = RuleBook(
    RuleSpec(
        uk=("UK", "British"),
        china=("China", "Chinese"),
        exclude=("horoscope",),
        topics=(("migration", ("visa",)), ("trade", ("tariff*",))),
    )
)


def test_a_verdict_agrees_with_a_label_on_relevance_and_where_it_has_topics_on_all_of_them() -> None:
    verdict = BOOK.classify(make_item("UK and China: visa and tariffs"))

    def agreement(relevant: bool, *topics: str) -> tuple[bool, bool | None]:
        return tune.agreement(Label(1, relevant, topics or None, NOW), verdict)

    assert agreement(False) == (False, None)
    assert agreement(True) == (True, None)
    assert agreement(True, "trade", "migration") == (True, True)
    assert agreement(True, "trade") == (True, False)


def judged(number: int, title: str, summary: str = "", hours: int = 0) -> Judged:
    item = make_item(title, summary=summary)
    return make_judged(
        title,
        id=number,
        summary=summary,
        verdict=BOOK.classify(item),
        first_seen=NOW + timedelta(hours=hours),
    )


CLEARLY_IN = judged(1, "UK and China: tariffs")  # 6 points
BARELY_IN = judged(2, "Local news", "The UK and China agree.")  # 4 points
BARELY_OUT = judged(3, "Shipping news", "It rained. The UK and China agree.")  # 2 points
NO_CHINA = judged(4, "UK rain")
NO_UK_BUT_A_TOPIC = judged(5, "China: visa rules")
EXCLUDED = judged(6, "UK and China: a horoscope")
NEITHER = judged(7, "Tea")


def chosen(items: Sequence[Judged], count: int = 10) -> list[int]:
    return [one.id for one in tune.worth_a_label(items, 3, count)]


def test_items_near_the_threshold_come_first_and_in_turn_from_both_sides_of_it() -> None:
    items = [NEITHER, EXCLUDED, NO_CHINA, NO_UK_BUT_A_TOPIC, CLEARLY_IN, BARELY_OUT, BARELY_IN]

    # First those that the threshold decided, then those without a side; what is excluded comes last.
    assert chosen(items) == [2, 3, 1, 5, 4, 7, 6]
    assert chosen(items, 3) == [2, 3, 1]


def test_among_equals_the_latest_comes_first() -> None:
    assert chosen([judged(n, "UK and China", hours=n) for n in (1, 3, 2)]) == [3, 2, 1]


@pytest.mark.parametrize("items", [[CLEARLY_IN], [NEITHER]])
def test_where_one_side_of_the_threshold_has_nothing_the_other_fills_the_list(items: list[Judged]) -> None:
    assert chosen(items * 4, 3) == [items[0].id] * 3


def test_of_very_many_items_few_are_kept_and_the_nearest_are_found() -> None:
    def many() -> Sequence[Judged]:
        return [
            make_judged(id=n, verdict=Verdict(n % 2 == 0, 3 + n, (), (), "r", (("uk", 1.0), ("china", 1.0))))
            for n in range(1, 500)
        ]

    # All that is out by more than the threshold was excluded; the nearest is taken all the same.
    assert chosen(many()[::-1], 4) == [2, 1, 4, 3]


def test_no_items_are_none_to_label() -> None:
    assert chosen([]) == []
