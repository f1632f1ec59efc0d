"""Core: a story with all that has become of it → its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from .. import digest as editing
from ..models import Judged, Revised, Story, Told, Update
from ..render import words
from ..render.inert import clean
from ..render.marks import Piece, extract_pieces, title_pieces
from ..render.reports import Report, report
from ..render.view import Reason, reasons
from ..render.words import When
from .site import (
    File,
    Link,
    Site,
    digest_path,
    edition_path,
    feed_links,
    frame,
    outlets_named,
    root,
    story_path,
    topic_path,
    whole_day,
)

EXTRACT_CHARS = 400
"""More than an edition shows: who comes here wants to know."""
TERMS_SHOWN = 8
NOTE_CHARS = 500
EVERY_YEAR = 0
"""As the year of a page: every date says its own, since this page is read in other years too."""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of a report."""

    when: When
    what: str
    """In words; "" where the note says it."""
    note: str
    """In its publisher's words."""
    old_title: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report."""

    report: Report
    day: When
    """The day under which it stands."""
    opens_day: bool
    """Whether it is the first of that day."""
    leads: bool
    title: tuple[Piece, ...]
    extract: tuple[Piece, ...]
    together: str
    """Why it is in this story; "" for the report that the story began with."""
    why: tuple[Reason, ...]
    more_reasons: int
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class ShowingView:
    """An edition that has shown the story."""

    when: When
    digest: Link
    path: str
    """To the story in that edition."""
    what: str
    """3 reports; later: 2 more reports, 1 updated."""
    changes: tuple[tuple[str, ChangeView], ...]
    """(outlet, change): what that edition told as an update."""


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story."""

    id: str
    lead: Report
    """The one whose headline is the page's."""
    topics: tuple[Link, ...]
    """The primary one first."""
    span: tuple[When, ...]
    """The first and the last day of its reports; one where they are the same."""
    counts: str
    """5 reports from 4 outlets."""
    reports: tuple[ReportView, ...]
    """Oldest first."""
    history: tuple[ShowingView, ...]


def story_page(site: Site, told: Told) -> File:
    """A story's page; it has at least one report."""
    return _Teller(site, told).page()


class _Teller:
    """Puts one story into words."""

    def __init__(self, site: Site, told: Told) -> None:
        self.site = site
        self.told = told
        self.path = story_path(told.story.id)
        self.up = root(self.path)
        self.outlets = {judged.id: clean(judged.outlet) for judged in told.story.items}
        self.changes = {(one.item_id, one.revision): one for one in told.changes}

    def page(self) -> File:
        site, story = self.site, self.told.story
        view = self.view()
        about = "".join(piece.text for piece in extract_pieces(story.lead, editing.extract(story.lead)))
        around = frame(
            site,
            self.path,
            view.lead.title,
            about or f"{view.counts}: {outlets_named(dict.fromkeys(self.outlets.values()))}.",
            feeds=feed_links(site, self.path, topics=self.told.filed.topics[:1]),
            crumbs=view.topics[:1],
            kind="article",
        )
        return site.page(self.path, "page/story.html", around, view)

    def view(self) -> StoryView:
        site, story = self.site, self.told.story
        views = tuple(self._reports())
        days = dict.fromkeys(view.day for view in views)
        outlets = len({judged.outlet for judged in story.items})
        return StoryView(
            id=story.id,
            lead=report(story.lead, site.zone, EVERY_YEAR),
            topics=tuple(
                Link(site.title_of(topic), self.up + topic_path(topic)) for topic in self.told.filed.topics
            ),
            span=tuple(dict.fromkeys((next(iter(days)), [*days][-1]))),
            counts=f"{words.count(len(views), 'report')} from {words.count(outlets, 'outlet')}",
            reports=views,
            history=tuple(self._history()),
        )

    def _reports(self) -> Iterator[ReportView]:
        story, zone = self.told.story, self.site.zone
        shared = dict(zip((judged.id for judged in story.items[1:]), story.why_together, strict=False))
        shared[story.lead.id] = story.why_joined
        last_day, copies = None, _copies(story)
        for judged in sorted(story.items, key=_oldest_first):
            day = whole_day(words.local(_at(judged), zone).date())
            # As a story of its own: these are its own terms, not those of the lead.
            why = editing.why_line_matches(Story(story.id, (judged,)), TERMS_SHOWN)
            shown = replace(report(judged, zone, EVERY_YEAR), same_text=judged.id in copies)
            pieces = title_pieces(judged)
            whole = "".join(piece.text for piece in pieces) == shown.title
            yield ReportView(
                report=shown,
                day=day,
                opens_day=day != last_day,
                leads=judged is story.lead and len(story.items) > 1,
                title=pieces if whole else (Piece(shown.title),),
                extract=()
                if shown.same_text
                else extract_pieces(judged, editing.extract(judged, EXTRACT_CHARS)),
                together=clean(shared.get(judged.id, "")),
                why=reasons(why.matches),
                more_reasons=why.more,
                changes=tuple(self._change(one) for one in self.told.changes if one.item_id == judged.id),
            )
            last_day = day

    def _history(self) -> Iterator[ShowingView]:
        seen: dict[str, set[int]] = {}
        for showing in self.told.showings:
            edition = showing.edition
            before = seen.setdefault(edition.digest, set())
            updated = [pair for pair in showing.revisions if pair[0] in before]
            new = len(showing.revisions) - len(updated)
            yield ShowingView(
                when=whole_day(edition.local_date),
                digest=Link(clean(edition.title), self.up + digest_path(edition.digest)),
                path=f"{self.up}{edition_path(edition)}#story-{self.told.story.id}",
                what=_what(new, len(updated), first=not before),
                changes=tuple(
                    (self.outlets.get(pair[0], ""), self._change(self.changes[pair]))
                    for pair in updated
                    if pair in self.changes
                ),
            )
            before.update(item_id for item_id, _ in showing.revisions)

    def _change(self, revised: Revised) -> ChangeView:
        update = revised.update
        note = words.shortened(clean(update.note), NOTE_CHARS)
        return ChangeView(
            when=words.moment(update.note_at or update.at, self.site.zone, EVERY_YEAR),
            what=_in_words(update, note),
            note=note if not note or note[-1] in ".!?…" else f"{note}.",
            old_title=clean(update.old_title or "") if "title" in update.what else "",
        )


def _in_words(update: Update, note: str) -> str:
    what = clean(update.what)
    return "" if note and what == "updated" else what


def _what(new: int, updated: int, *, first: bool) -> str:
    more = "" if first else "more "
    parts = [words.count(new, f"{more}report")] if new else []
    if updated:
        parts.append(f"{words.count(updated, 'report')} updated")
    return ", ".join(parts)


def _copies(story: Story) -> frozenset[int]:
    """Reports that say word for word what an older one says."""
    return editing.wire_copies(replace(story, items=tuple(sorted(story.items, key=_oldest_first))))


def _at(judged: Judged) -> datetime:
    return judged.date or judged.first_seen


def _oldest_first(judged: Judged) -> tuple[datetime, int]:
    return (_at(judged), judged.id)
