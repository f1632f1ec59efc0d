"""Reports of one event fold into one story; reports of different events stay apart."""

from __future__ import annotations

import calendar
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.group import Background, Memory, Report, Weights, b_cubed, group_items, group_reports
from monitor.models import Judged, Story
from tests.conftest import make_judged, shared


def day(number: int, hour: int = 9) -> datetime:
    return datetime(2026, 1, number, hour, tzinfo=UTC)


def report(id: int, title: str, summary: str = "", outlet: str = "", on: int = 20) -> Report:  # noqa: A002
    """A report dated to the day; each has an outlet of its own unless given."""
    return Report(id, title, summary, outlet or f"Outlet {id}", day(on), day(on))


def judged(id: int, title: str, on: int = 20, **changes: Any) -> Judged:  # noqa: A002
    values = {"outlet": f"Outlet {id}", "published": day(on), "first_seen": day(on, 12)} | changes
    return make_judged(title, id=id, **values)


STEEL = "Jingye threatens to shut the Scunthorpe blast furnaces within weeks"
STEEL_AGAIN = "Scunthorpe furnaces face closure, says Jingye"


# --- folds -----------------------------------------------------------------------------------------


def test_two_accounts_of_one_event_fold() -> None:
    assert group_reports([report(1, STEEL), report(2, STEEL_AGAIN, on=21)]) == ((1, 2),)


def test_one_wire_text_at_several_outlets_is_one_story() -> None:
    text = "A British minister met business leaders in Shanghai."

    found = group_reports([report(n, "British minister visits Shanghai", text, on=19 + n) for n in (1, 2, 3)])

    assert found == ((1, 2, 3),)


def test_a_chinese_headline_folds_with_its_traditional_twin_and_with_nothing_else() -> None:
    found = group_reports(
        [
            report(1, "英国首相访问北京 与主席会晤"),
            report(2, "英國首相與主席在北京會晤"),
            report(3, "英国央行维持利率不变"),
            report(4, "中国驻英国大使馆新馆址获批"),
        ]
    )

    assert found == ((1, 2), (3,), (4,))


def test_a_report_of_a_known_month_folds_with_one_of_a_known_day_in_it() -> None:
    vague = Report(1, STEEL, "The owner of British Steel wants an answer.", "Monthly", day(1), day(31))

    assert group_reports([vague, report(2, STEEL_AGAIN)]) == ((1, 2),)


# --- stays apart -----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [(12, 13, 14), (12, 14, 16)])
@pytest.mark.parametrize(
    "outlets", [("", "", ""), ("Gazette", "Gazette", "Gazette")], ids=["three outlets", "one"]
)
@pytest.mark.parametrize(
    "summary", ["", "The newspaper founder, a British citizen, denies working with foreign powers."]
)
def test_charge_conviction_and_sentence_in_one_week_are_three_stories(
    days: Sequence[int], outlets: Sequence[str], summary: str
) -> None:
    titles = [
        "Jimmy Lai charged under Hong Kong national security law",
        "Jimmy Lai found guilty in Hong Kong national security trial",
        "Jimmy Lai sentenced to twenty years in Hong Kong national security trial",
    ]

    found = group_reports([report(n, titles[n], summary, outlets[n], days[n]) for n in range(3)])

    assert found == ((0,), (1,), (2,))


def test_years_given_are_a_sentence_without_the_word() -> None:
    guilty = report(1, "Academic convicted of passing secrets to China", on=14)
    jailed = report(2, "Academic given seven years for passing secrets to China", on=15)

    assert group_reports([guilty, jailed]) == ((1,), (2,))


DRONES = "Engines for long-range drones came from the firms, the Foreign Office says."
DRONES_TOO = "The Foreign Office accuses the firms of supplying engines for drones."
OIL = "The Foreign Office says the Shandong refinery pays for the war."
OIL_TOO = "The Foreign Office acts against a Chinese buyer of Russian crude."


