"""The numbers for Prometheus, read back with Prometheus' own library, and the alerts that go with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from monitor.health import metrics, shortest_interval, staleness
from monitor.models import Arrived, FeedState, Figures, LastEdition, Mark, Posts, Running, Status

from .conftest import NOW, PROJECT, make_source

AT = NOW.timestamp()
DOCS = (PROJECT / "docs" / "monitoring.md").read_text(encoding="utf-8")
ALERTS = (PROJECT / "docs" / "alerts.yml").read_text(encoding="utf-8")

RUNNING = Running(
    started=NOW - timedelta(days=1),
    last_run=NOW,
    last_success=NOW - timedelta(hours=1),
    seconds=2.5,
    config_loaded=NOW - timedelta(days=1),
)
WELL = Status(last_poll=NOW, is_fresh=True, is_writable=True)
SOURCES = [
    make_source("gazette"),
    make_source("ledger"),
    make_source("new"),
    make_source("off", enabled=False),
]
STATES = {
    "gazette": FeedState("gazette", last_polled=NOW, last_ok=NOW),
    "ledger": FeedState("ledger", last_polled=NOW, failures=3, failing_since=NOW - timedelta(hours=2)),
    "new": FeedState("new"),
    "off": FeedState("off", last_polled=NOW, last_ok=NOW),
}
FIGURES = Figures(
    mark=Mark(9, 9),
    arrived=(
        Arrived("gazette", True, "trade", 2),
        Arrived("gazette", True, "", 1),
        Arrived("gazette", False, "", 4),
        Arrived("ledger", True, "trade", 1),
    ),
    posts=(Posts("daily", "sent", 3), Posts("daily", "pending", 2), Posts("daily", "sending", 1)),
    editions=(LastEdition("daily", NOW, 12, 60_000),),
    waiting_since=NOW - timedelta(hours=3),
    bytes=4096,
)


def whole(running: Running = RUNNING, status: Status = WELL) -> str:
    """Everything that the service says."""
    return metrics.exposition(
        (
            *metrics.service(running, status, "0.1.0", "4be1c07d"),
            *metrics.sources(SOURCES, STATES, metrics.Counts().plus(FIGURES), ["trade", "security"]),
            *metrics.digests(["daily", "weekly"], FIGURES),
        )
    )


def read(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """By name and then by the values of the labels, as Prometheus reads it."""
    return {
        sample.name: {tuple(one.labels.values()): one.value for one in family.samples}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_numbers_are_read_back_as_they_were_meant() -> None:
    found = read(whole())

    assert found["monitor_build_info"] == {("0.1.0", "4be1c07d"): 1}
    assert found["monitor_healthy"] == {(): 1}
    assert found["monitor_last_run_timestamp_seconds"] == {(): AT}
    assert found["monitor_last_run_success_timestamp_seconds"] == {(): AT - 3600}
    assert found["monitor_run_duration_seconds"] == {(): 2.5}
    assert found["monitor_source_up"] == {("gazette",): 1, ("ledger",): 0}
    assert found["monitor_source_last_success_timestamp_seconds"] == {("gazette",): AT}
    assert found["monitor_source_failing_since_timestamp_seconds"] == {("ledger",): AT - 7200}
    assert found["monitor_items_seen_total"] == {("gazette",): 7, ("ledger",): 1, ("new",): 0}
    assert found["monitor_items_matched_total"] == {("trade",): 3, ("security",): 0, ("",): 1}
    assert found["monitor_digest_stories"] == {("daily",): 12}
    assert found["monitor_digest_html_bytes"] == {("daily",): 60_000}
    assert found["monitor_digest_last_timestamp_seconds"] == {("daily",): AT}
    assert found["monitor_deliveries_waiting"] == {("daily",): 3, ("weekly",): 0}
    assert found["monitor_deliveries_waiting_since_timestamp_seconds"] == {(): AT - 3 * 3600}
    assert found["monitor_database_bytes"] == {(): 4096}


def test_every_outcome_stands_there_from_the_beginning_so_that_the_first_loss_is_an_increase() -> None:
    sent = read(whole())["monitor_digest_sent_total"]

    assert sent == {
        (digest, outcome): 3 if (digest, outcome) == ("daily", "sent") else 0
        for digest in ("daily", "weekly")
        for outcome in ("sent", "refused", "unknown", "expired")
    }


def test_only_what_can_but_grow_is_a_counter() -> None:
    kinds = {family.name: family.type for family in text_string_to_metric_families(whole())}

    counters = {name for name, kind in kinds.items() if kind == "counter"}
    assert counters == {"monitor_items_seen", "monitor_items_matched", "monitor_digest_sent"}


def test_what_is_not_known_is_not_there() -> None:
    found = read(metrics.exposition(metrics.service(Running(NOW), Status(("not yet",)), "0.1.0", "r")))

    assert "monitor_last_run_success_timestamp_seconds" not in found
    assert "monitor_last_poll_timestamp_seconds" not in found
    assert [found[f"monitor_{name}"][()] for name in ("healthy", "polls_fresh", "database_writable")] == [
        0,
        0,
        0,
    ]


def test_a_config_that_is_not_used_is_a_number() -> None:
    running = Running(NOW, config_trouble="config.yaml:3:1: Unknown key.")

    assert read(whole(running))["monitor_config_last_reload_successful"] == {(): 0}
    assert "config.yaml" not in whole(running)


def test_counts_grow_with_what_arrives() -> None:
    counts = metrics.Counts().plus(FIGURES).plus(FIGURES)

    assert (counts.seen, counts.matched) == ({"gazette": 14, "ledger": 2}, {"trade": 6, "": 2})


def test_any_label_survives_the_format() -> None:
    odd = 'a"b\\c\nd北京'
    family = metrics.Family("monitor_source_up", "gauge", "Back\\slash\nand line.", (({"source": odd}, 1),))

    (found,) = text_string_to_metric_families(metrics.exposition([family]))

    assert (found.documentation, found.samples[0].labels) == ("Back\\slash\nand line.", {"source": odd})


def test_every_number_is_told_of_in_the_docs_and_no_other() -> None:
    told = set(re.findall(r"^\| `(monitor_\w+)", DOCS, re.MULTILINE))

    assert told == set(read(whole()))


def test_the_alerts_ask_for_numbers_that_there_are() -> None:
    rules = [rule for group in yaml.safe_load(ALERTS)["groups"] for rule in group["rules"]]
    found = read(whole())

    for rule in rules:
        named = set(re.findall(r"monitor_\w+", rule["expr"]))
        assert named
        assert named <= set(found), rule["alert"]
        for label, value in re.findall(r'(\w+)=~?"([^"]+)"', rule["expr"]):
            labels = [
                sample.labels
                for family in text_string_to_metric_families(whole())
                for sample in family.samples
                if sample.name in named
            ]
            assert all(any(one.get(label) == part for one in labels) for part in value.split("|")), rule
        assert {"summary", "description"} <= rule["annotations"].keys()
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_there_is_an_alert_for_each_way_of_going_quiet() -> None:
    asked = " ".join(rule["expr"] for group in yaml.safe_load(ALERTS)["groups"] for rule in group["rules"])

    for name in (
        "monitor_build_info",
        "monitor_digest_last_timestamp_seconds",
        "monitor_source_failing_since_timestamp_seconds",
        "monitor_deliveries_waiting_since_timestamp_seconds",
        "monitor_digest_sent_total",
        "monitor_polls_fresh",
        "monitor_config_last_reload_successful",
        "monitor_database_writable",
        "monitor_last_run_success_timestamp_seconds",
    ):
        assert name in asked


# Freshness


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([], "no source has been asked yet: run `monitor poll`"),
        ([{}], "no source has been asked yet: run `monitor poll`"),
        ([{"last_polled": timedelta(minutes=70), "last_ok": timedelta(minutes=70)}], ""),
        (
            [{"last_polled": timedelta(minutes=71), "last_ok": timedelta(minutes=71)}],
            "the last poll was 1 h ago; 70 min are allowed",
        ),
        ([{"last_polled": timedelta(), "last_ok": timedelta(hours=3)}], ""),
        (
            [{"last_polled": timedelta(), "last_ok": timedelta(hours=4)}],
            "no source could be read for 4 h: see `monitor sources`",
        ),
        (
            [{"last_polled": timedelta(), "last_ok": timedelta(days=3)}],
            "no source could be read for 3 d: see `monitor sources`",
        ),
        ([{"last_polled": timedelta()}], "every source has failed so far: see `monitor sources`"),
        ([{"last_polled": timedelta()}, {"last_ok": timedelta()}], ""),
    ],
)
def test_polls_are_fresh_while_one_is_in_time_and_one_was_answered(
    states: list[dict[str, timedelta]], says: str
) -> None:
    moments: list[dict[str, Any]] = [{name: NOW - ago for name, ago in one.items()} for one in states]
    known = [FeedState("a", **one) for one in moments]

    assert staleness(shortest_interval([make_source()]), known, NOW) == says


def test_a_poll_that_is_said_to_be_in_the_future_says_nothing() -> None:
    later = NOW + timedelta(days=400)
    odd = FeedState("a", last_polled=later, last_ok=later)
    old = FeedState("b", last_polled=NOW - timedelta(hours=4), last_ok=NOW)

    assert staleness(timedelta(minutes=30), [odd], NOW).startswith("no source has been asked yet")
    assert staleness(timedelta(minutes=30), [odd, old], NOW).startswith("the last poll was 4 h ago")


def test_without_a_source_that_is_on_nothing_is_fresh() -> None:
    polled = FeedState("off", last_polled=NOW, last_ok=NOW)

    every = shortest_interval([make_source("off", enabled=False)])

    assert staleness(every, [polled], NOW) == "no source is switched on"


def test_times_are_seconds_since_1970() -> None:
    started = Running(datetime(1970, 1, 2, tzinfo=UTC))

    assert "monitor_started_timestamp_seconds 86400\n" in whole(started)
