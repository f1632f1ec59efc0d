"""I/O: what the entries of each source's last document are known by."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ..models import Outline
from .connection import from_json, id_list
from .database import Database

if TYPE_CHECKING:
    from ..models import SourceOutcome


def outlines(db: Database, source_ids: Collection[str], rules_version: str) -> dict[str, Outline]:
    """By source id, the outlines of these sources' last documents, of those that can be read in parts."""
    found = db.execute(
        """
        SELECT source_id, marks, items FROM outlines
        WHERE source_id IN (SELECT value FROM json_each(?)) AND rules_version = ?
        """,
        [id_list(source_ids), rules_version],
    )
    return {source_id: Outline(marks, tuple(from_json(items))) for source_id, marks, items in found}


def save_outline(db: Database, outcome: SourceOutcome, ids: Mapping[str, int]) -> None:
    """Keep the outline of the document just read; `ids` are those of its items by key, 0 for one without.

    An item that was stored under another key than it was read with lacks there: then nothing is kept. What is
    no document of the feed's own, as the answer to a search, leaves what is known of that alone.
    """
    source_id = outcome.state.source_id
    items = [ids.get(entry) if isinstance(entry, str) else entry for entry in outcome.entries]
    if outcome.outline and None not in items:
        db.execute(
            "INSERT OR REPLACE INTO outlines (source_id, rules_version, marks, items) VALUES (?, ?, ?, ?)",
            [source_id, outcome.rules_version, outcome.outline, json.dumps(items)],
        )
    elif outcome.status == "ok" and outcome.windowed:
        db.execute("DELETE FROM outlines WHERE source_id = ?", [source_id])
