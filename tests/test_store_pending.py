"""What digests may still want is known without asking all items; nothing is answered otherwise for it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.models import DigestSpec, Judged, PageOutcome, Verdict
from monitor.store import Store
from monitor.store.connection import connect
from monitor.store.items import unclaimed
from monitor.store.stories import without_story
from monitor.store.upkeep import Limits

from .conftest import NOW, make_item
from .storing import IRRELEVANT, MESSAGE, RELEVANT, govuk, later, make_edition, open_store, record, stories_of

DAILY = DigestSpec("daily", "Daily", "30 8 * * *")
TRADE = DigestSpec("trade", "Trade", "30 8 * * *", topics=("trade", "science"))
BEST = DigestSpec("best", "Best", "30 8 * * *", min_score=7.0)
DIGESTS = (DAILY, TRADE, BEST)
SOURCES = ("gazette", "herald")
VERDICTS = (
    IRRELEVANT,
    RELEVANT,
    replace(RELEVANT, topics=("trade", "rights"), score=8.0),
    replace(RELEVANT, topics=("science",), score=3.0),
)


def claim(store: Store, digest: DigestSpec, name: str, judged: Sequence[Judged]) -> None:
    """An edition of the digest with these items, as a story each."""
    edition = make_edition(name, slot=name, digest=digest.id)
    store.publish(
        edition, MESSAGE, stories_of(*judged), now=NOW, rules_version="rules1", looked_at=len(judged)
    )


def of(store: Store, digest: DigestSpec) -> tuple[Judged, ...]:
    return store.unclaimed(digest.id, topics=digest.topics, min_score=digest.min_score)


def asked_of_all(path: Path) -> list[tuple[Judged, ...]]:
    """What `unclaimed` and `without_story` give where nothing was ever settled."""
    with closing(connect(path, read_only=False, busy_timeout=1)) as db:
        db.execute("BEGIN")
        db.execute("DELETE FROM meta WHERE name = 'settled_for'")
        found = [unclaimed(db, one.id, topics=one.topics, min_score=one.min_score) for one in DIGESTS]
        found += [without_story(db, DIGESTS), without_story(db)]
        db.rollback()
    return found


def pending(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        return [id_ for (id_,) in db.execute("SELECT item_id FROM pending ORDER BY item_id")]


def disagreements(path: Path) -> int:
    """Sightings that do not say of their item what the item says."""
    with closing(sqlite3.connect(path)) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM sightings JOIN items ON items.id = item_id WHERE matched <> relevant"
        ).fetchone()
    return int(count)


class Month:
    """A store to which things happen in an order that the dice say."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.dice, self.step = store, random.Random(seed), 0
        self.numbers: list[int] = []

    def happen(self) -> None:
        """One more thing."""
        self.step += 1
        self.dice.choice((self.come, self.come, self.change, self.rejudge, self.publish, self.prune))()

    def verdict(self) -> Verdict:
        return self.dice.choice(VERDICTS)

    def come(self) -> None:
        """New items, and some that the other source has."""
        self.numbers += range(self.step * 4, self.step * 4 + 4)
        self._record("", *self.numbers[-4:], self.dice.choice(self.numbers))

    def change(self) -> None:
        """New headlines, judged anew."""
        some = self.dice.sample(self.numbers, min(5, len(self.numbers)))
        self._record(f", corrected in step {self.step}", *some)

    def _record(self, change: str, *numbers: int) -> None:
        source, at = self.dice.choice(SOURCES), later(hours=self.step)
        for number in numbers:
            key = f"https://gazette.example/{number}"
            item = make_item(f"Matter {number}{change}", key=key, url=key, guid=key, source_id=source)
            record(self.store, item, source=source, at=at, verdict=self.verdict())

    def rejudge(self) -> None:
        """Other rules."""
        ids = [one.id for one in self.store.each_item()]
        self.store.rejudge([(id_, self.verdict()) for id_ in ids if self.dice.random() < 0.3])

    def publish(self) -> None:
        """An edition with all or some of what its digest wants."""
        digest = self.dice.choice(DIGESTS)
        wanted = of(self.store, digest)
        some = [one for one in wanted if self.dice.random() < self.dice.choice((0.5, 1.0))]
        claim(self.store, digest, f"{self.step}", some)
        self.store.settle(self.dice.choice((DIGESTS, DIGESTS, DIGESTS, (DAILY,))))

    def prune(self) -> None:
        """What retention does not keep."""
        limit = later(hours=self.step - 20)
        for _ in self.store.upkeep.prune(Limits(unmatched=limit, matched=limit, digests=(BEST,))):
            pass


