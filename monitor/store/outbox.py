"""I/O: the ledger of deliveries, and the bytes that travel.

Each step of a delivery is a transaction of its own, on the disk before the next thing happens: "sending"
before the server hears of a mail, what became of it right after its answer. So a kill leaves a row that says
how far it had come.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..models import MAIL, Delivery, DeliveryStatus, Handover, Mail, Next, Outgoing, Posted, Undelivered
from . import locks
from .connection import (
    StoreBusy,
    day,
    from_json,
    id_list,
    moment,
    moment_or_none,
    reading,
    rows,
    stamp,
    stamp_or_none,
    writing,
)
from .database import Database

COLUMNS = (
    "deliveries.id, edition_id, channel, recipient, revision, status, attempts, doubts, "
    "queued, changed, next_try, message_id, reason"
)
LOST = "(status IN ('refused', 'expired') OR (status = 'unknown' AND next_try IS NULL))"
LATEST = """NOT EXISTS (
    SELECT 1 FROM deliveries AS later
    WHERE later.edition_id = deliveries.edition_id AND later.channel = deliveries.channel
        AND later.recipient = deliveries.recipient AND later.revision > deliveries.revision
)"""
"""Of what was sent again on purpose only the last time counts."""
OPEN = "status IN ('pending', 'unknown') AND next_try IS NOT NULL"


class Outbox:
    """An open database, for sending. Raises as Store does."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Whether this process alone may send now, until the block ends.

        A lock on a file beside the database (flock(2)): the system lets it go when a process dies, so who
        has it knows that whatever is "sending" was cut off.
        """
        with locks.held(self._path, "sending.lock") as is_ours:
            yield is_ours

    def cut_off(self) -> tuple[Posted, ...]:
        """What is being handed over; to a process that holds the outbox, what was when another one died."""
        with reading(self._db, self._path) as db:
            return _posted(db, "WHERE status = 'sending' AND next_try IS NOT NULL ORDER BY deliveries.id")

    def open(self) -> tuple[Posted, ...]:
        """The deliveries for which a try will follow, now or later, the first queued first."""
        with reading(self._db, self._path) as db:
            return _posted(db, f"WHERE {OPEN} ORDER BY deliveries.id")

    def begin(self, delivery_id: int, now: datetime) -> Handover | None:
        """Say that a delivery is being handed over, and give its bytes; None where it is open no more."""
        with writing(self._db, self._path, durable=True) as db:
            db.execute(
                f"""
                UPDATE deliveries SET status = 'sending', attempts = attempts + 1, changed = ?1, next_try = ?1
                WHERE id = ?2 AND {OPEN}
                """,  # noqa: S608 - our own text
                [stamp(now), delivery_id],
            )
            found = rows(
                db,
                f"""
                SELECT {COLUMNS}, digest, sender, address, head, content, short_title, short_text
                FROM deliveries JOIN outgoing USING (edition_id) JOIN editions ON editions.id = edition_id
                WHERE deliveries.id = ? AND status = 'sending' AND changes() = 1
                """,  # noqa: S608 - our own text
                [delivery_id],
            )
        return _handover(found[0]) if found else None

    def settle(self, delivery: Delivery, following: Next, now: datetime) -> Delivery:
        """Keep what became of a delivery, and what follows. Its attempts are those that `delivery` has."""
        with writing(self._db, self._path, durable=True) as db:
            db.execute(
                """
                UPDATE deliveries
                SET status = ?, next_try = ?, doubts = ?, reason = ?, attempts = ?, changed = ? WHERE id = ?
                """,
                [
                    following.status,
                    stamp_or_none(following.next_try),
                    following.doubts,
                    following.reason,
                    delivery.attempts,
                    stamp(now),
                    delivery.id,
                ],
            )
            return _deliveries(db, "WHERE id = ?", [delivery.id])[0]

    def ledger(
        self, *, digest: str | None = None, statuses: Sequence[str] = (), limit: int = 100
    ) -> tuple[Posted, ...]:
        """The deliveries, the latest first: of one digest or all, with these statuses or any."""
        with reading(self._db, self._path) as db:
            return _posted(
                db,
                """
                WHERE (?1 IS NULL OR editions.digest = ?1)
                    AND (?2 = '[]' OR status IN (SELECT value FROM json_each(?2)))
                ORDER BY deliveries.id DESC LIMIT ?3
                """,
                [digest, json.dumps(list(statuses)), limit],
            )

    def of_edition(self, edition_id: int) -> tuple[Delivery, ...]:
        """The deliveries of one edition, in the order in which they were queued."""
        with reading(self._db, self._path) as db:
            return _deliveries(db, "WHERE edition_id = ? ORDER BY id", [edition_id])

    def queue_again(
        self, edition_id: int, outgoing: Outgoing, now: datetime, *, revision: int
    ) -> tuple[Delivery, ...]:
        """Queue an edition once more, for those in `outgoing`, under a revision that it has not had yet.

        The edition's bytes stay those of the first time; those of `outgoing` are kept where it had none.
        Raises StoreBusy where another process has just taken the revision.
        """
        with writing(self._db, self._path, durable=True) as db:
            if any(one.revision >= revision for one in _deliveries(db, "WHERE edition_id = ?", [edition_id])):
                raise StoreBusy("another process has just sent this edition again; try again")
            queue(db, edition_id, outgoing, now, revision=revision)
            return _deliveries(
                db, "WHERE edition_id = ? AND revision = ? ORDER BY id", [edition_id, revision]
            )

    def mail_of(self, edition_id: int) -> Mail | None:
        """An edition's mail as it was made; None where nobody was to get one."""
        with reading(self._db, self._path) as db:
            found = rows(db, "SELECT sender, content FROM outgoing WHERE edition_id = ?", [edition_id])
        return Mail(found[0]["sender"], found[0]["content"]) if found and found[0]["content"] else None

    def undelivered(self, digest: str, late: datetime) -> tuple[Undelivered, ...]:
        """The editions of a digest with mails that are lost and not told of yet, or wait since `late`.

        A mail of which nobody knows whether it arrived counts when no further try will follow. What was sent
        again on purpose since then counts no more.
        """
        with reading(self._db, self._path) as db:
            found = rows(
                db,
                f"""
                SELECT edition_id, title, local_date,
                    sum(status = 'refused') AS refused,
                    sum(status = 'expired') AS expired,
                    sum(status = 'unknown') AS unknown,
                    sum(status = 'pending') AS waiting,
                    json_group_array(deliveries.id) FILTER (WHERE status <> 'pending') AS ids,
                    (
                        SELECT count(DISTINCT channel || ' ' || recipient) FROM deliveries AS every_one
                        WHERE every_one.edition_id = editions.id
                    ) AS sent_to
                FROM deliveries JOIN editions ON editions.id = edition_id
                WHERE digest = :digest AND {LATEST} AND (
                    (told_in IS NULL AND {LOST})
                    OR (status = 'pending' AND next_try IS NOT NULL AND queued <= :late)
                )
                GROUP BY edition_id ORDER BY edition_id
                """,  # noqa: S608 - our own text
                {"digest": digest, "late": stamp(late)},
            )
        return tuple(_undelivered(row) for row in found)

    def counts(self, digest: str | None = None) -> dict[DeliveryStatus, int]:
        """How many recipients of all editions there are by status, each as of the last time it was sent."""
        with reading(self._db, self._path) as db:
            found = rows(
                db,
                f"""
                SELECT status, count(*) AS number FROM deliveries JOIN editions ON editions.id = edition_id
                WHERE (?1 IS NULL OR digest = ?1) AND {LATEST} GROUP BY status ORDER BY status
                """,  # noqa: S608 - our own text
                [digest],
            )
        return {row["status"]: row["number"] for row in found}

    def lost_since(self, since: datetime, digest: str | None = None) -> int:
        """How many were lost then or later, and were not sent again."""
        with reading(self._db, self._path) as db:
            found = rows(
                db,
                f"""
                SELECT count(*) AS number FROM deliveries JOIN editions ON editions.id = edition_id
                WHERE (?1 IS NULL OR digest = ?1) AND {LOST} AND {LATEST} AND changed >= ?2
                """,  # noqa: S608 - our own text
                [digest, stamp(since)],
            )
        return int(found[0]["number"])


