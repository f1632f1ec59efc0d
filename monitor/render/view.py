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
from ..models import Coverage, Digest, Edition, Judged, Match, Page, Story, Update
from . import words
from .coverage import CoverageView, alarm, coverage
from .inert import clean, safe_url
from .marks import Piece, extract_pieces, title_pieces
from .words import When

ALSO_SHOWN = 4
"""Folded reports shown at once; the rest follow in a closed list."""
TITLE_CHARS = 120
NOTE_CHARS = 300
ORGANISATIONS_SHOWN = 2
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Report:
    """One item of a story."""

    id: str
    title: str
    url: str
    outlet: str
    kind: str
    """In words: "UK media"."""
    lang: str
    """BCP 47 tag where the text is not English, else ""."""
    when: When | None
    """When it was published; None where the publisher gives no date."""
    first_seen: When
    status: str = ""
    """Withdrawn or Removed, where its publisher has done so."""
    about: str = ""
    """What its publisher calls it: "Guidance · Department for Business and Trade"."""
    same_text: bool = False
    """Whether it carries word for word what an earlier report of the story carries."""
    together: str = ""
    """What it shares with the story it is folded into, where that is known."""


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


def view(digest: Digest, zone: ZoneInfo, archive_url: str | None) -> View:
    """A digest in words. `archive_url` is the address of the output folder on the web."""
    edition = digest.edition
    return View(
        title=clean(edition.title),
        subject=clean(editing.subject(digest)),
        preheader=clean(editing.preheader(digest)),
        day=When(edition.local_date.isoformat(), words.long_day(edition.local_date)),
        window=words.window(edition, zone),
        counts=_counts(digest),
        alarm=alarm(digest, zone),
        blocks=tuple(block for block in _Reader(digest, zone).blocks() if block.stories),
        coverage=coverage(digest, zone),
        empty=None if digest.stories else _empty(digest, zone, archive_url),
        path=_path(edition.name),
        url=_url(archive_url, edition),
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


def report(judged: Judged, zone: ZoneInfo, year: int) -> Report:
    """One item in words. `year` is the edition's: dates of other years say theirs."""
    return Report(
        id=str(judged.id),
        title=words.shortened(clean(judged.item.title), TITLE_CHARS) or "(no title)",
        url=safe_url(judged.item.url),
        outlet=clean(judged.outlet),
        kind=words.KINDS[judged.kind],
        lang=_lang(judged),
        when=words.moment(judged.date, zone, year) if judged.date else None,
        first_seen=words.moment(judged.first_seen, zone, year),
        status=words.PAGE_STATUSES.get(judged.page.status, "") if judged.page else "",
        about=_about(judged.page) if judged.page else "",
    )


def _about(page: Page) -> str:
    """Guidance · HM Treasury, Department for Business and Trade and 2 others."""
    names = [name for name in map(clean, page.organisations) if name]
    shown, others = names[:ORGANISATIONS_SHOWN], len(names) - ORGANISATIONS_SHOWN
    if others > 0:
        shown.append(words.count(others, "other"))
    return " · ".join(filter(None, (clean(page.document_type), words.listing(shown))))


def _lang(judged: Judged) -> str:
    """The language where it is not the page's own, so that a voice and a font can be chosen."""
    lang, title = judged.item.lang, judged.item.title
    if lang.lower().startswith("en") and len(_HAN.findall(title)) * 2 > len(title.replace(" ", "")):
        return "zh"
    return lang if _LANG.fullmatch(lang) and not lang.lower().startswith("en") else ""


class _Reader:
    """Puts the stories of one digest into words."""

    def __init__(self, digest: Digest, zone: ZoneInfo) -> None:
        self.digest = digest
        self.zone = zone
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
            title=_headline(lead, reports[0]),
            extract=extract_pieces(lead, editing.extract(lead)),
            also=tuple(reports[1:]),
            why=_reasons(why.matches),
            more_reasons=why.more,
            other_topics=story.topics[1:],
            change=self._change(story),
        )

    def _change(self, story: Story) -> Change | None:
        # An old page may lead a story with fresh reports: without a word its date would be a riddle.
        update = story.update or story.lead.update
        if update is None:
            return None
        at = update.note_at or update.at
        reissued = update.what == editing.REISSUED
        first = next((j.page.first_published for j in story.items if j.update == update and j.page), None)
        return Change(
            when=words.day(at, self.zone, self.year) if reissued else words.moment(at, self.zone, self.year),
            what="" if update.what == "updated" else clean(update.what),
            old_title=clean(update.old_title or ""),
            note=_note(update),
            first_published=words.day(first, self.zone, self.year) if first else None,
            reissued=reissued,
        )


def _note(update: Update) -> str:
    note = words.shortened(clean(update.note), NOTE_CHARS)
    return note if not note or note[-1] in ".!?…" else f"{note}."


def _late_title(digest: Digest) -> str:
    seen = "today" if words.is_about_a_day(digest.edition) else "since the last edition"
    has_undated = any(judged.date is None for story in digest.late for judged in story.items)
    return f"First seen {seen}, published earlier{' or undated' if has_undated else ''}"


def _headline(lead: Judged, shown: Report) -> tuple[Piece, ...]:
    """The headline with its matched words marked; one that had to be cut is left unmarked."""
    pieces = title_pieces(lead)
    return pieces if "".join(piece.text for piece in pieces) == shown.title else (Piece(shown.title),)


def _reasons(matches: tuple[Match, ...]) -> tuple[Reason, ...]:
    """Matches in order → reasons; neighbours of one topic share its name."""
    return tuple(
        Reason(topic, tuple((clean(words.shown_term(m)), words.FIELDS[m.field]) for m in run))
        for topic, run in groupby(matches, key=words.topic_or_side)
    )
