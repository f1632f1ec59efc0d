"""Shell: the walks, collect(), publish(), reclassify(): they call the stages in order, log, decide nothing.

collect:     fetch → parse → classify → store, and the look-ups that follow from it
publish:     store → group → digest → render → store → deliver
archive:     store → archive → deliver
reclassify:  store → tune → store
"""

from .archive import Archived
from .archive import rebuild as rebuild_archive
from .archive import update as update_archive
from .asking import Answer, Fetch, Network, Parse, ReadPage, ask
from .collect import PollReport, collect, take_in
from .health import healths
from .publish import Occasion, compose, due_digests, publish, rendered, write_editions
from .reclassify import Reclassified, Waiting, reclassify

__all__ = [
    "Answer",
    "Archived",
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
    "rebuild_archive",
    "reclassify",
    "rendered",
    "take_in",
    "update_archive",
    "write_editions",
]