def test_two_rounds_of_sanctions_in_one_week_are_two_stories_each_with_its_echo() -> None:
    engines = "Three makers of drone engines are among fifty new names on the list."
    tools = "Five traders in machine tools and microchips are named in the package."

    found = group_reports(
        [
            report(1, "UK sanctions Chinese firms for supplying Russia", engines, on=20),
            report(2, "Britain puts Chinese makers of drone engines on Russia list", engines, on=20),
            report(3, "UK sanctions more Chinese companies over Russia war", tools, on=23),
            report(4, "Britain imposes new sanctions on Chinese entities aiding Russia", tools, on=23),
        ]
    )

    assert found == ((1, 2), (3, 4))


@pytest.mark.parametrize("later", [21, 22, 23])
def test_two_rounds_of_sanctions_on_consecutive_days_are_two_stories(later: int) -> None:
    found = group_reports(
        [
            report(1, "UK sanctions Chinese drone makers for supplying Russia", DRONES, on=20),
            report(2, "Britain hits Chinese drone engine makers with Russia sanctions", DRONES_TOO, on=20),
            report(3, "UK sanctions Chinese refinery for buying Russian oil", OIL, on=later),
            report(4, "Britain imposes sanctions on Shandong refinery over Russian oil", OIL_TOO, on=later),
        ]
    )

    assert found == ((1, 2), (3, 4))


def test_headlines_that_count_other_numbers_of_firms_tell_of_another_round() -> None:
    drones = "The Foreign Office froze the assets of makers of drone parts over the war in Ukraine."
    tools = "The Foreign Office froze the assets of traders in machine tools over the war in Ukraine."

    def told(first: str, second: str) -> tuple[tuple[int, ...], ...]:
        return group_reports([report(1, first, drones, on=20), report(2, second, tools, on=21)])

    assert told("UK sanctions Chinese firms over Russia", "UK sanctions Chinese firms over Russia") == (
        (1, 2),
    )
    assert told(
        "UK sanctions three Chinese firms over Russia", "UK sanctions 5 Chinese firms over Russia"
    ) == (
        (1,),
        (2,),
    )


@pytest.mark.parametrize("later", [12, 13, 16])
def test_charge_and_verdict_of_one_trial_are_two_stories_each_with_its_echo(later: int) -> None:
    court = "The man, who worked in parliament, appeared at Westminster magistrates' court."
    jury = "The man, who worked in parliament, passed notes to an agent, the Old Bailey jury found."

    found = group_reports(
        [
            report(1, "Former researcher charged with spying for China", court, on=12),
            report(2, "Parliament researcher in court charged with spying for China", court, on=12),
            report(3, "Former researcher found guilty of spying for China", jury, on=later),
            report(4, "Jury convicts parliament researcher of spying for China", jury, on=later),
        ]
    )

    assert found == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("first", "second"), [(day(10), day(15)), (datetime(2018, 8, 24, tzinfo=UTC), day(12))]
)
def test_two_meetings_of_one_commission_are_two_stories_in_one_week_and_years_apart(
    first: datetime, second: datetime
) -> None:
    dairy = "The 12th meeting of the Joint Economic and Trade Commission opened the market for dairy."
    cars = "The 13th meeting of the Joint Economic and Trade Commission dealt with electric cars."

    found = group_reports(
        [
            Report(1, "UK and China hold JETCO trade talks", dairy, "Gazette", first, first),
            Report(2, "Dairy market opened at JETCO talks, says Fox", dairy, "Herald", first, first),
            Report(3, "UK and China hold JETCO trade talks", cars, "Courier", second, second),
            Report(4, "Kyle and Wang talk of electric cars at JETCO", cars, "Argus", second, second),
        ]
    )

    assert found == ((1, 2), (3, 4))


def test_two_meetings_of_one_commission_are_told_apart_by_the_number_in_their_headlines() -> None:
    text = "The trade secretary and the commerce minister lead the Joint Economic and Trade Commission."

    found = group_reports(
        [
            report(1, "UK and China hold 13th JETCO trade talks in Beijing", text, on=10),
            report(2, "UK and China hold 14th JETCO trade talks in London", text, on=15),
        ]
    )

    assert found == ((1,), (2,))


