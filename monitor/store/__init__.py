"""I/O: the one SQLite file: sources, items with their verdicts, editions and what they claimed.

One process writes; each thing that belongs together is one transaction, so that a kill at any moment leaves
all of it or nothing. This class opens the file and holds the transactions; what is written and read stands
in one module for each kind of thing: `feeds`, `notices`, `record`, `pages`, `items`, `history`, `labels`,
`editions`, `stories`, `search`, `exports`, `archive`,
`outbox`, `upkeep`; `backup` copies the file as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from ..models import (
    NOTHING_GOES_OUT,
    Earlier,
    Edition,
    FeedState,
    Figures,
    Judged,
    Label,
    Mark,
    Message,
    Notice,
    Outgoing,
    PageOutcome,
    PageState,
    PageWanted,
    Published,
    Recorded,
    Source,
    SourceOutcome,
    Story,
    Verdict,
)
from . import editions, exports, feeds, history, items, labels, locks, pages, schema, stories
from . import figures as counting
from . import notices as telling
from . import record as recording
from . import search as searching
from .archive import ArchiveReader
from .backup import back_up
from .connection import StoreBusy, StoreError, connect, moment_or_none, reading, sentences, value, writing
from .editions import AlreadyPublished
from .exports import Exported
from .feeds import SourceReport
from .items import Revision, Sighting
from .outbox import Outbox
from .search import Hit
from .stories import BEGAN, Member
from .upkeep import Limits, Pruned, Space, Upkeep

__all__ = [
    "BEGAN",
    "AlreadyPublished",
    "ArchiveReader",
    "Exported",
    "Hit",
    "Limits",
    "Member",
    "Outbox",
    "Pruned",
    "Revision",
    "Sighting",
    "SourceReport",
    "Space",
    "Store",
    "StoreBusy",
    "StoreError",
    "Upkeep",
    "back_up",
]


class Store:
    """An open database. Use it in the thread that opened it, as a context manager or with `close`.

    Every method may raise StoreBusy, when another process writes for longer than the busy timeout, and
    StoreError, when the file or the disk does not allow it; then nothing was written.
    """

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self.path = path

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, busy_timeout: float = 10.0) -> Store:
        """Open a database, made or brought to the present schema where needed.

        `read_only` is for commands that only look: it makes no file and no folder. `busy_timeout` is in
        seconds. Raises StoreError for a file that is missing (read-only), of a newer version, of another
        program, damaged or not to be opened; such a file is never changed.
        """
        if read_only and not path.exists():
            raise StoreError(f"{path} does not exist yet: run `monitor poll` first")
        with sentences(path):
            db = connect(path, read_only=read_only, busy_timeout=busy_timeout)
            try:
                if read_only:
                    schema.refuse_older(db, path)
                else:
                    schema.migrate(db, path)
            except BaseException:
                db.close()
                raise
        return cls(db, path)

    def close(self) -> None:
        """Close the file. Nothing is pending: every method has committed or rolled back."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    # The file itself

    @contextmanager
    def only_service(self) -> Iterator[bool]:
        """Whether this process alone is the service on this file, until the block ends."""
        with locks.held(self.path, "lock") as is_ours:
            yield is_ours

    def check_writable(self) -> None:
        """Write one small thing, for `health`. Raises StoreError where that fails."""
        with writing(self._db, self.path) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('writable', 'yes')")

    def check_intact(self) -> None:
        """Read the whole file for damage: seconds for each GB. Raises StoreError with the first finding."""
        with reading(self._db, self.path) as db:
            finding = " ".join(value(db, "PRAGMA quick_check(1)").split())
        if finding != "ok":
            raise StoreError(f"{self.path} is damaged: {finding}; restore a backup")

    def check_at_start(self, *, most: int = 1_000_000_000) -> bool:
        """What a service asks before it writes: whether the file is whole and may be written.

        False where the file has more than `most` bytes and was not read through: `back_up` reads every copy
        through, beside the service. Raises StoreError for damage, before anything is written, and for a file
        or folder that is for reading only.
        """
        is_read = self.path.stat().st_size <= most
        if is_read:
            self.check_intact()
        self.check_writable()
        return is_read

    def figures(self, since: Mark | None = None) -> Figures:
        """The numbers that the service is watched by; items and deliveries since a mark, for None of none."""
        with reading(self._db, self.path) as db:
            return counting.figures(db, since)

    def created_at(self) -> datetime | None:
        """When the first poll was recorded; None before it."""
        with reading(self._db, self.path) as db:
            return moment_or_none(value(db, "SELECT value FROM meta WHERE name = 'first_poll'"))

    # Sources

    def sync_sources(self, sources: Sequence[Source]) -> None:
        """Write the config's sources, keeping their state; those gone from the config stay, disabled."""
        with writing(self._db, self.path) as db:
            feeds.sync_sources(db, sources)

    def feed_states(self) -> dict[str, FeedState]:
        """The state of every source, by id: those of the config in its order, then those gone from it."""
        with reading(self._db, self.path) as db:
            return feeds.feed_states(db)

    def source_report(self) -> tuple[SourceReport, ...]:
        """Every source with its counts and state: the config's in its order, then those gone from it."""
        with reading(self._db, self.path) as db:
            return feeds.source_report(db)

    def arrivals(self, limit: int = 60) -> dict[str, tuple[datetime, ...]]:
        """For every source the latest times at which a poll brought pages new to it, newest first."""
        with reading(self._db, self.path) as db:
            return feeds.arrivals(db, limit)

    def fill_gap(self, source_id: str) -> None:
        """Note that what the last gap of a source held has been fetched by other means."""
        with writing(self._db, self.path) as db:
            feeds.fill_gap(db, source_id)

    def add_notices(self, notices: Sequence[Notice]) -> None:
        """Keep what is told of sources. Raises StoreError for one that `sync_sources` has not written."""
        with writing(self._db, self.path, durable=True) as db:
            telling.add_notices(db, notices)

    def notices(self, since: datetime | None) -> tuple[Notice, ...]:
        """What was told of sources after `since`, oldest first; all for None.

        Without `since`, because the edition before has told those: see `seen_between`.
        """
        with reading(self._db, self.path) as db:
            return telling.notices(db, since)

    def open_faults(self) -> dict[str, Notice]:
        """By source id, the last notice of each source, where that is a fault."""
        with reading(self._db, self.path) as db:
            return telling.open_faults(db)

    # Items

    def record(self, outcome: SourceOutcome, now: datetime) -> Recorded:
        """Write all that one poll of one source brought, in one transaction.

        `overrun` is set, and the gap noted in the source's state, where a document of several entries holds
        no page that stood in the source before and stands where it stood: on GOV.UK a page that is published
        again comes to the top. Not for a source's first items, nor at a new address, nor where the outcome is
        not `windowed`. Raises StoreError for a source that `sync_sources` has not written.
        """
        with writing(self._db, self.path) as db:
            return recording.record(db, outcome, now)

    def wanted_pages(
        self, now: datetime, *, govuk: bool = True, full_text: Collection[str] = (), limit: int
    ) -> tuple[PageWanted, ...]:
        """Items whose pages are to be looked up at `now`, at most `limit`: GOV.UK's first, each newest first.

        With `govuk`, relevant pages of GOV.UK that were never read, that changed since, or that were not
        asked for in days. Of the sources with these `full_text` ids, the items of the last 14 days that name
        at least one side, are no pages of GOV.UK, and either have no text and were never read, or changed
        since; three failures, and an article is given up. None whose `next_try` is still to come.
        """
        with reading(self._db, self.path) as db:
            return pages.wanted_pages(db, now, govuk=govuk, full_text=full_text, limit=limit)

    def record_page(self, outcome: PageOutcome, now: datetime) -> None:
        """Write all that one look-up brought, in one transaction.

        The page's row; with `item`, the text and the date of publication of the stored item; with `verdict`,
        its verdict; with `what`, what its present revision is (a new one with `is_news`), with the state's
        note. An item that a poll changed since it was wanted keeps its verdict. An item that turns out to be
        a known page at a new address is joined with it; one that is no longer stored is passed over.
        """
        with writing(self._db, self.path) as db:
            pages.record_page(db, outcome, now)

    def unclaimed(
        self,
        digest: str,
        *,
        topics: Collection[str] = (),
        min_score: float = 0.0,
    ) -> tuple[Judged, ...]:
        """Relevant items whose present revision no edition of `digest` has shown, by first seen.

        `topics`: only items with one of these; empty means all. `min_score` is inclusive. `update` is set on
        items of which the digest has shown an earlier revision, and on those whose page says that it is not
        new, but was updated or issued again.
        """
        with reading(self._db, self.path) as db:
            return items.unclaimed(db, digest, topics=topics, min_score=min_score)

    def count_unclaimed(self, digest: str, *, topics: Collection[str] = (), min_score: float = 0.0) -> int:
        """How many items `unclaimed` would give."""
        with reading(self._db, self.path) as db:
            return items.count_unclaimed(db, digest, topics=topics, min_score=min_score)

    def seen_between(self, start: datetime | None, end: datetime) -> tuple[int, int]:
        """How many items were first seen after `start`, up to and with `end`, and how many are relevant.

        With `end`, because one run polls and composes at the same `now`; without `start`, because the edition
        before has counted those. None: from the beginning, for the first edition.
        """
        with reading(self._db, self.path) as db:
            return items.seen_between(db, start, end)

    def seen_since(
        self,
        since: datetime,
        *,
        until: datetime | None = None,
        relevant_only: bool = False,
        or_updated: bool = False,
    ) -> tuple[Judged, ...]:
        """Items first seen in [since, until), by first seen; without `until`, up to the last.

        `or_updated`: also those that were first seen before and updated then; their `update` says what
        changed since `since`.
        """
        with reading(self._db, self.path) as db:
            return items.seen_since(
                db, since, until=until, relevant_only=relevant_only, or_updated=or_updated
            )

    def relevant_between(self, start: datetime, end: datetime) -> tuple[Judged, ...]:
        """Relevant items first seen after `start`, up to and with `end`, by first seen, with their matches.

        Without texts, reasons and pages; where there is no summary, with the beginning of the text. 10,000
        take a second, most of it for the matches.
        """
        with reading(self._db, self.path) as db:
            return items.relevant_between(db, start, end)

    def closest(self, start: datetime, limit: int) -> tuple[Judged, ...]:
        """The irrelevant items first seen after `start` that came nearest: with points, the most first."""
        with reading(self._db, self.path) as db:
            return items.closest(db, start, limit)

    def item(self, item_id: int) -> Judged | None:
        """One item."""
        with reading(self._db, self.path) as db:
            return items.find(db, str(item_id))

    def find(self, ref: str) -> Judged | None:
        """One item by its id or its address; the caller makes addresses canonical."""
        with reading(self._db, self.path) as db:
            return items.find(db, ref)

    def where_seen(self, item_id: int) -> tuple[Sighting, ...]:
        """The feeds that a page was seen in, the first one first."""
        with reading(self._db, self.path) as db:
            return items.where_seen(db, item_id)

    def revisions(self, item_id: int) -> tuple[Revision, ...]:
        """What happened to an item since it was first seen, oldest first."""
        with reading(self._db, self.path) as db:
            return items.revisions(db, item_id)

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        relevant_only: bool = False,
        since: datetime | None = None,
        topics: Collection[str] = (),
        markers: tuple[str, str] = ("[", "]"),
        alike: Callable[[str], str] = str,
    ) -> tuple[Hit, ...]:
        """Full-text search: words, "phrases", prefix*, AND, OR, NOT, parentheses; best first.

        A query with Chinese finds it also within longer runs of characters, the latest items first; `alike`
        gives, for a character, all that are to be found as the same one. `since`: first seen then or later.
        `topics`: with one of these. The found words stand between the markers.
        Raises StoreError for a query that cannot be read.
        """
        within = searching.Within(relevant_only, since, topics)
        with reading(self._db, self.path) as db:
            return searching.search(db, query, limit=limit, within=within, markers=markers, alike=alike)

    def each_exported(
        self, *, relevant_only: bool = True, since: datetime | None = None, topics: Collection[str] = ()
    ) -> Iterator[Exported]:
        """Items with their stories and labels, the latest first; in memory are only some hundred of them.

        `since`: first seen then or later. `topics`: with one of these; empty means all. As with `each_item`,
        nothing is open between two batches, and items that come after the beginning are left out.
        """
        within = searching.Within(relevant_only, since, topics)
        with reading(self._db, self.path) as db:
            first, last = history.bounds(db, since)
        while first <= last:
            with reading(self._db, self.path) as db:
                found = exports.batch(db, first, last, within)
            if not found:
                return
            yield from found
            last = found[-1].judged.id - 1

    # All items, and new verdicts on them

    def count_items(self, since: datetime | None = None) -> int:
        """How many items were first seen at `since` or later; all without it."""
        with reading(self._db, self.path) as db:
            return history.count_items(db, since)

    def each_item(self, since: datetime | None = None, *, with_matches: bool = True) -> Iterator[Judged]:
        """The items first seen at `since` or later, by id; in memory are only some hundred of them.

        100,000 take some 9 seconds, and 4 where `with_matches` is False and each verdict has no `matches`.
        Between two batches nothing is open: a poll may write, and the caller may use this store. Items that
        come after the beginning are left out; one that changes before its turn comes as it is then.
        """
        with reading(self._db, self.path) as db:
            first, last = history.bounds(db, since)
        while first <= last:
            with reading(self._db, self.path) as db:
                found = history.batch(db, first, last, since, with_matches=with_matches)
            if not found:
                return
            yield from found
            first = found[-1].id + 1

    def rejudge(self, verdicts: Iterable[tuple[int, Verdict]]) -> int:
        """Give items, by id, new verdicts, all in one transaction; how many items that were.

        Revisions, claims and texts stay. The database is locked only while the verdicts are written, not
        while `verdicts` makes them, which may read this store (`each_item`). An item whose text a poll
        changes in between keeps the verdict that the poll gave it; an id that is not stored is passed over.
        """
        with sentences(self.path):
            try:
                history.collect(self._db, verdicts)
                with writing(self._db, self.path, durable=True) as db:
                    return history.write_collected(db)
            finally:
                history.drop_collected(self._db)

    # Labels

    def labels(self) -> dict[int, Label]:
        """What analysts said of items, by item id, the oldest first."""
        with reading(self._db, self.path) as db:
            return labels.labels(db)

    def set_label(self, label: Label) -> None:
        """Keep a label in place of the one before. Raises StoreError for an item that is not stored."""
        with writing(self._db, self.path, durable=True) as db:
            labels.set_label(db, label)

    def remove_label(self, item_id: int) -> bool:
        """Take a label back; whether there was one."""
        with writing(self._db, self.path, durable=True) as db:
            return labels.remove_label(db, item_id)

    # Editions

    def publish(
        self,
        edition: Edition,
        message: Message,
        stories: Sequence[Story],
        *,
        now: datetime,
        rules_version: str,
        looked_at: int,
        outgoing: Outgoing = NOTHING_GOES_OUT,
        told: Collection[int] = (),
        grouped: Sequence[Story] = (),
        is_shown: bool = True,
    ) -> Published:
        """Write an edition, the claims on its items, its bytes and what goes out, durably and at once.

        `grouped` is what grouping has made of all items `without_story`, whether this digest shows them or
        not: each is a new story, or one of `open_stories` with its new reports alone. Membership in those and
        in `stories` is kept for ever; an item that has a story keeps it.

        One that is not `is_shown` answers its slot and is seen nowhere: its files are never written.
        `told` are lost deliveries that it tells of: no other edition will.

        Raises AlreadyPublished where the slot, the name or an item's revision is taken within the digest, or
        an item has got another story meanwhile.
        """
        with writing(self._db, self.path, durable=True) as db:
            return editions.publish(
                db,
                edition,
                message,
                stories,
                now=now,
                rules_version=rules_version,
                looked_at=looked_at,
                outgoing=outgoing,
                told=told,
                grouped=grouped,
                is_shown=is_shown,
            )

    def mark_written(self, edition_id: int) -> None:
        """Note that an edition's files are in their folder."""
        with writing(self._db, self.path, durable=True) as db:
            editions.mark_written(db, edition_id)

    def unwritten(self) -> tuple[Published, ...]:
        """Editions whose files are not known to be written, oldest first, with their bytes."""
        with reading(self._db, self.path) as db:
            return editions.unwritten(db)

    def edition(self, edition_id: int) -> Published | None:
        """One edition with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition(db, edition_id)

    def edition_named(self, digest: str, name: str) -> Published | None:
        """The edition of a digest with this folder name, with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition_named(db, digest, name)

    def edition_for_slot(self, digest: str, slot: str) -> Published | None:
        """The edition that answers a scheduled run, with its bytes."""
        with reading(self._db, self.path) as db:
            return editions.edition_for_slot(db, digest, slot)

    def last_edition(self, digest: str) -> Published | None:
        """The latest edition of a digest; of its message the subject only."""
        with reading(self._db, self.path) as db:
            return editions.last_edition(db, digest)

    def last_edition_with_items(self, digest: str) -> Published | None:
        """The latest edition that was not empty; of its message the subject only."""
        with reading(self._db, self.path) as db:
            return editions.last_edition_with_items(db, digest)

    def editions(self, digest: str | None = None, *, limit: int = 100) -> tuple[Published, ...]:
        """Editions of one digest or of all, latest first; of their messages the subjects only."""
        with reading(self._db, self.path) as db:
            return editions.editions(db, digest, limit=limit)

    def editions_of(self, item_id: int) -> tuple[Published, ...]:
        """The editions that have shown an item, oldest first; of their messages the subjects only."""
        with reading(self._db, self.path) as db:
            return editions.editions_of(db, item_id)

    def edition_names(self, digest: str, local_date: date) -> tuple[str, ...]:
        """The names that a digest's editions of one day have, in the order they came out."""
        with reading(self._db, self.path) as db:
            return editions.edition_names(db, digest, local_date)

    @property
    def outbox(self) -> Outbox:
        """The ledger of deliveries."""
        return Outbox(self._db, self.path)

    @property
    def upkeep(self) -> Upkeep:
        """What keeps the file small."""
        return Upkeep(self._db, self.path)

    @property
    def archive(self) -> ArchiveReader:
        """What the archive's pages are made of."""
        return ArchiveReader(self._db, self.path)

    # Stories

    def without_story(self) -> tuple[Judged, ...]:
        """Relevant items that were never grouped, by first seen: without matches, pages and long texts."""
        with reading(self._db, self.path) as db:
            return stories.without_story(db)

    def open_stories(self, since: datetime) -> tuple[Story, ...]:
        """Stories with a report first seen at `since` or later, with all their reports: for grouping.

        The reports are without matches, pages, reasons and long texts. 10,000 take half a second.
        """
        with reading(self._db, self.path) as db:
            return stories.open_stories(db, since)

    def page_state(self, item_id: int) -> PageState:
        """What is remembered of looking an item's page up; nothing but its id where it never was."""
        with reading(self._db, self.path) as db:
            return pages.page_state(db, item_id)

    def memberships(self, item_ids: Collection[int]) -> dict[int, Member]:
        """The stories that items belong to, by item id; those without one are left out."""
        with reading(self._db, self.path) as db:
            return stories.memberships(db, item_ids)

    def story(self, story_id: str) -> Story | None:
        """One story with all its reports, also those that no edition has shown yet; none that is irrelevant.

        Those that an edition has shown stay in it, whatever today's rules say of them.
        """
        with reading(self._db, self.path) as db:
            return stories.story(db, story_id)

    def shown(
        self, digest: str, story_ids: Collection[str], *, before: datetime | None = None
    ) -> dict[str, Earlier]:
        """By story id, where a digest has shown a story last; those that it has not shown are left out.

        `before` asks what was so then: only editions that ended by then, and reports first seen before that.
        """
        with reading(self._db, self.path) as db:
            return stories.shown(db, digest, story_ids, before=before)

    def topic_weeks(self, since: datetime, *, until: datetime | None = None) -> dict[tuple[str, date], int]:
        """Relevant items first seen since then, counted by primary topic and Monday of the week (UTC).

        `until`, inclusive: the end of the last edition, to say what was so then.
        """
        with reading(self._db, self.path) as db:
            return stories.topic_weeks(db, since, until)
