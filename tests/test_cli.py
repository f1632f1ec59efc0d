"""The program as its users meet it: commands, messages, exit codes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config

THURSDAY = "2026-01-29T08:30:00Z"
MEETING = (
    "Starmer meets Xi Jinping in Beijing",
    "The visit is the first by a British leader in eight years.",
)
TARIFF = ("Tariffs on Chinese steel", "The UK keeps its trade remedy.")


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a database of two items."""
    folder = tmp_path_factory.mktemp("polled")
    with Loopback() as site:
        site.serve("/feed", rss(MEETING, TARIFF, ("Tea in Kenya", "A cup costs less.")))
        write_config(folder, site, "{id: gazette, url: '{site}/feed', kind: uk-media}")
        assert monitor("--now", THURSDAY, "poll", cwd=folder).code == 0
    return folder


@pytest.fixture
def stored(polled: Path, tmp_path: Path) -> Path:
    """The same, a copy for each test."""
    shutil.copytree(polled, tmp_path, dirs_exist_ok=True)
    return tmp_path


def refused(run: Ran, *says: str, code: int = 2) -> None:
    assert run.code == code
    assert run.out == ""
    for words in says:
        assert words in run.err


def test_without_a_config_the_way_to_one_is_named(tmp_path: Path) -> None:
    refused(monitor("poll", cwd=tmp_path), "config.yaml", "monitor init")


def test_init_writes_a_config_that_checks_out_and_never_overwrites(tmp_path: Path) -> None:
    made = monitor("init", "desk", cwd=tmp_path)
    checked = monitor("--config", "desk/config.yaml", "check", cwd=tmp_path)
    (tmp_path / "desk" / "config.yaml").write_text("timezone: Asia/Shanghai\n", encoding="utf-8")
    again = monitor("init", "desk", cwd=tmp_path)

    assert made.code == 0
    assert (tmp_path / "desk" / "config.schema.json").exists()
    assert checked.code == 0, checked.out
    assert "0 errors, 0 warnings" in checked.out
    refused(again, "there already")
    assert (tmp_path / "desk" / "config.yaml").read_text(encoding="utf-8") == "timezone: Asia/Shanghai\n"


def test_init_copies_templates_that_are_then_used(tmp_path: Path) -> None:
    assert monitor("init", "--templates", cwd=tmp_path).code == 0
    template = tmp_path / "templates" / "digest" / "subject.txt"
    template.write_text("{{ no_such_name }}", encoding="utf-8")

    checked = monitor("check", cwd=tmp_path)

    assert checked.code == 2
    assert "subject.txt" in checked.out
    assert "no_such_name" in checked.out


def test_check_reports_every_problem_at_once_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        """\
pollling: {every: 30m}
sources:
  - {id: one, url: 'https://one.example/feed', kind: other}
  - {id: one, url: 'file:///etc/passwd', kind: other}
rules:
  sides:
    uk: [UK, steel NEAR Jingye, NO]
    china: [China]
""",
        encoding="utf-8",
    )

    checked = monitor("check", "--json", cwd=tmp_path)

    assert checked.code == 2
    places = {(problem["line"], problem["column"]): problem for problem in checked.json["problems"]}
    assert "polling" in places[1, 1]["message"] + places[1, 1]["hint"]
    assert any(line == 4 and "one" in p["message"] for (line, _), p in places.items())
    assert any(line == 4 and "file" in p["message"] for (line, _), p in places.items())
    assert "NEAR/5" in places[7, 20]["hint"]
    assert any(line == 7 and "NO" in p["message"] + p["hint"] for (line, _), p in places.items())


def test_a_bad_config_stops_every_command_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("soruces: []\n", encoding="utf-8")

    for command in ("poll", "digest", "once", "run", "search x", "sources", "health"):
        refused(monitor(*command.split(), cwd=tmp_path), "config.yaml:1:1", "sources")


