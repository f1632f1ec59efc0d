"""Shell: the walks, collect(), publish(), reclassify(): they call the stages in order, log, decide nothing.

collect:     fetch → parse → classify → store, and the look-ups that follow from it
publish:     store → group → digest → render → store → deliver
send:        store → deliver → store
archive:     store → archive → deliver
reclassify:  store → tune → store
"""

from .archive import Archived
from .archive import rebuild as rebuild_archive
from .archive import update as update_archive
from .asking import Answer, Fetch, Network, Parse, ReadPage, ask
from .collect import PollReport, collect, take_in
from .condition import Meter, status, status_of
from .health import healths
from .ping import ping
from .publish import (
    Occasion,
    address,
    compose,
    due_digests,
    outgoing,
    publish,
    put_out,
    rendered,
    write_editions,
)
from .reclassify import Reclassified, Waiting, reclassify
from .send import Sending, send
from .upkeep import LEAST_KEPT, limits, prune, prune_daily

__all__ = [
    "LEAST_KEPT",
    "Answer",
    "Archived",
    "Fetch",
    "Meter",
    "Network",
    "Occasion",
    "Parse",
    "PollReport",
    "ReadPage",
    "Reclassified",
    "Sending",
    "Waiting",
    "address",
    "ask",
    "collect",
    "compose",
    "due_digests",
    "healths",
    "limits",
    "outgoing",
    "ping",
    "prune",
    "prune_daily",
    "publish",
    "put_out",
    "rebuild_archive",
    "reclassify",
    "rendered",
    "send",
    "status",
    "status_of",
    "take_in",
    "update_archive",
    "write_editions",
]
