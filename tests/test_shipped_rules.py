"""The shipped rules on examples of our own, which whoever tunes them may read and add to."""

from __future__ import annotations

import json

import pytest

from monitor import config, tune

from .conftest import PROJECT

EXAMPLES = PROJECT / "tests" / "data" / "examples"
FILES = sorted(EXAMPLES.glob("*.jsonl"))


@pytest.fixture(scope="module")
def evaluation() -> tune.Evaluation:
    book = config.load(PROJECT / "config.yaml", {}).rulebook
    lines = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    return tune.evaluate([tune.example(json.loads(line), n) for n, line in enumerate(lines, 1)], book)


def test_there_are_hundreds_of_examples_of_both_kinds(evaluation: tune.Evaluation) -> None:
    assert evaluation.n >= 300
    assert evaluation.relevance.tp + evaluation.relevance.fn >= 150


# Floors a little below what the rules reach: a term may cost one example, not twenty.
def test_the_rules_find_what_is_relevant_and_little_else(evaluation: tune.Evaluation) -> None:
    assert evaluation.relevance.precision >= 0.92
    assert evaluation.relevance.recall >= 0.92


def test_the_rules_file_it_under_its_topics(evaluation: tune.Evaluation) -> None:
    assert evaluation.micro_f1 >= 0.77
    assert min(score.f1 for score in evaluation.topics.values()) >= 0.5
