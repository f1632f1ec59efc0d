"""Stored items tried under other rules: what moves, by which term, and whether that can be called safe."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import tune
from monitor.classify import RuleBook
from monitor.models import Judged, Label, RelevanceWeights, RuleSpec, Verdict
from monitor.tune.tally import moved

from .conftest import NOW, make_judged

SPEC = RuleSpec(
    uk=("UK", "British", "Starmer"),
    china=("China", "Chinese"),
    topics=(("trade", ("tariff*", "market access")), ("security", ("security", "spying"))),
)


def rules(spec: RuleSpec, sides: Mapping[str, str | None] | None = None) -> tune.Rules:
    return tune.Rules(RuleBook(spec), dict(sides or {}))


def judged_of(*titles: str) -> list[Judged]:
    return [make_judged(title, id=number) for number, title in enumerate(titles, 1)]


def replayed(
    items: Iterable[Judged],
    *,
    add: Iterable[str] = (),
    drop: Iterable[str] = (),
    spec: RuleSpec = SPEC,
    labels: Iterable[Label] = (),
    shown: int = 5,
) -> tune.Replay:
    after = tune.edited(spec, add=tuple(add), drop=tuple(drop))
    return tune.replay(
        items, rules(spec), rules(after), {label.item_id: label for label in labels}, shown=shown
    )


def label(item_id: int, relevant: bool, *topics: str) -> Label:
    return Label(item_id, relevant, topics or None, NOW)


def ids(samples: Iterable[tune.Sample]) -> list[int]:
    return [sample.id for sample in samples]


def effects(result: tune.Replay) -> dict[str, tuple[int, int, int, int, int]]:
    return {
        effect.change.term: (effect.items, effect.hits, effect.entered, effect.left, effect.refiled)
        for effect in result.terms
    }


def test_what_enters_leaves_and_is_refiled_is_counted_with_its_reason() -> None:
    items = judged_of(
        "Whitehall and China on tariffs",
        "Starmer and China on spying",
        "UK and China on security and tariffs",
        "UK and China on market access",
        "Tea in Kenya",
    )

    result = replayed(items, add=["uk:Whitehall"], drop=["uk:Starmer", "security:security"])

    assert (result.replayed, result.entered, result.left, result.refiled, result.unchanged) == (5, 1, 1, 1, 2)
    (entered,), (left,), (refiled,) = (result.samples[kind] for kind in ("entered", "left", "refiled"))
    assert (entered.id, entered.topics_after) == (1, ("trade",))
    assert entered.reason == "6 points, 3 needed (UK +3, China +3)"
    assert [because.context for because in entered.because] == ["[Whitehall] and China on tariffs"]
    assert (left.id, left.reason) == (2, "China yes, UK no (China +3)")
    assert (refiled.id, refiled.reason) == (3, "trade, security → trade")
    assert effects(result) == {
        "Whitehall": (1, 1, 1, 0, 0),
        "Starmer": (1, 1, 0, 1, 0),
        "security": (1, 1, 0, 0, 1),
    }


def test_a_term_is_credited_only_with_what_moves_by_it() -> None:
    items = judged_of("Whitehall and China on security and steel")

    result = replayed(items, add=["uk:Whitehall", "trade:steel"], drop=["security:security"])

    assert effects(result) == {
        "Whitehall": (1, 1, 1, 0, 0),
        "steel": (1, 1, 0, 0, 0),
        "security": (1, 1, 0, 0, 0),
    }


def test_terms_that_would_each_have_done_are_all_credited() -> None:
    result = replayed(judged_of("British and UK and China"), drop=["uk:UK", "uk:British"])

    assert effects(result) == {"UK": (1, 1, 0, 1, 0), "British": (1, 1, 0, 1, 0)}


def test_a_term_that_counts_double_is_one_change_with_its_effect() -> None:
    # The first sentence: 2 points of a topic, where the title has 12; twice as many are enough.
    item = make_judged("UK and China: spying, security ^", id=1, summary="A tariff.")
    spec = tune.edited(SPEC, drop=["security:spying"], add=["security:spying ^3"])
    result = replayed([item], spec=spec, drop=["trade:tariff*"], add=["trade:tariff* ^2"])

    assert [(e.change.kind, e.change.old, e.refiled) for e in result.terms] == [("changed", "tariff*", 1)]
    assert result.samples["refiled"][0].reason == "security → security, trade"


def test_words_that_ignore_takes_away_are_found_and_counted() -> None:
    items = judged_of("UK museum shows bone China", "UK sells bone China to China", "UK and China talk")

    result = replayed(items, add=["ignore:bone China"])

    assert effects(result) == {"bone China": (2, 2, 0, 1, 0)}
    assert ids(result.samples["left"]) == [1]
    assert result.samples["left"][0].because[0].context == "UK museum shows [bone China]"


def test_changed_terms_are_looked_for_in_what_ignore_leaves() -> None:
    spec = tune.edited(SPEC, add=["ignore:bone China"])

    result = replayed(judged_of("Steel and bone China sold to China"), spec=spec, add=["uk:Steel NOT bone"])

    assert effects(result) == {"Steel NOT bone": (1, 1, 1, 0, 0)}


def test_numbers_and_sides_of_sources_are_tried_too() -> None:
    items = judged_of("UK talks to China", "China opens a port")
    after = RuleSpec(**{**_fields(SPEC), "weights": RelevanceWeights(threshold=7)})

    by_number = tune.replay(items, rules(SPEC), rules(after), {})
    by_side = tune.replay(items, rules(SPEC), rules(SPEC, {"gazette": "uk"}), {})

    assert ids(by_number.samples["left"]) == [1]
    assert by_number.weights == (tune.WeightChange("threshold", 3, 7),)
    assert ids(by_side.samples["entered"]) == [2]
    assert by_side.sides == (tune.SideChange("gazette", None, "uk"),)


def test_only_another_first_topic_or_another_set_of_them_is_refiling() -> None:
    def verdict(*topics: str) -> Verdict:
        return Verdict(True, 6.0, topics, (), "rules1")

    assert moved(verdict("a", "b", "c"), verdict("a", "c", "b")) is None
    assert moved(verdict("a", "b"), verdict("b", "a")) == "refiled"
    assert moved(verdict("a"), verdict()) == "refiled"


def test_the_newest_samples_are_kept_and_no_more() -> None:
    items = [
        make_judged("Starmer and China", id=number, first_seen=NOW - timedelta(hours=number % 7))
        for number in range(1, 15)
    ]

    result = replayed(items, drop=["uk:Starmer"], shown=3)

    assert result.left == 14
    assert ids(result.samples["left"]) == [14, 7, 8]


def test_memory_does_not_grow_with_the_number_of_items() -> None:
    def many(count: int) -> Iterator[Judged]:
        return (make_judged("Starmer and China", id=n) for n in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        replayed(many(count), drop=["uk:Starmer"])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is made once

    assert peak(300) < peak(30) + 200_000


def test_labels_say_whether_an_edit_does_right() -> None:
    items = judged_of(
        "Starmer and China",
        "Starmer in China, privately",
        "Whitehall and China",
        "Whitehall cat and China cup",
        "UK and China: security, tariffs",
        "UK and China",
    )
    labels = [label(1, True), label(2, False), label(3, True), label(4, False), label(5, True, "security")]

    result = replayed(items, add=["uk:Whitehall"], drop=["uk:Starmer", "security:security"], labels=labels)

    assert result.labels == tune.LabelCounts(
        labelled=5, lost=1, gained=1, let_in=1, rightly_out=1, topics_lost=1
    )
    assert {kind: ids(result.samples[kind]) for kind in ("lost", "let_in", "misfiled")} == {
        "lost": [1],
        "let_in": [4],
        "misfiled": [5],
    }
    assert [sample.label for sample in result.samples["left"]] == [False, True]
    assert result.doubts[:3] == (
        "1 item labelled relevant is lost",
        "1 item labelled irrelevant comes in",
        "1 item loses a topic that its label names",
    )


MANY = [make_judged(f"UK and China, part {number}", id=1_000 + number) for number in range(200)]
STARMER = make_judged("Starmer and China", id=1)


@pytest.mark.parametrize(
    ("items", "labels", "doubt"),
    [
        ([STARMER], [label(1, False)], "1 item: too few to call safe; want 200"),
        ([STARMER, *MANY[:198]], [label(1, False)], "199 items: too few to call safe; want 200"),
        ([STARMER, *MANY], [label(1, True)], "1 item labelled relevant is lost"),
        (
            [STARMER, *MANY],
            [],
            "1 item leaves and is not labelled: look at it, then `monitor label ID relevant`",
        ),
        (
            [STARMER, make_judged("Starmer, Chinese", id=2), *MANY],
            [],
            "2 items leave, none of them labelled: look at them",
        ),
    ],
)
def test_an_edit_is_not_called_safe(items: list[Judged], labels: list[Label], doubt: str) -> None:
    result = replayed(items, drop=["uk:Starmer"], labels=labels)

    assert not result.safe
    assert result.why[0].startswith(doubt)
    assert len(result.why) == 1


def test_an_edit_is_called_safe_where_enough_was_replayed_and_nothing_speaks_against_it() -> None:
    out = replayed([STARMER, *MANY], drop=["uk:Starmer"], labels=[label(1, False), label(1_001, True)])
    nothing_leaves = replayed(MANY, drop=["uk:Starmer"])

    assert out.safe
    assert out.why == (
        "201 items replayed",
        "no item labelled relevant is lost and none labelled irrelevant comes in (2 labelled)",
    )
    assert nothing_leaves.safe
    assert nothing_leaves.why == ("200 items replayed, and none leaves",)


def test_an_added_term_must_have_been_found_a_few_times_to_be_called_safe() -> None:
    whitehall = [make_judged("Whitehall and China", id=number) for number in range(1, 6)]

    rare = replayed([*whitehall[:4], *MANY], add=["uk:Whitehall"])
    common = replayed([*whitehall, *MANY], add=["uk:Whitehall"])

    assert rare.doubts == ('"Whitehall" is found in fewer than 5 items: too few to tell what comes with it',)
    assert common.safe
    assert common.why[-1] == "5 items enter, none of them labelled: look at them"


def test_stored_verdicts_of_other_rules_are_counted_and_not_used() -> None:
    current = RuleBook(SPEC)
    stale = make_judged("Tea in Kenya", id=1, verdict=Verdict(True, 9.0, ("tea",), (), "older"))
    fresh = make_judged("UK and China", id=2)
    fresh = make_judged("UK and China", id=2, verdict=current.classify(fresh.item))

    result = replayed([stale, fresh], add=["uk:Whitehall"])

    assert (result.replayed, result.other_versions, result.unchanged) == (2, 1, 2)


def test_rules_that_are_the_same_are_not_replayed() -> None:
    def untouched() -> Iterator[Judged]:
        raise AssertionError("nothing is to be read")
        yield STARMER

    result = tune.replay(untouched(), rules(SPEC), rules(SPEC), {})

    assert (result.same, result.safe, result.why) == (True, True, ("the rules are the same",))


def test_reclassifying_judges_only_what_has_a_verdict_of_other_rules() -> None:
    book = RuleBook(SPEC)
    old = Verdict(False, 0.0, (), (), "older")
    items = [
        make_judged("UK and China on tariffs", id=1, verdict=old),
        make_judged("Tea in Kenya", id=2, verdict=old),
        make_judged("Chinese port", id=3, verdict=old, source_id="gov"),
        make_judged("UK and China", id=4, verdict=Verdict(False, 0.0, (), (), book.version)),
    ]
    tally = tune.Tally({1: label(1, True)}, book.version)

    verdicts = dict(tune.rejudged(items, tune.Rules(book, {"gov": "uk"}), tally))

    result = tally.result()
    assert {id_: verdict.relevant for id_, verdict in verdicts.items()} == {1: True, 2: False, 3: True}
    assert {verdict.rules_version for verdict in verdicts.values()} == {book.version}
    assert (result.replayed, result.other_versions, result.entered, result.unchanged) == (4, 3, 2, 2)
    assert result.labels.gained == 1


def _fields(spec: RuleSpec) -> dict[str, object]:
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


WORDS = ["UK", "British", "China", "Xi", "steel", "bone", "visa", "France", "port", ".", "talks"]
SIMPLE = ["UK", "British", "China", "Xi", "steel", "visa", "bone China", "UK ^2", "visa* ^3", "France"]
JOINED = [
    "steel NOT bone",
    "UK NEAR/2 China",
    "ATLEAST/2 port",
    "title: visa",
    "steel AND visa",
    "port SAME Xi",
]
LISTS = st.lists(st.sampled_from(SIMPLE + JOINED), max_size=3, unique=True).map(tuple)
WITH = {
    "uk": LISTS.map(lambda terms: ("UK", *terms)),
    "china": LISTS.map(lambda terms: ("China", *terms)),
    "both": st.sampled_from([(), ("port SAME Xi",)]),
    "ignore": st.sampled_from([(), ("bone China",), ("bone",), ("UK talks", "port"), ("talks",)]),
    "elsewhere": st.sampled_from([(), ("France",), ("France", "Xi")]),
    "exclude": st.sampled_from([(), (), ("ATLEAST/2 port",), ("steel NOT bone",)]),
    "topics": st.tuples(st.permutations(["trade", "travel"]), LISTS, LISTS).map(
        lambda made: tuple(zip(made[0], made[1:], strict=True))
    ),
    "weights": st.builds(
        RelevanceWeights, threshold=st.sampled_from([3.0, 5.0]), lead=st.sampled_from([1.0, 2.0])
    ),
}
SPECS = st.builds(RuleSpec, **WITH)
EDITS = st.sets(st.sampled_from([*WITH]), min_size=1, max_size=2).flatmap(
    lambda names: st.fixed_dictionaries({name: WITH[name] for name in names})
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=2, max_size=10).map(" ".join)
SIDES = st.sampled_from([{}, {}, {"gazette": "uk"}, {"gazette": "china"}])


@settings(max_examples=200, deadline=None)
@given(SPECS, EDITS, st.lists(st.tuples(TEXTS, TEXTS), min_size=3, max_size=6), SIDES, SIDES)
def test_looking_for_the_changed_terms_only_misses_nothing(
    before: RuleSpec,
    edits: dict[str, object],
    texts: list[tuple[str, str]],
    side_before: dict[str, str | None],
    side_after: dict[str, str | None],
) -> None:
    after = RuleSpec(**{**_fields(before), **edits})
    old, new = rules(before, side_before), rules(after, side_after)
    items = [
        make_judged(title, id=number, summary=summary) for number, (title, summary) in enumerate(texts, 1)
    ]
    expected = [
        moved(
            old.book.classify(one.item, old.side(one.item)), new.book.classify(one.item, new.side(one.item))
        )
        for one in items
    ]

    result = tune.replay(items, old, new, {}, shown=10)

    if result.same:
        assert expected == [None] * len(items)
    else:
        for kind in ("entered", "left", "refiled"):
            at = [number for number, how in enumerate(expected, 1) if how == kind]
            assert sorted(ids(result.samples[kind])) == at
