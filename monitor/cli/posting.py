"""Shell: what went out and to whom: deliveries, send, and an edition sent again on purpose."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from ..jobs.publish import address
from ..jobs.send import Sending
from ..jobs.send import send as send_due
from ..models import MAIL, Delivery, DeliveryStatus, DigestSpec, Outgoing, Posted, Published
from ..render import letter, words
from ..store import Store
from .context import Context, UsageError, one_of
from .output import plural, print_json, print_table

Made = tuple[DigestSpec, Published | None]

RECENT = timedelta(days=7)
"""How long `deliveries` ends with 1 after something was lost."""
STATUSES: dict[DeliveryStatus, str] = {
    "pending": "waiting",
    "sending": "being handed over",
    "sent": "sent",
    "refused": "refused",
    "unknown": "perhaps arrived",
    "expired": "given up",
}
"""What the ledger's words are called in a sentence."""


def deliveries(context: Context) -> int:
    """`monitor deliveries`: the ledger. Exit 1 where something was lost lately, and was not sent again."""
    args = context.args
    chosen = [one_of(status, STATUSES, "status") for status in args.status]
    if args.digest:
        one_of(args.digest, (spec.id for spec in context.config.digests), "digest")
    outbox = context.reader.outbox
    found = outbox.ledger(digest=args.digest, statuses=chosen, limit=args.limit)
    counts = outbox.counts(args.digest)
    if args.json:
        print_json({"counts": counts, "deliveries": [posted_json(one) for one in found]})
    else:
        _print_ledger(context, found, counts)
    return int(outbox.lost_since(context.now - RECENT, args.digest) > 0)


def posted_json(posted: Posted) -> dict[str, Any]:
    """A line of the ledger, for programs."""
    one = posted.delivery
    return {
        "id": one.id,
        "digest": posted.digest,
        "edition": posted.edition,
        "edition_id": posted.edition_id,
        "subject": posted.subject,
        "channel": one.channel,
        "recipient": one.recipient,
        "revision": one.revision,
        "status": one.status,
        "attempts": one.attempts,
        "queued": one.queued,
        "changed": one.changed,
        "next_try": one.next_try,
        "message_id": one.message_id or None,
        "reason": one.reason or None,
    }


def _print_ledger(context: Context, found: Sequence[Posted], counts: Mapping[DeliveryStatus, int]) -> None:
    """The lines asked for, and the sum of all."""
    if not found:
        print(
            "Nothing was ever queued to be sent." if not context.args.status else "There is none like that."
        )
        return
    when = partial(_when, zone=context.config.timezone, year=context.now.year)
    rows = [
        [
            f"{posted.digest}/{posted.edition}" + (f" (again, {one.revision})" if one.revision > 1 else ""),
            one.recipient,
            one.status,
            str(one.attempts),
            when(one.changed),
            _why(one, when(one.next_try)),
        ]
        for posted in found
        for one in [posted.delivery]
    ]
    print_table(["EDITION", "TO", "STATUS", "TRIES#", "CHANGED", "WHY"], rows)
    print()
    if len(found) == context.args.limit:
        print(f"The latest {len(found):,}; --limit N shows more.")
    print("In all: " + ", ".join(f"{count:,} {STATUSES[status]}" for status, count in counts.items()) + ".")
    if counts.get("pending"):
        print("Next: monitor send")


def send(context: Context) -> int:
    """`monitor send`: hands over all that waits, now. Exit 1 where something was not taken, 75 if another
    process is sending."""
    sending = send_due(context.config, context.store, context.now, by_hand=True)
    if sending.is_busy:
        print("monitor: another process is sending; try again in a moment", file=sys.stderr)
        return 75
    if context.args.json:
        print_json({"deliveries": [posted_json(one) for one in sending.posted]})
    elif not sending.posted:
        print(_nothing(context))
    else:
        _print_sent(sending.posted)
    return int(any(one.delivery.status != "sent" for one in sending.posted))


def _nothing(context: Context) -> str:
    """Why nothing was sent: what is in doubt waits even where somebody asks."""
    in_doubt = [one.delivery.next_try for one in context.store.outbox.open() if one.delivery.next_try]
    if not in_doubt:
        return "Nothing is waiting to be sent."
    when = _when(min(in_doubt), zone=context.config.timezone, year=context.now.year)
    return f"{plural(len(in_doubt), 'mail')} may have arrived: tried once more, not before {when}."


