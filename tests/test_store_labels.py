"""What analysts said of items: kept, taken back, and never lost with an item or an upgrade."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.models import Label
from monitor.store import Store, StoreBusy, StoreError

from .conftest import NOW, PROJECT, make_item
from .storing import later, make_edition, open_store, record

VERSION_1 = PROJECT / "tests" / "data" / "store" / "version-1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as the first version of this program left it, written without its code."""
    path = tmp_path / "monitor.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


def test_a_label_is_kept_as_it_was_given(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("one"), make_item("two"), make_item("three"))
        given = [
            Label(1, True, ("trade", "diplomacy"), NOW),
            Label(2, True, None, later(minutes=1)),
            Label(3, False, (), later(minutes=2)),
        ]
        for label in given:
            store.set_label(label)

        assert store.labels() == {label.item_id: label for label in given}

    with Store.open(tmp_path / "monitor.db", read_only=True) as store:
        assert list(store.labels().values()) == given


def test_a_second_label_takes_the_place_of_the_first(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        store.set_label(Label(1, True, ("trade",), NOW))
        store.set_label(Label(1, False, None, later(hours=1)))

        assert store.labels() == {1: Label(1, False, None, later(hours=1))}


def test_a_label_can_be_taken_back_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        store.set_label(Label(1, True, None, NOW))

        assert (store.remove_label(1), store.remove_label(1)) == (True, False)
        assert store.labels() == {}


def test_an_item_that_is_not_stored_cannot_be_labelled(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with pytest.raises(StoreError, match="there is no item 7"):
            store.set_label(Label(7, True, None, NOW))

        assert store.labels() == {}


def test_a_labelled_item_cannot_be_deleted_by_whoever_forgets_its_label(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        store.set_label(Label(1, True, None, NOW))
        with closing(sqlite3.connect(store.path)) as other:
            other.execute("PRAGMA foreign_keys = ON")
            with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
                other.execute("DELETE FROM items")

        assert store.labels()[1].relevant


def test_a_label_stays_when_the_page_changes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Old title", guid="g"))
        store.set_label(Label(1, True, None, NOW))
        record(store, make_item("New title", key=make_item("Old title").key, guid="g"), at=later(hours=1))

        assert store.item(1).item.title == "New title"  # type: ignore[union-attr]  # it is stored
        assert list(store.labels()) == [1]


def test_labelling_while_another_process_writes_is_busy(tmp_path: Path) -> None:
    with open_store(tmp_path, busy_timeout=0.01) as store:
        record(store, make_item())
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy):
                store.set_label(Label(1, True, None, NOW))


def test_a_database_of_version_1_gains_labels_and_loses_nothing(old: Path) -> None:
    with Store.open(old) as store:
        store.set_label(Label(2, False, None, NOW))
        assert [judged.item.title for judged in store.each_item()] == [
            "Envoy opens the Chinese consulate in Leeds",
            "Leeds mends its bins",
            "UK and China agree on steel",
        ]
        assert [judged.id for judged in store.unclaimed("daily")] == [3]
        assert [hit.judged.id for hit in store.search("consulate")] == [1]
        assert store.last_edition("daily").edition.name == make_edition("2026-01-28").name  # type: ignore[union-attr]
        assert store.feed_states()["gazette"].etag == 'W/"7"'
        store.check_intact()

    with Store.open(old, read_only=True) as store:
        assert list(store.labels()) == [2]


def test_a_database_of_version_1_is_not_changed_by_looking_at_it(old: Path) -> None:
    before = old.read_bytes()

    with pytest.raises(StoreError, match="older version of this program: run `monitor poll` once"):
        Store.open(old, read_only=True)

    assert old.read_bytes() == before
