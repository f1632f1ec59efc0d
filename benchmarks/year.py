"""A year of the service in minutes, with a clock of our own: what is done to it, and what comes out.

    .venv/bin/python benchmarks/year.py              365 days; some minutes
    .venv/bin/python benchmarks/year.py --days 60    the first of them

Real feeds over HTTP on loopback, a real mail server, a real database; a tick every two hours and at 08:30 in
London, every quarter of an hour around the two changes of the clocks. Restarts, outages, edits and a full
disk fall on days drawn with a fixed seed. It counts, and ends with 1 where anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.cli.context import Context
from monitor.cli.service import Service
from monitor.models import Refusal
from tests import mail_server
from tests.loopback import Loopback
from tests.mail_server import EVERYONE, MailServer
from tests.program import rss, write_config

LONDON = ZoneInfo("Europe/London")
START = date(2026, 3, 2)
SOURCES = ("gazette", "ledger", "courier")
WINDOW = 25
"""Items that a feed shows."""
TO = ("ann@desk.example", "bert@desk.example")
MATTERS = (
    "tariffs on tea",
    "an embassy in Leeds",
    "a visit to Hull",
    "steel from Fife",
    "a trade fair in Bath",
)


@dataclass
class World:
    """All that is outside: feeds, the mail server, and what was published so far."""

    site: Loopback
    mail: MailServer
    luck: random.Random
    feeds: dict[str, list[tuple[str, str, datetime]]] = field(default_factory=dict)
    relevant: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    def publish(self, at: datetime) -> None:
        """Each source has an item now and then; two in three are about both countries."""
        for source in SOURCES:
            if self.luck.random() < 0.25:
                number = len(self.relevant) + len(self.others) + 1
                matter = self.luck.choice(MATTERS)
                if self.luck.random() < 0.67:
                    title = f"Britain and China: {matter}, report {number}"
                    self.relevant.add(title)
                else:
                    title = f"Parish news: {matter}, report {number}"
                    self.others.add(title)
                self.feeds.setdefault(source, []).insert(0, (title, f"Notes on no. {number}.", at))

    def serve(self, *, is_down: bool) -> None:
        """Puts the feeds as they are now on the server, or an error in their place."""
        for source in SOURCES:
            items = self.feeds.get(source, [])[:WINDOW]
            if is_down:
                self.site.serve(f"/{source}", b"", status=503)
            else:
                self.site.serve(f"/{source}", rss(*items, title=source))


def main() -> int:
    """Prints the summary. 1 where something was lost or doubled."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--days", type=int, default=365)
    days = options.parse_args().days
    logging.getLogger("monitor").setLevel(logging.CRITICAL)
    began, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder, Loopback() as site, MailServer("none") as mail:
        year = Year(Path(folder), World(site, mail, random.Random(20260302)), days)
        year.run()
        faults = year.report()
    print(f"{time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of processor time")
    return int(bool(faults))


