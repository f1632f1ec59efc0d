"""Whether the service is well, and its numbers, from a real database and config."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.jobs.condition import status
from monitor.jobs.meter import Meter
from monitor.models import FeedState, Running, SourceOutcome, Status
from monitor.store import Store

from .conftest import NOW, make_item
from .program import write_config
from .storing import record

RUNNING = Running(NOW)


@pytest.fixture
def desk(tmp_path: Path) -> config.Config:
    """A config of two sources, of which one has been read just now."""
    path = write_config(
        tmp_path,
        sources="{id: gazette, url: 'https://gazette.example/feed'}\n{id: ledger, url: 'https://l.example/'}",
    )
    return config.load(path, {})


def polled(desk: config.Config) -> Store:
    store = Store.open(desk.database)
    store.sync_sources(desk.sources)
    with_state = {"last_polled": NOW, "last_ok": NOW, "url": "https://gazette.example/feed"}
    store.record(_outcome(**with_state), NOW)
    return store


def _outcome(**state: Any) -> SourceOutcome:
    return SourceOutcome(FeedState("gazette", **state), "ok")


def numbers(text: str) -> dict[str, float]:
    """By name with its labels, as they stand there."""
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(number) for name, _, number in lines}


def test_a_service_that_polls_and_can_write_is_well(desk: config.Config) -> None:
    with polled(desk):
        found = status(desk, NOW + timedelta(minutes=5), remarks=("config.yaml:3:1: not used.",))

    assert found == Status((), ("config.yaml:3:1: not used.",), NOW, is_fresh=True, is_writable=True)
    assert found.is_well


def test_polls_that_stopped_are_told(desk: config.Config) -> None:
    with polled(desk):
        found = status(desk, NOW + timedelta(hours=3))

    assert found.problems == ("the last poll was 3 h ago; 70 min are allowed",)
    assert (found.is_fresh, found.is_writable, found.is_well) == (False, True, False)


def test_a_database_that_is_missing_or_no_database_is_told(desk: config.Config) -> None:
    missing = status(desk, NOW)
    desk.database.parent.mkdir(parents=True)
    desk.database.write_text("This is not a database at all. " * 50)
    broken = status(desk, NOW)

    assert missing.problems == (f"{desk.database} does not exist yet: run `monitor poll` first",)
    assert "is not a SQLite database" in broken.problems[0]
    assert (missing.is_writable, broken.is_writable) == (False, False)


def test_a_database_that_another_process_keeps_locked_is_told_after_some_patience(
    desk: config.Config,
) -> None:
    polled(desk).close()
    other = sqlite3.connect(desk.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        found = status(desk, NOW, patience=0.05)
    finally:
        other.close()

    assert "in use by another process" in found.problems[0]
    assert found.is_writable is False


def test_the_meter_counts_what_comes_after_it_was_made_and_never_goes_back(desk: config.Config) -> None:
    with polled(desk) as store:
        record(store, make_item("Before"))
        meter = Meter(store)
        before = numbers(meter.text(desk, NOW, RUNNING))
        record(store, make_item("Xi in London"), make_item("Reeves in Beijing"))
        meter.text(desk, NOW, RUNNING)
        store._db.execute("DELETE FROM items")
        record(store, make_item("Another"))
        after = numbers(meter.text(desk, NOW, RUNNING))

    seen, matched = (
        'monitor_items_seen_total{source="gazette"}',
        'monitor_items_matched_total{topic="diplomacy"}',
    )
    assert (before[seen], before[matched]) == (0, 0)
    assert (after[seen], after[matched], after['monitor_items_seen_total{source="ledger"}']) == (3, 3, 0)


def test_the_meter_may_be_read_in_another_thread_than_the_one_that_polls(desk: config.Config) -> None:
    texts: list[str] = []
    with polled(desk) as store:
        meter = Meter(store)
        reader = threading.Thread(target=lambda: texts.append(meter.text(desk, NOW, RUNNING)))
        reader.start()
        reader.join()

    found = numbers(texts[0])
    assert (found["monitor_healthy"], found["monitor_database_writable"]) == (1, 1)
    assert found['monitor_source_up{source="gazette"}'] == 1


def test_without_a_database_the_numbers_that_need_none_remain(desk: config.Config) -> None:
    with polled(desk) as store:
        meter = Meter(store)
    desk.database.write_text("gone")
    found = numbers(meter.text(desk, NOW, RUNNING))

    assert (found["monitor_database_writable"], found["monitor_healthy"]) == (0, 0)
    assert found["monitor_config_last_reload_successful"] == 1
    assert not [name for name in found if name.startswith("monitor_source_up")]


def test_the_numbers_name_no_address_no_title_and_no_recipient(desk: config.Config) -> None:
    with polled(desk) as store:
        record(store, make_item("Starmer meets Xi"))
        text = Meter(store).text(desk, NOW, Running(NOW, config_trouble="to: ann@desk.example"))

    for secret in ("gazette.example", "http", "Starmer", "ann@", str(desk.database)):
        assert secret not in text
