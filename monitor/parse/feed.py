"""Core: RSS, RDF and Atom → RawFeed. The only user of feedparser; its oddities stop here.

- `feedparser.parse` opens paths and addresses; only a stream is safe.
- A value may be of any type: an unknown element with attributes becomes a dict under its own name.
- `entry["updated"]` falls back to `published` with a warning; `dict.get` does not.
- A caption (`media:description`) counts as a second description, hence as content.
- Sanitising and resolving of links inside HTML are off: half of the time, for text that is made plain anyway.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser
import feedparser.api

from .document import mended, root
from .raw import ParseError, RawEntry, RawFeed

# It would look for this module at each document, on the whole search path and in vain; and whatever had the
# name would read strangers' bytes.
feedparser.api.PREFERRED_XML_PARSERS.clear()

# What feedparser and the libraries below it let through on bytes that no publisher would write.
_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    ArithmeticError,
)
_HTML = {"text/html", "application/xhtml+xml", "html", "xhtml"}
# Addresses of other feeds of the entry, not of its page.
_NOT_PAGES = ("xml", "json")
_CAPTION = (b"<media:description", b"</media:description>")
# All that most feeds have before their root element.
_DECLARATION = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+(?:<\?xml[ \t\r\n!-;=@-~]*+\?>[ \t\r\n]*+)?(?=<(?:rss|feed)[ \t\r\n>])"
)


def xml_of(text: str) -> bytes:
    """A feed's XML from its root element on, in UTF-8. Raises ParseError where the text is no XML."""
    return _without_captions(root(text).encode("utf-8", "replace"))


def xml_within(body: bytes) -> bytes:
    """What `xml_of` gives for the text of bytes that are plain UTF-8 (see `document.is_plain`), undecoded.

    Nothing for all but RSS and Atom with no more than an XML declaration before the root element.
    """
    found = _DECLARATION.match(body)
    return _without_captions(body[found.end() :].rstrip(b" \t\r\n")) if found else b""


def read_feed(xml: bytes) -> RawFeed:
    """The entries of an RSS, RDF or Atom document, in its order.

    Raises ParseError for what is no feed, and for a broken document without one readable entry.
    """
    document = _parsed(mended(xml))
    entries = tuple(_entry(entry, document) for entry in document.entries)
    if not entries and not document.version:
        name = xml[1:60].decode("utf-8", "replace").split(">")[0].split()[0].rstrip("/")
        raise ParseError(f"an XML document that is no feed (its root is <{name}>)")
    if not entries and document.bozo:
        raise ParseError(f"broken XML, and no entry could be read: {document.bozo_exception}")
    feed = document.feed
    return RawFeed(
        title=_string(feed, "title"),
        link=_page(feed) or _string(feed, "link"),
        lang=_string(feed, "language"),
        entries=entries,
        is_broken=bool(document.bozo),
    )


def _parsed(xml: bytes) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(xml),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except _FAULTS as error:
        raise ParseError(f"feedparser could not read it ({type(error).__name__}: {error})") from error


def _entry(entry: dict[str, Any], document: Any) -> RawEntry:
    published, updated = _string(entry, "published"), _string(entry, "updated")
    if not published and _updated_is_published(document):
        published, updated = updated, ""
    guid = _string(entry, "id")
    summary, contents = _string(entry, "summary"), list(_contents(entry))
    return RawEntry(
        title=_string(entry, "title"),
        link=_page(entry) or _permalink(entry),
        guid=guid,
        summary="" if summary in contents else summary,
        content=max(contents, key=len, default=""),
        lang=_string(entry, "language") or _string(_dict(entry, "title_detail"), "language"),
        published=published or _string(entry, "created"),
        updated=updated,
        categories=tuple(_terms(entry)),
        publisher=_string(_dict(entry, "source"), "title"),
    )


def _updated_is_published(document: Any) -> bool:
    """Whether `updated` can only be dc:date, which in RSS is the day of publication.

    RSS has no update time of its own; it borrows Atom's, as in the .NET feeds' `a10:updated`.
    """
    is_rss = document.version.startswith("rss")
    return is_rss and not any("2005/atom" in uri.lower() for uri in document.namespaces.values())


def _page(thing: dict[str, Any]) -> str:
    """The link to a page: the first alternate in HTML, else the first alternate that is not a feed."""
    alternates = [link for link in _dicts(thing, "links") if _string(link, "rel") == "alternate"]
    pages = [link for link in alternates if _string(link, "href")]
    html = [link for link in pages if _string(link, "type").lower() in _HTML]
    other = [link for link in pages if not _string(link, "type").lower().endswith(_NOT_PAGES)]
    return next((_string(link, "href") for link in html + other), "")


def _permalink(entry: dict[str, Any]) -> str:
    """The guid, where it is the address of the page: feedparser then gives it as the link."""
    link = _string(entry, "link")
    return link if link.startswith(("http://", "https://")) else ""


def _contents(entry: dict[str, Any]) -> Iterator[str]:
    for content in _dicts(entry, "content"):
        if _string(content, "type").startswith("text/") or _string(content, "type") in _HTML:
            yield _string(content, "value")


def _terms(entry: dict[str, Any]) -> Iterator[str]:
    for tag in _dicts(entry, "tags"):
        yield from filter(None, (_string(tag, "term"), _string(tag, "label")))


def _string(thing: dict[str, Any], key: str) -> str:
    value = dict.get(thing, key)
    return value.strip() if isinstance(value, str) else ""


def _dict(thing: dict[str, Any], key: str) -> dict[str, Any]:
    value = dict.get(thing, key)
    return value if isinstance(value, dict) else {}


def _dicts(thing: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = dict.get(thing, key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _without_captions(xml: bytes) -> bytes:
    """The document without the captions of its pictures."""
    opening, closing = _CAPTION
    kept, at = [], 0
    while (start := xml.find(opening, at)) >= 0:
        end = xml.find(closing, start)
        if end < 0:
            break
        kept.append(xml[at:start])
        at = end + len(closing)
    return b"".join([*kept, xml[at:]])
