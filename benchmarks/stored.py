"""What a large database costs: each call and each command of a day, with 10,000 to 1,000,000 items stored.

    .venv/bin/python benchmarks/stored.py                everything; a quarter of an hour more the first time
    .venv/bin/python benchmarks/stored.py --quick        the two smaller files
    .venv/bin/python benchmarks/stored.py --only calls   or: digest, search, ingest, commands

Processor time in milliseconds, of this process for calls and of all its processes for a command: the median
of seven, with a warm cache. Calls are those of `monitor.store`, values made and transactions ended, so the
time within SQLite is less. `--plot FILE` draws what a poll costs against what is stored.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import filled
from benchmarks.curves import lines
from monitor import config as configuration
from monitor.config import Config
from monitor.jobs.health import tell
from monitor.jobs.publish import Occasion, compose
from monitor.models import FeedState, SourceOutcome
from monitor.store import Store
from monitor.text import alike
from tests.loopback import Loopback
from tests.measured import figures, measured
from tests.program import rss

TIMES, RUNS = 7, 5
FEEDS, NEW = 50, 3
INGESTED_BESIDE = MOST_JUDGED = 100_000
"""At this size indexing is measured, and up to it judging everything again."""
QUERIES = {
    "a rare word": filled.RARE_WORD,
    "a word of 1 item in 100": filled.WORDS[600],
    "a word of 1 item in 9": filled.WORDS[60],
    "a word of 4 items in 5": filled.WORDS[1],
    "two words, OR": f"{filled.WORDS[600]} OR {filled.WORDS[900]}",
    "a phrase": f'"{filled.WORDS[30]} {filled.WORDS[60]}"',
    "a phrase of two very common words": f'"{filled.WORDS[3]} {filled.WORDS[4]}"',
    "Chinese": filled.CHINESE_WORD,
    "Chinese that is nowhere": "港澳办",
}
CONFIG = """\
timezone: Europe/London
database: {database}
output: {output}
polling: {{look_up: false}}
network: {{allow_private: ["{host}"]}}
web: {{listen: null}}
retention: {{unmatched: forever}}
rules: {{sides: {{uk: [UK, Britain, British], china: [China, Chinese, Beijing]}}}}
topics:
{topics}
digests:
  daily: {{title: Daily, schedule: "30 8 * * *"}}
  trade: {{title: Trade, schedule: "30 8 * * *", topics: [trade]}}
sources:
{sources}
"""

Table = dict[str, dict[int, float]]
"""Milliseconds by what was done and how many items were stored."""


def main() -> None:
    """Prints a table for each part."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="without the million")
    options.add_argument("--only", choices=PARTS, help="one part")
    options.add_argument("--plot", type=Path, help="where to draw what a poll costs (SVG)")
    chosen = options.parse_args()
    sizes = filled.SIZES[:2] if chosen.quick else filled.SIZES
    for size in sizes:
        filled.database(size)
    for name, part in PARTS.items():
        if chosen.only in (None, name):
            table: Table = defaultdict(dict)
            for size in sizes:
                with Loopback() as site:
                    part(Copy(size, site), partial(note, table, size))
            show(name, table, sizes)
            if name == "commands" and chosen.plot:
                chosen.plot.write_text(plotted(table), encoding="utf-8")


Note = Callable[[str, float], None]


def note(table: Table, size: int, what: str, seconds: float) -> None:
    """Takes one figure in."""
    table[what][size] = seconds * 1000


def show(name: str, table: Table, sizes: Sequence[int]) -> None:
    """Prints a table."""
    print(f"\n{name:62}" + "".join(f"{size:>12,}" for size in sizes))
    for what, figures_ in table.items():
        in_order = [f"{figures_[size]:12.2f}" if size in figures_ else f"{'':12}" for size in sizes]
        print(f"  {what:60}" + "".join(in_order), flush=True)


class Copy:
    """A copy of a database of some size, with a config that fits; it may be written to."""

    def __init__(self, size: int, site: Loopback) -> None:
        self.size, self.site = size, site
        self.documents = filled.documents(size)
        self.now = filled.came_at(self.documents) - timedelta(minutes=30)
        self.folder = filled.FOLDER / "work"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.path = self.folder / "monitor.db"
        shutil.copyfile(filled.database(size), self.path)
        self.file = self.folder / "config.yaml"
        self.file.write_text(self._config(), encoding="utf-8")
        self.used = 0
        # To the present schema, where the file is of an earlier one.
        Store.open(self.path).close()

    def _config(self) -> str:
        topics = "".join(
            f"  {id_}: {{title: {title}, terms: [{id_}]}}\n" for id_, title in filled.TOPICS.items()
        )
        rows = "".join(
            f"  - {{id: {one.id}, name: {one.name}, outlet: {one.outlet}, kind: {one.kind}, "
            f"url: '{self.site.url(f'/{one.id}')}', enabled: {str(number < FEEDS).lower()}}}\n"
            for number, one in enumerate(filled.sources())
        )
        return CONFIG.format(
            database=self.path, output=self.folder / "site", host=self.site.host, topics=topics, sources=rows
        )

    @property
    def config(self) -> Config:
        """The config, read."""
        return configuration.load(self.file, {})


