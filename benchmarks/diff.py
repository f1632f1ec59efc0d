"""How long `monitor diff` takes over a database of generated items, and how much memory.

    .venv/bin/python benchmarks/diff.py                 100,000 items, about five minutes
    .venv/bin/python benchmarks/diff.py --items 10000

The rules are those of the shipped config.yaml. The items have about sixty words of made-up news, one in three
about the UK and China; they are judged and stored as a poll does it. Then the program itself runs in a child
process: an edit that one item in a thousand feels, one that every third does, one number under
`rules.relevance`, for which each item is judged anew, and `reclassify`, where each verdict is of other rules.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from monitor import config, resources
from monitor.models import Assessed, FeedState, Item, Source, SourceOutcome
from monitor.store import Store

NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
SOURCE = "generated"
BATCH = 1_000
CONSONANTS, VOWELS = "bdfgklmnprstvw", "aeiou"
NAMES = ["UK", "British", "London", "Britain", "China", "Chinese", "Beijing", "Hong Kong"]
SUBJECTS = [
    "trade deal",
    "tariffs",
    "embassy",
    "security",
    "visa",
    "investment",
    "human rights",
    "university",
]
RARE = "quillon"
"""One item in a thousand has this word."""


def items(count: int, dice: random.Random) -> Iterator[Item]:
    """Items that differ in address, length and words."""
    words = ["".join(dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(2)) for _ in range(2_000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for number in range(count):
        yield _item(number, dice, dice.choices(words, weights, k=dice.randrange(45, 75)))


def _item(number: int, dice: random.Random, words: list[str]) -> Item:
    if number % 3 == 0:
        for name in (*dice.sample(NAMES, 2), *dice.sample(SUBJECTS, 2)):
            words[dice.randrange(len(words))] = name
    if number % 1_000 == 0:
        words[-1] = RARE
    for at in range(12, len(words), 13):
        words[at] += "."
    return Item(
        key=f"https://generated.example/{number}",
        source_id=SOURCE,
        guid=str(number),
        url=f"https://generated.example/{number}",
        title=" ".join(words[:10]),
        summary=" ".join(words[10:]),
        published=NOW - timedelta(minutes=number % 100_000),
    )


def fill(folder: Path, count: int) -> None:
    """A config and a database of `count` judged items."""
    shipped = resources.starter_config().read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(shipped, encoding="utf-8")
    loaded = config.load(folder / "config.yaml", {})
    book = loaded.rulebook
    source = Source(SOURCE, SOURCE, "https://generated.example/", "other", SOURCE, timedelta(hours=1), 1, 1.0)
    stored = items(count, random.Random(1))
    with Store.open(loaded.database) as store:
        store.sync_sources([source])
        while assessed := tuple(Assessed(item, book.classify(item)) for item in islice(stored, BATCH)):
            store.record(SourceOutcome(FeedState(SOURCE), "ok", assessed), NOW)
    draft = shipped.replace("    threshold: 3 ", "    threshold: 4 ", 1)
    (folder / "draft.yaml").write_text(draft, encoding="utf-8")


def run(folder: Path, *args: str) -> None:
    """Runs the program, and prints how long it took, its peak memory, and what it found."""
    began = time.monotonic()
    command = [sys.executable, "-m", "monitor", "--now", "2026-01-29T09:00:00Z", *args, "--json"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        found = json.loads(child.stdout.read())
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0
    seconds, megabytes = time.monotonic() - began, used.ru_maxrss / 1024
    worked = used.ru_utime + used.ru_stime
    moves = f"{found['entered']:,} enter, {found['left']:,} leave, {found['refiled']:,} re-filed"
    print(
        f"{' '.join(args):<44}{seconds:7.1f} s ({worked:.1f} s of one core) {megabytes:4.0f} MB   {moves}",
        flush=True,
    )


def main() -> None:
    """Fills a database and tries the commands on it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder for the database, used again where it is filled")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "draft.yaml").exists():
            began = time.monotonic()
            fill(folder, args.items)
            print(f"{args.items:,} items judged and stored in {time.monotonic() - began:.0f} s")
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
        run(folder, "diff", "--add", f"trade:{RARE}")
        run(folder, "diff", "--drop", "uk:London*")
        run(folder, "diff", "--drop", "china:China", "--drop", "uk:UK")
        run(folder, "diff", "--rules", "draft.yaml")
        run(folder, "--config", "draft.yaml", "reclassify", "--dry-run")


if __name__ == "__main__":
    main()
