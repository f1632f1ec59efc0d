"""I/O: items between their values and their rows: columns, JSON, times."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, cast

from ..models import Field, Item, Judged, Kind, Match, Page, Role, Update, Verdict
from .changes import content_hash
from .connection import from_json, moment, moment_or_none, stamp_or_none, understood

LEADING_CHARACTERS = 4000
"""How much of a text a light row has, and only where there is no summary: more than grouping reads."""


_SHORT = """
    items.id, items.title, items.outlet, items.names_outlet, items.kind, items.published, items.updated,
    items.first_seen, items.relevant, items.score, items.topics, items.url, items.key, items.source_id,
    items.guid, items.lang, items.revision, items.rules_version, items.summary
"""


def light_columns(*, with_matches: bool = False) -> str:
    """The columns of `items` as `to_judged` needs them, without what is long: texts, reasons, matches.

    A row is as long as its text, and most of the work of reading one.
    """
    text = f"iif(items.summary = '', substr(items.text, 1, {LEADING_CHARACTERS}), '')"
    matches = "items.matches" if with_matches else "'[]'"
    return f"{_SHORT}, {text} AS text, {matches} AS matches, '[]' AS parts, '' AS reason"


def content_columns(item: Item) -> dict[str, Any]:
    """What an item is, by column; its key, source, outlet and kind are not among them."""
    return {
        "guid": item.guid,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "text": item.text,
        "lang": item.lang,
        "published": stamp_or_none(item.published),
        "updated": stamp_or_none(item.updated),
        "content_hash": content_hash(item),
    }


def verdict_columns(verdict: Verdict) -> dict[str, Any]:
    """What was decided about an item, by column."""
    return {
        "relevant": int(verdict.relevant),
        "score": verdict.score,
        "topic": next(iter(verdict.topics), None),
        "topics": to_json(verdict.topics),
        "reason": verdict.reason,
        "rules_version": verdict.rules_version,
        "parts": to_json(verdict.parts),
        "matches": to_json([_match_object(match) for match in verdict.matches]),
    }


def outlet_columns(item: Item, outlet: str) -> dict[str, Any]:
    """The publisher as readers see it: the one that the item names, else its source's `outlet`."""
    return {"outlet": item.outlet or outlet, "names_outlet": int(bool(item.outlet))}


def to_judged(
    row: sqlite3.Row, page: Page | None = None, update: Update | None = None, *, with_matches: bool = True
) -> Judged:
    """A row of `items` as a value. Its matches are most of the work: without them it is twice as fast."""
    return Judged(
        id=row["id"],
        item=to_item(row),
        verdict=_verdict(row, row["matches"] if with_matches else "[]"),
        first_seen=moment(row["first_seen"]),
        outlet=row["outlet"],
        kind=cast("Kind", row["kind"]),
        revision=row["revision"],
        update=update,
        page=page,
    )


def to_item(row: sqlite3.Row) -> Item:
    """A row of `items` as the item alone."""
    return Item(
        key=row["key"],
        source_id=row["source_id"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        lang=row["lang"],
        published=moment_or_none(row["published"]),
        updated=moment_or_none(row["updated"]),
        outlet=row["outlet"] if row["names_outlet"] else "",
    )


@understood
def _verdict(row: sqlite3.Row, matches: str) -> Verdict:
    return Verdict(
        relevant=bool(row["relevant"]),
        score=row["score"],
        topics=tuple(from_json(row["topics"])),
        matches=tuple(_match(stored) for stored in from_json(matches)),
        rules_version=row["rules_version"],
        parts=tuple((name, points) for name, points in from_json(row["parts"])),
        reason=row["reason"],
    )


def _match_object(match: Match) -> dict[str, Any]:
    # By name and not by position: Datasette shows this column to people.
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


def _match(stored: dict[str, Any]) -> Match:
    return Match(
        role=cast("Role", stored["role"]),
        term=stored["term"],
        field=cast("Field", stored["field"]),
        text=stored["text"],
        start=stored["start"],
        topic=stored["topic"],
        points=stored["points"],
        where=stored["where"],
    )


# Made once: json.dumps makes an encoder at every call that has options.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
