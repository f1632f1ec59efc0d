"""The demo, run as a user runs it: every expectation of tests/data/demo_expected.json, end to end."""

from __future__ import annotations

import json
import sqlite3
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from .program import Ran, monitor, started

EXPECTED = json.loads((Path(__file__).parent / "data" / "demo_expected.json").read_text(encoding="utf-8"))
ITEMS = {item["id"]: item for item in EXPECTED["items"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def ran(folder: Path) -> Ran:
    return started("demo", "out", "--json", cwd=folder)


@pytest.fixture(scope="module")
def days(ran: Ran) -> list[dict[str, Any]]:
    """What each morning's poll and digests reported."""
    assert ran.code == 0
    found: list[dict[str, Any]] = ran.json["days"]
    return found


@pytest.fixture(scope="module")
def editions(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two editions as JSON."""
    return [json.loads(Path(day["digests"][0]["json"]).read_text(encoding="utf-8")) for day in days]


@pytest.fixture(scope="module")
def stored(ran: Ran, folder: Path) -> dict[str, dict[str, Any]]:
    """The stored items by address."""
    db = sqlite3.connect(folder / "out" / "monitor.db")
    db.row_factory = sqlite3.Row
    found = {row["url"]: dict(row) for row in db.execute("SELECT * FROM items")}
    db.close()
    return found


def test_the_failing_sources_fail_with_their_reason_and_all_others_are_read(
    days: list[dict[str, Any]],
) -> None:
    for day in days:
        failed = {s["id"]: s["error"] for s in day["poll"]["sources"] if s["status"] == "failed"}

        assert failed.keys() == EXPECTED["failed"].keys()
        for source, words in EXPECTED["failed"].items():
            assert words.casefold() in failed[source].casefold().replace("entities", "entity")


def test_a_feed_that_did_not_change_is_not_read_again(days: list[dict[str, Any]]) -> None:
    unchanged = [s["id"] for s in days[1]["poll"]["sources"] if s["status"] == "unchanged"]

    assert unchanged == EXPECTED["unchanged_on_day_2"]


@pytest.mark.parametrize(
    "item", [i for i in ITEMS.values() if i["relevant"] is not None], ids=lambda i: i["id"]
)
def test_each_item_is_judged_as_a_careful_reader_would(item: dict[str, Any], stored: dict[str, Any]) -> None:
    found = stored[item["url"]]

    assert bool(found["relevant"]) is item["relevant"], found["reason"]
    if item["topics"]:
        assert json.loads(found["topics"])[0] in item["topics"]


def test_one_page_in_two_feeds_is_one_item(stored: dict[str, Any], folder: Path) -> None:
    for first, second in EXPECTED["same_page"]:
        assert ITEMS[first]["url"] == ITEMS[second]["url"]
        assert ITEMS[first]["url"] in stored
    with sqlite3.connect(folder / "out" / "monitor.db") as db:
        (doubles,) = db.execute("SELECT count(*) - count(DISTINCT key) FROM items").fetchone()
    db.close()
    assert doubles == 0


def stories_of(editions: list[dict[str, Any]]) -> dict[str, str]:
    """Address → story, over both editions; an edition's stories are its own."""
    return {
        item["url"]: f"{number} {story['id']}"
        for number, edition in enumerate(editions)
        for story in edition["stories"]
        for item in story["items"]
    }


def test_reports_of_one_event_are_one_story_and_others_stand_apart(editions: list[dict[str, Any]]) -> None:
    story = stories_of(editions)
    shown = [item for item in ITEMS.values() if item["relevant"] and item["url"] in story]
    unsettled = {frozenset(pair) for pair in EXPECTED["unsettled_pairs"]}
    wrong = []
    for one, other in combinations(shown, 2):
        same_edition = story[one["url"]][0] == story[other["url"]][0]
        if not same_edition or one["url"] == other["url"] or frozenset((one["id"], other["id"])) in unsettled:
            continue
        together = one["story"] is not None and one["story"] == other["story"]
        if together is not (story[one["url"]] == story[other["url"]]):
            wrong.append((one["id"], other["id"], together))

    assert wrong == []


def test_an_event_reported_by_three_outlets_is_told_once(editions: list[dict[str, Any]]) -> None:
    most = max(editions[1]["stories"], key=lambda story: len({item["outlet"] for item in story["items"]}))

    assert len({item["outlet"] for item in most["items"]}) >= 3
    assert "Xi" in most["title"]


def test_each_relevant_item_is_in_exactly_one_edition(
    editions: list[dict[str, Any]], stored: dict[str, Any]
) -> None:
    shown = [item["url"] for edition in editions for story in edition["stories"] for item in story["items"]]
    updated = {update["url"] for update in EXPECTED["updated_on_day_2"]}
    relevant = {url for url, item in stored.items() if item["relevant"]}

    assert sorted(url for url in shown if url and url not in updated) == sorted(
        url for url in relevant if url and url not in updated
    )
    assert all(shown.count(url) == 2 for url in updated)


def test_a_changed_page_is_shown_as_an_update_with_its_old_title(editions: list[dict[str, Any]]) -> None:
    updates = [story for story in editions[1]["stories"] if story["updated"]]

    assert [(s["url"], s["updated"]["old_title"], s["title"]) for s in updates] == [
        (one["url"], one["was"], one["now"]) for one in EXPECTED["updated_on_day_2"]
    ]
    assert not any(story["updated"] for story in editions[0]["stories"])


def test_every_story_says_why_it_is_there(editions: list[dict[str, Any]]) -> None:
    stories = [story for edition in editions for story in edition["stories"]]

    assert all(story["why"] for story in stories)
    assert all({"topic", "term", "field", "text"} == why.keys() for story in stories for why in story["why"])


def test_the_coverage_counts_the_failures(editions: list[dict[str, Any]]) -> None:
    for edition in editions:
        assert edition["counts"]["sources_read"] == 17
        assert edition["counts"]["sources_total"] == 20


def test_the_topics_are_varied(editions: list[dict[str, Any]]) -> None:
    assert len({story["topic"] for story in editions[1]["stories"]}) >= 8


def test_strangers_markup_is_text_on_the_page(days: list[dict[str, Any]]) -> None:
    for day in days:
        page = Path(day["digests"][0]["html"]).read_text(encoding="utf-8")

        assert "<script" not in page
        assert 'href="javascript' not in page
        assert "\u202e" not in page


def test_a_second_demo_replaces_the_first_and_nothing_else(ran: Ran, folder: Path) -> None:
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")

    refused = monitor("demo", "mine", cwd=folder)

    assert refused.code == 2
    assert "thesis.txt" in refused.err
    assert (folder / "mine" / "thesis.txt").exists()


def test_the_demo_can_be_searched_and_explained_afterwards(ran: Ran, folder: Path) -> None:
    config = folder / "out" / "config.yaml"
    found = monitor("--config", config, "search", "embassy", "--json", cwd=folder).json["items"]

    assert found
    assert "RELEVANT" in monitor("--config", config, "explain", found[0]["id"], cwd=folder).out
