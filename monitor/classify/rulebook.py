"""Core: the rules of a config, compiled; an item in, a Verdict with its reasons out.

The sum (docs/tuning.md tells it for analysts):

    strength of a side  = its best place: title 3, first sentence 2, text 1; or what the source implies
    a term of `both`    = that strength for both sides, and once more for naming the relation itself
    third countries     = minus: in the title 2, or 4 if the UK is not there; in the first sentence 1 each,
                          in the text after it 1 for all; at most 2 below the title
    relevant            = both sides there, the sum at the threshold, and no term of `exclude`
    longer text         = takes nothing out that title and summary put in, but by `exclude`
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from itertools import groupby
from typing import Literal

from ..models import Field, Item, Match, Role, RuleSpec, Side, Verdict
from ..text import Words, words
from .match import TITLE, Matcher
from .nodes import Phrase
from .scan import Hit
from .term import Term, check_term, compile_term

Where = Literal["title", "summary", "text"]
WHERE: tuple[Where, ...] = ("title", "summary", "text")
MATCHES_KEPT = 3
"""Places kept of one term in each of title, first sentence and text: the reasons, not a concordance."""
MOST_MATCHES = 300
"""Places kept of all terms together, from the top of the item down."""
JUDGED_CHARS = 20_000
"""Characters of each text that are judged: what stands further down is not what the item is about."""

_RANK: Mapping[Field, int] = {"title": 0, "lead": 1, "text": 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """A term with the list it stands in."""

    role: Role
    term: Term
    topic: str | None = None


class RuleBook:
    """Every term of a config, compiled together. It never changes and may be shared between threads."""

    def __init__(self, spec: RuleSpec) -> None:
        """Compiles `spec`. Raises TermError for a term that cannot be read."""
        self.spec = spec
        self.weights = spec.weights
        self.version = _version(spec)
        for term in _terms(spec):
            check_term(term)
        self._order = {topic: at for at, (topic, _) in enumerate(spec.topics)}
        self._fields: Mapping[Field, float] = {
            "title": self.weights.title,
            "lead": self.weights.lead,
            "text": self.weights.text,
        }
        sides: tuple[Side | None, ...] = (None, "uk", "china", "both")
        self._nothing = {side: self.decide((), side) for side in sides}

    # Compiled for the first item: most commands, and most polls, judge none, and it takes longer than reading
    # the config.

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every term with the list it stands in, but for those of `ignore`."""
        return tuple(_rules(self.spec))

    @cached_property
    def _matcher(self) -> Matcher:
        ignored = tuple(compile_term(term) for term in dict.fromkeys(self.spec.ignore))
        return Matcher([rule.term for rule in self.rules], ignored)

    @cached_property
    def _names_elsewhere(self) -> frozenset[str]:
        return frozenset(
            rule.term.source
            for rule in self.rules
            if rule.role == "elsewhere" and isinstance(rule.term.node, Phrase)
        )

    @cached_property
    def _term_weights(self) -> dict[tuple[str | None, str], float]:
        return {(rule.topic, rule.term.source): rule.term.weight for rule in self.rules}

    def classify(self, item: Item, side: Side | None = None) -> Verdict:
        """Judges one item of a source that implies `side`."""
        places = self.places(item)
        return self.decide(places, side) if places else self._nothing[side]

    def places(self, item: Item) -> tuple[Match, ...]:
        """Every place of every term; of those of one topic that share words a verdict keeps the longest."""
        matches = self._matches(_document(item))
        return tuple(matches if len(matches) <= MOST_MATCHES else _first(matches))

    def decide(self, places: Iterable[Match], side: Side | None = None) -> Verdict:
        """The verdict on these places: `classify` in its second half, and for asking what a term adds.

        Leave out the places of a term, and the verdict is that of the rules without it. Places in the item's
        longer text bring in, and take out by `exclude` alone: where the others by themselves put the item in,
        their verdict stands.
        """
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
        names = [m for m in places if m.role == "elsewhere" and m.term in self._names_elsewhere]
        if not names:
            return places
        return [m for m in places if m.role not in ("uk", "china") or not any(_is_part(m, n) for n in names)]

    def ignored(self, item: Item) -> tuple[str, ...]:
        """The words that `ignore` takes away from an item, as the item has them."""
        document = _document(item)
        taken = self._matcher.taken(document)
        runs = [(where, run) for where, places in enumerate(taken) for run in _runs(sorted(places))]
        return tuple(document[where].quote(start, end) for where, (start, end) in runs)

    def _matches(self, document: Sequence[Words]) -> list[Match]:
        matches: list[Match] = []
        # Where a feed gives only longer text, its first sentence is the lead.
        lead_in = 1 if document[1] else 2
        for number, hits in self._matcher.hits(document).items():
            rule = self.rules[number]
            placed = [(_field(document, hit, lead_in), hit) for hit in hits]
            if len(placed) > MATCHES_KEPT:
                placed = _first_of_each_field(placed)
            matches += [self._match(rule, document, hit, field) for field, hit in placed]
        return matches

    def _match(self, rule: Rule, document: Sequence[Words], hit: Hit, field: Field) -> Match:
        text = document[hit.where]
        start, end = text.in_source(hit.start, hit.end)
        return Match(
            role=rule.role,
            term=rule.term.source,
            field=field,
            text=text.source[start:end],
            start=start,
            topic=rule.topic,
            points=self._fields[field] * rule.term.weight,
            where=WHERE[hit.where],
        )

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
        best_field = min(_RANK[match.field] for match in found)
        # A term with ^2 counts double here too.
        return best_field, -sum(self._term_weights[match.topic, match.term] for match in found)


