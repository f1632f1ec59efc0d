"""Core: the rules of a config: an item in, a Verdict with its reasons out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from functools import cached_property
from typing import TYPE_CHECKING

from ..models import RuleSpec

if TYPE_CHECKING:
    from ..models import Item, Match, RelevanceWeights, Side, Verdict
    from .deciding import Decider
    from .finding import Finder, Rule


class RuleBook:
    """Every term of a config with its numbers. It never changes and may be shared between threads.

    Terms are compiled for the first item, and what compiles them is imported then: most commands, and most
    polls, judge none.
    """

    def __init__(self, spec: RuleSpec) -> None:
        """Raises TermError for a term of `spec` that cannot be read."""
        from .term import check_term  # noqa: PLC0415 - not needed where the terms have been checked before

        for term in _terms(spec):
            check_term(term)
        self.spec = spec

    @classmethod
    def of_checked(cls, spec: RuleSpec) -> RuleBook:
        """The rule book of a spec that made one before: its terms are not checked again.

        Where one cannot be read after all, an item that has its words raises TermError.
        """
        book = cls.__new__(cls)
        book.spec = spec
        return book

    @property
    def weights(self) -> RelevanceWeights:
        """The numbers of the score."""
        return self.spec.weights

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits that change with any term or number, and with nothing else."""
        values = {field.name: getattr(self.spec, field.name) for field in fields(self.spec)}
        written = json.dumps(values, default=asdict, ensure_ascii=False, sort_keys=True)
        # A term from the command line may hold bytes that are not UTF-8 (PEP 383).
        return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every term with the list it stands in, but for those of `ignore`."""
        return self._finder.rules

    @cached_property
    def _finder(self) -> Finder:
        from .finding import Finder  # noqa: PLC0415 - for the first item

        return Finder(self.spec)

    @cached_property
    def _decider(self) -> Decider:
        from .deciding import Decider  # noqa: PLC0415 - for the first item

        return Decider(self.spec, self.version)

    def classify(self, item: Item, side: Side | None = None) -> Verdict:
        """Judges one item of a source that implies `side`."""
        places = self.places(item)
        return self.decide(places, side) if places else self._decider.nothing[side]

    def places(self, item: Item) -> tuple[Match, ...]:
        """Every place of every term; of those of one topic that share words a verdict keeps the longest."""
        return self._finder.places(item)

    def ignored(self, item: Item) -> tuple[str, ...]:
        """The words that `ignore` takes away from an item, as the item has them."""
        return self._finder.ignored(item)

    def decide(self, places: Iterable[Match], side: Side | None = None) -> Verdict:
        """The verdict on these places: `classify` in its second half, and for asking what a term adds.

        Leave out the places of a term, and the verdict is that of the rules without it. Places in the item's
        longer text bring in, and take out by `exclude` alone: where the others by themselves put the item in,
        their verdict stands.
        """
        return self._decider.decide(places, side)


def _terms(spec: RuleSpec) -> Iterator[str]:
    yield from (*spec.uk, *spec.china, *spec.both, *spec.elsewhere, *spec.exclude)
    for _, terms in spec.topics:
        yield from terms
    yield from spec.ignore
