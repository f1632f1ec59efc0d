"""Core: what labels say of words that no rule has: those of relevant items, those of false alarms."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ...classify import RuleBook
from ...classify.finding import JUDGED_CHARS
from ...models import Item, Judged, Label, Match, RuleSpec, Verdict
from ...text import Words, words
from ..changes import Rules, topic_list
from .keyness import sure_ratio, whole_phrases

LABELS_NEEDED = 30
MIN_RELEVANT, MIN_OUTLETS = 3, 2
MIN_FALSE_ALARMS = 2
LONGEST = 3
PHRASES_AN_ITEM = 1_000
CANDIDATES = 60
"""Words of each kind that are looked for in all items."""

_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a about above after again against all also although am amid among an and any are as at be became "
        "because been before being below between both but by came can come could day days did do does doing "
        "down during each early even ever every few first five for former found four from further get give "
        "given go good great had has have having he her here him his how however i if in including into is "
        "it its just last later latest least less like made make making many may me might month months more "
        "most much must my near new next no nor not now of off on once one only or other our out over own "
        "part people per put said same say says second see set several she should since six so some still "
        "such take taken than that the their them then there these they this those though three through time "
        "to today told too took two under until up use used using very via was way we week weeks well were "
        "what when where whether which while who whose why will with within without would year years "
        "yesterday yet you your",
    )
)


@dataclass(frozen=True, slots=True)
class TellingWord:
    """A word or phrase of items labelled relevant, in small letters."""

    text: str
    right: int
    """Items labelled relevant in which it stands."""
    wrong: int
    """Items labelled irrelevant in which it stands."""
    others: int
    """Items that are not matched in which it stands: what a term could bring in."""
    where: str
    """The topic of most of its items, as `diff --add` names it; "" for none."""
    example: int


@dataclass(frozen=True, slots=True)
class FalseAlarmWord:
    """A word or phrase of items that the rules let in and the analyst did not, in small letters."""

    text: str
    wrong: int
    """Items labelled irrelevant in which it stands."""
    matched: int
    """Matched items that it would take out if it were excluded, the false alarms included."""
    example: int


@dataclass(frozen=True, slots=True)
class _Labelled:
    judged: Judged
    label: Label
    verdict: Verdict
    phrases: frozenset[str]

    @property
    def is_false_alarm(self) -> bool:
        return self.verdict.relevant and not self.label.relevant


class LabelledWords:
    """The words of the labelled items, counted at once, and looked for in all others while they go by."""

    def __init__(self, labelled: Iterable[tuple[Judged, Label]], rules: Rules) -> None:
        items = [_read(judged, label, rules) for judged, label in labelled]
        self._relevant = [one for one in items if one.label.relevant]
        self._irrelevant = [one for one in items if not one.label.relevant]
        self._alarms = [one for one in items if one.is_false_alarm]
        self._right, self._wrong, self._alarming = map(
            _count, (self._relevant, self._irrelevant, self._alarms)
        )
        self._telling_phrases = self._telling()[:CANDIDATES] if self.labels >= LABELS_NEEDED else []
        self._alarm_phrases = self._of_false_alarms()[:CANDIDATES]
        sought = dict.fromkeys((*self._telling_phrases, *self._alarm_phrases))
        self._book = RuleBook(RuleSpec(exclude=tuple(sought))) if sought else None
        self._matched: Counter[str] = Counter()
        self._others: Counter[str] = Counter()

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return len(self._relevant) + len(self._irrelevant)

    @property
    def false_alarms(self) -> int:
        """How many items labelled irrelevant the rules let in."""
        return len(self._alarms)

    def _telling(self) -> list[str]:
        enough = {
            phrase: count
            for phrase, count in self._right.items()
            if count >= MIN_RELEVANT and len(self._outlets(phrase)) >= MIN_OUTLETS
        }
        of_right, of_wrong = len(self._relevant), len(self._irrelevant)
        ratios = {
            phrase: sure_ratio(enough[phrase], of_right, self._wrong[phrase], of_wrong)
            for phrase in whole_phrases(enough)
        }
        ranked = sorted(ratios, key=lambda p: (-ratios[p], -enough[p], p))
        return [phrase for phrase in ranked if ratios[phrase] > 0]

    def _outlets(self, phrase: str) -> set[str]:
        return {one.judged.outlet for one in self._relevant if phrase in one.phrases}

    def _of_false_alarms(self) -> list[str]:
        enough = {
            phrase: count
            for phrase, count in self._alarming.items()
            if count >= MIN_FALSE_ALARMS and not self._right[phrase]
        }
        return sorted(whole_phrases(enough), key=lambda p: (-enough[p], -len(p.split()), p))

    def add(self, judged: Judged, verdict: Verdict) -> None:
        """Looks for the words in one of all items."""
        if self._book is not None:
            found = {match.term for match in self._book.places(judged.item)}
            (self._matched if verdict.relevant else self._others).update(found)

    def telling(self, topic: str | None) -> Iterator[TellingWord]:
        """Words of items labelled relevant, the most telling first; only of `topic` where it is given."""
        for phrase in self._telling_phrases:
            having = [one for one in self._relevant if phrase in one.phrases]
            topics = Counter(one for item in having for one in (item.label.topics or item.verdict.topics)[:1])
            mostly = max(topics, key=lambda t: topics[t], default=None)
            if topic is None or mostly == topic:
                where = topic_list(mostly) if mostly else ""
                others, example = self._others[phrase], having[-1].judged.id
                yield TellingWord(phrase, len(having), self._wrong[phrase], others, where, example)

    def false_alarm_words(self) -> Iterator[FalseAlarmWord]:
        """Words of false alarms and of no item labelled relevant, those of most false alarms first."""
        for phrase in self._alarm_phrases:
            having = [one for one in self._alarms if phrase in one.phrases]
            example = having[-1].judged.id
            yield FalseAlarmWord(phrase, len(having), self._matched[phrase], example)


def _read(judged: Judged, label: Label, rules: Rules) -> _Labelled:
    places = rules.book.places(judged.item)
    verdict = rules.book.decide(places, rules.side(judged.item))
    phrases = frozenset(islice(_phrases(judged.item, places), PHRASES_AN_ITEM))
    return _Labelled(judged, label, verdict, phrases)


def _count(items: Iterable[_Labelled]) -> Counter[str]:
    return Counter(phrase for one in items for phrase in one.phrases)


def _phrases(item: Item, places: Sequence[Match]) -> Iterator[str]:
    """The words and short phrases of an item that no term has found, in small letters."""
    for where in ("title", "summary", "text"):
        text: str = getattr(item, where)
        cut = words(text[:JUDGED_CHARS])
        spans = [(m.start, m.start + len(m.text)) for m in places if m.where == where]
        known = _known(cut, spans)
        free = [at not in known and fold.isalpha() and fold.isascii() for at, fold in enumerate(cut.folds)]
        for start, fold in enumerate(cut.folds):
            if fold in _COMMON or not free[start]:
                continue
            for end in range(start + 1, min(start + LONGEST, len(cut)) + 1):
                if not free[end - 1]:
                    break
                if cut.folds[end - 1] not in _COMMON and len(cut.folds[end - 1]) > 2:
                    yield " ".join(cut.folds[start:end])


def _known(cut: Words, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The numbers of the words that lie within places that terms have found."""
    known: set[int] = set()
    for start, end in spans:
        known.update(range(bisect_left(cut.starts, start), bisect_left(cut.starts, end)))
    return frozenset(known)
