"""Core: finds where matched words stand in what is shown, so that templates can mark them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..models import Judged, Match
from .inert import clean
from .words import named_words

# The sides (UK, China) are in every story: marking them would mark every headline and say nothing.
_MARKED_ROLES = {"topic", "both"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of plain text, marked or not."""

    text: str
    marked: bool = False


def title_pieces(judged: Judged, told: Iterable[Match] | None = None) -> tuple[Piece, ...]:
    """The title with its matched words marked; whole and unmarked where the offsets do not fit.

    With `told`, only the words that these terms have found: those that a reader finds named beside.
    """
    return _pieces(judged.item.title, _spans(judged, told, "title", judged.item.title))


def extract_pieces(judged: Judged, extract: str, told: Iterable[Match] | None = None) -> tuple[Piece, ...]:
    """An extract of the summary, marked in the same way; () for an empty one."""
    shown = extract.rstrip("…").rstrip()
    offset = judged.item.summary.find(shown)
    if not shown or offset < 0:
        return _pieces(extract, ())
    found = _spans(judged, told, "summary", judged.item.summary)
    spans = [(start - offset, end - offset) for start, end in found]
    return _pieces(extract, [(start, end) for start, end in spans if start >= 0 and end <= len(shown)])


def _spans(judged: Judged, told: Iterable[Match] | None, where: str, text: str) -> Iterator[tuple[int, int]]:
    marked = judged.verdict.matches if told is None else told
    terms = {match.term for match in marked if match.role in _MARKED_ROLES}
    for match in judged.verdict.matches:
        if match.where == where and match.term in terms and _stands_there(match, text):
            for start, end in named_words(match):
                yield match.start + start, match.start + end


def _stands_there(match: Match, text: str) -> bool:
    return match.start >= 0 and match.text != "" and text.startswith(match.text, match.start)


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    if clean(text) != text:
        return (Piece(clean(text)),) if clean(text) else ()
    merged = _merged(sorted(spans))
    edges = [0, *(edge for span in merged for edge in span), len(text)]
    cuts = [Piece(text[start:end], marked=bool(i % 2)) for i, (start, end) in enumerate(pairwise(edges))]
    return tuple(piece for piece in cuts if piece.text)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans without overlaps."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
