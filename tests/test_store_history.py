"""All stored items in a row, and new verdicts on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.models import Judged, Verdict
from monitor.store import Store, StoreBusy
from monitor.store.history import BATCH

from .conftest import NOW, make_item
from .storing import IRRELEVANT, MESSAGE, RELEVANT, later, make_edition, open_store, record, stories_of

NEW = replace(RELEVANT, score=3.5, topics=("trade",), matches=RELEVANT.matches[:1], rules_version="rules2")


def fill(store: Store, count: int) -> None:
    record(store, *(make_item(f"Headline {n}", text="words " * 20) for n in range(count)))


def test_every_item_comes_once_by_id_over_several_batches(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 2 * BATCH + 1)

        found = list(store.each_item())

        assert [judged.id for judged in found] == list(range(1, 2 * BATCH + 2))
        assert found[BATCH] == store.item(BATCH + 1)
        assert store.count_items() == len(found)


def test_an_empty_database_has_no_items(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert list(store.each_item()) == []
        assert list(store.each_item(NOW)) == []
        assert store.count_items() == 0


def test_only_items_first_seen_since_then_come_whatever_the_order_of_their_ids(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("late"), at=later(hours=2))
        record(store, make_item("early"), at=NOW)
        record(store, make_item("later"), at=later(hours=3))

        assert [judged.item.title for judged in store.each_item(later(hours=2))] == ["late", "later"]
        assert store.count_items(later(hours=2)) == 2
        assert list(store.each_item(later(hours=4))) == []


def test_items_can_come_without_their_matches(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        (judged,) = store.each_item(with_matches=False)

        assert judged.verdict == replace(RELEVANT, matches=())


def test_a_poll_may_write_and_the_store_be_used_while_items_come(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, Store.open(store.path) as polling:
        fill(store, BATCH + 2)
        each = store.each_item()
        seen = [next(each).id]

        assert record(polling, make_item("From a poll"), at=later(hours=1)).new == 1
        assert store.item(1) is not None
        seen += [judged.id for judged in each]

        assert seen == list(range(1, BATCH + 3))


def test_items_given_up_halfway_leave_nothing_open(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, BATCH + 2)
        next(store.each_item())

        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_new_verdicts_take_the_place_of_the_old_ones_and_nothing_else_changes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("First headline"), make_item("Second headline"))
        before = store.item(1)
        assert before is not None
        shown = stories_of(before)
        store.publish(make_edition(), MESSAGE, shown, now=NOW, rules_version="rules1", looked_at=2)

        assert store.rejudge([(1, NEW), (2, IRRELEVANT)]) == 2

        assert store.item(1) == replace(before, verdict=NEW)
        assert store.item(2).verdict == IRRELEVANT  # type: ignore[union-attr]  # it is stored
        assert store.revisions(1) == ()
        assert store.unclaimed("daily") == ()
        assert [hit.judged.id for hit in store.search("headline", relevant_only=True)] == [1]
        store.check_intact()


def test_an_item_let_in_by_new_rules_reaches_the_next_edition(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(), verdict=IRRELEVANT)

        store.rejudge([(1, NEW)])

        assert [judged.verdict for judged in store.unclaimed("daily")] == [NEW]


def test_items_can_be_judged_as_they_come_from_the_store(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, BATCH + 2)

        count = store.rejudge((judged.id, NEW) for judged in store.each_item())

        assert count == BATCH + 2
        assert {judged.verdict for judged in store.each_item()} == {NEW}


def test_a_failure_while_judging_changes_no_item(tmp_path: Path) -> None:
    def judged(items: Iterator[Judged]) -> Iterator[tuple[int, Verdict]]:
        for one in items:
            if one.id == BATCH + 1:
                raise ArithmeticError
            yield one.id, NEW

    with open_store(tmp_path) as store:
        fill(store, BATCH + 2)

        with pytest.raises(ArithmeticError):
            store.rejudge(judged(store.each_item()))

        assert {one.verdict for one in store.each_item()} == {RELEVANT}
        assert store.rejudge([(1, NEW)]) == 1


def test_new_verdicts_wait_for_no_one_and_change_nothing_where_another_process_writes(tmp_path: Path) -> None:
    with open_store(tmp_path, busy_timeout=0.01) as store:
        fill(store, 2)
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy):
                store.rejudge([(1, NEW), (2, NEW)])

        assert {one.verdict for one in store.each_item()} == {RELEVANT}


def test_a_poll_is_not_kept_waiting_while_items_are_judged_and_its_verdicts_stand(tmp_path: Path) -> None:
    fresh = replace(RELEVANT, reason="of the poll's text")
    with open_store(tmp_path) as store, Store.open(store.path, busy_timeout=0.01) as polling:
        record(store, make_item("Old title", guid="g"), make_item("Other"))

        def judged() -> Iterator[tuple[int, Verdict]]:
            for one in store.each_item():
                yield one.id, NEW
            record(
                polling,
                make_item("New title", key=make_item("Old title").key, guid="g"),
                at=later(hours=1),
                verdict=fresh,
            )

        assert store.rejudge(judged()) == 1

        assert [one.verdict for one in store.each_item()] == [fresh, NEW]


def test_an_id_that_is_not_stored_is_passed_over_and_of_two_verdicts_the_last_counts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert store.rejudge([(7, NEW), (1, IRRELEVANT), (1, NEW)]) == 1
        assert store.rejudge([]) == 0
        assert [one.verdict for one in store.each_item()] == [NEW]
