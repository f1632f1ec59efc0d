"""The ledger of deliveries: each step on the disk before the next, and what is counted of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.models import Delivery, Next, Outgoing
from monitor.store import Store, StoreBusy

from .conftest import NOW
from .storing import MESSAGE, later, make_edition, open_store, outgoing

ANN, BERT = "ann@example.org", "bert@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with an edition for Ann and Bert."""
    with open_store(tmp_path) as opened:
        publish(opened, "2026-01-29", outgoing(ANN, BERT))
        yield opened


def publish(store: Store, name: str, out: Outgoing, *, told: tuple[int, ...] = (), shown: bool = True) -> int:
    return store.publish(
        make_edition(name, slot=name),
        MESSAGE,
        (),
        now=NOW,
        rules_version="r",
        looked_at=0,
        outgoing=out,
        told=told,
        is_shown=shown,
    ).id


def fate(store: Store, number: int, status: str, **changes: object) -> None:
    """The delivery with this id has been tried and ended so."""
    delivery = next(one for one in every(store) if one.id == number)
    following = replace(Next("sent"), status=status, reason="because", **changes)  # type: ignore[arg-type]  # parameters
    store.outbox.settle(replace(delivery, attempts=1), following, later(minutes=1))


def every(store: Store) -> list[Delivery]:
    return [posted.delivery for posted in store.outbox.ledger()]


def test_each_step_is_on_the_disk_before_the_next(tmp_path: Path, store: Store) -> None:
    said: list[str] = []
    store._db.conn.set_trace_callback(said.append)

    handover = store.outbox.begin(1, NOW)
    assert handover
    store.outbox.settle(handover.delivery, Next("sent"), NOW)
    store.outbox.queue_again(1, outgoing("new@example.org"), NOW, revision=2)
    publish(store, "2026-01-30", outgoing(ANN))
    store._db.conn.set_trace_callback(None)

    begins = [place for place, statement in enumerate(said) if statement == "BEGIN IMMEDIATE"]
    assert len(begins) == 4
    assert {said[place - 1] for place in begins} == {"PRAGMA synchronous=FULL"}


def test_what_is_begun_has_the_whole_mail_and_is_begun_once(store: Store) -> None:
    handover = store.outbox.begin(1, NOW)

    assert handover
    assert (handover.delivery.status, handover.delivery.attempts) == ("sending", 1)
    assert handover.content == (
        b"To: ann@example.org\r\nMessage-ID: <1.ann@example.org>\r\nSubject: UK-China daily\r\n\r\nmail\r\n"
    )
    assert (handover.sender, handover.address) == ("monitor@example.org", ANN)
    assert store.outbox.begin(1, NOW) is None
    assert [posted.delivery.id for posted in store.outbox.cut_off()] == [1]
    assert [posted.delivery.id for posted in store.outbox.open()] == [2]


def test_what_is_settled_is_not_begun_again(store: Store) -> None:
    fate(store, 1, "refused")

    assert store.outbox.begin(1, NOW) is None


def test_a_lost_mail_is_told_of_by_one_edition_that_is_shown(store: Store) -> None:
    fate(store, 1, "sent")
    fate(store, 2, "refused")
    (found,) = store.outbox.undelivered("daily", NOW)
    publish(store, "2026-01-30", Outgoing(), told=found.ids, shown=False)
    still = store.outbox.undelivered("daily", NOW)
    publish(store, "2026-01-31", Outgoing(), told=found.ids)

    assert (found.sent_to, found.refused, found.ids) == (2, 1, (2,))
    assert still == (found,)
    assert store.outbox.undelivered("daily", NOW) == ()
    assert store.outbox.undelivered("weekly", NOW) == ()


def test_a_mail_that_will_be_tried_again_is_lost_only_when_it_waits_for_long(store: Store) -> None:
    fate(store, 1, "unknown", next_try=later(minutes=31), doubts=1)
    fate(store, 2, "pending", next_try=later(minutes=2))

    assert store.outbox.undelivered("daily", later(hours=-1)) == ()
    (late,) = store.outbox.undelivered("daily", NOW)
    assert (late.waiting, late.unknown, late.ids) == (1, 0, ())


def test_counts_are_of_the_last_time_that_it_was_sent(store: Store) -> None:
    fate(store, 1, "sent")
    fate(store, 2, "refused")
    before = store.outbox.counts(), store.outbox.lost_since(NOW), store.outbox.lost_since(later(hours=1))
    store.outbox.queue_again(1, outgoing(BERT), later(hours=2), revision=2)

    assert before == ({"refused": 1, "sent": 1}, 1, 0)
    assert store.outbox.counts("daily") == {"pending": 1, "sent": 1}
    assert store.outbox.counts("weekly") == {}
    assert store.outbox.lost_since(NOW) == 0
    assert store.outbox.undelivered("daily", later(hours=1)) == ()


def test_two_who_send_again_at_once_do_not_take_one_revision(store: Store) -> None:
    store.outbox.queue_again(1, outgoing("new@example.org"), NOW, revision=2)

    with pytest.raises(StoreBusy, match="try again"):
        store.outbox.queue_again(1, outgoing("other@example.org"), NOW, revision=2)


def test_the_bytes_of_an_edition_stay_those_of_the_first_time(store: Store) -> None:
    first = store.outbox.mail_of(1)
    assert first
    changed = replace(outgoing("new@example.org"), mail=replace(first, content=b"Subject: other\r\n\r\n"))

    store.outbox.queue_again(1, changed, NOW, revision=2)

    assert store.outbox.mail_of(1) == first


def test_an_edition_that_went_to_channels_alone_gets_its_mail_when_it_is_sent_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        only = outgoing(channels=("slack 3fa2c1",))
        publish(store, "2026-01-29", replace(only, mail=None))
        none = store.outbox.mail_of(1)
        store.outbox.queue_again(1, outgoing(ANN), NOW, revision=2)

        assert none is None
        assert store.outbox.mail_of(1) == outgoing(ANN).mail
        assert [one.channel for one in store.outbox.of_edition(1)] == ["slack 3fa2c1", "mail"]


def test_the_ledger_shows_what_is_asked_for_the_latest_first(store: Store) -> None:
    fate(store, 1, "sent")
    publish(store, "2026-01-30", outgoing(ANN))

    assert [one.id for one in every(store)] == [3, 2, 1]
    assert [posted.delivery.id for posted in store.outbox.ledger(statuses=["sent"])] == [1]
    assert [posted.delivery.id for posted in store.outbox.ledger(limit=1)] == [3]
    assert store.outbox.ledger(digest="weekly") == ()
