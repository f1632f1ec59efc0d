"""The benchmarks themselves: what they serve is what they say, and what they compare is sound."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import feedparser
import pytest

from benchmarks.bars import bars
from benchmarks.feeds import ENTRIES, feeds, is_changed
from benchmarks.measure import Target, run
from benchmarks.peers import Monitor, write_config
from benchmarks.server import FeedServer, State
from monitor import config, resources

BASE = "http://127.0.0.1:20000"


def titles(body: bytes) -> list[str]:
    return [entry.title for entry in feedparser.parse(body).entries]


@pytest.mark.parametrize("feed", feeds(30), ids=lambda feed: f"{feed.number}-{feed.kind}")
def test_a_feed_has_thirty_entries_and_is_ill_formed_only_where_it_says_so(feed: Any) -> None:
    parsed = feedparser.parse(feed.body(BASE))
    assert len(parsed.entries) == ENTRIES
    assert bool(parsed.bozo) == bool(feed.fault)


def test_feeds_are_the_same_at_each_run_and_whatever_their_number() -> None:
    assert [feed.body(BASE) for feed in feeds(3)] == [feed.body(BASE) for feed in feeds(5)[:3]]


def test_a_new_entry_comes_on_top_and_the_oldest_falls_off() -> None:
    feed = feeds(1)[0]
    before, after = titles(feed.body(BASE)), titles(feed.body(BASE, new=1))
    assert after[1:] == before[:-1]
    assert after[0] not in before


def test_another_date_in_the_head_leaves_the_entries_as_they_are() -> None:
    for feed in feeds(4):
        before, after = feed.body(BASE), feed.body(BASE, touched=1)
        assert before != after
        start = before.index(feed.entry(BASE, ENTRIES - 1))
        assert before[start:] == after[start:]


def test_about_as_many_feeds_change_as_are_asked_for() -> None:
    assert 40 <= sum(is_changed(number, 5) for number in range(1000)) <= 60
    assert all(is_changed(number, 100) for number in range(100))


def test_the_server_answers_304_to_its_own_validators_and_counts() -> None:
    with FeedServer(1) as server:
        server.show(State())
        with urllib.request.urlopen(server.urls[0]) as answer:
            etag, body = answer.headers["etag"], answer.read()
        packed = urllib.request.Request(server.urls[0], headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(packed) as answer:
            assert gzip.decompress(answer.read()) == body
        asked = urllib.request.Request(server.urls[0], headers={"If-None-Match": etag})
        with pytest.raises(urllib.error.HTTPError, match="304") as known:
            urllib.request.urlopen(asked)
        known.value.close()
        sent = server.show(State(validators=False))
        assert (sent.whole, sent.unchanged) == (2, 1)
        with urllib.request.urlopen(asked) as answer:
            assert answer.read() == body


def test_our_poll_of_the_feeds_stores_every_entry(tmp_path: Path) -> None:
    with FeedServer(2) as server:
        tool = Monitor()
        tool.prepare(tmp_path, server.urls)
        assert run(tool.command(tmp_path), tmp_path).code == 0
        assert tool.accepted(tmp_path) == set(server.urls)


def test_the_config_that_is_measured_has_the_shipped_rules(tmp_path: Path) -> None:
    write_config(tmp_path, ["http://127.0.0.1:9/feed"])
    loaded = config.load(tmp_path / "config.yaml", {})
    shipped = config.load(resources.starter_config(), {})
    assert loaded.rulebook.version == shipped.rulebook.version
    assert len(loaded.sources) == 1


@pytest.mark.parametrize(
    ("reached", "verdict"), [(0.6, "missed"), (0.5, "met"), (0.3, "met"), (0.25, "stretch met")]
)
def test_a_target_is_met_where_what_was_reached_is_no_more(reached: float, verdict: str) -> None:
    assert Target("work", reached, 1 / 2, 1 / 4).verdict == verdict


def test_bars_are_as_long_as_their_costs() -> None:
    drawn = bars("Costs", "ms", {"a poll": {"ours": 1.0, "theirs": 4.0}}, "ours")
    assert 'width="115.0"' in drawn
    assert 'width="460.0"' in drawn
