"""Core: what stored items say that the rules lack, each with what to type or to paste."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from ...models import Judged, Label
from ..changes import Rules
from .furniture import Furniture, Repeats
from .labelled import LABELS_NEEDED, FalseAlarmWord, LabelledWords, TellingWord
from .names import OUTLETS_COUNTED, Name, Names
from .nearly import NearTerm, NearTerms

__all__ = [
    "LABELS_NEEDED",
    "OUTLETS_COUNTED",
    "FalseAlarmWord",
    "Furniture",
    "Name",
    "NearTerm",
    "Suggestions",
    "TellingWord",
    "suggest",
]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What `suggest` says, the best of each kind first."""

    items: int
    matched: int
    """How many of them are relevant under the rules that were asked."""
    labels: int
    false_alarms: int
    """Items labelled irrelevant that the rules let in."""
    near: tuple[NearTerm, ...]
    names: tuple[Name, ...]
    telling: tuple[TellingWord, ...]
    """Empty below LABELS_NEEDED labels."""
    false_alarm_words: tuple[FalseAlarmWord, ...]
    furniture: tuple[Furniture, ...]


def suggest(
    judged: Iterable[Judged],
    rules: Rules,
    labelled: Iterable[tuple[Judged, Label]] = (),
    *,
    topic: str | None = None,
    limit: int = 10,
) -> Suggestions:
    """Reads all items once and the labelled ones before, under today's rules; stored verdicts do not count.

    `topic`: only what concerns this topic; `limit`: at most so many of each kind. Memory is bounded,
    whatever the number of items; of each text the first 20,000 characters are read, as in judging.
    """
    near, names, repeats = NearTerms(rules), Names(), Repeats()
    from_labels = LabelledWords(labelled, rules)
    items = matched = 0
    for one in judged:
        side = rules.side(one.item)
        places = rules.book.places(one.item)
        verdict = rules.book.decide(places, side)
        items += 1
        matched += verdict.relevant
        near.add(one, side, places, verdict)
        names.add(one, places, verdict)
        from_labels.add(one, verdict)
        repeats.add(one)
    is_whole = topic is None
    return Suggestions(
        items,
        matched,
        from_labels.labels,
        from_labels.false_alarms,
        tuple(islice(near.best(topic), limit)),
        tuple(islice(names.best(rules.book, topic), limit)),
        tuple(islice(from_labels.telling(topic), limit)),
        tuple(islice(from_labels.false_alarm_words(), limit if is_whole else 0)),
        tuple(islice(repeats.found(rules.book), limit if is_whole else 0)),
    )
