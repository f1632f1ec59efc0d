"""`monitor search`, `show` and `explain` as people use them: marked words, stories, ids as printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.models import Label, Match, Story, Verdict

from .conftest import NOW, make_item
from .program import Ran, monitor, write_config
from .storing import IRRELEVANT, MESSAGE, later, make_edition, open_store, record

THURSDAY = "2026-01-29T08:30:00Z"
MATCHES = (
    Match("uk", "Starmer", "title", "Starmer", 0, points=3.0),
    Match("china", "Xi", "title", "Xi", 14, points=3.0),
    Match("china", "Xi Jinping", "title", "Xi Jinping", 14, points=3.0),
    Match("topic", "trade", "lead", "trade", 15, topic="trade", points=2.0, where="summary"),
    Match("topic", "gone", "lead", "gone", 3, topic="trade", points=2.0, where="summary"),
)
VERDICT = Verdict(True, 8.0, ("diplomacy", "trade"), MATCHES, "rules1", (), "both sides")
PLAIN = Verdict(True, 6.0, ("trade",), (), "rules1", (), "both sides")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config and a database: a story of two reports, one item in Chinese, one that did not match."""
    folder = tmp_path_factory.mktemp("search")
    write_config(folder)
    (folder / "data").mkdir()
    with open_store(folder / "data") as store:
        summary = "They agreed on trade and little else."
        lead = make_item("Starmer meets Xi Jinping", summary=summary, published=later(hours=-8))
        record(store, make_item("Beijing hosts Starmer"), at=later(hours=-4), verdict=PLAIN)
        record(store, lead, at=later(hours=-3), verdict=VERDICT)
        record(store, make_item("Tea \x1b[31mprices\x07", summary="Kenya."), verdict=IRRELEVANT)
        record(store, make_item("新華社：國務院發布聲明", lang="zh"), at=later(hours=-1), verdict=PLAIN)
        other, first = sorted(store.unclaimed("daily"), key=lambda judged: judged.id)[:2]
        story = Story("s1", (first, other), ("same people and day",))
        store.publish(
            make_edition(), MESSAGE, [story], now=NOW, rules_version="r", looked_at=4, grouped=[story]
        )
        store.set_label(Label(2, True, ("trade",), NOW))
    return folder


def run(folder: Path, *args: str) -> Ran:
    return monitor("--now", THURSDAY, *args, cwd=folder)


def on_terminal(folder: Path, *args: str, **env: str) -> str:
    """What a terminal of 80 columns is sent."""
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "--now", THURSDAY, *args],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TERM": "xterm", "COLUMNS": "80", **env},
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=120,
            check=True,
        )
        assert done.stderr == b""
        return os.read(ours, 100_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def ids(ran: Ran) -> list[str]:
    return [item["id"] for item in ran.json["items"]]


# search


def test_a_hit_is_a_title_and_below_it_the_place_of_the_words(folder: Path) -> None:
    title, summary = run(folder, "search", "meets"), run(folder, "search", "trade")

    heading, *hit = summary.out.splitlines()
    assert heading.split() == ["ID", "DATE", "TOPIC", "OUTLET", "TITLE"]
    assert hit[0].split(maxsplit=4) == ["2", "2026-01-29", "diplomacy", "Gazette", "Starmer meets Xi Jinping"]
    assert hit[1].strip() == "They agreed on [trade] and little else."
    # Where the words are in the title, the summary says more than the title again.
    assert [line.split("  ")[-1] for line in title.out.splitlines()[1:]] == [
        "Starmer [meets] Xi Jinping",
        "They agreed on trade and little else.",
    ]


def test_a_hit_without_a_summary_is_one_line(folder: Path) -> None:
    assert len(run(folder, "search", "hosts").out.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["starmer"], ["1", "2"]),
        (["starmer", "--topic", "diplomacy"], ["2"]),
        (["starmer", "--topic", "trade,diplomacy", "--since", "2026-01-29T05:00Z"], ["2"]),
        (["国务院", "--since", "1d", "--relevant"], ["4"]),
        (["国务院", "NOT", "声明"], []),
        (["starmer", "--since", "2026-01-29T06:00Z"], []),
    ],
)
def test_hits_are_chosen_by_words_topic_and_time(folder: Path, options: list[str], found: list[str]) -> None:
    ran = run(folder, "search", *options, "--json")

    assert (sorted(ids(ran)), ran.code) == (found, 0 if found else 1)


