"""Core: which words stand out in some texts against others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

_SURE = 1.645
"""Standard errors below the estimate: one-sided, in 95 of 100 cases the true ratio is higher."""
_PART = 0.6
"""A word that in this share of its items stands within one longer phrase is that phrase."""


def ratio(here: int, of_here: int, there: int, of_there: int) -> float:
    """How many times as often something stands in these items as in those, as a power of two.

    The log ratio of document frequencies, half an item added to each so that none is 0.
    """
    return math.log2((here + 0.5) / (of_here + 1)) - math.log2((there + 0.5) / (of_there + 1))


def sure_ratio(here: int, of_here: int, there: int, of_there: int) -> float:
    """How many times as often it is at least, in 95 of 100 cases: the lower bound of `ratio`.

    It ranks what is frequent here and rare there above what is rare everywhere (Evert 2022, "Measuring
    keyness").
    """
    inverse = 1 / (here + 0.5) + 1 / (there + 0.5) - 1 / (of_here + 1) - 1 / (of_there + 1)
    error = math.sqrt(max(inverse, 0.0)) / math.log(2)
    return ratio(here, of_here, there, of_there) - _SURE * error


def whole_phrases(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Of phrases that contain each other the one that stands for both; words are separated by one space.

    A part goes where it mostly stands within a longer phrase, the longer phrase where it is only one of the
    many in which the part stands. `counts` are items by phrase; the order is kept.
    """
    gone: set[str] = set()
    for phrase in counts:
        for part in _parts(phrase):
            if part in counts:
                mostly_within = counts[phrase] >= _PART * counts[part]
                gone.add(part if mostly_within else phrase)
    return tuple(phrase for phrase in counts if phrase not in gone)


def _parts(phrase: str) -> Iterable[str]:
    words = phrase.split(" ")
    return (
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
        if end - start < len(words)
    )