def _print_sent(posted: Sequence[Posted]) -> None:
    counts = Counter(STATUSES[one.delivery.status] for one in posted)
    print(", ".join(f"{count:,} {word}" for word, count in counts.items()) + ".")
    for one in posted:
        if one.delivery.status != "sent":
            print(f"  {one.digest}/{one.edition} to {one.delivery.recipient}: {one.delivery.reason}")


def as_they_stand(context: Context, made: Sequence[Made]) -> list[Made]:
    """What was made, with what became of its mails by now."""
    outbox = context.store.outbox
    return [
        (spec, replace(published, deliveries=outbox.of_edition(published.id)) if published else None)
        for spec, published in made
    ]


def report_sending(context: Context, made: Sequence[Made], sending: Sending) -> int:
    """Says what became of mails of earlier editions. 1 where something was tried and not surely taken."""
    ours = {published.id for _, published in made if published}
    earlier = [one for one in sending.posted if one.edition_id not in ours]
    for one in earlier if not context.args.json else ():
        line = f"{one.digest}/{one.edition}: {STATUSES[one.delivery.status]}"
        reason = f": {one.delivery.reason}" if one.delivery.reason else ""
        print(line + reason, file=sys.stdout if one.delivery.status == "sent" else sys.stderr)
    if sending.is_busy:
        print("monitor: another process is sending, and will send what waits", file=sys.stderr)
    return int(any(one.delivery.status != "sent" for one in sending.posted))


def report_deliveries(found: Sequence[Delivery]) -> None:
    """How many went where; why something did not, on standard error."""
    if not found:
        return
    counts = Counter(STATUSES[one.status] for one in found)
    what = "mail" if all(one.channel == MAIL for one in found) else "message"
    print(f"  {plural(len(found), what)}: {', '.join(f'{count:,} {word}' for word, count in counts.items())}")
    for reason in dict.fromkeys(one.reason for one in found if one.reason):
        print(f"  not sent: {reason}", file=sys.stderr)


def resend(context: Context) -> int:
    """`monitor digest --resend EDITION --to ADDRESS`: an edition once more, to these alone."""
    args, config, store = context.args, context.config, context.store
    if not args.to:
        raise UsageError("--resend needs to know to whom: add --to ADDRESS, once for each")
    if config.mail is None:
        raise UsageError(f"{config.file.name} does not say how mail leaves; add a section mail:")
    published = edition_of(store, args.resend)
    kept = store.outbox.mail_of(published.id)
    mail = kept or letter.letter(
        published.message, published.edition, config.mail, site=config.public_url, now=context.now
    )
    try:
        revision = 1 + max((one.revision for one in published.deliveries), default=0)
        to = address(config, mail, published.edition, args.to, revision=revision)
    except ValueError as error:
        raise UsageError(f"--to: {error}") from error
    queued = store.outbox.queue_again(published.id, Outgoing(mail, to), context.now, revision=revision)
    send_due(config, store, context.now)
    ours = {one.id for one in queued}
    tried = [one for one in store.outbox.of_edition(published.id) if one.id in ours]
    if args.json:
        print_json(
            {
                "digest": published.edition.digest,
                "edition_id": published.id,
                "deliveries": [{"recipient": one.recipient, "status": one.status} for one in tried],
            }
        )
    else:
        print(published.message.subject)
        report_deliveries(tried)
    return int(any(one.status != "sent" for one in tried))


def edition_of(store: Store, wanted: str) -> Published:
    """The edition with this id, or with this folder: 12, daily/2026-01-29. Raises UsageError."""
    found = None
    if re.fullmatch("[0-9]{1,15}", wanted):
        found = store.edition(int(wanted))
    elif "/" in wanted:
        found = store.edition_named(*wanted.split("/", 1))
    if found is None:
        raise UsageError(
            f"there is no edition {wanted!r}; write its id or its folder, as in daily/2026-01-29: "
            "`monitor deliveries` names them"
        )
    return found


def _why(delivery: Delivery, next_try: str) -> str:
    return f"{delivery.reason}; next try {next_try}" if next_try and delivery.reason else delivery.reason


def _when(at: datetime | None, *, zone: ZoneInfo, year: int) -> str:
    return words.moment(at, zone, year).text if at else ""
