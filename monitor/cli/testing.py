"""Shell: `monitor test`: the rules tried on labelled examples."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import config as configs
from .. import tune
from ..models import Topic
from .context import Context, UsageError
from .output import one_line, plural, print_json


def test(context: Context) -> int:
    """`monitor test`: exit 1 below a threshold that was given."""
    examples = [one for name in context.args.file for one in _examples(context.cwd / name)]
    result = tune.evaluate(examples, context.config.rulebook)
    if context.args.json:
        print_json(_evaluation_json(result))
    else:
        _print_evaluation(result, context.config.topics)
    return int(any(got < wanted for _, got, wanted in _thresholds(context, result)))


def _thresholds(context: Context, result: tune.Evaluation) -> list[tuple[str, float, float]]:
    args = context.args
    given = [
        ("relevance", result.relevance.f1, args.min_f1),
        ("topics", result.micro_f1, args.min_topic_f1),
        ("stories", result.stories[2], args.min_story_f1),
    ]
    missed = [(name, got, wanted) for name, got, wanted in given if wanted is not None and got < wanted]
    for name, got, wanted in missed:
        print(f"monitor: {name} F1 is {got:.3f}, below the {wanted:g} asked for", file=sys.stderr)
    return missed


def _examples(path: Path) -> list[tune.Example]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if path.suffix in (".yaml", ".yml"):
        rows = configs.read_list(text, path)
    else:
        rows = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return [_example(path, number, row) for number, row in rows]


def _example(path: Path, number: int, row: Any) -> tune.Example:
    try:
        values = json.loads(row) if isinstance(row, str) else row
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{number}:{error.colno}: not JSON: {error.msg}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{path}:{number}:1: an example is one object with a title")
    try:
        return tune.example(values, number)
    except tune.ExampleError as error:
        raise UsageError(f"{path}:{number}:1: {error}") from error


def _evaluation_json(result: tune.Evaluation) -> dict[str, Any]:
    relevance = result.relevance
    precision, recall, f1 = result.stories
    return {
        "n": result.n,
        "relevance": {
            **_score_json(relevance),
            "tp": relevance.tp,
            "fp": relevance.fp,
            "fn": relevance.fn,
        },
        "topics": {
            "macro_f1": round(result.macro_f1, 4),
            "micro_f1": round(result.micro_f1, 4),
            "per_topic": {
                topic: {**_score_json(score), "support": score.tp + score.fn}
                for topic, score in result.topics.items()
            },
        },
        "stories": {
            "b3_precision": round(precision, 4),
            "b3_recall": round(recall, 4),
            "b3_f1": round(f1, 4),
            "n": result.stories_n,
        },
        "failures": [
            {
                "id": failure.id,
                "expected": _labels_json(*failure.expected),
                "got": _labels_json(*failure.got),
                "why": failure.why,
            }
            for failure in result.failures
        ],
    }


def _score_json(score: tune.Score) -> dict[str, float]:
    return {
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
    }


def _labels_json(relevant: bool | None, topics: Sequence[str] | None) -> dict[str, Any]:
    return {"relevant": relevant, "topics": None if topics is None else list(topics)}


def _print_evaluation(result: tune.Evaluation, topics: Sequence[Topic]) -> None:
    wrong = [failure for failure in result.failures if failure.is_relevance]
    for failure in wrong:
        what = "missed" if failure.expected[0] else "false alarm"
        print(f"{what}  {failure.id}  {one_line(failure.title)}\n    {one_line(failure.why)}")
    if wrong:
        print()
    score = result.relevance
    print(f"{'':<12}{'precision':>10}{'recall':>8}{'F1':>7}{'items':>7}")
    _print_score("relevance", score, score.tp + score.fn)
    for topic in topics:
        found = result.topics.get(topic.id, tune.Score(0, 0, 0))
        _print_score(f"  {topic.id}", found, found.tp + found.fn)
    print(f"{'  topics':<12}{'':>18}{result.micro_f1:>7.3f}         (micro; macro {result.macro_f1:.3f})")
    precision, recall, f1 = result.stories
    print(f"{'stories':<12}{precision:>10.3f}{recall:>8.3f}{f1:>7.3f}{result.stories_n:>7}  (B-cubed)")
    topics_only = len(result.failures) - len(wrong)
    print(
        f"{plural(result.n, 'example')}: {len(wrong)} wrong in relevance, "
        f"{topics_only} more in topics (--json lists them)."
    )


def _print_score(name: str, score: tune.Score, support: int) -> None:
    print(f"{name:<12}{score.precision:>10.3f}{score.recall:>8.3f}{score.f1:>7.3f}{support:>7}")
