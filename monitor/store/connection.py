"""I/O: one SQLite file: opened with care, its transactions, and its errors as sentences.

Write transactions begin with BEGIN IMMEDIATE: a deferred one that reads first and then writes fails at once
when another process wrote in between, whatever the busy timeout (SQLITE_BUSY_SNAPSHOT,
https://www.sqlite.org/rescode.html#busy_snapshot).
"""

from __future__ import annotations

import functools
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ..models import Refusal
from .database import Database

P = ParamSpec("P")
T = TypeVar("T")

APPLICATION_ID = 0x554B434E
"""The letters UKCN, in the file's header: tells our databases from others (PRAGMA application_id)."""

REMEDIES = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; name another file under `database`",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup or name another file under `database`",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room and try again, nothing was written",
    sqlite3.SQLITE_READONLY: "cannot be written: check the rights of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that the folder exists and the rights of both",
    sqlite3.SQLITE_PERM: "cannot be opened: check the rights of the file and of its folder",
    sqlite3.SQLITE_IOERR: "cannot be read or written: check the disk",
}
"""What the user can know and do, by SQLite's primary result code."""
_SIGNS_OF_DAMAGE = re.compile(
    "Could not decode to UTF-8|malformed JSON|unsupported file format|no such (?:table|column)"
)
"""Damage within a value passes SQLite by, until Python or SQLite's own JSON cannot read it: then there is no
code of its own for it, only words."""


class StoreError(Refusal):
    """The database cannot be used, or not in this way. The message says what, where and what to do."""


class Unreadable(ValueError):  # noqa: N818 - of a value rather than of a program
    """A stored value that no version of this program has written: the file is damaged."""


class StoreBusy(StoreError):  # noqa: N818 - a state that passes rather than a fault
    """Another process is writing, longer than we may wait. Trying again later helps."""

    exit_code = 75


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn the errors that a user can mend into StoreError or StoreBusy; others rise as they are."""
    try:
        yield
    except (Unreadable, UnicodeDecodeError) as error:
        raise StoreError(f"{path} {REMEDIES[sqlite3.SQLITE_CORRUPT]} ({error})") from error
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code; the rest says more than a user needs.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if _SIGNS_OF_DAMAGE.match(str(error)):
            code = sqlite3.SQLITE_CORRUPT
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreBusy(f"{path} is in use by another process; try again in a moment") from error
        if code not in REMEDIES:
            raise
        raise StoreError(f"{path} {REMEDIES[code]} (SQLite: {error})") from error


def connect(path: Path, *, read_only: bool, busy_timeout: float) -> Database:
    """Open the file, and create it where it may be written. Nothing is changed in an existing one.

    `busy_timeout` is in seconds. Raises StoreError for a folder, a place where no file can be, and, for
    reading only, a folder that may not be written while the file's last changes wait in a -wal beside it.
    """
    if path.is_dir():
        raise StoreError(f"{path} is a folder; `database` must name a file in it")
    if read_only:
        return _connect_to_read(path, busy_timeout)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of {path} cannot be made: {error.strerror}") from error
    return _connect(path.absolute().as_uri(), busy_timeout)


def _connect_to_read(path: Path, busy_timeout: float) -> Database:
    """In write-ahead mode readers too need a -shm file, and make it: not in a folder that may not be written.

    There the file is opened as one that nobody changes (https://www.sqlite.org/wal.html#read_only_databases),
    which is true where the folder is for reading only, and else as long as no other process writes.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = _connect(uri, busy_timeout)
    try:
        value(db, "PRAGMA schema_version")  # the first that reads the file
    except sqlite3.OperationalError as error:
        db.close()
        if not _cannot_be_shared(error):
            raise
        if _holds_something(path.with_name(f"{path.name}-wal")):
            raise StoreError(
                f"{path} cannot be read here: its last changes are still in {path.name}-wal, and its folder "
                "may not be written; run a command as the user who polls, or copy the three files (the "
                "database, -wal and -shm) to a folder of your own and name that copy under `database`"
            ) from error
    except BaseException:
        db.close()
        raise
    else:
        return db
    return connect_as_it_lies(path)


def connect_as_it_lies(path: Path) -> Database:
    """Open a file to read it as one that nobody changes: no other file is looked for or made beside it."""
    return _connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", busy_timeout=0)


def _cannot_be_shared(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _connect(uri: str, busy_timeout: float) -> Database:
    # isolation_level=None: transactions begin and end where this module says, never by themselves.
    connection = sqlite3.connect(uri, uri=True, timeout=busy_timeout, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")
        return Database(connection)
    except BaseException:
        connection.close()
        raise


@contextmanager
def writing(db: Database, path: Path, *, durable: bool = False) -> Iterator[Database]:
    """One write transaction: all or nothing, also when the process is killed.

    `durable`: on the disk before it returns, power loss included (synchronous=FULL). Without it the last
    commits may be lost with the power, never with the process; a poll then simply reads the feed again.
    """
    with sentences(path):
        # May not be changed within a transaction.
        db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def reading(db: Database, path: Path) -> Iterator[Database]:
    """One snapshot for all selects of the block, whatever another process writes meanwhile."""
    with sentences(path):
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.rollback()


def rows(db: Database, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
    """All rows of a select, with columns by name."""
    cursor = db.conn.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, parameters).fetchall()


def value(db: Database, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
    """The first column of the first row; None without a row."""
    row = db.conn.execute(sql, parameters).fetchone()
    return None if row is None else row[0]


def id_list(ids: Iterable[int | str]) -> str:
    """One parameter for `IN (SELECT value FROM json_each(?))`: a statement may not have many."""
    return json.dumps(list(ids))


def stamp(moment: datetime) -> str:
    """An aware time as it is stored: whole seconds UTC, "2026-01-29T08:30:00Z", which sorts as text."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def stamp_or_none(moment: datetime | None) -> str | None:
    """`stamp`, or None for None."""
    return None if moment is None else stamp(moment)


def moment(stored: str) -> datetime:
    """The aware UTC time that `stamp` wrote. Raises Unreadable."""
    try:
        read: datetime | None = datetime.fromisoformat(stored)
    except (ValueError, TypeError):
        read = None
    if read is None or read.tzinfo is None:
        raise Unreadable(f"no time: {stored!r:.60}")
    return read


def moment_or_none(stored: str | None) -> datetime | None:
    """`moment`, or None for None."""
    return None if stored is None else moment(stored)


def day(stored: str) -> date:
    """A date that was written as 2026-01-29. Raises Unreadable."""
    try:
        return date.fromisoformat(stored)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"no date: {stored!r:.60}") from error


def understood(read: Callable[P, T]) -> Callable[P, T]:
    """For what makes a value of JSON with a shape of its own: another shape is Unreadable."""

    @functools.wraps(read)
    def reading_it(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}"[:100]) from error

    return reading_it


def from_json(stored: str) -> Any:
    """A value that was written as JSON. Raises Unreadable."""
    try:
        return json.loads(stored)
    except (ValueError, TypeError, RecursionError) as error:
        raise Unreadable(f"no JSON: {stored!r:.60}") from error
