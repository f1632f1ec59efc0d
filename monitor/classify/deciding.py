"""Core: the places of terms in an item, and from them a Verdict with its reasons.

The sum (docs/tuning.md tells it for analysts):

    strength of a side  = its best place: title 3, first sentence 2, text 1; or what the source implies
    a term of `both`    = that strength for both sides, and once more for naming the relation itself
    third countries     = minus: in the title 2, or 4 if the UK is not there; in the first sentence 1 each,
                          in the text after it 1 for all; at most 2 below the title
    relevant            = both sides there, the sum at the threshold, and no term of `exclude`
    longer text         = takes nothing out that title and summary put in, but by `exclude`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..models import Match, RuleSpec, Side, Verdict
from .finding import RANK, WHERE, Where
from .nodes import Phrase
from .term import compile_term


class Decider:
    """What the numbers of a config make of the places of its terms."""

    def __init__(self, spec: RuleSpec, version: str) -> None:
        """`version` is written into every verdict."""
        self.weights = spec.weights
        self.version = version
        self._third_countries = frozenset(spec.elsewhere)
        self._order = {topic: at for at, (topic, _) in enumerate(spec.topics)}
        sides: tuple[Side | None, ...] = (None, "uk", "china", "both")
        self.nothing = {side: self.decide((), side) for side in sides}
        """The verdicts on an item in which no term is found, by the side that its source implies."""

    def decide(self, places: Iterable[Match], side: Side | None = None) -> Verdict:
        """See RuleBook.decide."""
        places = tuple(places)
        verdict = self._verdict(places, side)
        if verdict.relevant or any(match.role == "exclude" for match in verdict.matches):
            return verdict
        above = [match for match in places if match.where != "text"]
        if len(above) in (0, len(places)):
            return verdict
        without_text = self._verdict(above, side)
        return without_text if without_text.relevant else verdict

    def _verdict(self, places: Sequence[Match], side: Side | None) -> Verdict:
        matches = tuple(_in_reading_order(_without_contained(self._without_namesakes(places))))
        parts, gate = self._sum(matches, side)
        score = round(sum(points for _, points in parts), 2)
        excluded = next((match for match in matches if match.role == "exclude"), None)
        if excluded:
            relevant, reason = False, f'out: "{excluded.text}" is on the exclude list'
        elif gate:
            relevant, reason = False, gate
        else:
            relevant = score >= self.weights.threshold
            reason = f"{score:g} {'point' if score == 1 else 'points'}, {self.weights.threshold:g} needed"
        topics = self._topics(matches) if relevant else ()
        return Verdict(relevant, score, topics, matches, self.version, parts, reason)

    def _without_namesakes(self, places: Sequence[Match]) -> Sequence[Match]:
        """A third country's name takes its words with it: there is no Wales in New South Wales."""
        names = [m for m in places if m.role == "elsewhere" and self._is_name(m.term)]
        if not names:
            return places
        return [m for m in places if m.role not in ("uk", "china") or not any(_is_part(m, n) for n in names)]

    def _is_name(self, term: str) -> bool:
        return term in self._third_countries and isinstance(compile_term(term).node, Phrase)

    def _sum(self, matches: Sequence[Match], side: Side | None) -> tuple[tuple[tuple[str, float], ...], str]:
        """The parts of the score, and why the gate stays shut ("" where it is open)."""
        best = {"uk": 0.0, "china": 0.0, "both": 0.0, "elsewhere": 0.0, "exclude": 0.0, "topic": 0.0}
        for match in matches:
            best[match.role] = max(best[match.role], match.points)
        both = best["both"]
        uk, china = max(best["uk"], both), max(best["china"], both)
        gate = _gate(bool(uk), bool(china), side)
        if side in ("uk", "both"):
            uk = max(uk, self.weights.source_side)
        if side in ("china", "both"):
            china = max(china, self.weights.source_side)
        elsewhere = 0.0 - self._elsewhere(matches) if best["elsewhere"] else 0.0
        return (("uk", uk), ("china", china), ("both", both), ("elsewhere", elsewhere)), gate

    def _elsewhere(self, matches: Sequence[Match]) -> float:
        weights = self.weights
        names = [m for m in matches if m.role == "elsewhere"]
        in_title = any(m.field == "title" for m in names)
        uk_in_title = any(m.field == "title" and m.role in ("uk", "both") for m in matches)
        title = (
            (weights.elsewhere_title if uk_in_title else weights.elsewhere_title_alone) if in_title else 0.0
        )
        in_lead = {m.text.casefold() for m in names if m.field == "lead"}
        # A long text names many countries in passing: together they say no more than one in the lead.
        further = any(m.field == "text" for m in names)
        below = (len(in_lead) + further) * weights.elsewhere_text
        return title + min(below, weights.elsewhere_text_max)

    def _topics(self, matches: Sequence[Match]) -> tuple[str, ...]:
        """The topics of a relevant item, the primary one first: best field, most terms, config order."""
        terms: dict[str, dict[str, Match]] = defaultdict(dict)
        for match in matches:
            if match.topic is not None:
                best = terms[match.topic].get(match.term)
                if best is None or match.points > best.points:
                    terms[match.topic][match.term] = match
        points = {topic: sum(m.points for m in found.values()) for topic, found in terms.items()}
        enough = max(self.weights.topic_min, self.weights.topic_share * max(points.values(), default=0))
        kept = [topic for topic, score in points.items() if score >= enough]
        if not kept:
            return (self.weights.fallback_topic,) if self.weights.fallback_topic else ()
        primary = min(kept, key=lambda topic: (*self._standing(terms[topic].values()), self._order[topic]))
        others = sorted((t for t in kept if t != primary), key=lambda t: (-points[t], self._order[t]))
        return (primary, *others)[: self.weights.topics_max]

    def _standing(self, matches: Iterable[Match]) -> tuple[int, float]:
        found = list(matches)
        best_field = min(RANK[match.field] for match in found)
        # A term with ^2 counts double here too.
        return best_field, -sum(compile_term(match.term).weight for match in found)


def _gate(uk: bool, china: bool, side: Side | None) -> str:
    if side == "both":
        return "" if uk or china else "no term of the UK or China, and a source about both needs one"
    uk, china = uk or side == "uk", china or side == "china"
    if uk and china:
        return ""
    if not uk and not china:
        return "no term of the UK or of China"
    return "China yes, UK no" if china else "UK yes, China no"


def _is_part(match: Match, name: Match) -> bool:
    """Whether a match is some of the words of another, and not all of them."""
    if match.where != name.where or len(match.text) >= len(name.text):
        return False
    return name.start <= match.start and match.start + len(match.text) <= name.start + len(name.text)


def _without_contained(matches: Iterable[Match]) -> list[Match]:
    """Within a topic one word counts once: of matches that share words the longest stays."""
    kept: list[Match] = []
    of_topics: list[Match] = []
    for match in matches:
        (kept if match.topic is None else of_topics).append(match)
    spans: dict[tuple[str | None, Where], list[tuple[int, int]]] = defaultdict(list)
    for match in sorted(of_topics, key=_longest_first):
        start, end = match.start, match.start + len(match.text)
        taken = spans[match.topic, match.where]
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            kept.append(match)
    return kept


def _longest_first(match: Match) -> tuple[int, float, int, str]:
    return -len(match.text), -match.points, match.start, match.term


def _in_reading_order(matches: list[Match]) -> list[Match]:
    matches.sort(key=lambda m: (WHERE.index(m.where), m.start, m.role, m.topic or "", m.term))
    return matches
