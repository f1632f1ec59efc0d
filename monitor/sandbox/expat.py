"""I/O: refuses an XML library that does not bound what the entities of a document become."""

from __future__ import annotations

import re
from pyexpat import EXPAT_VERSION

from ..models import Refusal

LEAST = (2, 4, 1)
"""The first version of expat with a limit on it (CVE-2013-0340). We refuse documents that declare entities;
this is the second line."""


class OldExpat(Refusal):
    """This Python's XML library is too old to read strangers' documents with."""


def check_expat(version: str = EXPAT_VERSION) -> None:
    """Raises OldExpat for a version, as in "expat_2.2.0", that is too old."""
    if tuple(map(int, re.findall(r"\d+", version))) < LEAST:
        raise OldExpat(
            f"this Python reads XML with {version.replace('_', ' ')}, whose memory a few lines in a feed can "
            f"fill; expat {'.'.join(map(str, LEAST))} or newer is needed: use a newer Python or system"
        )
