"""Core: how each source does, in words, and when that is worth a notice.

status.py decides and gives the reason, rhythm.py learns from a source's own history how often it brings
something, telling.py tells each fault once, words.py says times. docs/health.md explains it to readers.
freshness.py judges the service as a whole, metrics.py writes its numbers: docs/monitoring.md.
"""

from __future__ import annotations

from .freshness import last_poll, shortest_interval, staleness
from .status import source_health
from .telling import OVERRUN_TOLD_AGAIN, notices

__all__ = ["OVERRUN_TOLD_AGAIN", "last_poll", "notices", "shortest_interval", "source_health", "staleness"]
