"""The numbers that the service is watched by, from a real database."""

from __future__ import annotations

from pathlib import Path

from monitor.models import Arrived, LastEdition, Mark, Next, Posts
from monitor.store import Store

from .conftest import NOW, make_item
from .storing import (
    IRRELEVANT,
    MESSAGE,
    later,
    make_edition,
    open_store,
    outgoing,
    record,
    stories_of,
)


def published(store: Store, *recipients: str, name: str = "2026-01-29", digest: str = "daily") -> None:
    """An edition of what is unclaimed, for these."""
    store.publish(
        make_edition(name, slot=name, digest=digest),
        MESSAGE,
        stories_of(*store.unclaimed(digest)),
        now=NOW,
        rules_version="r",
        looked_at=1,
        outgoing=outgoing(*recipients),
    )


def test_an_empty_database_has_numbers_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        found = store.figures(Mark(0, 0))

    assert (found.mark, found.arrived, found.posts, found.editions) == (Mark(0, 0), (), (), ())
    assert found.waiting_since is None
    assert found.bytes == (tmp_path / "monitor.db").stat().st_size


def test_items_are_counted_from_a_mark_on_by_source_and_first_topic(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "ledger") as store:
        record(store, make_item("Before"))
        mark = store.figures().mark
        record(store, make_item("Xi in London"), make_item("Reeves in Beijing"))
        record(store, make_item("Tea"), verdict=IRRELEVANT)
        record(store, make_item("Wine", source_id="ledger"), source="ledger")
        record(store, make_item("Before", summary="A change is no arrival."), at=later(hours=1))
        found = store.figures(mark)
        after = store.figures(found.mark)

    assert set(found.arrived) == {
        Arrived("gazette", True, "diplomacy", 2),
        Arrived("gazette", False, "", 1),
        Arrived("ledger", True, "diplomacy", 1),
    }
    assert (found.mark.item, after.arrived) == (5, ())


def test_without_a_mark_nothing_is_counted_but_what_is_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        published(store, "ann@desk.example")
        found = store.figures()

    assert (found.arrived, found.posts) == ((), ())
    assert [one.digest for one in found.editions] == ["daily"]


def test_the_latest_edition_of_each_digest_is_told(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        published(store, name="2026-01-28")
        published(store)
        published(store, digest="weekly")
        found = store.figures()

    size = len(MESSAGE.mail_html.encode())
    assert found.editions == (LastEdition("daily", NOW, 0, size), LastEdition("weekly", NOW, 1, size))


def test_deliveries_are_counted_by_what_became_of_them_those_open_at_the_mark_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        published(store, "ann@desk.example", "bert@desk.example", "cat@desk.example")
        ann, bert, cat = (one.delivery for one in store.outbox.open())
        store.outbox.settle(ann, Next("sent"), NOW)
        mark = store.figures().mark
        at_first = store.figures(mark)
        store.outbox.begin(bert.id, NOW)
        under_way = store.figures(mark)
        store.outbox.settle(bert, Next("sent"), NOW)
        store.outbox.settle(cat, Next("refused"), NOW)
        at_last = store.figures(mark)

    assert mark.delivery == ann.id
    assert (at_first.posts, at_first.waiting_since) == ((Posts("daily", "pending", 2),), NOW)
    assert set(under_way.posts) == {Posts("daily", "pending", 1), Posts("daily", "sending", 1)}
    assert set(at_last.posts) == {Posts("daily", "sent", 1), Posts("daily", "refused", 1)}
    assert (at_last.waiting_since, at_last.mark.delivery) == (None, cat.id)


def test_what_is_deleted_later_was_still_counted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        mark = store.figures().mark
        store._db.execute("DELETE FROM items")
        record(store, make_item("Three"))
        found = store.figures(mark)

    assert found.arrived == (Arrived("gazette", True, "diplomacy", 1),)
    assert found.mark.item > mark.item
