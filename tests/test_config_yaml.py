"""What YAML itself holds in store: syntax, old readings, aliases, depth, size."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.config import ConfigError
from monitor.models import Problem
from tests.test_config import FULL, read
from tests.test_config_problems import problems_of, shown


@pytest.mark.parametrize(
    ("text", "start", "hint"),
    [
        ('timezone: "UTC\npolling: {}\n', "1:11 the quotes that open here are never closed", "closing quote"),
        ("polling:\n\tevery: 30m\n", "2:1 a tab is used to indent", "use blanks"),
        ("timezone: UTC: x\n", "1:14 a colon is not expected here", 'a text with ": " in it needs quotes'),
        (
            "rules:\n  both: [UK-China\ntopics: {}\n",
            "3:7 the [ or { that began before is not closed",
            "line 2",
        ),
        ("rules:\n  both:\n    - a\n   - b\n", "4:4 this does not fit what stands above", "indentation"),
        ('rules: {both: ["BN(O)" OR x]}\n', "1:24 text goes on after the closing quote", "single quotes"),
        (
            'rules:\n  both:\n    - "BN(O)" OR x\n',
            "3:15 text goes on after the closing quote",
            "single quotes",
        ),
        ("rules: {both: [@handle]}\n", '1:16 "@" cannot begin a text', "in quotes"),
        ("rules: {both: [%x]}\n", '1:16 "%" cannot begin a text', "in quotes"),
        (
            "rules:\n  both:\n    - *tariff\n",
            "3:7 *tariff refers to something that is not defined",
            '"*tariff"',
        ),
        ("rules: {both: [!x y]}\n", "1:16 YAML tags", "needs quotes"),
        (
            "mail: {from: a@example.org, password: ${PW}}\n",
            "1:40 a variable within { } or [ ] needs quotes",
            '"$',
        ),
        ("timezone\nsources: []\n", "2:8 a colon is not expected here", ""),
        ("timezone: UTC\n---\ntimezone: UTC\n", "2:1 a second document begins here", "---"),
        ("<<: {timezone: UTC}\n", '1:1 "<<" is not read here', "write the keys out"),
        ('"just text"\n', "1:1 expected keys with values at the top", ""),
        ('timezone: "\\ud800"\n', "1:14 the number after this \\u stands for no character", ""),
        ('timezone: "\\UFFFFFFFF"\n', "1:14 the number after this \\u stands for no character", ""),
        ("timezone: a\x7fb\n", "1:12 the character U+007F is not allowed here", ""),
        ("polling: &p {every: *p}\n", "1:21 *p stands inside the very thing", ""),
    ],
)
def test_syntax_errors_are_said_in_plain_words(text: str, start: str, hint: str) -> None:
    found = shown(problems_of(text)[0])

    assert found.startswith(start)
    assert hint in found


def test_a_key_that_is_no_text_is_an_error() -> None:
    assert "1:12 a key must be a single text" in shown(problems_of("timezone: {{ zone }}\n")[-1])


@pytest.mark.parametrize("word", ["yes", "Yes", "YES", "no", "No", "NO", "on", "ON", "off", "Off", "y", "N"])
def test_words_that_old_tools_take_for_booleans_are_never_taken_silently(word: str) -> None:
    (term,) = problems_of(f"rules: {{both: [{word}]}}\n")
    (switch,) = problems_of(f"sources: [{{id: a, url: 'https://x.example/', enabled: {word}}}]\n")

    assert f"{word} without quotes" in term.message
    assert switch.hint in ("write true", "write false")
    assert read(f"rules: {{both: ['{word}']}}\n").rules.both == (word,)


@pytest.mark.parametrize(
    "word", ["none", "NOK", "Ontario", "yes minister", "1,000", "5G", "9/11", "0x", "1e"]
)
def test_words_that_only_look_like_those_are_text(word: str) -> None:
    assert read(f"rules:\n  both:\n    - {word}\n").rules.both == (word,)


def test_an_alias_stands_for_what_it_names() -> None:
    config = read("rules:\n  sides: {uk: &uk [UK, Britain], china: [China]}\n  both: *uk\n")

    assert config.rules.both == ("UK", "Britain")


def test_a_problem_behind_an_alias_is_told_once() -> None:
    (problem,) = problems_of("rules:\n  both: &both [NO]\n  ignore: *both\n")

    assert (problem.line, problem.column) == (2, 16)


def alias_bomb(levels: int) -> str:
    """Nine references a level: 9 to the power of `levels` texts in a few hundred bytes."""
    lines = [f"a0: &a0 [{', '.join(['lol'] * 9)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (alias_bomb(12), "more than 100,000 values"),
        ("rules: " + "[" * 10_000, "nested more than 30 levels"),
        ("rules:\n" + " [\n" * 10_000, "nested more than 30 levels"),
        ("rules: " + "{a: " * 10_000, "nested more than 30 levels"),
        ("".join(" " * n + "a:\n" for n in range(1_000)), "nested more than 30 levels"),
        ("- " * 10_000, "nested more than 30 levels"),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 100)),
            "nested more than 30",
        ),
        ("timezone: " + "x" * 10_001, "more than 10,000 characters"),
        ("timezone: '" + "${" * 5_001 + "'", "more than 10,000 characters"),
    ],
    ids=range(9),
)
def test_a_bomb_is_an_error_within_seconds(text: str, message: str) -> None:
    start = time.monotonic()

    found = problems_of(text)

    assert message in found[-1].message
    assert time.monotonic() - start < 5


def test_a_config_of_1500_lines_is_read_in_seconds() -> None:
    terms = "".join(f"    - 'steel works {n} NEAR/5 Jingye'  # why it is here\n" for n in range(1_500))
    start = time.monotonic()

    config = read(f"rules:\n  both:\n{terms}")

    assert len(config.rules.both) == 1_500
    assert time.monotonic() - start < 5  # half a second on a machine with nothing else to do


PIECES = [
    *FULL.split("\n"),
    *"{}[]:,-#&*!|>'\"%@`\t\n ${}:-?~",
    "  ",
    "- ",
    ": ",
    "NO",
    "12:30",
    "<<",
    "\\u",
    "---\n",
]


def problems_in(text: str) -> tuple[Problem, ...]:
    """Errors and warnings of a text that may be anything; no other exception comes out."""
    try:
        return read(text).warnings
    except ConfigError as error:
        return error.problems


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=60))
@example("? ")
@example("!<")
@example("&")
@example("%YAML 1.99999\n---\na: b")
@example("a: |99999999999\n b")
@example("- ? : -")
def test_any_text_is_a_config_or_a_config_error(text: str) -> None:
    assert all(problem.line for problem in problems_in(text))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_config_with_one_line_changed_is_a_config_or_a_config_error(data: st.DataObject) -> None:
    lines = FULL.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key, _, _ = lines[at].partition(":")
    value = data.draw(
        st.sampled_from(
            [
                "",
                " NO",
                " 1",
                " []",
                " {}",
                " x",
                " null",
                " 'x",
                " -1",
                " [[x]]",
                " {a: b}",
                " ${X}",
                " 1.5",
                " 2026-01-01",
                " *x",
                " |",
                " true",
            ]
        )
    )
    found = problems_in("\n".join([*lines[:at], f"{key}:{value}", *lines[at + 1 :]]))

    assert all(problem.message and problem.line for problem in found)


def test_ten_thousand_sources_are_read() -> None:
    rows = "".join(
        f"  - {{id: s{n}, name: Paper {n}, url: 'https://paper{n}.example/news/feed.xml', kind: uk-media}}\n"
        for n in range(10_000)
    )

    assert len(read(f"sources:\n{rows}").sources) == 10_000
