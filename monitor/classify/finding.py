"""Core: an item in, every place of every term out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Literal, NamedTuple

from ..models import Field, Item, Match, Role, RuleSpec
from ..text import Words, words
from .match import TITLE, Matcher
from .scan import Hit
from .term import Term, compile_term

Where = Literal["title", "summary", "text"]
WHERE: tuple[Where, ...] = ("title", "summary", "text")
MATCHES_KEPT = 3
"""Places kept of one term in each of title, first sentence and text: the reasons, not a concordance."""
MOST_MATCHES = 300
"""Places kept of all terms together, from the top of the item down."""
JUDGED_CHARS = 20_000
"""Characters of each text that are judged: what stands further down is not what the item is about."""

RANK: Mapping[Field, int] = {"title": 0, "lead": 1, "text": 2}
"""The best first."""


class Rule(NamedTuple):
    """A term with the list it stands in."""

    role: Role
    term: Term
    topic: str | None = None


_Written = tuple[Role, str, str | None]
"""A rule before it is read: the list, the term, the topic."""


class Finder:
    """Every term of a config, compiled together. It never changes and may be shared between threads."""

    def __init__(self, spec: RuleSpec) -> None:
        """Raises TermError for a term that cannot be read; for most of them only when an item asks for it."""
        self._written = tuple(_written(spec))
        self._matcher = Matcher([term for _, term, _ in self._written], tuple(dict.fromkeys(spec.ignore)))
        self._fields: Mapping[Field, float] = {
            "title": spec.weights.title,
            "lead": spec.weights.lead,
            "text": spec.weights.text,
        }

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every term with the list it stands in, but for those of `ignore`."""
        return tuple(Rule(role, compile_term(term), topic) for role, term, topic in self._written)

    def places(self, item: Item) -> tuple[Match, ...]:
        """Every place of every term; of those of one topic that share words a verdict keeps the longest."""
        matches = self._matches(_document(item))
        return tuple(matches if len(matches) <= MOST_MATCHES else _first(matches))

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
            written = self._written[number]
            placed = [(_field(document, hit, lead_in), hit) for hit in hits]
            if len(placed) > MATCHES_KEPT:
                placed = _first_of_each_field(placed)
            matches += [self._match(written, document, hit, field) for field, hit in placed]
        return matches

    def _match(self, written: _Written, document: Sequence[Words], hit: Hit, field: Field) -> Match:
        role, term, topic = written
        text = document[hit.where]
        start, end = text.in_source(hit.start, hit.end)
        return Match(
            role=role,
            term=term,
            field=field,
            text=text.source[start:end],
            start=start,
            topic=topic,
            points=self._fields[field] * compile_term(term).weight,
            where=WHERE[hit.where],
        )


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
    ranked = sorted(matches, key=lambda m: (m.role != "exclude", RANK[m.field], m.start))
    return ranked[:MOST_MATCHES]


def _written(spec: RuleSpec) -> Iterator[_Written]:
    sides: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("uk", spec.uk),
        ("china", spec.china),
        ("both", spec.both),
        ("elsewhere", spec.elsewhere),
        ("exclude", spec.exclude),
    )
    for role, terms in sides:
        for term in dict.fromkeys(terms):
            yield role, term, None
    for topic, terms in spec.topics:
        for term in dict.fromkeys(terms):
            yield "topic", term, topic
