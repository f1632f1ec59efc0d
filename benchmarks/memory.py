"""What the service holds in memory after many polls.

    .venv/bin/python benchmarks/memory.py                 1,000 polls of 50 feeds; some minutes
    .venv/bin/python benchmarks/memory.py --polls 100

The service runs in a process of its own with a clock of its own, an hour from poll to poll; feeds come over
HTTP from this process. At each poll three of the fifty feeds have a new item, ten more have the same items in
other bytes, the others answer 304. What is printed is resident memory in megabytes: of the service, and the
most that its helper processes held.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.cli.context import Context
from monitor.cli.service import Service
from tests.loopback import Loopback
from tests.program import rss, write_config

START = datetime(2026, 3, 2, tzinfo=UTC)
FEEDS, ITEMS = 50, 30
AT = (1, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000)
NEW, OTHER_BYTES = 3, 10


def main() -> int:
    """Prints a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--polls", type=int, default=1000)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.folder:
        serve_until_told(chosen.folder)
    else:
        with tempfile.TemporaryDirectory() as folder, Loopback() as site:
            watch(Path(folder), site, chosen.polls)
    return 0


def watch(folder: Path, site: Loopback, polls: int) -> None:
    """The world outside: changes the feeds, lets the service poll, looks at its memory."""
    rows = "\n".join(
        f"{{id: f{number}, url: '{{site}}/f{number}', kind: uk-media, every: 1h}}" for number in range(FEEDS)
    )
    digests = 'digests:\n  daily: {title: UK-China daily, schedule: "30 8 * * *"}\n'
    write_config(folder, site, rows, digests=digests)
    world = World(site)
    with subprocess.Popen(
        [sys.executable, __file__, "--folder", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as service:
        assert service.stdin
        assert service.stdout
        print(f"{FEEDS} feeds of {ITEMS} items\n polls  service MB  helpers MB, at most")
        for poll in range(1, polls + 1):
            world.turn(poll)
            service.stdin.write(f"{(START + timedelta(hours=poll)).isoformat()}\n")
            told = service.stdout.readline().split()
            if not told:
                raise SystemExit("the service has ended")
            if poll in AT or poll == polls:
                print(f"{poll:>6}  {int(told[0]) / 1024:>10.1f}  {int(told[1]) / 1024:>10.1f}", flush=True)
        service.stdin.close()


class World:
    """The feeds as they are now."""

    def __init__(self, site: Loopback) -> None:
        self.site = site
        self.made = 0
        self.feeds = [[self.item(START) for _ in range(ITEMS)] for _ in range(FEEDS)]

    def item(self, at: datetime) -> tuple[str, str, datetime]:
        """Two of three are about both countries."""
        self.made += 1
        matter = ("Britain and China", "The parish council")[self.made % 3 == 0]
        text = f"{matter} talk about matter no. {self.made}. " + "It went on for the whole day. " * 20
        return f"{matter}: report {self.made}", text, at

    def turn(self, poll: int) -> None:
        """Some feeds have a new item, some the old ones in other bytes."""
        at = START + timedelta(hours=poll)
        for number in range(FEEDS):
            place = (number + poll * 7) % FEEDS
            if place < NEW and poll > 1:
                self.feeds[number] = [self.item(at), *self.feeds[number][: ITEMS - 1]]
            if place < NEW + OTHER_BYTES or poll == 1:
                body = rss(*self.feeds[number], title=f"Feed {number}") + f"<!-- {poll} -->".encode()
                self.site.serve(f"/f{number}", body, etag=f'"{number}-{poll}"')


def serve_until_told(folder: Path) -> None:
    """The service: one tick for each moment that it reads, one line with what it holds then."""
    logging.getLogger("monitor").setLevel(logging.CRITICAL)
    args = argparse.Namespace(config=str(folder / "config.yaml"), now=START.isoformat())
    with Service(Context(args, os.environ, folder)) as service:
        for line in sys.stdin:
            args.now = line.strip()
            service.tick(lambda: False)
            print(resident("self"), max(map(resident, helpers()), default=0), flush=True)


def resident(process: str) -> int:
    """Kilobytes of memory of a process of Linux; for a process that is gone 0."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return 0
    return next(
        (
            int(line.split()[1])
            for line in lines
            if line.startswith("VmHWM" if process != "self" else "VmRSS")
        ),
        0,
    )


def helpers() -> list[str]:
    """The processes that this one has started and that still run."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


if __name__ == "__main__":
    raise SystemExit(main())
