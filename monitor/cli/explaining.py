"""Shell: `monitor explain`: why one item is in or out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .. import tune
from ..models import Item, Judged, Side
from .context import Context, UsageError, one_of, sides
from .items import match_json
from .output import one_line, plural, print_json, shortened
from .replayed import day

REASONS_SHOWN = 6
TERM_SHOWN = 60
"""Characters of a long expression: enough to find it in config.yaml."""
TITLE_SHOWN = 300
"""Characters of a headline; a pasted text without a line break is all headline."""


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
    ref = " ".join(args.ref)
    if args.title is not None and ref:
        raise UsageError("give an item or --title, not both")
    if args.summary is not None and args.title is None:
        raise UsageError("--summary goes with --title; a stored item has its own, and - reads both")
    if args.title is not None:
        return _pasted(context, args.title, args.summary or "")
    if ref == "-":
        title, _, summary = sys.stdin.read().strip().partition("\n")
        return _pasted(context, title, " ".join(summary.split()))
    if not ref:
        raise UsageError("say which item: its id or address, - for pasted text, or --title TEXT")
    judged = context.item(ref)
    return judged.item, _side(context, judged.item.source_id), judged


def _side(context: Context, source_id: str) -> Side | None:
    """What the source that --source names implies, else the one that is given."""
    known, named = sides(context.config), context.args.source
    return known.get(source_id) if named is None else known[one_of(named, known, "source")]


def _pasted(context: Context, title: str, summary: str) -> tuple[Item, Side | None, None]:
    if not title.strip():
        raise UsageError("there is no text to judge")
    side = _side(context, "")
    return tune.pasted(title.strip(), summary, context.args.source or "pasted"), side, None


def _explanation_json(explained: tune.Explanation, judged: Judged | None) -> dict[str, Any]:
    verdict = explained.verdict
    return {
        "id": str(judged.id) if judged else None,
        "title": explained.item.title,
        "source_side": explained.side,
        "relevant": verdict.relevant,
        "score": verdict.score,
        "reason": verdict.reason,
        "parts": dict(verdict.parts),
        "topics": list(verdict.topics),
        "rules_version": verdict.rules_version,
        "stored_rules_version": judged.verdict.rules_version if judged else None,
        "matches": [
            match_json(match) | {"context": tune.context(explained.item, match)} for match in verdict.matches
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
    heading = f'"{shortened(one_line(item.title), TITLE_SHOWN)}"'
    if judged:
        when = day(judged.date, context.config) if judged.date else "no date"
        heading = f"{judged.id}  {judged.outlet}, {when}   {heading}"
    print(heading)
    if judged and context.args.source:
        print(f"Judged as if it came from {context.args.source}, not from {item.source_id}.")
    said = f"{'RELEVANT' if verdict.relevant else 'NOT RELEVANT'}: {verdict.reason}. {_sum(explained)}"
    print(said.rstrip())
    for text in dict.fromkeys(explained.ignored):
        print(f"  ignored    {one_line(text)}")
    for role in ("both", "uk", "china", "elsewhere", "exclude"):
        _print_terms(explained, role, None, tune.ROLE_NAMES[role])
    titles = {topic.id: topic for topic in context.config.topics}
    matched = [topic for topic in titles if any(match.topic == topic for match in verdict.matches)]
    for topic in sorted(matched, key=lambda t: _rank(t, verdict.topics)):
        _print_terms(explained, "topic", topic, topic if topic in verdict.topics else f"({topic})")
    for near in explained.near:
        term = shortened(near.term, TERM_SHOWN)
        print(f'  near       {near.role} "{term}": {one_line(near.context)}   ({near.reason})')
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
    return (", ".join(parts) + side).strip()


def _print_terms(explained: tune.Explanation, role: str, topic: str | None, label: str) -> None:
    matches = [m for m in explained.verdict.matches if m.role == role and m.topic == topic]
    for match in matches[:REASONS_SHOWN]:
        place = f'"{shortened(match.term, TERM_SHOWN)}" {tune.FIELD_NAMES[match.field]} {match.points:+g}'
        print(f"  {label:<10} {place}: {one_line(tune.context(explained.item, match))}")
    if len(matches) > REASONS_SHOWN:
        print(f"  {label:<10} and {plural(len(matches) - REASONS_SHOWN, 'more place')}")
