"""Shell: store → deliver → store: hands over what is due, and keeps what became of each."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .. import mailing
from ..config import Config
from ..deliver import channels, smtp
from ..models import MAIL, Delivery, Handover, Next, Outcome, Posted
from ..store import Store, StoreBusy

log = logging.getLogger("monitor")

NO_MAIL_SECTION = "config.yaml does not say how mail leaves: add `mail:` with at least `from` and `host`"
SETTLE_WAITS = 11
"""How often more than once it is tried to note an outcome; each time waits as long as the store does."""
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Sending:
    """What one round of sending has done."""

    posted: tuple[Posted, ...] = ()
    """The deliveries that it changed, as they stand now."""
    is_busy: bool = False
    """Whether another process was sending, so that nothing was done here."""


def send(
    config: Config,
    store: Store,
    now: datetime,
    *,
    by_hand: bool = False,
    stopping: Callable[[], bool] = smtp.never,
    timeouts: smtp.Timeouts = smtp.DEFAULTS,
) -> Sending:
    """Hands over every delivery that is due; `by_hand` also those that wait for their next try.

    What was being handed over when a process died is in doubt from now on; what is days old has expired.
    """
    if not store.outbox.open() and not store.outbox.cut_off():
        return Sending()
    with store.outbox.held() as is_ours:
        if not is_ours:
            return Sending(is_busy=True)
        changed = [*_tidied(store, now)]
        tried: set[int] = set()
        # Again until nothing is left: another process may have queued its edition meanwhile, and gone.
        while due := _due(store, now, tried, by_hand=by_hand):
            tried |= {one.delivery.id for one in due}
            mails = [one for one in due if one.delivery.channel == MAIL]
            others = [one for one in due if one.delivery.channel != MAIL]
            changed += _mails(config, store, mails, now, stopping, timeouts)
            changed += _others(config, store, others, now, stopping)
    return Sending(tuple({one.delivery.id: one for one in changed}.values()))


def _due(store: Store, now: datetime, tried: Collection[int], *, by_hand: bool) -> list[Posted]:
    return [
        one
        for one in store.outbox.open()
        if one.delivery.id not in tried and mailing.is_due(one.delivery, now, by_hand=by_hand)
    ]


def _tidied(store: Store, now: datetime) -> Iterator[Posted]:
    for posted in store.outbox.cut_off():
        yield _kept(store, posted, mailing.in_doubt(posted.delivery, mailing.CUT_OFF, now), now)
    for posted in store.outbox.open():
        if mailing.is_over(posted.delivery, now):
            yield _kept(store, posted, mailing.expired(posted.delivery), now)


def _mails(
    config: Config,
    store: Store,
    waiting: Sequence[Posted],
    now: datetime,
    stopping: Callable[[], bool],
    timeouts: smtp.Timeouts,
) -> Iterator[Posted]:
    """One connection for all of them. Where the server itself is in trouble, the others wait too."""
    if not waiting or stopping():
        return
    if config.mail is None:
        yield from _postponed(store, waiting, Outcome("deferred", NO_MAIL_SECTION), now)
        return
    left = list(waiting)
    try:
        with smtp.session(config.mail, stopping=stopping, timeouts=timeouts) as session:
            trouble = ""
            while left and not trouble and not stopping():
                posted = left.pop(0)
                handover = store.outbox.begin(posted.delivery.id, now)
                if handover:
                    outcome = session.hand_over(handover.sender, handover.address, handover.content)
                    yield _settled(store, posted, handover, outcome, now)
                    trouble = outcome.reason if outcome.whole_server else ""
    except smtp.Unreachable as error:
        trouble = str(error)
    if trouble and not stopping():
        yield from _postponed(store, left, Outcome("deferred", trouble), now)


def _others(
    config: Config, store: Store, waiting: Sequence[Posted], now: datetime, stopping: Callable[[], bool]
) -> Iterator[Posted]:
    """Each by itself: they are services of different people."""
    urls = {channels.channel_name(url): url for spec in config.digests for url in spec.channels}
    for posted in waiting:
        if stopping():
            return
        handover = store.outbox.begin(posted.delivery.id, now)
        if handover is None:
            continue
        url = urls.get(posted.delivery.channel)
        if url:
            outcome = channels.notify(url, handover.short_title, handover.short_text, stopping=stopping)
        else:
            outcome = Outcome("refused", "this channel is no longer in config.yaml")
        yield _settled(store, posted, handover, outcome, now)


def _settled(store: Store, posted: Posted, handover: Handover, outcome: Outcome, now: datetime) -> Posted:
    return _kept(
        store,
        replace(posted, delivery=handover.delivery),
        mailing.after(handover.delivery, outcome, now),
        now,
    )


def _postponed(store: Store, waiting: Sequence[Posted], outcome: Outcome, now: datetime) -> Iterator[Posted]:
    """Deliveries that were not begun, because their server cannot be used: a try all the same."""
    for posted in waiting:
        tried = replace(posted.delivery, attempts=posted.delivery.attempts + 1)
        yield _kept(store, replace(posted, delivery=tried), mailing.after(tried, outcome, now), now)


def _kept(store: Store, posted: Posted, following: Next, now: datetime) -> Posted:
    for waits_left in range(SETTLE_WAITS, -1, -1):
        try:
            delivery = store.outbox.settle(posted.delivery, following, now)
            break
        except StoreBusy:
            # What is known of a mail must not be forgotten because somebody writes for long.
            if not waits_left:
                raise
    _log(posted, delivery)
    return replace(posted, delivery=delivery)


def _log(posted: Posted, delivery: Delivery) -> None:
    """Without the recipient, whom logs need not know: `monitor deliveries` tells."""
    level = logging.INFO if delivery.status == "sent" else logging.WARNING
    log.log(
        level,
        'digest=%s edition=%s delivery=%d channel=%s status=%s attempts=%d reason="%s"',
        posted.digest,
        posted.edition,
        delivery.id,
        delivery.channel,
        delivery.status,
        delivery.attempts,
        _ADDRESS.sub("<address>", delivery.reason),
    )
