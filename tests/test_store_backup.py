"""A copy of the database: whole and checked, made beside a writer, or not made at all."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store import Store, StoreError, back_up
from monitor.store.schema import VERSION

from .conftest import NOW, PROJECT, make_item
from .storing import open_store, record
from .test_store import what_a_limit_on_files_raises
from .test_store_kill import killed_at_statement, sound
from .test_store_upgrade import write


def filled(folder: Path, count: int = 1) -> Path:
    with open_store(folder) as store:
        record(store, *(make_item(f"Headline {n}", summary="words " * 50) for n in range(count)))
    return folder / "monitor.db"


def test_a_copy_made_while_another_process_writes_holds_all_that_was_committed(tmp_path: Path) -> None:
    to = tmp_path / "copy.db"
    with open_store(tmp_path) as store:
        record(store, make_item("Committed, and still in the -wal"))
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM sightings")

            size = back_up(store.path, to)

            other.execute("ROLLBACK")

    assert size == to.stat().st_size
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.db"]
    assert sound(to)
    with Store.open(to) as copy:
        assert [judged.item.title for judged in copy.each_item()] == ["Committed, and still in the -wal"]
        # As the original: readers of the copy do not wait for its writer.
        with closing(sqlite3.connect(to)) as plain:
            assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_is_there_is_overwritten_only_on_purpose(tmp_path: Path) -> None:
    database, to = filled(tmp_path), tmp_path / "copy.db"
    to.write_text("last week's", encoding="utf-8")

    with pytest.raises(StoreError, match=r"copy\.db is there already; --force overwrites it"):
        back_up(database, to)
    assert to.read_text("utf-8") == "last week's"

    back_up(database, to, overwrite=True)
    assert sound(to)


@pytest.mark.parametrize("name", ["monitor.db", "monitor.db-wal", "monitor.db-shm", "link.db"])
def test_the_database_itself_is_never_overwritten(tmp_path: Path, name: str) -> None:
    database = filled(tmp_path)
    (tmp_path / "link.db").symlink_to(database)
    before = database.read_bytes()

    with pytest.raises(StoreError, match="belongs to the database itself"):
        back_up(database, tmp_path / name, overwrite=True)

    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("to", "says"),
    [(".", "is no file that could be written anew"), ("none/copy.db", "cannot be written: No such file")],
)
def test_a_place_where_no_copy_can_be_is_named(tmp_path: Path, to: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        back_up(filled(tmp_path), tmp_path / to, overwrite=True)


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    for make in (lambda: None, (tmp_path / "monitor.db").touch):
        make()
        with pytest.raises(StoreError, match="there is nothing to back up"):
            back_up(tmp_path / "monitor.db", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("pages", [1, 99], ids=["a page", "half of it"])
def test_a_damaged_database_makes_no_copy_and_keeps_the_one_before(tmp_path: Path, pages: int) -> None:
    database, to = filled(tmp_path, 100), tmp_path / "copy.db"
    back_up(database, to)
    before = to.read_bytes()
    content = bytearray(database.read_bytes())
    start = len(content) // 2 // 4096 * 4096
    damaged = content[start : start + pages * 4096]
    content[start : start + len(damaged)] = b"\xa5" * len(damaged)
    database.write_bytes(content)

    with pytest.raises(StoreError, match=r"monitor\.db is damaged"):
        back_up(database, to, overwrite=True)

    assert to.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.db"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked, because its limit cannot be lifted")
def test_a_disk_without_room_leaves_no_piece_of_a_copy(tmp_path: Path) -> None:
    database, to = filled(tmp_path, 100), tmp_path / "copy.db"

    said = what_a_limit_on_files_raises(100_000, lambda: back_up(database, to))

    assert said.startswith(f"StoreError: {to} cannot be read or written: check the disk")
    assert list(tmp_path.glob("*copy*")) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked here")
def test_a_kill_leaves_a_whole_copy_or_none(tmp_path: Path) -> None:
    database, to = filled(tmp_path), tmp_path / "copy.db"
    number = 1
    while killed_at_statement(number, lambda: back_up(database, to)):
        assert not to.exists()
        number += 1

    assert number > 2
    assert sound(to)


def test_the_database_of_an_older_version_is_copied_as_it_is(tmp_path: Path) -> None:
    old = write(PROJECT / "tests" / "data" / "store" / "version-5.sql", tmp_path / "old.db")

    back_up(old, tmp_path / "copy.db")

    for path in (old, tmp_path / "copy.db"):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (5,)


def test_the_database_of_a_newer_version_is_not_copied(tmp_path: Path) -> None:
    database = filled(tmp_path)
    with closing(sqlite3.connect(database)) as db:
        db.execute(f"PRAGMA user_version={VERSION + 1}")

    with pytest.raises(StoreError, match="upgrade the program"):
        back_up(database, tmp_path / "copy.db")


def test_a_copy_can_be_read_by_those_who_could_read_the_original(tmp_path: Path) -> None:
    database = filled(tmp_path)
    database.chmod(0o600)

    back_up(database, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_restored_copy_takes_up_where_it_was_made(tmp_path: Path) -> None:
    database, to = filled(tmp_path), tmp_path / "copy.db"
    back_up(database, to)
    with Store.open(database) as store:
        record(store, make_item("After the copy"))
    # As docs/operations.md says.
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    to.rename(database)

    with Store.open(database) as store:
        assert store.created_at() == NOW
        assert record(store, make_item("Headline 0")).new == 0
        assert record(store, make_item("After the copy")).new == 1
