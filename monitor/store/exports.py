"""I/O: stored items for `export`, the latest first, with what belongs to them, some hundred at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..models import Judged, Label
from . import labels, stories
from .columns import to_judged
from .connection import rows, stamp
from .database import Database
from .search import Within

BATCH = 500
"""Items read at a time: memory stays that of one batch, however many there are."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A stored item with what an export says of it besides."""

    judged: Judged
    """Without what its page says."""
    story_id: str | None
    """None until an edition has been made since it came."""
    label: Label | None


def batch(db: Database, first: int, last: int, within: Within) -> tuple[Exported, ...]:
    """The next items by falling id, from `last` down to `first`."""
    condition, parameters = replace(within, since=None).condition
    since = stamp(within.since) if within.since else ""
    found = rows(
        db,
        # The plus keeps the index on first_seen out of it, which would be read whole and sorted each time.
        f"""
        SELECT * FROM items WHERE id BETWEEN :first AND :last AND +first_seen >= :since AND {condition}
        ORDER BY id DESC LIMIT :batch
        """,  # noqa: S608 - our own conditions, values bound
        {"first": first, "last": last, "since": since, "batch": BATCH, **parameters},
    )
    ids = [row["id"] for row in found]
    members, said = stories.memberships(db, ids), labels.labels_of(db, ids)
    return tuple(
        Exported(
            to_judged(row),
            story_id=members[row["id"]].story_id if row["id"] in members else None,
            label=said.get(row["id"]),
        )
        for row in found
    )
