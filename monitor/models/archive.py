"""Core: what the archive's pages are made of, beside editions and stories themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .editions import Edition
    from .stories import Story, Update


ARCHIVE_FOLDERS = ("feeds", "story", "topic", "year")
"""Beside the folders of the digests under the output, so no digest may be called that."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A story that editions have shown, and where the archive has it."""

    id: str
    topics: tuple[str, ...]
    """The primary topic first."""
    day: date
    """The day of the first edition that showed it: under this day it is filed, for good."""
    last_edition: int
    """The id of the last edition that told something new of it: not of one that only told it again."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story as one line of a list."""

    filed: Filed
    title: str
    """Its lead's headline."""
    lang: str
    """The language of that (BCP 47)."""
    outlets: tuple[str, ...]
    """Each once, the lead's first."""
    reports: int


@dataclass(frozen=True, slots=True)
class Showing:
    """One edition that has shown a story."""

    edition: Edition
    revisions: tuple[tuple[int, int], ...]
    """(item id, the revision of it that was shown), by id."""


@dataclass(frozen=True, slots=True)
class Revised:
    """One change of a report since it was first seen."""

    item_id: int
    revision: int
    """The one that it became: 2 for the first change."""
    update: Update


@dataclass(frozen=True, slots=True)
class Told:
    """A story with all that has become of it."""

    filed: Filed
    story: Story
    """All its reports."""
    showings: tuple[Showing, ...]
    """In the order in which they came out."""
    changes: tuple[Revised, ...] = ()
    """Oldest first, of all its reports."""
