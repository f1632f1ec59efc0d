"""Shell: store → archive → deliver: the pages and feeds beside the editions.

`update` writes what editions have changed since the archive was written last: the pages of their stories, of
topics, of years and digests, the first page, the feeds. `rebuild` writes everything anew, the editions too.
The pages are the same bytes either way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain, islice
from typing import Protocol

from .. import archive, deliver, render, resources
from ..archive import File
from ..config import Config
from ..models import Filed, StoryLine
from ..store import Store

log = logging.getLogger("monitor")

BATCH = 200
"""Stories read at a time: a whole archive is more than memory is for."""


class Watch(Protocol):
    """Sees stories on their way, for a progress bar."""

    def __call__(self, stories: Iterable[Filed], /) -> Iterator[Filed]:
        """The same stories."""
        ...


@dataclass(frozen=True, slots=True)
class Archived:
    """What was done to the archive."""

    editions: int
    stories: int
    """All that it has, whether their pages were written now or before."""
    written: deliver.Written


def update(config: Config, store: Store, env: render.Environment) -> Archived | None:
    """Brings the archive up to the last edition whose files are written. Raises DeliveryError.

    None where it is there already: that costs one query, so this may be called at any time, and what a crash
    between edition and archive has left undone is done by the next call. An archive of which nothing is
    known, or that knows of more editions than there are, is written whole.
    """
    last, progress = store.archive.last_edition_id(), deliver.archive_progress(config.output)
    if not last or (progress and progress.edition_id == last):
        return None
    known = progress.edition_id if progress and progress.edition_id < last else 0
    return _written(config, store, env, lambda pages: pages.since(known) if known else pages.all())


def rebuild(config: Config, store: Store, env: render.Environment, watch: Watch = iter) -> Archived:
    """Writes the whole archive anew from the database, with every edition that was shown.

    A file that has the right bytes is not touched; what else lies in the folder is left alone. Raises
    DeliveryError.
    """
    return _written(config, store, env, lambda pages: chain(pages.editions_themselves(), pages.all(watch)))


def _written(
    config: Config, store: Store, env: render.Environment, wanted: Callable[[_Pages], Iterable[File]]
) -> Archived:
    """Templates of the user's that fail cost the pages their looks, never the pages."""
    try:
        return _written_with(config, store, env, wanted)
    except render.TemplateProblem as problem:
        log.error('archive=failed built_in_templates_used="%s"', problem)  # noqa: TRY400 - user's mistake
    return _written_with(config, store, render.environment([resources.templates()]), wanted)


def _written_with(
    config: Config, store: Store, env: render.Environment, wanted: Callable[[_Pages], Iterable[File]]
) -> Archived:
    last = store.archive.last_edition_id()
    pages = _Pages(config, store, env)
    written = deliver.write_site(config.output, wanted(pages))
    # Last: what comes after it is done again, what is before it is never looked at.
    deliver.keep_progress(config.output, deliver.Progress(last))
    log.info("archive=written pages=%d unchanged=%d", written.changed, written.unchanged)
    return Archived(len(pages.editions), len(pages.filed), written)


