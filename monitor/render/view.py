"""Core: what the templates are given: a digest in words, with nothing left to decide and nothing unclean.

Each field of `View` is a name in `templates/digest/*`. Sentences that page and text share are made here, so
that the two always say the same; labels are the templates'. All strangers' text has passed `inert.clean`, all
addresses `inert.safe_url` (an empty address means: no link). Escaping is left to the template's autoescape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from .. import digest as editing
from ..models import Coverage, Digest, Earlier, Edition, Judged, Match, Story, Update
from . import words
from .coverage import CoverageView, alarm, coverage
from .inert import clean, safe_url
from .marks import Piece, extract_pieces, title_pieces
from .reports import TITLE_CHARS, Report, report
from .weekly import WeekView, week_view
from .words import When

ALSO_SHOWN = 4
"""Folded reports shown at once; the rest follow in a closed list."""
NOTE_CHARS = 300
SITE = "../.."
"""The output folder as an edition sees it: editions lie in <output>/<digest>/<edition>."""
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True, slots=True)
class Reason:
    """The terms that speak for one topic."""

    topic: str
    """The topic's id; for a term of the relation itself the side: "UK", "China", "UK-China"."""
    terms: tuple[tuple[str, str], ...]
    """(term, where it was found: "title", "1st sentence", "text"); see words.shown_term."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since an edition showed the story, or since its page was published first."""

    when: When
    what: str
    """In words; empty where nothing more than the note is known."""
    old_title: str
    note: str
    """What its publisher says of the change, ending as a sentence does."""
    first_published: When | None
    """The day alone."""
    reissued: bool
    """Whether nothing changed but the date."""


@dataclass(frozen=True, slots=True)
class Before:
    """Where an edition of the same digest has shown a story before."""

    label: str
    """Update to Tuesday's story."""
    title: str
    """The headline it had there."""
    path: str
    """The story's place in that edition, as its neighbours see it."""
    url: str
    """The same on the web; "" where there is none."""


@dataclass(frozen=True, slots=True)
class StoryView:
    """One event."""

    id: str
    topic: str
    """The primary topic's title."""
    lead: Report
    title: tuple[Piece, ...]
    extract: tuple[Piece, ...]
    also: tuple[Report, ...]
    """The reports folded under the lead, all of them."""
    why: tuple[Reason, ...]
    more_reasons: int
    other_topics: tuple[str, ...]
    """Ids of the topics besides the primary one."""
    change: Change | None
    earlier: Before | None = None
    """Set where this is an update to a story of an earlier edition."""
    page: str = ""
    """The story's own page as an edition sees it, where it tells more than the edition does."""


@dataclass(frozen=True, slots=True)
class Group:
    """Stories under a lesser heading."""

    title: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and its stories."""

    id: str
    """For anchors: "top", "topic-trade", "updated", "late", "brief"."""
    title: str
    stories: tuple[StoryView, ...]
    form: Literal["full", "brief"] = "full"
    names_topic: bool = True
    """Whether each story says its topic, because the heading does not."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The stories by topic, in their order: what a list of titles needs to be looked through."""
        runs = groupby(self.stories, key=lambda story: "Updated" if story.change else story.topic)
        return tuple(Group(title, tuple(stories)) for title, stories in runs)


@dataclass(frozen=True, slots=True)
class Nearly:
    """An item that came close, and what it lacked."""

    report: Report
    lacking: str


@dataclass(frozen=True, slots=True)
class Empty:
    """What an edition without stories says."""

    fault: bool
    """Whether nothing could be read, so that silence means nothing."""
    heading: str
    sentence: str
    closest: tuple[Nearly, ...]
    last_title: str
    """The last edition with items: "Thursday 29 January 2026"; "" where there is none."""
    last_path: str
    last_url: str


@dataclass(frozen=True, slots=True)
class View:
    """All that a template may name."""

    title: str
    subject: str
    preheader: str
    day: When
    days: str
    """The day it is for, or of a week its first and last: "Monday 26 January to Sunday 1 February 2026"."""
    window: str
    counts: str
    """One line of numbers; "" in an empty edition, which says them in a sentence."""
    alarm: str
    """One sentence where sources failed, else ""."""
    blocks: tuple[Block, ...]
    coverage: CoverageView
    empty: Empty | None
    path: str
    """The edition's folder as its neighbours see it: "../2026-01-29". Such links also work from a disk."""
    url: str
    """The edition's address on the web; "" where it has none."""
    site: str = ""
    """The output folder as an edition sees it, "../..": the archive and the feeds are there. "" where the
    edition has no place in it."""
    week: WeekView | None = None
    """Set for editions of six days and more."""


