"""What an edition of a week says beside its stories: numbers per topic, and what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.digest import OTHER, Limits, build_digest, is_week, limits_for, week
from monitor.models import Coverage, Edition, Judged, Match, NewTerm, Story, Topic, TopicWeek, Verdict, Week
from tests.conftest import NOW, make_judged

DIPLOMACY, TRADE = Topic("diplomacy", "Diplomacy"), Topic("trade", "Trade and investment")
TOPICS = (DIPLOMACY, TRADE)
DAY, START = timedelta(days=1), NOW - timedelta(days=7)
EDITION = Edition("weekly", "UK-China weekly", START, NOW, date(2026, 1, 29))


def item(
    id: int,  # noqa: A002 - it is the field's name
    title: str = "Talks",
    *,
    ago: float = 1,
    topics: tuple[str, ...] = ("diplomacy",),
    terms: tuple[str, ...] = (),
    **changes: Any,
) -> Judged:
    """A report first seen so many days before the edition's end, with matches of the first topic."""
    matches = tuple(found(term, topics[0], f"{title} {changes.get('summary', '')}") for term in terms)
    values: dict[str, Any] = {
        "first_seen": NOW - ago * DAY,
        "verdict": Verdict(True, 6.0, topics, matches, "rules1"),
    }
    return make_judged(title, id=id, **(values | changes))


def found(term: str, topic: str | None, text: str, role: Any = "topic") -> Match:
    words = term.rstrip("*")
    at = text.find(words)
    return Match(role, term, "title", words, max(at, 0), topic, 3.0)


def told(*items: Judged, edition: Edition = EDITION, before: tuple[Judged, ...] = (), **changes: Any) -> Week:
    """The week of an edition in which every report is a story."""
    stories = changes.pop("stories", [Story(f"s{one.id}", (one,)) for one in items])
    said = week(edition, stories, changes.pop("topics", TOPICS), before=before)
    assert said
    return said


OLD = item(900, "Something else altogether", ago=60, topics=("trade",))
"""Eight weeks of memory, with nothing in common with the week."""


# --- which editions, and their limits ---


@pytest.mark.parametrize(
    ("span", "is_one"),
    [(DAY, False), (timedelta(days=3), False), (5 * DAY, False), (6 * DAY, True), (7 * DAY, True)],
)
def test_six_days_make_a_week(span: timedelta, is_one: bool) -> None:
    edition = replace(EDITION, start=NOW - span)

    assert is_week(edition) is is_one
    assert (week(edition, (), TOPICS, before=()) is not None) is is_one


def test_a_week_in_which_the_clocks_go_forward_is_a_week() -> None:
    london = ZoneInfo("Europe/London")
    start, end = (datetime(2026, 3, day, 7, 30, tzinfo=london) for day in (24, 30))

    assert is_week(replace(EDITION, start=start, end=end))


def test_a_week_shows_three_stories_of_a_topic_and_the_rest_as_titles() -> None:
    stories = [Story(f"s{n}", (item(n, f"Talks {n}"),)) for n in range(10)]
    covered = Coverage((), 10, 10, "rules1")

    shown = build_digest(EDITION, stories, covered, TOPICS, limits=limits_for(EDITION))

    assert [len(section.stories) for section in shown.sections] == [3]
    assert len(shown.brief) == 10 - len(shown.top) - 3
    assert limits_for(replace(EDITION, start=NOW - DAY)) == Limits()


# --- numbers ---


def test_each_topic_has_its_stories_its_items_and_those_of_the_week_before() -> None:
    summit = Story("s1", (item(1), item(2), item(3, topics=("trade",))))
    steel = Story("s4", (item(4, topics=("trade", "diplomacy")),))
    before = (item(5, ago=8), item(6, ago=13.9), item(7, ago=14.1), item(8, ago=9, topics=("trade",)))

    said = told(stories=[summit, steel], before=before)

    assert said.topics == (TopicWeek(DIPLOMACY, 1, 2, 2), TopicWeek(TRADE, 1, 2, 1))


def test_a_topic_without_anything_has_its_line() -> None:
    assert told(item(1), before=(OLD,)).topics[1] == TopicWeek(TRADE, 0, 0, 0)


def test_what_was_first_seen_in_an_earlier_week_counts_in_neither() -> None:
    updated = item(1, ago=30)

    assert told(updated, before=(OLD,)).topics[0] == TopicWeek(DIPLOMACY, 0, 0, 0)


def test_an_item_counts_under_its_first_topic_that_the_digest_has_and_else_under_other() -> None:
    said = told(item(1, topics=("sport", "trade")), item(2, topics=("sport",)), before=(OLD,))

    assert said.topics == (
        TopicWeek(DIPLOMACY, 0, 0, 0),
        TopicWeek(TRADE, 1, 1, 0),
        TopicWeek(OTHER, 1, 1, 0),
    )


@pytest.mark.parametrize(
    ("ages", "weeks"),
    [((), 0), ((8,), 1), ((13,), 1), ((22, 8), 2), ((62,), 8), ((200,), 8)],
)
def test_it_says_how_many_weeks_are_known(ages: tuple[int, ...], weeks: int) -> None:
    assert (
        told(item(1), before=tuple(item(n, ago=ago) for n, ago in enumerate(ages, 2))).weeks_before == weeks
    )


def test_without_anything_to_compare_with_nothing_is_called_new() -> None:
    said = told(item(1, "The envoys of both sides met Wang Fuliang in London", terms=("envoys",)))

    assert (said.new_terms, said.new_names) == ((), ())


# --- terms ---


