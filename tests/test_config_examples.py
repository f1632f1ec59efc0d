"""Tests of the rules that users write by hand: what they may say, and where a mistake in them stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import ExamplesError, Expectation, read_tests

FILE = Path("tests.yaml")


def read(text: str) -> tuple[Expectation, ...]:
    return read_tests(text, FILE, topics=("migration", "trade"), sources=("gazette", "govuk"))


def test_a_test_says_what_is_judged_and_what_is_expected() -> None:
    assert read(
        """\
- name: plural
  text: |
    Small boats
    The UK and China
    agree.
  expect: [migration]
- {title: Bone china, summary: Made in Stoke., source: govuk, relevant: false}
- item: 4711
  expect: []
- url: https://gazette.example/x
  side: none
  not: [trade, migration]
  todo: true
- text: one topic needs no brackets
  expect: trade
"""
    ) == (
        Expectation(
            1, 3, "plural", "Small boats", "The UK and China agree.", relevant=True, topics=("migration",)
        ),
        Expectation(7, 3, "Bone china", "Bone china", "Made in Stoke.", source="govuk", relevant=False),
        Expectation(8, 3, "", ref="4711", relevant=False, topics=()),
        Expectation(
            10,
            3,
            "",
            ref="https://gazette.example/x",
            side="none",
            unwanted=("trade", "migration"),
            todo=True,
        ),
        Expectation(
            14,
            3,
            "one topic needs no brackets",
            "one topic needs no brackets",
            relevant=True,
            topics=("trade",),
        ),
    )


def test_a_text_is_taken_as_it_is_written_whatever_yaml_reads_into_it() -> None:
    assert [one.title for one in read("[{title: 2026, expect: []}, {text: NO, expect: []}]")] == [
        "2026",
        "NO",
    ]


def test_of_a_test_without_topics_only_relevance_is_asked() -> None:
    (one,) = read("- {text: x, relevant: true}")

    assert (one.relevant, one.topics, one.unwanted) == (True, None, ())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- text: x\n  expcet: []", '2:3: error: unknown key "expcet" (did you mean "expect"?)'),
        ("- text: x\n  topics: [trade]", '2:3: error: unknown key "topics" (write "expect")'),
        (
            "- text: x\n  expect: [trad]",
            '2:12: error: there is no topic "trad" in the config (did you mean "trade"?)',
        ),
        (
            "- text: x\n  not: [x]",
            '2:9: error: there is no topic "x" in the config (known: migration, trade)',
        ),
        ("- text: x\n  expect: [[trade]]", "2:12: error: expected a topic"),
        (
            "- text: x\n  source: gov\n  expect: []",
            '2:11: error: there is no source "gov" (did you mean "govuk"?)',
        ),
        (
            "- text: x\n  side: france\n  expect: []",
            '2:9: error: there is no side "france" (known: uk, china, both',
        ),
        ("- text: x\n  relevant: yes", '2:13: error: "relevant" is not true or false (write true)'),
        ("- text: x\n  relevant: 1", '2:13: error: "relevant" is not true or false'),
        ("- text: x\n  expect: []\n  todo: later", '3:9: error: "todo" is not true or false'),
        ("- text: x", "1:3: error: the test expects nothing"),
        ("- expect: []", "1:3: error: what is to be tested?"),
        ("- text: x\n  item: 1\n  expect: []", '2:3: error: "text" and "item" in one test (keep one)'),
        ("- text: x\n  summary: y\n  expect: []", '2:3: error: "summary" beside "text" (write "title"'),
        ("- item: 1\n  summary: y\n  expect: []", '2:3: error: "summary" beside "item" (delete it)'),
        ("- item: https://x.example/\n  expect: []", '1:9: error: "item" is not the number of a stored item'),
        ("- url: 12\n  expect: []", '1:8: error: "url" is not the address of a stored item'),
        ("- title: [a]\n  expect: []", '1:10: error: "title" is not text'),
        ('- title: " "\n  expect: []', '1:10: error: "title" is empty'),
        ("- title:\n  expect: []", '1:3: error: "title" is empty'),
        ("- text: x\n  expect: [trade]\n  not: [trade]", '3:3: error: "trade" is expected and not expected'),
        ("- text: x\n  expect: [trade]\n  relevant: false", "3:3: error: not relevant, and yet"),
        ("- text: x\n  expect: []\n  relevant: true", "3:3: error: relevant, and yet"),
        ("- Starmer meets Xi", "1:3: error: expected a test, with keys and values"),
        ("text: x\nexpect: []", '1:1: error: expected a list of tests (begin each with "- text: …")'),
        ("# nothing yet", "1:1: error: there is no test in this file"),
        ("- text: [x", "1:9: error: the [ or { that opens here is never closed"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(ExamplesError) as caught:
        read(text)

    assert str(caught.value.problems[0]).startswith(f"tests.yaml:{says}")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ExamplesError) as caught:
        read("- text: x\n  expect: [x]\n- expect: []\n- text: y\n  nto: [trade]\n")

    assert [problem.line for problem in caught.value.problems] == [2, 3, 5]
    assert caught.value.told().endswith("monitor: 3 problems in tests.yaml; nothing was tested")
