"""Core: the point table: how much speaks for two reports being about one event, and how much is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from .reports import Prepared, days_apart
from .shelf import Shelf
from .wording import at_odds


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for each reason, found by trial on labelled headlines. Better two stories than a wrong fold."""

    rare_words: float = 0.4
    """For each unit of rarity of the words in common, above `common_word`."""
    common_word: float = 2
    """The rarity, ln((N+1)/(df+0.5)), up to which a word says nothing: it stands in every eighth item."""
    rare_words_cap: float = 10
    """In units of rarity: three or four rare words; more of them only say that the texts are longer."""
    wording: float = 7
    """Times the cosine of the two texts, headline counted twice."""
    substance: float = 8
    """The length of a text as a vector is taken to be no less (one rare word in the headline comes near it):
    else one ordinary word would make two short headlines alike."""
    headline: float = 5
    """Times the share of headline words in common, order aside (0 to 1)."""
    days: float = 0.75
    """Taken away, times ln(1 + days apart)."""
    next_day: float = 1.5
    """Where both days are known and at most one apart."""
    unknown_date: float = 4.3
    """Taken away where a report has no date at all."""
    other_numbers: float = 1.5
    """Taken away where both texts name numbers, and none is in both."""
    other_numbers_in_headlines: float = 6
    """The same of the headlines: three firms put on a list yesterday, five today."""
    stage: float = 20
    """Taken away where the headlines put one affair at different stages or name different rounds of it, and
    where the texts name different ones of a series (the 12th meeting, the 13th)."""
    same_outlet: float = 3
    same_outlet_other_day: float = 10
    """Taken away where one outlet wrote both: it seldom tells an event twice, least of all on another day."""
    window: int = 7
    """Days; reports further apart are never compared."""
    threshold: float = 4.5
    """Points needed where no third report is as near in time."""
    crowd: float = 0.75
    """Needed on top, times ln(1 + other reports as near in time): the more there are, the more likely that
    one of them is alike by chance."""
    crowd_most: float = 150
    """Reports as near beyond this count for nothing: in a throng of news it is rarity that tells."""
    quorum: int = 20
    """Reports that are taken to be there at least, those that lack as near as can be: a handful of reports is
    the beginning of a busy week rather than all of a quiet one."""
    slack: float = 2
    """How far below the points needed the mean over a story's reports may lie when its best is above."""


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Pair:
    """The outcome of one comparison. `days` is None where a date is unknown."""

    points: float
    needed: float
    days: int | None

    @property
    def margin(self) -> float:
        """Points beyond those needed; below 0 where they do not suffice."""
        return self.points - self.needed


class Scale:
    """Rarity of words and density of days over the shelves it is given, and the comparison built on both.

    Works out only what is asked for; the shelves must not change while it is in use.
    """

    def __init__(self, shelves: Sequence[Shelf], weights: Weights) -> None:
        self.weights = weights
        self._shelves = shelves
        self._reports = sum(shelf.reports for shelf in shelves)
        self._lacking = max(0, weights.quorum - self._reports)
        self._documents = sum(shelf.documents for shelf in shelves)
        self._rarity: dict[str, float] = {}
        self._vectors: dict[Prepared, dict[str, float]] = {}
        self._near: dict[tuple[Prepared, int], float] = {}

    def rarity(self, word: str) -> float:
        """ln((N+1)/(df+0.5)) over all shelves."""
        if (known := self._rarity.get(word)) is not None:
            return known
        found = sum(shelf.counts.get(word, 0) for shelf in self._shelves)
        self._rarity[word] = rarity = math.log((self._documents + 1) / (found + 0.5))
        return rarity

    def common(self, a: Prepared, b: Prepared) -> list[str]:
        """The words that both have, the rarest first."""
        return sorted(a.counts.keys() & b.counts.keys(), key=lambda word: (-self.rarity(word), word))

    def compare(self, a: Prepared, b: Prepared) -> Pair:
        """All points for and against `a` and `b` being about one event, and how many are needed."""
        days = days_apart(a, b)
        points = self._for_words(a, b) + self._for_dates(a, b, days) - self._for_outlets(a, b, days)
        points -= self._for_numbers(a, b) + self._for_stages(a, b)
        return Pair(points, self._needed(a, b, days), days)

    def _needed(self, a: Prepared, b: Prepared, days: int | None) -> float:
        near = max(self._as_near(a, days), self._as_near(b, days)) + self._lacking
        return self.weights.threshold + self.weights.crowd * math.log1p(min(near, self.weights.crowd_most))

    def _vector(self, prepared: Prepared) -> dict[str, float]:
        """The words' weights, scaled to length 1, so that a product of two vectors is their cosine."""
        if (known := self._vectors.get(prepared)) is not None:
            return known
        # A word without surplus adds nothing to any sum: left out, it costs no time either.
        common = self.weights.common_word
        raw = {
            word: count * (rarity - common)
            for word, count in prepared.counts.items()
            if (rarity := self.rarity(word)) > common
        }
        length = max(self.weights.substance, math.sqrt(sum(value * value for value in raw.values())))
        vector = {word: value / length for word, value in raw.items()}
        self._vectors[prepared] = vector
        return vector

    def _for_words(self, a: Prepared, b: Prepared) -> float:
        weights, in_a, in_b = self.weights, self._vector(a), self._vector(b)
        both = [word for word in in_a if word in in_b]
        cosine = sum([in_a[word] * in_b[word] for word in both])
        rare = min(weights.rare_words_cap, sum([self._rarity[word] - weights.common_word for word in both]))
        headline = fuzz.token_set_ratio(a.headline, b.headline) / 100
        return weights.rare_words * rare + weights.wording * cosine + weights.headline * headline

    def _for_dates(self, a: Prepared, b: Prepared, days: int | None) -> float:
        if days is None:
            return -self.weights.unknown_date
        bonus = self.weights.next_day if a.has_day and b.has_day and days <= 1 else 0.0
        return bonus - self.weights.days * math.log1p(days)

    def _for_outlets(self, a: Prepared, b: Prepared, days: int | None) -> float:
        if not a.report.outlet or a.report.outlet.casefold() != b.report.outlet.casefold():
            return 0.0
        return self.weights.same_outlet_other_day if days else self.weights.same_outlet

    def _for_numbers(self, a: Prepared, b: Prepared) -> float:
        loss = 0.0
        if a.numbers and b.numbers and not a.numbers & b.numbers:
            loss += self.weights.other_numbers
        if a.numbers_in_headline and b.numbers_in_headline:
            differ = not a.numbers_in_headline & b.numbers_in_headline
            loss += self.weights.other_numbers_in_headlines * differ
        return loss

    def _for_stages(self, a: Prepared, b: Prepared) -> float:
        other_one = any(name in b.series and b.series[name] != which for name, which in a.series.items())
        return self.weights.stage if other_one or at_odds(a.stages, b.stages) else 0.0

    def _as_near(self, prepared: Prepared, days: int | None) -> float:
        """How many other reports lie within so many days; a span counts by the share of it that does."""
        if days is None or prepared.first is None or prepared.last is None:
            return self._reports - 1
        known = self._near.get((prepared, days))
        if known is None:
            start, end = prepared.first.toordinal() - days, prepared.last.toordinal() + days
            known = max(0.0, sum(shelf.within(start, end) for shelf in self._shelves) - 1)
            self._near[prepared, days] = known
        return known
