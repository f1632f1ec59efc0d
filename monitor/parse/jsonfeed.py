"""Core: JSON Feed 1.0 and 1.1 (jsonfeed.org) → RawFeed."""

from __future__ import annotations

import json
from typing import Any

from .raw import ParseError, RawEntry, RawFeed

_VERSION = "jsonfeed.org/version/"


def read_json_feed(text: str) -> RawFeed:
    """The items of a JSON Feed, in its order. Raises ParseError for other JSON, and for what is not JSON."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ParseError("JSON nested too deeply to be a feed") from error
    except ValueError as error:
        raise ParseError(f"broken JSON: {error}") from error
    if not isinstance(document, dict) or _VERSION not in _string(document, "version"):
        raise ParseError("JSON, but not a JSON Feed: perhaps the address of an API")
    items = document.get("items")
    if not isinstance(items, list):
        raise ParseError("a JSON Feed without its list of items")
    return RawFeed(
        title=_string(document, "title"),
        link=_string(document, "home_page_url"),
        lang=_string(document, "language"),
        entries=tuple(_entry(item) for item in items if isinstance(item, dict)),
    )


def _address(identity: str) -> str:
    """An id that is a full address, as JSON Feed 1.1 recommends, is the item's page."""
    return identity if identity.startswith(("https://", "http://")) else ""


def _entry(item: dict[str, Any]) -> RawEntry:
    tags = item.get("tags")
    return RawEntry(
        title=_string(item, "title"),
        link=_string(item, "url") or _string(item, "external_url") or _address(_string(item, "id")),
        guid=_string(item, "id"),
        summary=_string(item, "summary"),
        content=_string(item, "content_html") or _string(item, "content_text"),
        lang=_string(item, "language"),
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        categories=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


def _string(thing: dict[str, Any], key: str) -> str:
    """A value as text; numbers too, for the spec asks readers to take them as ids."""
    value = thing.get(key)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