def view(digest: Digest, zone: ZoneInfo, archive_url: str | None) -> View:
    """A digest in words. `archive_url` is the address of the output folder on the web."""
    edition = digest.edition
    return View(
        title=clean(edition.title),
        subject=clean(editing.subject(digest)),
        preheader=clean(editing.preheader(digest)),
        day=When(edition.local_date.isoformat(), words.long_day(edition.local_date)),
        days=words.days(*editing.days_of(edition)),
        window=words.window(edition, zone),
        counts=_counts(digest),
        alarm=alarm(digest, zone),
        blocks=tuple(block for block in _Reader(digest, zone, archive_url).blocks() if block.stories),
        coverage=coverage(digest, zone),
        empty=None if digest.stories else _empty(digest, zone, archive_url),
        path=_path(edition.name),
        url=_url(archive_url, edition),
        site=SITE if edition.name else "",
        week=week_view(digest, digest.week, zone) if digest.week else None,
    )


def _path(name: str) -> str:
    return f"../{name}" if name else ""


def _url(archive_url: str | None, edition: Edition) -> str:
    if not archive_url or not edition.name:
        return ""
    return safe_url(f"{archive_url.rstrip('/')}/{edition.digest}/{edition.name}/")


def _counts(digest: Digest) -> str:
    if not digest.stories:
        return ""
    n = editing.counts(digest)
    what = f"{words.count(n.stories, 'story', 'stories')}, {words.count(n.items, 'item')}, "
    what += f"{words.count(n.outlets, 'outlet')}."
    read = f"{n.sources_read:,} of {words.count(n.sources_total, 'source')} read."
    return f"{what} {read} About {words.count(n.minutes, 'minute')}."


def _empty(digest: Digest, zone: ZoneInfo, archive_url: str | None) -> Empty:
    n, coverage, last = editing.counts(digest), digest.coverage, digest.last_with_items
    fault = n.sources_read == 0
    year = digest.edition.local_date.year
    return Empty(
        fault=fault,
        heading="Nothing could be read" if fault else "No new items",
        sentence=_fault(n) if fault else _nothing_new(n, coverage),
        closest=tuple(
            Nearly(report(judged, zone, year), clean(judged.verdict.reason).rstrip("."))
            for judged in digest.closest
        ),
        last_title=words.long_day(last.local_date) if last else "",
        last_path=_path(last.name) if last else "",
        last_url=_url(archive_url, last) if last else "",
    )


def _fault(n: editing.Counts) -> str:
    if n.sources_total == 0:
        return "No source is switched on, so there was nothing to read."
    none = f"None of {words.count(n.sources_total, 'source')} could be read."
    return f"{none} There may be news: this edition cannot tell."


def _nothing_new(n: editing.Counts, coverage: Coverage) -> str:
    """Items may match and yet be none of this digest's topics."""
    none = "none matched your topics" if coverage.matched == 0 else "none was new under your topics"
    read = f"{n.sources_read:,} of {words.count(n.sources_total, 'source')} read"
    return f"{read}, {words.count(coverage.looked_at, 'item')} looked at, {none}."


