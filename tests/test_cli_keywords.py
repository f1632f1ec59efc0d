"""`monitor stats` and `monitor suggest` as their users meet them."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import config, tune
from monitor.classify import RuleBook
from monitor.models import Item, Label, Verdict
from monitor.store import Store

from .conftest import NOW, make_item, make_source
from .program import monitor, write_config
from .storing import outcome

THURSDAY = "2026-01-29T12:00Z"
SOURCES = "{id: gazette, url: 'https://gazette.example/feed', kind: uk-media, strip: ['Hide Ad']}"
RULES = """
rules:
  sides:
    uk: [UK, Britain]
    china: [China]
  ignore: [bone china]
  exclude: [horoscope]
topics:
  diplomacy: {title: Diplomacy, terms: [envoy]}
  trade: {title: Trade and investment, terms: [tariff*, market access]}
"""
FOOTER = "Sign here for the morning note from our desk."
OUT = Verdict(False, 0.0, (), (), "older")


def database(folder: Path, *items: Item) -> Path:
    """A folder with a config and a database of these items, with ids from 1, one a day up to NOW."""
    write_config(folder, sources=SOURCES, rules=RULES)
    (folder / "data").mkdir()
    with Store.open(folder / "data" / "monitor.db") as store:
        store.sync_sources([make_source("gazette"), make_source("herald")])
        for age, item in zip(reversed(range(len(items))), items, strict=True):
            store.record(outcome(item, source=item.source_id, verdict=OUT), NOW - timedelta(days=age))
    return folder


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Items that give `stats` and `suggest` something to say."""
    summaries = [
        f"They met at Royal Mint Court in week {n} over tariffs; envoys spoke. {FOOTER}" for n in range(1, 6)
    ]
    return database(
        tmp_path,
        *(
            make_item(f"UK and China, week {n}", summary=text, source_id=source)
            for n, (text, source) in enumerate(
                zip(summaries, ["gazette", "herald", "gazette", "gazette", "gazette"], strict=True), 1
            )
        ),
        make_item("UK and China: horoscope"),
        make_item("Fine bone china", summary=f"A plate. {FOOTER}"),
    )


def test_stats_prints_a_table_with_its_legend_and_the_rest_as_counts(stored: Path) -> None:
    ran = monitor("--now", THURSDAY, "stats", cwd=stored)

    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0].startswith("7 items: 5 matched under today's rules (")
    assert "it is early to judge" in lines[1]
    assert lines[3] == "TERM IN ITEMS MATCHED ONLY HITS INSIDE REL LAST SAYS"
    assert "UK uk 6 5 5 6 - - 28 Jan sole carrier of 5 items, such as 5" in lines
    assert "horoscope exclude 1 0 1 1 - - 28 Jan sole carrier of 1 item, such as 6" in lines
    assert any(line.startswith("sole carrier: ") for line in lines)
    assert "8 terms: 4 sole carrier, 1 ok, 3 never." in lines
    assert "Never found: uk 1 of 2, diplomacy 1 of 1, trade 1 of 2." in lines
    assert lines[-1] == "Shown: 4. monitor stats --all shows all 8 terms."


def test_stats_all_has_every_term(stored: Path) -> None:
    ran = monitor("--now", THURSDAY, "stats", "--all", cwd=stored)

    rows = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert "market access trade 0 0 - 0 - - never never" in rows
    assert "bone china ignore 1 0 - 1 - - 29 Jan ok" in rows
    assert "--all shows" not in ran.out


def test_stats_can_be_of_some_topics_and_lists_and_of_some_time(stored: Path) -> None:
    chosen = monitor(
        "--now", THURSDAY, "stats", "--topic", "trade", "--list", "uk,ignore", "--json", cwd=stored
    ).json
    late = monitor("--now", THURSDAY, "stats", "--since", "2d", "--json", cwd=stored).json

    assert [term["list"] for term in chosen["terms"]] == ["uk", "uk", "trade", "trade", "ignore"]
    assert (chosen["items"], late["items"]) == (7, 2)
    assert late["since"] == "2026-01-27T12:00:00Z"