ANSWERS = (
    (
        "BN(O) families wait for a clear answer on settlement",
        "Hong Kong families in Britain ask the Home Office whether the five-year route stays.",
    ),
    ("Scunthorpe steelworkers want an answer", "Workers ask the government what becomes of the furnaces."),
    (
        "Hongkongers with BN(O) visas want a clear answer from the Home Office",
        "Families fear that the route to settlement will take ten years.",
    ),
    (
        "Steelworkers in Scunthorpe wait for a clear answer on furnaces",
        "Jingye and the government have yet to say who pays.",
    ),
)


@pytest.mark.parametrize("ids", [*permutations((1, 2, 3, 4))])
def test_a_turn_of_phrase_does_not_fold_two_affairs_of_one_day_whatever_the_ids(ids: Sequence[int]) -> None:
    found = group_reports(
        [report(n, *texts, f"Outlet {texts}") for n, texts in zip(ids, ANSWERS, strict=True)]
    )

    assert {frozenset(story) for story in found} == {frozenset(ids[0::2]), frozenset(ids[1::2])}


def test_the_same_headline_after_more_than_a_week_is_another_event() -> None:
    text = "The trade secretary and the commerce minister lead the Joint Economic and Trade Commission."

    found = group_reports(
        [report(n, "UK and China hold JETCO trade talks", text, on=on) for n, on in [(1, 5), (2, 13)]]
    )

    assert found == ((1,), (2,))


@pytest.mark.parametrize("later", [21, 22, 25])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Foreign Secretary statement on Hong Kong", ""), ("Foreign Secretary statement on Hong Kong", "")),
        (
            ("Foreign Secretary statement on Hong Kong", "A statement on the national security trial."),
            ("Foreign Secretary statement on Hong Kong", "A statement on arrest warrants for activists."),
        ),
        (
            (
                "Statement on the sentencing of activists in Hong Kong",
                "A statement following the sentencing.",
            ),
            (
                "Statement on new bounties on activists in Hong Kong",
                "A statement following the police's announcement.",
            ),
        ),
    ],
)
def test_statements_of_one_ministry_on_different_days_are_different_stories(
    first: tuple[str, str], second: tuple[str, str], later: int
) -> None:
    found = group_reports([report(1, *first, "GOV.UK", on=20), report(2, *second, "GOV.UK", on=later)])

    assert found == ((1,), (2,))


def test_common_words_of_the_beat_do_not_make_a_story() -> None:
    titles = [
        "UK and China discuss trade in Beijing",
        "China says UK government must act on trade",
        "British minister warns on Chinese security risk",
        "London and Beijing officials hold security talks",
    ]

    assert group_reports([report(n, title) for n, title in enumerate(titles)]) == ((0,), (1,), (2,), (3,))


def test_a_page_without_a_date_needs_more_than_its_subject_to_join() -> None:
    title = "Scunthorpe furnaces explained"
    timeless, dated = Report(1, title, "", "Explainers"), report(1, title)

    assert group_reports([timeless, report(2, STEEL_AGAIN)]) == ((1,), (2,))
    assert group_reports([dated, report(2, STEEL_AGAIN)]) == ((1, 2),)


def test_empty_reports_stay_alone() -> None:
    assert group_reports([report(1, ""), report(2, ""), report(3, "", "…")]) == ((1,), (2,), (3,))


# --- whole batches ---------------------------------------------------------------------------------


def test_no_reports_make_no_stories() -> None:
    assert group_reports([]) == ()
    assert group_items([]) == ()


LETTERS = ("ba", "do", "fi", "ga", "lu", "me", "no", "pe", "ri", "su", "ta", "vo", "we", "ze")
WORDS = [
    "Jingye",
    "Scunthorpe",
    "furnace",
    "embassy",
    "Royal",
    "Mint",
    "tariff",
    "panda",
    "Burberry",
    "talks",
    "UK",
]
TOWNS = """
    Aldgate Bicester Corby Dundee Exeter Falkirk Gower Huddersfield Ipswich Jarrow Kelso Ludlow Margate
    Nairn Oban Penzance Quorn Redcar Swindon Thurso Ullapool Ventnor Whitby Xanten Yarmouth Zennor
"""
REPORTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.integers(1, 20), st.integers(0, 4)
    ),
    max_size=12,
)


