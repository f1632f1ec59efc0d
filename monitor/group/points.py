"""Core: the point table: how much speaks for two reports being about one event, and why."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rapidfuzz import fuzz

from ..text.words import Words, is_han, words
from .background import STOP, Background

_SUMMARY_CHARS = 500
_SUMMARY_WORDS = 40
"""A news text says what happened in its first sentences; further down, reports of different events meet."""


@dataclass(frozen=True, slots=True)
class Report:
    """What grouping looks at: an item without its verdict. Times are aware UTC."""

    id: int
    title: str
    summary: str = ""
    outlet: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    """Equal to `earliest` where the day is known; the end of the span where only month or year is."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for each reason, found by trial on labelled headlines. Better two stories than a wrong fold."""

    rare_words: float = 0.42
    """For each unit of rarity of the words in common, above `common_word`."""
    common_word: float = 2
    """The rarity, ln((N+1)/(df+0.5)), up to which a word says nothing: it stands in every eighth item."""
    rare_words_cap: float = 40
    wording: float = 8
    """Times the cosine of the two texts, headline counted twice."""
    headline: float = 1
    """Times the share of headline words in common, order aside (0 to 1)."""
    days: float = 1
    """Taken away, times ln(1 + days apart)."""
    next_day: float = 2.5
    """Where both days are known and at most one apart."""
    unknown_date: float = 4.3
    """Taken away where a report has no date at all."""
    stage: float = 20
    """Taken away where the headlines put one affair at different stages, or name different rounds of it."""
    same_outlet: float = 3
    same_outlet_other_day: float = 10
    """Taken away where one outlet wrote both: it seldom tells an event twice, least of all on another day."""
    window: int = 7
    """Days; reports further apart are never compared."""
    threshold: float = 6
    slack: float = 1.5
    """How far the mean over a story's reports may lie below the threshold when its best is above it."""


WEIGHTS = Weights()