def test_chinese_is_marked_as_the_item_writes_it(folder: Path) -> None:
    assert "新華社：[國務院]發布聲明" in run(folder, "search", "国务院").out


@pytest.mark.parametrize(
    ("option", "says"), [("--topic=trad", "did you mean trade?"), ("--since=soon", "--since 'soon'")]
)
def test_what_a_search_cannot_mean_is_refused(folder: Path, option: str, says: str) -> None:
    ran = run(folder, "search", "x", option)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_found_words_are_bold_on_a_terminal(folder: Path) -> None:
    assert "Starmer \x1b[1mmeets\x1b[0m Xi Jinping" in on_terminal(folder, "search", "meets")
    assert "\x1b[1mStarmer\x1b[0m meets \x1b[1mXi Jinping\x1b[0m" in on_terminal(folder, "show", "2")


def test_found_words_are_in_brackets_where_no_colour_is_wanted(folder: Path) -> None:
    assert "Starmer [meets] Xi Jinping" in on_terminal(folder, "search", "meets", NO_COLOR="1")


def test_a_title_cannot_steer_the_terminal(folder: Path) -> None:
    shown = on_terminal(folder, "search", "tea") + on_terminal(folder, "show", "3")

    assert "\x1b[31m" not in shown
    assert "\x07" not in shown


# show and explain


def test_show_tells_story_label_and_editions_and_marks_what_matched(folder: Path) -> None:
    lines = run(folder, "show", "2").out.splitlines()

    assert lines[0] == "2  [Starmer] meets [Xi Jinping]"
    for line in (
        "  label       relevant: trade",
        "  editions    daily 2026-01-29",
        "  summary     They agreed on [trade] and little else.",
        "  story       s1: 2 reports",
        "  report      1, Gazette, 2026-01-29: Beijing hosts Starmer (same people and day)",
    ):
        assert line in lines


def test_an_item_without_story_and_label_says_so_by_silence(folder: Path) -> None:
    shown = run(folder, "show", "4").out

    assert "  label       none\n" in shown
    assert "  story " not in shown


def test_show_as_json_has_the_same(folder: Path) -> None:
    shown = run(folder, "show", "2", "--json").json

    assert shown["label"] == {"relevant": True, "topics": ["trade"], "at": THURSDAY}
    assert shown["story"]["id"] == "s1"
    assert [report["id"] for report in shown["story"]["items"]] == ["2", "1"]
    assert [match["term"] for match in shown["matches"]][:2] == ["Starmer", "Xi"]
    unplaced = run(folder, "show", "4", "--json").json
    assert (unplaced["story"], unplaced["label"]) == (None, None)


@pytest.mark.parametrize("ref", ["2", "2.", "Id:|2.", "Id: 2.", "id:2", "s1", "S1.", "Id: s1."])
def test_show_takes_ids_as_digests_print_them_and_stories(folder: Path, ref: str) -> None:
    assert run(folder, "show", *ref.split("|"), "--json").json["id"] == "2"


def test_explain_takes_them_too(folder: Path) -> None:
    for ref in (["Id:", "2."], ["s1"]):
        assert run(folder, "explain", *ref).out.startswith("2  Gazette, 29 Jan 2026")


@pytest.mark.parametrize("ref", ["s4711", "4711", "Id: 4711.", "²", "no.", "https://gazette.example/none"])
def test_what_is_not_stored_is_said_with_the_way_to_what_is(folder: Path, ref: str) -> None:
    ran = run(folder, "show", ref)

    assert (ran.code, ran.out) == (2, "")
    assert "monitor s" in ran.err
