"""Ten thousand sources on one machine, by simulation: what each part costs, and what breaks first.

    .venv/bin/python benchmarks/tenthousand.py                 ten minutes
    .venv/bin/python benchmarks/tenthousand.py --sources 1000

Each source is an address of its own on loopback (127.x.y.z), with thirty entries, validators, and an answer
that waits where latency is asked for. What the database holds of a year, sixty arrivals of each source and
their items, is written by SQL. A cold poll is made of the first thousand sources, polls of 304 and the ticks
of the service, in which nothing is due, of all. Seconds are of processor time unless they are called wall.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.memory import helpers, resident
from monitor import config as configuration
from monitor.cli.context import Context
from monitor.cli.service import Service
from monitor.models import FeedState, SourceOutcome
from monitor.store import Store
from tests.measured import figures, measured
from tests.program import RULES, rss

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COLD = 1_000
ARRIVALS, ITEMS = 60, 30
LATENCY = 0.2
CONFIG = """\
database: monitor.db
output: site
polling: {{concurrency: {concurrency}, look_up: false}}
network: {{allow_private: ["127.0.0.0/8"]}}
web: {{listen: null}}
{rules}
digests:
  daily: {{title: Daily, schedule: "30 8 * * *"}}
sources:
{sources}
"""
SIGHTED = """
    WITH RECURSIVE numbers (number) AS (
        SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number < :most
    )
    INSERT INTO items (
        title, outlet, kind, published, first_seen, relevant, score, topic, topics, reason, url, key,
        source_id, guid, lang, rules_version, content_hash, parts, matches, summary, text
    )
    SELECT
        'Matter ' || number || ' of the parish council and of its bins', 'Paper', 'other', NULL,
        strftime('%Y-%m-%dT%H:%M:%SZ', :now, '-' || (1 + number / :sources * 6) || ' days'),
        0, 0, NULL, '[]', 'nothing about either side', 'https://paper.example/' || number,
        'https://paper.example/' || number, 's' || (number % :sources), number, 'en', 'rules1', number,
        '[]', '[]',
        'It was discussed at length, and put off until the next meeting of the council in the spring.', ''
    FROM numbers
