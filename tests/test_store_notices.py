"""What was told of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.models import Notice
from monitor.store import Store

from .conftest import NOW
from .storing import later, open_store

FAILING = Notice("gazette", "Gazette", NOW, "fault", "failing", "Gazette has failed for six hours.")
BACK = Notice("gazette", "Gazette", later(hours=8), "recovered", "failing", "Gazette is back.")
QUIET = Notice("herald", "Herald", later(hours=1), "fault", "quiet", "Herald is quiet.")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path, "gazette", "herald")


def test_notices_come_back_as_they_were_given_oldest_first(store: Store) -> None:
    with store:
        store.add_notices([FAILING, QUIET])
        store.add_notices([])
        store.add_notices([BACK])

        assert store.notices(None) == (FAILING, QUIET, BACK)


def test_notices_of_the_moment_an_edition_ended_belong_to_it_and_not_to_the_next(store: Store) -> None:
    with store:
        store.add_notices([FAILING, QUIET, BACK])

        assert store.notices(NOW) == (QUIET, BACK)
        assert store.notices(later(hours=8)) == ()


def test_a_fault_is_open_until_its_source_is_told_to_have_recovered(store: Store) -> None:
    with store:
        store.add_notices([FAILING, QUIET])
        assert store.open_faults() == {"gazette": FAILING, "herald": QUIET}

        store.add_notices([BACK])
        assert store.open_faults() == {"herald": QUIET}


def test_of_two_faults_in_a_row_the_last_is_open(store: Store) -> None:
    ended = Notice("gazette", "Gazette", later(hours=2), "fault", "ended", "Gazette has ended.")
    with store:
        store.add_notices([FAILING])
        store.add_notices([ended])

        assert store.open_faults() == {"gazette": ended}
