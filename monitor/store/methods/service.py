"""I/O: the transactions of Store that are about the service itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from ...models import OwnWord, Source, Watched
from ..connection import from_json, moment, reading, sentences, stamp, understood, value, writing
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
        self._note("service", json.dumps(written))

    def withdraw_own_word(self) -> None:
        """Say that the service has ended."""
        with writing(self._db, self.path) as db:
            db.execute("DELETE FROM meta WHERE name = 'service'")

    def own_word(self) -> OwnWord | None:
        """What the service last said of itself; None where none has run."""
        found = self._noted("service")
        with sentences(self.path):
            return None if found is None else _own_word(found)

    def note_watched(self, watched: Watched) -> None:
        """Keep what the config says of what health looks at, in place of what it said before."""
        written = {
            "mark": watched.mark,
            "database": watched.database,
            "timezone": watched.timezone,
            "sources": [
                [one.id, one.name, one.enabled, one.every.total_seconds(), one.url_mark]
                for one in watched.sources
            ],
        }
        self._note("watched", json.dumps(written))

    def watched(self) -> Watched | None:
        """What the config said of it when it was last read for that; None where it never was."""
        found = self._noted("watched")
        with sentences(self.path):
            return None if found is None else _watched(found)

    def note_polled(self, written: str) -> None:
        """Keep what the config says of what is polled, as `config.written` has it, for commands to come."""
        self._note("polled", written)

    def polled(self) -> str | None:
        """What was kept of it last; None where nothing was."""
        found = self._noted("polled")
        return found if isinstance(found, str) else None

    def _note(self, name: str, written: str) -> None:
        with writing(self._db, self.path) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", [name, written])

    def _noted(self, name: str) -> Any:
        with reading(self._db, self.path) as db:
            return value(db, "SELECT value FROM meta WHERE name = ?", [name])


@understood
def _watched(stored: str) -> Watched:
    written = from_json(stored)
    sources = (
        Source(
            id=id_,
            name=name,
            url=mark,
            kind="other",
            outlet="",
            every=timedelta(seconds=every),
            max_bytes=0,
            timeout=0,
            enabled=enabled,
        )
        for id_, name, enabled, every, mark in written["sources"]
    )
    return Watched(written["mark"], written["database"], written["timezone"], tuple(sources))


@understood
def _own_word(stored: str) -> OwnWord:
    written = from_json(stored)
    every = written["every"]
    return OwnWord(
        moment(written["at"]), None if every is None else timedelta(seconds=every), written["trouble"]
    )