@pytest.mark.parametrize("seed", range(4))
def test_what_is_unclaimed_and_not_grouped_is_the_same_whatever_was_settled(
    tmp_path: Path, seed: int
) -> None:
    with open_store(tmp_path, *SOURCES) as store:
        month = Month(store, seed)
        for _ in range(30):
            month.happen()

            answers = [of(store, digest) for digest in DIGESTS]
            assert [*answers, store.without_story(DIGESTS), store.without_story()] == asked_of_all(store.path)
            assert disagreements(store.path) == 0


def test_what_no_digest_waits_for_is_not_looked_at_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        record(store, make_item("Three"), verdict=IRRELEVANT)
        assert pending(store.path) == [1, 2]

        claim(store, DAILY, "2026-01-29", of(store, DAILY)[:1])
        store.settle([DAILY, TRADE])

        assert pending(store.path) == [2]
        assert [one.id for one in of(store, DAILY)] == [2]


def test_a_digest_that_is_new_or_wants_more_than_before_gets_all_that_it_wants(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Trade"), verdict=VERDICTS[2])
        record(store, make_item("Diplomacy"))
        claim(store, DAILY, "2026-01-29", of(store, DAILY))
        claim(store, TRADE, "2026-01-29", of(store, TRADE))
        store.settle([DAILY, TRADE])
        assert pending(store.path) == []

        wider = replace(TRADE, topics=(*TRADE.topics, "diplomacy"))
        assert [one.id for one in of(store, wider)] == [2]
        assert [one.id for one in of(store, BEST)] == [1]
        store.settle([DAILY, wider, BEST])
        assert pending(store.path) == [1, 2]


@pytest.mark.parametrize("verdict", [VERDICTS[2], replace(RELEVANT, score=9.0)])
def test_an_item_that_is_judged_otherwise_is_asked_about_again(tmp_path: Path, verdict: Verdict) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))
        claim(store, DAILY, "2026-01-29", of(store, DAILY))
        store.settle(DIGESTS)
        assert of(store, BEST) == ()

        store.rejudge([(1, verdict)])

        assert [one.id for one in of(store, BEST)] == [1]


def test_an_item_whose_page_tells_of_an_update_is_asked_about_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        claim(store, DAILY, "2026-01-29", of(store, DAILY))
        store.settle([DAILY])
        (wanted,) = store.wanted_pages(NOW, limit=10)

        state = replace(wanted.state, asked_for=wanted.content_hash, news="updated", note="A form.")
        store.record_page(PageOutcome(state, what="updated", is_news=True), NOW)

        (again,) = of(store, DAILY)
        assert again.update is not None
        assert again.update.note == "A form."


def test_after_an_edition_only_what_is_pending_is_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Headline {n}") for n in range(50)))
        claim(store, DAILY, "2026-01-29", of(store, DAILY))
        store.settle([DAILY])
    statements: list[str] = []
    with closing(connect(tmp_path / "monitor.db", read_only=False, busy_timeout=1)) as db:
        db.conn.set_trace_callback(statements.append)
        unclaimed(db, "daily")
        without_story(db, [DAILY])
        db.conn.set_trace_callback(None)
        plans = [step for one in statements for *_, step in db.conn.execute(f"EXPLAIN QUERY PLAN {one}")]

    assert [step for step in plans if step.startswith(("SCAN items", "SCAN pending"))] == ["SCAN pending"] * 2
