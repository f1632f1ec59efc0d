"""What befalls a database: damage, a full disk, another writer, a kill while it is upgraded.

Every command of a day refuses in words or goes on without what it cannot have; nothing is lost, nothing is
overwritten that somebody might still save.
"""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store import Store
from monitor.store.schema import VERSION

from .conftest import PROJECT
from .loopback import Loopback
from .program import Ran, monitor, rss, write_config
from .test_store_kill import killed_at_statement
from .test_store_upgrade import contents, schema_of, write

NOW, LATER = "2026-01-29T08:30Z", "2026-01-29T10:30Z"
FIRST = [
    (f"Britain and China trade visit {n}", f"Starmer meets Xi, no. {n}. " + "word " * 40) for n in range(30)
]
MORE = [(f"Chinese embassy in Britain, report {n}", "A visit. " + "word " * 40) for n in range(200)]
DIGESTS = """
database: monitor.db
output: site
digests:
  daily: {title: UK-China daily, schedule: "30 8 * * *", to: [ann@desk.example]}
mail: {from: monitor@desk.example, host: localhost, port: 9, security: none}
"""
ALL = os.environ.get("MONITOR_TESTS_SWEEP") == "all"
READS = "" if ALL else r"SELECT|PRAGMA|BEGIN$"
STRIDE = 1 if ALL else 11
"""An upgrade is one transaction: a kill between two of its writes leaves what one between two others leaves.
With MONITOR_TESTS_SWEEP=all each statement of each upgrade has its turn all the same."""
SCRIPTS = sorted((PROJECT / "tests" / "data" / "store").glob("version-*.sql"))