def median(work: Callable[[], object], times: int = TIMES) -> float:
    """Seconds of processor time, after once without counting."""
    work()
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return statistics.median(found)


def calls(copy: Copy, tell_of: Note) -> None:
    """All that a poll asks of the database."""
    config, now = copy.config, copy.now
    with Store.open(copy.path) as store:
        store.sync_sources(config.sources)

        last = copy.documents - 1
        state = FeedState(filled.source_of(last), last_polled=now, last_ok=now)
        known = filled.document(last)
        # Of the same source, and not stored yet.
        fresh = (filled.document(last + filled.SOURCES * number) for number in count(1))
        some = list(islice(fresh, 2 * TIMES + 2))
        documents = {
            "30 of 30 known": [known] * (TIMES + 1),
            "1 of 30 new": [(new[0], *known[1:]) for new in some[: TIMES + 1]],
            "30 of 30 new": some[TIMES + 1 :],
        }
        for what, in_turn in documents.items():
            outcomes = [SourceOutcome(state, "ok", document) for document in in_turn]
            tell_of(f"record: {what}", median(partial(record_next, store, outcomes, now)))
        tell_of("sync_sources", median(lambda: store.sync_sources(config.sources)))
        tell_of("feed_states", median(store.feed_states))
        tell_of("arrivals", median(store.arrivals))
        tell_of("source_report", median(store.source_report))
        asked = [source.id for source in config.sources]
        tell_of("tell (with the two above)", median(lambda: tell(config, store, now, asked)))
        tell_of("wanted_pages, of GOV.UK", median(lambda: store.wanted_pages(now, limit=100)))
        teasers = [f"f{number}" for number in range(10)]
        tell_of(
            "wanted_pages, articles",
            median(lambda: store.wanted_pages(now, govuk=False, full_text=teasers, limit=40)),
        )
        store.settle(config.digests)
        mark = store.figures().mark
        tell_of("figures", median(lambda: store.figures(mark)))
        tell_of("count_unclaimed", median(lambda: store.count_unclaimed("daily")))


def record_next(store: Store, outcomes: list[SourceOutcome], now: datetime) -> None:
    """One that was not recorded yet."""
    store.record(outcomes.pop(), now)


class Timed:
    """A store that counts the processor time within its methods."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.spent: dict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> object:
        method = getattr(self.store, name)
        if not callable(method):
            return method

        def timed(*args: object, **kwargs: object) -> object:
            began = time.process_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.spent[name] += time.process_time() - began

        return timed


def digest(copy: Copy, tell_of: Note) -> None:
    """An edition of the last day, composed."""
    config, now = copy.config, copy.now
    with Store.open(copy.path) as store:
        store.sync_sources(config.sources)
        # As after the edition of the day before.
        store.settle(config.digests)
        for spec in config.digests:
            spent = defaultdict(list)
            for _ in range(TIMES + 1):
                timed = Timed(store)
                compose(config, cast("Store", timed), spec, Occasion(now.date()), now)
                for name, seconds in timed.spent.items():
                    spent[name].append(seconds)
                spent["all"].append(sum(timed.spent.values()))
            medians = {name: statistics.median(seconds[1:]) for name, seconds in spent.items()}
            tell_of(f"{spec.id}: all in the store", medians.pop("all"))
            for name, seconds in sorted(medians.items()):
                tell_of(f"{spec.id}: {name}", seconds)


def search(copy: Copy, tell_of: Note) -> None:
    """Twenty hits."""
    with Store.open(copy.path, read_only=True) as store:
        for what, query in QUERIES.items():
            tell_of(what, median(partial(store.search, query, alike=alike)))
            tell_of(
                f"{what} --relevant", median(partial(store.search, query, relevant_only=True, alike=alike))
            )
            tell_of(
                f"{what} --topic trade --since 30d",
                median(
                    partial(
                        store.search,
                        query,
                        topics=["trade"],
                        since=copy.now - timedelta(days=30),
                        alike=alike,
                    )
                ),
            )


def ingest(copy: Copy, tell_of: Note) -> None:
    """Full-text indexing of 3,000 more items beside those that are there; so many in each transaction."""
    if copy.size != INGESTED_BESIDE:
        return
    with closing(sqlite3.connect(copy.path, isolation_level=None)) as db:
        values = db.execute("SELECT title, summary, text FROM items ORDER BY id DESC LIMIT 3000").fetchall()
        db.executescript("""
            PRAGMA synchronous = NORMAL;
            CREATE TABLE texts (id INTEGER PRIMARY KEY, title, summary, text);
            CREATE VIRTUAL TABLE texts_fts USING fts5(
                title, summary, text, content='texts', content_rowid='id',
                tokenize='unicode61 remove_diacritics 2'
            );
            INSERT INTO texts SELECT id, title, summary, text FROM items;
            INSERT INTO texts_fts (rowid, title, summary, text) SELECT id, title, summary, text FROM texts;
            INSERT INTO texts_fts (texts_fts) VALUES ('optimize');
        """)
        for size in (30, 600, 3000):
            plain = _ingest(db, values, size, fts="none")
            ours = _ingest(db, values, size, fts="ours")
            triggered = _ingest(db, values, size, fts="trigger")
            tell_of(f"{size} at once: rows without full text, µs a row", plain / len(values) * 1000)
            tell_of(f"{size} at once: INSERT … SELECT, µs a row", ours / len(values) * 1000)
            tell_of(f"{size} at once: a trigger for each row, µs", triggered / len(values) * 1000)
            tell_of(f"{size} at once: trigger / ours (x)", triggered / ours / 1000)
            tell_of(
                f"{size} at once: the same of full text alone (x)",
                (triggered - plain) / (ours - plain) / 1000,
            )


TRIGGER = """
    CREATE TRIGGER texts_indexed AFTER INSERT ON texts BEGIN
        INSERT INTO texts_fts (rowid, title, summary, text)
        VALUES (new.id, new.title, new.summary, new.text);
    END
