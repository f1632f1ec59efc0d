"""What years of data cost: the commands of every day on a database of one day, one year, five years.

    .venv/bin/python benchmarks/scale.py            five years; half an hour, 3 GB of disk
    .venv/bin/python benchmarks/scale.py --quick    one day and two months

Fifty sources bring 400 items a working day that no rule finds and some 30 that one does; a daily edition
each working day, a weekly each Monday (tests/archiving.py). Nothing is deleted until the end, when `prune`
deletes what the shipped retention does not keep. Each command is a process of its own on the real program,
with feeds over HTTP on loopback; what is printed is its processor time, its wall time and its peak of memory.
The service itself starts once and need not load the program for each poll, as the commands here do.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.models import Assessed, FeedState, Item, SourceOutcome, Verdict
from monitor.store import Store
from tests.archiving import CONFIG, TOPICS, Newsroom
from tests.conftest import make_source
from tests.loopback import Loopback
from tests.measured import figures, measured
from tests.program import rss

FIRST_DAY = date(2021, 11, 22)
EVENTS = 13
FEEDS, ITEMS, NEW = 50, 30, 3
UNMATCHED = 400
WORDS = [f"word{number}" for number in range(5_000)]
MORE = """\
sources:
{rows}
network: {{allow_private: ["{host}"]}}
web: {{listen: null}}
retention: {{unmatched: {unmatched}}}
rules: {{sides: {{uk: [UK, Britain, British], china: [China, Chinese, Beijing]}}}}"""


def main() -> None:
    """Prints a table for each age of the database."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="one day and two months")
    ages = (1, 60) if options.parse_args().quick else (1, 365, 5 * 365)
    with tempfile.TemporaryDirectory() as folder, Loopback() as site:
        years = Years(Path(folder), site)
        for days in ages:
            years.live_until(FIRST_DAY + timedelta(days=days))
            years.measure()
        years.prune()


class Years:
    """A database that grows, its config, and the feeds."""

    def __init__(self, folder: Path, site: Loopback) -> None:
        self.folder, self.site = folder, site
        self.day = FIRST_DAY
        self.items = 0
        self.configure(unmatched="forever")
        self.room = Newsroom.open(folder)
        self.room.store.sync_sources([make_source(f"f{number}") for number in range(FEEDS)])
        self.room.store.close()
        self.polls = 0

    def configure(self, *, unmatched: str) -> None:
        """The config of the commands; Newsroom has the same topics and digests."""
        rows = "\n".join(
            f"  - {{id: f{number}, url: '{self.site.url(f'/f{number}')}', kind: uk-media}}"
            for number in range(FEEDS)
        )
        topics = "\n".join(f"  {id_}: {{title: {title}, terms: [{id_}]}}" for id_, title in TOPICS.items())
        more = MORE.format(rows=rows, host=self.site.host, unmatched=unmatched)
        (self.folder / "config.yaml").write_text(CONFIG.format(more=more, topics=topics), encoding="utf-8")

    def live_until(self, day: date) -> None:
        """Days of polls and editions, without the program around them."""
        began = time.monotonic()
        with Store.open(self.folder / "monitor.db") as store:
            self.room.store = store
            for today in self.room.days(self.day, (day - self.day).days, EVENTS):
                for source, some in self.unmatched(today):
                    store.record(SourceOutcome(FeedState(source), "ok", some, windowed=False), noon(today))
        self.day = day
        print(f"\n(made until {day} in {time.monotonic() - began:.0f} s)")

    def unmatched(self, day: date) -> Iterator[tuple[str, tuple[Assessed, ...]]]:
        """What no rule finds."""
        for number in range(FEEDS):
            some = []
            for _ in range(UNMATCHED // FEEDS):
                self.items += 1
                text = " ".join(self.room.dice.choices(WORDS, k=45))
                url = f"https://f{number}.example/{self.items}"
                title = f"Local news {self.items}: {text[:50]}"
                item = Item(url, f"f{number}", url, url, title, summary=text, published=noon(day))
                some.append(Assessed(item, Verdict(False, 0.0, (), (), "rules1")))
            yield f"f{number}", tuple(some)

    def measure(self) -> None:
        """The commands of a day."""
        size = (self.folder / "monitor.db").stat().st_size
        print(f"{self.items:,} items no rule finds, {self.room.reports:,} reports, {size / 1e6:,.0f} MB")
        self.serve(new=0)
        self.timed("check", "check")
        self.timed("poll, first of 50 feeds", "poll", "--all")
        self.timed("poll, nothing changed", "poll", "--all")
        self.serve(new=NEW)
        self.timed(f"poll, {NEW} feeds with a new item", "poll", "--all")
        self.timed("archive, what is lacking", "archive")
        self.timed("digest", "digest", "daily")
        self.timed("search", "search", "renminbi")
        self.timed("sources", "sources")
        self.timed("health", "health")
        self.timed("stats", "stats")
        (self.folder / "copy.db").unlink(missing_ok=True)
        self.timed("backup", "backup", "copy.db")

    def prune(self) -> None:
        """Ninety days of what no rule finds are kept, and the file made small."""
        (self.folder / "copy.db").unlink(missing_ok=True)
        self.configure(unmatched="90d")
        print("\nafter `retention: {unmatched: 90d}`")
        self.timed("prune --vacuum", "prune", "--vacuum")
        self.measure()

    def serve(self, *, new: int) -> None:
        """Feeds with validators; some have one item more than before."""
        self.polls += 1
        at = noon(self.day)
        for number in range(FEEDS):
            news = [(f"Britain and China: matter {self.polls}-{number}", "Tariffs and trade.", at)] * (
                number < new
            )
            old = [
                (f"Old matter {number}-{place} of {self.day}", "Bins and roads.", at)
                for place in range(ITEMS)
            ]
            self.site.serve(f"/f{number}", rss(*news, *old), etag=f'"{self.day}-{number < new}"')

    def timed(self, what: str, *command: str) -> None:
        """Runs the program and prints what it took."""
        began = time.perf_counter()
        done = subprocess.run(
            measured(
                *(sys.executable, "-m", "monitor", "--now", f"{self.day}T12:{self.polls % 60:02}:00Z"),
                *command,
            ),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        *said, used = done.stderr.splitlines()
        peak, cpu = figures(used)
        remark = f"  exit {done.returncode}: {' '.join(said)[-200:]}" if done.returncode else ""
        print(f"  {what:32} {cpu:7.2f} {seconds:7.2f} s  {peak / 1e6:6.0f} MB{remark}", flush=True)


def noon(day: date) -> datetime:
    """Of that day in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


if __name__ == "__main__":
    main()
