"""Core: stored items judged under two sets of rules: what enters, what leaves, what is filed otherwise.

An item in which no changed term occurs has the same verdict under both. So every item is looked through for
the changed terms only, and judged twice just where one of them is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..classify import RuleBook, compile_term
from ..models import Item, Judged, Label, Match, RuleSpec, Side, Verdict
from .changes import Changes, Key, Rules, TermChange, changes
from .tally import Found, Moved, Replay, Tally, moved


def replay(
    items: Iterable[Judged],
    before: Rules,
    after: Rules,
    labels: Mapping[int, Label],
    *,
    shown: int = 5,
) -> Replay:
    """What `after` would have made of `items` that `before` judges as it does now.

    Both are asked, not the stored verdicts: those may be of older rules, or of a source whose side has
    changed since. `shown`: how many items of each kind are kept as samples; besides them memory does not grow
    with the number of items. Rules that do not differ are not replayed.
    """
    differing = changes(before, after)
    tally = Tally(labels, before.book.version, differing, shown=shown)
    if not differing:
        return replace(tally.result(), same=True, doubts=())
    compare = _Comparison(before, after, differing)
    for judged in items:
        compared = compare(judged.item)
        if compared is None:
            tally.same(judged)
        else:
            tally.add(judged, *compared)
    return tally.result()


def rejudged(items: Iterable[Judged], rules: Rules, tally: Tally) -> Iterator[tuple[int, Verdict]]:
    """The verdict of `rules` on each item whose stored one is of others, by id; `tally` counts all items."""
    for judged in items:
        if judged.verdict.rules_version == rules.book.version:
            tally.same(judged)
            continue
        verdict = rules.book.classify(judged.item, rules.side(judged.item))
        tally.add(judged, judged.verdict, verdict)
        yield judged.id, verdict


@dataclass(frozen=True, slots=True)
class _Judgement:
    """An item under one set of rules, with what it takes to ask again."""

    book: RuleBook
    side: Side | None
    places: tuple[Match, ...]
    verdict: Verdict

    def on(self, places: Iterable[Match]) -> Verdict:
        return self.book.decide(places, self.side)


class _Comparison:
    """Two sets of rules, made ready to judge one item after the other."""

    def __init__(self, before: Rules, after: Rules, differing: Changes) -> None:
        self._before, self._after = before, after
        self._terms = differing.terms
        self._everywhere = bool(differing.weights or differing.reordered)
        self._sources = frozenset(side.source_id for side in differing.sides)
        self._same_places = not differing.terms and _field_weights(before) == _field_weights(after)
        self._old = {_key(c, c.before): at for at, c in enumerate(self._terms) if c.before}
        self._new = {_key(c, c.after): at for at, c in enumerate(self._terms) if c.after}
        self._ignore = {c.term: at for at, c in enumerate(self._terms) if c.role is None}
        matching = [c for c in self._terms if c.role is not None]
        written = dict.fromkeys(term for c in matching for term in (c.before, c.after) if term)
        # Elsewhere than in items with a changed term of `ignore`, both lists take away the same words.
        self._changed = RuleBook(RuleSpec(uk=tuple(written), ignore=after.book.spec.ignore))
        self._ignored = RuleBook(RuleSpec(uk=tuple(self._ignore)))

    def __call__(self, item: Item) -> tuple[Verdict, Verdict, tuple[Found, ...]] | None:
        """Both verdicts on an item, and the changed terms in it; None where they must be the same."""
        ignored = self._ignored.places(item) if self._ignore else ()
        by_more_than_terms = self._everywhere or item.source_id in self._sources
        if not (by_more_than_terms or ignored or self._changed.places(item)):
            return None
        old = _judgement(self._before, item, self._before.book.places(item))
        new = _judgement(
            self._after, item, old.places if self._same_places else self._after.book.places(item)
        )
        found = self._found(ignored, old, new)
        how = moved(old.verdict, new.verdict)
        if how is not None:
            found = self._credited(found, how, old, new, alone=not by_more_than_terms)
        return old.verdict, new.verdict, found

    def _found(self, ignored: Sequence[Match], old: _Judgement, new: _Judgement) -> tuple[Found, ...]:
        places: dict[int, list[Match]] = defaultdict(list)
        for match in ignored:
            places[self._ignore[match.term]].append(match)
        for match in old.places:
            at = self._old.get((match.role, match.topic, match.term))
            if at is not None and self._terms[at].kind == "dropped":
                places[at].append(match)
        for match in new.places:
            at = self._new.get((match.role, match.topic, match.term))
            if at is not None:
                places[at].append(match)
        return tuple(Found(at, len(matches), matches[0]) for at, matches in sorted(places.items()))

    def _credited(
        self, found: Sequence[Found], how: Moved, old: _Judgement, new: _Judgement, *, alone: bool
    ) -> tuple[Found, ...]:
        """With the terms marked that moved the item; where several would each have done, all of those."""
        because = {one.number for one in found if self._decides(self._terms[one.number], how, old, new)}
        if not because and alone:
            # Topics follow from relevance: a topic's term brings nothing in and takes nothing out.
            able = (
                one.number for one in found if how == "refiled" or self._terms[one.number].role != "topic"
            )
            because = set(able)
        return tuple(replace(one, decides=one.number in because) for one in found)

    def _decides(self, change: TermChange, how: Moved, old: _Judgement, new: _Judgement) -> bool:
        """Whether the item moves by this change: it alone made, or it alone not made."""
        if change.role is None:
            return True
        if change.kind == "dropped":
            key = _key(change, change.term)
            return moved(old.verdict, old.on(m for m in old.places if _of(m) != key)) == how
        key = _key(change, change.term)
        if change.kind == "added":
            return moved(new.on(m for m in new.places if _of(m) != key), new.verdict) == how
        factor = compile_term(change.old).weight / compile_term(change.term).weight
        weighed = (replace(m, points=m.points * factor) if _of(m) == key else m for m in new.places)
        return moved(new.on(weighed), new.verdict) == how


def _judgement(rules: Rules, item: Item, places: tuple[Match, ...]) -> _Judgement:
    side = rules.side(item)
    return _Judgement(rules.book, side, places, rules.book.decide(places, side))


def _field_weights(rules: Rules) -> tuple[float, float, float]:
    weights = rules.book.weights
    return weights.title, weights.lead, weights.text


def _key(change: TermChange, term: str | None) -> Key | None:
    return (change.role, change.topic, term) if change.role and term else None


def _of(match: Match) -> Key:
    return match.role, match.topic, match.term