@given(drawn=REPORTS, random=st.randoms(use_true_random=False))
def test_neither_ids_nor_order_of_arrival_make_a_difference(
    drawn: list[tuple[list[str], int, int]], random: random.Random
) -> None:
    texts = [(" ".join(title), "", f"O{outlet}", on) for title, on, outlet in drawn]
    ids = random.sample(range(1000), len(texts))
    renamed = [report(n, *text) for n, text in zip(ids, texts, strict=True)]

    found = group_reports([report(n, *text) for n, text in enumerate(texts)])
    again = group_reports(random.sample(renamed, len(renamed)))

    assert sorted(number for story in found for number in story) == list(range(len(texts)))
    told = dict(zip(ids, texts, strict=True))
    assert sorted(sorted(told[n] for n in story) for story in again) == sorted(
        sorted(texts[n] for n in story) for story in found
    )


@given(drawn=REPORTS, random=st.randoms(use_true_random=False))
def test_neither_ids_nor_the_order_of_earlier_stories_make_a_difference_to_what_continues_them(
    drawn: list[tuple[list[str], int, int]], random: random.Random
) -> None:
    texts = [(" ".join(title), on, f"O{outlet}") for title, on, outlet in drawn]
    half = len(texts) // 2
    ids = random.sample(range(1000), len(texts))

    def continued(names: Sequence[int], shuffle: bool) -> list[list[tuple[str, int, str]]]:
        told = dict(zip(names, texts, strict=True))
        items = [judged(n, title, on, outlet=outlet) for n, (title, on, outlet) in told.items()]
        stories = group_items(items[:half])
        new = items[half:]
        if shuffle:
            stories, new = random.sample(stories, len(stories)), random.sample(new, len(new))
        earlier = {story.id: story.items for story in stories}
        return sorted(
            sorted(told[one.id] for one in (*story.items, *earlier.get(story.id, ())))
            for story in group_items(new, stories)
        )

    assert continued(range(len(texts)), shuffle=False) == continued(ids, shuffle=True)


def test_words_that_a_store_has_counted_as_common_no_longer_bind() -> None:
    reports = [
        report(1, "Scunthorpe furnaces: unions speak"),
        report(2, "Scunthorpe furnaces: prices of scrap"),
    ]
    counted = Background(1000, {"scunthorpe": 400, "furnaces": 400})

    assert group_reports(reports) == ((1, 2),)
    assert group_reports(reports, background=counted) == ((1,), (2,))


def test_a_higher_threshold_splits() -> None:
    reports = [report(1, STEEL), report(2, STEEL_AGAIN)]

    assert group_reports(reports, weights=Weights(threshold=30)) == ((1,), (2,))


def test_the_more_reports_there_are_of_the_same_days_the_more_is_needed() -> None:
    pair = [
        report(1, "Edinburgh Zoo counts the cost of its pandas", on=20),
        report(2, "Zoo in Edinburgh awaits word on pandas", on=21),
    ]
    places = [f"{a}{b}ton" for a in ("Wal", "Nor", "Mil", "Car", "Hex", "Dal") for b in LETTERS]
    others = [report(n, f"Fair opens at {place}", on=20) for n, place in enumerate(places, 10)]
    long_ago = [replace(one, earliest=day(1), latest=day(1)) for one in others]

    def needed(batch: Sequence[Report]) -> float:
        items = [judged(one.id, one.title, published=one.earliest) for one in batch]
        [story] = [story for story in group_items(items) if {one.id for one in story.items} >= {1, 2}]
        return float(story.why_together[0].rsplit(" points, ")[1].removesuffix(" needed"))

    assert needed(pair + long_ago) < needed(pair) < needed(pair + others)


def test_later_reports_show_two_stories_to_be_one() -> None:
    furnaces = report(1, "Scunthorpe furnaces run out of coking coal", on=20)
    talks = report(2, "Jingye walks out of talks with Reynolds", on=20)
    whole = report(
        3, "Jingye walks out of talks with Reynolds as Scunthorpe furnaces run out of coking coal", on=21
    )

    assert group_reports([furnaces, talks]) == ((1,), (2,))
    assert group_reports([furnaces, talks, whole]) == ((1, 2, 3),)


