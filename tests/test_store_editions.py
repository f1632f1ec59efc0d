"""Editions: each relevant item once in each digest, and all of an edition in one transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.models import Delivery, Edition, Judged, Message, Published, Story, Update
from monitor.store import AlreadyPublished, Store

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


def publish(store: Store, edition: Edition, *judged: Judged, to: tuple[str, ...] = ()) -> Published:
    return store.publish(
        edition,
        MESSAGE,
        stories_of(*judged),
        now=NOW,
        rules_version="rules1",
        looked_at=12,
        outgoing=outgoing(*to),
    )


def titles(judged: tuple[Judged, ...]) -> list[str]:
    return [one.item.title for one in judged]


def test_an_edition_comes_back_with_its_bytes_and_mails(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        one, two = store.unclaimed("daily")

        published = store.publish(
            make_edition(),
            MESSAGE,
            [Story("s1", (one, two))],
            now=NOW,
            rules_version="rules1",
            looked_at=12,
            outgoing=outgoing("b@example.org", "a@example.org"),
        )

        queued = {"queued": NOW, "changed": NOW, "next_try": NOW}
        deliveries = (
            Delivery("b@example.org", "pending", 1, message_id="<1.b@example.org>", **queued),
            Delivery("a@example.org", "pending", 2, message_id="<1.a@example.org>", **queued),
        )
        assert published == Published(1, make_edition(), MESSAGE, 1, 2, False, deliveries, "rules1")
        assert store.edition(1) == store.edition_for_slot("daily", "2026-01-29") == published


def test_an_item_comes_out_once_in_each_digest(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        publish(store, make_edition(), *store.unclaimed("daily"))
        record(store, make_item("Three"))

        assert titles(store.unclaimed("daily")) == ["Three"]
        assert titles(store.unclaimed("weekly")) == ["One", "Two", "Three"]

        publish(store, make_edition("w5", digest="weekly"), *store.unclaimed("weekly"))
        assert store.unclaimed("weekly") == ()
        assert titles(store.unclaimed("daily")) == ["Three"]


def test_what_an_edition_left_out_is_still_unclaimed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        one, _ = store.unclaimed("daily")

        publish(store, make_edition(), one)

        assert titles(store.unclaimed("daily")) == ["Two"]
        assert (store.count_unclaimed("daily"), store.count_unclaimed("weekly")) == (1, 2)


def test_a_digest_takes_only_its_topics_and_scores(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Trade"), verdict=replace(RELEVANT, topics=("trade", "security"), score=9.0))
        record(store, make_item("Summit"), verdict=replace(RELEVANT, topics=("diplomacy",), score=6.0))
        record(store, make_item("No topic"), verdict=replace(RELEVANT, topics=(), score=6.0))
        record(store, make_item("Irrelevant"), verdict=IRRELEVANT)

        assert titles(store.unclaimed("alerts", topics=["security", "rights"])) == ["Trade"]
        assert titles(store.unclaimed("alerts", min_score=9.0)) == ["Trade"]
        assert store.count_unclaimed("alerts", topics=["diplomacy", "rights"], min_score=6.0) == 1
        assert titles(store.unclaimed("alerts")) == ["Trade", "Summit", "No topic"]


def test_an_updated_item_comes_out_again_as_an_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Old title"), make_item("Other"))
        publish(store, make_edition(), *store.unclaimed("daily"))
        record(store, govuk("New title", updated=later(days=1)), at=later(days=1))

        (again,) = store.unclaimed("daily")
        assert again.update == Update(later(days=1), "published again, new title", "Old title")
        assert [judged.update for judged in store.unclaimed("weekly")] == [None, None]

        publish(store, make_edition("2026-01-30", slot="2026-01-30"), again)
        assert store.unclaimed("daily") == ()
        assert [published.edition.name for published in store.editions_of(again.id)] == [
            "2026-01-29",
            "2026-01-30",
        ]


def test_several_updates_between_two_editions_are_told_as_one(tmp_path: Path) -> None:
    def article(title: str, hour: int, summary: str = "") -> None:
        item = make_item(title, key="k", guid="g", summary=summary, updated=later(hours=hour))
        record(store, item, at=later(hours=hour))

    with open_store(tmp_path) as store:
        article("Talks begin", 0)
        publish(store, make_edition(), *store.unclaimed("daily"))
        article("Talks go on", 1)
        article("Talks go on", 2, summary="More of it.")
        article("Talks end", 3)

        (again,) = store.unclaimed("daily")
        assert again.update == Update(later(hours=3), "new title, text changed", "Talks begin")


def test_an_update_that_left_the_title_alone_names_no_old_title(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        publish(store, make_edition(), *store.unclaimed("daily"))
        record(store, govuk(updated=later(days=1)))

        (again,) = store.unclaimed("daily")
        assert again.update is not None
        assert again.update.old_title is None


def test_an_item_that_became_relevant_in_another_feed_after_an_edition_is_new(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "embassy") as store:
        record(store, make_item(), verdict=IRRELEVANT)
        publish(store, make_edition())

        record(store, make_item(source_id="embassy"), source="embassy")

        assert [judged.update for judged in store.unclaimed("daily")] == [None]


def test_a_slot_has_one_edition(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))
        publish(store, make_edition(), to=("a@example.org",))

        with pytest.raises(AlreadyPublished, match="daily has an edition 2026-01-29 already for 2026-01-29"):
            publish(store, make_edition("2026-01-29-2"), *store.unclaimed("daily"))

        assert titles(store.unclaimed("daily")) == ["One"]
        assert len(store.editions()) == 1


def test_the_same_slot_of_another_digest_is_free(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        publish(store, make_edition())

        assert publish(store, make_edition(digest="weekly")).id == 2


def test_a_name_is_given_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        publish(store, make_edition(slot=None))

        with pytest.raises(AlreadyPublished, match=r"daily has an edition 2026-01-29 already$"):
            publish(store, make_edition(slot=None))


def test_editions_made_by_hand_have_no_slot_and_any_number(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for name in ("2026-01-29", "2026-01-29-2", "2026-01-29-3"):
            publish(store, make_edition(name, slot=None))

        assert store.edition_names("daily", NOW.date()) == ("2026-01-29", "2026-01-29-2", "2026-01-29-3")
        assert store.edition_names("weekly", NOW.date()) == ()
        assert store.edition_names("daily", later(days=1).date()) == ()


def test_two_processes_cannot_bring_the_same_item_twice(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, Store.open(store.path) as other:
        record(store, make_item("One"), make_item("Two"))
        mine, theirs = store.unclaimed("daily"), other.unclaimed("daily")
        publish(other, make_edition(), *theirs)

        with pytest.raises(AlreadyPublished, match="2 of the items"):
            publish(store, make_edition("2026-01-29-2", slot=None), *mine)

        assert titles(store.unclaimed("weekly")) == ["One", "Two"]
        assert len(store.editions()) == 1


def test_an_edition_that_fails_half_way_claims_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))
        (one,) = store.unclaimed("daily")

        with pytest.raises(sqlite3.IntegrityError):
            publish(store, make_edition(), one, replace(one, id=99), to=("a@example.org",))

        assert store.editions() == ()
        assert titles(store.unclaimed("daily")) == ["One"]


def test_editions_wait_until_their_files_are_written(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first = publish(store, make_edition())
        second = publish(store, make_edition("2026-01-30", slot="2026-01-30"))
        assert store.unwritten() == (first, second)

        store.mark_written(first.id)

        assert store.unwritten() == (second,)
        assert store.edition(first.id) == replace(first, written=True)


def test_the_last_editions_come_without_their_bytes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))
        publish(store, make_edition(), *store.unclaimed("daily"))
        publish(store, make_edition("2026-01-30", slot="2026-01-30"))

        last, with_items = store.last_edition("daily"), store.last_edition_with_items("daily")
        assert last is not None
        assert with_items is not None
        assert (last.edition.name, with_items.edition.name) == ("2026-01-30", "2026-01-29")
        assert last.message == Message(MESSAGE.subject, "", "", "")
        assert [published.id for published in store.editions("daily", limit=1)] == [2]


def test_a_digest_without_editions_has_no_last_one(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.last_edition("daily") is None
        assert store.last_edition_with_items("daily") is None
        assert store.edition_for_slot("daily", "2026-01-29") is None
        assert store.edition(1) is None


def test_the_ledger_has_one_line_for_each_recipient(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        publish(store, make_edition(), to=("a@example.org", "b@example.org"))
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
        assert db.execute(
            "SELECT edition_id, recipient, status, attempts, changed FROM deliveries"
        ).fetchall() == [
            (1, "a@example.org", "pending", 0, "2026-01-29T08:30:00Z"),
            (1, "b@example.org", "pending", 0, "2026-01-29T08:30:00Z"),
        ]
