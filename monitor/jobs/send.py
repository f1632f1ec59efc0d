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
NOTED_AGAIN = 11
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
        changed = _Round(config, store, now, stopping, timeouts).all(by_hand=by_hand)
        return Sending(tuple({one.delivery.id: one for one in changed}.values()))


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of sending, by a process that alone may send. Its methods give what they have changed."""

    config: Config
    store: Store
    now: datetime
    stopping: Callable[[], bool]
    timeouts: smtp.Timeouts

    def all(self, *, by_hand: bool) -> Iterator[Posted]:
        """What is due, until nothing is: another process may have queued its edition meanwhile, and gone."""
        yield from self._tidied()
        tried: set[int] = set()
        while due := self._due(tried, by_hand=by_hand):
            tried |= {one.delivery.id for one in due}
            yield from self._mails([one for one in due if one.delivery.channel == MAIL])
            yield from self._others([one for one in due if one.delivery.channel != MAIL])

    def _due(self, tried: Collection[int], *, by_hand: bool) -> list[Posted]:
        return [
            one
            for one in self.store.outbox.open()
            if one.delivery.id not in tried and mailing.is_due(one.delivery, self.now, by_hand=by_hand)
        ]

    def _tidied(self) -> Iterator[Posted]:
        for posted in self.store.outbox.cut_off():
            yield self._kept(posted, mailing.in_doubt(posted.delivery, mailing.CUT_OFF, self.now))
        for posted in self.store.outbox.open():
            if mailing.is_over(posted.delivery, self.now):
                yield self._kept(posted, mailing.expired(posted.delivery))

    def _mails(self, left: list[Posted]) -> Iterator[Posted]:
        """One connection for all of them. Where the server itself is in trouble, the others wait too."""
        if not left or self.stopping():
            return
        if self.config.mail is None:
            yield from self._postponed(left, NO_MAIL_SECTION)
            return
        trouble = ""
        try:
            with smtp.session(self.config.mail, stopping=self.stopping, timeouts=self.timeouts) as session:
                while left and not trouble and not self.stopping():
                    posted = left.pop(0)
                    handover = self.store.outbox.begin(posted.delivery.id, self.now)
                    if handover:
                        outcome = session.hand_over(handover.sender, handover.address, handover.content)
                        yield self._settled(posted, handover, outcome)
                        trouble = outcome.reason if outcome.whole_server else ""
        except smtp.Unreachable as error:
            trouble = str(error)
        if trouble and not self.stopping():
            yield from self._postponed(left, trouble)

    def _others(self, waiting: Sequence[Posted]) -> Iterator[Posted]:
        """Each by itself: they are services of different people."""
        urls = {channels.channel_name(url): url for spec in self.config.digests for url in spec.channels}
        for posted in waiting:
            if self.stopping():
                return
            handover = self.store.outbox.begin(posted.delivery.id, self.now)
            if handover:
                yield self._settled(
                    posted, handover, self._notified(urls.get(posted.delivery.channel), handover)
                )

    def _notified(self, url: str | None, handover: Handover) -> Outcome:
        if url is None:
            return Outcome("refused", "this channel is no longer in config.yaml")
        return channels.notify(url, handover.short_title, handover.short_text, stopping=self.stopping)

    def _settled(self, posted: Posted, handover: Handover, outcome: Outcome) -> Posted:
        delivery = self._noted(handover.delivery, mailing.after(handover.delivery, outcome, self.now))
        _log(posted, delivery)
        return replace(posted, delivery=delivery)

    def _postponed(self, waiting: Sequence[Posted], reason: str) -> Iterator[Posted]:
        """Deliveries that were not begun, because their server cannot be used: a try all the same."""
        for posted in waiting:
            tried = replace(posted.delivery, attempts=posted.delivery.attempts + 1)
            following = mailing.after(tried, Outcome("deferred", reason), self.now)
            yield self._kept(replace(posted, delivery=tried), following)

    def _kept(self, posted: Posted, following: Next) -> Posted:
        """What follows from the ledger alone: where it cannot be written just now, the next round says it."""
        delivery = self.store.outbox.settle(posted.delivery, following, self.now)
        _log(posted, delivery)
        return replace(posted, delivery=delivery)

    def _noted(self, delivery: Delivery, following: Next) -> Delivery:
        """What is known of a mail must not be forgotten because somebody else writes for long."""
        for _ in range(NOTED_AGAIN):
            try:
                return self.store.outbox.settle(delivery, following, self.now)
            except StoreBusy:
                if self.stopping():
                    raise
        return self.store.outbox.settle(delivery, following, self.now)


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
