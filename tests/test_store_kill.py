"""A kill between any two statements leaves all of a transaction or nothing of it.

The child is killed at its n-th SQL statement, for every n until it gets through. Python's profiler hands us
the connection at its first use, so that making the tables is swept as well, with no hook in our code.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from monitor.models import Page, PageOutcome
from monitor.store import Store

from .conftest import NOW, make_item, make_source
from .storing import MESSAGE, RELEVANT, govuk, later, make_edition, open_store, outgoing, record, stories_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked here")


def killed_at_statement(number: int, act: Callable[[], object], *, passed_over: str = "") -> bool:
    """Run `act` in a child that kills itself at its n-th SQL statement; False where it ended before.

    Statements that match the pattern `passed_over` are not counted.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            sys.setprofile(killer(number, passed_over))
            act()
            status = 0
        finally:
            # Never back into pytest, whatever happened.
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def killer(number: int, passed_over: str = "") -> Callable[[FrameType, str, Any], None]:
    """A profile function that watches the first connection it meets, rows of executemany included."""
    left = itertools.count(number - 1, -1)
    watched: list[sqlite3.Connection] = []

    def count(statement: str) -> None:
        if passed_over and re.match(passed_over, statement.lstrip()):
            return
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def profile(frame: FrameType, event: str, function: Any) -> None:
        connection = getattr(function, "__self__", None)
        if event == "c_call" and isinstance(connection, sqlite3.Connection) and not watched:
            watched.append(connection)
            connection.set_trace_callback(count)

    return profile


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        # Also compares the full-text index with the table it is made of; raises where they differ.
        db.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")
        db.rollback()
        return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def snapshot(store: Store) -> object:
    return store.seen_since(later(days=-1)), store.feed_states(), store.revisions(1), store.where_seen(1)


def test_a_poll_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    def poll() -> None:
        with Store.open(tmp_path / "monitor.db") as store:
            moved = make_item("Two", key="moved", url="moved")
            record(
                store, govuk("After", updated=later(hours=1)), moved, make_item("Three"), at=later(hours=1)
            )

    with open_store(tmp_path) as store:
        record(store, govuk("Before"), make_item("Two"))
        before = snapshot(store)
    number, seen = 1, []
    while killed_at_statement(number, poll):
        assert sound(tmp_path / "monitor.db")
        with Store.open(tmp_path / "monitor.db") as store:
            seen.append(snapshot(store))
        number += 1

    assert number > 20
    assert seen == [before] * len(seen)
    with Store.open(tmp_path / "monitor.db") as store:
        assert [judged.item.title for judged in store.seen_since(NOW)] == ["After", "Two", "Three"]
        assert record(store, make_item("Three")).new == 0
    assert sound(tmp_path / "monitor.db")


def test_a_look_up_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    def look_up() -> None:
        with Store.open(tmp_path / "monitor.db") as store:
            (one,) = store.wanted_pages(NOW, limit=1)
            state = replace(one.state, asked_for=one.content_hash, page=Page(), note="Added an annex.")
            item = replace(one.item, text="Of quantum computers.")
            store.record_page(PageOutcome(state, item, replace(RELEVANT, score=9.0), "updated"), NOW)

    def what_is_stored(store: Store) -> object:
        return snapshot(store), store.wanted_pages(NOW, limit=1), len(store.search("quantum"))

    with open_store(tmp_path) as store:
        record(store, govuk())
        record(store, govuk(updated=later(hours=1)), at=later(hours=1))
        before = what_is_stored(store)
    number, seen = 1, []
    while killed_at_statement(number, look_up):
        assert sound(tmp_path / "monitor.db")
        with Store.open(tmp_path / "monitor.db") as store:
            if not store.wanted_pages(NOW, limit=1):
                # Killed after the commit, before it could say so.
                break
            seen.append(what_is_stored(store))
        number += 1

    assert number > 8
    assert seen == [before] * len(seen)
    with Store.open(tmp_path / "monitor.db") as store:
        assert [revision.update.note for revision in store.revisions(1)] == ["Added an annex."]
        assert len(store.search("quantum")) == 1
    assert sound(tmp_path / "monitor.db")


def test_an_edition_is_published_whole_or_not_at_all(tmp_path: Path) -> None:
    def publish() -> None:
        with Store.open(tmp_path / "monitor.db") as store:
            stories = stories_of(*store.unclaimed("daily"))
            to = outgoing("a@example.org", "b@example.org")
            store.publish(
                make_edition(), MESSAGE, stories, now=NOW, rules_version="rules1", looked_at=2, outgoing=to
            )

    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
    number = 1
    while killed_at_statement(number, publish):
        with Store.open(tmp_path / "monitor.db") as store:
            claimed = 2 - len(store.unclaimed("daily"))
            published = store.unwritten()
        if published:
            # Killed after the commit, before it could say so.
            assert (claimed, len(published[0].deliveries)) == (2, 2)
            break
        assert claimed == 0
        number += 1

    assert number > 10
    with Store.open(tmp_path / "monitor.db") as store:
        assert store.unclaimed("daily") == ()
        assert len(store.editions()) == 1


def test_a_new_database_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    number = 1
    while killed_at_statement(number, lambda: Store.open(path).close()):
        with closing(sqlite3.connect(path)) as db:
            tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
        assert (version == 0) == (tables == 0)
        if version:
            # Made; the rest of the sweep would only open it again.
            break
        number += 1

    assert number > 20
    with Store.open(path) as store:
        store.sync_sources([make_source()])
        assert record(store, make_item()).new == 1
    assert sound(path)
