"""The health of terms over stored items."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import Judged, Label, RelevanceWeights, RuleSpec, Side

from .conftest import NOW, make_judged

SPEC = RuleSpec(
    uk=("UK", "Britain", "London"),
    china=("China", "Beijing"),
    both=("JETCO",),
    ignore=("bone china", "China Town"),
    elsewhere=("Canada", "Australia"),
    exclude=("horoscope", "recipe*"),
    topics=(
        ("trade", ("tariff*", "steel tariff*", "market access")),
        ("security", ("spies", "MI5")),
    ),
)


def stored(*items: str | tuple[str, str], **changes: Any) -> list[Judged]:
    """Items with ids from 1, one a day up to NOW; each a title, or a title with its summary."""
    pairs = [item if isinstance(item, tuple) else (item, "") for item in items]
    return [
        make_judged(
            title, id=id_, summary=summary, first_seen=NOW - timedelta(days=len(pairs) - id_), **changes
        )
        for id_, (title, summary) in enumerate(pairs, 1)
    ]


def health(
    items: Iterable[Judged],
    spec: RuleSpec = SPEC,
    labels: Mapping[int, Label] | None = None,
    sides: Mapping[str, Side | None] | None = None,
) -> tune.RulesHealth:
    return tune.stats(items, tune.Rules(RuleBook(spec), sides or {}), labels or {})


def term(found: tune.RulesHealth, name: str, where: str | None = None) -> tune.TermHealth:
    """The one term of this name, in this topic or list where several have it."""
    (one,) = [t for t in found.terms if t.term == name and where in (None, t.topic, t.role)]
    return one


def label(*ids: int, relevant: bool, topics: tuple[str, ...] | None = None) -> dict[int, Label]:
    return {id_: Label(id_, relevant, topics, NOW) for id_ in ids}


def test_a_term_is_counted_by_items_places_and_matched_items() -> None:
    found = health(stored("UK and China: UK tariffs", "UK weather", ("China", "The UK and China agree.")))

    uk, tariffs = term(found, "UK"), term(found, "tariff*")
    assert (found.items, found.matched, found.labelled) == (3, 2, 0)
    assert (uk.items, uk.matched, uk.hits, uk.last) == (3, 2, 4, NOW)
    assert (tariffs.items, tariffs.matched, tariffs.last) == (1, 1, NOW - timedelta(days=2))


def test_every_term_of_every_list_has_its_row_in_config_order() -> None:
    found = health(stored("UK and China"))

    assert [one.term for one in found.terms] == [
        *(*SPEC.uk, *SPEC.china, *SPEC.both, *SPEC.elsewhere, *SPEC.exclude),
        *(name for _, terms in SPEC.topics for name in terms),
        *SPEC.ignore,
    ]
    assert term(found, "MI5").word == "never"
    assert (term(found, "MI5").last, term(found, "MI5").example) == (None, None)


def test_only_counts_the_items_that_would_leave_the_digest() -> None:
    found = health(stored("UK and China", "UK, Britain and China", "Britain and China", "Britain"))

    assert (term(found, "UK").only, term(found, "UK").example) == (1, 1)
    assert (term(found, "Britain").only, term(found, "Britain").example) == (1, 3)
    assert term(found, "China").only == 3


def test_only_of_a_topics_term_counts_the_items_that_would_leave_the_topic() -> None:
    found = health(
        stored("UK and China on steel tariffs", "UK and China: tariffs, market access", "China tariffs")
    )

    assert term(found, "steel tariff*").only == 0, "the shorter term takes its place"
    assert term(found, "tariff*").only == 0
    assert term(found, "tariff*").items == 3
    assert term(health(stored("UK and China on tariffs")), "tariff*").only == 1


def test_only_of_an_excluding_term_counts_what_it_keeps_out() -> None:
    found = health(
        stored("UK and China horoscope", "UK and China: recipes for a horoscope", "UK horoscope", "Recipes")
    )

    assert (term(found, "horoscope").only, term(found, "recipe*").only) == (1, 0)
    assert (term(found, "horoscope").items, term(found, "horoscope").matched) == (3, 0)


def test_only_of_a_third_country_counts_what_it_keeps_out() -> None:
    found = health(stored(("Canada and China", "The UK watches."), "UK, Canada and China"))

    assert (term(found, "Canada").items, term(found, "Canada").only) == (2, 1)
    assert term(found, "Canada").example == 1


def test_what_a_source_implies_counts() -> None:
    items = stored("UK and China", source_id="gov")

    assert term(health(items), "UK").only == 1
    assert term(health(items, sides={"gov": "uk"}), "UK").only == 0


def mixed_items(count: int) -> list[Judged]:
    """Items of words thrown together, so that terms stand in every combination."""
    pieces = [*("UK", "Britain", "London", "China", "Beijing", "JETCO", "Canada", "Australia")]
    pieces += [*("horoscope", "steel tariffs", "tariffs", "market access", "spies", "MI5", "rain")]
    dice = random.Random(7)

    def some(most: int) -> str:
        return " and ".join(dice.sample(pieces, dice.randint(1, most)))

    return stored(*((some(4), f"{some(3)}. {some(3)}.") for _ in range(count)))


@pytest.mark.parametrize(
    ("role", "topic", "name"),
    [
        *(("uk", None, name) for name in SPEC.uk),
        *(("china", None, name) for name in SPEC.china),
        *(("both", None, name) for name in SPEC.both),
        *(("elsewhere", None, name) for name in SPEC.elsewhere),
        *(("exclude", None, name) for name in SPEC.exclude),
        *(("topic", topic, name) for topic, names in SPEC.topics for name in names),
    ],
)
@pytest.mark.parametrize("threshold", [3, 6])
def test_only_is_what_a_rule_book_without_the_term_says(
    role: str, topic: str | None, name: str, threshold: float
) -> None:
    weights = RelevanceWeights(threshold=threshold, fallback_topic="security")
    spec = replace(SPEC, weights=weights)
    items = mixed_items(80)
    book, without = RuleBook(spec), RuleBook(removed(spec, role, topic, name))
    changed = 0
    for judged in items:
        before, after = book.classify(judged.item), without.classify(judged.item)
        if topic is not None:
            changed += topic in before.topics and topic not in after.topics
        else:
            changed += before.relevant != after.relevant

    assert term(health(items, spec), name, topic or role).only == changed


def test_the_mixed_items_put_every_kind_of_term_to_the_test() -> None:
    alone = Counter({one.role: one.only or 0 for one in health(mixed_items(80)).terms if one.only})

    assert {*alone} == {"uk", "china", "both", "elsewhere", "exclude", "topic"}


def removed(spec: RuleSpec, role: str, topic: str | None, name: str) -> RuleSpec:
    if topic is None:
        left = tuple(one for one in getattr(spec, role) if one != name)
        return replace(spec, **{role: left})
    topics = tuple(
        (id_, tuple(one for one in terms if (id_, one) != (topic, name))) for id_, terms in spec.topics
    )
    return replace(spec, topics=topics)


def test_a_term_of_ignore_counts_the_items_from_which_it_took_words() -> None:
    spec = replace(SPEC, ignore=("bone china", "fine bone china", "China Town"))
    found = health(stored("Fine bone china from the UK", "Bone china, bone china", "China"), spec)

    assert [(term(found, name).items, term(found, name).hits) for name in spec.ignore] == [
        (1, 2),
        (1, 1),
        (0, 0),
    ]
    assert term(found, "bone china").only is None
    assert (term(found, "bone china").word, term(found, "China Town").word) == ("ok", "never")


def test_inside_names_the_terms_of_the_list_that_are_found_in_all_the_same_items() -> None:
    found = health(stored("UK, Britain and London", "UK and Britain", "UK and China"))

    assert term(found, "London").inside == ("UK", "Britain")
    assert term(found, "Britain").inside == ("UK",)
    assert term(found, "UK").inside == ()


def test_a_term_that_is_never_without_another_is_redundant() -> None:
    found = health(stored(*["UK and Britain with China"] * 5, "UK and China"))

    assert term(found, "Britain").word == "redundant"
    assert term(found, "UK").word == "sole carrier"


def test_of_two_terms_that_are_always_together_the_first_in_the_config_is_not_redundant() -> None:
    found = health(stored(*["UK and Britain with China"] * 5))

    assert (term(found, "UK").word, term(found, "Britain").word) == ("ok", "redundant")
    assert term(found, "UK").inside == ("Britain",)


def test_a_term_of_a_few_items_is_not_yet_redundant() -> None:
    assert term(health(stored(*["UK and Britain with China"] * 4)), "Britain").word == "ok"


def test_a_term_that_was_found_for_weeks_and_then_no_more_is_gone() -> None:
    weeks = stored(*["UK and China: spies", "rain", "rain"] * 12)
    then = stored(*["UK rain"] * 40)

    def both(silence: int) -> list[Judged]:
        early = [replace(one, first_seen=one.first_seen - timedelta(days=silence)) for one in weeks]
        return [*early, *(one for one in then if one.first_seen > early[-1].first_seen)]

    assert term(health(both(40)), "spies").word == "gone"
    assert term(health(both(40)), "spies").last == NOW - timedelta(days=42)
    assert term(health(both(20)), "spies").word == "sole carrier"


def test_a_term_with_long_silences_is_gone_only_after_a_longer_one() -> None:
    rare = [
        make_judged("UK and China: MI5", id=at + 1, first_seen=NOW - timedelta(days=400 - 50 * at))
        for at in range(6)
    ]
    last = make_judged("rain", id=9, first_seen=rare[-1].first_seen + timedelta(days=90))
    later = make_judged("rain", id=9, first_seen=rare[-1].first_seen + timedelta(days=110))

    assert term(health([*rare, last]), "MI5").word == "sole carrier"
    assert term(health([*rare, later]), "MI5").word == "gone"


def test_a_term_of_one_outlet_among_several_is_only_in_it() -> None:
    one = stored(*["Horoscope for the weekend"] * 5, outlet="Gazette")
    others = stored(*["rain"] * 6, outlet="Herald")

    horoscope = term(health([*one, *others]), "horoscope")
    assert (horoscope.word, horoscope.outlet) == ("only in", "Gazette")
    assert term(health([*one, *others[:4]]), "horoscope").word == "ok", "most items are of that outlet"


def test_rel_is_the_share_labelled_relevant_of_the_matched_items_that_are_labelled() -> None:
    items = stored(*["UK and China"] * 6, "UK rain")
    labels = {**label(1, relevant=True), **label(2, 3, 4, 5, 7, relevant=False)}

    uk = term(health(items, labels=labels), "UK")

    assert (uk.labelled, uk.right) == (5, 1), "item 7 is out: nothing was wrong with that"
    assert uk.word == "noisy"


def test_rel_of_a_topics_term_asks_for_its_topic_where_the_label_names_topics() -> None:
    items = stored(*["UK and China: spies"] * 3)
    labels = {
        **label(1, relevant=True, topics=("security",)),
        **label(2, relevant=True, topics=("trade",)),
        **label(3, relevant=True),
    }

    spies = term(health(items, labels=labels), "spies")

    assert (spies.labelled, spies.right) == (3, 2)


def test_four_labels_make_no_term_noisy() -> None:
    items = stored(*["UK and China"] * 4)

    assert term(health(items, labels=label(1, 2, 3, 4, relevant=False)), "UK").word == "sole carrier"


def test_a_topics_term_in_more_than_half_of_all_matched_items_is_noisy() -> None:
    items = stored(*["UK and China: tariffs"] * 11, *["UK and China"] * 9)

    assert term(health(items), "tariff*").word == "noisy"
    assert term(health([*items, *items[-2:]]), "tariff*").word == "sole carrier"
    assert term(health(items), "UK").word == "sole carrier", "a side's term does not sort"


def test_a_term_that_keeps_out_an_item_labelled_relevant_is_noisy() -> None:
    items = stored(("Canada and China", "The UK watches."), "Canada")
    found = health(items, labels=label(1, 2, relevant=True))

    canada = term(found, "Canada")
    assert (canada.word, canada.wrongly_out, canada.labelled, canada.right) == ("noisy", 1, 2, 2)


def test_it_is_early_to_judge_below_two_hundred_items() -> None:
    assert health(stored(*["rain"] * 199)).is_early
    assert not health(stored(*["rain"] * 200)).is_early


def test_nothing_stored_is_all_never() -> None:
    found = health([])

    assert (found.items, found.newest) == (0, None)
    assert {one.word for one in found.terms} == {"never"}


def test_every_word_has_its_meaning() -> None:
    assert {*tune.WORDS} == {*get_args(tune.Word)}
    assert all(meaning.strip() for meaning in tune.WORDS.values())
