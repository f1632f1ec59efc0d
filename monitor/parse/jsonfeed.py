"""Core: JSON Feed 1.0 and 1.1 (jsonfeed.org) → RawFeed."""

from __future__ import annotations

from typing import Any

from .api import load_json, words
from .raw import ParseError, RawEntry, RawFeed

_VERSION = "jsonfeed.org/version/"


def read_json_feed(text: str) -> RawFeed:
    """The items of a JSON Feed, in its order. Raises ParseError for other JSON, and for what is not JSON."""
    document = load_json(text)
    if not isinstance(document, dict) or _VERSION not in words(document, "version"):
        raise ParseError("JSON, but not a JSON Feed: perhaps the address of an API")
    items = document.get("items")
    if not isinstance(items, list):
        raise ParseError("a JSON Feed without its list of items")
    return RawFeed(
        title=words(document, "title"),
        link=words(document, "home_page_url"),
        lang=words(document, "language"),
        entries=tuple(_entry(item) for item in items if isinstance(item, dict)),
    )


def _address(identity: str) -> str:
    """An id that is a full address, as JSON Feed 1.1 recommends, is the item's page."""
    return identity if identity.startswith(("https://", "http://")) else ""


def _entry(item: dict[str, Any]) -> RawEntry:
    tags = item.get("tags")
    return RawEntry(
        title=words(item, "title"),
        link=words(item, "url") or words(item, "external_url") or _address(words(item, "id")),
        guid=words(item, "id"),
        summary=words(item, "summary"),
        content=words(item, "content_html") or words(item, "content_text"),
        lang=words(item, "language"),
        published=words(item, "date_published"),
        updated=words(item, "date_modified"),
        categories=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )
