"""GOV.UK's Content API: one document. Its dates come in several offsets, as they do there."""

from __future__ import annotations

from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from .documents import ROOT, TYPES, Document, london, named, utc


def content_item(page: Document) -> dict[str, Any]:
    """The document of a page, also of one that is no more."""
    if page.moved_to:
        redirect = {"path": page.path, "type": "exact", "destination": page.moved_to}
        return _item(page, "redirect") | {"redirects": [redirect]}
    if page.gone is not None:
        return _item(page, "gone") | {"details": {"explanation": _speak(page.gone), "alternative_path": ""}}
    item = _item(page, page.type) | {
        "content_id": page.content_id,
        "title": page.title,
        "description": page.description,
        "details": _travel_advice(page) if page.parts else _details(page),
        "links": {
            "organisations": [_linked(slug, "/government/organisations/") for slug in page.organisations],
            "world_locations": [_linked(slug) for slug in page.world_locations],
            "available_translations": [{"title": page.title, "base_path": page.path, "locale": "en"}],
        },
    }
    if page.withdrawn:
        at, why = page.withdrawn
        item["withdrawn_notice"] = {"explanation": _speak(why), "withdrawn_at": london(at)}
    return item


def _item(page: Document, kind: str) -> dict[str, Any]:
    return {
        "analytics_identifier": None,
        "base_path": page.path,
        "content_id": None,
        "document_type": kind,
        "first_published_at": london(page.first_published, ".000"),
        "locale": "en",
        "phase": "live",
        "public_updated_at": london(page.updated, ".000"),
        "publishing_app": "whitehall",
        "schema_name": TYPES[kind].schema if kind in TYPES else kind,
        "title": None,
        "updated_at": utc(page.touched),
        "withdrawn_notice": {},
        "links": {},
        "description": None,
        "details": {},
    }


def _details(page: Document) -> dict[str, Any]:
    notes = [{"public_timestamp": utc(at, ".000+00:00"), "note": note} for at, note in page.notes]
    return {
        "body": f'<div class="govspeak">{page.body}</div>',
        "change_history": notes,
        "first_public_at": london(page.first_published, ".000"),
        "political": False,
    }


def _travel_advice(page: Document) -> dict[str, Any]:
    """It has parts in place of a body, and of its notes the latest alone."""
    parts = [{"slug": slug, "title": named(slug), "body": page.body} for slug in page.parts]
    return {"parts": parts, "change_description": page.notes[0][1], "alert_status": []}


def _speak(text: str) -> str:
    return f'<div class="govspeak"><p>{escape(text)}</p></div>' if text else ""


def _linked(slug: str, folder: str = "") -> dict[str, Any]:
    """Another document. Of world locations there is no address."""
    bare = {"content_id": str(uuid5(NAMESPACE_URL, slug)), "title": named(slug), "locale": "en"}
    return bare | ({"base_path": folder + slug, "web_url": ROOT + folder + slug} if folder else {})
