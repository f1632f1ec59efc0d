"""I/O: all that the offline demo needs besides the program itself: sample feeds, their server, its config.

The feeds under `feeds/` follow the dialects of real publishers. Every sentence in them was written for this
demo, and no address in them leads anywhere. The outlets are invented; pages on www.gov.uk stand there only
because what is particular to GOV.UK depends on that host. `feeds/thursday` is what the publishers serve for
the first edition; `feeds/friday` holds the feeds that have changed by the second. What the program should
make of each item is written down in tests/data/demo_expected.json.
"""

from __future__ import annotations

from .server import EDITIONS, DemoSite, feeds_folder
from .settings import write_config

__all__ = ["EDITIONS", "DemoSite", "feeds_folder", "write_config"]
