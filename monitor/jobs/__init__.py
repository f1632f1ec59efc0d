"""Shell: the walks, collect(), publish(), reclassify(): they call the stages in order, log, decide nothing.

collect:     fetch → parse → classify → store, and the look-ups that follow from it
publish:     store → group → digest → render → store → deliver
reclassify:  store → tune → store
"""

from .asking import Answer, Fetch, Network, Parse, ReadPage, ask
from .collect import PollReport, collect, take_in
from .health import healths
from .publish import Occasion, compose, due_digests, publish, rendered, write_editions
from .reclassify import Reclassified, Waiting, reclassify

__all__ = [
    "Answer",
    "Fetch",
    "Network",
    "Occasion",
    "Parse",
    "PollReport",
    "ReadPage",
    "Reclassified",
    "Waiting",
    "ask",
    "collect",
    "compose",
    "due_digests",
    "healths",
    "publish",
    "reclassify",
    "rendered",
    "take_in",
    "write_editions",
]
