"""Core: terms that would have brought an item in, or filed it, with another ending or small letters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...models import Judged, Match, Side, Verdict
from ...text import words
from ..changes import Rules, topic_list
from ..near import SIDES, TOPICS, NearMisses, differs_in_capitals_only
from ..reasons import context

LONG_ENOUGH = 6
"""Letters of a single word from which on any ending is proposed: bank* would find bankrupt. In a phrase the
words before do that: small boat*."""
VARIANTS = 3
"""How many forms of one term are proposed."""


@dataclass(frozen=True, slots=True)
class NearTerm:
    """A term that missed items by an ending or a capital, where that made a difference."""

    where: str
    """Its list, as `diff --add` names it."""
    term: str
    forms: tuple[str, ...]
    """What stands in the items, the most frequent first, in small letters."""
    enter: int
    """Items that would become relevant."""
    filed: int
    """Relevant items that would come under its topic."""
    example: int
    context: str
    """The words around it there, itself in square brackets."""
    write: tuple[str, ...]
    """Terms to add to the list."""


@dataclass(slots=True)
class _Group:
    forms: Counter[str] = field(default_factory=Counter)
    in_capitals_only: bool = True
    enter: int = 0
    filed: int = 0
    example: int = 0
    context: str = ""


class NearTerms:
    """Collects near misses that would have mattered while the items go by."""

    def __init__(self, rules: Rules) -> None:
        self._book = rules.book
        # The capital of a single word is there for a reason (Labour, Reading), of a phrase perhaps not.
        self._sides = NearMisses(rules.book, SIDES, small_names=False)
        self._topics = NearMisses(rules.book, TOPICS, small_names=False)
        self._groups: dict[tuple[str, str], _Group] = defaultdict(_Group)

    def add(self, judged: Judged, side: Side | None, places: Sequence[Match], verdict: Verdict) -> None:
        """Takes up the near misses of one item that would change where it is."""
        # A side's term lets in what is out, a topic's files what is in.
        finder = self._topics if verdict.relevant else self._sides
        near: dict[tuple[str, str | None, str], list[Match]] = defaultdict(list)
        for match in finder.places(judged.item, places):
            # Where the ending and the capitals differ, the words are others: the work is not The Works.
            if differs_in_capitals_only(match) or _has_capitals_of(match.term, match.text):
                near[match.role, match.topic, match.term].append(match)
        for (role, topic, term), found in near.items():
            if topic in verdict.topics:
                continue
            then = self._book.decide((*places, *found), side)
            enters = then.relevant and not verdict.relevant
            if not enters and topic not in then.topics:
                continue
            group = self._groups[topic_list(topic) if topic else role, term]
            group.forms.update({" ".join(words(match.text).folds): 1 for match in found})
            group.in_capitals_only &= all(map(differs_in_capitals_only, found))
            group.enter += enters
            group.filed += not enters
            group.example, group.context = judged.id, context(judged.item, found[0])

    def best(self, topic: str | None) -> Iterator[NearTerm]:
        """The terms that missed most, those that kept items out first; only of `topic` where it is given."""
        wanted = topic_list(topic) if topic is not None else None
        ranked = sorted(self._groups.items(), key=lambda g: (-g[1].enter, -g[1].filed, g[0]))
        for (where, term), group in ranked:
            if wanted is None or where == wanted:
                forms = tuple(form for form, _ in group.forms.most_common(VARIANTS))
                write = _to_write(term, forms, capitals=not group.in_capitals_only)
                yield NearTerm(
                    where, term, forms, group.enter, group.filed, group.example, group.context, write
                )


def _to_write(term: str, forms: Sequence[str], *, capitals: bool) -> tuple[str, ...]:
    """The term with any ending, where that is safe; else the forms as they are found."""
    if not capitals:
        return (forms[0],)
    *before, last = words(term).folds
    endings = [form.split(" ")[-1] for form in forms]
    if (before or len(last) >= LONG_ENOUGH) and all(ending.startswith(last) for ending in endings):
        return (f"{term}*",)
    return tuple(_with_capitals_of(term, form) for form in forms)


def _with_capitals_of(term: str, form: str) -> str:
    pairs = zip(words(term).forms, form.split(" "), strict=True)
    return " ".join(found.capitalize() if written[:1].isupper() else found for written, found in pairs)


def _has_capitals_of(term: str, text: str) -> bool:
    pairs = zip(words(term).forms, words(text).forms, strict=False)
    return all(found[:1].isupper() for written, found in pairs if written[:1].isupper())
