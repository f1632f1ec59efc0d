"""Core: stories and editions → the archive's feeds, each as Atom and as JSON Feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from .. import digest as editing
from .. import render
from ..models import Published, Story, Told
from ..render import words
from ..render.feeds import FeedDocument, FeedEntry, as_atom, as_json_feed, feed_id
from ..render.inert import clean
from ..render.marks import extract_pieces
from ..render.reports import TITLE_CHARS, lang_of, report
from ..render.view import reasons
from .site import (
    EDITIONS_FEEDS,
    NAME,
    File,
    Site,
    edition_counts,
    edition_path,
    stories_feeds,
    story_path,
    topic_path,
    web_address,
)

FEED_ENTRIES = 50


def stories_feed(
    site: Site, entries: Sequence[FeedEntry], *, updated: datetime, topic: str = ""
) -> tuple[File, File]:
    """What `story_entry` has made, the latest shown first, as the feed of all topics or of one.

    `updated` is what an empty feed says of itself.
    """
    title = f"{NAME}: {site.title_of(topic)}" if topic else f"{NAME}: stories"
    home = topic_path(topic) if topic else "index.html"
    return _files(site, stories_feeds(topic), title, home, tuple(entries), updated)


def editions_feed(site: Site, editions: Sequence[Published], *, updated: datetime) -> tuple[File, File]:
    """The latest editions of all digests, newest first."""
    entries = tuple(_edition_entry(site, one) for one in editions[:FEED_ENTRIES])
    return _files(site, EDITIONS_FEEDS, f"{NAME}: editions", "index.html", entries, updated)


def _files(
    site: Site,
    paths: tuple[str, str],
    title: str,
    home: str,
    entries: tuple[FeedEntry, ...],
    updated: datetime,
) -> tuple[File, File]:
    name = paths[0].rpartition("/")[2].rpartition(".")[0]
    latest = max((entry.updated for entry in entries), default=updated)
    document = FeedDocument(
        id=feed_id("feed", name, site.public_url),
        title=title,
        home_url=_address(site, home),
        feed_url="",
        updated=latest,
        entries=entries,
    )
    atom, json = paths
    return (
        File(atom, as_atom(_at(document, site, atom))),
        File(json, as_json_feed(_at(document, site, json))),
    )


def _at(document: FeedDocument, site: Site, path: str) -> FeedDocument:
    """The document with its own address, which only a site on the web has."""
    return replace(document, feed_url=web_address(site, path))


def _address(site: Site, path: str) -> str:
    """A page as a feed names it: by its address on the web, else as seen from the folder of feeds."""
    return web_address(site, path) or f"../{path}"


def story_entry(site: Site, told: Told) -> FeedEntry:
    """A story as feeds have it. It comes again, as updated, whenever an edition shows more of it."""
    story, lead = told.story, told.story.lead
    return FeedEntry(
        id=feed_id("story", story.id, site.public_url),
        url=_address(site, story_path(story.id)),
        title=words.shortened(clean(lead.item.title), TITLE_CHARS),
        summary=clean(editing.extract(lead)),
        published=lead.date,
        updated=_told_last(told) or lead.first_seen,
        tags=tuple(site.title_of(topic) for topic in told.filed.topics),
        author=clean(lead.outlet),
        content_html=_content(site, story),
        lang=lang_of(lead.item.lang, lead.item.title),
    )


def _told_last(told: Told) -> datetime | None:
    """When an edition told something new of it: that the weekly tells what the daily told is no update."""
    known: set[tuple[int, int]] = set()
    last = None
    for showing in told.showings:
        if not known.issuperset(showing.revisions):
            last = showing.edition.end
        known.update(showing.revisions)
    return last


def _content(site: Site, story: Story) -> str:
    """The story in a feed reader: extract, every report with its link, and why it is there."""
    why = editing.why_line_matches(story)
    context = {
        "reports": tuple(report(judged, site.zone, 0) for judged in story.items),
        "extract": extract_pieces(story.lead, editing.extract(story.lead)),
        "reasons": {"why": reasons(why.matches), "more_reasons": why.more} if why.matches else None,
    }
    return render.rendered(site.env, "page/feed_entry.html", context).strip()


def _edition_entry(site: Site, published: Published) -> FeedEntry:
    edition = published.edition
    counts, window = edition_counts(published), words.window(edition, site.zone)
    return FeedEntry(
        id=feed_id("edition", f"{edition.digest}/{edition.name}", site.public_url),
        url=_address(site, edition_path(edition)),
        title=clean(published.message.subject),
        summary=f"{counts}. {window}." if counts else f"{window}.",
        published=edition.end,
        updated=edition.end,
        tags=(clean(edition.title),),
        author=NAME,
    )
