"""What is stored of feeds read in parts is what is stored of the same feeds read whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from random import Random

import pytest

from monitor.classify import RuleBook
from monitor.jobs.asking import Answer, Asked
from monitor.jobs.collect import take_in
from monitor.models import FeedState, Fetched, RuleSpec, Source
from monitor.parse import parse_feed
from monitor.store import Store

from .conftest import NOW, make_source

BOOK = RuleBook(RuleSpec(uk=("Britain",), china=("China",), topics=(("trade", ("steel",)),)))
SOURCES = (make_source("gazette"), make_source("herald", side="uk"))
POLLS, WINDOW = 40, 9
TITLES = ("Britain and China on steel", "In brief", "China opens a port", "Tea & talk")
TABLES = ("items", "sightings", "aliases", "revisions", "sources", "pruned")


@dataclass(slots=True)
class Publisher:
    """Two feeds of one publisher, in which entries come, go, change, move and stand twice."""

    dice: Random
    at: datetime = NOW
    numbers: Iterator[int] = field(default_factory=count)
    entries: list[dict[str, str]] = field(default_factory=list)

    def feed(self) -> bytes:
        """Some time passes; the document of that moment."""
        self.at += timedelta(minutes=self.dice.choice((30, 60, 600)))
        for _ in range(self.dice.choice((0, 0, 1, 1, 2, 12))):
            self._publish()
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            self._change(self.dice.randrange(len(self.entries)) if self.entries else 0)
        del self.entries[2 * WINDOW :]
        shown = self.entries[:WINDOW]
        if shown and self.dice.random() < 0.1:
            shown = [*shown, self.dice.choice(shown)]
        rows = "".join(
            "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in one.items()) + "</item>" for one in shown
        )
        head = f"<title>Gazette</title><lastBuildDate>{format_datetime(self.at)}</lastBuildDate>"
        return f'<rss version="2.0"><channel>{head}{rows}</channel></rss>'.encode()

    def _publish(self) -> None:
        number = next(self.numbers)
        title = self.dice.choice(TITLES)
        self.entries.insert(
            0,
            {
                "title": f"{title} {number % 4}".replace("&", "&amp;" if self.dice.random() < 0.7 else "&"),
                "link": f"https://gazette.example/{self.dice.choice((number, number, number, 'live'))}",
                "guid": f"id-{self.dice.choice((number, number, number, number // 3))}",
                "description": f"What was said, {self.dice.choice(('steel', 'tea', number))}.",
                "pubDate": format_datetime(self.at - timedelta(minutes=self.dice.randrange(200))),
            },
        )

    def _change(self, place: int) -> None:
        if not self.entries:
            return
        one, number = dict(self.entries[place]), next(self.numbers)
        match self.dice.randrange(7):
            case 0:
                one["title"] = f"{self.dice.choice(TITLES[:3])}, mended"
            case 1:
                one["description"] += " More of China and Britain."
            case 2:
                one["link"] = f"https://gazette.example/moved/{number}"
            case 3:
                one["guid"] = f"id-{number}"
            case 4:
                one["pubDate"] = format_datetime(self.at)
            case 5:
                del self.entries[place]
                return
            case _:
                self.entries.append(self.entries.pop(place))
                return
        self.entries[place] = one


class Reader:
    """Polls feeds into a database of its own, with what it knows of the last document or without."""

    def __init__(self, folder: Path, *, in_parts: bool) -> None:
        self.path = folder / f"{'parts' if in_parts else 'whole'}.db"
        self.in_parts = in_parts
        self.store = Store.open(self.path)
        self.store.sync_sources(SOURCES)
        self.not_read = 0

    def poll(self, source: Source, body: bytes, at: datetime) -> None:
        """One poll of one source that answers with `body`."""
        outline = self.store.outlines([source.id], BOOK.version).get(source.id) if self.in_parts else None
        state = self.store.feed_states().get(source.id) or FeedState(source.id)
        fetched = Fetched(source.id, source.url, 200, body)
        feed = parse_feed(source, fetched, outline.marks if outline else b"")
        outcome = take_in(Asked(source, state, outline), Answer(replace(fetched, body=b""), feed), BOOK, at)
        self.not_read += len(outcome.unchanged)
        self.store.record(outcome, at)

    def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        self.store.close()
        with closing(sqlite3.connect(self.path)) as connection:
            return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_stored_is_the_same_in_parts_as_whole(tmp_path: Path, seed: int) -> None:
    publisher = Publisher(Random(seed))
    parts, whole = Reader(tmp_path, in_parts=True), Reader(tmp_path, in_parts=False)
    for _ in range(POLLS):
        body = publisher.feed()
        for source in SOURCES if publisher.dice.random() < 0.5 else SOURCES[:1]:
            for reader in (parts, whole):
                reader.poll(source, body, publisher.at)

    assert parts.not_read > POLLS
    assert whole.not_read == 0
    found, expected = parts.stored(), whole.stored()
    assert {name: len(rows) for name, rows in found.items()} == {n: len(rows) for n, rows in expected.items()}
    for name in TABLES:
        assert sorted(found[name], key=repr) == sorted(expected[name], key=repr), name


def entry(title: str, link: str, guid: str) -> str:
    return (
        f"<item><title>{title}</title><link>https://gazette.example/{link}</link><guid>{guid}</guid>"
        "<description>Steel.</description><pubDate>Thu, 29 Jan 2026 06:10:20 GMT</pubDate></item>"
    )


@pytest.mark.parametrize(
    "documents",
    [
        (
            [entry("China", "a", "1"), entry("Britain", "b", "2")],
            [entry("China", "c", "1"), entry("China", "a", "1"), entry("Britain", "b", "2")],
        ),
        (
            [entry("China", "a", "1"), entry("Britain", "b", "2")],
            [entry("China", "c", "1"), entry("Britain", "b", "2")],
            [entry("Steel", "a", "3"), entry("China", "c", "1"), entry("Britain", "b", "2")],
        ),
    ],
    ids=["a new entry has the guid of a known one", "a new entry has the address that a known one had"],
)
def test_a_new_entry_is_told_from_known_ones_as_in_the_whole(
    tmp_path: Path, documents: tuple[list[str], ...]
) -> None:
    parts, whole = Reader(tmp_path, in_parts=True), Reader(tmp_path, in_parts=False)
    for number, entries in enumerate(documents):
        body = f'<rss version="2.0"><channel><title>G</title>{"".join(entries)}</channel></rss>'.encode()
        for reader in (parts, whole):
            reader.poll(SOURCES[0], body, NOW + timedelta(hours=number))

    assert parts.not_read > 0
    assert parts.stored() == whole.stored()
