"""What retention: means, once a day and by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import config as configuration
from monitor.config import Config
from monitor.jobs.upkeep import limits, prune, prune_daily
from monitor.store import Pruned
from monitor.store.upkeep import ITEMS_AT_ONCE

from .conftest import NOW, make_item
from .program import write_config
from .storing import IRRELEVANT, later, open_store, record


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return configuration.load(write_config(tmp_path), {})


def test_the_config_says_from_when_on_things_are_kept(config: Config) -> None:
    found = limits(config, NOW)

    assert (found.unmatched, found.matched, found.mails) == (later(days=-90), None, later(days=-90))
    assert [spec.id for spec in found.digests] == ["daily"]


def test_two_weeks_are_kept_in_any_case(config: Config) -> None:
    short = replace(config, retention_unmatched=timedelta(hours=1), retention_matched=timedelta(days=30))

    found = limits(short, NOW)

    assert (found.unmatched, found.matched) == (later(days=-14), later(days=-30))


@pytest.mark.parametrize(
    ("at", "is_due"),
    [(later(hours=23), False), (later(days=1), True), (later(days=-1), True)],
    ids=["the same day", "a day later", "after a clock was wrong"],
)
def test_it_is_due_once_a_day(tmp_path: Path, config: Config, at: datetime, is_due: bool) -> None:
    with open_store(tmp_path) as store:
        assert prune_daily(config, store, NOW) == Pruned()

        assert (prune_daily(config, store, at) is not None) == is_due


def test_what_a_stop_leaves_over_is_due_at_the_next_start(tmp_path: Path, config: Config) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Headline {n}") for n in range(ITEMS_AT_ONCE + 1)), verdict=IRRELEVANT)
        record(store, make_item(), at=later(days=10), verdict=IRRELEVANT)

        def stopped() -> bool:
            return True

        done = prune_daily(config, store, later(days=100), stopping=stopped)
        rest = prune(config, store, later(days=100))

        assert done == Pruned(unmatched=ITEMS_AT_ONCE)
        assert rest == Pruned(unmatched=1)
        assert prune_daily(config, store, later(days=100)) is None
