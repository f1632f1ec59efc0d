"""Shell: `monitor test`: the rules tried on stored labels, on a corpus, on tests written by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import config as configs
from .. import tune
from ..models import Item, Label, Problem, Topic
from .context import Context, UsageError, sides
from .output import one_line, plural, print_json

WANTING = {
    "relevance": "no example is labelled relevant, and the rules let none in",
    "topics": "no example has topics, and the rules give none where they are known",
    "stories": "no example of a file is labelled relevant; only files name events",
}


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
    return int(_misses_a_threshold(context, result) or bool(result.failed))


def _misses_a_threshold(context: Context, result: tune.Evaluation) -> bool:
    """Whether one that was given is not reached, or there is nothing to tell by; says which."""
    args = context.args
    given = [
        ("relevance", result.relevance.f1, args.min_f1, _counted([result.relevance])),
        ("topics", result.micro_f1, args.min_topic_f1, _counted(result.topics.values())),
        ("stories", result.stories[2], args.min_story_f1, result.stories_n),
    ]
    missed = False
    for name, got, wanted, counted in given:
        if wanted is None or (counted and got >= wanted):
            continue
        missed = True
        if counted:
            print(f"monitor: {name} F1 is {got:.3f}, below the {wanted:g} asked for", file=sys.stderr)
        else:
            nothing = f"but there was nothing to measure: {WANTING[name]}"
            print(f"monitor: {name} F1 of {wanted:g} asked for, {nothing}", file=sys.stderr)
    return missed


def _counted(scores: Iterable[tune.Score]) -> int:
    """What an F1 is made of: what is right, and what the rules say."""
    return sum(score.tp + score.fp + score.fn for score in scores)


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
    implied = sides(context.config)
    return [
        tune.labelled(judged, label, implied.get(judged.item.source_id))
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


# Files


def _examples(context: Context, name: str) -> Iterator[tune.Example]:
    try:
        text = (context.cwd / name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from error
    if Path(name).suffix in (".yaml", ".yml"):
        yield from _tests(context, text, name)
    else:
        yield from _lines(context, text, name)


def _lines(context: Context, text: str, name: str) -> list[tune.Example]:
    """The examples of a JSONL file. Raises ExamplesError with every problem of every line."""
    # Not splitlines: JSON may have other line separators within a text.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        # A file that was cut short must not pass every threshold.
        raise UsageError(f"{name}: there is no example in this file")
    topics = [topic.id for topic in context.config.topics]
    found: list[tune.Example] = []
    problems: list[Problem] = []
    for number, line in lines:
        try:
            found.append(tune.example(_object(line), number, topics))
        except json.JSONDecodeError as error:
            place = number, error.colno, line
            problems.append(_problem(name, place, tune.Mistake(f"not JSON: {error.msg}")))
        except tune.ExampleError as error:
            problems += [
                _problem(name, (number, _column(line, mistake.key), line), mistake)
                for mistake in error.mistakes
            ]
    if problems:
        raise configs.ExamplesError(tuple(problems))
    return found


def _object(line: str) -> dict[str, Any]:
    values = json.loads(line)
    if isinstance(values, dict):
        return values
    raise tune.ExampleError([tune.Mistake("an example is one object with a title")])


def _column(line: str, key: str) -> int:
    """Where a key stands, from 1; 1 where it does not."""
    return max(line.find(f'"{key}"'), 0) + 1


def _problem(name: str, place: tuple[int, int, str], mistake: tune.Mistake) -> Problem:
    number, column, line = place
    return Problem(mistake.message, name, number, column, mistake.hint, excerpt=line)


def _tests(context: Context, text: str, name: str) -> Iterator[tune.Example]:
    implied = sides(context.config)
    topics = [topic.id for topic in context.config.topics]
    for expected in configs.read_tests(text, Path(name), topics=topics, sources=implied):
        item, outlet = _tested(context, expected, name)
        side = implied.get(expected.source or item.source_id)
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
    told = [line for failure in result.failures for line in _failure_lines(failure)]
    told += [f'PASSES NOW  {one.id}  {_quoted(one.name)}  delete its "todo: true"' for one in result.promote]
    if told:
        print("\n".join(told), end="\n\n")
    _print_scores(result, topics)
    if result.n > len(result.passed) + len(result.failed):
        _print_count(result)
    if result.has_tests:
        print(_tests_summary(result))


def _failure_lines(failure: tune.Failure) -> Iterator[str]:
    """Of a corpus only what is wrong in relevance: of its topics the figures tell enough."""
    one = failure.example
    if one.origin == "test":
        near = f"  near: {', '.join(_quoted(text) for text in failure.near)}" if failure.near else ""
        expected, got = _expected_words(one), _got_words(*failure.got)
        yield f"FAIL  {one.id}  {_quoted(one.name)}  {expected}  got: {got}{near}"
    elif failure.is_relevance:
        yield f"{'missed' if one.relevant else 'false alarm'}  {one.id}  {one_line(one.item.title)}"
    elif one.origin == "label":
        expected = ", ".join(one.topics or ())
        yield f"topics  {one.id}  {one_line(one.item.title)}"
        yield f"    label: {expected or 'none'}; rules: {', '.join(failure.got[1]) or 'none'}"
        return
    else:
        return
    yield f"    {one_line(failure.why)}"


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
