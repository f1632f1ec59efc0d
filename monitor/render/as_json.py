"""Core: an edition as JSON, the shape that other programs read. Same digest, same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .. import digest as editing
from ..models import (
    Coverage,
    Digest,
    Earlier,
    Judged,
    Match,
    Notice,
    SourceHealth,
    Story,
    Undelivered,
    Update,
    Week,
)
from .inert import clean, safe_url
from .words import utc

SCHEMA_VERSION = 1
_EVERY_MATCH = 1_000_000


def as_json(digest: Digest) -> str:
    """A digest → its JSON text, indented, UTF-8 unescaped, ending in a line feed.

    Times are ISO 8601 in UTC, or null; ids are strings; an address that is no http(s) link is null.
    Strangers' text is cleaned as in `inert.clean` but not escaped: that is for whoever shows it.
    """
    edition = digest.edition
    document = {
        "schema_version": SCHEMA_VERSION,
        "digest": edition.digest,
        "window": [utc(edition.start), utc(edition.end)],
        "counts": _counts(digest),
        "stories": [_story(story) for story in digest.stories],
        "coverage": _coverage(digest.coverage),
        "rules_version": digest.coverage.rules_version,
        "week": _week(digest.week),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _counts(digest: Digest) -> dict[str, int]:
    names = ("stories", "items", "outlets", "sources_read", "sources_total")
    numbers = asdict(editing.counts(digest))
    return {name: numbers[name] for name in names}


def _story(story: Story) -> dict[str, Any]:
    lead = story.lead
    return {
        "id": story.id,
        "title": clean(lead.item.title),
        "url": safe_url(lead.item.url) or None,
        "outlet": clean(lead.outlet),
        "kind": lead.kind,
        "published": _time(lead.date),
        "topic": story.topic,
        "topics": list(story.topics),
        "items": [_item(judged) for judged in story.items],
        "why": [_why(match) for match in editing.why_line_matches(story, _EVERY_MATCH).matches],
        "updated": _update(story.update),
        "earlier": _earlier(story.earlier),
    }


def _item(judged: Judged) -> dict[str, Any]:
    return {
        "id": str(judged.id),
        "title": clean(judged.item.title),
        "url": safe_url(judged.item.url) or None,
        "outlet": clean(judged.outlet),
        "published": _time(judged.date),
        "source_id": judged.item.source_id,
        "document_type": (clean(judged.page.document_type) or None) if judged.page else None,
        "first_published": _time(judged.page.first_published) if judged.page else None,
    }


def _why(match: Match) -> dict[str, Any]:
    return {"topic": match.topic, "term": clean(match.term), "field": match.field, "text": clean(match.text)}


def _update(update: Update | None) -> dict[str, Any] | None:
    if update is None:
        return None
    return {
        "at": utc(update.at),
        "what": clean(update.what),
        "old_title": clean(update.old_title) if update.old_title else None,
        "note": clean(update.note) or None,
        "note_at": _time(update.note_at),
    }


def _earlier(earlier: Earlier | None) -> dict[str, Any] | None:
    if earlier is None:
        return None
    return {
        "edition": earlier.edition,
        "date": earlier.local_date.isoformat(),
        "title": clean(earlier.title),
        "reports": earlier.reports,
    }


def _week(week: Week | None) -> dict[str, Any] | None:
    if week is None:
        return None
    return {
        "topics": [
            {
                "topic": line.topic.id,
                "stories": line.stories,
                "items": line.items,
                "items_before": line.items_before if week.weeks_before else None,
            }
            for line in week.topics
        ],
        "weeks_before": week.weeks_before,
        "new_terms": [
            {"term": clean(new.term), "topic": new.topic, "items": new.items, "first": str(new.first.id)}
            for new in week.new_terms
        ],
        "new_names": [clean(name) for name in week.new_names],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "read": coverage.read,
        "failed": len(coverage.having("failing", "ended")),
        "looked_at": coverage.looked_at,
        "matched": coverage.matched,
        "rules_changed": coverage.rules_changed,
        "sources": [_source(source) for source in coverage.sources],
        "notices": [_notice(notice) for notice in coverage.notices],
        "undelivered": [_undelivered(edition) for edition in coverage.undelivered],
        "troubles": [
            {"kind": trouble.kind, "where": clean(trouble.where), "text": clean(trouble.text)}
            for trouble in coverage.troubles
        ],
    }


def _undelivered(edition: Undelivered) -> dict[str, Any]:
    return asdict(edition) | {"title": clean(edition.title), "local_date": edition.local_date.isoformat()}


def _source(source: SourceHealth) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": clean(source.name),
        "status": source.status,
        "why": clean(source.why),
        "advice": clean(source.advice),
        "remark": clean(source.remark),
        "error": clean(source.error),
        "since": _time(source.since),
        "last_ok": _time(source.last_ok),
        "last_new": _time(source.last_new),
        "usual_seconds": source.usual.total_seconds() if source.usual else None,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "source_id": notice.source_id,
        "name": clean(notice.name),
        "at": utc(notice.at),
        "kind": notice.kind,
        "status": notice.status,
        "text": clean(notice.text),
    }


def _time(when: datetime | None) -> str | None:
    return utc(when) if when else None
