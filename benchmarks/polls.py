"""What a poll costs: ours and those of other programs, in the same rounds, on the same feeds.

    .venv/bin/python benchmarks/polls.py            all of it, half an hour
    .venv/bin/python benchmarks/polls.py --quick    thirty feeds, two rounds, two minutes
    .venv/bin/python benchmarks/polls.py --only cold --only same-100

Each poll is a process of its own, from its start to its end, and begins with the same books: those after the
first poll of these feeds, put back before each round. What is compared is the processor time of the program
and all that it starts. The feeds are those that each of the programs has read whole; others are left out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.measure import Run, Table, Target, interleaved, median, run, spread, targets_table
from benchmarks.peers import CONCURRENCY, Tool, tools
from benchmarks.server import FeedServer, Sent, State

SPARE = 1.08
"""So many times as many feeds as are wanted are made: some are left out."""


AS_IT_IS = State()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of poll."""

    name: str
    title: str
    feeds: int
    state: State = AS_IT_IS
    """What the feeds are like, after a first poll of feeds as they were at first."""
    cold: bool = False
    """There was no first poll."""
    without: tuple[str, ...] = ()
    """Programs that would take too long."""


MANY = f"reader, {CONCURRENCY} workers"
ONE_BY_ONE = ("reader", "rss2email")
"""They would wait for each answer in turn: latency × feeds."""
SCENARIOS = (
    Scenario("all-304-1000", "Nothing changed (304)", 1000, without=(MANY, "newsboat", "sfeed")),
    Scenario("all-304-300", "Nothing changed (304)", 300, without=(MANY,)),
    Scenario("same-100", "The same bytes (200)", 100, State(validators=False), without=(MANY,)),
    Scenario("same-300", "The same bytes (200)", 300, State(validators=False), without=(MANY,)),
    Scenario("some-new", "5 % have a new entry", 300, State(new=1, percent=5), without=(MANY,)),
    Scenario("touched", "Another date in each head", 100, State(touched=1), without=(MANY,)),
    Scenario("one-new", "A new entry in each", 100, State(new=1), without=(MANY,)),
    Scenario("cold", "First poll", 100, cold=True),
    Scenario("slow", "Nothing changed, answers after 200 ms", 300, State(latency=0.2), without=ONE_BY_ONE),
)
NOT_QUICK = ("all-304-300", "same-100", "touched", "one-new")
QUICK_FEEDS = 30
OURS = "monitor"
WATCHED = ("cold", "all-304-1000")
"""Polled once more to see what memory all processes hold."""
AIMS = (
    ("all-304-1000", "reader", 1 / 1.8, 1 / 4),
    ("same-300", "reader", 1 / 8, 1 / 15),
    ("same-300", "newsboat", 1 / 2.5, None),
    ("some-new", "reader", 1 / 2, 1 / 4),
    ("cold", "reader", 1 / 2, None),
    ("cold", "newsboat", 1.0, None),
)
"""Scenario, peer, at most so many times its processor time, at best so many."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one scenario gave."""

    scenario: Scenario
    feeds: int
    runs: dict[str, list[Run]]
    sent: dict[str, Sent]
    """What the server answered each program, in the last round."""


@dataclass(frozen=True, slots=True)
class Found:
    """What all scenarios gave."""

    tables: list[Table]
    targets: list[Target]
    costs: dict[str, dict[str, float]]
    """Milliseconds of processor time for a feed, by scenario and program."""