def test_a_term_is_new_that_matched_this_week_and_in_none_before() -> None:
    first, second = item(1, "Panda loan and tariff", terms=("panda*", "tariff")), item(2, terms=("panda*",))
    before = (item(3, "A tariff", ago=50, terms=("tariff",)),)

    said = told(second, replace(first, first_seen=NOW - 2 * DAY), before=before)

    [new] = said.new_terms
    assert (new.term, new.topic, new.items, new.first.id) == ("panda*", "diplomacy", 2, 1)


def test_the_terms_with_most_items_come_first_and_only_the_first_ten() -> None:
    items = [item(n, terms=tuple(f"term {m:02}" for m in range(n))) for n in range(1, 15)]

    said = told(*items, before=(OLD,))

    assert [new.term for new in said.new_terms] == [f"term {n:02}" for n in range(10)]
    assert [new.items for new in said.new_terms] == list(range(14, 4, -1))


def test_a_term_that_a_side_and_a_topic_share_is_told_once_as_the_topics_whatever_its_weight() -> None:
    matches = (found("BN(O)", None, "BN(O)", "both"), found("BN(O) ^2", "trade", "BN(O)"))
    one = item(1, verdict=Verdict(True, 6.0, ("trade",), matches, "rules1"))
    before = item(2, ago=9, verdict=Verdict(True, 6.0, ("trade",), matches[:1], "rules1"))

    assert told(one, before=(OLD,)).new_terms == (NewTerm("BN(O) ^2", "trade", 1, one),)
    assert told(one, before=(before,)).new_terms == ()


def test_terms_of_the_sides_name_the_side_and_counter_evidence_is_no_news() -> None:
    matches = (
        found("JETCO", None, "JETCO", "both"),
        found("Wessex", None, "Wessex", "uk"),
        found("Canada", None, "Canada", "elsewhere"),
        found("horoscope", None, "horoscope", "exclude"),
    )
    one = item(1, verdict=Verdict(True, 6.0, ("diplomacy",), matches, "rules1"))

    assert told(one, before=(OLD,)).new_terms == (
        NewTerm("JETCO", "both", 1, one),
        NewTerm("Wessex", "uk", 1, one),
    )


def test_terms_of_topics_that_the_digest_has_not_are_left_out() -> None:
    assert told(item(1, topics=("sport",), terms=("football",)), before=(OLD,)).new_terms == ()


# --- names ---


def test_a_name_is_new_that_stands_this_week_and_in_no_item_before() -> None:
    items = (
        item(
            1,
            "The envoys of both sides met Wang Fuliang in London",
            summary="Talks with Lord Ashcombe Vale went on.",
        ),
        item(2, "Ministers ask what Wang Fuliang wants of them"),
        item(3, "Ministers heard Ashcombe Vale on steel"),
        item(4, "The other side sends Mei Rongtao to the talks"),
    )
    before = (item(5, "ASHCOMBE VALE SPEAKS", ago=40),)

    assert told(*items, before=before).new_names == ("Wang Fuliang", "Mei Rongtao")


@pytest.mark.parametrize(
    "title",
    [
        "The envoys of both sides met nobody of note in London",
        "Wang Fuliang",
        "Minister Meets Wang Fuliang In London Today",
        "ENVOYS MET WANG FULIANG IN LONDON",
        "The envoys of both sides will meet again on Monday January talks",
    ],
    ids=[
        "single words",
        "only a name",
        "a headline in capitals at each word",
        "all capitals",
        "days and months",
    ],
)
def test_capitals_that_say_nothing_make_no_name(title: str) -> None:
    assert told(item(1, title), before=(OLD,)).new_names == ()


def test_words_that_a_term_has_found_and_outlets_are_no_new_names() -> None:
    title = "The envoys met Wang Fuliang and spoke with Morning Gazette about the talks"
    one = item(1, title, outlet="Morning Gazette")
    matched = replace(one, verdict=replace(one.verdict, matches=(found("Wang Fuliang", "diplomacy", title),)))
    again = item(2, "What the envoy told Wang Fuliang of tariffs")

    assert told(matched, again, before=(OLD,)).new_names == ()


def test_of_a_name_and_a_part_of_it_the_one_that_more_items_have_is_told() -> None:
    items = [item(n, "The envoys of both sides met Wang Fuliang in London") for n in (1, 2)]
    longer = item(3, "The envoys of both sides met Deputy Wang Fuliang in London")

    assert told(*items, longer, before=(OLD,)).new_names == ("Wang Fuliang",)


def test_of_names_in_as_many_items_that_of_the_larger_story_is_told_first() -> None:
    alone = item(1, "The envoys of both sides met Aldo Fernwick in London")
    shared = item(2, "The envoys of both sides met Zora Quill in London"), item(3)
    stories = [Story("s1", (alone,)), Story("s2", shared)]

    assert told(stories=stories, before=(OLD,)).new_names == ("Zora Quill", "Aldo Fernwick")


def test_ten_names_are_told_those_of_most_items_first() -> None:
    letters = "abcdefghijklmn"
    items = [
        item(10 * n + m, f"The envoys of both sides met Wang Fu{letter} in London")
        for n, letter in enumerate(letters)
        for m in range(n % 3 + 1)
    ]

    said = told(*items, before=(OLD,)).new_names

    assert len(said) == 10
    assert said[:5] == ("Wang Fuc", "Wang Fuf", "Wang Fui", "Wang Ful", "Wang Fub")


def test_the_order_in_which_items_come_changes_nothing() -> None:
    items = [
        item(n, f"The envoys met Wang Fu{'abc'[n % 3]} after talks", terms=("envoys",)) for n in range(1, 9)
    ]
    before = (item(20, ago=20), item(21, ago=9), OLD)

    assert told(*items, before=before) == told(*reversed(items), before=before[::-1])
