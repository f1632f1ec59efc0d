"""I/O: the part of the store that a poll writes: all that `monitor poll` opens."""

from __future__ import annotations

from .methods.polls import PollMethods
from .sources import SourceStore


class PollStore(SourceStore, PollMethods):
    """An open database: see SourceStore for what holds for it and its methods."""