class _Pages:
    """The pages of one database, made as they are asked for."""

    def __init__(self, config: Config, store: Store, env: render.Environment) -> None:
        self._store, self._reader = store, store.archive
        self._site = archive.Site(
            env, config.timezone, config.topics, config.public_url or "", indexed=config.web_index
        )
        self.editions = self._reader.editions()
        self.filed = self._reader.filed()
        self._end = max((one.edition.end for one in self.editions), default=datetime.min.replace(tzinfo=UTC))
        self._weeks = self._items_by_week()
        have = {one.edition.digest for one in self.editions}
        self._digests = _in_order((digest.id for digest in config.digests if digest.id in have), have)
        # The chart names every topic of the config, and those of old items: each has a page, if an empty one.
        self._by_topic: dict[str, list[Filed]] = {
            topic: []
            for topic in _in_order(
                (topic.id for topic in config.topics),
                {topic for one in self.filed for topic in one.topics} | {topic for topic, _ in self._weeks},
            )
        }
        for one in self.filed:
            for topic in one.topics:
                self._by_topic[topic].append(one)
        self._lines: dict[str, StoryLine] = {}

    def _items_by_week(self) -> dict[tuple[str, date], int]:
        if not self.editions:
            return {}
        start = archive.chart_start(self.editions[0].edition.local_date)
        return self._store.topic_weeks(datetime.combine(start, time(), UTC), until=self._end)

    def all(self, watch: Watch = iter) -> Iterator[File]:
        """Every page and feed."""
        yield from self._stories(watch(self.filed))
        yield from self._topics({archive.month_of(one.day) for one in self.filed})
        yield from self._lists(
            {one.edition.local_date.year for one in self.editions},
            {one.edition.digest for one in self.editions},
        )
        yield from self._feeds()

    def since(self, edition_id: int) -> Iterator[File]:
        """What the editions after that one have changed."""
        touched = self._reader.touched(edition_id)
        stories = [one for one in self.filed if one.id in touched]
        new = [one.edition for one in self.editions if one.id > edition_id]
        yield from self._stories(iter(stories))
        yield from self._topics({archive.month_of(one.day) for one in stories})
        yield from self._lists({one.local_date.year for one in new}, {one.digest for one in new})
        yield from self._feeds()

    def editions_themselves(self) -> Iterator[File]:
        """The files of every edition, as they were when it came out."""
        for digest in self._digests:
            of_digest = [one for one in self.editions if one.edition.digest == digest]
            latest = deliver.newest(one.edition for one in of_digest)
            for light in of_digest:
                whole = self._store.edition(light.id)
                if whole:
                    files = deliver.edition_files(whole, latest=whole.edition == latest)
                    yield from (File(path, text) for path, text in files)

    def _stories(self, filed: Iterator[Filed]) -> Iterator[File]:
        while some := tuple(islice(filed, BATCH)):
            for told in self._reader.told(some):
                yield archive.story_page(self._site, told)

    def _topics(self, months: Collection[str]) -> Iterator[File]:
        """The first page of every topic, since a story may leave one, and their pages of these months."""
        for topic, filed in self._by_topic.items():
            per_month = Counter(archive.month_of(one.day) for one in filed)
            latest = self._as_lines(filed[: archive.LATEST])
            yield archive.topic_page(self._site, topic, latest, per_month)
            for month in sorted(months & per_month.keys()):
                lines = self._as_lines([one for one in filed if archive.month_of(one.day) == month])
                yield archive.topic_month_page(self._site, topic, month, lines)

    def _as_lines(self, filed: Collection[Filed]) -> tuple[StoryLine, ...]:
        lacking = [one for one in filed if one.id not in self._lines]
        self._lines |= {line.filed.id: line for line in self._reader.lines(lacking)}
        return tuple(self._lines[one.id] for one in filed if one.id in self._lines)

    def _lists(self, years: Collection[int], digests: Collection[str]) -> Iterator[File]:
        """The first page, and those of these years and digests."""
        per_year = Counter(one.edition.local_date.year for one in self.editions)
        in_year = {
            year: [one for one in self.editions if one.edition.local_date.year == year] for year in years
        }
        of_digest = {
            digest: [one for one in self.editions if one.edition.digest == digest] for digest in self._digests
        }
        for year in sorted(years):
            yield archive.year_page(self._site, year, in_year[year])
        for digest in sorted(digests):
            yield archive.digest_page(self._site, of_digest[digest])
        days = [one.edition.local_date for one in self.editions]
        yield archive.index_page(
            self._site,
            [one for one in self.editions if one.edition.local_date.year == days[0].year],
            [editions[0] for editions in of_digest.values()],
            per_year=per_year,
            first_day=days[-1] if days else None,
            weeks=self._weeks,
        )

    def _feeds(self) -> Iterator[File]:
        yield from archive.editions_feed(self._site, self.editions, updated=self._end)
        latest = {
            topic: sorted(filed, key=lambda one: -one.last_edition)[: archive.FEED_ENTRIES]
            for topic, filed in (("", self.filed), *self._by_topic.items())
        }
        entries = {}
        wanted = {one.id: one for some in latest.values() for one in some}
        for told in self._reader.told(wanted.values()):
            entries[told.filed.id] = archive.story_entry(self._site, told)
        for topic, some in latest.items():
            found = [entries[one.id] for one in some if one.id in entries]
            yield from archive.stories_feed(self._site, found, updated=self._end, topic=topic)


def _in_order(first: Iterable[str], all_of_them: Collection[str]) -> tuple[str, ...]:
    """Names in the order of the config, then those that only the database has."""
    ordered = tuple(first)
    return (*ordered, *sorted({*all_of_them} - {*ordered}))
