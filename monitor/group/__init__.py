"""Core: folds reports of one event into one story, by points that can be read. The only user of rapidfuzz.

Background → Scale (points.py) → cluster_reports (cluster.py) → group_items (stories.py); b_cubed (score.py)
says how well it does against labels.
"""

from __future__ import annotations

from .background import SHIPPED, Background
from .cluster import group_reports
from .points import WEIGHTS, Report, Weights
from .score import b_cubed
from .stories import LEAD_ORDER, group_items

__all__ = [
    "LEAD_ORDER",
    "SHIPPED",
    "WEIGHTS",
    "Background",
    "Report",
    "Weights",
    "b_cubed",
    "group_items",
    "group_reports",
]