def mark_told(db: Database, deliveries: Collection[int], edition_id: int) -> None:
    """Note that an edition tells of these lost deliveries. The caller holds the transaction."""
    db.execute(
        "UPDATE deliveries SET told_in = ? WHERE id IN (SELECT value FROM json_each(?))",
        [edition_id, id_list(deliveries)],
    )


def queue(db: Database, edition_id: int, outgoing: Outgoing, now: datetime, *, revision: int = 1) -> None:
    """Keep what goes out with an edition, and a line of the ledger for each who gets it.

    The caller holds the transaction. `revision` is 1, and more for what is sent again on purpose.
    """
    if not (outgoing.to or outgoing.channels):
        return
    mail = outgoing.mail
    db.execute(
        """
        INSERT INTO outgoing (edition_id, sender, content, short_title, short_text) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (edition_id) DO UPDATE SET sender = excluded.sender, content = excluded.content
            WHERE outgoing.content = x''
        """,
        [
            edition_id,
            mail.sender if mail else "",
            mail.content if mail else b"",
            outgoing.short_title,
            outgoing.short_text,
        ],
    )
    queued = stamp(now)
    lines = [(MAIL, one.recipient, one.message_id, one.address, one.head) for one in outgoing.to]
    lines += [(name, name, "", "", b"") for name in outgoing.channels]
    db.conn.executemany(
        """
        INSERT INTO deliveries (
            edition_id, channel, recipient, revision, status, attempts, doubts, queued, changed, next_try,
            message_id, address, reason, head
        ) VALUES (?1, ?2, ?3, ?8, 'pending', 0, 0, ?4, ?4, ?4, ?5, ?6, '', ?7)
        """,
        [
            (edition_id, channel, recipient, queued, id_, address, head, revision)
            for channel, recipient, id_, address, head in lines
        ],
    )


