"""Core: how well the rules do on labelled examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..classify import RuleBook
from ..group import Report, b_cubed, group_reports
from ..models import Verdict
from .examples import Example
from .reasons import why


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall, F1 (0 to 1), and the counts they come from."""

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Of what the rules say, the share that is right; 1 where they say nothing."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0

    @property
    def recall(self) -> float:
        """Of what is right, the share that the rules say; 1 where there is nothing."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp + self.fp + self.fn else 1.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that came out otherwise than labelled."""

    id: str
    title: str
    expected: tuple[bool | None, tuple[str, ...] | None]
    got: tuple[bool, tuple[str, ...]]
    why: str

    @property
    def is_relevance(self) -> bool:
        """Whether relevance is wrong, and not only the topics."""
        return self.expected[0] is not None and self.expected[0] != self.got[0]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `test` prints."""

    n: int
    relevance: Score
    topics: Mapping[str, Score]
    stories: tuple[float, float, float]
    """B-cubed precision, recall, F1 over the items labelled relevant."""
    stories_n: int
    failures: tuple[Failure, ...]

    @property
    def micro_f1(self) -> float:
        """F1 over all topic labels together."""
        scores = self.topics.values()
        return Score(sum(s.tp for s in scores), sum(s.fp for s in scores), sum(s.fn for s in scores)).f1

    @property
    def macro_f1(self) -> float:
        """The mean of the topics' F1, of those that occur in labels or verdicts."""
        present = [score.f1 for score in self.topics.values() if score.tp + score.fp + score.fn]
        return sum(present) / len(present) if present else 1.0


def evaluate(examples: Sequence[Example], book: RuleBook) -> Evaluation:
    """Judges every example and compares. A wrong relevance decision counts against the topics too."""
    relevance: Counter[str] = Counter()
    names = dict.fromkeys([topic for topic, _ in book.spec.topics])
    names |= dict.fromkeys(topic for one in examples for topic in one.topics or ())
    topics: dict[str, Counter[str]] = {topic: Counter() for topic in names}
    failures = []
    for one in examples:
        verdict = book.classify(one.item, one.side)
        if one.relevant is not None:
            relevance[_outcome(one.relevant, verdict.relevant)] += 1
        if one.topics is not None:
            for topic, counter in topics.items():
                counter[_outcome(topic in one.topics, topic in verdict.topics)] += 1
        if failure := _failure(one, verdict):
            failures.append(failure)
    labelled = [one for one in examples if one.relevant]
    return Evaluation(
        len(examples),
        _score(relevance),
        {topic: _score(counter) for topic, counter in topics.items()},
        _stories(labelled),
        len(labelled),
        tuple(failures),
    )


def _outcome(expected: bool, got: bool) -> str:
    return {(True, True): "tp", (False, True): "fp", (True, False): "fn", (False, False): "tn"}[expected, got]


def _score(counter: Counter[str]) -> Score:
    return Score(counter["tp"], counter["fp"], counter["fn"])


def _failure(one: Example, verdict: Verdict) -> Failure | None:
    right = one.relevant is None or one.relevant == verdict.relevant
    same_topics = one.topics is None or {*one.topics} == {*verdict.topics}
    if right and same_topics:
        return None
    return Failure(
        one.id, one.item.title, (one.relevant, one.topics), (verdict.relevant, verdict.topics), why(verdict)
    )


def _stories(labelled: Sequence[Example]) -> tuple[float, float, float]:
    reports = [
        Report(number, one.item.title, one.item.summary, one.outlet, one.earliest, one.latest)
        for number, one in enumerate(labelled)
    ]
    predicted = {number: story[0] for story in group_reports(reports) for number in story}
    truth = {number: one.event or f"alone {number}" for number, one in enumerate(labelled)}
    return b_cubed(predicted, truth)