def test_stats_json_has_all_of_a_term(stored: Path) -> None:
    with Store.open(stored / "data" / "monitor.db") as store:
        store.set_label(Label(1, True, None, NOW))
        store.set_label(Label(2, False, None, NOW))

    said = monitor("--now", THURSDAY, "stats", "--json", cwd=stored).json

    assert (said["schema_version"], said["matched"], said["labelled"], said["early"]) == (1, 5, 2, True)
    assert said["words"]["never"]["terms"] == 3
    assert "found in no item" in said["words"]["never"]["means"]
    uk = said["terms"][0]
    assert uk == {
        "list": "uk",
        "topic": None,
        "term": "UK",
        "items": 6,
        "matched": 5,
        "only": 5,
        "hits": 6,
        "inside": [],
        "labelled": 2,
        "labelled_relevant": 1,
        "wrongly_out": 0,
        "last": "2026-01-28T08:30:00Z",
        "outlet": None,
        "example": "5",
        "says": "sole carrier",
        "why": "sole carrier of 5 items, such as 5",
    }


def test_suggest_prints_for_each_kind_what_to_type_or_paste(stored: Path) -> None:
    ran = monitor("--now", THURSDAY, "suggest", cwd=stored)

    assert ran.code == 0
    lines = [line.strip() for line in ran.out.splitlines()]
    assert any(line.startswith('diplomacy "envoy": envoys; 5 items would be filed') for line in lines)
    assert "monitor diff --add diplomacy:envoys" in lines
    assert "Royal Mint Court: 5 matched items of 2 outlets, mostly trade, such as 5" in lines
    assert 'monitor diff --add trade:"Royal Mint Court"' in lines
    assert "needs 30 labels, have 0: monitor label --next" in lines
    assert "needs labels: monitor label --next" in lines
    assert f'strip: ["Hide Ad", "{FOOTER}"]' in lines


def test_what_suggest_proposes_is_taken_by_diff_and_by_the_config(stored: Path) -> None:
    said = monitor("--now", THURSDAY, "suggest", "--json", cwd=stored).json
    spec = config.load(stored / "config.yaml", {}).rules
    edits = [edit for kind in ("near", "names") for one in said[kind] for edit in one["add"]]
    text = (stored / "config.yaml").read_text(encoding="utf-8")
    pasted = text.replace("strip: ['Hide Ad']", said["strip"][0]["line"])

    book = RuleBook(tune.edited(spec, add=edits))

    assert edits == ["diplomacy:envoys", "trade:Royal Mint Court"]
    assert book.version != RuleBook(spec).version
    assert config.parse(pasted, file=stored / "config.yaml", environ={}).sources[0].strip == (
        "Hide Ad",
        FOOTER,
    )


def test_the_command_that_suggest_prints_runs(stored: Path) -> None:
    ran = monitor("--now", THURSDAY, "suggest", "--topic", "diplomacy", cwd=stored)
    (command, *_) = [line.strip() for line in ran.out.splitlines() if "monitor diff" in line]

    tried = monitor("--now", THURSDAY, *shlex.split(command)[1:], "--json", cwd=stored)

    assert tried.code == 0
    assert tried.json["schema_version"] == 1


def test_suggest_for_one_topic_leaves_out_what_is_of_none(stored: Path) -> None:
    said = monitor("--now", THURSDAY, "suggest", "--topic", "trade", "--json", cwd=stored).json

    assert (said["near"], said["strip"], said["exclude"]) == ([], [], [])


@pytest.mark.parametrize("command", ["stats", "suggest"])
def test_before_anything_is_stored_the_way_to_it_is_named(command: str, tmp_path: Path) -> None:
    write_config(tmp_path, rules=RULES)

    missing = monitor(command, cwd=tmp_path)

    assert (missing.code, missing.out) == (2, "")
    assert "monitor poll" in missing.err


@pytest.mark.parametrize("command", ["stats", "suggest"])
def test_a_time_with_no_items_says_so(command: str, stored: Path) -> None:
    ran = monitor("--now", "2026-06-29T12:00Z", command, "--since", "7d", cwd=stored)

    assert (ran.code, ran.out) == (
        0,
        "No stored item was first seen since 22 Jun; leave out --since to look at all 7 items.\n",
    )


def test_names_that_do_not_exist_are_met_with_the_nearest_one(stored: Path) -> None:
    assert "did you mean trade?" in monitor("stats", "--topic", "trad", cwd=stored).err
    assert "did you mean china?" in monitor("stats", "--list", "chinna", cwd=stored).err
    assert "did you mean diplomacy?" in monitor("suggest", "--topic", "diplomcy", cwd=stored).err
    assert "--topic and --list need names" in monitor("stats", "--list", ",", cwd=stored).err


def test_looking_changes_nothing(stored: Path) -> None:
    before = (stored / "data" / "monitor.db").read_bytes()

    for command in ("stats", "suggest"):
        assert monitor("--now", THURSDAY, command, cwd=stored).code == 0

    assert (stored / "data" / "monitor.db").read_bytes() == before
