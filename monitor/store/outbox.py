"""I/O: the ledger of deliveries, and the bytes that travel.

Each step of a delivery is a transaction of its own, on the disk before the next thing happens: "sending"
before the server hears of a mail, what became of it right after its answer. So a kill leaves a row that says
how far it had come.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from sqlite_utils import Database

from ..models import MAIL, Delivery, Handover, Mail, Next, Outgoing, Posted, Undelivered
from .connection import StoreError, moment, moment_or_none, reading, rows, stamp, stamp_or_none, writing

COLUMNS = (
    "deliveries.id, edition_id, channel, recipient, revision, status, attempts, doubts, "
    "queued, changed, next_try, message_id, reason"
)
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
        lock = self._path.with_name(f"{self._path.name}.sending.lock")
        try:
            file = lock.open("ab")
        except OSError as error:
            raise StoreError(
                f"{lock} cannot be opened: {error.strerror}; check the rights of the folder of the database"
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def cut_off(self) -> tuple[Posted, ...]:
        """What is being handed over; to a process that holds the outbox, what was when another one died."""
        with reading(self._db, self._path) as db:
            return _posted(db, "WHERE status = 'sending' ORDER BY deliveries.id")

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
                [digest, _json(statuses), limit],
            )

    def of_edition(self, edition_id: int) -> tuple[Delivery, ...]:
        """The deliveries of one edition, in the order in which they were queued."""
        with reading(self._db, self._path) as db:
            return _deliveries(db, "WHERE edition_id = ? ORDER BY id", [edition_id])

    def queue_again(self, edition_id: int, outgoing: Outgoing, now: datetime) -> tuple[Delivery, ...]:
        """Queue an edition once more, for those in `outgoing`, each as a revision of its own.

        The edition's bytes stay those of the first time; those of `outgoing` are kept where it had none.
        """
        with writing(self._db, self._path, durable=True) as db:
            before = {one.id for one in _deliveries(db, "WHERE edition_id = ?", [edition_id])}
            queue(db, edition_id, outgoing, now)
            return tuple(
                one
                for one in _deliveries(db, "WHERE edition_id = ? ORDER BY id", [edition_id])
                if one.id not in before
            )

    def mail_of(self, edition_id: int) -> Mail | None:
        """An edition's mail as it was made; None where nobody was to get one."""
        with reading(self._db, self._path) as db:
            found = rows(db, "SELECT sender, content FROM outgoing WHERE edition_id = ?", [edition_id])
        return Mail(found[0]["sender"], found[0]["content"]) if found and found[0]["content"] else None

    def undelivered(self, digest: str, start: datetime, late: datetime) -> tuple[Undelivered, ...]:
        """The editions of a digest whose mails were lost since `start`, or wait since `late` or longer.

        A mail of which nobody knows whether it arrived counts when no further try will follow.
        """
        with reading(self._db, self._path) as db:
            found = rows(
                db,
                """
                SELECT title, local_date, count(*) AS sent_to,
                    sum(status = 'refused' AND changed >= :start) AS refused,
                    sum(status = 'expired' AND changed >= :start) AS expired,
                    sum(status = 'unknown' AND next_try IS NULL AND changed >= :start) AS unknown,
                    sum(status = 'pending' AND queued <= :late) AS waiting
                FROM deliveries JOIN editions ON editions.id = edition_id
                WHERE digest = :digest AND edition_id IN (
                    SELECT edition_id FROM deliveries
                    WHERE (changed >= :start AND status IN ('refused', 'expired', 'unknown'))
                        OR (next_try IS NOT NULL AND status = 'pending')
                )
                GROUP BY edition_id HAVING refused + expired + unknown + waiting > 0 ORDER BY edition_id
                """,
                {"digest": digest, "start": stamp(start), "late": stamp(late)},
            )
        return tuple(_undelivered(row) for row in found)


def queue(db: Database, edition_id: int, outgoing: Outgoing, now: datetime) -> None:
    """Keep what goes out with an edition, and a line of the ledger for each who gets it.

    The caller holds the transaction. Somebody who is queued already gets a further revision.
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
        )
        SELECT ?1, ?2, ?3, 1 + coalesce(max(revision), 0), 'pending', 0, 0, ?4, ?4, ?4, ?5, ?6, '', ?7
        FROM deliveries WHERE edition_id = ?1 AND channel = ?2 AND recipient = ?3
        """,
        [
            (edition_id, channel, recipient, queued, id_, address, head)
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
        local_date=date.fromisoformat(row["local_date"]),
        sent_to=row["sent_to"],
        refused=row["refused"],
        expired=row["expired"],
        unknown=row["unknown"],
        waiting=row["waiting"],
    )


def _json(values: Sequence[str]) -> str:
    return "[" + ",".join(f'"{value}"' for value in values) + "]"
