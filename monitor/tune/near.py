"""Core: near misses: terms that would match if an ending or capitals did not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..classify import Rule, RuleBook
from ..classify.finding import JUDGED_CHARS
from ..models import Item, Match, Role, RuleSpec
from ..text import Words, words
from .reasons import ROLE_NAMES, context

_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "y")
_PLURALS = ("ies", "es", "s")
SIDES: tuple[Role, ...] = ("uk", "china", "both")
TOPICS: tuple[Role, ...] = ("topic",)
"""Of exclude and elsewhere nobody wishes that they found more than they were asked to."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A term that would match if its ending or its capitals did not matter."""

    role: str
    term: str
    text: str
    context: str
    reason: str


class NearMisses:
    """Finds near misses of the terms of one rule book. Compiled once, for any number of items.

    `roles`: of which terms, those of the sides or of the topics; of both unless given. `small_names`: whether
    labour is a near miss of Labour; not so is faster, since many names are ordinary words.
    """

    def __init__(
        self, book: RuleBook, roles: tuple[Role, ...] = SIDES + TOPICS, *, small_names: bool = True
    ) -> None:
        self._rules: dict[_Key, list[Rule]] = defaultdict(list)
        for rule in book.rules:
            if rule.role in roles and _can_loosen(rule):
                self._rules[_loosened(rule, small_names=small_names)].append(rule)
        self._book = RuleBook(_spec_of(self._rules, book.spec.ignore))
        self._small_names = small_names
        self._by_base: dict[str, list[Words]] = defaultdict(list)
        for term in dict.fromkeys(rule.term.source for rules in self._rules.values() for rule in rules):
            cut = words(term)
            for base in _bases(cut.folds[-1]):
                self._by_base[base].append(cut)

    def places(self, item: Item, found: Iterable[Match]) -> tuple[Match, ...]:
        """Where terms come near, with the term as written; `found` are the places that `book` has found.

        A term that is found somewhere in the item is no near miss, nor are words of which another term of the
        same list has found one.
        """
        if not self._may_come_near(item):
            return ()
        found = tuple(found)
        keys = {_key(match) for match in found}
        near = []
        for match in self._book.places(item):
            rules = [rule for rule in self._rules[_key(match)] if _is_near(rule.term.source, match.text)]
            if not rules or any((rule.role, rule.topic, rule.term.source) in keys for rule in rules):
                continue
            if not any(_share_words(match, other) for other in found):
                near.append(replace(match, term=rules[0].term.source))
        return tuple(near)

    def _may_come_near(self, item: Item) -> bool:
        """Whether a term's words stand in the item with another ending or capital: false for most items.

        Judging an item loosely takes as long as judging it, this a fraction of that.
        """
        return any(
            self._comes_near(term, cut, at)
            for cut in (words(text[:JUDGED_CHARS]) for text in (item.title, item.summary, item.text))
            for at, word in enumerate(cut.folds)
            for base in _bases(word)
            for term in self._by_base.get(base, ())
        )

    def _comes_near(self, term: Words, cut: Words, at: int) -> bool:
        """Whether the words up to `at` are those of a term but for an ending or capitals."""
        start = at + 1 - len(term)
        if start < 0 or cut.folds[start:at] != term.folds[:-1]:
            return False
        is_same = cut.folds[at] == term.folds[-1]
        if len(term) == 1 and term.forms[0][0].isupper() and not cut.forms[at][0].isupper():
            return is_same and self._small_names
        written, found = "".join(term.forms), "".join(cut.forms[start : at + 1])
        return not is_same or any(a.isupper() and a != b for a, b in zip(written, found, strict=True))

    def misses(self, item: Item, found: Iterable[Match]) -> tuple[NearMiss, ...]:
        """The same in words, one place for each term."""
        first: dict[tuple[str, str], NearMiss] = {}
        for match in self.places(item, found):
            role = match.topic or ROLE_NAMES[match.role]
            miss = NearMiss(role, match.term, match.text, context(item, match), _difference(match))
            first.setdefault((role, match.term), miss)
        return tuple(first.values())


