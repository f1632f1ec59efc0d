"""How a source does, learnt from its own history, and when that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health import notices, source_health
from monitor.models import FeedState, Notice, SourceHealth

from .conftest import NOW, make_source

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 1, 29, 9, tzinfo=UTC)
"""A Thursday; London is on UTC."""


def state(**changes: Any) -> FeedState:
    """A source that has just answered."""
    values: dict[str, Any] = {
        "last_polled": NOW,
        "last_ok": NOW,
        "last_new": NOW - HOUR,
        "newest": NOW - HOUR,
    }
    return FeedState("gazette", **(values | changes))


def failing(polls: int = 7, lasted: timedelta = 2 * DAY, **changes: Any) -> FeedState:
    values: dict[str, Any] = {
        "failures": polls,
        "failing_since": NOW - lasted,
        "error": "timed out after 30 s.",
        "last_ok": NOW - lasted - HOUR / 2,
    }
    return state(**(values | changes))


def every(gap: timedelta, count: int = 30, *, last: datetime = NOW) -> tuple[datetime, ...]:
    return tuple(last - gap * n for n in range(count))


def working_days(count: int, *, last: datetime = NINE) -> tuple[datetime, ...]:
    """Nine o'clock on so many days, newest first, Saturdays and Sundays left out."""
    days = (last - DAY * n for n in range(2 * count + 3))
    return tuple(day for day in days if day.weekday() < 5)[:count]


def look(found: FeedState | None, arrivals: tuple[datetime, ...] = (), **changes: Any) -> SourceHealth:
    source = make_source(**changes.pop("source", {}))
    values: dict[str, Any] = {"items": 40, "matched": 4, "now": NOW} | changes
    return source_health(source, found, arrivals, **values)


# --- status ----------------------------------------------------------------------------------------


def test_a_source_that_brings_news_at_its_rhythm_is_ok_and_nothing_is_said() -> None:
    found = look(state(), every(3 * HOUR))

    assert (found.status, found.since, found.why, found.advice, found.remark) == ("ok", None, "", "", "")
    assert (found.usual, found.items, found.matched) == (3 * HOUR, 40, 4)
    assert (found.last_ok, found.last_new) == (NOW, NOW - HOUR)


def test_a_source_that_is_switched_off_is_off_whatever_else_holds() -> None:
    found = look(failing(ended=True), source={"enabled": False})

    assert (found.status, found.why, found.remark) == ("off", "", "")


@pytest.mark.parametrize(
    "found", [None, FeedState("gazette"), state(url="https://old.example/feed", ended=True)]
)
def test_a_source_that_was_not_asked_at_its_present_address_is_never(found: FeedState | None) -> None:
    health = look(found)

    assert (health.status, health.why) == ("never", "Not asked yet.")
    assert health.advice == "`monitor poll gazette` asks it now."


def test_a_failed_poll_is_failing_at_once_with_its_reason() -> None:
    found = look(failing(1, timedelta(minutes=30)))

    assert (found.status, found.since) == ("failing", NOW - HOUR / 2)
    assert found.why == "At its last poll, 29 Jan, 08:00: timed out after 30 s; last read 29 Jan, 07:30."
    assert (found.failures, found.error, found.advice) == (1, "timed out after 30 s", "")


def test_a_source_that_keeps_failing_says_since_when_and_how_often() -> None:
    found = look(failing())

    assert found.why == "Since 27 Jan, 08:30 (7 polls): timed out after 30 s; last read 27 Jan, 08:00."
    assert found.advice == "Open its address in a browser to see whether it has moved."


def test_a_source_that_was_never_read_says_so() -> None:
    assert look(failing(last_ok=None)).why.endswith("; never read yet.")


@pytest.mark.parametrize("status", [403, 404, 429])
def test_an_answer_that_says_itself_what_to_do_gets_no_second_advice(status: int) -> None:
    assert look(failing(9, 9 * DAY, http_status=status)).advice == ""


@pytest.mark.parametrize("status", [None, 200, 503])
def test_a_fault_without_a_plain_cure_is_for_the_analyst_to_look_at_once_it_lasts(status: int | None) -> None:
    advice = "Open its address in a browser to see whether it has moved."

    assert look(failing(2, HOUR, http_status=status)).advice == ""
    assert look(failing(9, 9 * DAY, http_status=status)).advice == advice


def test_a_servers_long_answer_is_cut_to_one_line() -> None:
    why = look(failing(error="the server answered\n" + "nonsense " * 100)).why

    assert len(why) < 300
    assert "\n" not in why


