"""Killed at any statement of a digest and its sending, then started again: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from monitor import config as configuration
from monitor import resources
from monitor.config import Config
from monitor.deliver.smtp import Timeouts
from monitor.jobs.publish import Occasion, due_digests, publish, put_out
from monitor.jobs.send import send
from monitor.models import DigestSpec
from monitor.render import Environment, environment
from monitor.store import Store

from .conftest import NOW, make_item
from .mail_server import MailServer
from .program import write_config
from .storing import open_store, record
from .test_store_kill import killed_at_statement, sound

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked here")

TO = ("ann@example.org", "cleo@example.org")
DIGESTS = f"""
database: monitor.db
output: site
digests:
  daily: {{title: UK-China daily, schedule: "30 8 * * mon-fri", to: [{", ".join(TO)}]}}
"""
READS = "" if os.environ.get("MONITOR_TESTS_SWEEP") == "all" else r"SELECT|PRAGMA|BEGIN$"
"""What only reads changes nothing: a kill before it leaves what a kill before the next write leaves. With
MONITOR_TESTS_SWEEP=all each statement has its turn all the same."""
QUICK = Timeouts(connect=5, command=5, data=5, final=5, quit=0.2)
SLOT = Occasion(date(2026, 1, 29), "2026-01-29", NOW)


@dataclass(frozen=True)
class Room:
    """What every run needs, made once."""

    config: Config
    env: Environment

    @property
    def spec(self) -> DigestSpec:
        return self.config.digests[0]

    def run(self, minutes: float = 0) -> None:
        """As `once` and the service do: the edition that is due, its files, its mails."""
        now = NOW + timedelta(minutes=minutes)
        with Store.open(self.config.database) as store:
            due = due_digests(self.config, store, lambda _spec: SLOT, now)
            for spec, occasion in due:
                publish(self.config, store, self.env, spec, occasion, now)
            put_out(self.config, store, self.env)
            send(self.config, store, now, timeouts=QUICK)


def claims(room: Room) -> list[tuple[str, int, int]]:
    """(slot of an edition, item, revision) of every claim."""
    with closing(connect(room.config.database)) as db:
        return db.execute(
            "SELECT slot, item_id, revision FROM edition_items JOIN editions ON editions.id = edition_id "
            "ORDER BY item_id"
        ).fetchall()


def states(room: Room) -> list[tuple[str, int]]:
    with closing(connect(room.config.database)) as db:
        return db.execute("SELECT status, doubts FROM deliveries ORDER BY id").fetchall()


def test_a_kill_at_any_statement_loses_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Starmer meets Xi in Beijing"), make_item("Tariffs on Chinese steel"))
    (tmp_path / "monitor.db").rename(tmp_path / "before.db")
    with MailServer("none") as server:
        section = (
            f"mail: {{from: monitor@example.org, host: localhost, port: {server.port}, security: none}}\n"
        )
        path = write_config(tmp_path, digests=DIGESTS + section)
        room = Room(configuration.load(path, {}), environment([resources.templates()]))
        points, outcomes = 0, Counter[str]()
        while True:
            for left in tmp_path.glob("monitor.db*"):
                left.unlink()
            shutil.copy(tmp_path / "before.db", room.config.database)
            server.taken.clear()
            if not killed_at_statement(points + 1, room.run, passed_over=READS):
                break
            points += 1
            assert sound(room.config.database)
            for minutes in (1, 35, 70):
                room.run(minutes)

            # Each item in one edition of the digest, and the edition's page on the disk.
            assert claims(room) == [("2026-01-29", 1, 1), ("2026-01-29", 2, 1)]
            assert (room.config.output / "daily" / "2026-01-29" / "index.html").exists()
            shutil.rmtree(room.config.output)
            # Each mail arrived; twice only where nobody could know, and then the same bytes.
            copies = Counter(server.recipients())
            assert set(copies) == set(TO)
            assert len(set(server.taken)) == len(TO)
            doubts = sum(doubts for _, doubts in states(room))
            assert {status for status, _ in states(room)} == {"sent"}
            assert sum(copies.values()) - len(TO) <= doubts <= 1
            outcomes["one mail twice" if len(server.taken) > len(TO) else "each mail once"] += 1
            assert sound(room.config.database)

    with capsys.disabled():
        print(f"\nkilled at {points} statements: {dict(outcomes)}; nothing lost")  # noqa: T201 - the figure to be read
    assert points > 40
    # Only from the server's answer to the commit of the ledger's line: a few statements for each recipient.
    assert 0 < outcomes["one mail twice"] <= 5 * len(TO)
