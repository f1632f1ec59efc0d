"""Shell: stored items as JSON, the same in `search`, `show` and `export`."""

from __future__ import annotations

from typing import Any

from ..models import Judged, Label, Match


def item_json(judged: Judged) -> dict[str, Any]:
    """What is known of an item, without its text and its matches."""
    item, verdict = judged.item, judged.verdict
    return {
        "id": str(judged.id),
        "title": item.title,
        "url": item.url,
        "outlet": judged.outlet,
        "kind": judged.kind,
        "source_id": item.source_id,
        "published": judged.date,
        "first_seen": judged.first_seen,
        "lang": item.lang,
        "summary": item.summary,
        "relevant": verdict.relevant,
        "score": verdict.score,
        "topics": list(verdict.topics),
        "reason": verdict.reason,
        "rules_version": verdict.rules_version,
        "revision": judged.revision,
    }


def match_json(match: Match) -> dict[str, Any]:
    """One term at one place of an item."""
    return {
        "role": match.role,
        "topic": match.topic,
        "term": match.term,
        "field": match.field,
        "text": match.text,
        "where": match.where,
        "start": match.start,
        "points": match.points,
    }


def label_json(label: Label | None) -> dict[str, Any] | None:
    """What an analyst said of an item; `topics` is null where nothing was said of them."""
    if label is None:
        return None
    topics = None if label.topics is None else list(label.topics)
    return {"relevant": label.relevant, "topics": topics, "at": label.at}