def test_an_ended_source_is_ended_though_it_also_fails() -> None:
    found = look(
        failing(ended=True, error="GOV.UK says that this feed has ended; x stands in its place. Look there")
    )

    assert (found.status, found.since) == ("ended", NOW - 2 * DAY)
    assert found.why == (
        "Noticed 27 Jan, 08:30: GOV.UK says that this feed has ended; x stands in its place."
    )
    assert found.advice == "Look for its successor and change its url, or switch it off."


def test_an_answer_that_it_is_gone_gives_the_advice_itself() -> None:
    error = (
        "gazette.example answered 410 Gone: the publisher has removed this feed for good; "
        "look for its new address or delete the source"
    )
    gone = look(failing(1, timedelta(), ended=True, http_status=410, error=error))

    assert (gone.why, gone.advice) == (f"Noticed 29 Jan, 08:30: {error}.", "")
    assert said(gone) == f"Gazette has ended, noticed 29 Jan, 08:30: {error}."


def test_a_source_that_ended_without_a_word_is_ended_all_the_same() -> None:
    assert look(state(ended=True)).why == "Noticed 29 Jan, 08:30: its publisher says so."


# --- overrun ---------------------------------------------------------------------------------------


def overrun(ago: timedelta = HOUR, lasted: timedelta = HOUR, **changes: Any) -> FeedState:
    return state(gap_from=NOW - ago - lasted, gap_to=NOW - ago, **changes)


def test_a_gap_says_between_which_polls_and_to_ask_more_often() -> None:
    found = look(overrun(), every(HOUR), source={"every": HOUR})

    assert (found.status, found.since) == ("overrun", NOW - 2 * HOUR)
    assert found.why == (
        "Between 06:30 and 07:30 on 29 Jan items may have been missed: all that it listed was new."
    )
    assert found.advice == "Ask it more often (every: 30m), or take a narrower feed of its publisher."


def test_nobody_is_advised_to_ask_more_often_than_every_quarter_of_an_hour() -> None:
    found = look(overrun(lasted=HOUR / 4), source={"every": HOUR / 4})

    assert found.advice == "Take a narrower feed of its publisher."


def test_a_gap_over_an_outage_of_our_own_is_no_reason_to_ask_more_often() -> None:
    found = look(overrun(lasted=20 * HOUR), (NOW - HOUR, NOW - 21 * HOUR), source={"every": HOUR})

    assert found.why.startswith("Between 28 Jan, 11:30 and 29 Jan, 07:30 items may have been missed")
    assert found.advice == "It was not read in between: see its site for what came then."


def test_several_overruns_in_a_row_are_one_gap_and_still_a_reason_to_ask_more_often() -> None:
    polls = every(3 * HOUR, last=NOW - HOUR)
    found = look(overrun(lasted=9 * HOUR), polls, source={"every": 3 * HOUR})

    assert found.why == (
        "Between 28 Jan, 22:30 and 29 Jan, 07:30 items may have been missed: more than once all that it "
        "listed was new."
    )
    assert found.advice == "Ask it more often (every: 90m), or take a narrower feed of its publisher."


def test_overruns_at_rare_polls_are_no_reason_to_ask_more_often() -> None:
    polls = every(20 * HOUR, last=NOW - HOUR)
    found = look(overrun(lasted=60 * HOUR), polls, source={"every": HOUR})

    assert found.advice == "See its site for what came then."


def test_where_it_is_no_longer_known_whether_it_was_read_in_a_gap_nothing_is_claimed() -> None:
    found = look(overrun(20 * HOUR, lasted=9 * HOUR), every(HOUR / 4, 60), source={"every": HOUR / 4})

    assert found.advice == "See its site for what came then."


@pytest.mark.parametrize("found", [overrun(2 * DAY + HOUR), overrun(gap_filled=True)])
def test_a_gap_that_is_filled_or_two_days_old_is_over(found: FeedState) -> None:
    assert look(found, every(HOUR)).status == "ok"


# --- quiet -----------------------------------------------------------------------------------------


def at(when: datetime) -> FeedState:
    return state(last_polled=when, last_ok=when)


def quiet_from(arrivals: tuple[datetime, ...], *, step: timedelta = HOUR) -> datetime:
    """The first full step after its last arrival at which a source that goes on answering is quiet."""
    when = arrivals[0]
    while look(at(when), arrivals, now=when).status == "ok":
        when += step
        assert when - arrivals[0] < timedelta(days=400), "it never falls quiet"
    return when


