"""Core: lists of stories, items or editions as feeds: Atom (RFC 4287) and JSON Feed 1.1.

Same document, same bytes. Strangers' text goes in as text, never as markup: cleaned as in `inert.clean`,
which also takes out what XML cannot hold, and escaped by what writes the XML. Only `FeedEntry.content_html`,
which a template of ours has made and escaped, is markup to a feed reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as Xml

from .inert import clean, safe_url
from .words import utc

ATOM_TYPE, JSON_FEED_TYPE = "application/atom+xml", "application/feed+json"
ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
SINCE = "2026"
"""The date that a tag URI must have (RFC 4151, 2.1). Fixed, because ids must never change."""
GENERATOR = "UK-China monitor"
LANGUAGE = "en-GB"
UNTITLED = "Untitled"

# XML 1.0 holds neither lone surrogates nor control characters, but for tab and line ends (section 2.2).
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
# A page of our own beside the feed: without a scheme or host it can lead nowhere else.
_OWN_PAGE = re.compile(r"(?:\.\./)*[A-Za-z0-9_][A-Za-z0-9_./-]*")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One story, item or edition in a feed."""

    id: str
    """A URI that never changes and is nobody else's: see `feed_id`."""
    url: str
    """Where it can be read: an http(s) address, or a page of ours relative to the feed. Others are left out.
    """
    title: str
    summary: str
    """Plain text; "" for none."""
    published: datetime | None
    """None where it is not known."""
    updated: datetime
    """When its content last changed: feed readers show it again where this is later than what they have."""
    tags: tuple[str, ...] = ()
    author: str = ""
    """The outlet; "" leaves it to the feed's title."""
    content_html: str = ""
    """HTML made by a template of ours with autoescape; "" where the summary is all there is."""
    lang: str = ""
    """The language of title and summary (BCP 47), where it is not the feed's English."""


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A whole feed. Entries come out in the order given; no two may have the same id."""

    id: str
    title: str
    home_url: str
    """The page that the feed belongs to, as `FeedEntry.url`; "" for none."""
    feed_url: str
    """The feed's own address, where it is known; "" for none."""
    updated: datetime
    """When anything in it last changed; also what an empty feed says."""
    entries: tuple[FeedEntry, ...] = ()


def feed_id(kind: str, name: str, public_url: str = "") -> str:
    """The id of a thing of ours in feeds, such as ("story", "s6"): the same for ever.

    A tag URI (RFC 4151) within `public_url`, else a URN. Whoever sets or changes `public_url` gives every
    entry a new id, and feed readers show them once more.
    """
    parts = urlsplit(public_url)
    if not parts.hostname:
        return f"urn:uk-china-monitor:{quote(kind, safe='')}:{quote(name, safe='')}"
    # A port is no part of the authority in a tag URI, but may be all that tells two sites apart.
    where = (f"{parts.port}" if parts.port else "") + parts.path.rstrip("/")
    specific = quote(f"{where}/{kind}/{name}".lstrip("/"), safe="/-._~")
    return f"tag:{quote(parts.hostname, safe='.-')},{SINCE}:{specific}"


def as_atom(document: FeedDocument) -> str:
    """A feed as an Atom document in UTF-8, ending in a line feed; serve it as ATOM_TYPE."""
    return "".join(atom_parts(document, document.entries))


def atom_parts(document: FeedDocument, entries: Iterable[FeedEntry]) -> Iterator[str]:
    """The same in parts, with these entries, of which only one at a time is in memory."""
    feed = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": LANGUAGE})
    _add(feed, "id", document.id)
    _add(feed, "title", _title(document.title))
    _add(feed, "updated", utc(document.updated))
    _author(feed, _title(document.title))
    _add(feed, "generator", GENERATOR)
    if home := _link(document.home_url):
        Xml.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": home})
    if own := _link(document.feed_url):
        Xml.SubElement(feed, "link", {"rel": "self", "type": ATOM_TYPE, "href": own})
    Xml.indent(feed)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield Xml.tostring(feed, encoding="unicode").removesuffix("</feed>")
    for entry in entries:
        element = _atom_entry(entry)
        Xml.indent(element, level=1)
        yield f"  {Xml.tostring(element, encoding='unicode')}\n"
    yield "</feed>\n"


