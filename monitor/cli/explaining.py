"""Shell: `monitor explain`: why one item is in or out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .. import tune
from ..models import Item, Judged, Side
from .context import Context, UsageError, one_of
from .output import one_line, print_json

REASONS_SHOWN = 6
TERM_SHOWN = 60
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
    heading = f'"{_short(one_line(item.title), TITLE_SHOWN)}"'
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
        place = f'"{_short(match.term, TERM_SHOWN)}" {tune.FIELD_NAMES[match.field]} {match.points:+g}'
        print(f"  {label:<10} {place}: {one_line(tune.context(explained.item, match))}")
    if len(matches) > REASONS_SHOWN:
        print(f"  {label:<10} and {len(matches) - REASONS_SHOWN} more places")


def _short(text: str, most: int) -> str:
    """Enough of a long expression to find it in config.yaml, of a long headline to know it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