@pytest.fixture(scope="module")
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, site: Loopback) -> Path:
    """The folder of a monitor that has polled, made an edition, and could not send it."""
    folder = tmp_path_factory.mktemp("grown")
    site.serve("/a", rss(*FIRST))
    write_config(folder, site, "{id: gazette, url: '{site}/a', kind: uk-media}", digests=DIGESTS)
    assert monitor("--now", NOW, "once", "--force", cwd=folder).code == 1  # nobody takes the mail
    with closing(sqlite3.connect(folder / "monitor.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def desk(grown: Path, tmp_path: Path, site: Loopback) -> Path:
    """A copy of it, to be spoilt; the feed has much more by now."""
    shutil.copytree(grown, tmp_path, dirs_exist_ok=True)
    site.serve("/a", rss(*MORE, *FIRST))
    return tmp_path


def at_work(folder: Path, *args: str) -> Ran:
    return monitor("--now", LATER, *args, cwd=folder)


def titles(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "monitor.db")) as db:
        return {title for (title,) in db.execute("SELECT title FROM items")}


def claims(folder: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(folder / "monitor.db")) as db:
        return db.execute("SELECT item_id, revision FROM edition_items ORDER BY 1, 2").fetchall()


# -- damage ------------------------------------------------------------------------------------------------

COMMANDS = (
    *(("poll", "--all"), ("digest",), ("send",), ("health",), ("search", "China"), ("sources",)),
    ("backup", "copy.db"),
)


@pytest.mark.parametrize("tenth", range(10))
def test_bytes_that_are_wrong_anywhere_are_told_or_not_met_and_never_put_right(
    desk: Path, tenth: int
) -> None:
    path = desk / "monitor.db"
    damaged = bytearray(path.read_bytes())
    at = 100 + tenth * (len(damaged) - 300) // 9
    damaged[at : at + 64] = bytes(byte ^ 0xA5 for byte in damaged[at : at + 64])
    command = COMMANDS[tenth % len(COMMANDS)]
    for args in {command, ("poll", "--all")}:
        for left in desk.glob("monitor.db*"):
            left.unlink()
        path.write_bytes(damaged)

        ran = at_work(desk, *args)  # which fails on a traceback

        assert ran.code in (0, 1, 2), args
        if ran.code == 2:
            assert "monitor.db" in ran.err
            assert ran.out == ""
        if ran.code == 2 and args[0] != "poll":
            assert path.read_bytes() == damaged


def test_a_service_does_not_start_on_a_file_of_which_a_page_is_gone(desk: Path) -> None:
    path = desk / "monitor.db"
    damaged = bytearray(path.read_bytes())
    for page in range(3, len(damaged) // 4096, 2):
        damaged[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    path.write_bytes(damaged)

    ran = at_work(desk, "run")

    assert ran.code == 2
    assert "is damaged" in ran.err
    assert "restore a backup" in ran.err
    assert path.read_bytes() == damaged


VALUES = {
    "a time": ("UPDATE items SET first_seen = '2026-01-2'", "show 1"),
    "a time without a zone": ("UPDATE sources SET last_polled = '2026-01-29T08:30:00'", "sources"),
    "bytes that are no text": ("UPDATE items SET title = CAST(x'ff61' AS TEXT)", "search China"),
    "a list of topics": ("UPDATE items SET topics = '[\"diplomacy'", "export --format jsonl"),
    "topics for SQLite": ("UPDATE items SET topics = '[\"diplomacy'", "digest --since 2026-01-01"),
    "a reason": ("UPDATE items SET matches = '[{\"rule\":1}]'", "show 1"),
    "the points": ("UPDATE items SET parts = '[1]'", "show 1"),
    "a day": ("UPDATE editions SET local_date = 'Thursday'", "archive --rebuild"),
    "a mail's time": ("UPDATE deliveries SET queued = x'00'", "deliveries"),
    "the service's word": ("INSERT INTO meta VALUES ('service', '{}')", "health"),
    "a page's history": (
        "INSERT INTO pages (item_id, status, history) VALUES (1, 'live', '[7]')",
        "show 1",
    ),
    "the list of tables": (
        "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'first_seen', 'first_sXen') "
        "WHERE name = 'items'",
        "search China",
    ),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_value_that_no_version_has_written_is_damage_and_told_so(desk: Path, what: str) -> None:
    spoil, command = VALUES[what]
    with closing(sqlite3.connect(desk / "monitor.db")) as db:
        db.executescript(spoil + ";")

    ran = at_work(desk, *command.split())

    assert ran.code == (1 if command == "health" else 2)
    assert "monitor.db is damaged; restore a backup" in ran.err + ran.out


# -- a disk without room -----------------------------------------------------------------------------------


def on_a_full_disk(folder: Path, *args: str) -> Ran:
    """A command in a process that can write no file beyond what the database has now (EFBIG)."""
    room = 60_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--now", LATER, *args],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=60,
        check=False,  # the exit code is what is looked at
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def test_on_a_full_disk_a_poll_says_so_and_the_next_one_takes_it_up(desk: Path) -> None:
    before = titles(desk)

    full = on_a_full_disk(desk, "poll", "--all")

    assert full.code == 2
    assert "monitor.db" in full.err
    assert "disk" in full.err
    assert titles(desk) == before
    assert at_work(desk, "poll", "--all").code == 0
    assert len(titles(desk)) == len(before) + len(MORE)


def test_on_a_full_disk_no_item_is_claimed_and_the_next_edition_has_them_all(desk: Path) -> None:
    assert at_work(desk, "poll", "--all").code == 0
    before = claims(desk)

    full = on_a_full_disk(desk, "digest")

    assert full.code == 2
    assert "disk" in full.err
    assert claims(desk) == before
    at_work(desk, "digest", "--no-send")
    assert len(claims(desk)) == len(before) + len(MORE)


# -- another writer ----------------------------------------------------------------------------------------


def test_beside_a_writer_who_does_not_end_commands_that_write_give_up_and_others_go_on(desk: Path) -> None:
    writers = [("poll", "--all"), ("digest",), ("reclassify",), ("health",)]
    readers = [("search", "China"), ("sources",), ("show", "1"), ("deliveries",)]
    before = claims(desk)
    with closing(sqlite3.connect(desk / "monitor.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(len(writers)) as pool:
            waiting = [pool.submit(at_work, desk, *args) for args in writers]
            read = [at_work(desk, *args).code for args in readers]
            written = [one.result() for one in waiting]
        other.execute("ROLLBACK")

    assert read == [0, 0, 0, 0]
    assert [ran.code for ran in written] == [75, 75, 75, 1]
    assert all("monitor.db is in use by another process; try again" in ran.err + ran.out for ran in written)
    assert claims(desk) == before


# -- a kill while it is upgraded ---------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked here")
@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_an_upgrade_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path, script: Path) -> None:
    kept, path = write(script, tmp_path / "kept.db"), tmp_path / "monitor.db"
    Store.open(write(script, tmp_path / "new.db")).close()
    old, new, schema = contents(kept), contents(tmp_path / "new.db"), schema_of(tmp_path / "new.db")
    number, points, done = 1, 0, False
    while not done:
        for left in tmp_path.glob("monitor.db*"):
            left.unlink()
        shutil.copy(kept, path)
        done = not killed_at_statement(number, lambda: Store.open(path).close(), passed_over=READS)
        number, points = number + STRIDE, points + 1
        with closing(sqlite3.connect(path)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        assert without_bookkeeping(contents(path)) == without_bookkeeping(new if version == VERSION else old)
        if points % 4 == 0 or done:
            Store.open(path).close()
            assert schema_of(path) == schema
            assert without_bookkeeping(contents(path)) == without_bookkeeping(new)

    assert points > 1


def without_bookkeeping(rows: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """All rows but those of the migrations themselves, which hold the time of day."""
    return {name: found for name, found in rows.items() if "migrations" not in name}
