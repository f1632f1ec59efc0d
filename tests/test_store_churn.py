"""A publisher that changes whatever can be changed, over thirty polls: what is stored against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from monitor.models import Item
from monitor.store import Store

from .conftest import NOW, make_item
from .storing import open_store, record

POLLS = 30
WINDOW = 12
TITLES = ("Morning briefing", "Statement", "Minister's speech", "In brief")
"""Few, so that many pages have the same."""
SOURCES = ("gazette", "herald")
"""Two feeds of the publisher with the same pages; the second has guids of its own."""


@dataclass(slots=True)
class Shown:
    """A page of the publisher as its feeds have shown it last."""

    number: int
    item: Item
    first_dated: datetime
    hidden: int = 0
    """For how many polls it is left out."""


@dataclass(slots=True)
class Publisher:
    """What it has published, newest first, and what it does to it: one thing to a page between two polls."""

    random: Random
    at: datetime = NOW
    pages: list[Shown] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=count)
    shared: set[str] = field(default_factory=lambda: {"home"})
    needed: set[str] = field(default_factory=set)
    """Guids by which pages are to be known that have moved since the last poll."""

    def next_poll(self) -> list[Item]:
        """Some time passes; the document of that moment."""
        self.at += timedelta(minutes=self.random.choice((30, 60, 240, 900)), seconds=7)
        self.needed.clear()
        deed = self.random.random()
        if deed < 0.08:
            self._rebuild()
        elif deed < 0.16:
            self._give_new_guids()
        elif deed < 0.24:
            self._date_anew()
        elif deed > 0.3:
            for page in self._standing():
                self._change(page)
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            self._publish()
        return [page.item for page in self._window() if not page.hidden]

    def _publish(self) -> None:
        number = len(self.pages)
        address = f"https://gazette.example/{next(self.names)}"
        guid = f"guid-{next(self.names)}"
        if self.pages and self.random.random() < 0.1:
            # One that is in use, or was: a publisher's template that was copied with its guid.
            used = self.random.choice(self.pages).item.guid
            if used not in self.needed:
                guid = used
                self.shared.add(guid)
        item = make_item(
            self.random.choice(TITLES),
            key=address,
            url=address,
            guid=guid,
            summary=f"What page {number} is about.",
            published=self.at - timedelta(minutes=11, seconds=self.random.randrange(60)),
        )
        self.pages.insert(0, Shown(number, item, item.published or self.at))

    def _window(self) -> list[Shown]:
        return self.pages[:WINDOW]

    def _standing(self) -> list[Shown]:
        """The pages that may be changed: those that stood in the document before."""
        for page in self.pages:
            page.hidden = max(0, page.hidden - 1)
        return [page for page in self._window() if not page.hidden]

    def _address(self) -> dict[str, str]:
        address = f"https://gazette.example/{next(self.names)}"
        return {"key": address, "url": address}

    def _change(self, page: Shown) -> None:
        item, deed = page.item, self.random.randrange(40)
        # A guid that has stood for several pages is the identity of none.
        own_guid = item.guid not in self.shared and (
            sum(other.item.guid == item.guid for other in self.pages) == 1
        )
        near = item.published is not None and item.published - page.first_dated <= timedelta(days=3)
        if deed == 0 and own_guid:
            self.needed.add(item.guid)
            page.item = replace(item, **self._address())
        elif deed == 1:
            page.item = replace(item, guid=f"guid-{next(self.names)}")
        elif deed == 2 and near:
            page.item = replace(item, **self._address(), guid=f"guid-{next(self.names)}")
        elif deed == 3:
            page.item = replace(item, title=f"{self.random.choice(TITLES)}, edition {next(self.names)}")
            page.first_dated = item.published or page.first_dated
        elif deed == 4:
            page.item = replace(item, summary=f"{item.summary} Edited.")
        elif deed == 5:
            page.item = replace(item, published=self.at)
        elif deed == 6 and own_guid and item.published == page.first_dated:
            self.needed.add(item.guid)
            title = f"{self.random.choice(TITLES)}, edition {next(self.names)}"
            page.item = replace(item, **self._address(), title=title)
        elif deed == 7:
            page.hidden = self.random.choice((1, 3))

    def _rebuild(self) -> None:
        """A new system: other guids and addresses for all that stands, and one date.

        Of a few pages of one day nobody could tell that from new pages with the same words.
        """
        standing = self._standing()
        # Three new pages may take the places of the last three.
        dates = [page.first_dated for page in standing[: WINDOW - 3]]
        if len(standing) < 4 or max(dates) - min(dates) < timedelta(hours=6):
            return
        for page in standing:
            page.item = replace(
                page.item, **self._address(), guid=f"guid-{next(self.names)}", published=self.at
            )
        # What does not stand has no address any more; it does not come back.
        self.pages = [page for page in self._window() if not page.hidden] + [
            replace(page, hidden=POLLS) for page in self.pages if page.hidden or page not in self._window()
        ]

    def _give_new_guids(self) -> None:
        shared = self.random.random() < 0.5
        for page in self._standing():
            page.item = replace(page.item, guid="home" if shared else f"guid-{next(self.names)}")

    def _date_anew(self) -> None:
        for page in self._standing():
            page.item = replace(page.item, published=self.at)


def play(store: Store, seed: int) -> dict[int, Item]:
    """Thirty polls; every page that was shown, by its number, as it was shown last."""
    publisher = Publisher(Random(seed))
    shown: dict[int, Item] = {}
    for _ in range(POLLS):
        document = publisher.next_poll()
        for source in SOURCES:
            copies = [
                replace(item, source_id=source, guid=item.guid if source == "gazette" else f"h-{item.guid}")
                for item in document
            ]
            record(store, *copies, source=source, at=publisher.at)
        shown |= {page.number: page.item for page in publisher.pages if page.item in document}
    return shown


@pytest.mark.parametrize("seed", range(12))
def test_of_a_publisher_that_changes_everything_each_page_is_stored_once(tmp_path: Path, seed: int) -> None:
    with open_store(tmp_path, *SOURCES) as store:
        shown = play(store, seed)

        found = {number: store.find(item.key) for number, item in shown.items()}
        stored = list(store.each_item())

    assert len(shown) > 15
    assert {number: one and one.item.title for number, one in found.items()} == {
        number: item.title for number, item in shown.items()
    }
    assert {one.id for one in found.values() if one} == {one.id for one in stored}
    assert len(stored) == len(shown)
