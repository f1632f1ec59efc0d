"""Core: how well the rules do on labelled examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..classify import RuleBook
from ..group import Report, b_cubed, group_reports
from ..models import Verdict
from .examples import Example
from .near import NearMisses
from .reasons import ROLE_NAMES, why


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

    example: Example
    got: tuple[bool, tuple[str, ...]]
    why: str
    near: tuple[str, ...] = ()
    """For a test: words that a term nearly matched, of what was expected and not found."""

    @property
    def is_relevance(self) -> bool:
        """Whether relevance is wrong, and not only the topics."""
        return self.example.relevant is not None and self.example.relevant != self.got[0]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `test` prints."""

    n: int
    """Examples that were scored: all but the tests that are still to do."""
    relevance: Score
    topics: Mapping[str, Score]
    stories: tuple[float, float, float]
    """B-cubed precision, recall, F1 over the items of a corpus that are labelled relevant."""
    stories_n: int
    failures: tuple[Failure, ...]
    passed: tuple[Example, ...] = ()
    """Tests written by hand that came out as expected."""
    todo: tuple[Failure, ...] = ()
    """Tests that are known to fail, and do."""
    promote: tuple[Example, ...] = ()
    """Tests that are said to fail, and do not."""

    @property
    def failed(self) -> tuple[Failure, ...]:
        """Tests written by hand that came out otherwise than expected."""
        return tuple(failure for failure in self.failures if failure.example.origin == "test")

    @property
    def has_tests(self) -> bool:
        """Whether there was any test written by hand."""
        return bool(self.passed or self.failed or self.todo or self.promote)

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
    judged = [(one, book.classify(one.item, one.side)) for one in examples]
    scored = [(one, verdict) for one, verdict in judged if not one.todo]
    wrong = [(one, verdict) for one, verdict in judged if not _is_right(one, verdict)]
    failures = [Failure(one, (verdict.relevant, verdict.topics), why(verdict)) for one, verdict in wrong]
    failed = {id(failure.example) for failure in failures}
    right = [one for one in examples if one.origin == "test" and id(one) not in failed]
    in_corpus = [one for one in examples if one.relevant and one.origin == "file"]
    return Evaluation(
        len(scored),
        _relevance(scored),
        _topics(scored, book),
        _stories(in_corpus),
        len(in_corpus),
        _with_near_misses([failure for failure in failures if not failure.example.todo], book),
        passed=tuple(one for one in right if not one.todo),
        todo=tuple(failure for failure in failures if failure.example.todo),
        promote=tuple(one for one in right if one.todo),
    )


def _is_right(one: Example, verdict: Verdict) -> bool:
    if one.relevant is not None and one.relevant != verdict.relevant:
        return False
    has_all = {*(one.topics or ())} <= {*verdict.topics}
    return has_all and not any(one.has(topic) is False for topic in verdict.topics)


def _relevance(scored: Iterable[tuple[Example, Verdict]]) -> Score:
    return _score(
        _outcome(one.relevant, verdict.relevant) for one, verdict in scored if one.relevant is not None
    )


def _topics(scored: Sequence[tuple[Example, Verdict]], book: RuleBook) -> dict[str, Score]:
    names = dict.fromkeys(topic for topic, _ in book.spec.topics)
    names |= dict.fromkeys(topic for one, _ in scored for topic in one.topics or ())
    return {
        topic: _score(
            _outcome(has, topic in verdict.topics)
            for one, verdict in scored
            if (has := one.has(topic)) is not None
        )
        for topic in names
    }


def _with_near_misses(failures: Sequence[Failure], book: RuleBook) -> tuple[Failure, ...]:
    """The failures, the tests among them with what nearly matched."""
    if not any(failure.example.origin == "test" for failure in failures):
        return tuple(failures)
    misses = NearMisses(book)
    return tuple(
        replace(failure, near=_near(failure, misses, book)) if failure.example.origin == "test" else failure
        for failure in failures
    )


def _near(failure: Failure, misses: NearMisses, book: RuleBook) -> tuple[str, ...]:
    one, (is_in, topics) = failure.example, failure.got
    sought = {*(one.topics or ())} - {*topics}
    if one.relevant and not is_in:
        sought |= {ROLE_NAMES[role] for role in ("uk", "china", "both")}
    found = misses.misses(one.item, book.places(one.item)) if sought else ()
    return tuple(dict.fromkeys(miss.text for miss in found if miss.role in sought))


def _outcome(expected: bool, got: bool) -> str:
    return {(True, True): "tp", (False, True): "fp", (True, False): "fn", (False, False): "tn"}[expected, got]


def _score(outcomes: Iterable[str]) -> Score:
    counter = Counter(outcomes)
    return Score(counter["tp"], counter["fp"], counter["fn"])


def _stories(labelled: Sequence[Example]) -> tuple[float, float, float]:
    reports = [
        Report(number, one.item.title, one.item.summary, one.outlet, one.earliest, one.latest)
        for number, one in enumerate(labelled)
    ]
    predicted = {number: story[0] for story in group_reports(reports) for number in story}
    truth = {number: one.event or f"alone {number}" for number, one in enumerate(labelled)}
    return b_cubed(predicted, truth)
