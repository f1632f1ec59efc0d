"""Core: decides what goes into an edition, in which order, and how it is summed up in one line.

blocks.py orders the stories, sources.py states the coverage, reasons.py counts and gives reasons, lines.py
writes subject and preheader, extracts.py cuts text, week.py says what a week was.
"""

from __future__ import annotations

from .blocks import OTHER, REISSUED, Limits, build_digest, independent_outlets, wire_copies
from .extracts import extract
from .lines import days_of, preheader, subject
from .reasons import Counts, WhyLine, counts, why_line_matches
from .sources import coverage
from .week import WEEKS_BEFORE, is_week, limits_for, week

__all__ = [
    "OTHER",
    "REISSUED",
    "WEEKS_BEFORE",
    "Counts",
    "Limits",
    "WhyLine",
    "build_digest",
    "counts",
    "coverage",
    "days_of",
    "extract",
    "independent_outlets",
    "is_week",
    "limits_for",
    "preheader",
    "subject",
    "week",
    "why_line_matches",
    "wire_copies",
]
