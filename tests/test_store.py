"""The file: how it is opened, made, refused, and what others find in it."""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from monitor.store import Store, StoreBusy, StoreError
from monitor.store.connection import connect
from monitor.store.schema import VERSION
from monitor.store.schema.whole import MIGRATIONS

from .conftest import NOW, make_item
from .storing import open_store, record


@contextmanager
def plain(path: Path) -> Iterator[sqlite3.Connection]:
    """The file without our code."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_a_missing_database_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deep" / "monitor.db"

    with Store.open(path) as store:
        assert store.feed_states() == {}

    with plain(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
    with plain(tmp_path / "monitor.db") as connection:
        before = list(connection.iterdump())

    with Store.open(tmp_path / "monitor.db") as store:
        assert store.find("1") is not None

    with plain(tmp_path / "monitor.db") as connection:
        assert list(connection.iterdump()) == before


def test_the_version_is_the_number_of_migrations(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    db = Database(tmp_path / "monitor.db")

    assert len(MIGRATIONS.applied(db)) == VERSION
    assert MIGRATIONS.pending(db) == []
    db.close()


def test_a_database_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "monitor.db"
    with plain(path) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")

    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"schema {VERSION + 1}, this one knows {VERSION}.*upgrade"):
            Store.open(path, read_only=read_only)

    with plain(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)


def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.write_text("These are the minutes of a meeting, not a database.\n" * 100, encoding="utf-8")
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"monitor\.db is not a SQLite database; name another file"):
        Store.open(path)

    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with plain(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="another program"):
        Store.open(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("first_page", [1, 40], ids=["in its tables' list", "further on"])
def test_a_damaged_database_is_said_with_what_to_do(tmp_path: Path, first_page: int) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Headline {n}", summary="words " * 100) for n in range(100)))
    path = tmp_path / "monitor.db"
    content = bytearray(path.read_bytes())
    start = first_page * 4096
    content[start:] = b"\xa5" * (len(content) - start)
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"is damaged.*restore a backup"), Store.open(path) as store:
        store.check_intact()


def test_a_sound_database_is_intact_and_writable(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        store.check_intact()
        store.check_writable()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(StoreError, match=r"the folder of .* cannot be made"):
        Store.open(tmp_path / "data" / "monitor.db")


def test_a_write_protected_database_says_so_when_written(tmp_path: Path) -> None:
    open_store(tmp_path).close()

    with (
        Store.open(tmp_path / "monitor.db", read_only=True) as store,
        pytest.raises(StoreError, match="cannot be written"),
    ):
        store.check_writable()


def test_a_disk_that_is_full_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "monitor.db"
    with closing(connect(path, read_only=False, busy_timeout=1)) as db:
        # As many pages as the file has now: to SQLite that is a disk without room.
        db.execute("PRAGMA max_page_count = 1")

        with pytest.raises(StoreError, match=r"monitor\.db cannot grow: the disk is full; make room"):
            fill(Store(db, path))

        assert Store(db, path).seen_since(NOW) == ()
        db.execute("PRAGMA max_page_count = 1000000")
        fill(Store(db, path))
        assert len(Store(db, path).seen_since(NOW)) == 500


def fill(store: Store) -> None:
    """Far more than the file's free pages hold, in one transaction."""
    record(store, *(make_item(f"Headline {n}", summary="words " * 50) for n in range(500)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked, because its limit cannot be lifted")
@pytest.mark.parametrize("limit", [0, 20_000], ids=["while it is made", "while its tables are made"])
def test_a_disk_that_fails_when_a_database_is_made_is_said(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "monitor.db"

    assert what_a_limit_on_files_raises(limit, lambda: Store.open(path)) == (
        f"StoreError: {path} cannot be read or written: check the disk (SQLite: disk I/O error)"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked, because its limit cannot be lifted")
def test_a_disk_that_fails_when_a_poll_is_written_is_said_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert what_a_limit_on_files_raises(200_000, lambda: fill(Store.open(store.path))) == (
            f"StoreError: {store.path} cannot be read or written: check the disk (SQLite: disk I/O error)"
        )

        assert store.seen_since(NOW) == ()
        store.check_intact()


def test_a_service_is_alone_on_a_file_by_whatever_link_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to("monitor.db")
    with Store.open(tmp_path / "monitor.db") as store, Store.open(tmp_path / "link.db") as linked:
        with store.only_service() as is_first, linked.only_service() as is_second:
            assert (is_first, is_second) == (True, False)
        with linked.only_service() as is_alone:
            assert is_alone


def what_a_limit_on_files_raises(limit: int, act: Callable[[], object]) -> str:
    """Run `act` in a child whose writes fail beyond `limit` bytes of a file (EFBIG); its exception."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent compares it
            os.write(theirs, f"{type(error).__name__}: {error}".encode())
        finally:
            # Never back into pytest, whatever happened.
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_reading_only_needs_a_database_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist yet: run `monitor poll` first"):
        Store.open(tmp_path / "none" / "monitor.db", read_only=True)

    assert not (tmp_path / "none").exists()


def test_reading_only_does_not_fill_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.touch()

    with pytest.raises(StoreError, match="holds nothing yet"):
        Store.open(path, read_only=True)

    assert path.stat().st_size == 0


def test_reading_goes_on_while_another_process_writes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        with plain(tmp_path / "monitor.db") as other, Store.open(store.path, read_only=True) as reader:
            other.execute("BEGIN IMMEDIATE")

            assert reader.item(1) is not None


def test_writing_while_another_process_writes_is_busy(tmp_path: Path) -> None:
    with open_store(tmp_path, busy_timeout=0.01) as store, plain(tmp_path / "monitor.db") as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreBusy, match="in use by another process"):
            record(store, make_item())

        other.execute("ROLLBACK")
        assert record(store, make_item()).new == 1


def test_making_a_database_that_another_process_is_making_is_busy(tmp_path: Path) -> None:
    with plain(tmp_path / "monitor.db") as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreBusy):
            Store.open(tmp_path / "monitor.db", busy_timeout=0.01)


def test_a_failure_within_a_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with pytest.raises(StoreError, match='the source "unheard" is not in the database'):
            record(store, make_item(), source="unheard")

        assert store.seen_since(NOW) == ()
        assert store.created_at() is None


def test_the_first_poll_is_remembered(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert store.created_at() == NOW


def test_datasette_finds_full_text_labels_and_facets(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(summary="Talks with Xi today."))
    db = Database(tmp_path / "monitor.db")

    assert db.table("items").detect_fts() == "items_fts"
    assert [(key.column, key.other_table) for key in db.table("items").foreign_keys] == [
        ("source_id", "sources")
    ]
    assert list(db["matched_items"].rows) == [
        {
            "id": 1,
            "title": "Starmer meets Xi in Beijing",
            "outlet": "Gazette",
            "published_at": "2026-01-29T05:30:00Z",
            "topics": '["diplomacy"]',
            "why": 'uk "Starmer" (title); diplomacy "Xi" (lead)',
            "url": "https://gazette.example/starmer-meets-xi-in-beijing",
        }
    ]
    db.close()
