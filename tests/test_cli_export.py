"""`monitor export`: what other programs are given, and that a spreadsheet runs none of it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.datasette import metadata
from monitor.cli.spreadsheet import COLUMNS, as_csv
from monitor.models import Label, Match, Verdict
from monitor.store import Exported

from .conftest import NOW, make_item, make_judged
from .program import Ran, monitor, started, write_config
from .storing import IRRELEVANT, MATCHES, MESSAGE, later, make_edition, open_store, record, stories_of

THURSDAY = "2026-01-29T08:30:00Z"
TRADE = Verdict(True, 5.0, ("trade", "diplomacy"), MATCHES, "rules1", (("uk", 3.0),), "both sides")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config and a database of five items: one is old, one did not match, one is in a story."""
    folder = tmp_path_factory.mktemp("export")
    write_config(folder)
    (folder / "data").mkdir()
    with open_store(folder / "data") as store:
        record(store, make_item("An old visit"), at=later(days=-120))
        record(store, make_item("Starmer meets Xi", summary="In Beijing.\nThey talked."), at=later(days=-1))
        record(store, make_item("Tea in Kenya"), at=later(days=-1), verdict=IRRELEVANT)
        record(store, make_item("中国 tariffs\u2028fall", lang="zh"), at=later(hours=-2), verdict=TRADE)
        record(store, make_item('=HYPERLINK("https://evil.example")', url=""), at=later(hours=-1))
        (meeting,) = [judged for judged in store.unclaimed("daily") if judged.id == 2]
        edition = make_edition()
        store.publish(
            edition,
            MESSAGE,
            stories_of(meeting),
            now=NOW,
            rules_version="rules1",
            looked_at=1,
            grouped=stories_of(meeting),
        )
        store.set_label(Label(2, True, ("diplomacy",), NOW))
    return folder


def export(folder: Path, *args: str) -> Ran:
    return monitor("--now", THURSDAY, "export", *args, cwd=folder)


def refused(run: Ran, *says: str, code: int = 2) -> None:
    assert (run.code, run.out) == (code, "")
    assert all(words in run.err for words in says), run.err


# What comes out


def test_csv_is_a_table_of_what_matched_in_90_days_the_latest_first(folder: Path) -> None:
    assert export(folder, "--format", "csv", "-o", "out.csv").out == "out.csv: 3 items\n"

    written = (folder / "out.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))

    assert written.startswith(b"\xef\xbb\xbfid,title,url,outlet,kind,published,first_seen,topics,")
    assert written.count(b"\r\n") == 4
    assert [(row["id"], row["title"]) for row in rows] == [
        ("5", '\'=HYPERLINK("https://evil.example")'),
        ("4", "中国 tariffs\nfall"),
        ("2", "Starmer meets Xi"),
    ]
    assert rows[2] == {
        "id": "2",
        "title": "Starmer meets Xi",
        "url": "https://gazette.example/starmer-meets-xi",
        "outlet": "Gazette",
        "kind": "uk-media",
        "published": "2026-01-28T08:30:00Z",
        "first_seen": "2026-01-28T08:30:00Z",
        "topics": "diplomacy",
        "primary_topic": "diplomacy",
        "score": "6.0",
        "why": 'both sides; UK +3 China +2; UK "Starmer" (title), diplomacy "Xi" (1st sentence)',
        "summary": "In Beijing.\nThey talked.",
        "lang": "en",
        "story_id": "s2",
        "label": "relevant: diplomacy",
    }


def test_json_lines_hold_each_item_with_its_matches_in_one_line(folder: Path) -> None:
    ran = export(folder, "--format", "jsonl", "--since", "all")
    lines = ran.out.splitlines()  # also cuts where Unicode ends a line

    items = [json.loads(line) for line in lines]

    assert [item["id"] for item in items] == ["5", "4", "2", "1"]
    assert items[1]["title"] == "中国 tariffs\u2028fall"
    assert (items[1]["story"], items[1]["label"], items[1]["topics"]) == (None, None, ["trade", "diplomacy"])
    assert (items[2]["story"], items[2]["label"]) == (
        "s2",
        {"relevant": True, "topics": ["diplomacy"], "at": THURSDAY},
    )
    assert items[2]["matches"][0] == {
        "role": "uk",
        "topic": None,
        "term": "Starmer",
        "field": "title",
        "text": "Starmer",
        "where": "title",
        "start": 0,
        "points": 3.0,
    }
    searched = monitor("search", "talked", "--json", cwd=folder).json["items"][0]
    assert {**items[2], **searched} == {**searched, **items[2]}


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--topic", "trade"], ["4"]),
        (["--topic", "trade,diplomacy"], ["5", "4", "2"]),
        (["--topic", "trade", "--topic", "diplomacy"], ["5", "4", "2"]),
        (["--all", "--since", "2026-01-28"], ["5", "4", "3", "2"]),
        (["--since", "2026-01-29T07:00Z"], ["5"]),
        (["--since", "2026-01-29T08:00Z"], []),
    ],
)
def test_items_are_chosen_by_topic_time_and_verdict(folder: Path, options: list[str], ids: list[str]) -> None:
    ran = export(folder, "--format", "jsonl", *options)

    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(line)["id"] for line in ran.out.split("\n")[:-1]] == ids


