"""I/O: the transactions of Store that are about the service itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from ...models import OwnWord
from ..connection import reading, stamp, value, writing
from .base import OpenFile


class ServiceMethods(OpenFile):
    """Part of Store: see there for what every method may raise."""

    def note_own_word(self, word: OwnWord) -> None:
        """Keep what the service says of itself, in place of what it said before."""
        written = {
            "at": stamp(word.at),
            "every": None if word.every is None else word.every.total_seconds(),
            "trouble": word.trouble,
        }
        with writing(self._db, self.path) as db:
            db.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES ('service', ?)", [json.dumps(written)]
            )

    def own_word(self) -> OwnWord | None:
        """What the service last said of itself; None where none has run."""
        with reading(self._db, self.path) as db:
            found = value(db, "SELECT value FROM meta WHERE name = 'service'")
        if found is None:
            return None
        written = json.loads(found)
        every = written["every"]
        return OwnWord(
            datetime.fromisoformat(written["at"]),
            None if every is None else timedelta(seconds=every),
            written["trouble"],
        )
