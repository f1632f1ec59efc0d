"""GOV.UK's Atom feeds, in their three dialects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element

from .documents import FINDERS, ROOT, TYPES, Document, london, named, terms, utc

ATOM = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
SUMMARY = 225
"""Characters of a description that a finder feed gives."""


def finder_feed(
    slug: str,
    query: Sequence[tuple[str, str]],
    tags: Mapping[str, list[str]],
    words: str,
    pages: list[Document],
) -> Element:
    """finder-frontend: ids without a time, London's time, summaries that are cut, escaped and marked."""
    title = FINDERS[slug][0]
    for before, tag in ((" in ", "world_locations"), (" from ", "organisations")):
        title += before + " and ".join(map(named, tags[tag])) if tags[tag] else ""
    # The edge sorts the parameters before a page sees them.
    asked_as = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in sorted(query))
    return _feed(
        "en-US",
        node("id", f"tag:www.gov.uk,2005:/search/{slug}"),
        _link("alternate", ROOT),
        _link("self", f"{ROOT}/search/{slug}.atom{'?' if asked_as else ''}{asked_as}"),
        node("title", title),
        *(node("updated", london(page.updated)) for page in pages[:1]),
        node("author", node("name", "HM Government")),
        *(_found(page, words) for page in pages),
    )


def _found(page: Document, words: str) -> Element:
    return node(
        "entry",
        node("id", f"tag:www.gov.uk,2005:{page.path}"),
        node("updated", london(page.updated)),
        _link("alternate", ROOT + page.path),
        node("title", page.title),
        node("summary", summary(page.description, words), type="html"),
    )


def activity_feed(path: str, pages: list[Document]) -> Element:
    """collections, for organisations and topical events: the time is in the id, the type in the title."""
    return _feed(
        "en-GB",
        node("id", f"tag:www.gov.uk,2005:{path}"),
        _link("alternate", ROOT + path),
        _link("self", f"{ROOT}{path}.atom"),
        node("title", f"{named(path.rpartition('/')[2])} - Activity on GOV.UK"),
        node("author", node("name", "HM Government")),
        *(node("updated", utc(page.updated)) for page in pages[:1]),
        *(_activity(page, TYPES[page.type].label) for page in pages),
    )


def _activity(page: Document, label: str) -> Element:
    return node(
        "entry",
        node("id", f"{ROOT}{page.path}#{utc(page.updated)}"),
        node("updated", utc(page.updated)),
        _link("alternate", ROOT + page.path),
        node("title", f"{label}: {page.title}" if label else page.title),
        *([node("category", label=label, term=label)] if label else []),
        node("summary", page.description),
    )


def travel_feed(page: Document) -> Element:
    """frontend, for one country: one entry, with spaces in its id, two links and a summary in XHTML."""
    updated = london(page.updated)
    in_ruby = re.sub(r"T(.*)([+-]\d\d):(\d\d)$", r" \1 \2\3", updated)  # as Time#to_s has it
    page_link, feed_link = _link("alternate", ROOT + page.path), _link("self", f"{ROOT}{page.path}.atom")
    return _feed(
        "en-US",
        node("id", ROOT + page.path),
        page_link,
        feed_link,
        node("title", "Travel Advice Summary"),
        node("updated", updated),
        node("author", node("name", "GOV.UK")),
        node(
            "entry",
            node("id", f"{ROOT}{page.path}#{in_ruby}"),
            node("updated", updated),
            page_link,
            node("title", page.title),
            feed_link,
            node("summary", node("div", node("p", page.notes[0][1]), xmlns=XHTML), type="xhtml"),
        ),
    )


def ended_feed(path: str, to: str) -> Element:
    """finder-frontend, for a finder that redirects: one entry that says so, without a date."""
    return _feed(
        "en-US",
        node("id", f"tag:www.gov.uk,2005:{path}"),
        _link("alternate", ROOT),
        _link("self", f"{ROOT}{path}.atom"),
        node("title", path),
        node(
            "entry",
            node("id", f"tag:www.gov.uk,2005:{path.lstrip('/')}/feed-ended"),
            _link("alternate", ROOT + to),
            node("title", "This feed has ended"),
            node("summary", "<p>\n  This feed no longer exists.\n</p>\n", type="html"),
        ),
    )


def summary(description: str, words: str) -> str:
    """HTML: the beginning of the description, or the place in it where a word that was asked for stands."""
    wanted = "|".join(rf"\b{re.escape(term)}\b" for term in terms(words))
    hit = re.search(wanted, description, re.IGNORECASE) if wanted else None
    if hit is None:
        return escape(description[:SUMMARY], quote=False) + "…" * (len(description) > SUMMARY)
    start = max(0, hit.end() - SUMMARY)
    around = (description[start : hit.start()], hit[0], description[hit.end() : start + SUMMARY])
    before, marked, after = (escape(text, quote=False) for text in around)
    cut = len(description) > start + SUMMARY
    return f"{'…' * (start > 0)}{before}<mark>{marked}</mark>{after}{'…' * cut}"


def node(name: str, *inner: Element | str, **attributes: str) -> Element:
    """An element with text, or with elements, in it."""
    made = Element(name, attributes)
    made.text = "".join(one for one in inner if isinstance(one, str)) or None
    made.extend(one for one in inner if not isinstance(one, str))
    return made


def _feed(lang: str, *inner: Element) -> Element:
    return node("feed", *inner, **{"xml:lang": lang, "xmlns": ATOM})


def _link(rel: str, href: str) -> Element:
    return node("link", rel=rel, type="application/atom+xml" if rel == "self" else "text/html", href=href)
