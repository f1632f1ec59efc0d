"""Core: the health of every term over stored items: what it finds, what it alone carries, what may go."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..classify import RuleBook
from ..models import Judged, Label, Match, RuleSpec, Side, Verdict
from .changes import Rules
from .health import ENOUGH, ENOUGH_ITEMS, ENOUGH_MATCHED, Counts, TermHealth, Word

IGNORE = "ignore"
_SIDES = ("uk", "china", "both")
_AGAINST = ("elsewhere", "exclude")

_Key = tuple[str, str | None, str]
"""(list, topic, term): the list is a role, or "ignore"; the topic is None outside topics."""


@dataclass(frozen=True, slots=True)
class RulesHealth:
    """What `stats` says: the items looked at, and each term in config order, those of `ignore` last."""

    items: int
    matched: int
    """How many of them are relevant under the rule book that was asked."""
    labelled: int
    newest: datetime | None
    """When the last of them was first seen."""
    terms: tuple[TermHealth, ...]

    @property
    def is_early(self) -> bool:
        """Whether there are too few items to judge terms by."""
        return self.items < ENOUGH_ITEMS


def stats(judged: Iterable[Judged], rules: Rules, labels: Mapping[int, Label]) -> RulesHealth:
    """Judges every item anew under `rules`, and counts for each term what it does there.

    `judged`: in the order in which they were first seen; stored verdicts are not looked at. `labels`: by item
    id. Memory does not grow with the number of items.
    """
    counting = _Counting(rules.book, labels)
    for one in judged:
        counting.add(one, rules.side(one.item))
    return counting.health()


class _Counting:
    def __init__(self, book: RuleBook, labels: Mapping[int, Label]) -> None:
        ignored = tuple(dict.fromkeys(book.spec.ignore))
        self._book = book
        self._labels = labels
        self._ignore_book = RuleBook(RuleSpec(exclude=ignored))
        self._keys: list[_Key] = [(rule.role, rule.topic, rule.term.source) for rule in book.rules]
        self._keys += [(IGNORE, None, term) for term in ignored]
        self._numbers = {key: number for number, key in enumerate(self._keys)}
        self._counts = [Counts() for _ in self._keys]
        self._items = self._matched = self._labelled = 0
        self._newest: datetime | None = None
        self._outlets: Counter[str] = Counter()

    def add(self, judged: Judged, side: Side | None) -> None:
        places = self._book.places(judged.item)
        verdict = self._book.decide(places, side)
        self._items += 1
        self._matched += verdict.relevant
        self._labelled += judged.id in self._labels
        self._outlets[judged.outlet] += 1
        self._newest = max(self._newest or judged.first_seen, judged.first_seen)
        hits = Counter(map(_key, places))
        together: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for key in hits:
            together[key[0], key[1]].append(self._numbers[key])
        for key, count in hits.items():
            number = self._numbers[key]
            counts = self._counts[number]
            counts.add(judged, count, (other for other in together[key[0], key[1]] if other != number))
            self._count_verdict(key, counts, judged.id, verdict)
        for key in _alone(self._book, places, verdict, side):
            counts = self._counts[self._numbers[key]]
            counts.count_alone(judged.id)
            label = self._labels.get(judged.id)
            counts.wrongly_out += bool(key[0] in _AGAINST and label and label.relevant)
        for term, count in _taken(self._ignore_book, judged).items():
            self._counts[self._numbers[IGNORE, None, term]].add(judged, count)

    def _count_verdict(self, key: _Key, counts: Counts, item_id: int, verdict: Verdict) -> None:
        role, topic, _ = key
        is_in = verdict.relevant if topic is None else topic in verdict.topics
        counts.matched += is_in
        label = self._labels.get(item_id)
        if label and (is_in or role in _AGAINST):
            counts.count_label(label, topic)

    def health(self) -> RulesHealth:
        return RulesHealth(
            self._items,
            self._matched,
            self._labelled,
            self._newest,
            tuple(self._term(number) for number in range(len(self._keys))),
        )

    def _term(self, number: int) -> TermHealth:
        (role, topic, term), counts = self._keys[number], self._counts[number]
        inside = sorted(counts.company or (), key=lambda other: (-self._counts[other].items, other))
        return TermHealth(
            role=role,
            topic=topic,
            term=term,
            items=counts.items,
            matched=counts.matched,
            only=None if role == IGNORE else counts.only,
            hits=counts.hits,
            inside=tuple(self._keys[other][2] for other in inside),
            labelled=counts.labelled,
            right=counts.right,
            wrongly_out=counts.wrongly_out,
            last=counts.last,
            outlet=counts.outlet,
            example=counts.carries or counts.found_in,
            word=self._word(number, inside),
        )

    def _word(self, number: int, inside: Sequence[int]) -> Word:
        (role, _, _), counts = self._keys[number], self._counts[number]
        # Of two terms that are always found together, the first in the config is the one to keep.
        carriers = [other for other in inside if other < number or self._counts[other].items > counts.items]
        one_outlet = counts.outlet is not None and 2 * self._outlets[counts.outlet] < self._items
        words: tuple[tuple[Word, bool], ...] = (
            ("never", not counts.items),
            ("noisy", self._is_noisy(role, counts)),
            ("gone", counts.is_gone(self._newest)),
            ("redundant", counts.items >= ENOUGH and not counts.only and bool(carriers)),
            ("only in", counts.items >= ENOUGH and one_outlet),
            ("sole carrier", bool(counts.only)),
        )
        return next((word for word, holds in words if holds), "ok")

    def _is_noisy(self, role: str, counts: Counts) -> bool:
        if role in _AGAINST:
            return bool(counts.wrongly_out)
        if counts.labelled >= ENOUGH and 2 * counts.right < counts.labelled:
            return True
        return role == "topic" and self._matched >= ENOUGH_MATCHED and 2 * counts.matched > self._matched


def _key(match: Match) -> _Key:
    return match.role, match.topic, match.term


def _without(places: Iterable[Match], key: _Key) -> list[Match]:
    return [match for match in places if _key(match) != key]


def _alone(book: RuleBook, places: Sequence[Match], verdict: Verdict, side: Side | None) -> Iterable[_Key]:
    """The terms without which this item would be out, in, or not under their topic."""
    # Topics only sort, and most places are theirs: whether an item is in is decided without them.
    deciding = [match for match in places if match.topic is None]
    if not verdict.relevant:
        for key in _suspects(deciding):
            if book.decide(_without(deciding, key), side).relevant:
                yield key
        return
    for key in dict.fromkeys(_key(match) for match in deciding if match.role in _SIDES):
        if not _is_matched(key, deciding) and not book.decide(_without(deciding, key), side).relevant:
            yield key
    for key in dict.fromkeys(map(_key, places)):
        if key[1] in verdict.topics and key[1] not in book.decide(_without(places, key), side).topics:
            yield key


def _is_matched(key: _Key, deciding: Sequence[Match]) -> bool:
    """Whether another term of the list is as strong here, so that this one cannot matter."""
    own = [match for match in deciding if _key(match) == key]
    best = max(match.points for match in own)
    in_title = any(match.field == "title" for match in own)
    return any(
        match.role == key[0] and match.points >= best and (match.field == "title" or not in_title)
        for match in deciding
        if _key(match) != key
    )


def _suspects(deciding: Sequence[Match]) -> Iterable[_Key]:
    """The terms that could keep an item out by themselves."""
    if {match.role for match in deciding}.isdisjoint(_AGAINST):
        return ()
    excluding = dict.fromkeys(_key(match) for match in deciding if match.role == "exclude")
    if excluding:
        # An item with two of them stays out without either.
        return excluding if len(excluding) == 1 else ()
    return dict.fromkeys(_key(match) for match in deciding if match.role == "elsewhere")


def _taken(book: RuleBook, judged: Judged) -> Counter[str]:
    """The terms that took words of an item away and how often: the longest first, none within another."""
    found: Counter[str] = Counter()
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for match in sorted(book.places(judged.item), key=lambda m: (-len(m.text.split()), m.start)):
        start, end = match.start, match.start + len(match.text)
        if all(end <= other_start or other_end <= start for other_start, other_end in spans[match.where]):
            spans[match.where].append((start, end))
            found[match.term] += 1
    return found
