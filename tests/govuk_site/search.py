"""GOV.UK's Search API: every parameter is checked, and a wrong one is 422."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .documents import TAGS, TYPES, Document, mentions, named, utc

Query = Sequence[tuple[str, str]]

MOST_ROWS = 1500
SORTABLE = {"public_timestamp", "title", "popularity", "release_timestamp"}
DEFAULT_FIELDS = (
    "description",
    "display_type",
    "format",
    "link",
    "organisations",
    "public_timestamp",
    "slug",
    "title",
    "world_locations",
    "topical_events",
)
FILTERS = {
    *TAGS,
    "content_id",
    "content_purpose_subgroup",
    "content_purpose_supergroup",
    "content_store_document_type",
    "format",
    "link",
    "public_timestamp",
}


def problem(query: Query) -> str:
    """What is wrong with a search, or nothing."""
    errors = [_problem(key.removesuffix("[]"), value) for key, value in query]
    if sum(key == "filter_public_timestamp" for key, _ in query) > 1:
        errors.append('Too many values for parameter "public_timestamp" (must occur at most once)')
    return ". ".join(filter(None, errors))


def _problem(key: str, value: str) -> str:
    kind, _, name = key.partition("_")
    if kind in ("filter", "reject"):
        return _filter_problem(name, value)
    if key in ("count", "start"):
        fits = value.isdecimal() and (key == "start" or int(value) <= MOST_ROWS)
        return "" if fits else f'Invalid value "{value}" for parameter "{key}" (expected positive integer)'
    if key == "order":
        return "" if value.removeprefix("-") in SORTABLE else f'"{value}" is not a valid sort field'
    if key == "fields":
        unknown = sorted({*value.split(",")} - {*DEFAULT_FIELDS, *FILTERS})
        return f"Some requested fields are not valid return fields: {unknown}" if unknown else ""
    return "" if key in ("q", "c") else f"Unexpected parameters: {key}"


def _filter_problem(name: str, value: str) -> str:
    if name not in FILTERS:
        return f'"{name}" is not a valid filter field'
    if name == "public_timestamp":
        try:
            span(value)
        except ValueError:
            return f'Invalid value "{value}" for parameter "{name}" (expected ISO8601 date)'
    return ""


def results(query: Query, listed: Sequence[Document]) -> dict[str, Any]:
    """The answer to a search without a problem; `listed` has the last major update first."""
    given = dict(query)
    found = [page for page in listed if mentions(page, given.get("q", "")) and _passes(page, query)]
    order = given.get("order", "-public_timestamp")
    by_title = order.removeprefix("-") == "title"
    found.sort(key=lambda p: p.title if by_title else utc(p.updated), reverse=order.startswith("-"))
    start, count = int(given.get("start", 0)), int(given.get("count", 10))
    asked = [name for key, value in query if key.removesuffix("[]") == "fields" for name in value.split(",")]
    return {
        "results": [_row(page, asked or DEFAULT_FIELDS) for page in found[start : start + count]],
        "total": len(found),
        "start": start,
        "aggregates": {},
        "suggested_queries": [],
        "suggested_autocomplete": [],
        "es_cluster": "A",
    }


def _passes(page: Document, query: Query) -> bool:
    """Whether a page passes all filters: of several values for one, any will do; and none that rejects it."""
    has = _values(page)
    wanted: dict[str, set[str]] = {}
    for key, value in query:
        if key.startswith("filter_"):
            wanted.setdefault(key.removeprefix("filter_").removesuffix("[]"), set()).add(value)
        if key.startswith("reject_") and has[key.removeprefix("reject_").removesuffix("[]")] == value:
            return False
    for name, values in wanted.items():
        if name == "public_timestamp":
            first, last = span(values.pop())
            if not first <= page.updated <= last:
                return False
        elif not values & ({one["slug"] for one in has[name]} if name in TAGS else {has[name]}):
            return False
    return True


def span(value: str) -> tuple[datetime, datetime]:
    """`from:<date>,to:<date>`, both included, one may be left out, in UTC. Raises ValueError."""
    given = dict(part.split(":", 1) for part in value.split(","))
    if set(given) - {"from", "to"}:
        raise ValueError(value)
    first, last = given.get("from", "1900-01-01"), given.get("to", "2900-01-01")
    end = timedelta(days=1, seconds=-1) if len(last) == len("2026-01-01") else timedelta()
    return _moment(first), _moment(last) + end


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _values(page: Document) -> dict[str, Any]:
    """What the index has of a page, by field."""
    kind = TYPES[page.type]
    return {
        "title": page.title,
        "link": page.path,
        "slug": page.path.rpartition("/")[2],
        "description": page.description,
        "public_timestamp": utc(page.updated),
        "organisations": [
            {"title": named(slug), "slug": slug, "link": f"/government/organisations/{slug}"}
            for slug in page.organisations
        ],
        "world_locations": [{"slug": slug} for slug in page.world_locations],
        "people": [{"title": named(slug), "slug": slug} for slug in page.people],
        "topical_events": [{"title": named(slug), "slug": slug} for slug in page.topical_events],
        "content_store_document_type": page.type,
        "content_purpose_supergroup": kind.supergroup,
        "content_purpose_subgroup": kind.subgroup,
        "display_type": kind.label,
        "content_id": page.content_id,
        "format": page.type,
    }


def _row(page: Document, fields: Sequence[str]) -> dict[str, Any]:
    """One result: missing values are left out, and some fields come unasked."""
    values = _values(page)
    always = {"index": "govuk", "es_score": None, "_id": page.path, "elasticsearch_type": "edition"}
    return {name: values[name] for name in fields if values.get(name)} | always | {"document_type": "edition"}
