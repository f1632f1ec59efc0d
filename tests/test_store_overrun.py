"""Windows that moved on between two polls: when items may have been missed, and what is noted of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.models import Item
from monitor.store import Store

from .conftest import NOW, make_item, make_source
from .storing import govuk, later, open_store, outcome, record

FEED = "https://gazette.example/feed"


def entries(*numbers: int, **changes: object) -> tuple[Item, ...]:
    """Pages of a paper, each a minute after the one before."""
    return tuple(make_item(f"Headline {n}", published=NOW + timedelta(minutes=n), **changes) for n in numbers)


def pages(*numbers: int, at: datetime = NOW, **changes: object) -> tuple[Item, ...]:
    """Pages of GOV.UK as of one moment."""
    return tuple(
        govuk(f"Page {n}", key=f"https://www.gov.uk/{n}", guid=f"tag:{n}", updated=at, **changes)
        for n in numbers
    )


def gap(store: Store) -> tuple[datetime | None, datetime | None, bool]:
    state = store.feed_states()["gazette"]
    return state.gap_from, state.gap_to, state.gap_filled


def poll(store: Store, *items: Item, at: datetime, url: str = FEED) -> bool:
    """A poll that ends well; whether it was overrun."""
    state = replace(store.feed_states()["gazette"], url=url, last_ok=at)
    return store.record(replace(outcome(*items), state=state), at).overrun


def test_a_document_that_holds_nothing_known_leaves_a_gap_from_the_last_good_poll(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert not poll(store, *entries(1, 2), at=NOW)
        assert not poll(store, *entries(2, 3), at=later(hours=1))

        assert poll(store, *entries(8, 9), at=later(hours=9))

        assert gap(store) == (later(hours=1), later(hours=9), False)


def test_a_poll_that_reaches_back_leaves_the_gap_as_it_was(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=NOW)
        poll(store, *entries(8, 9), at=later(hours=9))

        assert not poll(store, *entries(9, 10), at=later(hours=10))

        assert gap(store) == (NOW, later(hours=9), False)


def test_a_gap_that_was_filled_is_noted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=NOW)
        poll(store, *entries(8, 9), at=later(hours=9))

        store.fill_gap("gazette")

        assert gap(store) == (NOW, later(hours=9), True)


@pytest.mark.parametrize(
    ("filled", "days", "since"), [(False, 1, 0), (True, 1, 1), (False, 3, 1)], ids=["open", "filled", "old"]
)
def test_a_gap_that_is_still_open_is_part_of_the_next_one(
    tmp_path: Path, filled: bool, days: int, since: int
) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=NOW)
        poll(store, *entries(8, 9), at=later(days=1))
        if filled:
            store.fill_gap("gazette")

        poll(store, *entries(20, 21), at=later(days=1 + days))

        assert gap(store) == (later(days=since), later(days=1 + days), False)


def test_the_first_items_of_a_source_are_no_gap(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        assert not poll(store, at=NOW)
        record(store, *entries(1, source_id="herald"), source="herald")

        assert not poll(store, *entries(1, 2, 3), at=later(hours=1))
        assert gap(store) == (None, None, False)


def test_the_first_items_at_a_new_address_are_no_gap(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=NOW)

        assert not poll(store, *entries(8, 9), at=later(hours=1), url="https://gazette.example/other")


def test_a_single_entry_is_no_window(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1), at=NOW)

        assert not poll(store, *entries(2), at=later(hours=1))


def test_what_an_api_was_asked_for_is_no_window(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, *entries(1, 2))

        found = store.record(replace(outcome(*entries(8, 9)), windowed=False), later(hours=1))

        assert (found.new, found.overrun, gap(store)) == (2, False, (None, None, False))


def test_a_page_that_only_another_source_has_shown_proves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        poll(store, *entries(1, 2), at=NOW)
        record(store, *entries(8, source_id="herald"), source="herald")

        assert poll(store, *entries(8, 9), at=later(hours=1))


def test_a_headline_that_was_edited_in_its_place_shows_that_nothing_was_missed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first, second = entries(1, 2)
        poll(store, first, second, at=NOW)

        edited = replace(second, title="Another headline")
        assert not poll(store, edited, *entries(3, 4), at=later(hours=1))


def test_a_report_that_came_to_the_top_anew_proves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first, second = entries(1, 2)
        poll(store, first, second, at=NOW)

        edited = replace(second, title="Another headline", published=later(hours=8))
        assert poll(store, edited, *entries(30, 40), at=later(hours=9))


def test_a_feed_that_dates_all_it_has_at_each_poll_is_not_overrun(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2, updated=NOW), at=NOW)

        assert not poll(store, *entries(1, 2, updated=later(hours=1)), at=later(hours=1))


def test_a_govuk_page_published_again_since_the_last_poll_proves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *pages(1, 2), at=later(minutes=5))

        moved_up = pages(1, at=later(hours=8))
        assert poll(store, *pages(3, 4, at=later(hours=7)), *moved_up, at=later(hours=9))


def test_a_govuk_page_with_the_date_it_had_shows_that_nothing_was_missed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *pages(1, 2), at=later(minutes=5))

        assert not poll(store, *pages(3, 4, at=later(hours=7)), *pages(2), at=later(hours=9))


def test_a_govuk_page_that_another_feed_has_shown_published_again_proves_nothing_in_this_one(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path, "gazette", "office") as store:
        poll(store, *pages(1, 2), at=later(minutes=5))
        again = pages(1, at=later(hours=6), source_id="office")
        record(store, *again, source="office", at=later(hours=7))

        document = *pages(3, at=later(hours=8)), *pages(1, at=later(hours=6))
        assert poll(store, *document, at=later(hours=9))


def test_a_rebuilt_feed_is_not_overrun(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=later(minutes=5))
        rebuilt = [
            replace(one, key=f"https://new.example/{n}", guid=f"new-{n}")
            for n, one in enumerate(entries(1, 2))
        ]

        assert not poll(store, *rebuilt, at=later(hours=1))


def test_a_gap_is_kept_when_the_config_is_synced_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        poll(store, *entries(1, 2), at=NOW)
        poll(store, *entries(8, 9), at=later(hours=9))

        store.sync_sources([make_source("gazette", name="A new name")])

        assert gap(store) == (NOW, later(hours=9), False)