def test_a_source_of_many_a_day_is_quiet_after_two_days() -> None:
    arrivals = every(3 * HOUR, 60)

    assert quiet_from(arrivals) - arrivals[0] == 49 * HOUR


def test_a_weekly_source_is_not_quiet_before_three_weeks() -> None:
    arrivals = every(7 * DAY, last=NINE)

    assert quiet_from(arrivals, step=DAY) - arrivals[0] == 22 * DAY


def test_one_long_silence_before_is_remembered() -> None:
    recent = every(3 * HOUR, 10)
    arrivals = (*recent, *every(3 * HOUR, 10, last=recent[-1] - 10 * DAY))

    assert quiet_from(arrivals, step=DAY) - arrivals[0] > 9 * DAY


def test_what_is_quiet_says_since_when_what_is_usual_and_what_to_do() -> None:
    found = look(state(), every(3 * HOUR, 60, last=NOW - 4 * DAY))

    assert (found.status, found.since) == ("quiet", NOW - 4 * DAY)
    assert found.why == (
        "Nothing new since 25 Jan, 08:30, though it answers; usually something every 3 hours."
    )
    assert found.advice == "See whether its site has newer items: if it has, look for another feed of it."


def test_times_are_told_in_the_zone_that_is_asked_for_and_other_years_are_named() -> None:
    arrivals = every(3 * HOUR, 60, last=datetime(2025, 12, 31, 20, tzinfo=UTC))

    in_london, in_hong_kong = (
        look(state(), arrivals, zone=ZoneInfo(zone)).why for zone in ("Europe/London", "Asia/Hong_Kong")
    )

    assert "since 31 Dec 2025, 20:00" in in_london
    assert "since 1 Jan, 04:00" in in_hong_kong


def test_weekends_do_not_count_for_a_source_that_rests_at_weekends() -> None:
    friday = datetime(2026, 1, 30, 9, tzinfo=UTC)
    arrivals = working_days(30, last=friday)

    assert look(at(NOW), arrivals).usual == DAY
    assert quiet_from(arrivals) == datetime(
        2026, 2, 4, 10, tzinfo=UTC
    )  # Monday, Tuesday, and Wednesday at nine
    assert "every working day" in look(at(friday + 14 * DAY), arrivals, now=friday + 14 * DAY).why


def test_weekends_count_for_a_source_that_works_at_weekends() -> None:
    arrivals = every(DAY, last=datetime(2026, 1, 30, 9, tzinfo=UTC))

    assert quiet_from(arrivals) == datetime(2026, 2, 2, 10, tzinfo=UTC)


def test_a_busy_source_of_which_no_weekend_is_known_yet_is_not_called_quiet_on_a_sunday() -> None:
    friday = datetime(2026, 1, 30, 18, tzinfo=UTC)
    arrivals = every(HOUR / 2, 60, last=friday)

    assert quiet_from(arrivals) == friday + 2 * DAY + 49 * HOUR


def test_a_weekend_lasts_from_midnight_to_midnight_in_london_also_when_the_clocks_change() -> None:
    friday = datetime(2026, 3, 27, 18, tzinfo=UTC)  # London goes to summer time on Sunday, 29 March
    arrivals = working_days(30, last=friday)

    assert quiet_from(arrivals) == friday + 47 * HOUR + 73 * HOUR


def test_what_came_while_nobody_asked_is_not_the_sources_fault() -> None:
    asked = NOW - 5 * DAY
    arrivals = every(3 * HOUR, 60, last=asked - HOUR)

    assert look(at(asked), arrivals).status == "ok"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(minutes=30), "every half hour"),
        (HOUR, "every hour"),
        (3 * HOUR, "every 3 hours"),
        (DAY, "every day"),
        (4 * DAY, "every 4 days"),
        (7 * DAY, "about once a week"),
        (14 * DAY, "about every 2 weeks"),
        (30 * DAY, "about once a month"),
        (92 * DAY, "about every 3 months"),
    ],
)
def test_the_usual_time_is_said_in_plain_words(gap: timedelta, said: str) -> None:
    later = NOW + 10 * gap + 7 * DAY
    found = look(at(later), every(gap, 30), now=later)

    assert found.why.endswith(f"usually something {said}.")


