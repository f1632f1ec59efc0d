"""I/O: the list that each migration adds itself to, in the order of the files in `__init__`."""

from __future__ import annotations

from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("monitor")
