"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.dates import CHINA, FIRST_YEAR, parse_date

HALF_PAST_EIGHT = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Thu, 29 Jan 2026 08:30:00 GMT",
        "Thu, 29 Jan 2026 08:30:00 +0000",
        "Thu, 29 Jan 2026 08:30:00 Z",
        "Thu, 29 Jan 2026 08:30 UT",
        "29 Jan 26 08:30 GMT",
        "29 January 2026 09:30:00 BST",
        "Thursday, 29-Jan-26 08:30:00 GMT",
        "Thu, 29 Jan 2026 03:30:00 EST",
        "Thu, 29 Jan 2026 16:30:00 HKT",
        "Thu, 29 Jan 2026 16:30:00 GMT+8",
        "Thu, 29 Jan 2026 16:30:00 GMT+0800 (China Standard Time)",
        " Thu,29 Jan 2026 08:30:00 GMT\n",
        "2026-01-29T08:30:00Z",
        "2026-01-29T08:30:00.000Z",
        "2026-01-29t08:30z",
        "2026-01-29T09:30:00+01:00",
        "2026-01-29T09:30:00+0100",
        "2026-01-29T16:30:00+08",
        "2026-01-29 08:30:00",
        "2026-01-29 09:30:00 +0100",
        "2026/1/29 8:30",
        "20260129T08:30:00Z",
        "January 29, 2026 8:30 am",
        "Jan. 29th, 2026 at 8:30 a.m.",
        "Thu Jan 29 08:30:00 2026",
        "Thu Jan 29 08:30:00 +0000 2026",
        "2026年1月29日 08:30",
        "1769675400",
        "1769675400.5",
        "1769675400000",
    ],
)
def test_a_date_is_read_in_any_of_these_forms(written: str) -> None:
    assert parse_date(written) == HALF_PAST_EIGHT


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-29 16:30:00",
        "2026-01-29T16:30:00",
        "29 Jan 2026 16:30",
        "29 Jan 2026 16:30:00 CST",
        "2026-01-29T08:30:00Z",
    ],
)
def test_a_chinese_source_means_its_own_time_where_it_names_none(written: str) -> None:
    assert parse_date(written, CHINA) == HALF_PAST_EIGHT


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-01-29T08:30:00", 8),
        ("2026-07-29T08:30:00", 7),
        ("2026-07-29T08:30:00Z", 8),
        ("2026-07-29T08:30:00+02:00", 6),
        ("29 Jul 2026 08:30:00 CST", 14),
    ],
)
def test_a_source_s_own_clock_counts_where_a_time_names_none_summer_time_included(
    written: str, hour: int
) -> None:
    read = parse_date(written, ZoneInfo("Europe/London"))

    assert read
    assert (read.hour, read.minute) == (hour, 30)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-29", datetime(2026, 1, 29, tzinfo=UTC)),
        ("29 Jan 2026", datetime(2026, 1, 29, tzinfo=UTC)),
        ("2026-01-28T24:00:00Z", datetime(2026, 1, 29, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("12 Dec 2026 12:05 AM", datetime(2026, 12, 12, 0, 5, tzinfo=UTC)),
        ("12 Dec 2026 12:05 pm", datetime(2026, 12, 12, 12, 5, tzinfo=UTC)),
        ("29 Jan 2026 08:30:00 XYZ", HALF_PAST_EIGHT),
        ("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC)),
        ("Tue, 01 Jan 99 00:00:00 GMT", datetime(1999, 1, 1, tzinfo=UTC)),
    ],
)
def test_odd_dates_are_read_as_meant(written: str, read: datetime) -> None:
    assert parse_date(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "30 Foo 2026 08:30:00 GMT",
        "2026-01-29T08:61:00Z",
        "2026-01-29T25:00:00Z",
        "2026-01-29T08:30:00+99:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "0",
        "Thu, 29 Jan 2026 08:30:00 GMT and much more text that no date would have, whatever the form",
    ],
)
def test_what_is_no_plausible_date_is_none(written: str) -> None:
    assert parse_date(written) is None


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"[0-9]{1,4}[-/ ][0-9A-Za-z]{1,4}[-/ ][0-9]{1,4}[T ][0-9:+]{0,14}"),
    )
)
def test_any_text_is_a_utc_date_or_none(written: str) -> None:
    read = parse_date(written)

    assert read is None or (read.tzinfo is UTC and read.year >= FIRST_YEAR)