def test_a_source_that_comes_each_tuesday_is_said_to_come_once_a_week_though_weekends_do_not_count() -> None:
    arrivals = every(7 * DAY, 12, last=NINE - 2 * DAY)

    assert look(at(NOW), arrivals).usual == 7 * DAY
    assert "about once a week" in look(at(NOW + 60 * DAY), arrivals, now=NOW + 60 * DAY).why


# --- quiet, with little known ----------------------------------------------------------------------


def test_a_feed_whose_newest_item_is_years_old_is_quiet_at_its_first_poll() -> None:
    found = look(state(newest=datetime(2017, 12, 3, 4, tzinfo=UTC)), (NOW,))

    assert found.status == "quiet"
    assert found.why == "Answers, but its newest item is of 3 December 2017."
    assert found.advice == "Such feeds are often abandoned: look for its successor."


def test_a_feed_without_dates_is_quiet_when_nothing_has_come_for_long() -> None:
    found = state(newest=None)

    assert look(found, (NOW - 50 * DAY,)).status == "ok"
    assert look(found, (NOW - 61 * DAY,)).why == "Answers, but has had nothing new since 29 November 2025."


def test_a_single_page_that_is_dated_anew_is_alive() -> None:
    assert look(state(newest=NOW - 9 * DAY), (NOW - 300 * DAY,), items=1).status == "ok"


def test_a_feed_that_dates_its_old_items_anew_at_each_poll_is_quiet_after_two_months() -> None:
    redated = state(newest=NOW)

    assert look(redated, (NOW - 59 * DAY,), items=10).status == "ok"
    assert look(redated, (NOW - 61 * DAY,), items=10).why == (
        "Answers, but has had nothing new since 29 November 2025."
    )
    assert look(redated, every(DAY, 4, last=NOW - 61 * DAY), items=3).status == "quiet"


def test_a_date_in_the_future_is_no_sign_of_life() -> None:
    assert look(state(newest=NOW + 900 * DAY), (NOW - 300 * DAY,)).status == "quiet"


def test_a_feed_without_an_item_is_quiet_once_it_has_had_a_week() -> None:
    empty = state(newest=None, last_new=None)
    found = look(empty, items=0, matched=0, since=NOW - 8 * DAY)

    assert (found.status, found.why) == ("quiet", "Answers, but has never had an item.")
    assert look(empty, items=0, matched=0, since=NOW - 6 * DAY).status == "ok"
    assert look(empty, items=0, matched=0).status == "quiet"


@given(
    gaps=st.lists(st.integers(1, 60 * 24 * 30), max_size=60).map(
        lambda gaps: [timedelta(minutes=m) for m in gaps]
    ),
    dated=st.booleans(),
)
def test_no_feed_that_has_frozen_stays_ok_for_ever(gaps: list[timedelta], dated: bool) -> None:
    arrivals = [NOW]
    for gap in gaps:
        arrivals.append(arrivals[-1] - gap)
    later = NOW + 400 * DAY
    frozen = state(last_polled=later, last_ok=later, newest=NOW if dated else None)

    assert look(frozen, tuple(arrivals), now=later).status == "quiet"


@given(
    minutes=st.lists(st.integers(0, 60 * 24 * 90), min_size=5, max_size=60, unique=True),
    silence=st.integers(0, 48),
)
def test_no_source_with_a_known_rhythm_is_quiet_within_two_days(minutes: list[int], silence: int) -> None:
    arrivals = tuple(NOW - timedelta(minutes=m) for m in sorted(minutes))
    when = arrivals[0] + timedelta(hours=silence)

    assert look(at(when), arrivals, now=when).status == "ok"


# --- remarks ---------------------------------------------------------------------------------------


def test_a_source_that_has_moved_says_where_to() -> None:
    found = look(state(moved_to="https://new.example/feed"), every(HOUR))

    assert (found.status, found.remark) == (
        "ok",
        "Has moved for good: change its url to https://new.example/feed",
    )


def test_many_items_in_a_long_time_and_no_match_are_worth_a_remark() -> None:
    found = look(state(), every(HOUR), items=84, matched=0, since=NOW - 60 * DAY)

    assert found.remark == (
        "84 items in 60 days and never a match: check its side and kind, or switch it off."
    )


@pytest.mark.parametrize(
    "changes", [{"items": 49}, {"matched": 1}, {"since": NOW - 29 * DAY}, {"since": None}]
)
def test_few_items_a_short_time_or_a_match_are_not(changes: dict[str, Any]) -> None:
    values = {"items": 84, "matched": 0, "since": NOW - 60 * DAY} | changes

    assert look(state(), every(HOUR), **values).remark == ""


