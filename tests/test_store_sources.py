"""Sources: the config's, their state between polls, and their habits."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from monitor.models import FeedState, SourceOutcome
from monitor.store.connection import connect
from monitor.store.feeds import arrivals, sync_sources
from monitor.store.pages import wanted_pages

from .conftest import NOW, make_item, make_source
from .storing import IRRELEVANT, later, open_store, outcome, record

STATE = FeedState(
    "gazette",
    url="https://gazette.example/feed",
    etag='W/"abc"',
    last_modified="Thu, 29 Jan 2026 08:00:00 GMT",
    body_hash="f00d",
    next_due=later(minutes=30),
    last_polled=NOW,
    last_ok=NOW,
    last_new=later(hours=-5),
    failures=2,
    failing_since=later(hours=-1),
    error="timed out",
    http_status=200,
    ended=True,
    moved_to="https://gazette.example/new-feed",
    newest=later(hours=-6),
    gap_from=later(hours=-9),
    gap_to=later(hours=-7),
    gap_filled=True,
)


def test_a_source_begins_without_memory(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        assert store.feed_states() == {"gazette": FeedState("gazette"), "herald": FeedState("herald")}


def test_a_state_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.record(SourceOutcome(STATE, "unchanged"), NOW)

        assert store.feed_states() == {"gazette": STATE}


def test_syncing_keeps_the_state_and_follows_the_config(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        store.record(SourceOutcome(STATE, "ok"), NOW)

        store.sync_sources([make_source("times"), make_source("gazette", outlet="The Gazette")])

        assert list(store.feed_states()) == ["times", "gazette", "herald"]
        assert store.feed_states()["gazette"] == STATE
        assert [(s.id, s.outlet, s.enabled) for s in store.source_report()] == [
            ("times", "Times", True),
            ("gazette", "The Gazette", True),
            ("herald", "Herald", False),
        ]


def test_a_source_that_is_back_in_the_config_goes_on_where_it_was(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.record(SourceOutcome(STATE, "ok"), NOW)
        store.sync_sources([make_source("gazette", enabled=False)])
        store.sync_sources([])
        assert [source.enabled for source in store.source_report()] == [False]

        store.sync_sources([make_source("gazette")])

        assert store.feed_states() == {"gazette": STATE}
        assert [source.enabled for source in store.source_report()] == [True]


def test_a_corrected_outlet_is_right_for_old_items_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        store.sync_sources([make_source("gazette", outlet="The Gazette", kind="trade-press")])

        judged = store.item(1)
        assert judged is not None
        assert (judged.outlet, judged.kind) == ("The Gazette", "trade-press")


def test_a_source_that_comes_back_under_another_outlet_renames_its_items_and_no_others(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item("One"))
        record(store, make_item("Two", source_id="herald"), source="herald")
        store.sync_sources([])

        store.sync_sources([make_source("gazette", outlet="The Gazette"), make_source("herald")])

        assert [judged.outlet for judged in store.seen_since(NOW)] == ["The Gazette", "Herald"]


def test_an_item_that_names_its_publisher_keeps_it_whatever_its_source_is_called(tmp_path: Path) -> None:
    with open_store(tmp_path, "search") as store:
        named = make_item("One", source_id="search", outlet="The Loadstar")
        record(store, named, make_item("Two", source_id="search"), source="search")

        store.sync_sources([make_source("search", outlet="News search", kind="other")])

        one, two = store.seen_since(NOW)
        assert (one.outlet, one.item, one.kind) == ("The Loadstar", named, "other")
        assert (two.outlet, two.item.outlet) == ("News search", "")


def test_a_publisher_that_is_named_later_takes_the_place_of_the_source_s_name(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert record(store, make_item(outlet="The Loadstar")).updated == 0

        judged = store.item(1)
        assert judged is not None
        assert (judged.outlet, judged.item.outlet, judged.revision) == ("The Loadstar", "The Loadstar", 1)


def test_syncing_sources_that_did_not_change_does_not_read_the_items(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    statements: list[str] = []
    with closing(connect(tmp_path / "monitor.db", read_only=False, busy_timeout=1)) as db:
        db.conn.set_trace_callback(statements.append)

        sync_sources(db, [make_source("gazette", name="A new name", enabled=False)])
        assert [statement for statement in statements if "items" in statement] == []

        sync_sources(db, [make_source("gazette", outlet="The Gazette")])
        assert len([statement for statement in statements if "items" in statement]) == 1


def test_items_of_a_source_that_left_the_config_stay(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        store.sync_sources([make_source("herald")])

        assert [judged.item.source_id for judged in store.unclaimed("daily")] == ["gazette"]


def test_new_items_set_the_time_of_the_last_news(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        store.record(replace(outcome(make_item()), state=store.feed_states()["gazette"]), later(hours=1))

        assert store.feed_states()["gazette"].last_new == NOW


def test_a_page_that_another_source_had_first_is_still_news_of_a_source(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item())

        record(store, make_item(source_id="herald"), source="herald", at=later(hours=1))

        assert store.feed_states()["herald"].last_new == later(hours=1)


def test_the_report_counts_what_stands_in_each_source(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item("One"), make_item("Two"))
        record(store, make_item("One", source_id="herald"), source="herald")
        record(store, make_item("Three", source_id="herald"), source="herald", verdict=IRRELEVANT)

        report = {source.id: source for source in store.source_report()}

    assert [(s.items, s.matched) for s in report.values()] == [(2, 2), (2, 1)]
    assert report["gazette"].first_seen == NOW
    assert report["gazette"].state.last_new == NOW


def test_a_source_without_items_is_reported_empty(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        (report,) = store.source_report()

    assert (report.items, report.matched, report.first_seen) == (0, 0, None)


# Arrivals


def test_arrivals_are_the_times_at_which_a_source_brought_something_new(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald", "times") as store:
        record(store, make_item("One"), make_item("Two"))
        record(store, make_item("Two"), at=later(hours=1))
        record(store, make_item("Two"), make_item("Three"), at=later(hours=2))
        record(store, make_item("One", source_id="herald"), source="herald", at=later(hours=3))

        assert store.arrivals() == {
            "gazette": (later(hours=2), NOW),
            "herald": (later(hours=3),),
            "times": (),
        }


def test_of_many_arrivals_the_latest_are_given(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for hour in range(8):
            record(store, make_item(f"News of hour {hour}"), at=later(hours=hour))

        assert store.arrivals(limit=3) == {"gazette": (later(hours=7), later(hours=6), later(hours=5))}


def test_arrivals_and_what_is_wanted_are_read_from_indexes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Headline {n}") for n in range(50)))
    statements: list[str] = []
    with closing(connect(tmp_path / "monitor.db", read_only=False, busy_timeout=1)) as db:
        db.conn.set_trace_callback(statements.append)
        arrivals(db, 60)
        wanted_pages(db, NOW, govuk=True, full_text=["gazette"], limit=10)
        db.conn.set_trace_callback(None)
        plans = [
            step
            for statement in statements
            for *_, step in db.conn.execute(f"EXPLAIN QUERY PLAN {statement}")
            if step.startswith(("SCAN sightings", "SCAN items", "SCAN pages"))
        ]

    # A partial index read from end to end holds only what may be wanted.
    assert plans == ["SCAN items USING INDEX items_govuk"]
