"""Core: near misses: terms that would match if an ending or capitals did not matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..classify import Rule, RuleBook
from ..models import Item, RuleSpec, Side, Verdict
from ..text import words
from .reasons import ROLE_NAMES, context

_ENDINGS = ("ings", "ing", "ers", "ies", "ed", "er", "es", "s", "y")


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A term that would match if its ending or its capitals did not matter."""

    role: str
    term: str
    text: str
    context: str
    reason: str


def near_misses(item: Item, side: Side | None, book: RuleBook, verdict: Verdict) -> tuple[NearMiss, ...]:
    """Terms that match as soon as small letters and any ending will do, and do not match as they are."""
    strict = {(match.role, match.topic, match.term) for match in verdict.matches}
    loose = {_loosened(rule): rule for rule in book.rules if _can_loosen(rule)}
    loose_book = RuleBook(_spec_of(loose))
    found: dict[tuple[str, str], NearMiss] = {}
    for match in loose_book.classify(item, side).matches:
        rule = loose.get((match.role, match.topic, match.term))
        key = (match.topic or ROLE_NAMES[match.role], rule.term.source if rule else "")
        if rule is None or (rule.role, rule.topic, rule.term.source) in strict or key in found:
            continue
        if _stems(rule.term.source) != _stems(match.text) or _matches_alone(rule, item):
            continue
        found[key] = NearMiss(key[0], key[1], match.text, context(item, match), _difference(rule, match.text))
    return tuple(found.values())


_Key = tuple[str, str | None, str]


def _can_loosen(rule: Rule) -> bool:
    """Plain words and phrases; what is short or an abbreviation would match half the dictionary."""
    source = rule.term.source
    plain = source.isascii() and all(char.isalpha() or char in " -'" for char in source)
    return plain and not any(word.isupper() for word in source.split()) and len(_stems(source)[-1]) >= 4


def _loosened(rule: Rule) -> _Key:
    return (rule.role, rule.topic, " ".join(_stems(rule.term.source)) + "*")


def _spec_of(loose: Mapping[_Key, Rule]) -> RuleSpec:
    topics: dict[str, list[str]] = {}
    roles: dict[str, list[str]] = {"uk": [], "china": [], "both": []}
    for role, topic, term in loose:
        if topic is not None:
            topics.setdefault(topic, []).append(term)
        elif role in roles:
            roles[role].append(term)
    return RuleSpec(
        uk=tuple(roles["uk"]),
        china=tuple(roles["china"]),
        both=tuple(roles["both"]),
        topics=tuple((topic, tuple(terms)) for topic, terms in topics.items()),
    )


def _matches_alone(rule: Rule, item: Item) -> bool:
    """Whether the term does match, and only a longer one of its topic took its words."""
    return bool(RuleBook(RuleSpec(uk=(rule.term.source,))).classify(item).matches)


def _stems(text: str) -> tuple[str, ...]:
    """The words of a text without their capitals, the last one without a common ending."""
    *before, last = words(text).folds
    ending = next((e for e in _ENDINGS if last.endswith(e) and len(last) - len(e) >= 3), "")
    return (*before, last.removesuffix(ending))


def _difference(rule: Rule, text: str) -> str:
    if words(text).folds == words(rule.term.source).folds:
        return "capitals differ"
    return "the ending differs; a term matches whole words"