# --- stories ---------------------------------------------------------------------------------------


def test_a_story_is_named_after_its_smallest_item_and_stories_come_in_that_order() -> None:
    found = group_items(
        [judged(9, STEEL), judged(4, STEEL_AGAIN, on=21), judged(7, "Pandas leave Edinburgh Zoo")]
    )

    assert [story.id for story in found] == ["s4", "s7"]


@pytest.mark.parametrize(
    ("kinds", "lead"),
    [
        (("uk-media", "world-media", "official-uk"), 2),
        (("uk-media", "official-china", "parliament"), 1),
        (("other", "state-media", "trade-press"), 2),
        (("uk-media", "uk-media", "uk-media"), 0),
    ],
)
def test_the_story_is_led_by_the_best_kind_of_source_and_then_by_the_earliest(
    kinds: tuple[Any, ...], lead: int
) -> None:
    items = [judged(n, STEEL, on=20 + n, kind=kind) for n, kind in enumerate(kinds)]

    [story] = group_items(items)

    assert story.lead.id == lead


def test_a_story_says_why_each_report_joined() -> None:
    [story] = group_items(
        [judged(1, STEEL, outlet="Gazette"), judged(2, STEEL_AGAIN, on=21, outlet="Herald")],
    )

    [sentence] = story.why_together
    assert sentence.startswith(f"with {STEEL} (Gazette): ")
    named = sentence.removeprefix(f"with {STEEL} (Gazette): ").partition(" in common; ")[0]
    assert set(named.split(", ")) <= {"Jingye", "Scunthorpe", "furnaces"}
    assert "; 1 day apart; " in sentence
    points, needed = re.findall(r"(\d+\.\d) (?:points|needed)", sentence)
    assert sentence.endswith(f"; {points} points, {needed} needed")
    assert float(points) >= float(needed) > 0


def test_the_report_that_opened_a_story_gives_its_reason_when_another_leads() -> None:
    [story] = group_items(
        [judged(1, STEEL, outlet="Gazette"), judged(2, STEEL_AGAIN, outlet="GOV.UK", kind="official-uk")]
    )

    assert story.lead.id == 2
    assert [sentence.partition(":")[0] for sentence in story.why_together] == [f"with {STEEL_AGAIN} (GOV.UK)"]


def test_the_time_an_item_was_first_seen_stands_in_for_its_date() -> None:
    [story] = group_items([judged(1, STEEL, published=None), judged(2, STEEL_AGAIN, published=None)])
    apart = group_items(
        [judged(1, STEEL, published=None), judged(2, STEEL_AGAIN, published=None, first_seen=day(2))]
    )

    assert "same day" in story.why_together[0]
    assert len(apart) == 2


def test_longer_text_serves_where_there_is_no_summary() -> None:
    text = "Jingye told unions at Scunthorpe that both blast furnaces would close."
    found = group_items(
        [judged(1, "Steel jobs at risk", text=text), judged(2, "Plant may shut", summary=text)]
    )

    assert len(found) == 1


def test_an_item_that_continues_an_earlier_story_keeps_that_storys_id() -> None:
    earlier = Story("s3", (judged(3, STEEL, on=19),))

    found = group_items([judged(8, STEEL_AGAIN), judged(9, "Pandas leave Edinburgh Zoo")], [earlier])

    assert [(story.id, [one.id for one in story.items]) for story in found] == [("s3", [8]), ("s9", [9])]


def test_a_new_version_of_an_item_stays_in_its_story_whatever_it_says_now() -> None:
    earlier = Story("s3", (judged(3, STEEL, on=19), judged(5, STEEL_AGAIN, on=19)))

    found = group_items([judged(5, "Unions and owner reach a deal", on=20)], [earlier])

    assert [(story.id, [one.id for one in story.items]) for story in found] == [("s3", [5])]


def test_a_story_does_not_grow_without_end_by_a_chain_of_single_likenesses() -> None:
    names = TOWNS.split()
    chain = [report(n, " ".join(names[n : n + 4])) for n in range(22)]

    found = group_reports(chain)

    assert all(group_reports(pair) == ((pair[0].id, pair[1].id),) for pair in pairwise(chain))
    assert not any({0, 21} <= set(story) for story in found)


