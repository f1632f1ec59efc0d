"""The few things that the values work out themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

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


def test_an_update_stands_in_for_a_date_of_publication_that_is_not_given() -> None:
    assert make_judged(published=None, updated=NOW - DAY, first_seen=NOW).date == NOW - DAY
