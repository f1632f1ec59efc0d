"""`monitor check` as its users meet it: lint warnings, what stored items add, bad input."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli.rules import SAMPLE, latest
from monitor.models import Item

from .conftest import NOW, make_item
from .loopback import Loopback
from .program import monitor, rss, write_config
from .storing import IRRELEVANT, open_store, record

THURSDAY = "2026-01-29T08:30:00Z"
RULES = """
rules:
  sides: {uk: [Britain], china: [China, Bank of China]}
topics:
  health: {terms: [hospital*]}
  migration:
    terms:
      - small boat
      - dinghy  # lint: ok
"""
LONGEST = 60.0
"""Seconds. Each of these takes one, where nobody else uses the machine; without bounds it would be hours."""


def test_a_warning_has_code_place_line_and_what_to_write_and_lets_everything_run(tmp_path: Path) -> None:
    write_config(tmp_path, sources="{id: gazette, url: '{site}/feed'}", rules=RULES)

    lines = (tmp_path / "config.yaml").read_text(encoding="utf-8").splitlines()
    at = lines.index("      - small boat") + 1

    checked = monitor("check", cwd=tmp_path)

    assert checked.code == 0
    assert (
        'warning[K004]: "small boat" does not match its plural\n'
        f"  --> {tmp_path}/config.yaml:{at}:9\n"
        "   |\n"
        f"{at} |       - small boat\n"
        "   |         ^^^^^\n"
        '   = help: write "small boat*"\n'
    ) in checked.out
    assert 'warning[K002]: "Bank of China" adds nothing' in checked.out
    assert "dinghy" not in checked.out
    assert "0 errors, 3 warnings in config.yaml" in checked.out


def test_a_script_gets_the_codes(tmp_path: Path) -> None:
    write_config(tmp_path, sources="{id: gazette, url: '{site}/feed'}", rules=RULES)

    checked = monitor("check", "--json", cwd=tmp_path)

    assert checked.code == 0
    assert checked.json["ok"] is True
    assert [problem["code"] for problem in checked.json["problems"]] == ["K002", "K008", "K004"]
    assert {*checked.json["problems"][0]} >= {"severity", "file", "line", "column", "message", "hint"}
    assert checked.json["stored"]["items"] == 0


def test_lints_come_beside_errors(tmp_path: Path) -> None:
    write_config(tmp_path, rules=RULES + "      - NO\n")

    checked = monitor("check", cwd=tmp_path)

    assert checked.code == 2
    assert "NO without quotes" in checked.out
    assert "warning[K004]" in checked.out


def test_no_other_command_lints(tmp_path: Path) -> None:
    write_config(tmp_path, rules=RULES)

    ran = monitor("explain", "--title", "Small boats", cwd=tmp_path)

    assert "K004" not in ran.out + ran.err


# -- with a database ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a database: a source of five items, and one of 51 that never match."""
    folder = tmp_path_factory.mktemp("polled")
    boats = [(f"Britain and China on small boats, part {n}", "Of hospitality.") for n in range(4)]
    with Loopback() as site:
        site.serve("/boats", rss(*boats, ("Tea in Kenya", "A cup costs less.")))
        site.serve("/fruit", rss(*((f"Apples, basket {n}", "Ripe.") for n in range(51))))
        sources = "{id: boats, url: '{site}/boats'}\n{id: fruit, url: '{site}/fruit'}"
        write_config(folder, site, sources, rules=RULES)
        assert monitor("--now", THURSDAY, "poll", cwd=folder).code == 0
    return folder


