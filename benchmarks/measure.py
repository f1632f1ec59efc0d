"""Runs programs and says what they took: processor time, wall time, memory; medians, spreads and tables."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.measured import figures, measured

Figure = Literal["cpu", "wall", "peak"]
LOOK = 0.02
"""Seconds between two looks at the memory of all processes of a program."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a program took."""

    cpu: float
    """Seconds, of the program and all that it started."""
    wall: float
    """Seconds."""
    peak: float
    """Bytes that its largest process held; with `watched` all of them together at the worst moment."""
    code: int
    out: str
    err: str


def environment(home: Path) -> dict[str, str]:
    """What a measured program may know; Python may keep what it has compiled."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}


def run(command: Sequence[str | Path], folder: Path, *, watched: bool = False) -> Run:
    """Runs a program in `folder`. `watched` costs it some time: such a run is for its memory alone."""
    program = shutil.which(command[0]) or command[0]
    began = time.perf_counter()
    with subprocess.Popen(
        measured(*map(str, (program, *command[1:]))),
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        seen = [0]
        # Beside reading what it says: a full pipe would stop it.
        watcher = threading.Thread(target=_watch, args=(process, seen))
        if watched:
            watcher.start()
        out, err = process.communicate()
        if watched:
            watcher.join()
    wall = time.perf_counter() - began
    *said, used = err.splitlines()
    peak, cpu = figures(used)
    return Run(cpu, wall, max(seen) or peak, process.returncode, out, "\n".join(said))


def _watch(process: subprocess.Popen[str], seen: list[int]) -> None:
    """Adds how many bytes all processes of a program hold together, but for the launcher, until it ends."""
    while process.returncode is None:
        seen.append(sum(map(resident, descendants(process.pid)[1:])))
        time.sleep(LOOK)


def descendants(process: int) -> list[int]:
    """A process and those that it has started, and so on (Linux)."""
    found = [process]
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += descendants(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def resident(process: int) -> int:
    """Bytes of memory of a process of Linux; for a process that is gone 0."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def interleaved(programs: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Each program once in each round, so that what else the machine does meets all of them."""
    found: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            found[name].append(program())
    return found


def figures_of(runs: Sequence[Run], figure: Figure) -> list[float]:
    """In the order of the rounds."""
    return [getattr(one, figure) for one in runs]


def median(runs: Sequence[Run], figure: Figure) -> float:
    """In seconds or bytes."""
    return statistics.median(figures_of(runs, figure))


def spread(runs: Sequence[Run], figure: Figure, times: float, digits: int) -> str:
    """The median with the least and the most: "2.35 (2.31–2.60)"."""
    values = [value * times for value in figures_of(runs, figure)]
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as they are shown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def text(self) -> str:
        """In columns, for a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        shown = (
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        return "\n".join([f"{self.title}. {self.note}".rstrip(), *(f"  {line}" for line in shown), ""])

    def markdown(self) -> str:
        """The same for a page."""
        rows = "\n".join(f"| {' | '.join(row)} |" for row in self.rows)
        head = f"| {' | '.join(self.columns)} |\n|{'---|' * len(self.columns)}"
        note = f"{self.note}\n\n" if self.note else ""
        return f"## {self.title}\n\n{note}{head}\n{rows}\n"


@dataclass(frozen=True, slots=True)
class Target:
    """What was aimed at: `reached` should be at most `most`, at best `stretch`."""

    work: str
    reached: float
    most: float
    stretch: float | None = None
    unit: str = ""
    """Empty for a ratio."""

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.reached > self.most:
            return "missed"
        return "met" if self.stretch is None or self.reached > self.stretch else "stretch met"

    def row(self) -> tuple[str, str, str, str, str]:
        """For a table."""
        stretch = "" if self.stretch is None else f"≤ {self._shown(self.stretch)}"
        return self.work, f"≤ {self._shown(self.most)}", stretch, self._shown(self.reached), self.verdict

    def _shown(self, value: float) -> str:
        if self.unit:
            return f"{value:.3g} {self.unit}"
        return f"{value:.3g}" if value >= 1 else f"1/{1 / value:.3g}"


def targets_table(targets: Sequence[Target]) -> Table:
    """All of them."""
    rows = [target.row() for target in targets]
    return Table(
        "Targets",
        ("work", "target", "stretch", "reached", ""),
        rows,
        "Ratios are of processor time where nothing else is said.",
    )


def part_of(tables: Sequence[Table], targets: Sequence[Target]) -> str:
    """What one part of the benchmark found, for a terminal."""
    shown = [*tables, targets_table(targets)] if targets else tables
    return "\n".join(table.text() for table in shown)