def test_without_another_beginning_a_source_is_as_old_as_its_first_known_arrival() -> None:
    assert "in 59 days" in look(state(), every(DAY, 60), items=84, matched=0).remark


# --- notices ---------------------------------------------------------------------------------------

QUIET = look(state(), every(3 * HOUR, 60, last=NOW - 4 * DAY))
OK = look(state(), every(3 * HOUR))
FAILING = look(failing())
ENDED = look(failing(ended=True, error="gone"))
OVERRUN = look(overrun(), source={"every": HOUR})


def tell(health: SourceHealth, told: Notice | None = None, now: datetime = NOW) -> Notice | None:
    found = notices([health], {"gazette": told} if told else {}, now)
    return found[0] if found else None


def said(health: SourceHealth, told: Notice | None = None) -> str:
    notice = tell(health, told)
    assert notice
    return notice.text


def fault(health: SourceHealth, at: datetime = NOW - HOUR) -> Notice:
    return Notice("gazette", "Gazette", at, "fault", health.status, "told before")


@pytest.mark.parametrize(
    ("polls", "lasted", "told"),
    [(3, 6 * HOUR, True), (2, 40 * HOUR, False), (30, 5 * HOUR, False), (1, timedelta(), False)],
)
def test_a_source_that_fails_is_told_of_after_six_hours_and_three_polls(
    polls: int, lasted: timedelta, told: bool
) -> None:
    health = look(failing(polls, lasted))

    assert health.status == "failing"
    assert (tell(health) is not None) is told


def test_each_fault_is_told_in_one_sentence_with_name_since_when_and_why() -> None:
    assert said(FAILING) == (
        "Gazette has failed since 27 Jan, 08:30 (7 polls): timed out after 30 s; last read 27 Jan, 08:00; "
        "open its address in a browser to see whether it has moved."
    )
    assert said(ENDED) == (
        "Gazette has ended, noticed 27 Jan, 08:30: gone; look for its successor and change its url, or "
        "switch it off."
    )
    assert said(OVERRUN) == (
        "Gazette was overrun: between 06:30 and 07:30 on 29 Jan items may have been missed: all that it "
        "listed was new; ask it more often (every: 30m), or take a narrower feed of its publisher."
    )
    assert said(QUIET).startswith(
        "Gazette is quiet: nothing new since 25 Jan, 08:30, though it answers; usually"
    )


@pytest.mark.parametrize("health", [FAILING, ENDED, OVERRUN, QUIET], ids=lambda health: health.status)
def test_a_fault_is_told_once_as_long_as_it_stands(health: SourceHealth) -> None:
    told = tell(health)

    assert told == Notice("gazette", "Gazette", NOW, "fault", health.status, said(health))
    assert tell(health, told, NOW + HOUR) is None


def test_a_fault_that_changes_its_nature_is_told_anew() -> None:
    told = tell(ENDED, fault(FAILING))

    assert told
    assert (told.kind, told.status) == ("fault", "ended")


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (FAILING, "Gazette can be read again since 29 Jan, 08:30."),
        (ENDED, "Gazette can be read again since 29 Jan, 08:30."),
        (QUIET, "Gazette has something new again since 29 Jan, 07:30."),
    ],
)
def test_a_fault_that_is_over_is_told_once(before: SourceHealth, text: str) -> None:
    assert tell(OK, fault(before)) == Notice("gazette", "Gazette", NOW, "recovered", before.status, text)
    assert tell(OK) is None


def test_that_an_overrun_is_over_is_not_told() -> None:
    assert tell(OK, fault(OVERRUN)) is None


def test_that_what_was_missed_has_been_fetched_is_told_once() -> None:
    filled = look(overrun(gap_filled=True), every(HOUR))
    text = "Gazette was overrun, and what it may have missed was fetched since."
    told = Notice("gazette", "Gazette", NOW, "recovered", "overrun", text)

    assert tell(filled, fault(OVERRUN)) == told
    assert tell(filled) is None
    assert tell(filled, fault(FAILING)) != told


def test_that_another_gap_was_filled_says_nothing_of_the_one_that_was_told() -> None:
    assert tell(look(overrun(gap_filled=True), every(HOUR)), fault(OVERRUN, at=NOW - 9 * DAY)) is None


