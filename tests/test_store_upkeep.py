"""What retention deletes and what it never does; what becomes of a page that comes again."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.models import (
    DigestSpec,
    FeedState,
    Item,
    Label,
    Next,
    Page,
    PageOutcome,
    SourceOutcome,
    Story,
    Verdict,
)
from monitor.store import Limits, Pruned, Store, StoreError, Upkeep
from monitor.store.connection import connect
from monitor.store.upkeep import ITEMS_AT_ONCE

from .conftest import NOW, make_item
from .storing import (
    IRRELEVANT,
    MESSAGE,
    RELEVANT,
    govuk,
    later,
    make_edition,
    open_store,
    outgoing,
    record,
    stories_of,
)
from .test_store import plain, what_a_limit_on_files_raises
from .test_store_kill import killed_at_statement, sound

DAILY = DigestSpec("daily", "UK-China daily", "30 8 * * *")
MUCH_LATER = later(days=100)
UNMATCHED = Limits(unmatched=later(days=10))
BOTH = replace(UNMATCHED, matched=later(days=10))


def prune(store: Store, limits: Limits = UNMATCHED) -> Pruned:
    return sum(store.upkeep.prune(limits), Pruned())


def titles(store: Store) -> list[str]:
    return [judged.item.title for judged in store.each_item()]


def gone_from_its_feed(store: Store, *items: Item, verdict: Verdict = IRRELEVANT) -> None:
    """Items that stood in their feed at NOW, and no longer when that was last read."""
    record(store, *items, verdict=verdict)
    record(store, make_item("What stands there now"), at=MUCH_LATER, verdict=IRRELEVANT)


def row_counts(path: Path, tables: Iterable[str]) -> dict[str, int]:
    with plain(path) as db:
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


# What goes


def test_an_unmatched_item_goes_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Tea from Yunnan", source_id="gazette"), verdict=IRRELEVANT)
        (state,) = store.wanted_pages(NOW, limit=1) or [None]
        assert state is None  # irrelevant pages are not looked up, so the page's row is written by hand
        store.record_page(PageOutcome(replace(store.page_state(1), page=Page())), NOW)
        record(store, govuk("Tea from Fujian", updated=later(hours=1)), at=later(hours=1), verdict=IRRELEVANT)
        moved = govuk("Tea from Fujian", key="https://www.gov.uk/tea", updated=later(hours=1))
        record(store, moved, at=later(hours=2), verdict=IRRELEVANT)
        gone_from_its_feed(store, make_item("Bins in Leeds"))
        tables = ("aliases", "sightings", "revisions", "pages")
        before = row_counts(store.path, tables)

        assert prune(store) == Pruned(unmatched=2)

        assert titles(store) == ["What stands there now"]
        assert store.search("Fujian") == ()
        assert all(before.values())
        assert row_counts(store.path, tables) == {"aliases": 0, "sightings": 1, "revisions": 0, "pages": 0}
    assert sound(tmp_path / "monitor.db")


def test_what_is_not_old_enough_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Old"), verdict=IRRELEVANT)
        record(store, make_item("Young"), at=later(days=10), verdict=IRRELEVANT)
        record(store, make_item("What stands there now"), at=MUCH_LATER, verdict=IRRELEVANT)

        prune(store)

        assert titles(store) == ["Young", "What stands there now"]


def test_without_limits_nothing_goes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("Old"))

        assert prune(store, Limits()) == Pruned()
        assert len(titles(store)) == 2


def test_matched_items_have_a_limit_of_their_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Matched"), verdict=RELEVANT)
        gone_from_its_feed(store, make_item("Unmatched"))

        assert prune(store) == Pruned(unmatched=1)
        assert titles(store) == ["Matched", "What stands there now"]
        assert prune(store, BOTH) == Pruned(matched=1)
        assert titles(store) == ["What stands there now"]


def test_what_would_go_is_told_and_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Matched"), verdict=RELEVANT)
        gone_from_its_feed(store, make_item("One"), make_item("Two"))
        store.set_label(Label(2, False, None, NOW))

        assert store.upkeep.prunable(BOTH) == Pruned(unmatched=1, matched=1)
        assert store.upkeep.count_older(BOTH) == 3
        assert len(titles(store)) == 4


def test_more_than_one_batch_goes_and_a_second_time_finds_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, *(make_item(f"Headline {n}") for n in range(ITEMS_AT_ONCE + 7)))

        steps = list(store.upkeep.prune(UNMATCHED))

        assert steps == [Pruned(unmatched=ITEMS_AT_ONCE), Pruned(unmatched=7)]
        assert prune(store) == Pruned()
    assert sound(tmp_path / "monitor.db")


def test_between_two_steps_others_may_write_and_what_they_want_kept_is(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, Store.open(store.path, busy_timeout=0.01) as other:
        gone_from_its_feed(store, *(make_item(f"Headline {n}") for n in range(ITEMS_AT_ONCE + 2)))
        steps = store.upkeep.prune(UNMATCHED)
        next(steps)

        other.set_label(Label(ITEMS_AT_ONCE + 1, False, None, NOW))

        assert list(steps) == [Pruned(unmatched=1)]
        assert store.item(ITEMS_AT_ONCE + 1) is not None


def test_what_is_labelled_while_it_is_about_to_go_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as other:
        gone_from_its_feed(other, make_item("Labelled"), make_item("Not labelled"))

        def label_it(statement: str) -> None:
            # Between the reading of what may go and the lock under which it goes.
            if statement == "BEGIN IMMEDIATE" and not other.labels():
                other.set_label(Label(1, False, None, NOW))

        with closing(connect(other.path, read_only=False, busy_timeout=1)) as db:
            db.conn.set_trace_callback(label_it)
            steps = list(Upkeep(db, other.path).prune(UNMATCHED))

        assert steps == [Pruned(unmatched=1)]
        assert titles(other) == ["Labelled", "What stands there now"]


# What never goes


def test_what_an_edition_has_shown_stays_with_the_story_it_is_in(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("Shown"), make_item("Same event"), verdict=RELEVANT)
        shown, other = store.unclaimed("daily")[:2]
        store.publish(
            make_edition(),
            MESSAGE,
            stories_of(shown),
            now=NOW,
            rules_version="rules1",
            looked_at=2,
            grouped=[Story(f"s{shown.id}", (shown, other), ("the same words",))],
        )
        # Rules that were changed since, and no longer want it.
        store.rejudge([(shown.id, IRRELEVANT), (other.id, RELEVANT)])

        assert prune(store, BOTH) == Pruned()

        assert titles(store)[:2] == ["Shown", "Same event"]
        assert store.edition(1) is not None


def test_what_an_edition_has_claimed_stays_even_where_nothing_else_holds_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("Shown"))
        store.rejudge([(1, RELEVANT)])
        stories = stories_of(*store.unclaimed("daily"))
        store.publish(make_edition(), MESSAGE, stories, now=NOW, rules_version="rules1", looked_at=1)
        with plain(store.path) as db:
            db.execute("DELETE FROM edition_stories")
            db.execute("DELETE FROM story_items")

        assert prune(store, BOTH) == Pruned()


def test_a_story_that_may_still_be_shown_keeps_its_old_reports(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("Old"))
        record(store, make_item("Young"), at=later(days=11))
        store.rejudge([(1, RELEVANT)])
        old, young = store.unclaimed("daily")
        story = Story("s1", (old, young), ("the same words",))
        store.publish(
            make_edition(), MESSAGE, (), now=NOW, rules_version="rules1", looked_at=2, grouped=[story]
        )

        assert prune(store, BOTH) == Pruned()
        assert prune(store, Limits(matched=later(days=12))) == Pruned(matched=2)


def test_what_an_analyst_has_labelled_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("Labelled"), make_item("Not labelled"))
        store.set_label(Label(1, False, None, NOW))

        prune(store)

        assert titles(store) == ["Labelled", "What stands there now"]


def test_what_a_digest_still_wants_stays(tmp_path: Path) -> None:
    trade = replace(RELEVANT, topics=("trade",))
    with open_store(tmp_path) as store:
        record(store, make_item("Diplomacy"), verdict=RELEVANT)
        record(store, make_item("Few points"), verdict=replace(trade, score=2.0))
        gone_from_its_feed(store, make_item("Trade"), verdict=trade)
        wanted = replace(DAILY, topics=("trade", "security"), min_score=3.0)

        assert prune(store, replace(BOTH, digests=[wanted])) == Pruned(matched=2)

        assert titles(store) == ["Trade", "What stands there now"]


def test_a_story_that_no_edition_has_shown_goes_with_its_last_report(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, make_item("One"), make_item("Two"), verdict=RELEVANT)
        one, two = store.unclaimed("alerts")
        store.publish(
            make_edition(),
            MESSAGE,
            (),
            now=NOW,
            rules_version="rules1",
            looked_at=2,
            grouped=[Story("s1", (one, two), ("the same words",))],
        )
        store.set_label(Label(2, True, None, NOW))
        assert prune(store, BOTH) == Pruned(matched=1)
        (story,) = store.open_stories(NOW)
        assert [judged.item.title for judged in story.items] == ["Two"]
        with plain(store.path) as db:
            assert db.execute("SELECT id, title FROM stories").fetchall() == [("s1", "Two")]

        store.remove_label(2)
        assert prune(store, BOTH) == Pruned(matched=1)
        assert store.open_stories(NOW) == ()
        assert row_counts(store.path, ["stories", "story_items"]) == {"stories": 0, "story_items": 0}


def test_what_stood_in_its_feed_when_that_was_last_read_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Long gone"), verdict=IRRELEVANT)
        record(store, make_item("Just gone"), at=later(days=4), verdict=IRRELEVANT)
        record(store, make_item("Stands there"), at=later(days=5), verdict=IRRELEVANT)
        # For months the feed says that it has not changed, or cannot be read.
        store.record(SourceOutcome(FeedState("gazette"), "unchanged", ()), MUCH_LATER)

        prune(store)

        assert titles(store) == ["Just gone", "Stands there"]


def test_what_stood_in_its_feed_within_its_time_stays_however_old_it_is(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Stood there for weeks"), verdict=IRRELEVANT)
        record(store, make_item("Stood there for weeks"), at=later(days=10), verdict=IRRELEVANT)
        record(store, make_item("What stands there now"), at=MUCH_LATER, verdict=IRRELEVANT)

        assert prune(store) == Pruned()
        assert prune(store, Limits(unmatched=later(days=10, seconds=1))) == Pruned(unmatched=1)


def test_what_stands_in_any_of_its_feeds_stays(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        shared = make_item("In both")
        gone_from_its_feed(store, shared)
        record(store, replace(shared, source_id="herald"), source="herald", verdict=IRRELEVANT)

        assert prune(store) == Pruned()


# What comes again


def test_a_page_that_comes_again_as_it_was_is_not_new_whatever_the_rules_say_now(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        again = make_item("Tea in Kenya", summary="A cup costs less.")
        gone_from_its_feed(store, again)
        prune(store)

        found = record(store, again, at=later(days=101), verdict=RELEVANT)

        assert (found.new, found.updated, found.relevant, found.overrun) == (0, 0, 0, False)
        assert store.unclaimed("daily") == ()
        assert titles(store) == ["What stands there now"]
        assert store.feed_states()["gazette"].last_new is None


def test_a_page_that_comes_again_shows_that_a_feed_reaches_far_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        again = make_item("Tea in Kenya")
        gone_from_its_feed(store, again)
        prune(store)

        new, more = ([make_item(f"{word} {n}") for n in range(2)] for word in ("Headline", "Report"))
        assert not record(store, *new, again, at=later(days=101)).overrun
        assert record(store, *more, at=later(days=102)).overrun


def test_a_page_that_comes_again_changed_is_judged_and_keeps_the_day_it_was_first_seen(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        was = make_item("Tea in Kenya")
        gone_from_its_feed(store, was)
        prune(store)

        found = record(store, replace(was, title="Tea from China"), at=later(days=101), verdict=RELEVANT)

        assert (found.new, found.relevant) == (0, 1)
        (judged,) = store.unclaimed("daily")
        assert (judged.item.title, judged.first_seen) == ("Tea from China", NOW)
        assert store.seen_between(MUCH_LATER, later(days=102)) == (0, 0)
        # It stands in the feed: old as it is, it stays.
        assert prune(store, BOTH) == Pruned()


def test_a_page_is_known_again_under_every_address_that_it_had(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        old = make_item("Tea in Kenya", summary="A cup costs less.")
        new = replace(old, key="https://gazette.example/tea", url="https://gazette.example/tea")
        record(store, old, verdict=IRRELEVANT)
        gone_from_its_feed(store, new)
        assert prune(store) == Pruned(unmatched=1)

        for key in (old.key, new.key):
            again = replace(new, key=key)
            assert record(store, again, at=later(days=101), verdict=RELEVANT).new == 0
        assert store.unclaimed("daily") == ()


# Mails


def with_a_mail(store: Store) -> None:
    """An edition that went to two people at NOW; one mail arrived, one waits."""
    record(store, make_item())
    store.publish(
        make_edition(),
        MESSAGE,
        stories_of(*store.unclaimed("daily")),
        now=NOW,
        rules_version="rules1",
        looked_at=1,
        outgoing=outgoing("a@example.org", "b@example.org"),
    )
    settle(store, 1, Next("sent"))


def settle(store: Store, delivery_id: int, following: Next) -> None:
    handover = store.outbox.begin(delivery_id, NOW)
    assert handover is not None
    store.outbox.settle(handover.delivery, following, NOW)


def test_the_bytes_of_a_mail_go_when_all_who_got_it_are_settled_and_the_ledger_stays(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with_a_mail(store)
        limits = Limits(mails=later(days=1))
        assert prune(store, limits) == Pruned()

        settle(store, 2, Next("refused", reason="550 No such user"))
        assert prune(store, Limits(mails=NOW)) == Pruned()
        assert store.upkeep.prunable(limits) == Pruned(mails=1)
        ledger = store.outbox.ledger()
        edition = store.edition(1)
        assert prune(store, limits) == Pruned(mails=1)

        assert store.outbox.mail_of(1) is None
        assert store.outbox.ledger() == ledger
        assert store.edition(1) == edition
        assert prune(store, limits) == Pruned()


# The file


def test_a_kill_at_any_statement_leaves_a_sound_file_and_the_next_run_finishes(tmp_path: Path) -> None:
    def act() -> None:
        with Store.open(tmp_path / "monitor.db") as store:
            prune(store, replace(BOTH, mails=later(days=1)))

    with open_store(tmp_path) as store:
        record(store, make_item("Matched"), verdict=RELEVANT)
        (matched,) = store.unclaimed("daily")
        store.publish(
            make_edition(),
            MESSAGE,
            (),
            now=NOW,
            rules_version="rules1",
            looked_at=2,
            grouped=stories_of(matched),
            outgoing=outgoing("a@example.org"),
        )
        settle(store, 1, Next("sent"))
        gone_from_its_feed(store, make_item("One"), make_item("Two"))
    shutil.copy(tmp_path / "monitor.db", tmp_path / "before.db")
    number, seen = 1, set()
    while killed_at_statement(number, act):
        assert sound(tmp_path / "monitor.db")
        with Store.open(tmp_path / "monitor.db") as store:
            left = len(titles(store))
            assert left in (4, 1)
            seen.add((left, store.outbox.mail_of(1) is None))
            assert record(store, make_item("One"), at=MUCH_LATER).new == 0
            prune(store, replace(BOTH, mails=later(days=1)))
            assert store.find(make_item("Two").key) is None
        shutil.copy(tmp_path / "before.db", tmp_path / "monitor.db")
        number += 1

    assert number > 10
    assert {(4, False), (1, False)} <= seen
    assert sound(tmp_path / "monitor.db")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked, because its limit cannot be lifted")
def test_on_a_disk_without_room_nothing_is_half_deleted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, *(make_item(f"Headline {n}", summary="words " * 99) for n in range(300)))
    path = tmp_path / "monitor.db"

    said = what_a_limit_on_files_raises(100_000, lambda: prune(Store.open(path)))

    assert said.startswith(f"StoreError: {path} cannot be read or written: check the disk")
    assert sound(path)
    with Store.open(path) as store:
        assert len(titles(store)) == 301
        assert prune(store) == Pruned(unmatched=300)


def test_what_was_deleted_is_free_and_is_given_back_when_asked_for(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        gone_from_its_feed(store, *(make_item(f"Headline {n}", text="words " * 400) for n in range(300)))
        full = store.upkeep.space()
        prune(store)
        freed = store.upkeep.space()

        store.upkeep.vacuum()

        assert freed.bytes >= full.bytes
        assert freed.free > full.bytes / 2
        assert store.upkeep.space().free == 0
        assert store.path.stat().st_size == store.upkeep.space().bytes < full.bytes / 2
        assert titles(store) == ["What stands there now"]
    assert sound(tmp_path / "monitor.db")


def test_when_it_was_last_pruned_is_remembered(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.upkeep.last_pruned() is None
        store.upkeep.note_pruned(NOW)
        store.upkeep.note_pruned(NOW + timedelta(hours=1))

        assert store.upkeep.last_pruned() == later(hours=1)


# The start of a service


def test_a_sound_file_is_read_through_at_the_start_unless_it_is_large(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.check_at_start()
        assert not store.check_at_start(most=store.path.stat().st_size - 1)


@pytest.mark.parametrize("left", [1.0, 0.5], ids=["overwritten", "truncated"])
def test_a_damaged_file_is_refused_at_the_start_before_anything_is_written(
    tmp_path: Path, left: float
) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Headline {n}", summary="words " * 99) for n in range(100)))
    path = tmp_path / "monitor.db"
    content = bytearray(path.read_bytes())
    if left == 1.0:
        content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    content = content[: int(len(content) * left) // 4096 * 4096]
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"is damaged.*restore a backup"), Store.open(path) as store:
        store.check_at_start()

    assert path.read_bytes() == bytes(content)


def test_an_empty_file_is_a_database_to_be_made(tmp_path: Path) -> None:
    # What a kill leaves at the very first statement.
    path = tmp_path / "monitor.db"
    path.touch()

    with Store.open(path) as store:
        assert store.check_at_start()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM items").fetchone() == (0,)