class Year:
    """The service's keeper and its machine."""

    def __init__(self, folder: Path, world: World, days: int) -> None:
        self.folder, self.world, self.days = folder, world, days
        self.args = argparse.Namespace(config=str(folder / "config.yaml"), now="2026-03-02T00:00:00Z")
        self.happened: Counter[str] = Counter()
        luck = world.luck
        some = [START + timedelta(days=n) for n in luck.sample(range(3, days - 8), min(36, days // 4))]
        cuts = iter(some)
        self.restarts = {next(cuts) for _ in range(20)} if len(some) >= 36 else set(some[::3])
        self.outages = {next(cuts) for _ in range(5)} if len(some) >= 36 else set(some[1::3])
        self.edits = sorted([next(cuts) for _ in range(10)] if len(some) >= 36 else some[2::3])
        self.full_disk = START + timedelta(days=days // 2)
        self.edited = 0
        self.expected: set[str] = set()
        """The mornings whose edition is due: the latest one at each tick. What was missed for longer than to
        the next morning comes with that one's."""
        self.configure()

    def configure(self, more: str = "") -> None:
        """Writes the config, with more lines at its end."""
        rows = "\n".join(
            f"{{id: {name}, url: '{{site}}/{name}', kind: uk-media, every: 1h}}" for name in SOURCES
        )
        path = write_config(
            self.folder,
            self.world.site,
            rows,
            digests='digests:\n  daily: {title: UK-China daily, schedule: "30 8 * * mon-fri", '
            f"to: [{', '.join(TO)}]}}\n",
        )
        with path.open("a", encoding="utf-8") as file:
            file.write(
                f"mail: {{from: monitor@desk.example, host: localhost, port: {self.world.mail.port}, "
                f"security: none}}\n{more}"
            )

    def run(self) -> None:
        """All of it, and four quiet days after it."""
        service: Service | None = self.start()
        down_until = self.now_of(START)
        for at in self.ticks():
            day = at.astimezone(LONDON).date()
            self.world.publish(at)
            if day in self.restarts and at.astimezone(LONDON).hour >= 6:
                # Killed before the morning's digest, and away for two to fifty hours.
                self.restarts.discard(day)
                if service is None:  # away as it is: another day
                    self.restarts.add(day + timedelta(days=1))
                else:
                    service.__exit__()
                    down_until = at + timedelta(hours=self.world.luck.choice((2, 5, 26, 50)))
                    self.happened["restarts"] += 1
                    service = None
            if at < down_until:
                continue
            if service is None:
                service = self.start()
            self.outside(day, at)
            self.edit(day, service)
            self.args.now = at.isoformat()
            self.expected.add(self.last_slot(at))
            with self.disk(day, at):
                service.tick(lambda: False)
                self.happened["ticks"] += 1
        service = service or self.start()
        self.world.mail.behave()
        self.world.serve(is_down=False)
        for hours in range(1, 90, 2):
            self.args.now = (at + timedelta(hours=hours)).isoformat()
            service.tick(lambda: False)
        service.__exit__()

    def start(self) -> Service:
        """The service, as a container platform starts it again."""
        try:
            return Service(Context(self.args, os.environ, self.folder)).__enter__()
        except Refusal:
            # The config is broken just now: its keeper mends it.
            self.configure()
            return Service(Context(self.args, os.environ, self.folder)).__enter__()

    def ticks(self) -> Iterator[datetime]:
        """Every two hours, at 08:30 in London, and every quarter of an hour when the clocks change."""
        for number in range(self.days):
            day = START + timedelta(days=number)
            midnight = self.now_of(day)
            times = {midnight + timedelta(hours=hours) for hours in range(0, 24, 2)}
            times.add(datetime(day.year, day.month, day.day, 8, 30, tzinfo=LONDON).astimezone(UTC))
            if (
                midnight.astimezone(LONDON).utcoffset()
                != self.now_of(day + timedelta(days=1)).astimezone(LONDON).utcoffset()
            ):
                self.happened["changes of the clocks"] += 1
                times |= {midnight + timedelta(minutes=15 * quarter) for quarter in range(40)}
            yield from sorted(times)

    @staticmethod
    def now_of(day: date) -> datetime:
        """Midnight in UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    def outside(self, day: date, at: datetime) -> None:
        """An outage of feeds and mail server from six to eleven in the morning."""
        is_out = day in self.outages and 6 <= at.hour < 11
        if is_out and at.hour == 6:
            self.happened["outages"] += 1
        self.world.serve(is_down=is_out)
        self.world.mail.behave()
        if is_out:
            self.world.mail.cue(EVERYONE, mail_server.BUSY_AT_GREETING)

    def edit(self, day: date, service: Service) -> None:
        """An edit of the config, each third one broken; on a later day where the service was away."""
        if not self.edits or day < self.edits[0]:
            return
        del self.edits[0]
        self.edited += 1
        is_bad = self.edited % 3 == 0
        self.configure("topics: [\n" if is_bad else f"# edit {self.edited}\n")
        service.live.notice()
        self.happened["edits, bad" if is_bad else "edits, good"] += 1

    def disk(self, day: date, at: datetime) -> FullDisk:
        """On one morning nothing more can be written."""
        is_full = day == self.full_disk and 7 <= at.hour < 12
        if is_full:
            self.happened["ticks on a full disk"] += 1
        return FullDisk(self.folder / "data" / "monitor.db" if is_full else None)

    def report(self) -> list[str]:
        """Prints what was done and what came of it. Gives what is wrong."""
        with closing(sqlite3.connect(self.folder / "data" / "monitor.db")) as db:
            stored = [title for (title,) in db.execute("SELECT title FROM items")]
            editions = db.execute("SELECT slot, local_date, items FROM editions").fetchall()
            claims = Counter(
                title
                for (title,) in db.execute(
                    "SELECT title FROM edition_items JOIN items ON items.id = edition_items.item_id"
                )
            )
            fates = Counter(row[0] for row in db.execute("SELECT status FROM deliveries"))
            pruned = db.execute("SELECT count(*) FROM pruned").fetchone()[0]
            intact = db.execute("PRAGMA integrity_check").fetchone()[0]
        world = self.world
        slots = Counter(slot for slot, _, _ in editions)
        copies = Counter((to, mail) for to, mail in world.mail.taken)
        faults = {
            "items lost": len((world.relevant | world.others) - set(stored)) - pruned,
            "relevant items pruned": len(world.relevant - set(stored)),
            "items stored twice": sum(count - 1 for count in Counter(stored).values()),
            "relevant items in no edition": len(world.relevant - set(claims)),
            "relevant items in two editions": sum(count > 1 for count in claims.values()),
            "weekdays without their edition": len(
                {day for day in self.expected if day >= START.isoformat()} - set(slots)
            ),
            "editions twice for a day": sum(count > 1 for count in slots.values()),
            "mails lost": len(TO) * len(editions) - len(copies),
            "mails twice": sum(count - 1 for count in copies.values()),
            "damage to the file": int(intact != "ok"),
        }
        print(
            f"{self.days} days from {START}: " + ", ".join(f"{n} {what}" for what, n in self.happened.items())
        )
        print(f"{pruned} items that no rule found pruned after 90 days")
        print(
            f"{len(stored)} items stored, {len(world.relevant)} of them relevant, {len(editions)} editions, "
            f"{sum(not items for _, _, items in editions)} of them empty; mails: {dict(fates)}"
        )
        for what, count in faults.items():
            print(f"  {what}: {count}")
        return [what for what, count in faults.items() if count]

    @staticmethod
    def last_slot(at: datetime) -> str:
        """The latest weekday on which it has been 08:30 in London."""
        here = at.astimezone(LONDON)
        day = here.date() if (here.hour, here.minute) >= (8, 30) else here.date() - timedelta(days=1)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day.isoformat()


class FullDisk:
    """While this is open no file may grow beyond what the database is now; SIGXFSZ is ignored by Python."""

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def __enter__(self) -> None:
        if self._database:
            limit = max(4096, self._database.stat().st_size // 4)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, self._before[1]))

    def __exit__(self, *_error: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


if __name__ == "__main__":
    raise SystemExit(main())