def test_an_unwritable_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")

    refused(monitor("poll", cwd=tmp_path), "monitor.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "monitor.db"
    database.write_bytes(b"dear diary, today I was not a database " * 50)

    refused(monitor("poll", cwd=tmp_path), "not a")
    assert database.read_bytes().startswith(b"dear diary")


def test_a_database_of_a_newer_version_is_refused_in_words(stored: Path) -> None:
    with sqlite3.connect(stored / "data" / "monitor.db") as db:
        db.execute("PRAGMA user_version = 999")
    db.close()

    refused(monitor("poll", "--all", cwd=stored), "999")


def test_looking_before_the_first_poll_says_what_to_do_and_makes_no_file(tmp_path: Path) -> None:
    write_config(tmp_path)

    refused(monitor("search", "China", cwd=tmp_path), "monitor poll")
    assert not (tmp_path / "data").exists()


def test_names_that_do_not_exist_are_met_with_the_nearest_one(stored: Path) -> None:
    refused(monitor("poll", "gazete", cwd=stored), "did you mean gazette?")
    refused(monitor("digest", "dialy", cwd=stored), "did you mean daily?")


def test_an_unknown_command_lists_the_known_ones(tmp_path: Path) -> None:
    refused(monitor("pol", cwd=tmp_path), "invalid choice", "'poll'")


def test_a_time_that_is_none_is_refused(stored: Path) -> None:
    refused(monitor("--now", "tomorrow", "poll", cwd=stored), "--now", "2026-01-29T08:30Z")


def test_options_of_the_program_may_follow_the_command(stored: Path) -> None:
    assert monitor("search", "Beijing", "--config", "config.yaml", cwd=stored).code == 0


def test_search_finds_words_and_phrases_and_says_when_there_is_nothing(stored: Path) -> None:
    found = monitor("search", "tariffs", cwd=stored)
    phrase = monitor("search", '"trade remedy"', "--json", cwd=stored)
    nothing = monitor("search", "zebra", cwd=stored)

    assert "[Tariffs] on Chinese steel" in found.out
    assert [item["title"] for item in phrase.json["items"]] == [TARIFF[0]]
    assert (nothing.code, nothing.out) == (1, "Nothing found.\n")


def test_explain_says_why_an_item_is_in_and_why_another_is_not(stored: Path) -> None:
    number = monitor("search", "Xi", "--json", cwd=stored).json["items"][0]["id"]
    inside = monitor("explain", number, cwd=stored)
    outside = monitor("explain", "--title", "Chinese tea in Kenya", "--json", cwd=stored)
    pasted = monitor("explain", "-", cwd=stored, stdin="Minister in Beijing\nThe UK asks for trade.")

    assert "RELEVANT" in inside.out
    assert "[Starmer] meets Xi Jinping" in inside.out
    assert outside.json["relevant"] is False
    assert outside.json["reason"] == "China yes, UK no"
    assert pasted.out.splitlines()[1].startswith("RELEVANT")


def test_a_pasted_megabyte_is_explained_in_a_page(stored: Path) -> None:
    text = "Britain and China agree on trade. " * 30_000

    explained = monitor("explain", "-", cwd=stored, stdin=text)

    assert explained.out.splitlines()[1].startswith("RELEVANT")
    assert len(explained.out) < 10_000


def test_explain_finds_an_item_by_its_address_with_tracking(stored: Path) -> None:
    address = monitor("search", "Xi", "--json", cwd=stored).json["items"][0]["url"]

    assert monitor("explain", f"{address}?utm_source=mail", cwd=stored).code == 0


def test_explain_without_a_subject_or_with_an_unknown_one_is_refused(stored: Path) -> None:
    refused(monitor("explain", cwd=stored), "--title")
    refused(monitor("explain", "4711", cwd=stored), "monitor search")
    refused(monitor("explain", "1", "--title", "x", cwd=stored), "not both")


def test_show_tells_an_items_history(stored: Path) -> None:
    monitor("--now", THURSDAY, "digest", cwd=stored)
    number = monitor("search", "Xi", "--json", cwd=stored).json["items"][0]["id"]

    shown = monitor("show", number, cwd=stored)

    assert "[Starmer] [meets] [Xi Jinping] in [Beijing]" in shown.out
    assert "daily 2026-01-29" in shown.out
    assert monitor("show", number, "--json", cwd=stored).json["seen_in"][0]["source_id"] == "gazette"


def test_sources_shows_health_before_and_after_the_first_poll(tmp_path: Path) -> None:
    write_config(tmp_path, None, "{id: gazette, url: 'http://127.0.0.1:9/', kind: other}")

    before = monitor("sources", "--json", cwd=tmp_path)
    monitor("poll", cwd=tmp_path)
    after = monitor("sources", cwd=tmp_path)

    assert before.json["sources"][0]["status"] == "never"
    assert "failing" in after.out
    assert "allow_private" in after.out


def test_health_is_good_after_a_poll_and_bad_when_polls_are_old(stored: Path, tmp_path: Path) -> None:
    fresh = monitor("--now", THURSDAY, "health", cwd=stored)
    stale = monitor("--now", "2026-01-29T20:00:00Z", "health", "--json", cwd=stored)

    assert fresh.code == 0
    assert stale.code == 1
    assert "last poll" in stale.json["problems"][0]


def test_health_before_the_first_poll_is_bad_and_makes_no_file(tmp_path: Path) -> None:
    write_config(tmp_path)

    run = monitor("health", cwd=tmp_path)

    assert run.code == 1
    assert "monitor poll" in run.out
    assert not (tmp_path / "data").exists()


def test_a_busy_database_asks_to_try_again_later(stored: Path) -> None:
    with sqlite3.connect(stored / "data" / "monitor.db", isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")
        refused(monitor("poll", "--all", cwd=stored), "monitor.db", code=75)
        db.execute("ROLLBACK")
    db.close()


def test_an_unwritable_output_keeps_the_edition_and_writes_it_at_the_next_run(stored: Path) -> None:
    (stored / "data" / "site").write_text("in the way", encoding="utf-8")
    blocked = monitor("--now", THURSDAY, "digest", cwd=stored)
    (stored / "data" / "site").unlink()
    later = monitor("--now", THURSDAY, "digest", cwd=stored)

    refused(blocked, "Cannot write", code=1)
    assert "nothing is new" in later.out
    assert (stored / "data" / "site" / "daily" / "2026-01-29" / "index.html").exists()


def test_a_preview_records_nothing(stored: Path) -> None:
    preview = monitor("--now", THURSDAY, "digest", "--preview", "--json", cwd=stored)
    since = monitor("--now", THURSDAY, "digest", "--since", "2026-01-01", "--json", cwd=stored)
    real = monitor("--now", THURSDAY, "digest", "--json", cwd=stored)
    after = monitor("--now", THURSDAY, "digest", "--since", "2026-01-01", "--json", cwd=stored)

    assert Path(preview.json["html"]).exists()
    assert preview.json["edition_id"] is None
    assert [run.json["stories"] for run in (preview, since, real, after)] == [2, 2, 2, 2]


def test_test_scores_labelled_examples_and_fails_below_a_threshold(stored: Path) -> None:
    lines = [
        {"id": "a", "title": "UK-China trade", "relevant": 1, "topics": ["trade"]},
        {"id": "b", "title": "British tea", "relevant": 1, "topics": ["trade"]},
    ]
    (stored / "examples.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    scored = monitor("test", "examples.jsonl", "--json", cwd=stored)
    failed = monitor("test", "examples.jsonl", "--min-f1", "0.9", cwd=stored)

    assert scored.code == 0
    assert scored.json["relevance"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.6667,
        "tp": 1,
        "fp": 0,
        "fn": 1,
    }
    assert list(scored.json) == ["schema_version", "n", "relevance", "topics", "stories", "failures"]
    assert scored.json["topics"]["per_topic"]["trade"]["support"] == 2
    assert [failure["id"] for failure in scored.json["failures"]] == ["b"]
    assert failed.code == 1
    assert "missed  b" in failed.out


def test_test_reads_examples_written_by_hand_in_yaml(stored: Path) -> None:
    (stored / "examples.yaml").write_text(
        "- title: UK-China trade\n  expect: [trade]\n- title: bone china for Britain\n  expect: []\n",
        encoding="utf-8",
    )

    scored = monitor("test", "examples.yaml", "--json", cwd=stored)

    assert scored.json["relevance"]["f1"] == 1.0
    assert scored.json["failures"] == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.jsonl", "{", "--> x.jsonl:1:2"),
        ("x.jsonl", "[]", "x.jsonl:1:1"),
        ("x.jsonl", '{"title": ""}', "title"),
        ("x.yaml", "- title: [", "x.yaml:1"),
        ("x.yaml", "title: x", "x.yaml:1"),
        ("missing.jsonl", None, "cannot read"),
    ],
)
def test_bad_examples_are_refused_with_their_place(
    stored: Path, name: str, text: str | None, says: str
) -> None:
    if text is not None:
        (stored / name).write_text(text, encoding="utf-8")

    refused(monitor("test", name, cwd=stored), says)


def test_the_schema_printed_is_the_schema_kept(tmp_path: Path) -> None:
    kept = Path(__file__).parent.parent / "config.schema.json"

    assert monitor("schema", cwd=tmp_path).out == kept.read_text(encoding="utf-8")


def test_a_table_in_a_pipe_has_no_colour_and_whole_lines(stored: Path) -> None:
    out = monitor("search", "Chinese", cwd=stored, env={"NO_COLOR": "", "TERM": "xterm-256color"}).out

    assert "\x1b" not in out
    assert all(line == line.rstrip() or "  " in line for line in out.splitlines())


def test_a_broken_template_costs_its_looks_and_is_told_with_its_place(stored: Path) -> None:
    assert monitor("init", "--templates", cwd=stored).code == 0
    with (stored / "templates" / "digest" / "body.txt").open("a", encoding="utf-8") as template:
        template.write("{{ no_such_thing.at_all }}")

    made = monitor("--now", THURSDAY, "digest", "--json", cwd=stored)

    assert made.code == 1
    assert "body.txt:" in made.err
    assert MEETING[0] in Path(made.json["text"]).read_text(encoding="utf-8")


def test_a_broken_template_shows_in_the_exit_code_only_where_it_was_needed(
    stored: Path,
) -> None:
    assert monitor("init", "--templates", cwd=stored).code == 0
    (stored / "templates" / "digest" / "subject.txt").write_text("{{ no_such_name }}", encoding="utf-8")

    made = monitor("--now", THURSDAY, "digest", cwd=stored)
    nothing = monitor("--now", THURSDAY, "digest", cwd=stored)
    empty = monitor("--now", THURSDAY, "digest", "--empty", "--preview", cwd=stored)

    assert (made.code, nothing.code) == (1, 0)
    assert "built-in template was used" in made.err
    assert "built-in template was used" not in nothing.err
    assert empty.code == 1