def test_a_source_that_is_overrun_at_every_poll_is_told_of_once_a_week() -> None:
    told, found = None, []
    for polls in range(15 * 24):
        now = NOW + HOUR * polls
        gap = state(gap_from=now - HOUR, gap_to=now)
        notice = tell(look(gap, source={"every": HOUR}, now=now), told, now)
        told = notice or told
        found += [now - NOW] if notice else []

    assert [when // DAY for when in found] == [0, 7, 14]


def test_a_source_that_is_overrun_all_the_time_is_told_of_once_a_week_though_it_is_one_gap() -> None:
    told, found = None, []
    for polls in range(15 * 24):
        now = NOW + HOUR * polls
        notice = tell(look(state(gap_from=NOW - HOUR, gap_to=now), now=now), told, now)
        told = notice or told
        found += [(now - NOW) // DAY] if notice else []

    assert found == [0, 7, 14]


def test_a_source_that_fails_half_of_each_day_is_told_of_every_third_day() -> None:
    kept: list[Notice] = []
    for polls in range(12 * 24):
        now = NOW + HOUR * polls
        hours = polls % 24
        down = hours >= 12
        begun = now - HOUR * (hours - 12)
        found = failing(hours - 11, now - begun, failing_since=begun) if down else state(last_polled=now)
        found = replace(found, last_polled=now, last_ok=begun - HOUR if down else now, newest=now)
        health = look(found, every(HOUR, last=begun - HOUR if down else now), now=now)
        last = {"gazette": kept[-1]} if kept and kept[-1].kind == "fault" else {}
        kept += notices([health], last, now, recent=[notice for notice in kept if notice.at > now - 7 * DAY])

    assert [(notice.kind, (notice.at - NOW) // HOUR) for notice in kept] == [
        (kind, hour + day * 24) for day in (0, 3, 6, 9) for kind, hour in (("fault", 18), ("recovered", 24))
    ]


def test_a_fault_that_stands_is_told_once_the_days_after_the_last_time_are_over() -> None:
    before = fault(FAILING, at=NOW - 2 * DAY)

    assert notices([FAILING], {}, NOW, recent=[before]) == ()
    assert notices([FAILING], {}, NOW + DAY, recent=[before])
    assert notices([FAILING], {}, NOW, recent=[replace(before, source_id="herald")])
    assert notices([FAILING], {}, NOW, recent=[replace(before, status="quiet")])
    assert notices([FAILING], {}, NOW, recent=[replace(before, kind="recovered")])


def test_overruns_that_are_filled_are_told_once_a_week() -> None:
    assert notices([OVERRUN], {}, NOW, recent=[fault(OVERRUN, at=NOW - 6 * DAY)]) == ()
    assert notices([OVERRUN], {}, NOW, recent=[fault(OVERRUN, at=NOW - 7 * DAY)])


def test_a_fault_that_ends_in_another_says_both() -> None:
    assert said(OVERRUN, fault(FAILING)).startswith("Gazette can be read again, but was overrun: between")
    assert said(QUIET, fault(FAILING)).startswith("Gazette can be read again, but is quiet: nothing new")
    assert said(OVERRUN, fault(QUIET)).startswith("Gazette has something new again, but was overrun:")
    assert said(QUIET, fault(OVERRUN)).startswith("Gazette is quiet:")


@pytest.mark.parametrize("status", ["off", "never"])
def test_of_a_source_that_is_not_asked_nothing_is_told(status: Any) -> None:
    assert tell(replace(OK, status=status), fault(FAILING)) is None


def test_over_a_fortnight_with_one_outage_there_are_two_notices_and_not_one_for_each_poll() -> None:
    told: dict[str, Notice] = {}
    history = []
    since = NOW + 3 * DAY
    for polls in range(14 * 24):
        now = NOW + HOUR * polls
        down = since <= now < since + 2 * DAY
        last_ok = since - HOUR if down else now
        found = state(last_polled=now, last_ok=last_ok, newest=now)
        if down:
            found = replace(found, failures=(now - since) // HOUR + 1, failing_since=since, error="refused")
        new = notices([look(found, every(HOUR, last=last_ok), now=now)], told, now)
        history += [(notice.kind, (notice.at - NOW) / DAY) for notice in new]
        told = {notice.source_id: notice for notice in new if notice.kind == "fault"} if new else told

    assert history == [("fault", 3.25), ("recovered", 5.0)]


def test_a_feed_of_one_page_may_stay_as_it_is_for_years() -> None:
    found = state(newest=NOW - 400 * DAY, last_new=NOW - 90 * DAY)

    assert look(found, (NOW - 90 * DAY,), items=1, matched=0).status == "ok"