def of_editions(db: Database, edition_ids: str) -> dict[int, list[Delivery]]:
    """The deliveries of editions, whose ids are given as a JSON array."""
    found: dict[int, list[Delivery]] = {}
    for row in rows(
        db,
        f"""
        SELECT {COLUMNS} FROM deliveries
        WHERE edition_id IN (SELECT value FROM json_each(?)) ORDER BY id
        """,  # noqa: S608 - our own text
        [edition_ids],
    ):
        found.setdefault(row["edition_id"], []).append(_delivery(row))
    return found


def _deliveries(db: Database, where: str, parameters: Sequence[object] = ()) -> tuple[Delivery, ...]:
    found = rows(db, f"SELECT {COLUMNS} FROM deliveries {where}", parameters)  # noqa: S608 - our own text
    return tuple(map(_delivery, found))


def _posted(db: Database, where: str, parameters: Sequence[object] = ()) -> tuple[Posted, ...]:
    found = rows(
        db,
        f"""
        SELECT {COLUMNS}, editions.digest, editions.name, editions.subject
        FROM deliveries JOIN editions ON editions.id = edition_id {where}
        """,  # noqa: S608 - our own text
        parameters,
    )
    return tuple(
        Posted(_delivery(row), row["edition_id"], row["digest"], row["name"], row["subject"]) for row in found
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        recipient=row["recipient"],
        status=row["status"],
        id=row["id"],
        channel=row["channel"],
        revision=row["revision"],
        attempts=row["attempts"],
        doubts=row["doubts"],
        queued=moment(row["queued"]),
        changed=moment(row["changed"]),
        next_try=moment_or_none(row["next_try"]),
        message_id=row["message_id"],
        reason=row["reason"],
    )


def _handover(row: sqlite3.Row) -> Handover:
    return Handover(
        delivery=_delivery(row),
        digest=row["digest"],
        sender=row["sender"],
        address=row["address"],
        content=row["head"] + row["content"],
        short_title=row["short_title"],
        short_text=row["short_text"],
    )


def _undelivered(row: sqlite3.Row) -> Undelivered:
    return Undelivered(
        title=row["title"],
        local_date=day(row["local_date"]),
        sent_to=row["sent_to"],
        refused=row["refused"],
        expired=row["expired"],
        unknown=row["unknown"],
        waiting=row["waiting"],
        ids=tuple(from_json(row["ids"])),
    )
