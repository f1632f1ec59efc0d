"""Shell: the two walks, collect() and publish(): they call the stages in order, log, decide nothing.

collect:  fetch → parse → classify → store
publish:  store → group → digest → render → store → deliver
"""

from .collect import Fetch, Parse, PollReport, collect
from .publish import Occasion, compose, due_digests, publish, rendered, write_editions

__all__ = [
    "Fetch",
    "Occasion",
    "Parse",
    "PollReport",
    "collect",
    "compose",
    "due_digests",
    "publish",
    "rendered",
    "write_editions",
]