# Stages of one affair, in order. A headline stands at the furthest stage it names.
_TRIAL = (
    "arrest arrested arrests",
    "charge charged charges indicted",
    "convict convicted conviction convicts guilty verdict",
    "jail jailed jails sentence sentenced sentences sentencing",
    "appeal appeals",
)
_DECISION = (
    "propose proposed proposes proposal",
    "delay delayed delays postpone postponed postpones",
    "accept accepted accepts approval approve approved approves granted",
    "block blocked blocks refusal refuse refused refuses reject rejected rejects",
    "overturned quashed upheld upholds",
    "abandoned abandons cancelled dropped drops scrapped scraps",
)
_STAGES = tuple(
    {word: place for place, names in enumerate(family) for word in names.split()}
    for family in (_TRIAL, _DECISION)
)
_SENTENCED = _STAGES[0]["sentenced"]
_YEARS_GIVEN = re.compile(
    r"\b(?:gets|given|handed) (?:\w+ )?(?:life|\w+ (?:years?|months?))\b|\byears in (?:jail|prison)\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
"""A year says when, which the dates say better: two reports that name it need not be of one event."""
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth"
_ROUNDS = {word: number for number, word in enumerate(_ORDINALS.split(), 2)}


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A report made ready for many comparisons. Equal only to itself, so that it can be looked up."""

    report: Report
    headline: str
    """The headline's words of substance, comparable, with spaces between."""
    counts: Mapping[str, int]
    """How often each word stands in headline (twice) and summary."""
    stages: tuple[int | None, ...]
    """For each family of stages, the furthest one that the headline names; then the round it names."""
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The outcome of one comparison. `days` is None where a date is unknown."""

    points: float
    days: int | None


def _comparable(cut: Words) -> list[tuple[str, int]]:
    """(comparable word, its place in `cut`) for each word of substance; Chinese in overlapping pairs."""
    found = []
    for at, word in enumerate(cut.folds):
        if not word.isascii() and is_han(word):
            next_to = at + 1 < len(cut) and cut.starts[at + 1] == cut.ends[at] and is_han(cut.folds[at + 1])
            if next_to:
                found.append((word + cut.folds[at + 1], at))
        elif len(word) > 1 and word not in STOP and not _YEAR.fullmatch(word):
            found.append((word, at))
    return found


def written(report: Report, word: str) -> str:
    """A comparable word as the report's headline or summary writes it."""
    for text in (report.title, report.summary[:_SUMMARY_CHARS]):
        cut = words(text)
        for found, at in _comparable(cut):
            if found == word:
                return cut.quote(at, at + 2 if is_han(word[0]) else at + 1)
    return word


def _round_named(folds: Iterable[str]) -> int | None:
    """The first ordinal above "first" (which is said of visits and talks rather than of rounds)."""
    for word in folds:
        if word in _ROUNDS:
            return _ROUNDS[word]
        if word[:-2].isdecimal() and word[-2:] in {"st", "nd", "rd", "th"} and word != "1st":
            return int(word[:-2])
    return None


def _stages_of(folds: Sequence[str]) -> tuple[int | None, ...]:
    stages = [[family[word] for word in folds if word in family] for family in _STAGES]
    if _YEARS_GIVEN.search(" ".join(folds)):
        stages[0].append(_SENTENCED)
    return (*(max(found, default=None) for found in stages), _round_named(folds))


def prepare(report: Report) -> Prepared:
    """Cuts a report into what `Scale.compare` needs."""
    title = words(report.title)
    headline = [word for word, _ in _comparable(title)]
    summary = [word for word, _ in _comparable(words(report.summary[:_SUMMARY_CHARS]))[:_SUMMARY_WORDS]]
    return Prepared(
        report=report,
        headline=" ".join(headline),
        counts=Counter(headline + headline + summary),
        stages=_stages_of(title.folds),
        first=report.earliest.date() if report.earliest else None,
        last=report.latest.date() if report.latest else None,
    )


def days_apart(a: Prepared, b: Prepared) -> int | None:
    """Whole UTC days between two reports, 0 where their spans overlap, None where one has no date."""
    if a.first is None or b.first is None or a.last is None or b.last is None:
        return None
    return max(0, (b.first - a.last).days, (a.first - b.last).days)


class Scale:
    """Rarity of words over background and batch, and the comparison that is built on it."""

    def __init__(self, batch: Iterable[Prepared], background: Background, weights: Weights) -> None:
        counted = Counter(background.counts)
        documents = background.documents
        for prepared in batch:
            counted.update(prepared.counts.keys())
            documents += 1
        self.weights = weights
        self.rarity = {word: math.log((documents + 1) / (n + 0.5)) for word, n in counted.items()}
        self._surplus = {word: max(0.0, rarity - weights.common_word) for word, rarity in self.rarity.items()}
        self._vectors: dict[Prepared, dict[str, float]] = {}

    def _vector(self, prepared: Prepared) -> dict[str, float]:
        """The words' weights, scaled to length 1, so that a product of two vectors is their cosine."""
        if (known := self._vectors.get(prepared)) is not None:
            return known
        raw = {word: count * self.rarity[word] for word, count in prepared.counts.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        vector = {word: value / length for word, value in raw.items()}
        self._vectors[prepared] = vector
        return vector

    def common(self, a: Prepared, b: Prepared) -> list[str]:
        """The words that both have, the rarest first."""
        return sorted(a.counts.keys() & b.counts.keys(), key=lambda word: (-self.rarity[word], word))

    def compare(self, a: Prepared, b: Prepared) -> Pair:
        """All points for and against `a` and `b` being about one event."""
        weights, days = self.weights, days_apart(a, b)
        in_b = self._vector(b)
        rare = cosine = 0.0
        for word, value in self._vector(a).items():
            other = in_b.get(word)
            if other is not None:
                cosine += value * other
                rare += self._surplus[word]
        rare = min(weights.rare_words_cap, rare)
        headline = fuzz.token_set_ratio(a.headline, b.headline) / 100
        points = weights.rare_words * rare + weights.wording * cosine + weights.headline * headline
        points += self._for_dates(a, b, days) - self._for_outlets(a, b, days) - self._for_stages(a, b)
        return Pair(points, days)

    def _for_dates(self, a: Prepared, b: Prepared, days: int | None) -> float:
        if days is None:
            return -self.weights.unknown_date
        are_known = a.first == a.last and b.first == b.last
        bonus = self.weights.next_day if are_known and days <= 1 else 0.0
        return bonus - self.weights.days * math.log1p(days)

    def _for_outlets(self, a: Prepared, b: Prepared, days: int | None) -> float:
        if not a.report.outlet or a.report.outlet.casefold() != b.report.outlet.casefold():
            return 0.0
        return self.weights.same_outlet_other_day if days else self.weights.same_outlet

    def _for_stages(self, a: Prepared, b: Prepared) -> float:
        differ = any(
            one is not None and other is not None and one != other
            for one, other in zip(a.stages, b.stages, strict=True)
        )
        return self.weights.stage if differ else 0.0