def test_what_later_reports_show_never_makes_one_of_two_stories_that_were_told() -> None:
    furnaces = Story("s1", (judged(1, "Scunthorpe furnaces run out of coking coal"),))
    talks = Story("s2", (judged(2, "Jingye walks out of talks with Reynolds"),))
    whole = judged(
        3, "Jingye walks out of talks with Reynolds as Scunthorpe furnaces run out of coking coal", on=21
    )

    [story] = group_items([whole], [furnaces, talks])

    assert story.id in {"s1", "s2"}
    assert [one.id for one in story.items] == [3]


def test_a_memory_made_once_serves_batch_after_batch_as_the_stories_themselves_would() -> None:
    stories = [Story("s3", (judged(3, STEEL, on=19),)), Story("s4", (judged(4, "Pandas leave", on=19),))]
    memory = Memory(stories)
    batches = [
        [judged(8, STEEL_AGAIN), judged(9, "Royal Mint embassy vote")],
        [judged(10, STEEL_AGAIN, on=21)],
    ]

    assert [group_items(batch, memory) for batch in batches] == [
        group_items(batch, stories) for batch in batches
    ]


def test_a_memory_learns_of_new_stories_and_of_new_reports_in_old_ones() -> None:
    memory = Memory([Story("s3", (judged(3, STEEL, on=12),))])
    late = judged(9, "Scunthorpe steel: Jingye to shut furnaces within weeks", on=22)
    before = group_items([late], memory)

    memory.add(
        [Story("s3", (judged(5, STEEL_AGAIN, on=18),)), Story("s6", (judged(6, "Pandas leave", on=18),))]
    )

    assert [story.id for story in before] == ["s9"]
    assert [story.id for story in group_items([late], memory)] == ["s3"]


def test_every_reason_names_a_report_of_the_story_and_words_of_both() -> None:
    rng = random.Random(7)
    items = [
        judged(
            n, " ".join(rng.sample(WORDS, 5)), on=rng.randint(10, 20), kind=rng.choice(["other", "uk-media"])
        )
        for n in range(60)
    ]

    stories = group_items(items)

    assert any(len(story.items) > 2 for story in stories)
    for story in stories:
        by_outlet = {one.outlet: one for one in story.items}
        assert len(story.why_together) == len(story.items) - 1
        for one, sentence in zip(story.items[1:], story.why_together, strict=True):
            title, outlet, named = re.fullmatch(
                r"with (.+) \((Outlet \d+)\): (.+) in common; .*", sentence
            ).groups()
            other = by_outlet[outlet]
            assert other is not one
            assert other.item.title == title
            assert {*named.split(", ")} <= {*one.item.title.split()} & {*title.split()}
            points, needed = map(float, re.findall(r"(\d+\.\d) (?:points|needed)", sentence))
            assert points >= needed


# --- the measure -----------------------------------------------------------------------------------


def test_b_cubed_is_perfect_where_groups_and_events_agree() -> None:
    assert b_cubed({1: "a", 2: "a", 3: "b"}, {1: "x", 2: "x", 3: "y"}) == (1.0, 1.0, 1.0)
    assert b_cubed({}, {}) == (1.0, 1.0, 1.0)


def test_b_cubed_counts_a_wrong_fold_as_precision_and_a_split_as_recall() -> None:
    folded = b_cubed(dict.fromkeys((1, 2, 3, 4), "all"), {1: "x", 2: "x", 3: "y", 4: "y"})
    split = b_cubed({1: "a", 2: "b"}, {1: "x", 2: "x"})

    assert folded == pytest.approx((0.5, 1.0, 2 / 3))
    assert split == pytest.approx((1.0, 0.5, 2 / 3))


def test_b_cubed_refuses_different_items() -> None:
    with pytest.raises(ValueError, match="same ids"):
        b_cubed({1: "a"}, {2: "a"})


# --- real data -------------------------------------------------------------------------------------


def labelled() -> list[dict[str, Any]]:
    lines = (shared("corpus") / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["relevant"]]