def test_feeds_hold_the_same_items(folder: Path) -> None:
    atom = feedparser.parse(export(folder, "--format", "atom").out.encode())
    with_site = (folder / "config.yaml").read_text(encoding="utf-8") + "public_url: https://m.example/uk\n"
    (folder / "site.yaml").write_text(with_site, encoding="utf-8")
    ran = export(folder, "--format", "jsonfeed", "--topic", "trade", "--config", "site.yaml")

    assert not atom.bozo
    assert (atom.feed.title, atom.feed.updated) == ("UK-China monitor: items", THURSDAY)
    assert [entry.id for entry in atom.entries] == [f"urn:uk-china-monitor:item:{n}" for n in (5, 4, 2)]
    assert [len(entry.get("links", [])) for entry in atom.entries] == [0, 1, 1]
    assert (atom.entries[2].author, atom.entries[2].tags[0].term) == ("Gazette", "Diplomacy")
    assert ran.json["title"] == "UK-China monitor: Trade and investment"
    assert ran.json["home_page_url"] == "https://m.example/uk/"
    assert [item["id"] for item in ran.json["items"]] == ["tag:m.example,2026:uk/item/4"]
    assert ran.json["items"][0]["tags"] == ["Trade and investment", "Diplomacy"]


def test_the_same_database_gives_the_same_bytes(folder: Path) -> None:
    # Two starts from nothing, so that their hashes differ.
    again = started("--now", THURSDAY, "export", "--format", "atom", cwd=folder)

    assert again.out == started("--now", THURSDAY, "export", "--format", "atom", cwd=folder).out
    assert again.code == 0


# Where it goes


def test_a_file_is_not_overwritten_unless_that_is_said(folder: Path) -> None:
    (folder / "kept.csv").write_text("mine", encoding="utf-8")

    refused(export(folder, "--format", "csv", "-o", "kept.csv"), "kept.csv is there already", "--force")
    assert (folder / "kept.csv").read_text(encoding="utf-8") == "mine"
    assert export(folder, "--format", "jsonl", "-o", "kept.csv", "--force").code == 0
    assert (folder / "kept.csv").read_text(encoding="utf-8").startswith('{"id": "5"')


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(folder: Path) -> None:
    before = sorted(folder.iterdir())

    refused(export(folder, "--format", "csv", "-o", "no/such/folder.csv"), "folder.csv cannot be", code=1)
    refused(export(folder, "--format", "csv", "-o", "data", "--force"), "data is no file")
    assert sorted(folder.iterdir()) == before


def test_a_dash_is_stdout(folder: Path) -> None:
    assert export(folder, "--format", "jsonl", "-o", "-").out.count("\n") == 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--format", "csv", "--topic", "trad"], "there is no topic 'trad'; did you mean trade?"),
        (["--format", "csv", "--since", "soon"], "--since 'soon' is not understood"),
        (["--format", "csv", "--force"], "--force goes with -o FILE"),
        (["--format", "datasette", "--all"], "--format datasette describes the whole database"),
        (["--format", "xls"], "invalid choice: 'xls'"),
        ([], "--format"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Path, options: list[str], says: str) -> None:
    refused(export(folder, *options), says)