class Bench:
    """The feeds, the programs, and their books after the first poll."""

    def __init__(self, folder: Path, server: FeedServer, programs: Sequence[Tool]) -> None:
        self.folder, self.server, self.programs = folder, server, programs
        self.urls: list[str] = []
        self.left_out: dict[str, int] = {}
        """How many feeds each program has not read whole."""

    def choose(self, count: int) -> None:
        """Polls all feeds with each program; those that all have read are taken, the first `count`."""
        good = set(self.server.urls)
        for tool in self.programs:
            if tool.name.startswith("reader,"):  # it reads what reader does
                continue
            accepted = tool.accepted(self._books(tool, self.server.urls, "all", cold=False))
            self.left_out[tool.name] = len(self.server.urls) - len(accepted)
            good &= accepted
            shutil.rmtree(self.folder / "all")
        self.urls = [url for url in self.server.urls if url in good][:count]

    def measure(self, scenario: Scenario, rounds: int, *, watched: bool = False) -> Measured:
        """Each program in each round."""
        urls = self.urls[: scenario.feeds]
        sent: dict[str, Sent] = {}
        polls: dict[str, Callable[[], Run]] = {}
        for tool in self.programs:
            if tool.name not in scenario.without:
                books = self._books(tool, urls, f"{len(urls)}", cold=scenario.cold)
                polls[tool.name] = partial(self._poll, tool, books, scenario.state, sent, watched)
        return Measured(scenario, len(urls), interleaved(polls, rounds), sent)

    def _books(self, tool: Tool, urls: Sequence[str], name: str, *, cold: bool) -> Path:
        """A folder as it is before the first poll (`cold`) or after it; made once."""
        place = self.folder / name / tool.name
        before, after = place / "before", place / "after"
        if not before.exists():
            before.mkdir(parents=True)
            tool.prepare(before, urls)
        if cold:
            return before
        if not after.exists():
            self.server.show(AS_IT_IS)
            self._checked(tool, self._in_place(tool, before))
            # Once more: newsboat keeps validators of feeds only that it knows.
            self._checked(tool, run(tool.command(place / "now"), place / "now"))
            shutil.copytree(place / "now", after)
        return after

    def _poll(self, tool: Tool, books: Path, state: State, sent: dict[str, Sent], watched: bool) -> Run:
        self.server.show(state)
        done = self._in_place(tool, books, watched=watched)
        sent[tool.name] = self.server.show(state)
        return self._checked(tool, done)

    def _in_place(self, tool: Tool, books: Path, *, watched: bool = False) -> Run:
        """A poll with these books, always at the same place: some programs note where they are.

        What is there as it should be stays untouched: a config that nobody has edited is no new file.
        """
        now = books.parent / "now"
        for folder in (books, *(one for one in books.rglob("*") if one.is_dir())):
            (now / folder.relative_to(books)).mkdir(exist_ok=True)
        for file in [one for one in now.rglob("*") if one.is_file()]:
            if not (books / file.relative_to(now)).exists():
                file.unlink()
        for file in [one for one in books.rglob("*") if one.is_file()]:
            self._put_back(file, now / file.relative_to(books), books, now)
        return run(tool.command(now), now, watched=watched)

    @staticmethod
    def _put_back(file: Path, place: Path, books: Path, now: Path) -> None:
        content = file.read_bytes()
        if file.suffix in {"", ".cfg"}:
            content = content.replace(f"{books}/".encode(), f"{now}/".encode())
        if not place.exists() or place.read_bytes() != content:
            place.write_bytes(content)
            shutil.copystat(file, place)

    @staticmethod
    def _checked(tool: Tool, done: Run) -> Run:
        if done.code not in tool.fine:
            raise SystemExit(f"{tool.name} ended with {done.code}: {done.err[-2000:]}")
        return done


def quick_one(scenario: Scenario) -> Scenario:
    """The same with few feeds."""
    return replace(scenario, feeds=min(scenario.feeds, QUICK_FEEDS))


def table(one: Measured) -> Table:
    """A row for each program."""
    rows = []
    for name, runs in one.runs.items():
        sent = one.sent[name]
        rows.append(
            (
                name,
                spread(runs, "cpu", 1000 / one.feeds, 2),
                f"{median(runs, 'cpu') / median(one.runs[OURS], 'cpu'):.2f}",
                spread(runs, "wall", 1, 2),
                f"{sent.whole} / {sent.unchanged}",
            )
        )
    rounds = len(one.runs[OURS])
    return Table(
        f"{one.scenario.title}, {one.feeds:,} feeds",
        ("program", "CPU ms a feed", "× ours", "wall s", "200 / 304"),
        rows,
        f"Medians of {rounds} rounds, with the least and the most.",
    )


