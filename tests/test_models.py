"""The few things that the values work out themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.models import Page

from .conftest import NOW, make_judged

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (NOW - DAY, NOW - DAY),
        (NOW, NOW),
        (NOW + timedelta(seconds=1), NOW),
        (NOW + DAY, NOW),
        (NOW + DAY + timedelta(seconds=1), None),
        (NOW + 300 * DAY, None),
        (None, None),
    ],
)
def test_a_date_ahead_of_the_first_sight_is_cut_to_it_and_none_where_it_is_more_than_a_day(
    published: datetime | None, shown: datetime | None
) -> None:
    assert make_judged(published=published, first_seen=NOW).date == shown


@pytest.mark.parametrize(
    ("public_updated", "shown"),
    [(NOW - DAY, NOW - DAY), (NOW + 2 * DAY, NOW - 9 * DAY), (None, NOW - 9 * DAY)],
)
def test_a_date_that_is_only_that_of_a_later_update_gives_way_to_what_the_page_says(
    public_updated: datetime | None, shown: datetime
) -> None:
    page = Page(first_published=NOW - 9 * DAY, public_updated=public_updated)
    judged = make_judged(published=None, updated=NOW + 2 * DAY, first_seen=NOW)

    assert replace(judged, page=page).date == shown
    assert judged.date is None


def test_an_update_stands_in_for_a_date_of_publication_that_is_not_given() -> None:
    assert make_judged(published=None, updated=NOW - DAY, first_seen=NOW).date == NOW - DAY