def span(row: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The day, or the first and last day of the month or year that is known."""
    known = row["date"] or row["approx_date"]
    if not known:
        return None, None
    year, month, date = ([*map(int, known.split("-")), 0, 0])[:3]
    last_month = month or 12
    last_day = date or calendar.monthrange(year, last_month)[1]
    return datetime(year, month or 1, date or 1, tzinfo=UTC), datetime(year, last_month, last_day, tzinfo=UTC)


def agreement(rows: list[dict[str, Any]], reports: list[Report]) -> tuple[float, float, float]:
    predicted = {member: story[0] for story in group_reports(reports) for member in story}
    return b_cubed(predicted, {n: row["event"] or row["id"] for n, row in enumerate(rows)})


def test_labelled_reports_are_grouped_well_and_rather_split_than_wrongly_folded() -> None:
    rows = labelled()
    reports = [
        Report(n, row["title"], row["summary"], row["outlet"], *span(row)) for n, row in enumerate(rows)
    ]

    precision, recall, f1 = agreement(rows, reports)

    assert f1 >= 0.96
    assert precision >= 0.96
    assert recall >= 0.94


def test_twenty_years_of_events_pressed_into_one_month_still_make_few_wrong_folds() -> None:
    rows = [row for row in labelled() if row["date"]]
    first: dict[str, datetime] = {}
    for row in rows:
        when = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
        first[row["event"] or row["id"]] = min(when, first.get(row["event"] or row["id"], when))
    rng = random.Random(20260129)
    opens = {event: day(1) + timedelta(days=rng.randrange(30)) for event in sorted(first)}

    def pressed(n: int, row: dict[str, Any]) -> Report:
        event = row["event"] or row["id"]
        when = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
        moved = opens[event] + min(when - first[event], timedelta(days=7))
        return Report(n, row["title"], row["summary"], row["outlet"], moved, moved)

    precision, _, f1 = agreement(rows, [pressed(n, row) for n, row in enumerate(rows)])

    assert precision >= 0.88
    assert f1 >= 0.88


def seed_paragraphs(folder: Path, number: int) -> list[str]:
    [path] = folder.glob(f"{number:03}_*.txt")
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


# (number, index of the first paragraph of news, a headline, the day it was published)
OTHER_SEEDS = (
    (0, 0, "UK and China to hold first formal trade talks in seven years", datetime(2025, 9, 9, tzinfo=UTC)),
    (
        1,
        7,
        "UK Seeks Trade Ties with China Amid Heightened Security Concerns",
        datetime(2025, 6, 25, tzinfo=UTC),
    ),
    (2, 2, "UK to advance targeted science cooperation with China", datetime(2025, 11, 11, tzinfo=UTC)),
)
FT_TITLES = ("Starmer meets Xi Jinping as both sides seek to strengthen trade ties", "")
CLASH_TITLES = ("Starmer: UK Wants Sophisticated Strategic Partnership with China", "")


@pytest.mark.parametrize("are_dated", [True, False], ids=["dated", "all first seen on one day"])
@pytest.mark.parametrize("length", [1, 2, 4, None], ids=["one", "two", "four", "all"])
@pytest.mark.parametrize(("ft_title", "clash_title"), [*product(FT_TITLES, CLASH_TITLES)])
def test_the_two_accounts_of_the_january_meeting_fold_and_the_other_three_articles_stay_alone(
    ft_title: str, clash_title: str, length: int | None, are_dated: bool
) -> None:
    folder = shared("seeds")
    reports = []
    for number, start, title, when in OTHER_SEEDS:
        text = " ".join(seed_paragraphs(folder, number)[start:][:length])
        shown = when if are_dated else day(29)
        reports.append(Report(number, title, text, f"Outlet {number}", shown, shown))
    for number, start, title, outlet in [
        (3, 2, ft_title, "Financial Times"),
        (4, 1, clash_title, "Clash Report"),
    ]:
        news = seed_paragraphs(folder, number)[start:]
        first_sentence = news[0].partition(". ")[0]
        reports.append(
            Report(number, title or first_sentence, " ".join(news[:length]), outlet, day(29), day(29))
        )

    assert group_reports(reports) == ((0,), (1,), (2,), (3, 4))
