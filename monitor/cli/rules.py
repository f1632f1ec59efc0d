"""Shell: the commands about config and rules: init, check, schema, explain, test."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import config as configs
from .. import render, resources, tune
from ..models import Item, Judged, Problem, Side, Topic
from .context import Context, UsageError, one_of
from .output import is_coloured, one_line, plural, print_json

REASONS_SHOWN = 6
TERM_SHOWN = 60


def init(context: Context) -> int:
    """`monitor init`: overwrites nothing; with --templates a config that is there is left alone."""
    folder = context.cwd / context.args.folder
    target = folder / "config.yaml"
    if not (context.args.templates and target.exists()):
        print(f"wrote {configs.write_starter(resources.starter_config(), folder)}")
    if context.args.templates:
        print(f"wrote {_copied_templates(folder / 'templates')}")
    print(f"Next: edit it, then monitor --config {target} check")
    return 0


def _copied_templates(target: Path) -> Path:
    try:
        return shutil.copytree(resources.templates(), target)
    except FileExistsError:
        raise UsageError(f"{target} is there already; it was left as it is") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None


def check(context: Context) -> int:
    """`monitor check`: 0 where the config can be used, warnings or not; 2 where it cannot."""
    problems: tuple[Problem, ...]
    found = None
    try:
        found = context.config
        problems = (*found.warnings, *_template_problems(context))
    except configs.ConfigError as error:
        problems = error.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if context.args.json:
        print_json({"ok": not errors, "problems": [_problem_json(problem) for problem in problems]})
    else:
        for problem in problems:
            print(configs.describe(problem, colour=is_coloured(sys.stdout)))
            print()
        print(_check_summary(found, errors, len(problems) - len(errors)))
    return 2 if errors else 0


def _template_problems(context: Context) -> tuple[Problem, ...]:
    return render.check_templates(render.environment(context.template_folders()))


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        name: getattr(problem, name) for name in ("severity", "file", "line", "column", "message", "hint")
    }


def _check_summary(found: configs.Config | None, errors: Sequence[Problem], warnings: int) -> str:
    counts = f"{plural(len(errors), 'error')}, {plural(warnings, 'warning')}"
    if found is None:
        return f"{counts}. Nothing can run until the errors are gone."
    enabled = sum(source.enabled for source in found.sources)
    rules = len(found.rulebook.rules) + len(found.rules.ignore)
    sizes = [
        f"{plural(len(found.sources), 'source')} ({enabled} on)",
        plural(rules, "term"),
        plural(len(found.topics), "topic"),
        plural(len(found.digests), "digest"),
    ]
    return f"{counts} in {found.file.name}: {', '.join(sizes)}. Rules {found.rulebook.version}."


def schema(context: Context) -> int:  # noqa: ARG001 - every command takes its context
    """`monitor schema`."""
    print(configs.schema_text(), end="")
    return 0


def explain(context: Context) -> int:
    """`monitor explain`."""
    item, side, judged = _subject(context)
    explained = tune.explain(item, side, context.config.rulebook)
    if context.args.json:
        print_json(_explanation_json(explained, judged))
    else:
        _print_explanation(explained, judged, context)
    return 0


def _subject(context: Context) -> tuple[Item, Side | None, Judged | None]:
    args = context.args
    if args.title is not None and args.ref:
        raise UsageError("give an item or --title, not both")
    if args.title is not None:
        return _pasted(context, args.title, args.summary)
    if args.ref == "-":
        title, _, summary = sys.stdin.read().strip().partition("\n")
        return _pasted(context, title, " ".join(summary.split()))
    if not args.ref:
        raise UsageError("say which item: its id or address, - for pasted text, or --title TEXT")
    judged = context.item(args.ref)
    sides = {source.id: source.side for source in context.config.sources}
    if args.source:
        return judged.item, sides[one_of(args.source, sides, "source")], judged
    return judged.item, sides.get(judged.item.source_id), judged


def _pasted(context: Context, title: str, summary: str) -> tuple[Item, Side | None, None]:
    if not title.strip():
        raise UsageError("there is no text to judge")
    side = None
    if context.args.source:
        sides = {source.id: source.side for source in context.config.sources}
        side = sides[one_of(context.args.source, sides, "source")]
    return tune.pasted(title.strip(), summary, context.args.source or "pasted"), side, None


def _explanation_json(explained: tune.Explanation, judged: Judged | None) -> dict[str, Any]:
    verdict = explained.verdict
    return {
        "id": str(judged.id) if judged else None,
        "title": explained.item.title,
        "relevant": verdict.relevant,
        "score": verdict.score,
        "reason": verdict.reason,
        "parts": dict(verdict.parts),
        "topics": list(verdict.topics),
        "rules_version": verdict.rules_version,
        "stored_rules_version": judged.verdict.rules_version if judged else None,
        "matches": [
            {
                "role": match.role,
                "topic": match.topic,
                "term": match.term,
                "field": match.field,
                "text": match.text,
                "where": match.where,
                "start": match.start,
                "points": match.points,
                "context": tune.context(explained.item, match),
            }
            for match in verdict.matches
        ],
        "ignored": list(explained.ignored),
        "near": [
            {
                "for": near.role,
                "term": near.term,
                "text": near.text,
                "context": near.context,
                "reason": near.reason,
            }
            for near in explained.near
        ],
    }


def _print_explanation(explained: tune.Explanation, judged: Judged | None, context: Context) -> None:
    item, verdict = explained.item, explained.verdict
    heading = f'"{one_line(item.title)}"'
    if judged:
        day = (
            judged.date.astimezone(context.config.timezone).strftime("%-d %b %Y")
            if judged.date
            else "no date"
        )
        heading = f"{judged.id}  {judged.outlet}, {day}   {heading}"
    print(heading)
    print(f"{'RELEVANT' if verdict.relevant else 'NOT RELEVANT'}: {verdict.reason}. {_sum(explained)}")
    for text in dict.fromkeys(explained.ignored):
        print(f"  ignored    {one_line(text)}")
    for role in ("both", "uk", "china", "elsewhere", "exclude"):
        _print_terms(explained, role, None, tune.ROLE_NAMES[role])
    titles = {topic.id: topic for topic in context.config.topics}
    matched = [topic for topic in titles if any(match.topic == topic for match in verdict.matches)]
    for topic in sorted(matched, key=lambda t: _rank(t, verdict.topics)):
        _print_terms(explained, "topic", topic, topic if topic in verdict.topics else f"({topic})")
    for near in explained.near:
        print(f'  near       {near.role} "{near.term}": {one_line(near.context)}   ({near.reason})')
    if explained.silent_topics:
        print(f"  no term    {', '.join(explained.silent_topics)}")
    if judged and judged.verdict.rules_version != verdict.rules_version:
        was = "relevant" if judged.verdict.relevant else "not relevant"
        now, then = verdict.rules_version, judged.verdict.rules_version
        print(f"Stored as {was} under rules {then}; these are {now}.")


def _rank(topic: str, topics: Sequence[str]) -> int:
    return topics.index(topic) if topic in topics else len(topics)


def _sum(explained: tune.Explanation) -> str:
    names = {"uk": "UK", "china": "China", "both": "names the relation", "elsewhere": "third countries"}
    parts = [f"{names[name]} {points:+g}" for name, points in explained.verdict.parts if points]
    side = f" (the source implies: {explained.side})" if explained.side else ""
    return ", ".join(parts) + side


def _print_terms(explained: tune.Explanation, role: str, topic: str | None, label: str) -> None:
    matches = [m for m in explained.verdict.matches if m.role == role and m.topic == topic]
    for match in matches[:REASONS_SHOWN]:
        place = f'"{_short(match.term)}" {tune.FIELD_NAMES[match.field]} {match.points:+g}'
        print(f"  {label:<10} {place}: {one_line(tune.context(explained.item, match))}")
    if len(matches) > REASONS_SHOWN:
        print(f"  {label:<10} and {len(matches) - REASONS_SHOWN} more places")


def _short(term: str) -> str:
    """Enough of a long expression to find it in config.yaml."""
    return term if len(term) <= TERM_SHOWN else f"{term[: TERM_SHOWN - 1]}…"


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