_Key = tuple[str, str | None, str]
"""What a Match says of its term: role, topic, the term."""


def _key(match: Match) -> _Key:
    return match.role, match.topic, match.term


def _can_loosen(rule: Rule) -> bool:
    """Plain words and phrases; what is short or an abbreviation would match half the dictionary."""
    source = rule.term.source
    plain = source.isascii() and all(char.isalpha() or char in " -'" for char in source)
    if not plain or any(word.isupper() for word in source.split()):
        return False
    return len(_stems(source)[-1]) >= 4


def _loosened(rule: Rule, *, small_names: bool) -> _Key:
    stems = _stems(rule.term.source)
    is_name = len(stems) == 1 and words(rule.term.source).forms[0][0].isupper()
    sought = stems[0].capitalize() if is_name and not small_names else " ".join(stems)
    return rule.role, rule.topic, f"{sought}*"


def _spec_of(loose: Iterable[_Key], ignore: tuple[str, ...]) -> RuleSpec:
    terms: Mapping[tuple[str, str | None], list[str]] = defaultdict(list)
    for role, topic, term in loose:
        terms[role, topic].append(term)
    return RuleSpec(
        uk=tuple(terms["uk", None]),
        china=tuple(terms["china", None]),
        both=tuple(terms["both", None]),
        ignore=ignore,
        topics=tuple((topic, tuple(found)) for (_, topic), found in terms.items() if topic is not None),
    )


def _share_words(near: Match, found: Match) -> bool:
    """Whether both are of one list and reach into each other."""
    if (near.role, near.topic, near.where) != (found.role, found.topic, found.where):
        return False
    return near.start < found.start + len(found.text) and found.start < near.start + len(near.text)


def _is_near(term: str, text: str) -> bool:
    """Whether both have the same words but for capitals and a common ending of the last one.

    Of a name, only the plural: hunting is nothing of Hunt. A single name keeps its capital: Readings, and
    not readings, may be of Reading.
    """
    written, found = words(term), words(text)
    *before, last = written.folds
    *before_too, last_too = found.folds
    if before != before_too:
        return False
    if not written.forms[-1][:1].isupper():
        return not _bases(last).isdisjoint(_bases(last_too))
    if len(written) == 1 and found.forms[0][:1] != written.forms[0][:1] and last != last_too:
        return False
    return not _bases(last, _PLURALS).isdisjoint(_bases(last_too, _PLURALS))


@lru_cache(maxsize=50_000)  # texts share their words
def _bases(word: str, endings: tuple[str, ...] = _ENDINGS) -> frozenset[str]:
    """What a word may be a form of: stores of store, stories of story, shipping of ship."""
    bases = {word}
    for ending in (e for e in endings if e != "y" and word.endswith(e)):
        bare = word.removesuffix(ending)
        if ending == "ies":
            return frozenset((word, f"{bare}y"))
        bases |= {bare, bare[:-1]} if bare[-1:] == bare[-2:-1] else {bare}
        bases |= {f"{bare}e"} if ending not in _PLURALS else set()
    return frozenset(base for base in bases if len(base) >= 3)


def _stems(text: str) -> tuple[str, ...]:
    """The words of a term without their capitals, of the last one only the beginning: what is sought."""
    *before, last = words(text).folds
    for ending in _ENDINGS:
        if last.endswith(ending) and _begins_words(last.removesuffix(ending)):
            last = last.removesuffix(ending)
            break
    # trade and trading, shipping and ship
    is_longer = len(last) > 4 and (last[-1] == "e" or last[-1] == last[-2])
    return (*before, last[:-1] if is_longer and _begins_words(last[:-1]) else last)


def _begins_words(stem: str) -> bool:
    """Whether words may begin so: they do not with the min' of Min'er."""
    return len(stem) >= 3 and stem[-1].isalnum()


def differs_in_capitals_only(near: Match) -> bool:
    """Whether a near miss has the words of its term, and only not its capitals."""
    return words(near.text).folds == words(near.term).folds


def _difference(near: Match) -> str:
    if differs_in_capitals_only(near):
        return "capitals differ"
    return "the ending differs; a term matches whole words"
