"""I/O: the one SQLite file: sources, items with their verdicts, editions and what they claimed.

One process writes; each thing that belongs together is one transaction, so that a kill at any moment leaves
all of it or nothing. Store opens the file, `methods` hold its transactions. What is written and read stands
in one module for each kind of thing: `feeds`, `notices`, `record`, `pages`, `items`, `history`, `labels`,
`editions`, `stories`, `search`, `exports`, `archive`, `outbox`, `upkeep`; `backup` copies the file as it is.

A module of this package is imported when something of it is first asked for.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .archive import ArchiveReader
    from .backup import back_up
    from .connection import StoreBusy, StoreError
    from .editions import AlreadyPublished
    from .exports import Exported
    from .feeds import Counts, SourceReport
    from .items import Revision, Sighting
    from .outbox import Outbox
    from .polls import PollStore
    from .search import Hit
    from .sources import SourceStore
    from .stories import BEGAN, Member
    from .upkeep import Limits, Pruned, Space, Upkeep
    from .whole import Store

__all__ = [
    "BEGAN",
    "AlreadyPublished",
    "ArchiveReader",
    "Counts",
    "Exported",
    "Hit",
    "Limits",
    "Member",
    "Outbox",
    "PollStore",
    "Pruned",
    "Revision",
    "Sighting",
    "SourceReport",
    "SourceStore",
    "Space",
    "Store",
    "StoreBusy",
    "StoreError",
    "Upkeep",
    "back_up",
]

_HOME = {
    "AlreadyPublished": "editions",
    "ArchiveReader": "archive",
    "BEGAN": "stories",
    "Counts": "feeds",
    "Exported": "exports",
    "Hit": "search",
    "Limits": "upkeep",
    "Member": "stories",
    "Outbox": "outbox",
    "PollStore": "polls",
    "Pruned": "upkeep",
    "Revision": "items",
    "Sighting": "items",
    "SourceReport": "feeds",
    "SourceStore": "sources",
    "Space": "upkeep",
    "Store": "whole",
    "StoreBusy": "connection",
    "StoreError": "connection",
    "Upkeep": "upkeep",
    "back_up": "backup",
}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