"""


def _ingest(db: sqlite3.Connection, values: Sequence[tuple[str, ...]], size: int, *, fts: str) -> float:
    """Seconds; nothing is left of it."""
    if fts == "trigger":
        db.execute(TRIGGER)

    def work() -> None:
        db.execute("BEGIN")
        for first in range(0, len(values), size):
            last = db.execute("SELECT coalesce(max(id), 0) FROM texts").fetchone()[0]
            db.executemany(
                "INSERT INTO texts (title, summary, text) VALUES (?, ?, ?)", values[first : first + size]
            )
            if fts == "ours":
                db.execute(
                    "INSERT INTO texts_fts (rowid, title, summary, text) "
                    "SELECT id, title, summary, text FROM texts WHERE id > ?",
                    [last],
                )
            db.execute("COMMIT")
            db.execute("BEGIN")
        db.execute("COMMIT")

    found = median(work, 5)
    db.execute("DROP TRIGGER IF EXISTS texts_indexed")
    return found


def commands(copy: Copy, tell_of: Note) -> None:
    """The program itself."""
    serve(copy, new=0, poll=0)
    run(copy, "poll", "--all")

    def poll(new: int) -> float:
        found = []
        for _ in range(RUNS):
            copy.used += 1
            if new:
                serve(copy, new=new, poll=copy.used)
            copy.now += timedelta(minutes=1)
            found.append(run(copy, "poll", "--all"))
        return statistics.median(found)

    tell_of("poll, 50 feeds, all 304", poll(0))
    tell_of(f"poll, 50 feeds, {NEW} with a new item", poll(NEW))
    tell_of("poll, nothing due", statistics.median(run(copy, "poll") for _ in range(RUNS)))
    tell_of(
        "digest --preview", statistics.median(run(copy, "digest", "daily", "--preview") for _ in range(RUNS))
    )
    for what, query in QUERIES.items():
        tell_of(f"search, {what}", statistics.median(run(copy, "search", query) for _ in range(3)))
    tell_of("digest", run(copy, "digest", "daily"))
    tell_of("sources", statistics.median(run(copy, "sources") for _ in range(3)))
    tell_of("health", statistics.median(run(copy, "health") for _ in range(3)))
    if copy.size <= MOST_JUDGED:
        tell_of("stats", run(copy, "stats"))


def serve(copy: Copy, *, new: int, poll: int) -> None:
    """Feeds with validators; some have one item more than before."""
    at = copy.now
    for number in range(FEEDS):
        if poll and number >= new:
            continue
        old = [(f"Old matter {number}-{place}", "Bins and roads.", filled.FIRST_DAY) for place in range(30)]
        news = [(f"Britain and China: matter {poll}-{number}", "Tariffs and trade.", at)] * bool(poll)
        copy.site.serve(f"/f{number}", rss(*news, *old), etag=f'"{poll}"')


def run(copy: Copy, *command: str) -> float:
    """Seconds of processor time of one command."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        measured(
            *(sys.executable, "-m", "monitor", "--config", str(copy.file)),
            *("--now", f"{copy.now:%Y-%m-%dT%H:%M:%SZ}"),
            *command,
        ),
        cwd=filled.FOLDER.parent.parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    *said, used = done.stderr.splitlines()
    if done.returncode not in (0, 1) or any("Traceback" in line for line in said):
        raise SystemExit(f"{command}: exit {done.returncode}: {' '.join(said)[-500:]}")
    return figures(used)[1]


def plotted(table: Table) -> str:
    """The lines of what polls cost, as SVG."""
    shown = [what for what in table if what.startswith("poll")]
    return lines(
        "Processor time of one `monitor poll`, milliseconds",
        "items stored",
        {what: sorted(table[what].items()) for what in shown},
    )


PARTS: dict[str, Callable[[Copy, Note], None]] = {
    "calls": calls,
    "digest": digest,
    "search": search,
    "ingest": ingest,
    "commands": commands,
}

if __name__ == "__main__":
    main()
