"""`monitor test` on tests of the rules that an analyst writes by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config

TESTS = """\
- name: two leaders
  text: Starmer meets Xi Jinping
  expect: [diplomacy]
- name: plural of embassy
  title: UK and China
  summary: New embassies open.
  expect: [diplomacy]
  not: [trade]
- text: bone china in Britain
  expect: [trade]
  todo: true
- text: UK-China trade
  expect: [trade]
  todo: true
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a config and no database."""
    write_config(tmp_path, None, "{id: govuk, url: 'http://127.0.0.1:9/', kind: official-uk, side: uk}")
    (tmp_path / "tests.yaml").write_text(TESTS, encoding="utf-8")
    return tmp_path


def run_tests(desk: Path, text: str, *options: str) -> Ran:
    (desk / "tests.yaml").write_text(text, encoding="utf-8")
    return monitor("test", "tests.yaml", *options, cwd=desk)


def test_a_failed_test_is_told_with_its_line_and_what_nearly_matched(desk: Path) -> None:
    run = monitor("test", "tests.yaml", cwd=desk)

    assert run.code == 1
    lines = run.out.splitlines()
    assert lines[0] == (
        'FAIL  tests.yaml:4  "plural of embassy"  expect: diplomacy  not: trade  '
        'got: relevant, no topic  near: "embassies"'
    )
    assert lines[1].startswith("    6 points, 3 needed; ")
    assert lines[2] == 'PASSES NOW  tests.yaml:12  "UK-China trade"  delete its "todo: true"'
    assert lines[-1] == "ok 1, failed 1, todo 2 (1 passes now: promote it)"
    assert not any(line.startswith("stories") for line in lines)


def test_tests_in_json_are_in_the_form_of_all_examples_and_more(desk: Path) -> None:
    found = monitor("test", "tests.yaml", "--json", cwd=desk).json

    assert list(found)[:6] == ["schema_version", "n", "relevance", "topics", "stories", "failures"]
    assert found["n"] == 2
    assert found["topics"]["per_topic"]["diplomacy"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.6667,
        "support": 2,
    }
    (failure,) = found["failures"]
    assert failure["why"].startswith("6 points")
    assert {key: value for key, value in failure.items() if key != "why"} == {
        "id": "tests.yaml:4",
        "expected": {"relevant": True, "topics": ["diplomacy"], "not": ["trade"]},
        "got": {"relevant": True, "topics": []},
        "name": "plural of embassy",
        "near": ["embassies"],
    }
    assert (found["tests"]["ok"], found["tests"]["failed"]) == (1, 1)
    assert [one["id"] for one in found["tests"]["todo"]] == ["tests.yaml:9"]
    assert found["tests"]["promote"] == [{"id": "tests.yaml:12", "name": "UK-China trade"}]


def test_tests_that_all_pass_end_well_also_with_some_still_to_do(desk: Path) -> None:
    passed = run_tests(desk, TESTS.replace("embassies", "embassy"))
    reached = monitor("test", "tests.yaml", "--min-f1", "1", cwd=desk)

    assert passed.code == 0
    assert passed.out.endswith("ok 2, failed 0, todo 2 (1 passes now: promote it)\n")
    assert reached.code == 0


def test_a_source_or_a_side_says_what_need_not_be_named(desk: Path) -> None:
    run = run_tests(
        desk,
        "- {title: Minister visits Beijing, source: govuk, relevant: true}\n"
        "- {title: Minister visits Beijing, side: uk, relevant: true}\n"
        "- {title: Minister visits Beijing, source: govuk, side: none, relevant: false}\n"
        "- {title: Minister visits Beijing, relevant: false}\n",
    )

    assert run.out.endswith("ok 4, failed 0, todo 0\n")


def test_a_stored_item_can_be_tested_by_its_number_or_address(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(("Chinese tariffs", "Duties rise."), ("Tea in Kenya", "A cup costs less.")))
        write_config(tmp_path, site, "{id: gov, url: '{site}/feed', kind: official-uk, side: uk}")
        assert monitor("poll", cwd=tmp_path).code == 0

    run = run_tests(
        tmp_path,
        "- {item: 1, expect: [trade]}\n"
        "- {url: 'https://gazette.example/tea-in-kenya?utm_source=x', expect: []}\n"
        "- {item: 2, relevant: true, name: wrong}\n"
        "- {item: 1, side: none, expect: []}\n"
        "- {item: 2, expect: [trade]}\n",
    )
    missing = run_tests(tmp_path, "- {text: x, expect: []}\n- {item: 9, expect: []}\n")

    assert run.out.endswith("ok 3, failed 2, todo 0\n")
    assert 'FAIL  tests.yaml:3  "wrong"  expect: relevant  got: (none)' in run.out
    assert 'FAIL  tests.yaml:5  "Tea in Kenya"  expect: trade  got: (none)' in run.out
    assert (missing.code, missing.out) == (2, "")
    assert "tests.yaml:2:3: no stored item is '9'" in missing.err


def test_mistakes_in_a_file_of_tests_are_all_told_and_nothing_is_tested(desk: Path) -> None:
    run = run_tests(desk, "- text: x\n  expcet: []\n- text: y\n  expect: [trad]\n")

    assert (run.code, run.out) == (2, "")
    assert 'did you mean "expect"?' in run.err
    assert "--> tests.yaml:4:12" in run.err
    assert "2 problems in tests.yaml; nothing was tested" in run.err


def test_a_corpus_beside_tests_keeps_its_own_count_and_its_own_exit_code(desk: Path) -> None:
    lines = [{"id": "a", "title": "British tea", "relevant": 1, "topics": ["trade"]}]
    (desk / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (desk / "tests.yaml").write_text("- {text: UK-China trade, expect: [trade]}\n", encoding="utf-8")

    run = monitor("test", "corpus.jsonl", "tests.yaml", cwd=desk)

    assert run.code == 0
    assert run.out.startswith("missed  a  British tea\n")
    assert run.out.endswith(
        "1 example: 1 wrong in relevance, 0 more in topics (--json lists them).\nok 1, failed 0, todo 0\n"
    )


def test_a_file_of_examples_without_one_passes_no_threshold(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")

    run = monitor("test", "empty.jsonl", "--min-f1", "0.9", cwd=tmp_path)

    assert run.code == 2
    assert "empty.jsonl: there is no example in this file" in run.err


@pytest.mark.parametrize("share", ["2", "-0.1", "nan", "90%", ""])
def test_a_threshold_lies_between_0_and_1(desk: Path, share: str) -> None:
    run = monitor("test", "tests.yaml", "--min-f1", share, cwd=desk)

    assert (run.code, run.out) == (2, "")
    assert f"{share!r} is not a number from 0 to 1" in run.err


@pytest.mark.parametrize(
    ("option", "line", "says"),
    [
        ("--min-f1", {"title": "Tea in Kenya", "relevant": 0}, "relevance F1 of 0 asked for"),
        ("--min-topic-f1", {"title": "UK-China relations", "relevant": 1}, "topics F1 of 0 asked for"),
        ("--min-story-f1", {"title": "Tea in Kenya", "relevant": 0}, "stories F1 of 0 asked for"),
    ],
)
def test_a_threshold_with_nothing_to_measure_is_missed(
    desk: Path, option: str, line: dict[str, object], says: str
) -> None:
    (desk / "corpus.jsonl").write_text(json.dumps(line), encoding="utf-8")

    run = monitor("test", "corpus.jsonl", option, "0", cwd=desk)

    assert run.code == 1
    assert f"{says}, but there was nothing to measure" in run.err


def test_every_mistake_in_a_corpus_is_told_with_its_line(desk: Path) -> None:
    lines = [
        '{"id": "good", "title": "UK-China trade", "relevant": 1, "topics": ["trade"]}',
        '{"title": "Tea", "relevant": 1, "topics": ["trad", "tea"]}',
        '{"title": "Tea", "relevant": 0, "topics": ["trade"]}',
        "",
        '{"title": "Tea", "relevant": "yes", "source_side": ["uk"], "date": "99999999999"}',
        "{",
        "[]",
    ]
    (desk / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")

    run = monitor("test", "corpus.jsonl", cwd=desk)

    assert (run.code, run.out) == (2, "")
    told = [line for line in run.err.splitlines() if line.startswith(("error", " -->"))]
    assert told == [
        'error: there is no topic "trad" in the config',
        " --> corpus.jsonl:2:33",
        'error: there is no topic "tea" in the config',
        " --> corpus.jsonl:2:33",
        'error: not relevant, and yet "topics" has topics',
        " --> corpus.jsonl:3:33",
        'error: "relevant" is 1 or 0, not "yes"',
        " --> corpus.jsonl:5:18",
        'error: "source_side" is uk, china, both or none, not ["uk"]',
        " --> corpus.jsonl:5:37",
        'error: "99999999999" is not a date',
        " --> corpus.jsonl:5:60",
        "error: not JSON: Expecting property name enclosed in double quotes",
        " --> corpus.jsonl:6:2",
        "error: an example is one object with a title",
        " --> corpus.jsonl:7:1",
    ]
    assert 'did you mean "trade"?' in run.err
    assert "known: diplomacy, trade" in run.err
    assert run.err.endswith("monitor: 8 problems in corpus.jsonl; nothing was tested\n")


def test_a_text_may_have_line_separators_of_its_own_and_the_file_a_byte_order_mark(desk: Path) -> None:
    line = json.dumps({"title": "UK-China\u2028trade", "relevant": 1}, ensure_ascii=False)
    (desk / "corpus.jsonl").write_text(f"\ufeff{line}\r\n", encoding="utf-8")

    assert monitor("test", "corpus.jsonl", "--json", cwd=desk).json["relevance"]["tp"] == 1


def test_a_corpus_that_misses_only_topics_begins_with_the_figures(desk: Path) -> None:
    line = {"title": "UK-China relations", "relevant": 1, "topics": ["trade"]}
    (desk / "corpus.jsonl").write_text(json.dumps(line), encoding="utf-8")

    run = monitor("test", "corpus.jsonl", cwd=desk)

    assert run.out.splitlines()[0].split() == ["precision", "recall", "F1", "items"]
    assert "0 wrong in relevance, 1 more in topics" in run.out
