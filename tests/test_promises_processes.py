"""Two processes at once on one database: nothing is lost, nothing is doubled, and each says what it did."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from .loopback import Canned, Loopback
from .mail_server import MailServer
from .program import Ran, monitor, rss, write_config

NOW = "2026-01-29T08:30Z"
TO = [f"reader{number}@desk.example" for number in range(6)]
ITEMS = [(f"Britain and China trade visit {n}", f"Starmer meets Xi, no. {n}.") for n in range(40)]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer("none") as running:
        yield running


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/a", rss(*ITEMS))
        yield running


@pytest.fixture
def desk(tmp_path: Path, site: Loopback, server: MailServer) -> Path:
    digests = (
        "database: monitor.db\noutput: site\n"
        f"digests:\n  daily: {{title: UK-China daily, schedule: '30 8 * * *', to: [{', '.join(TO)}]}}\n"
        f"mail: {{from: m@desk.example, host: localhost, port: {server.port}, security: none}}\n"
    )
    write_config(tmp_path, site, "{id: gazette, url: '{site}/a', kind: uk-media}", digests=digests)
    return tmp_path


def at_once(folder: Path, *commands: str, now: str = NOW) -> list[Ran]:
    """The commands, each in a process of its own, all at the same time."""
    with ThreadPoolExecutor(len(commands)) as pool:
        running = [pool.submit(monitor, "--now", now, *args.split(), cwd=folder) for args in commands]
        return [one.result() for one in running]


def rows(folder: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "monitor.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute(sql).fetchall()


def together(answer: Canned, processes: int) -> Any:
    """An answer that nobody gets before all have asked."""
    all_there = threading.Barrier(processes, timeout=20)

    def handle(handler: BaseHTTPRequestHandler) -> None:
        all_there.wait()
        answer(handler)

    return handle


def test_two_polls_that_get_the_same_feed_at_once_store_each_item_once(desk: Path, site: Loopback) -> None:
    monitor("--now", NOW, "deliveries", cwd=desk)
    site.handle("/a", together(Canned(rss(*ITEMS)), 2))

    polls = at_once(desk, "poll --all --json", "poll --all --json")

    assert [ran.code for ran in polls] == [0, 0]
    assert sum(ran.json["new"] for ran in polls) == len(ITEMS)
    assert rows(desk, "SELECT count(*), count(DISTINCT title) FROM items") == [(len(ITEMS), len(ITEMS))]


def test_two_digests_by_hand_at_once_claim_each_item_once_and_mail_it_once(
    desk: Path, server: MailServer
) -> None:
    assert monitor("--now", NOW, "poll", cwd=desk).code == 0

    made = at_once(desk, "digest", "digest")

    assert {ran.code for ran in made} <= {0, 75}
    assert 0 in [ran.code for ran in made]
    claimed = [item for (item,) in rows(desk, "SELECT item_id FROM edition_items WHERE digest = 'daily'")]
    assert sorted(claimed) == list(range(1, len(ITEMS) + 1))
    monitor("--now", NOW, "send", cwd=desk)
    assert Counter(recipient for recipient, _ in server.taken) == Counter(TO)


def test_the_whole_job_twice_at_once_makes_the_edition_of_the_day_once(
    desk: Path, site: Loopback, server: MailServer
) -> None:
    site.handle("/a", together(Canned(rss(*ITEMS)), 2))

    made = at_once(desk, "once", "once")

    assert {ran.code for ran in made} <= {0, 75}
    assert rows(desk, "SELECT count(*) FROM editions WHERE slot = '2026-01-29'") == [(1,)]
    assert rows(desk, "SELECT count(*), count(DISTINCT item_id) FROM edition_items") == [(40, 40)]
    monitor("--now", NOW, "send", cwd=desk)
    assert Counter(recipient for recipient, _ in server.taken) == Counter(TO)
    assert rows(desk, "SELECT DISTINCT status FROM deliveries") == [("sent",)]


def test_three_who_send_at_once_send_each_mail_once(desk: Path, server: MailServer) -> None:
    port, server_port = "port: 9,", f"port: {server.port},"
    config = desk / "config.yaml"
    config.write_text(config.read_text("utf-8").replace(server_port, port), encoding="utf-8")
    assert monitor("--now", NOW, "once", "--force", cwd=desk).code == 1  # the mail server is down
    config.write_text(config.read_text("utf-8").replace(port, server_port), encoding="utf-8")

    sent = at_once(desk, "send", "send", "send", now="2026-01-29T09:00Z")

    assert {ran.code for ran in sent} <= {0, 75}
    assert Counter(recipient for recipient, _ in server.taken) == Counter(TO)
    assert rows(desk, "SELECT status, attempts, count(*) FROM deliveries GROUP BY 1, 2") == [("sent", 2, 6)]


def test_a_poll_beside_a_prune_loses_nothing_that_is_to_be_kept(desk: Path, site: Loopback) -> None:
    dull = [(f"The parish council meets, report {n}", "Drains.") for n in range(300)]
    site.serve("/a", rss(*dull, *ITEMS))
    assert monitor("--now", "2025-09-01T08:30Z", "poll", cwd=desk).code == 0
    fresh = [(f"A British tariff on Chinese steel, report {n}", "Trade.") for n in range(300)]
    site.serve("/a", rss(*fresh))
    # What stood in the feed when it was last read stays: so it is read once more before.
    assert monitor("--now", "2026-01-01T08:30Z", "poll", "--all", cwd=desk).code == 0
    more = [(f"A Chinese visit to Britain, report {n}", "Trade.") for n in range(300)]
    site.serve("/a", rss(*more))

    polled, pruned = at_once(desk, "poll --all", "prune")

    assert (polled.code, pruned.code) == (0, 0)
    titles = {title for (title,) in rows(desk, "SELECT title FROM items")}
    assert titles == {title for title, _ in (*ITEMS, *fresh, *more)}
    assert rows(desk, "SELECT count(*) FROM items") == [(len(titles),)]
