"""Core: decides what goes into an edition, in which order, and how it is summed up in one line.

blocks.py orders the stories, sources.py states the coverage, reasons.py counts and gives reasons, lines.py
writes subject and preheader, extracts.py cuts text.
"""

from __future__ import annotations

from .blocks import OTHER, REISSUED, Limits, build_digest, independent_outlets, wire_copies
from .extracts import extract
from .lines import preheader, subject
from .reasons import Counts, WhyLine, counts, why_line_matches
from .sources import coverage

__all__ = [
    "OTHER",
    "REISSUED",
    "Counts",
    "Limits",
    "WhyLine",
    "build_digest",
    "counts",
    "coverage",
    "extract",
    "independent_outlets",
    "preheader",
    "subject",
    "why_line_matches",
    "wire_copies",
]
