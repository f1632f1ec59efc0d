"""What it costs to start: `monitor --help`, `health` and others, against a Python that does nothing.

    .venv/bin/python benchmarks/startup.py            eleven rounds, half a minute
    .venv/bin/python benchmarks/startup.py --quick    three rounds

Each command is a process of its own, in each round one after the other; printed are medians of processor time
and of wall time, with the least and the most, and what they are against bare Python of the same environment.
`health` is asked of a database that has just been polled, with the shipped rules and one source.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.feeds import LATER
from benchmarks.measure import Run, Table, Target, interleaved, median, part_of, run, spread
from benchmarks.peers import PROGRAM, write_config
from benchmarks.server import FeedServer

BARE = "python -c pass"
MOST = {"monitor --help": 3.0, "monitor health": 8.0}
"""At most so many times bare Python."""


def measure(rounds: int) -> dict[str, list[Run]]:
    """The runs of each command."""
    with tempfile.TemporaryDirectory() as name, FeedServer(1) as server:
        folder = Path(name)
        write_config(folder, server.urls)
        now = ("--now", LATER.isoformat())
        commands: dict[str, Sequence[str]] = {
            BARE: (sys.executable, "-c", "pass"),
            "monitor --version": (*PROGRAM, "--version"),
            "monitor --help": (*PROGRAM, "--help"),
            "monitor health": (*PROGRAM, *now, "health"),
            "monitor sources": (*PROGRAM, *now, "sources"),
            "monitor check": (*PROGRAM, *now, "check"),
            "monitor poll, one source, 304": (*PROGRAM, *now, "poll", "--all"),
        }
        run([*PROGRAM, *now, "poll", "--all"], folder)
        polls = {name: partial(run, command, folder) for name, command in commands.items()}
        return interleaved(polls, rounds)


def bench(*, quick: bool) -> tuple[list[Table], list[Target]]:
    """A table, and how it stands to what was aimed at."""
    found = measure(3 if quick else 11)
    cpu, wall = median(found[BARE], "cpu"), median(found[BARE], "wall")
    rows, targets = [], []
    for name, runs in found.items():
        times = median(runs, "cpu") / cpu
        walls = median(runs, "wall") / wall
        milliseconds = spread(runs, "cpu", 1000, 0), spread(runs, "wall", 1000, 0)
        rows.append((name, milliseconds[0], f"{times:.1f}", milliseconds[1], f"{walls:.1f}"))
        if name in MOST:
            targets.append(Target(f"{name}, of {BARE}", times, MOST[name]))
            targets.append(Target(f"{name}, of {BARE}, wall time", walls, MOST[name]))
    note = f"Medians of {len(found[BARE])} rounds, with the least and the most."
    return [Table("Start-up", ("command", "CPU ms", "× bare", "wall ms", "× bare"), rows, note)], targets


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="three rounds")
    print(part_of(*bench(quick=options.parse_args().quick)))


if __name__ == "__main__":
    main()