def memory_table(found: Sequence[Measured]) -> Table:
    """What all processes of each program held together."""
    names = list(found[0].runs)
    rows = [
        (name, *(f"{one.runs[name][0].peak / 1e6:.0f}" if name in one.runs else "" for one in found))
        for name in names
    ]
    columns = [f"{one.scenario.title}, {one.feeds:,} feeds" for one in found]
    return Table(
        "Memory", ("MB", *columns), rows, "The most that all processes of a program held at once, in one run."
    )


def targets(found: Mapping[str, Measured]) -> list[Target]:
    """How we stand to what was aimed at."""
    reached = []
    for name, peer, most, stretch in AIMS:
        one = found.get(name)
        if one and peer in one.runs:
            ratio = median(one.runs[OURS], "cpu") / median(one.runs[peer], "cpu")
            work = f"{one.scenario.title}, {one.feeds:,} feeds, of {peer}"
            work += " (a stretch of itself)" * (name == "cold" and peer == "newsboat")
            reached.append(Target(work, ratio, most, stretch))
    slow = found.get("slow")
    if slow:
        least = slow.scenario.state.latency * slow.feeds / CONCURRENCY
        reached.append(
            Target(
                f"{slow.scenario.title}, {slow.feeds:,} feeds: wall time, of latency × feeds / concurrency",
                median(slow.runs[OURS], "wall") / least,
                1.3,
            )
        )
    return reached


def bench(*, quick: bool, only: Sequence[str] = (), rounds: int = 0, programs: Sequence[Tool] = ()) -> Found:
    """Everything that this file measures."""
    scenarios = [one for one in SCENARIOS if one.name in only or not only]
    if quick:
        scenarios = [quick_one(one) for one in scenarios if one.name in only or one.name not in NOT_QUICK]
    programs = programs or tools()
    count = max(one.feeds for one in scenarios)
    found: dict[str, Measured] = {}
    memory: list[Measured] = []
    with tempfile.TemporaryDirectory() as name, FeedServer(round(count * SPARE)) as server:
        bench = Bench(Path(name), server, programs)
        bench.choose(count)
        left_out = ", ".join(f"{name} {number}" for name, number in bench.left_out.items())
        note = (
            f"{len(server.urls):,} feeds were made; the first {len(bench.urls):,} that every program has "
            f"read whole are compared. Not read whole: {left_out}."
        )
        print(note, flush=True)
        for scenario in scenarios:
            one = bench.measure(scenario, rounds or (2 if quick else 5))
            print(table(one).text(), flush=True)
            found[scenario.name] = one
            if scenario.name in WATCHED:
                memory.append(bench.measure(scenario, 1, watched=True))
    aims = targets(found)
    tables = [
        Table("Polls", ("program", "version"), [(one.name, one.version() or "") for one in programs], note)
    ]
    tables += [table(one) for one in found.values()]
    if memory:
        tables.append(memory_table(memory))
        for one in memory:
            work = f"memory of all processes, {one.scenario.title}"
            aims.append(Target(work, one.runs[OURS][0].peak / 1e6, 150, 80, "MB"))
    costs = {
        f"{one.scenario.title}, {one.feeds:,} feeds": {
            name: median(runs, "cpu") * 1000 / one.feeds for name, runs in one.runs.items()
        }
        for one in found.values()
        if not one.scenario.state.latency
    }
    return Found(tables, aims, costs)


def main() -> None:
    """Prints a table for each scenario."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="thirty feeds, two rounds")
    options.add_argument("--only", action="append", choices=[one.name for one in SCENARIOS])
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--tools", default="", help="their names, with commas; ours is always there")
    chosen = options.parse_args()
    names = [OURS, *chosen.tools.split(",")]
    programs = [one for one in tools() if not chosen.tools or one.name in names]
    found = bench(quick=chosen.quick, only=chosen.only or (), rounds=chosen.rounds, programs=programs)
    print(targets_table(found.targets).text())


if __name__ == "__main__":
    main()
