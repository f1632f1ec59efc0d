"""I/O: locks that the system lets go when a process dies, however it dies: on files beside the database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .connection import StoreError


@contextmanager
def held(database: Path, what: str) -> Iterator[bool]:
    """Whether this process alone may do something with a database, until the block ends (flock(2)).

    `what` is the end of the lock's file name, "lock" or "sending.lock". Raises StoreError where the file
    cannot be made.
    """
    # The file itself, whatever link it is reached by.
    real = Path(os.path.realpath(database))
    path = real.with_name(f"{real.name}.{what}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror}; check the rights of the folder of the database"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
