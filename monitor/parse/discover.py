"""Core: a web page → the feeds that it names, and what a document that is a feed is called.

The page is cut, not built into a tree: Python's own html.parser takes half a minute over 40 KB of `<a <a <a`.
Here every quantifier is possessive, or stops at a mark that it then passes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from ..text import clean_url, identity_url, plain
from .document import decode, root

LONGEST_PAGE = 1_000_000
"""Bytes that are looked at: a page names its feeds in its head."""
MOST_LINKS = 50
LONGEST_TITLE = 200

Form = Literal["RSS", "Atom", "JSON Feed"]

_TAG = re.compile(
    r"""
      <!--.*?(?:-->|\Z)
    | <(?P<hidden>script|style|template|textarea|title)(?=[\s/>])[^<>]*+>.*?(?:</(?P=hidden)|\Z)
    | <(?P<name>link|base)(?=[\s/])(?P<attributes>(?:[^<>"']|"[^"]*+"|'[^']*+')*+)>
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]++)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?+""", re.DOTALL
)
_FORMS: dict[str, Form] = {
    "application/rss+xml": "RSS",
    "application/rdf+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
}
# Types that feeds are declared as, and other things too: WordPress gives its API as application/json.
_VAGUE: dict[str, Form] = {"application/xml": "RSS", "text/xml": "RSS", "application/json": "JSON Feed"}
_FEED_WORD = re.compile(r"\b(?:rss|atom|feed)s?\b", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b|评论|留言", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    """Absolute, http or https."""
    title: str
    """In the page's words; empty where it has none."""
    form: Form
    """What the page says it is."""


def feed_links(url: str, body: bytes, content_type: str) -> tuple[FeedLink, ...]:
    """The feeds that the page at `url` names, in its order, but those of comments last; none twice.

    `<link rel="alternate">` of a feed's type, and `rel="feed"` (HTML Standard, 4.6.7.1; RSS Advisory Board,
    "RSS Autodiscovery"). Relative addresses count from `<base>`. `content_type` is the HTTP header. Raises
    ParseError for what is no text: an empty answer, a picture, a PDF.
    """
    text = decode(body[:LONGEST_PAGE], content_type, wanted="a feed or a page")
    tags = [
        (tag["name"].lower(), _attributes(tag["attributes"])) for tag in _TAG.finditer(text) if tag["name"]
    ]
    base = next((clean_url(values.get("href", ""), url) for name, values in tags if name == "base"), "")
    found: dict[str, FeedLink] = {}
    for name, values in tags:
        link = _feed_link(values, base or url) if name == "link" else None
        if link:
            found.setdefault(identity_url(link.url), link)
    links = list(found.values())[:MOST_LINKS]
    return tuple(sorted(links, key=_is_of_comments))


def form_of(body: bytes, content_type: str) -> str:
    """What a document that could be read as a feed is called: "RSS", "RSS 1.0", "Atom", "JSON Feed".

    Raises ParseError for what is neither JSON nor XML.
    """
    text = decode(body[:LONGEST_PAGE], content_type)
    if text.startswith(("{", "[")):
        return "JSON Feed"
    opening = root(text)[:100].lower()
    if opening.startswith("<rss"):
        return "RSS"
    return "RSS 1.0" if opening.startswith("<rdf") else "Atom"


def _attributes(text: str) -> dict[str, str]:
    """Names in small letters with their values; of two equal names the first counts, as in browsers."""
    values: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text):
        name, double, single, bare = found.groups()
        values.setdefault(name.lower(), html.unescape((double or single or bare or "")[:4_096]).strip())
    return values


def _feed_link(values: dict[str, str], base: str) -> FeedLink | None:
    relations = set(values.get("rel", "").lower().split())
    if not relations & {"alternate", "feed"} or "stylesheet" in relations:
        return None
    url = clean_url(values.get("href", ""), base)
    title = plain(values.get("title", ""))[:LONGEST_TITLE]
    kind = values.get("type", "").partition(";")[0].strip().lower()
    form = _FORMS.get(kind)
    if form is None and ("feed" in relations or _FEED_WORD.search(f"{title} {url}")):
        form = _VAGUE.get(kind) or ("RSS" if "feed" in relations and not kind else None)
    return FeedLink(url, title, form) if url and form else None


def _is_of_comments(link: FeedLink) -> bool:
    return bool(_COMMENTS.search(f"{link.title} {link.url}"))
