"""Core: the tuning loop on values handed in: explain one item, score labelled examples."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .classify import Rule, RuleBook
from .group import Report, b_cubed, group_reports
from .models import Item, Match, RuleSpec, Side, Verdict
from .text import words

ROLE_NAMES = {"uk": "UK", "china": "China", "both": "both", "elsewhere": "elsewhere", "exclude": "exclude"}
FIELD_NAMES = {"title": "title", "lead": "1st sentence", "text": "text"}
SIDES: Mapping[str, Side | None] = {"uk": "uk", "china": "china", "both": "both", "none": None}
_ENDINGS = ("ings", "ing", "ers", "ies", "ed", "er", "es", "s", "y")
CONTEXT = 40
"""Characters shown on either side of a match."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A term that would match if its ending or its capitals did not matter."""

    role: str
    term: str
    text: str
    context: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that `explain` says of one item."""

    item: Item
    side: Side | None
    verdict: Verdict
    ignored: tuple[str, ...]
    near: tuple[NearMiss, ...]
    silent_topics: tuple[str, ...]
    """Topics of which no term matched."""


def explain(item: Item, side: Side | None, book: RuleBook) -> Explanation:
    """Why `item` is in or out under `book`, with what came near."""
    verdict = book.classify(item, side)
    matched = {match.topic for match in verdict.matches}
    return Explanation(
        item,
        side,
        verdict,
        book.ignored(item),
        near_misses(item, side, book, verdict),
        tuple(topic for topic, _ in book.spec.topics if topic not in matched),
    )


def context(item: Item, match: Match) -> str:
    """The words around a match, the match in square brackets."""
    source: str = getattr(item, match.where)
    start, end = match.start, match.start + len(match.text)
    before = source[max(0, start - CONTEXT) : start].partition(" ")[2] if start > CONTEXT else source[:start]
    after = source[end : end + CONTEXT]
    after = after.rpartition(" ")[0] if end + CONTEXT < len(source) else after
    return f"{before}[{match.text}]{after}"


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


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled item, as corpus/GUIDE.md describes it. Fields without a label are None."""

    id: str
    item: Item
    side: Side | None
    outlet: str
    relevant: bool | None
    topics: tuple[str, ...] | None
    event: str | None
    earliest: datetime | None
    latest: datetime | None


class ExampleError(ValueError):
    """A line that is no labelled example; the message says what is wrong with it."""


def example(values: Mapping[str, Any], number: int) -> Example:
    """One example from a JSON or YAML mapping. Raises ExampleError."""
    title = values.get("title") or values.get("text")
    if not isinstance(title, str) or not title.strip():
        raise ExampleError('an example needs a "title"')
    relevant = _relevance(values)
    topics = values.get("topics", values.get("expect"))
    if topics is not None and not (isinstance(topics, list) and all(isinstance(t, str) for t in topics)):
        raise ExampleError('"topics" is a list of topic ids')
    side = values.get("source_side") or "none"
    if side not in SIDES:
        raise ExampleError(f'"source_side" is uk, china, both or none, not {side!r}')
    name = str(values.get("id") or number)
    earliest, latest = _span(values.get("date"), values.get("approx_date"))
    item = Item(
        key=name,
        source_id="examples",
        guid=name,
        url=str(values.get("url") or ""),
        title=title.strip(),
        summary=str(values.get("summary") or ""),
        published=earliest,
    )
    return Example(
        name,
        item,
        SIDES[side],
        str(values.get("outlet") or ""),
        relevant,
        tuple(topics) if topics is not None else None,
        str(values["event"]) if values.get("event") else None,
        earliest,
        latest,
    )


def _relevance(values: Mapping[str, Any]) -> bool | None:
    label = values.get("relevant")
    if label is None:
        return bool(values["expect"]) if isinstance(values.get("expect"), list) else None
    if label in (0, 1, True, False):
        return bool(label)
    raise ExampleError(f'"relevant" is 1 or 0, not {label!r}')


def _span(date: object, approximate: object) -> tuple[datetime | None, datetime | None]:
    """The first and last moment that a full date, a month or a year stands for."""
    text = str(date or approximate or "")
    if not text:
        return None, None
    try:
        numbers = [int(part) for part in text[:10].split("-")]
        year, month, day = (*numbers, 1, 1)[:3]
        first = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise ExampleError(f"{text!r} is not a date; write 2026-01-29, 2026-01 or 2026") from None
    if len(numbers) == 3:
        return first, first
    last_month = month if len(numbers) == 2 else 12
    last_day = calendar.monthrange(year, last_month)[1]
    return first, datetime(year, last_month, last_day, tzinfo=UTC) + timedelta(hours=23)


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


def why(verdict: Verdict) -> str:
    """A verdict in one line: the reason, the sum, and the terms behind it."""
    parts = " ".join(f"{ROLE_NAMES[name]} {points:+g}" for name, points in verdict.parts if points)
    seen = dict.fromkeys(
        f'{match.topic or ROLE_NAMES[match.role]} "{match.term}" ({FIELD_NAMES[match.field]})'
        for match in verdict.matches
    )
    return "; ".join(part for part in (verdict.reason, parts, ", ".join(seen)) if part)


def _stories(labelled: Sequence[Example]) -> tuple[float, float, float]:
    reports = [
        Report(number, one.item.title, one.item.summary, one.outlet, one.earliest, one.latest)
        for number, one in enumerate(labelled)
    ]
    predicted = {number: story[0] for story in group_reports(reports) for number in story}
    truth = {number: one.event or f"alone {number}" for number, one in enumerate(labelled)}
    return b_cubed(predicted, truth)


def pasted(title: str, summary: str, source_id: str) -> Item:
    """An item of pasted text, for `explain`."""
    return replace(Item("pasted", source_id, "pasted", "", title), summary=summary)
