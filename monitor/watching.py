"""I/O: says when files of the user's have changed. The only user of watchfiles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import watchfiles

STOPS_WITHIN = 200
"""Milliseconds between two looks at whether to end."""


@contextmanager
def watching(folders: Sequence[Path], changed: Callable[[], None]) -> Iterator[None]:
    """Calls `changed`, in a thread of its own, soon after an entry of one of the folders has changed.

    Not of the folders in them: the database and the pages may lie there, which the service itself writes.
    Changes that come close together are one. Folders and not files, because editors and container
    platforms put a new file in the place of the old one. A folder that is missing is not watched. What
    cannot be watched, as on some network file systems, is simply never told of: look now and then as well.
    """
    there = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
    stop = threading.Event()

    def watch() -> None:
        changes = watchfiles.watch(
            *there, recursive=False, stop_event=stop, rust_timeout=STOPS_WITHIN, raise_interrupt=False
        )
        for _ in changes:
            changed()

    thread = threading.Thread(target=watch, name="watching", daemon=True)
    if there:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if there:
            thread.join()
