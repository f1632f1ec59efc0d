"""I/O: every migration, registered. Only for files that have yet to be made or brought up to date."""

from __future__ import annotations

# In the order in which they are applied: each adds its steps to MIGRATIONS.
from . import first, following, delivering, reading, kept  # isort: skip
from .steps import MIGRATIONS

__all__ = ["MIGRATIONS", "delivering", "first", "following", "kept", "reading"]
