"""Core: what follows from one try to deliver: another one, when, or none.

A mail is either surely taken, surely not, or nobody knows: the connection was lost after all of it had been
handed over (RFC 1047; RFC 5321, 6.1). What was surely not taken is tried again for days. What nobody knows is
tried once more, after a while, with the same bytes: a mail program that has it already shows one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import Delivery, Next, Outcome

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""After the first try that failed, the second …; the last one goes on."""
GIVE_UP = timedelta(days=3)
"""After this, counted from when it was queued, a mail is out of date."""
SECOND_TRY = timedelta(minutes=30)
"""How long nobody knows, before the one more try: servers take their time to deliver what they have."""
CUT_OFF = "the program ended while it was being handed over, or could not note what became of it"
"""Why nobody knows, where a kill, a power cut or a full disk was the reason."""
NEVER_TRIED = "no try was made in all this time"


def after(delivery: Delivery, outcome: Outcome, now: datetime) -> Next:
    """What follows from a try. `delivery` is as the try began, with the try counted in `attempts`."""
    if outcome.status == "sent":
        return Next("sent", doubts=delivery.doubts)
    if outcome.status == "unknown":
        return in_doubt(delivery, outcome.reason, now)
    if delivery.doubts:
        return _still_in_doubt(delivery, outcome, now)
    if outcome.status == "refused":
        return Next("refused", reason=outcome.reason)
    return Next("pending", now + _pause(delivery.attempts), reason=outcome.reason)


def in_doubt(delivery: Delivery, reason: str, now: datetime) -> Next:
    """What follows from a try of which nobody knows how it ended: one more, and no third."""
    doubts = delivery.doubts + 1
    return Next("unknown", now + SECOND_TRY if doubts == 1 else None, doubts, reason)


def _still_in_doubt(delivery: Delivery, outcome: Outcome, now: datetime) -> Next:
    """The one more try was surely not taken: the first one may have been, so the word stays.

    It brought no second copy, so it may be made again, unless the server refuses for good.
    """
    another = outcome.status == "deferred" and not is_over(delivery, now)
    pause = max(SECOND_TRY, _pause(delivery.attempts))
    return Next("unknown", now + pause if another else None, delivery.doubts, outcome.reason)


def is_over(delivery: Delivery, now: datetime) -> bool:
    """Whether it has waited so long that it is not to be sent any more."""
    return delivery.queued is not None and now - delivery.queued >= GIVE_UP


def expired(delivery: Delivery) -> Next:
    """What becomes of a delivery that is over, with the reason of its last try. What is in doubt stays so."""
    if delivery.status == "unknown":
        return Next("unknown", doubts=delivery.doubts, reason=delivery.reason)
    return Next("expired", doubts=delivery.doubts, reason=delivery.reason or NEVER_TRIED)


def is_due(delivery: Delivery, now: datetime, *, by_hand: bool = False) -> bool:
    """Whether to try it at `now`. Somebody who asks does not wait for the pause, but in doubt everybody does.

    A time further off than any pause was set by a clock that was wrong then; it is not waited for.
    """
    if delivery.status == "pending" and by_hand:
        return True
    if delivery.status not in {"pending", "unknown"} or delivery.next_try is None:
        return False
    return not now < delivery.next_try <= now + PAUSES[-1]


def _pause(attempts: int) -> timedelta:
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
