"""Core: what differs between two sets of rules, term by term: what `diff` counts and prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ..classify import RuleBook, compile_term
from ..models import Item, Role, RuleSpec, Side

LISTS = ("uk", "china", "both", "ignore", "elsewhere", "exclude")
"""The lists of `rules`, by the names that edits and reports give them; each topic is one more."""
TOPIC_PREFIX = "topics."

Kind = Literal["added", "dropped", "changed"]
Key = tuple[Role, str | None, str]
"""What a Match says of its term: role, topic, the term as written."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule book with what each source implies: all that a verdict depends on besides the item."""

    book: RuleBook
    sides: Mapping[str, Side | None]
    """By source id; a source that is not there implies nothing."""

    def side(self, item: Item) -> Side | None:
        """What the source of an item implies."""
        return self.sides.get(item.source_id)


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term that stands in only one of the two rules, or in both with another weight."""

    where: str
    """The list: one of LISTS, or a topic's id ("topics.uk" for a topic that is called like a list)."""
    term: str
    kind: Kind
    old: str = ""
    """How a changed term was written before."""
    role: Role | None = None
    """None for a term of `ignore`, which takes words away and is never a match itself."""
    topic: str | None = None

    @property
    def before(self) -> str | None:
        """The term as the rules before have it; None where they do not."""
        return {"added": None, "dropped": self.term, "changed": self.old}[self.kind]

    @property
    def after(self) -> str | None:
        """The term as the rules after have it; None where they do not."""
        return None if self.kind == "dropped" else self.term


@dataclass(frozen=True, slots=True)
class WeightChange:
    """A number under `rules.relevance` that differs."""

    name: str
    before: float | str | None
    after: float | str | None


@dataclass(frozen=True, slots=True)
class SideChange:
    """A source that implies another side."""

    source_id: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs. False where nothing does that could change a verdict."""

    terms: tuple[TermChange, ...] = ()
    weights: tuple[WeightChange, ...] = ()
    sides: tuple[SideChange, ...] = ()
    reordered: bool = False
    """Whether topics that both have stand in another order, which decides between equals."""

    def __bool__(self) -> bool:
        return bool(self.terms or self.weights or self.sides or self.reordered)


def lists(spec: RuleSpec) -> dict[str, tuple[str, ...]]:
    """Every list of terms by the name that `TermChange.where` has."""
    named = {name: _terms(spec, name) for name in LISTS}
    return named | {topic_list(topic): terms for topic, terms in spec.topics}


def with_list(spec: RuleSpec, where: str, terms: tuple[str, ...]) -> RuleSpec:
    """`spec` with other terms in one of its lists."""
    if where in LISTS:
        named: dict[str, Any] = {where: terms}
        return replace(spec, **named)
    topics = tuple(
        (topic, terms if topic_list(topic) == where else present) for topic, present in spec.topics
    )
    return replace(spec, topics=topics)


def topic_list(topic: str) -> str:
    """The name of a topic's list."""
    return TOPIC_PREFIX + topic if topic in LISTS else topic


def changes(before: Rules, after: Rules) -> Changes:
    """What differs between two rules. The order of terms within a list changes nothing."""
    old, new = before.book.spec, after.book.spec
    sources = dict.fromkeys([*before.sides, *after.sides])
    sides = (SideChange(id_, before.sides.get(id_), after.sides.get(id_)) for id_ in sources)
    return Changes(
        terms=tuple(_term_changes(old, new)),
        weights=tuple(_weight_changes(old, new)),
        sides=tuple(side for side in sides if side.before != side.after),
        reordered=_common_topics(old, new) != _common_topics(new, old),
    )


def _terms(spec: RuleSpec, name: str) -> tuple[str, ...]:
    terms: tuple[str, ...] = getattr(spec, name)
    return terms


def _term_changes(before: RuleSpec, after: RuleSpec) -> Iterator[TermChange]:
    old, new = lists(before), lists(after)
    ids = {topic_list(topic): topic for topic, _ in (*before.topics, *after.topics)}
    for where in dict.fromkeys([*old, *new]):
        role: Role | None = _role(where)
        there, here = dict.fromkeys(old.get(where, ())), dict.fromkeys(new.get(where, ()))
        added = {compile_term(term).node: term for term in here if term not in there}
        for term in (term for term in there if term not in here):
            # The same words with another weight, or spelt otherwise, are one change and not two.
            now = added.pop(compile_term(term).node, None)
            if now is None:
                yield TermChange(where, term, "dropped", role=role, topic=ids.get(where))
            else:
                yield TermChange(where, now, "changed", term, role, ids.get(where))
        for term in added.values():
            yield TermChange(where, term, "added", role=role, topic=ids.get(where))


def _role(where: str) -> Role | None:
    match where:
        case "ignore":
            return None
        case "uk" | "china" | "both" | "elsewhere" | "exclude":
            return where
        case _:
            return "topic"


def _weight_changes(before: RuleSpec, after: RuleSpec) -> Iterator[WeightChange]:
    for name in (field.name for field in fields(before.weights)):
        was, now = getattr(before.weights, name), getattr(after.weights, name)
        if was != now:
            yield WeightChange(name, was, now)


def _common_topics(spec: RuleSpec, other: RuleSpec) -> list[str]:
    known = {topic for topic, _ in other.topics}
    return [topic for topic, _ in spec.topics if topic in known]
