"""Core: folds reports of one event into one story, by points that can be read. The only user of rapidfuzz.

Reports (reports.py) are cut into what is compared (wording.py), counted by word and day (shelf.py) and
weighed (points.py); they join stories (cluster.py), also those told before (memory.py), and say why
(stories.py). b_cubed (score.py) says how well that agrees with labels.
"""

from __future__ import annotations

from .background import SHIPPED, Background
from .cluster import group_reports
from .memory import Memory
from .points import WEIGHTS, Weights
from .reports import Report
from .score import b_cubed
from .stories import group_items

__all__ = [
    "SHIPPED",
    "WEIGHTS",
    "Background",
    "Memory",
    "Report",
    "Weights",
    "b_cubed",
    "group_items",
    "group_reports",
]