class _Reader:
    """Puts the stories of one digest into words."""

    def __init__(self, digest: Digest, zone: ZoneInfo, archive_url: str | None) -> None:
        self.digest = digest
        self.zone = zone
        self.archive_url = archive_url
        self.year = digest.edition.local_date.year
        self.titles = {topic.id: clean(topic.title) for topic in digest.topics}
        # A section may be for topics that the config does not name.
        self.titles |= {section.topic.id: clean(section.topic.title) for section in digest.sections}

    def blocks(self) -> Iterable[Block]:
        """All blocks in reading order, empty ones too."""
        digest = self.digest
        yield Block("top", "Top story" if len(digest.top) == 1 else "Top stories", self._stories(digest.top))
        for section in digest.sections:
            topic = section.topic
            yield Block(
                f"topic-{topic.id}", self.titles[topic.id], self._stories(section.stories), names_topic=False
            )
        yield Block("updated", "Updated", self._stories(digest.updated))
        yield Block("late", _late_title(digest), self._stories(digest.late))
        yield Block("brief", "In brief", self._stories(digest.brief), form="brief")

    def _stories(self, stories: tuple[Story, ...]) -> tuple[StoryView, ...]:
        return tuple(self._story(story) for story in stories)

    def _story(self, story: Story) -> StoryView:
        lead, copies = story.lead, editing.wire_copies(story)
        shared = dict(zip((judged.id for judged in story.items[1:]), story.why_together, strict=False))
        reports = [
            replace(
                report(judged, self.zone, self.year),
                same_text=judged.id in copies,
                together=clean(shared.get(judged.id, "")),
            )
            for judged in story.items
        ]
        why = editing.why_line_matches(story)
        primary = story.topic or ""
        return StoryView(
            id=story.id,
            topic=self.titles.get(primary, primary),
            lead=reports[0],
            title=_headline(lead, why.matches, reports[0]),
            extract=extract_pieces(lead, editing.extract(lead), why.matches),
            also=tuple(reports[1:]),
            why=reasons(why.matches),
            more_reasons=why.more,
            other_topics=story.topics[1:],
            change=self._change(story),
            earlier=self._before(story.id, story.earlier) if story.earlier else None,
            page=_story_page(story),
        )

    def _before(self, id_: str, earlier: Earlier) -> Before:
        edition = self.digest.edition
        there = f"index.html#story-{id_}"
        url = _url(self.archive_url, replace(edition, name=earlier.edition))
        return Before(
            label=f"Update to {words.whose(earlier.local_date, edition.local_date)}",
            title=words.shortened(clean(earlier.title), TITLE_CHARS) or "(no title)",
            path=f"{_path(earlier.edition)}/{there}" if earlier.edition and edition.name else "",
            url=safe_url(f"{url}{there}") if url else "",
        )

    def _change(self, story: Story) -> Change | None:
        # An old page may lead a story with fresh reports: without a word its date would be a riddle.
        update = story.update or story.lead.update
        if update is None:
            return None
        at = update.note_at or update.at
        old_title = clean(update.old_title or "")
        reissued = update.what == editing.REISSUED
        first = next((j.page.first_published for j in story.items if j.update == update and j.page), None)
        return Change(
            when=words.day(at, self.zone, self.year) if reissued else words.moment(at, self.zone, self.year),
            what="" if update.what == "updated" else clean(update.what),
            # Where the line above it already says the old headline, once is enough.
            old_title=old_title if not story.earlier or clean(story.earlier.title) != old_title else "",
            note=_note(update),
            first_published=words.day(first, self.zone, self.year) if first else None,
            reissued=reissued,
        )


def _story_page(story: Story) -> str:
    """Its own page tells more than the edition where there are several reports, or an earlier edition."""
    tells_more = len(story.items) > 1 or story.earlier is not None
    return f"{SITE}/story/{story.id}/index.html" if tells_more and _FOLDER.fullmatch(story.id) else ""


def _note(update: Update) -> str:
    note = words.shortened(clean(update.note), NOTE_CHARS)
    return note if not note or note[-1] in ".!?…" else f"{note}."


def _late_title(digest: Digest) -> str:
    seen = "today" if words.is_about_a_day(digest.edition) else "since the last edition"
    has_undated = any(judged.date is None for story in digest.late for judged in story.items)
    return f"First seen {seen}, published earlier{' or undated' if has_undated else ''}"


def _headline(lead: Judged, told: tuple[Match, ...], shown: Report) -> tuple[Piece, ...]:
    """The headline with the words marked that Why names; one that had to be cut is left unmarked."""
    pieces = title_pieces(lead, told)
    return pieces if "".join(piece.text for piece in pieces) == shown.title else (Piece(shown.title),)


def reasons(matches: tuple[Match, ...]) -> tuple[Reason, ...]:
    """Matches in order → reasons; neighbours of one topic share its name."""
    return tuple(
        Reason(topic, tuple((clean(words.shown_term(m)), words.FIELDS[m.field]) for m in run))
        for topic, run in groupby(matches, key=words.topic_or_side)
    )
