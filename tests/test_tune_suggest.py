"""What stored items say that the rules lack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import Judged, Label, RuleSpec, Side
from monitor.text import strip_boilerplate

from .conftest import NOW, make_judged

SPEC = RuleSpec(
    uk=("UK", "Britain", "Starmer"),
    china=("China", "Chinese", "Jingye"),
    both=("super-embassy",),
    ignore=("bone china",),
    elsewhere=("Canada",),
    exclude=("horoscope",),
    topics=(
        ("migration", ("small boat", "visa")),
        ("trade", ("tariff", "Market Access", "country", "sells", "Reading")),
        ("security", ("spies", "uk list")),
    ),
)
RELATION = "The UK and China spoke."


def suggested(
    items: Iterable[Judged],
    labelled: Iterable[tuple[Judged, Label]] = (),
    sides: dict[str, Side | None] | None = None,
    **options: Any,
) -> tune.Suggestions:
    return tune.suggest(items, tune.Rules(RuleBook(SPEC), sides or {}), labelled, **options)


def stored(*summaries: str, title: str = "UK and China", first_id: int = 1, **changes: Any) -> list[Judged]:
    """Items with these summaries, each of an outlet of its own unless named."""
    return [
        make_judged(title, id=id_, summary=summary, **{"outlet": f"Outlet {id_}"} | changes)
        for id_, summary in enumerate(summaries, first_id)
    ]


def unmatched(*summaries: str, **changes: Any) -> list[Judged]:
    return stored(*summaries, title="It rains", first_id=1001, **changes)


# Near misses


def test_an_ending_that_kept_an_item_from_its_topic_is_named_with_what_to_write() -> None:
    (near,) = suggested(stored("Engines of small boats were seized.", "Small boat found.")).near

    assert (near.where, near.term, near.forms) == ("migration", "small boat", ("small boats",))
    assert (near.enter, near.filed, near.example) == (0, 1, 1)
    assert near.context == "Engines of [small boats] were seized."
    assert near.write == ("small boat*",)


def test_an_ending_that_kept_an_item_out_comes_first() -> None:
    items = [*stored("On tariffs."), make_judged("Jingyes of China and Britons", id=7)]
    items += [make_judged("Super-embassies", id=8)]

    near = suggested(items).near

    assert [(one.where, one.term, one.enter, one.filed) for one in near] == [
        ("both", "super-embassy", 1, 0),
        ("trade", "tariff", 0, 1),
    ]


def test_an_ending_that_would_change_nothing_is_passed_over() -> None:
    nothing_of_the_uk = unmatched("Small boats of China with visas.")
    already_filed = stored("Visa rules and small boats. A visa for all.")

    assert suggested([*nothing_of_the_uk, *already_filed]).near == ()


@pytest.mark.parametrize(
    ("summary", "write"),
    [
        ("New tariffs.", ("tariff*",)),
        ("More countries.", ("countries",)),
        ("He was selling.", ("selling",)),
        ("Wider market access.", ("market access",)),
        ("More visas.", ("visas",)),
    ],
)
def test_any_ending_is_proposed_only_where_it_is_safe(summary: str, write: tuple[str, ...]) -> None:
    (near,) = suggested(stored(summary)).near

    assert near.write == write


def test_the_capital_of_a_single_word_is_there_for_a_reason() -> None:
    assert suggested(stored("A reading of the news.")).near == ()


def test_another_word_with_the_same_beginning_is_no_near_miss() -> None:
    assert suggested(stored("A tariffic day in the countryside.")).near == ()


def test_what_ignore_takes_away_is_no_near_miss() -> None:
    spec = RuleSpec(uk=("UK",), china=("China",), ignore=("small boats race",), topics=SPEC.topics)
    rules = tune.Rules(RuleBook(spec), {})

    assert tune.suggest(stored("The small boats race."), rules).near == ()
    assert len(tune.suggest(stored("The small boats left."), rules).near) == 1


# Names


def names(items: Iterable[Judged], **options: Any) -> list[str]:
    return [name.text for name in suggested(items, **options).names]


def test_a_name_in_three_matched_items_of_two_outlets_is_suggested_with_its_topic() -> None:
    items = stored(*["Work at Royal Mint Court goes on, spies were told."] * 3)

    others = unmatched("There was a long walk to Royal Mint Court.", *["rain"] * 20)
    (name,) = suggested([*items, *others]).names

    assert (name.text, name.items, name.outlets, name.others) == ("Royal Mint Court", 3, 3, 1)
    assert (name.where, name.example) == ("security", 3)


def test_two_items_or_one_outlet_are_too_few() -> None:
    summary = "Work at Royal Mint Court goes on."

    assert names(stored(summary, summary)) == []
    assert names(stored(*[summary] * 5, outlet="Gazette")) == []


def test_a_name_that_is_as_frequent_elsewhere_is_not_suggested() -> None:
    summary = "A report in Example News says so."

    assert names([*stored(*[summary] * 5), *unmatched(*[summary] * 5)]) == []


def test_a_title_in_capitals_makes_no_names() -> None:
    shouted = "Minister Calls for Wider Reform of Planning Rules in the UK and China"

    assert names(stored(*["rain"] * 4, title=shouted)) == []


def test_a_title_like_a_sentence_does() -> None:
    assert names(stored(*["rain"] * 3, title="UK and China argue over Ardersier again")) == ["Ardersier"]


def test_the_first_word_of_a_sentence_is_a_name_only_where_it_stands_inside_another() -> None:
    first = ["Officials met there. Ardersier waits for more."] * 3

    assert names(stored(*first)) == []
    assert names(stored(*first, "They met at Ardersier again.")) == ["Ardersier"]


def test_a_word_that_is_also_written_small_is_no_name() -> None:
    assert names(stored(*["They asked the Minister again, another minister said."] * 3)) == []


def test_words_that_a_term_has_found_are_in_a_rule_already() -> None:
    assert names(stored(*["It was said that Chinese Jingye and Starmer met there."] * 3)) == []


def test_the_first_name_of_someone_in_the_rules_is_no_name() -> None:
    assert names(stored(*["It was said that Keir Starmer went there."] * 3)) == []


def test_days_months_and_titles_of_address_are_no_names() -> None:
    items = stored(*["They spoke on Monday, in January, with Mr Zheng at the table."] * 3)

    assert names(items) == ["Zheng"]


def test_a_name_stands_for_its_parts_and_a_part_for_its_many_names() -> None:
    whole = stored(*["They met at Royal Mint Court today."] * 3)
    parts = [f"They met at Ardersier {word} today." for word in ("Port", "Quay", "Dock", "Pier")]

    assert names(whole) == ["Royal Mint Court"]
    assert names(stored(*parts, "They met at Ardersier today.", *["They met at Ardersier again."] * 5)) == [
        "Ardersier"
    ]


def test_a_first_name_that_several_people_have_is_no_name() -> None:
    people = [f"They asked Peter {name} about it." for name in ("Hawkey", "Golds", "Kyle")]

    assert names(stored(*people)) == []


def test_names_of_are_kept_together() -> None:
    assert names(stored(*["They wrote to the Ministry of Commerce again."] * 3)) == ["Ministry of Commerce"]


def test_the_outlet_of_an_item_and_what_ignore_has_are_no_names() -> None:
    spec = RuleSpec(uk=("UK",), china=("China",), ignore=("New Example",))
    items = [*stored(*["As the Herald of Example writes, rain in New Example fell."] * 3)]
    same = [make_judged(one.item.title, id=one.id, summary=one.item.summary) for one in items]

    assert [name.text for name in tune.suggest(items, tune.Rules(RuleBook(spec), {})).names] == [
        "Herald of Example"
    ]
    assert tune.suggest(same, tune.Rules(RuleBook(spec), {})).names == ()


def test_chinese_text_gives_no_names() -> None:
    assert names(stored(*["中国和英国在北京会谈。"] * 5)) == []


# Labels


def labelled(items: Iterable[Judged], *, relevant: bool) -> list[tuple[Judged, Label]]:
    return [(one, Label(one.id, relevant, None, NOW)) for one in items]


def test_words_of_items_labelled_relevant_need_thirty_labels() -> None:
    good = labelled(stored(*["The embassy plan went on."] * 15), relevant=True)
    bad = labelled(stored(*["Rain fell."] * 15, first_id=101), relevant=False)

    few = suggested([], [*good, *bad[1:]])
    enough = suggested([*unmatched("The embassy plan is new.")], [*good, *bad])

    assert (few.labels, few.telling) == (29, ())
    (word,) = enough.telling
    assert (word.text, word.right, word.wrong, word.others) == ("embassy plan went", 15, 0, 0)


def test_a_telling_word_says_where_else_it_stands() -> None:
    good = labelled(stored(*["Inward investment, visa.", "Investment, visa."] * 8), relevant=True)
    bad = labelled(stored(*["Rain fell."] * 15, first_id=101), relevant=False)

    found = suggested(unmatched("An investment in rain."), [*good, *bad])

    (word,) = [one for one in found.telling if one.text == "investment"]
    assert (word.right, word.others, word.where) == (16, 1, "migration")


def test_words_of_false_alarms_are_suggested_for_exclusion_with_what_they_would_take_out() -> None:
    alarms = stored("A takeaway wins a prize.", "A takeaway closed.")
    others = stored("A takeaway too.", "The talks went on.", first_id=101)

    found = suggested([*alarms, *others], labelled(alarms, relevant=False))

    assert found.false_alarms == 2
    assert [(one.text, one.wrong, one.matched) for one in found.false_alarm_words] == [("takeaway", 2, 3)]


def test_a_word_that_also_stands_in_an_item_labelled_relevant_is_not_excluded() -> None:
    alarms = stored("A takeaway wins.", "A takeaway closed.")
    good = stored("Spies met in a takeaway.", first_id=101)

    found = suggested(alarms, [*labelled(alarms, relevant=False), *labelled(good, relevant=True)])

    assert found.false_alarm_words == ()


def test_an_item_labelled_irrelevant_that_is_out_already_is_no_false_alarm() -> None:
    out = unmatched("A takeaway wins.", "A takeaway closed.")

    found = suggested(out, labelled(out, relevant=False))

    assert (found.false_alarms, found.false_alarm_words) == (0, ())


# Page furniture

FOOTER = "Sign here for the morning note from Westminster, Britain."


def test_a_sentence_that_a_source_repeats_is_page_furniture() -> None:
    items = stored(*(f"Story {n} is told. {FOOTER}" for n in range(6)), source_id="gazette")
    items += stored(*(f"Tale {n}." for n in range(14)), source_id="gazette", first_id=101)

    (one,) = suggested(items).furniture

    assert (one.source_id, one.texts, one.items, one.of_items) == ("gazette", (FOOTER,), 6, 20)
    assert one.finds == ("Britain",)


def test_what_is_repeated_is_found_among_thousands_of_other_sentences() -> None:
    items = stored(
        *(f"Story {n} is told at length. Then comes tale {n} of rain. {FOOTER}" for n in range(900)),
        source_id="gazette",
    )

    (one,) = suggested(items).furniture

    assert (one.texts, one.items) == ((FOOTER,), 900)


def test_too_few_items_or_too_small_a_share_are_no_page_furniture() -> None:
    four = [f"Story {n} is told. {FOOTER}" for n in range(4)]
    many = stored(*(f"Story {n}. {FOOTER}" for n in range(6)), *(f"Tale {n}." for n in range(15)))

    assert suggested(stored(*four)).furniture == ()
    assert suggested(many).furniture == ()


def test_the_same_sentence_in_several_sources_is_none_of_theirs() -> None:
    items = [
        make_judged("It rains", id=n, summary=f"Story {n}. {FOOTER}", source_id=f"source-{n}")
        for n in range(1, 9)
    ]

    assert suggested(items).furniture == ()


def test_a_beginning_or_an_end_without_a_full_stop_is_found_as_long_as_it_goes() -> None:
    towns = ("Hull", "Leeds", "Derby", "York", "Bath", "Truro")
    items = stored(*(f"Listen to this page read aloud {town} saw rain today" for town in towns))
    items += stored(*(f"{town} saw rain Read the whole of it on our page" for town in towns), first_id=101)

    (one,) = suggested([*items]).furniture

    assert {*one.texts} == {
        "Listen to this page read aloud",
        "saw rain Read the whole of it on our page",
    }


def test_what_the_proposed_text_is_cut_as_is_what_strip_takes() -> None:
    summaries = [f"“Story” {n} — told.  {FOOTER}" for n in range(6)]
    (one,) = suggested(stored(*summaries)).furniture

    assert [strip_boilerplate(text, one.texts) for text in summaries[:1]] == ["“Story” 0 — told."]


# All of them


def test_a_topic_narrows_what_is_suggested() -> None:
    items = stored("New tariffs.", "More small boats.", *[f"Story told. {FOOTER}"] * 6)

    found = suggested(items, topic="trade")

    assert [near.term for near in found.near] == ["tariff"]
    assert (found.names, found.furniture) == ((), ())


def test_each_kind_is_limited() -> None:
    items = stored("New tariffs, small boats, more countries, selling.")

    assert [len(suggested(items, limit=limit).near) for limit in (1, 2, 9)] == [1, 2, 4]


def test_nothing_stored_suggests_nothing() -> None:
    found = suggested([])

    assert (found.items, found.near, found.names, found.furniture) == (0, (), (), ())


def test_of_a_hostile_text_only_the_beginning_is_read() -> None:
    filler = "Aa Bb " * 200_000
    late = "x " * 20_000 + "They met at Royal Mint Court. New tariffs."
    hostile = stored(filler, filler.replace(" ", ". "), "A" * 1_000_000, filler.replace(" ", "-"))

    found = suggested([*hostile, *stored(late, late, late, first_id=101)])

    assert (found.names, found.near) == ((), ())
    assert all(len(text) < 20_000 for one in found.furniture for text in one.texts)


def test_every_near_miss_that_is_suggested_is_one_that_explain_names() -> None:
    items = stored("Engines of small boats, new tariffs and visas, more countries.")

    near = {(one.where, one.term) for one in suggested(items).near}
    explained = tune.explain(items[0].item, None, RuleBook(SPEC)).near

    assert near == {(miss.role, miss.term) for miss in explained}
    assert len(near) == 4
