"""Shell: the walks, collect(), publish(), reclassify(): they call the stages in order, log, decide nothing.

collect:     fetch → parse → classify → store
publish:     store → group → digest → render → store → deliver
reclassify:  store → tune → store
"""

from .collect import Fetch, Parse, PollReport, collect
from .publish import Occasion, compose, due_digests, publish, rendered, write_editions
from .reclassify import Reclassified, Waiting, reclassify

__all__ = [
    "Fetch",
    "Occasion",
    "Parse",
    "PollReport",
    "Reclassified",
    "Waiting",
    "collect",
    "compose",
    "due_digests",
    "publish",
    "reclassify",
    "rendered",
    "write_editions",
]
