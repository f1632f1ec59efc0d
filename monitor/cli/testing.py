"""Shell: `monitor test`: the rules tried on stored labels, on a corpus, on tests written by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import config as configs
from .. import tune
from ..models import Item, Label, Side, Topic
from .context import Context, UsageError
from .output import one_line, plural, print_json


def test(context: Context) -> int:
    """`monitor test`: exit 1 where a test written by hand fails, or below a threshold that was given."""
    args = context.args
    examples = [one for name in args.file for one in _examples(context, name)]
    if args.labels or not args.file:
        examples += _labels(context, needed=not args.file)
    result = tune.evaluate(examples, context.config.rulebook)
    if args.json:
        print_json(_evaluation_json(result))
    else:
        _print_evaluation(result, context.config.topics)
    missed = [got < wanted for _, got, wanted in _thresholds(context, result)]
    return int(any(missed) or bool(result.failed))


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


# Stored labels


def _labels(context: Context, *, needed: bool) -> list[tune.Example]:
    labels = context.reader.labels()
    if not labels and needed:
        raise UsageError(
            "there are no labels yet: `monitor label --next` shows which items to label first, "
            "`monitor test FILE` tries the rules on examples in a file"
        )
    if not labels:
        print("monitor: no labels are stored yet; see `monitor label --next`", file=sys.stderr)
    _tell_unknown_topics(labels, context.config.topics)
    sides = _sides(context)
    return [
        tune.labelled(judged, label, sides.get(judged.item.source_id))
        for item_id, label in labels.items()
        if (judged := context.reader.item(item_id))
    ]


def _tell_unknown_topics(labels: Mapping[int, Label], topics: Sequence[Topic]) -> None:
    known = {topic.id for topic in topics}
    for item_id, label in labels.items():
        for topic in {*(label.topics or ())} - known:
            print(
                f'monitor: the label of {item_id} has the topic "{topic}", which is not in the config; '
                f"to label it anew: monitor label {item_id} relevant --topics …",
                file=sys.stderr,
            )


def _sides(context: Context) -> dict[str, Side | None]:
    return {source.id: source.side for source in context.config.sources}


# Files


def _examples(context: Context, name: str) -> Iterator[tune.Example]:
    try:
        text = (context.cwd / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from error
    if Path(name).suffix in (".yaml", ".yml"):
        yield from _tests(context, text, name)
        return
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        # A file that was cut short must not pass every threshold.
        raise UsageError(f"{name}: there is no example in this file")
    for number, line in lines:
        yield _line(name, number, line)


def _line(name: str, number: int, line: str) -> tune.Example:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{number}:{error.colno}: not JSON: {error.msg}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{name}:{number}:1: an example is one object with a title")
    try:
        return tune.example(values, number)
    except tune.ExampleError as error:
        raise UsageError(f"{name}:{number}:1: {error}") from error


def _tests(context: Context, text: str, name: str) -> Iterator[tune.Example]:
    sides = _sides(context)
    topics = [topic.id for topic in context.config.topics]
    for expected in configs.read_tests(text, Path(name), topics=topics, sources=sides):
        item, outlet = _tested(context, expected, name)
        side = sides.get(expected.source or item.source_id)
        yield tune.Example(
            f"{name}:{expected.line}",
            item,
            tune.SIDES[expected.side] if expected.side else side,
            outlet,
            expected.relevant,
            expected.topics,
            only=expected.topics == (),
            unwanted=expected.unwanted,
            origin="test",
            name=expected.name or item.title,
            todo=expected.todo,
        )


def _tested(context: Context, expected: configs.Expectation, name: str) -> tuple[Item, str]:
    """The item that a test is about, and its outlet."""
    if not expected.ref:
        return tune.pasted(expected.title, expected.summary, expected.source or "pasted"), ""
    try:
        judged = context.item(expected.ref)
    except UsageError as error:
        place = f"{name}:{expected.line}:{expected.column}"
        raise UsageError(f'{place}: {error}; or write its "title" and "summary" into the test') from error
    return judged.item, judged.outlet


# As JSON


def _evaluation_json(result: tune.Evaluation) -> dict[str, Any]:
    relevance = result.relevance
    precision, recall, f1 = result.stories
    values = {
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
        "failures": [_failure_json(failure) for failure in result.failures],
    }
    if result.has_tests:
        values["tests"] = {
            "ok": len(result.passed),
            "failed": len(result.failed),
            "todo": [_failure_json(failure) for failure in result.todo],
            "promote": [{"id": one.id, "name": one.name} for one in result.promote],
        }
    return values


def _failure_json(failure: tune.Failure) -> dict[str, Any]:
    one = failure.example
    expected = _labels_json(one.relevant, one.topics)
    values = {
        "id": one.id,
        "expected": expected,
        "got": _labels_json(*failure.got),
        "why": failure.why,
    }
    if one.origin == "test":
        expected["not"] = list(one.unwanted)
        values |= {"name": one.name, "near": list(failure.near)}
    return values


def _score_json(score: tune.Score) -> dict[str, float]:
    return {
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
    }


def _labels_json(relevant: bool | None, topics: Sequence[str] | None) -> dict[str, Any]:
    return {"relevant": relevant, "topics": None if topics is None else list(topics)}


# As text


def _print_evaluation(result: tune.Evaluation, topics: Sequence[Topic]) -> None:
    for failure in result.failures:
        _print_failure(failure)
    for one in result.promote:
        print(f'PASSES NOW  {one.id}  "{one_line(one.name)}"  delete its "todo: true"')
    if result.failures or result.promote:
        print()
    _print_scores(result, topics)
    if result.n > len(result.passed) + len(result.failed):
        _print_count(result)
    if result.has_tests:
        print(_tests_summary(result))


def _print_failure(failure: tune.Failure) -> None:
    one = failure.example
    if one.origin == "test":
        near = f"  near: {', '.join(_quoted(text) for text in failure.near)}" if failure.near else ""
        expected, got = _expected_words(one), _got_words(*failure.got)
        print(f"FAIL  {one.id}  {_quoted(one.name)}  {expected}  got: {got}{near}")
    elif failure.is_relevance:
        print(f"{'missed' if one.relevant else 'false alarm'}  {one.id}  {one_line(one.item.title)}")
    elif one.origin == "label":
        expected = ", ".join(one.topics or ())
        print(f"topics  {one.id}  {one_line(one.item.title)}")
        print(f"    label: {expected or 'none'}; rules: {', '.join(failure.got[1]) or 'none'}")
        return
    else:
        return
    print(f"    {one_line(failure.why)}")


def _quoted(text: str) -> str:
    return f'"{one_line(text)}"'


def _expected_words(one: tune.Example) -> str:
    unwanted = f"not: {', '.join(one.unwanted)}" if one.unwanted else ""
    if one.topics:
        wanted = f"expect: {', '.join(one.topics)}"
    elif one.relevant is None:
        wanted = ""
    else:
        wanted = f"expect: {'relevant' if one.relevant else '(none)'}"
    return "  ".join(part for part in (wanted, unwanted) if part)


def _got_words(relevant: bool, topics: Sequence[str]) -> str:
    return ", ".join(topics) or ("relevant, no topic" if relevant else "(none)")


def _print_scores(result: tune.Evaluation, topics: Sequence[Topic]) -> None:
    score = result.relevance
    print(f"{'':<14}{'precision':>10}{'recall':>8}{'F1':>7}{'items':>7}")
    _print_score("relevance", score, score.tp + score.fn)
    # The config's order first; labels may have topics that it has no more.
    for topic in dict.fromkeys((*(topic.id for topic in topics), *result.topics)):
        found = result.topics.get(topic, tune.Score(0, 0, 0))
        if found.tp + found.fp + found.fn:
            _print_score(f"  {topic}", found, found.tp + found.fn)
    print(f"{'  topics':<14}{'':>18}{result.micro_f1:>7.3f}         (micro; macro {result.macro_f1:.3f})")
    if result.stories_n:
        precision, recall, f1 = result.stories
        print(f"{'stories':<14}{precision:>10.3f}{recall:>8.3f}{f1:>7.3f}{result.stories_n:>7}  (B-cubed)")


def _print_score(name: str, score: tune.Score, support: int) -> None:
    print(f"{name:<14}{score.precision:>10.3f}{score.recall:>8.3f}{score.f1:>7.3f}{support:>7}")


def _print_count(result: tune.Evaluation) -> None:
    """How many labels and lines of a corpus came out otherwise."""
    n = result.n - len(result.passed) - len(result.failed)
    failures = [failure for failure in result.failures if failure.example.origin != "test"]
    wrong = sum(failure.is_relevance for failure in failures)
    print(
        f"{plural(n, 'example')}: {wrong} wrong in relevance, "
        f"{len(failures) - wrong} more in topics (--json lists them)."
    )


def _tests_summary(result: tune.Evaluation) -> str:
    """`ok 17, failed 1, todo 2 (1 passes now: promote it)`."""
    promote = len(result.promote)
    now = {0: "", 1: " (1 passes now: promote it)"}.get(promote, f" ({promote} pass now: promote them)")
    todo = len(result.todo) + promote
    return f"ok {len(result.passed)}, failed {len(result.failed)}, todo {todo}{now}"