def _atom_entry(entry: FeedEntry) -> Xml.Element:
    lang = _lang(entry.lang)
    element = Xml.Element("entry", {"xml:lang": lang} if lang else {})
    _add(element, "id", entry.id)
    _add(element, "title", _title(entry.title))
    _add(element, "updated", utc(entry.updated))
    if entry.published:
        _add(element, "published", utc(entry.published))
    if clean(entry.author):
        _author(element, clean(entry.author))
    for tag in entry.tags:
        Xml.SubElement(element, "category", {"term": clean(tag)})
    if link := _link(entry.url):
        Xml.SubElement(element, "link", {"rel": "alternate", "href": link})
    summary = clean(entry.summary)
    if summary:
        _add(element, "summary", summary)
    if entry.content_html:
        _add(element, "content", _xml_text(entry.content_html), type="html")
    elif not link:
        # An entry has a link or a content (RFC 4287, 4.1.2).
        _add(element, "content", summary or _title(entry.title), type="text")
    return element


def as_json_feed(document: FeedDocument) -> str:
    """A feed as JSON Feed 1.1 in UTF-8, ending in a line feed; serve it as JSON_FEED_TYPE.

    https://www.jsonfeed.org/version/1.1/
    """
    return "".join(json_feed_parts(document, document.entries))


def json_feed_parts(document: FeedDocument, entries: Iterable[FeedEntry]) -> Iterator[str]:
    """The same in parts, with these entries, of which only one at a time is in memory."""
    feed = {
        "version": JSON_FEED,
        "title": _title(document.title),
        "home_page_url": _link(document.home_url),
        "feed_url": _link(document.feed_url),
        "language": LANGUAGE,
    }
    yield _json(_without_empty(feed), indent="").removesuffix("\n}")
    yield ',\n  "items": ['
    comma = ""
    for entry in entries:
        yield f"{comma}\n    {_json(_json_entry(entry), indent='    ')}"
        comma = ","
    yield "\n  ]\n}\n" if comma else "]\n}\n"


def _json(values: dict[str, Any], *, indent: str) -> str:
    # Line ends stand only between values: within strings they are escaped.
    return json.dumps(values, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def _json_entry(entry: FeedEntry) -> dict[str, Any]:
    summary = clean(entry.summary)
    item = {
        "id": _xml_text(entry.id),
        "url": _link(entry.url),
        "title": _title(entry.title),
        "content_html": _xml_text(entry.content_html),
        # One of the two contents is demanded, and may be empty.
        "content_text": "" if entry.content_html else summary,
        "summary": summary if entry.content_html else "",
        "date_published": utc(entry.published) if entry.published else "",
        "date_modified": utc(entry.updated),
        "authors": [{"name": clean(entry.author)}] if clean(entry.author) else [],
        "tags": [clean(tag) for tag in entry.tags],
        "language": _lang(entry.lang),
    }
    return _without_empty(item, "" if entry.content_html else "content_text")


def _without_empty(values: dict[str, Any], kept: str = "") -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name == kept}


def _add(parent: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = _xml_text(text)


def _author(parent: Xml.Element, name: str) -> None:
    _add(Xml.SubElement(parent, "author"), "name", name)


def _title(text: str) -> str:
    return clean(text) or UNTITLED


def _link(url: str) -> str:
    return url if _OWN_PAGE.fullmatch(url) else safe_url(url)


def _lang(tag: str) -> str:
    return tag if _LANGUAGE_TAG.fullmatch(tag) else ""


def _xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
