"""I/O: keeps httpx from importing its program for the command line. To be imported before httpx is.

It would import all of rich and click with it, wherever these are installed: half of its own time. Without it,
httpx is as it is where they are not.
"""

from __future__ import annotations

import sys
from typing import Any

_ABSENT: dict[str, Any] = {"httpx._main": None}
sys.modules.update(_ABSENT | sys.modules)