@pytest.fixture
def stored(polled: Path, tmp_path: Path) -> Path:
    """The same, a copy for each test."""
    shutil.copytree(polled, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_stored_items_are_evidence(stored: Path) -> None:
    checked = monitor("--now", THURSDAY, "check", cwd=stored)
    as_json = monitor("--now", THURSDAY, "check", "--json", cwd=stored)

    assert checked.code == 0
    assert '"small boat" does not match its plural; 4 stored items have "small boats"' in checked.out
    assert '"hospital*" also took, in stored items, hospitality (4 items)' in checked.out
    assert 'warning[S001]: "fruit" has brought 51 items, none of them relevant' in checked.out
    assert '"boats" has' not in checked.out
    assert as_json.json["stored"] == {"items": 56, "note": ""}


def older(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA user_version = 0")
        db.commit()


def no_database(database: Path) -> None:
    database.write_bytes(b"nothing of the kind" * 100)


def absent(database: Path) -> None:
    for file in database.parent.iterdir():
        file.unlink()
    database.parent.rmdir()


@pytest.mark.parametrize("harm", [older, no_database, absent])
def test_a_database_that_cannot_be_read_is_no_error_and_left_as_it_is(
    stored: Path, harm: Callable[[Path], None]
) -> None:
    database = stored / "data" / "monitor.db"
    harm(database)
    before = database.read_bytes() if database.exists() else None

    checked = monitor("check", cwd=stored)

    assert checked.code == 0
    assert '"small boat" does not match its plural\n' in checked.out
    assert "Stored items were not looked at: " in checked.out
    assert (database.read_bytes() if database.exists() else None) == before


def test_a_database_that_another_program_holds_is_no_error(stored: Path) -> None:
    with closing(sqlite3.connect(stored / "data" / "monitor.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        checked = monitor("check", "--json", cwd=stored)

    assert checked.code == 0
    assert checked.json["stored"]["items"] == 0
    assert "in use by another process" in checked.json["stored"]["note"]


@pytest.mark.parametrize("together", [100, 10_000])
def test_of_many_stored_items_the_latest_are_taken(tmp_path: Path, together: int) -> None:
    def items(batch: int) -> list[Item]:
        return [make_item(f"Headline {batch}, {number}") for number in range(min(together, 2 * SAMPLE))]

    with open_store(tmp_path) as store:
        record(store, make_item("The first of all"), at=NOW - timedelta(days=900), verdict=IRRELEVANT)
        for batch in range(2 * SAMPLE // together + 2):
            record(store, *items(batch), at=NOW - timedelta(days=batch, hours=2), verdict=IRRELEVANT)

        found = latest(store, NOW)

        assert SAMPLE <= len(found) <= 2 * SAMPLE
        assert "The first of all" not in {judged.item.title for judged in found}
        assert max(judged.first_seen for judged in found) == NOW - timedelta(hours=2)


def test_of_few_stored_items_all_are_taken(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), at=NOW - timedelta(days=3_000))
        record(store, make_item("Two"), at=NOW + timedelta(days=1))

        assert len(latest(store, NOW)) == 2


# -- bad input ---------------------------------------------------------------------------------------------

BAD = [
    ('""', "the term is empty"),
    ('"*"', "* needs the beginning of a word before it"),
    ("x" * 9_990, "a term may have 1,000 characters, this one has 9,990"),
    ("(" * 400 + "a" + ")" * 400, "more than 20 levels of parentheses"),
    ("steel NEAR/0 Jingye", "NEAR/0 is out of range"),
    ("steel NEAR/" + "9" * 300 + " Jingye", "is out of range"),
    ("ATLEAST/0 steel", "ATLEAST/0 is out of range"),
    ("steel AND", "something is missing after AND"),
    ("NOT steel", "NOT needs something before it"),
    ('"…"', "there is no word in this term"),
    ('"visa:"', "visa: is not a field"),
    ("1e3", "found the number 1e3"),
    ("2026", "found the number 2026"),
    ("NO", "older YAML tools read it as false"),
    ("on", "older YAML tools read it as true"),
    ("UK: China", "which YAML reads as a key with a value"),
    ("visa:", "which YAML reads as a key with a value"),
    ("!visa tariff", "YAML tags, such as !name, are not used"),
]


def test_bad_terms_are_all_told_at_once_with_their_places(tmp_path: Path) -> None:
    entries = "".join(f"      - {term}\n" for term, _ in BAD)
    write_config(tmp_path, rules=f"topics:\n  empty: {{terms: []}}\n  bad:\n    terms:\n{entries}")
    first = (tmp_path / "config.yaml").read_text(encoding="utf-8").splitlines().index('      - ""') + 1
    begun = time.monotonic()

    checked = monitor("check", "--json", cwd=tmp_path)

    assert time.monotonic() - begun < LONGEST
    assert checked.code == 2
    told = {p["line"]: p["message"] for p in checked.json["problems"] if p["severity"] == "error"}
    assert [says for at, (_, says) in enumerate(BAD) if says not in told.get(first + at, "")] == []


def test_a_topic_without_terms_is_a_warning_at_its_name(tmp_path: Path) -> None:
    write_config(tmp_path, rules="topics:\n  trade: {terms: []}\n")

    checked = monitor("check", cwd=tmp_path)

    assert checked.code == 0
    assert 'the topic "trade" has no terms, so nothing comes under it' in checked.out


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ("[*]", "a text that begins with * or & needs quotes"),
        ("[*visa]", '"*visa"'),
        ("[visa, tariff", "is not closed here"),
        ("\n\t- visa", "a tab is used to indent"),
        ("[" * 400 + "]" * 400, "more than 30 levels deep"),
        ("[" + "x, " * 110_000 + "]", "more than 100,000 values"),
        ("&a [*a]", "stands inside the very thing it refers to"),
        ('"' + "x" * 10_001 + '"', "more than 10,000 characters"),
    ],
)
def test_a_list_that_is_no_yaml_is_told_with_its_place(tmp_path: Path, entries: str, says: str) -> None:
    write_config(tmp_path, rules=f"topics:\n  trade:\n    terms: {entries}\n")
    begun = time.monotonic()

    checked = monitor("check", "--json", cwd=tmp_path)

    assert time.monotonic() - begun < LONGEST
    assert checked.code == 2
    assert any(says in p["message"] + p["hint"] and p["line"] > 3 for p in checked.json["problems"])


def test_an_alias_bomb_is_counted_and_not_built(tmp_path: Path) -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 15)]
    bomb = "\n".join([*layers, "topics: {trade: {terms: *a14}}"])
    (tmp_path / "config.yaml").write_text(bomb, encoding="utf-8")
    begun = time.monotonic()

    checked = monitor("check", cwd=tmp_path)

    assert time.monotonic() - begun < LONGEST
    assert checked.code == 2
    assert "more than 100,000 values, counting what its aliases (*name) stand for" in checked.out
    assert "config.yaml:6:" in checked.out


def test_hundreds_of_costly_terms_are_linted_in_bounded_time(tmp_path: Path) -> None:
    names = [f"name{n}" for n in range(200)]
    terms = [
        f"({' OR '.join(names[n : n + 40])}) NOT ({' OR '.join(names[n + 41 : n + 80])})" for n in range(100)
    ]
    rules = "topics: {trade: {terms: " + json.dumps([*terms, *names]) + "}}\n"
    write_config(tmp_path, sources="{id: a, url: '{site}/feed'}", rules=rules)
    begun = time.monotonic()

    checked = monitor("check", cwd=tmp_path)

    assert time.monotonic() - begun < LONGEST
    assert checked.code == 0


@pytest.mark.parametrize("term", ["x", "steel works {}", "steel w{}z*"])
def test_tens_of_thousands_of_terms_that_begin_alike_are_linted_in_proportion(
    tmp_path: Path, term: str
) -> None:
    terms = ", ".join(term.format(number) for number in range(10_000))
    write_config(tmp_path, rules=f"topics:\n  trade:\n    terms: [{terms}]\n")
    begun = time.monotonic()

    checked = monitor("check", cwd=tmp_path)

    assert time.monotonic() - begun < LONGEST
    assert checked.code == 0
