"""A database in a folder that may not be written: it is read where it is whole, else one is told why not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.store import Store, StoreError

from .conftest import NOW, make_item, make_source
from .storing import outcome

NOBODY = 65_534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own are not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


@contextmanager
def not_writable(folder: Path) -> Iterator[None]:
    """Within it `folder` may not be written, also where the tests run as root, whom no rights hold."""
    folder.chmod(0o555)
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)
        folder.chmod(0o755)


def filled(path: Path) -> Store:
    store = Store.open(path)
    store.sync_sources([make_source()])
    store.record(outcome(make_item()), NOW)
    return store


def test_a_closed_database_in_a_folder_that_may_not_be_written_can_be_read(folder: Path) -> None:
    filled(folder / "monitor.db").close()

    with not_writable(folder), Store.open(folder / "monitor.db", read_only=True) as store:
        assert [one.item.title for one in store.each_item()] == [make_item().title]
        with pytest.raises(StoreError):
            store.check_writable()

    assert [path.name for path in folder.iterdir()] == ["monitor.db"]


def test_an_empty_wal_left_behind_does_no_harm(folder: Path) -> None:
    filled(folder / "monitor.db").close()
    (folder / "monitor.db-wal").touch()

    with not_writable(folder), Store.open(folder / "monitor.db", read_only=True) as store:
        assert store.count_items() == 1


def test_changes_that_wait_in_a_wal_are_not_left_out_in_silence(folder: Path) -> None:
    with filled(folder / "open.db") as store:
        for name in ("", "-wal"):
            shutil.copy(f"{store.path}{name}", folder / f"monitor.db{name}")

    with (
        not_writable(folder),
        pytest.raises(StoreError, match=r"last changes are still in monitor\.db-wal.* copy the three files"),
    ):
        Store.open(folder / "monitor.db", read_only=True)


def test_a_database_that_another_process_has_open_is_read_with_its_wal(folder: Path) -> None:
    with filled(folder / "monitor.db"):
        for path in folder.iterdir():
            path.chmod(0o644)
        with not_writable(folder), Store.open(folder / "monitor.db", read_only=True) as store:
            assert store.count_items() == 1


def test_a_file_that_may_not_be_read_is_told_as_such(folder: Path) -> None:
    filled(folder / "monitor.db").close()
    (folder / "monitor.db").chmod(0)

    with (
        not_writable(folder),
        pytest.raises(StoreError, match="check that the folder exists and the rights of both"),
    ):
        Store.open(folder / "monitor.db", read_only=True)


@pytest.mark.parametrize("rights", [0o444, 0o644], ids=["nor the file", "but the file"])
def test_a_service_does_not_start_where_the_folder_may_not_be_written(folder: Path, rights: int) -> None:
    filled(folder / "monitor.db").close()
    (folder / "monitor.db").chmod(rights)
    before = (folder / "monitor.db").read_bytes()

    with (
        not_writable(folder),
        pytest.raises(StoreError, match=r"cannot be (opened|written): check .*rights"),
        Store.open(folder / "monitor.db") as store,
    ):
        store.check_at_start()

    assert (folder / "monitor.db").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["monitor.db"]
