"""All of it: what `make bench` runs, and what writes RESULTS.md.

    .venv/bin/python benchmarks/run.py                  everything, an hour or two
    .venv/bin/python benchmarks/run.py --quick          small, a few minutes; RESULTS.md stays as it is
    .venv/bin/python benchmarks/run.py --only startup   one part: the others are reported as they were last
    .venv/bin/python benchmarks/run.py --only report    nothing measured: RESULTS.md written anew

What a part has found is kept in build/bench until it is measured again, with the date and how busy the
machine was. Other files here measure one matter each and print it: `OTHERS` are run as they are, and quoted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import fetching, parsing, polls, startup
from benchmarks.bars import bars
from benchmarks.measure import Table, Target, part_of, targets_table
from benchmarks.peers import BUILD

HERE = Path(__file__).parent
IMAGE = HERE.parent / "docs" / "images" / "bench-polls.svg"
PACKAGES = ("feedparser", "httpx", "httpcore", "ahocorasick-rs", "sqlite-utils", "pydantic", "PyYAML")
OTHERS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "stored": ((), ("--quick",)),
    "classify": ((), ("--quick",)),
    "group": ((), ("--quick",)),
    "memory": (("--polls", "100"), ("--polls", "10")),
}
"""Files of this folder that print what they find: their arguments, and those of a quick run."""
SLOW = ("stored", "memory")
"""Left out of a quick run."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part has found, and when."""

    name: str
    command: str
    began: str
    load: float
    """Of the machine as it began, by the kernel's average of one minute."""
    tables: Sequence[Table] = ()
    targets: Sequence[Target] = ()
    costs: dict[str, dict[str, float]] | None = None
    quoted: str = ""

    def text(self) -> str:
        """For a terminal."""
        return self.quoted or part_of(self.tables, self.targets)

    def markdown(self) -> str:
        """For the page."""
        told = f"_{self.began}, load {self.load:.1f}, `{self.command}`_\n\n"
        if self.quoted:
            return f"## benchmarks/{self.name}.py\n\n{told}```\n{self.quoted.strip()}\n```\n"
        return told + "\n".join(table.markdown() for table in self.tables)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Part:
        """What `asdict` made of one."""
        tables = [Table(**one) for one in kept.pop("tables")]
        return cls(tables=tables, targets=[Target(**one) for one in kept.pop("targets")], **kept)


def measured(name: str, *, quick: bool) -> Part:
    """Measures one part."""
    command = f"python benchmarks/{name}.py{' --quick' * quick}"
    began, load = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", os.getloadavg()[0]
    if name == "polls":
        found = polls.bench(quick=quick)
        return Part(name, command, began, load, found.tables, found.targets, found.costs)
    own: dict[str, Callable[..., tuple[list[Table], list[Target]]]] = {
        "startup": startup.bench,
        "fetching": fetching.bench,
        "parsing": parsing.bench,
    }
    if name in own:
        tables, targets = own[name](quick=quick)
        return Part(name, command, began, load, tables, targets)
    arguments = OTHERS[name][quick]
    command = " ".join(["python", f"benchmarks/{name}.py", *arguments])
    done = subprocess.run(
        [sys.executable, HERE / f"{name}.py", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr[-2000:]}")
    return Part(name, command, began, load, quoted=done.stdout)


def machine() -> Table:
    """Where all this was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    rows = [
        ("processor", f"{os.cpu_count()} cores, {_processor()}"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        *((name, version(name)) for name in PACKAGES),
    ]
    return Table("Machine and versions", ("", ""), rows)


def _processor() -> str:
    try:
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except FileNotFoundError:
        return platform.processor()
    found = re.search(r"^model name\s*:\s*(.+)$", said, re.M)
    return found[1] if found else "unnamed"


def report(parts: Sequence[Part]) -> str:
    """RESULTS.md."""
    targets = targets_table([target for part in parts for target in part.targets])
    head = (
        "# What was measured\n\n"
        "Written by `make bench`; README.md beside this file says what is measured and how. Where times are\n"
        "given for programs, they are processor time of the program and all that it starts.\n"
    )
    image = f"![Processor time by scenario and program](../docs/images/{IMAGE.name})\n"
    return "\n".join([head, machine().markdown(), targets.markdown(), image, *(p.markdown() for p in parts)])


def main() -> None:
    """Measures, prints and writes."""
    names = ["polls", "parsing", "fetching", "startup", *OTHERS]
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="small; RESULTS.md stays as it is")
    options.add_argument("--only", action="append", choices=[*names, "report"])
    chosen = options.parse_args()
    wanted = chosen.only or [name for name in names if not (chosen.quick and name in SLOW)]
    kept = BUILD / ("quick" if chosen.quick else "full")
    kept.mkdir(parents=True, exist_ok=True)
    for name in [name for name in names if name in wanted]:
        began = time.monotonic()
        part = measured(name, quick=chosen.quick)
        (kept / f"{name}.json").write_text(json.dumps(asdict(part)), encoding="utf-8")
        print(part.text(), f"({name}: {time.monotonic() - began:.0f} s)\n", sep="\n", flush=True)
    files = [file for name in names if (file := kept / f"{name}.json").exists()]
    parts = [Part.of(json.loads(file.read_text(encoding="utf-8"))) for file in files]
    print(targets_table([target for part in parts for target in part.targets]).text())
    page = kept / "RESULTS.md" if chosen.quick else HERE / "RESULTS.md"
    page.write_text(report(parts), encoding="utf-8")
    for costs in [part.costs for part in parts if part.costs]:
        image = kept / IMAGE.name if chosen.quick else IMAGE
        title = "Processor time of a poll, each group on a scale of its own"
        image.write_text(bars(title, "ms a feed", costs, polls.OURS), encoding="utf-8")
    print(f"written: {page}")


if __name__ == "__main__":
    main()
