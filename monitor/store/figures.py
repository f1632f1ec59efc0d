"""I/O: the numbers that the service is watched by. Each is read from an index, or from what is new.

With 1,000,000 items and 52,000 deliveries all of them take some 12 milliseconds: they are asked for every
few seconds, and no poll is to wait for that.
"""

from __future__ import annotations

from typing import cast

from ..models import Arrived, DeliveryStatus, Figures, LastEdition, Mark, Posts
from .connection import moment, moment_or_none, rows, value
from .database import Database


def figures(db: Database, since: Mark | None) -> Figures:
    """The numbers as they are; items and deliveries since a mark, for None none of them."""
    return Figures(
        mark=_mark(db),
        arrived=_arrived(db, since.item) if since else (),
        posts=_posts(db, since.delivery) if since else (),
        editions=_editions(db),
        waiting_since=moment_or_none(
            value(db, "SELECT min(queued) FROM deliveries WHERE next_try IS NOT NULL")
        ),
        bytes=value(db, "PRAGMA page_count") * value(db, "PRAGMA page_size"),
    )


def _mark(db: Database) -> Mark:
    unsettled = value(db, "SELECT min(id) FROM deliveries WHERE next_try IS NOT NULL")
    last = value(db, "SELECT coalesce(max(id), 0) FROM deliveries")
    return Mark(
        item=value(db, "SELECT coalesce(max(id), 0) FROM items"),
        delivery=last if unsettled is None else unsettled - 1,
    )


def _arrived(db: Database, after: int) -> tuple[Arrived, ...]:
    found = rows(
        db,
        # NOT INDEXED: by their ids; an index that is sorted by source would be read as a whole.
        """
        SELECT source_id, relevant, iif(relevant, coalesce(topic, ''), '') AS first_topic, count(*) AS items
        FROM items NOT INDEXED WHERE id > ? GROUP BY source_id, relevant, first_topic
        """,
        [after],
    )
    return tuple(
        Arrived(row["source_id"], bool(row["relevant"]), row["first_topic"], row["items"]) for row in found
    )


def _posts(db: Database, after: int) -> tuple[Posts, ...]:
    found = rows(
        db,
        """
        SELECT digest, status, sum(counted) AS counted
        FROM (
            SELECT edition_id, status, count(*) AS counted FROM deliveries NOT INDEXED
            WHERE id > ? GROUP BY edition_id, status
        ) JOIN editions ON editions.id = edition_id
        GROUP BY digest, status ORDER BY digest, status
        """,
        [after],
    )
    return tuple(Posts(row["digest"], cast("DeliveryStatus", row["status"]), row["counted"]) for row in found)


def _editions(db: Database) -> tuple[LastEdition, ...]:
    found = rows(
        db,
        # The latest ones by an index; only their own rows are read, which are long.
        """
        SELECT digest, created, stories, length(CAST(mail_html AS BLOB)) AS html_bytes FROM editions
        WHERE id IN (SELECT max(id) FROM editions GROUP BY digest) ORDER BY digest
        """,
    )
    return tuple(
        LastEdition(row["digest"], moment(row["created"]), row["stories"], row["html_bytes"]) for row in found
    )
