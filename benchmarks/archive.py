"""What the archive costs: one more daily edition after one, three and five years, and writing it all anew.

    .venv/bin/python benchmarks/archive.py            five years: 1,800 editions, 40,000 items; some minutes
    .venv/bin/python benchmarks/archive.py --quick    half a year

The stories are those of tests/archiving.py, the disk is that of the temporary folder. Processor time of one
process; the wall clock beside it, for the disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor import deliver
from monitor.jobs import archive
from tests.archiving import Newsroom, built_in

T = TypeVar("T")
FIRST_DAY = date(2021, 1, 4)
EVENTS = 13
"""A day: 40,000 reports in five years."""


def main() -> None:
    """Prints a line for each measurement."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="half a year")
    days = (91, 182) if options.parse_args().quick else (365, 3 * 365, 5 * 365)
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom.open(Path(folder))
        with room.store:
            lived = 0
            for until in days:
                for _ in room.days(FIRST_DAY + timedelta(days=lived), until - lived, EVENTS):
                    pass
                lived = until
                # What is measured is one edition after an archive that is whole.
                newest = room.store.archive.last_edition_id()
                measured(
                    "the archive up to here", lambda: archive.rebuild(room.config, room.store, built_in())
                )
                deliver.keep_progress(room.config.output, deliver.Progress(newest - 1))
                (room.config.output / "index.html").unlink()
                measured("one more edition", lambda: archive.update(room.config, room.store, built_in()))
            other = replace(room.config, output=Path(folder) / "anew")
            measured("all of it into an empty folder", lambda: archive.rebuild(other, room.store, built_in()))


def measured(what: str, work: Callable[[], archive.Archived | None]) -> None:
    """Runs it and prints what it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    done = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert done
    pages, megabytes = done.written.changed + done.written.unchanged, done.written.bytes / 1e6
    print(
        f"{what:32} {done.editions:5,} editions {done.stories:6,} stories: {cpu:6.2f} s processor, "
        f"{wall:6.2f} s; {pages:6,} pages, {megabytes:6.1f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