def test_before_the_first_poll_it_says_what_to_do_and_writes_nothing(tmp_path: Path) -> None:
    write_config(tmp_path)

    refused(export(tmp_path, "--format", "csv", "-o", "out.csv"), "monitor poll")
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_memory_does_not_grow_with_the_number_of_items(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "data").mkdir()
    with open_store(tmp_path / "data") as store:
        record(store, make_item("First", text="word " * 4000))
    with sqlite3.connect(tmp_path / "data" / "monitor.db") as db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(items)")]
        names = ", ".join(name for name in columns if name not in {"id", "key"})
        db.execute(
            f"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
            INSERT INTO items ({names}, key) SELECT {names}, key || i FROM items, n
            """
        )
    db.close()

    none, all_of_them = peak_memory(tmp_path, "trade"), peak_memory(tmp_path, "diplomacy")

    # All texts together are 120 MB.
    assert (none[0], all_of_them[0]) == (0, 6001)
    assert all_of_them[1] - none[1] < 40


def peak_memory(folder: Path, topic: str) -> tuple[int, float]:
    """How many items an export of one topic gives, and the megabytes that it takes at its height."""
    program = (
        "import resource, sys; from monitor.cli import main; main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--now", THURSDAY, "export", "--format", "jsonl", "--topic", topic],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=120,
    )
    return done.stdout.count(b"\n"), int(done.stderr) / 1000


# Spreadsheets


def cells(**changes: Any) -> dict[str, str]:
    """One item's row, as a spreadsheet reads it."""
    text = "".join(as_csv([Exported(make_judged(**changes), "s1", None)]))
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return row


SIGNS = "=+-@＝＋－＠−"
BEFORE = ["", " ", "\t", "\r", "\n", '"', "'", "“", "＂", ' "', "\u00a0", "\x00", "\ufeff", "\u200b"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_cell_begins_like_a_formula(sign: str, before: str) -> None:
    formula = f"{before}{sign}1+cmd|' /C calc'!A0"

    row = cells(title=formula, summary=formula, outlet=formula)

    for name in ("title", "summary", "outlet"):
        assert row[name].strip().startswith("'"), row[name]


@pytest.mark.parametrize("separator", [";", "; ", ";\t", "\n", "\r\n", "\r", '";"', '\n"'])
def test_no_formula_begins_within_a_cell_where_others_cut_it(separator: str) -> None:
    summary = cells(summary=f"Quiet talk{separator}=1+1")["summary"]

    assert not re.search('[;\n][\\s"]*=', summary)
    assert summary.endswith("=1+1")


@pytest.mark.parametrize(
    "text", ["Trade is up 5%", "UK-China talks; a note", "1 = 1", "a@b.example", "‘Quoted’ -5%", "升5%"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert cells(title=text)["title"] == text


def test_a_matched_text_a_label_and_a_link_are_as_harmless_as_a_title() -> None:
    match = Match("topic", "x*", "title", "=cmd()", 0, topic="trade")
    verdict = Verdict(True, -2.5, ("=trade",), (match,), "rules1", (), "=reason")
    judged = make_judged(verdict=verdict, url="javascript:alert(1)", lang="=en")

    text = "".join(as_csv([Exported(judged, "s1", Label(1, True, ("-x",), NOW))]))
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))

    assert [row[name] for name in ("url", "topics", "primary_topic", "lang")] == [
        "",
        "'=trade",
        "'=trade",
        "'=en",
    ]
    assert row["why"].startswith("'=reason")
    # A number is ours, and a number to the spreadsheet.
    assert (row["score"], row["label"]) == ("-2.5", "relevant: -x")


@given(st.text())
def test_any_text_is_one_cell_of_one_row_without_a_formula(text: str) -> None:
    row = cells(title=text, summary=text)

    assert list(row) == list(COLUMNS)
    for cell in (row["title"], row["summary"]):
        for piece in re.split("[;\n]", cell):
            assert piece.strip().lstrip('"“”‘’＂')[:1] not in (*SIGNS,) or piece.strip()[:1] == "'"
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", cell)


# Datasette

BESIDE = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
DATASETTE = shutil.which("datasette", path=BESIDE)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """The address at which real Datasette serves the database, as its documentation says."""
    if not DATASETTE:
        if "datasette" in os.environ.get("MONITOR_TESTS_NEED", ""):
            pytest.fail("Datasette is needed here and is not installed: pip install '.[datasette]'")
        pytest.skip("Datasette is not installed (pip install '.[datasette]'): its settings were not tried")
    assert export(folder, "--format", "datasette", "-o", "metadata.yaml").code == 0
    command = [DATASETTE, "data/monitor.db", "-m", "metadata.yaml", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield _address(server)
        finally:
            server.terminate()
            server.communicate(timeout=30)


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stderr
    for line in server.stderr:
        if found := re.search(r"running on (http://\S+)", line):
            return found[1]
    raise AssertionError("Datasette ended before it served")


def answer(site: str, path: str) -> Any:
    with urllib.request.urlopen(f"{site}/{path}", timeout=30) as response:
        return json.load(response)


def test_datasette_finds_and_filters_what_matched(site: str) -> None:
    whole = answer(site, "monitor/matched_items.json?_shape=objects")
    found = answer(site, "monitor/matched_items.json?_shape=objects&_search=talked")

    assert [row["id"] for row in whole["rows"]] == [5, 4, 2, 1]
    assert {*whole["facet_results"]} == {"outlet", "topics", "published_at"}
    topics = whole["facet_results"]["topics"]["results"]
    assert {result["value"]: result["count"] for result in topics} == {"diplomacy": 4, "trade": 1}
    assert [row["title"] for row in found["rows"]] == ["Starmer meets Xi"]


def test_datasette_searches_all_items_and_knows_their_facets(site: str) -> None:
    found = answer(site, "monitor/items.json?_shape=objects&_search=kenya")

    assert [(row["id"], row["relevant"]) for row in found["rows"]] == [(3, 0)]
    assert {*found["facet_results"]} == {"relevant", "kind", "outlet", "topics", "first_seen"}


def test_datasette_names_what_keys_point_at(site: str) -> None:
    found = answer(site, "monitor/story_items.json?_labels=on&_shape=objects")

    assert [row["item_id"]["label"] for row in found["rows"]] == ["Starmer meets Xi"]
    assert [row["story_id"]["label"] for row in found["rows"]] == ["Starmer meets Xi"]


def test_datasette_hides_what_only_the_program_needs(site: str) -> None:
    tables = answer(site, "monitor.json")["tables"]

    hidden = {table["name"] for table in tables if table["hidden"]}
    assert {"deliveries", "meta", "aliases", "_sqlite_migrations", "sqlite_sequence"} <= hidden
    assert not hidden & {"items", "stories", "story_items", "editions", "sources", "labels", "pages"}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("items_by_week", {"week": "2026-01-26", "topic": "diplomacy", "items": 2}),
        ("terms", {"list": "diplomacy", "term": "Xi", "items": 3, "last_found": "2026-01-29T07:30:00Z"}),
        (
            "largest_stories",
            {
                "id": "s2",
                "title": "Starmer meets Xi",
                "topic": "diplomacy",
                "reports": 1,
                "outlets": 1,
                "first_seen": "2026-01-28T08:30:00Z",
                "last_seen": "2026-01-28T08:30:00Z",
            },
        ),
        (
            "sources_by_yield",
            {
                "id": "gazette",
                "name": "Gazette",
                "items": 4,
                "matched": 3,
                "percent": 75.0,
                "last_item": "2026-01-29T07:30:00Z",
            },
        ),
    ],
)
def test_a_query_that_datasette_offers_answers(site: str, query: str, first: dict[str, Any]) -> None:
    assert answer(site, f"monitor/{query}.json?_shape=array")[0] == first


def test_the_settings_speak_of_every_table_and_of_no_other(tmp_path: Path) -> None:
    with open_store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "monitor.db") as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    db.close()
    settings = yaml.safe_load(metadata("data/monitor.db", "monitor"))["databases"]["monitor"]["tables"]

    assert {*settings} == {name for (name,) in found if not name.startswith("items_fts")}


def test_the_settings_speak_of_columns_that_there_are(tmp_path: Path) -> None:
    with open_store(tmp_path):
        pass
    settings = yaml.safe_load(metadata("data/monitor.db", "monitor"))["databases"]["monitor"]
    with sqlite3.connect(tmp_path / "monitor.db") as db:
        for table, said in settings["tables"].items():
            there = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
            facets = [next(iter(f.values())) if isinstance(f, dict) else f for f in said.get("facets", [])]
            sort = [said[key] for key in ("sort", "sort_desc", "label_column") if key in said]
            assert {*facets, *sort, *said.get("columns", {})} <= there, table
        for query in settings["queries"].values():
            db.execute(query["sql"])
    db.close()


@pytest.mark.parametrize("name", ["monitor", "a: b", 'q"uote', "中国", "#x", "no"])
def test_any_name_of_a_database_is_quoted(name: str) -> None:
    assert [*yaml.safe_load(metadata("x.db", name))["databases"]] == [name]