def _gate(uk: bool, china: bool, side: Side | None) -> str:
    if side == "both":
        return "" if uk or china else "no term of the UK or China, and a source about both needs one"
    uk, china = uk or side == "uk", china or side == "china"
    if uk and china:
        return ""
    if not uk and not china:
        return "no term of the UK or of China"
    return "China yes, UK no" if china else "UK yes, China no"


def _field(document: Sequence[Words], hit: Hit, lead_in: int) -> Field:
    if hit.where == TITLE:
        return "title"
    is_lead = hit.where == lead_in and hit.start < document[lead_in].first_sentence_end
    return "lead" if is_lead else "text"


def _first_of_each_field(placed: Sequence[tuple[Field, Hit]]) -> list[tuple[Field, Hit]]:
    kept: Counter[Field] = Counter()
    found = []
    for field, hit in placed:
        kept[field] += 1
        if kept[field] <= MATCHES_KEPT:
            found.append((field, hit))
    return found


def _document(item: Item) -> tuple[Words, ...]:
    return tuple(words(text[:JUDGED_CHARS]) for text in (item.title, item.summary, item.text))


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs (start, end), the end excluded."""
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        found = [place for _, place in run]
        yield found[0], found[-1] + 1


def _first(matches: Iterable[Match]) -> list[Match]:
    """At most MOST_MATCHES, those of the title first; exclusions always, since they decide alone."""
    ranked = sorted(matches, key=lambda m: (m.role != "exclude", _RANK[m.field], m.start))
    return ranked[:MOST_MATCHES]


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


def _terms(spec: RuleSpec) -> Iterator[str]:
    yield from (*spec.uk, *spec.china, *spec.both, *spec.elsewhere, *spec.exclude)
    for _, terms in spec.topics:
        yield from terms
    yield from spec.ignore


def _rules(spec: RuleSpec) -> Iterable[Rule]:
    sides: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("uk", spec.uk),
        ("china", spec.china),
        ("both", spec.both),
        ("elsewhere", spec.elsewhere),
        ("exclude", spec.exclude),
    )
    for role, terms in sides:
        for term in dict.fromkeys(terms):
            yield Rule(role, compile_term(term))
    for topic, terms in spec.topics:
        for term in dict.fromkeys(terms):
            yield Rule("topic", compile_term(term), topic)


def _version(spec: RuleSpec) -> str:
    """Eight hexadecimal digits that change with any term or number, and with nothing else."""
    values = {field.name: getattr(spec, field.name) for field in fields(spec)}
    written = json.dumps(values, default=asdict, ensure_ascii=False, sort_keys=True)
    # A term from the command line may hold bytes that are not UTF-8 (PEP 383).
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
