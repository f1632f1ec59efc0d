"""I/O: a copy of the database, made while others write to it, whole and checked, or not at all.

SQLite's online backup, in one step: one snapshot is read while a service goes on writing. In smaller steps
it would begin anew at each write of another process (https://www.sqlite.org/backup.html), and beside a busy
service never end. `VACUUM INTO` would make a smaller file, but takes much longer and leaves write-ahead mode.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .connection import StoreError, connect, connect_as_it_lies, sentences, value
from .schema import refuse_others


def back_up(database: Path, to: Path, *, overwrite: bool = False, busy_timeout: float = 10.0) -> int:
    """Copy a database to a file, checked and on the disk when this returns; its bytes.

    The copy holds all that was committed before it began, has the original's rights, and needs no -wal or
    -shm. A database of an older version of this program is copied as it is. `busy_timeout` is in seconds.
    Raises StoreError where there is nothing to copy, the database is damaged, or the file is there already
    (without `overwrite`), is the database itself or cannot be written; then what stood there still does.
    """
    if not database.exists():
        raise StoreError(f"{database} does not exist yet: there is nothing to back up")
    _refuse_place(database, to, overwrite=overwrite)
    with sentences(database):
        source = connect(database, read_only=True, busy_timeout=busy_timeout)
    with closing(source):
        with sentences(database):
            if refuse_others(source, database) == 0:
                raise StoreError(f"{database} holds nothing yet: there is nothing to back up")
        with _draft(to, stat.S_IMODE(database.stat().st_mode)) as draft:
            with sentences(to), closing(connect(draft, read_only=False, busy_timeout=busy_timeout)) as target:
                # Its name makes it whole, so it needs no journal of its own.
                target.execute("PRAGMA journal_mode=OFF")
                target.execute("PRAGMA synchronous=OFF")
                source.conn.backup(target.conn)
            _check(draft, database)
    return to.stat().st_size


def _refuse_place(database: Path, to: Path, *, overwrite: bool) -> None:
    own = [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal"))]
    if to.absolute() in [path.absolute() for path in own] or (to.exists() and to.samefile(database)):
        raise StoreError(f"{to} belongs to the database itself; name another file for the backup")
    if to.exists() and not to.is_file():
        raise StoreError(f"{to} is no file that could be written anew; name a file for the backup")
    if to.exists() and not overwrite:
        raise StoreError(f"{to} is there already; --force overwrites it")


@contextmanager
def _draft(to: Path, mode: int) -> Iterator[Path]:
    """A file beside `to` that takes its name in one step (POSIX rename) where the block ends well."""
    draft = to.with_name(f".{to.name}.draft")
    try:
        draft.unlink(missing_ok=True)  # of a run that was killed
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        try:
            yield draft
            _make_durable(draft)
            draft.replace(to)
        finally:
            draft.unlink(missing_ok=True)
        _make_durable(to.parent)
    except OSError as error:
        raise StoreError(
            f"{to} cannot be written: {error.strerror or error}; check the folder, its rights and the space"
        ) from error


def _check(draft: Path, database: Path) -> None:
    """The copy has the damage that the original has: so it is looked for where nobody waits for it."""
    with sentences(database), closing(connect_as_it_lies(draft)) as copy:
        finding = " ".join(str(value(copy, "PRAGMA quick_check(1)")).split())
    if finding != "ok":
        raise StoreError(
            f"{database} is damaged: {finding}; no backup was made of it, so keep those that you have"
        )


def _make_durable(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
