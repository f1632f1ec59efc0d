"""Core: GOV.UK's Content API → Page.

Sources: alphagov/govuk-content-api-docs; alphagov/publishing-api `content_schemas/` and, for the times,
`docs/api.md`; for the names of document types, alphagov/government-frontend `config/locales/en.yml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from ..models import ChangeNote, Page
from ..text.urls import clean_url
from .api import Row, html, inner, listed, load_object, words
from .dates import parse_date
from .prose import MAX_TEXT, readable, short
from .raw import ParseError

MAX_NOTE = 1_000
"""Characters of a change note, and of an explanation."""
MAX_HISTORY = 100
"""Change notes of one page: lists of sanctions have hundreds."""
MAX_ORGANISATIONS = 50

# Where the words of a type are not just those of its identifier.
_TYPES = {
    "detailed_guide": "Guidance",
    "oral_statement": "Oral statement to Parliament",
    "promotional": "Promotional material",
    "research": "Research and analysis",
    "transparency": "Transparency data",
    "world_location_news_article": "News article",
    "written_statement": "Written statement to Parliament",
}
_ACRONYMS = {"aaib", "cma", "dfid", "foi", "hmrc", "maib", "raib", "uk"}

_BODIES = ("introduction", "summary", "body", "final_outcome_detail", "public_feedback_detail")
_PARTS = ("parts", "collection_groups", "attachments")
_LATEST = "Latest update:"


def read_govuk_content(text: str, url: str) -> Page:
    """One document. Raises ParseError for JSON without a `document_type`, and for what is no JSON."""
    document = load_object(text)
    kind = words(document, "document_type")
    if not kind:
        raise ParseError("JSON without “document_type”: not a document of GOV.UK's Content API")
    details = inner(document, "details")
    if kind == "redirect":
        return Page(status="moved", moved_to=_target(document, url))
    if kind == "gone":
        alternative = words(details, "alternative_path")
        return Page(
            status="gone",
            moved_to=_absolute(alternative, url),
            explanation=short(words(details, "explanation"), MAX_NOTE),
        )
    notice = inner(document, "withdrawn_notice")
    return Page(
        status="withdrawn" if notice else "live",
        title=short(words(document, "title")),
        text=readable(_text(details), MAX_TEXT),
        document_type=_in_words(kind),
        organisations=_organisations(document),
        first_published=_time(document, "first_published_at") or _time(details, "first_public_at"),
        public_updated=_time(document, "public_updated_at"),
        history=_history(document),
        explanation=short(words(notice, "explanation"), MAX_NOTE),
        content_id=short(words(document, "content_id")),
    )


def _in_words(kind: str) -> str:
    if kind in _TYPES:
        return _TYPES[kind]
    parts = [part.upper() if part in _ACRONYMS else part for part in kind.split("_") if part]
    return short(" ".join([parts[0][0].upper() + parts[0][1:], *parts[1:]])) if parts else ""


def _target(document: Row, url: str) -> str:
    """Where a redirect leads: that of the page itself, before those of pages below it."""
    redirects = listed(document, "redirects")
    own = [redirect for redirect in redirects if words(redirect, "path") == words(document, "base_path")]
    return next(filter(None, (_absolute(words(one, "destination"), url) for one in own + redirects)), "")


def _absolute(path: str, url: str) -> str:
    try:
        return clean_url(urljoin(url, path)) if path else ""
    except ValueError:  # "//[": no address at all
        return ""


def _organisations(document: Row) -> tuple[str, ...]:
    """Who published it: departments, then embassies and the like."""
    links = inner(document, "links")
    bodies = listed(links, "organisations") + listed(links, "worldwide_organisations")
    names = [short(words(body, "title")) for body in bodies[:MAX_ORGANISATIONS]]
    return tuple(dict.fromkeys(filter(None, names)))


def _history(document: Row) -> tuple[ChangeNote, ...]:
    details = inner(document, "details")
    notes = [
        ChangeNote(at, note)
        for change in listed(details, "change_history")
        if (at := _time(change, "public_timestamp")) and (note := short(words(change, "note"), MAX_NOTE))
    ]
    # Travel advice has no history, only a word on its latest change.
    latest = short(words(details, "change_description").removeprefix(_LATEST), MAX_NOTE)
    changed = _time(document, "public_updated_at") or _time(details, "reviewed_at")
    if latest and changed and latest not in {note.note for note in notes}:
        notes.append(ChangeNote(changed, latest))
    return tuple(sorted(notes, key=lambda note: note.at, reverse=True)[:MAX_HISTORY])


def _text(details: Row) -> str:
    """The HTML of all that the page itself has to say."""
    bodies = [_body(details, name) for name in _BODIES]
    parts = (part for name in _PARTS for part in listed(details, name))
    return html(*bodies, *(text for part in parts for text in (words(part, "title"), _body(part, "body"))))


def _body(thing: Row, name: str) -> str:
    """A text in HTML; some schemas give it in several formats, each with its type."""
    formats = _by_type(thing, name)
    return words(thing, name) or next((text for kind, text in formats if kind == "text/html"), "")


def _by_type(thing: Row, name: str) -> Iterator[tuple[str, str]]:
    for one in listed(thing, name):
        yield words(one, "content_type"), words(one, "content")


def _time(thing: Row, name: str) -> datetime | None:
    return parse_date(words(thing, name), UTC)