"""


def main() -> None:
    """Prints what each thing took."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--sources", type=int, default=10_000)
    options.add_argument("--ticks", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve is not None:
        asyncio.run(serve(chosen.serve))
    elif chosen.ticks:
        tick(chosen.ticks)
    else:
        with tempfile.TemporaryDirectory() as folder:
            Simulated(Path(folder), chosen.sources).run()


class Simulated:
    """Configs, a database, and what was measured on them."""

    def __init__(self, folder: Path, sources: int) -> None:
        self.folder, self.sources = folder, sources
        self.at = NOW

    def run(self) -> None:
        """All of it."""
        print(f"{self.sources:,} sources")
        with server(0) as port:
            self.configure(self.sources, port)
            began = time.process_time()
            configuration.load(self.folder / "config.yaml", {})
            say("the config read", time.process_time() - began)
            self.configure(cold := min(COLD, self.sources), port)
            self.command(f"cold poll of {cold:,}", "poll", "--all")
            size = (self.folder / "monitor.db").stat().st_size
            say(f"database after {cold * ITEMS:,} items", size / 1e6, "MB")
            self.command(f"poll of {cold:,}, all 304", "poll", "--all")
            self.command(f"poll of {cold:,}, nothing due", "poll")
        with server(LATENCY) as port:
            for concurrency in (16, 64):
                (self.folder / "monitor.db").unlink()
                self.configure(cold, port, concurrency)
                self.live_a_year()
                self.command(
                    f"poll of {cold:,}, all 304, {LATENCY} s latency, {concurrency} at once", "poll", "--all"
                )
                ideal = LATENCY * cold / concurrency
                say("  of which waiting alone, at the least", ideal, "s wall")
        (self.folder / "monitor.db").unlink()
        with server(0) as port:
            self.configure(self.sources, port)
            self.live_a_year()
            size = (self.folder / "monitor.db").stat().st_size
            say(f"database of {self.sources * ARRIVALS:,} short items without full text", size / 1e6, "MB")
            self.command(f"poll of {self.sources:,}, all 304", "poll", "--all")
            self.command(f"poll of {self.sources:,}, nothing due", "poll")
            self.command("sources", "sources")
            self.calls()
            subprocess.run([sys.executable, __file__, "--ticks", str(self.folder)], check=True)

    def configure(self, sources: int, port: int, concurrency: int = 16) -> None:
        """As many sources as are wanted, each an hour from poll to poll."""
        rows = "".join(
            f"  - {{id: s{number}, url: 'http://{address(number)}:{port}/feed', kind: other}}\n"
            for number in range(sources)
        )
        text = CONFIG.format(concurrency=concurrency, rules=RULES, sources=rows)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def live_a_year(self) -> None:
        """What the database holds of sources that were read for a year, each with a validator."""
        config = configuration.load(self.folder / "config.yaml", {})
        with Store.open(self.folder / "monitor.db") as store:
            store.sync_sources(config.sources)
            for source in config.sources:
                state = FeedState(
                    source.id,
                    url=source.url_mark,
                    etag='"1"',
                    last_polled=NOW,
                    last_ok=NOW,
                    last_new=NOW - timedelta(days=1),
                    next_due=NOW + timedelta(hours=1),
                    http_status=200,
                )
                store.record(SourceOutcome(state, "unchanged"), NOW)
        with closing(sqlite3.connect(self.folder / "monitor.db")) as db, db:
            sources = len(config.sources)
            most = sources * ARRIVALS - 1
            db.execute(SIGHTED, {"most": most, "sources": sources, "now": f"{NOW:%Y-%m-%d %H:%M:%S}"})
            db.execute(
                "INSERT INTO sightings (source_id, item_id, guid, first_seen, last_seen) "
                "SELECT source_id, id, guid, first_seen, first_seen FROM items"
            )

    def command(self, what: str, *command: str) -> None:
        """Runs the program and prints what it took."""
        self.at += timedelta(minutes=1)
        began = time.perf_counter()
        done = subprocess.run(
            measured(*(sys.executable, "-m", "monitor", "--now", f"{self.at:%Y-%m-%dT%H:%M:%SZ}"), *command),
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        wall = time.perf_counter() - began
        if done.returncode or "Traceback" in done.stderr:
            raise SystemExit(f"{command}: exit {done.returncode}: {done.stderr[-1000:]}")
        peak, cpu = figures(done.stderr.splitlines()[-1])
        say(what, cpu, f"s, {wall:.1f} s wall, {peak / 1e6:.0f} MB")

    def calls(self) -> None:
        """What a tick asks of the database, each by itself; and what it writes to the disk."""
        config = configuration.load(self.folder / "config.yaml", {})
        log = self.folder / "monitor.db-wal"
        with Store.open(self.folder / "monitor.db") as store:
            with closing(sqlite3.connect(store.path)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.sync_sources(config.sources)
            say("  sync_sources writes", log.stat().st_size / 1e6, "MB")
            for name, call in (
                ("sync_sources", lambda: store.sync_sources(config.sources)),
                ("feed_states", store.feed_states),
                ("arrivals", store.arrivals),
                ("source_report", store.source_report),
            ):
                found = []
                for _ in range(3):
                    began = time.process_time()
                    call()
                    found.append(time.process_time() - began)
                say(f"  {name}", statistics.median(found))


def tick(folder: Path) -> None:
    """Ticks of the service in which nothing is due: the first one, and those that follow."""
    logging.getLogger("monitor").setLevel(logging.CRITICAL)
    os.chdir(folder)
    args = argparse.Namespace(config=str(folder / "config.yaml"), now=NOW.isoformat())
    began = time.process_time()
    with Service(Context(args, os.environ, folder)) as service:
        for number in range(4):
            args.now = f"{NOW + timedelta(minutes=10 + number):%Y-%m-%dT%H:%M:%SZ}"
            service.tick(lambda: False)
            say(f"tick {number + 1}, nothing due", time.process_time() - began)
            began = time.process_time()
        say("held by the service", resident("self") / 1024, "MB")
        say("held by each of its helpers", max(map(resident, helpers()), default=0) / 1024, "MB")


def say(what: str, number: float, unit: str = "s") -> None:
    """Prints one figure."""
    print(f"{what:60} {number:9.3f} {unit}", flush=True)


def address(number: int) -> str:
    """An address of this machine alone, for each source its own."""
    return f"127.{1 + number // 60_000}.{number // 240 % 250}.{1 + number % 240}"


@contextmanager
def server(latency: float) -> Iterator[int]:
    """A server in a process of its own; its port."""
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", str(latency)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def serve(latency: float) -> None:
    """Answers on every address of loopback until it is ended."""
    listening = socket.create_server(("0.0.0.0", 0), backlog=1024)
    loop = asyncio.get_running_loop()
    running = await loop.create_server(lambda: Answering(latency), sock=listening)
    print(listening.getsockname()[1], flush=True)
    await running.serve_forever()


class Answering(asyncio.Protocol):
    """One connection: whoever has the validator gets 304, anyone else a document."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps where the answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that is whole."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            loop = asyncio.get_running_loop()
            loop.call_later(self._latency, self._answer, head.lower())

    def _answer(self, head: bytes) -> None:
        if b"if-none-match:" in head:
            self._transport.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
            return
        host = head.partition(b"host: ")[2].partition(b"\r\n")[0].decode()
        body = document(host)
        self._transport.write(
            b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/rss+xml\r\n'
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )


def document(host: str) -> bytes:
    """Thirty entries, one of them about both countries."""
    name = host.partition(":")[0]
    text = "It was discussed at length, and put off until the next meeting of the council. " * 4
    matters = ["Britain and China talk about trade", *["The parish council and its bins"] * (ITEMS - 1)]
    items = [(f"{matter}: {place} of {name}", text) for place, matter in enumerate(matters)]
    return rss(*items, title=f"Paper {name}").replace(b"gazette.example", name.encode())


if __name__ == "__main__":
    main()
