"""Reports of one event fold into one story; reports of different events stay apart."""

from __future__ import annotations

import calendar
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.group import WEIGHTS, Background, Report, Weights, b_cubed, group_items, group_reports
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


def test_two_meetings_of_one_commission_are_told_apart_by_their_number() -> None:
    text = "The trade secretary and the commerce minister lead the Joint Economic and Trade Commission."

    found = group_reports(
        [
            report(1, "UK and China hold 13th JETCO trade talks in Beijing", text, on=10),
            report(2, "UK and China hold 14th JETCO trade talks in London", text, on=15),
        ]
    )

    assert found == ((1,), (2,))


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
REPORTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.integers(1, 20), st.integers(0, 4)
    ),
    max_size=12,
)


@given(drawn=REPORTS, random=st.randoms(use_true_random=False))
def test_each_report_is_in_one_story_and_their_order_of_arrival_does_not_matter(
    drawn: list[tuple[list[str], int, int]], random: random.Random
) -> None:
    reports = [
        report(n, " ".join(title), "", f"O{outlet}", on) for n, (title, on, outlet) in enumerate(drawn)
    ]
    shuffled = random.sample(reports, len(reports))

    found = group_reports(reports)

    assert sorted(number for story in found for number in story) == list(range(len(reports)))
    assert group_reports(shuffled) == found


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
    assert sentence.endswith(f"points, {WEIGHTS.threshold:g} needed")


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
    names = [f"Name{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    chain = [report(n, " ".join(names[n : n + 4])) for n in range(22)]

    found = group_reports(chain)

    assert all(group_reports(pair) == ((pair[0].id, pair[1].id),) for pair in pairwise(chain))
    assert not any({0, 21} <= set(story) for story in found)


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

    assert f1 >= 0.93
    assert precision >= 0.98
    assert recall >= 0.88


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
