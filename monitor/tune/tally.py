"""Core: what a replay counts and keeps, and whether the edit can be called safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappush, heapreplace
from typing import Literal

from ..models import Judged, Label, Match, Verdict
from .changes import Changes, SideChange, TermChange, WeightChange
from .reasons import ROLE_NAMES, context, shortened

WANTED = 200
"""Items that a replay needs before its edit may be called safe."""
WANTED_WITH_TERM = 5
"""Items in which an added term must have been found. A dropped one shows all that it did in what leaves."""
NAMED = 3

Moved = Literal["entered", "left", "refiled"]
Kept = Literal["entered", "left", "refiled", "lost", "let_in", "misfiled"]
KEPT: tuple[Kept, ...] = ("entered", "left", "refiled", "lost", "let_in", "misfiled")


@dataclass(frozen=True, slots=True)
class Found:
    """A changed term in an item."""

    number: int
    """Which of `Changes.terms`."""
    hits: int
    """Places; at most three each in title, first sentence and text are looked at."""
    match: Match
    """The first of them."""
    decides: bool = False
    """Whether the item moves by it."""


@dataclass(frozen=True, slots=True)
class Because:
    """A changed term that moves an item, with the words around it."""

    change: TermChange
    context: str


@dataclass(frozen=True, slots=True)
class Sample:
    """An item that moves."""

    id: int
    title: str
    outlet: str
    url: str
    date: datetime | None
    first_seen: datetime
    moved: Moved
    topics_before: tuple[str, ...]
    topics_after: tuple[str, ...]
    reason: str
    because: tuple[Because, ...]
    label: bool | None
    """What it is labelled: relevant or irrelevant; None without a label."""


@dataclass(frozen=True, slots=True)
class TermEffect:
    """A changed term, where it is found, and how many items move by it."""

    change: TermChange
    items: int
    hits: int
    entered: int
    left: int
    refiled: int


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """The labelled items of a replay."""

    labelled: int = 0
    lost: int = 0
    """Labelled relevant, and leave."""
    gained: int = 0
    """Labelled relevant, and enter."""
    let_in: int = 0
    """Labelled irrelevant, and enter."""
    rightly_out: int = 0
    """Labelled irrelevant, and leave."""
    topics_lost: int = 0
    """Stay in, and lose a topic that their label names."""
    topics_gained: int = 0
    """Stay in, and gain a topic that their label names, losing none."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What `diff` and `reclassify` print."""

    replayed: int
    entered: int
    left: int
    refiled: int
    """Relevant under both, with other topics or another primary one."""
    other_versions: int
    """Items whose stored verdict is not of the rules that the replay began from."""
    terms: tuple[TermEffect, ...]
    weights: tuple[WeightChange, ...]
    sides: tuple[SideChange, ...]
    reordered: bool
    samples: Mapping[Kept, tuple[Sample, ...]]
    """Newest first. "lost", "let_in" and "misfiled" are those that go against a label."""
    labels: LabelCounts
    doubts: tuple[str, ...]
    """Why the edit is not called safe, a sentence each."""
    same: bool = False
    """Whether the rules do not differ, so that no item was looked at."""

    @property
    def unchanged(self) -> int:
        """Items that do not move."""
        return self.replayed - self.moves

    @property
    def moves(self) -> int:
        """Items that do."""
        return self.entered + self.left + self.refiled

    @property
    def safe(self) -> bool:
        """Whether there is no reason to doubt the edit."""
        return not self.doubts

    @property
    def why(self) -> tuple[str, ...]:
        """Why the edit is called safe, or is not, a sentence each."""
        return self.doubts or tuple(_assurances(self))


def moved(before: Verdict, after: Verdict) -> Moved | None:
    """What becomes of an item; None where a digest shows it as before."""
    if before.relevant != after.relevant:
        return "entered" if after.relevant else "left"
    same = before.topics[:1] == after.topics[:1] and {*before.topics} == {*after.topics}
    return None if same else "refiled"


class Tally:
    """Counts items one after the other; keeps of each kind only the newest."""

    def __init__(
        self, labels: Mapping[int, Label], version: str, differing: Changes | None = None, *, shown: int = 5
    ) -> None:
        """`version`: of the rules that the replay begins from, for counting stored verdicts of others."""
        self._labels = labels
        self._version = version
        self._differing = differing or Changes()
        self._shown = shown
        self._replayed = self._other_versions = 0
        self._moved: dict[Moved, int] = {"entered": 0, "left": 0, "refiled": 0}
        self._terms = [_TermCounts() for _ in self._differing.terms]
        self._label_counts = dict.fromkeys(LabelCounts.__dataclass_fields__, 0)
        self._newest: dict[Kept, list[tuple[datetime, int, Sample]]] = {kind: [] for kind in KEPT}

    def same(self, judged: Judged) -> None:
        """An item that cannot move."""
        self._replayed += 1
        self._other_versions += judged.verdict.rules_version != self._version
        self._label_counts["labelled"] += judged.id in self._labels

    def add(self, judged: Judged, before: Verdict, after: Verdict, found: Sequence[Found] = ()) -> None:
        """An item with both verdicts, and the changed terms in it."""
        self.same(judged)
        how = moved(before, after)
        for one in found:
            self._terms[one.number].add(one, how)
        if how is None:
            return
        self._moved[how] += 1
        label = self._labels.get(judged.id)
        against = self._labelled(how, label, before, after) if label else None
        kinds: tuple[Kept, ...] = (how, against) if against else (how,)
        for kind in kinds:
            kept = self._newest[kind]
            place = (judged.first_seen, judged.id)
            if len(kept) < self._shown:
                heappush(kept, (*place, self._sample(judged, how, before, after, found)))
            elif kept and place > kept[0][:2]:
                heapreplace(kept, (*place, self._sample(judged, how, before, after, found)))

    def result(self) -> Replay:
        """All that was counted."""
        labels = LabelCounts(**self._label_counts)
        terms = tuple(
            TermEffect(change, counts.items, counts.hits, **counts.moved)
            for change, counts in zip(self._differing.terms, self._terms, strict=True)
        )
        return Replay(
            replayed=self._replayed,
            entered=self._moved["entered"],
            left=self._moved["left"],
            refiled=self._moved["refiled"],
            other_versions=self._other_versions,
            terms=terms,
            weights=self._differing.weights,
            sides=self._differing.sides,
            reordered=self._differing.reordered,
            samples={
                kind: tuple(sample for *_, sample in sorted(kept, reverse=True))
                for kind, kept in self._newest.items()
            },
            labels=labels,
            doubts=tuple(_doubts(self._replayed, self._moved["left"], terms, labels)),
        )

    def _labelled(self, how: Moved, label: Label, before: Verdict, after: Verdict) -> Kept | None:
        """Counts a labelled item; the kind of sample it is, where it moves against its label."""
        if how == "refiled":
            wanted = {*(label.topics or ())} if label.relevant else set()
            lost = wanted.intersection(before.topics).difference(after.topics)
            gained = wanted.intersection(after.topics).difference(before.topics)
            self._label_counts["topics_lost"] += bool(lost)
            self._label_counts["topics_gained"] += bool(gained) and not lost
            return "misfiled" if lost else None
        if label.relevant:
            self._label_counts["gained" if how == "entered" else "lost"] += 1
            return "lost" if how == "left" else None
        self._label_counts["let_in" if how == "entered" else "rightly_out"] += 1
        return "let_in" if how == "entered" else None

    def _sample(
        self, judged: Judged, how: Moved, before: Verdict, after: Verdict, found: Sequence[Found]
    ) -> Sample:
        label = self._labels.get(judged.id)
        because = (
            Because(self._differing.terms[one.number], context(judged.item, one.match))
            for one in found
            if one.decides
        )
        return Sample(
            id=judged.id,
            title=judged.item.title,
            outlet=judged.outlet,
            url=judged.item.url,
            date=judged.date,
            first_seen=judged.first_seen,
            moved=how,
            topics_before=before.topics,
            topics_after=after.topics,
            reason=_reason(how, before, after),
            because=tuple(because),
            label=label.relevant if label else None,
        )


class _TermCounts:
    """What a replay counts of one changed term."""

    def __init__(self) -> None:
        self.items = self.hits = 0
        self.moved: dict[Moved, int] = {"entered": 0, "left": 0, "refiled": 0}

    def add(self, found: Found, how: Moved | None) -> None:
        self.items += 1
        self.hits += found.hits
        if how is not None:
            self.moved[how] += found.decides


def _reason(how: Moved, before: Verdict, after: Verdict) -> str:
    if how == "refiled":
        return f"{_names(before.topics)} → {_names(after.topics)}"
    parts = ", ".join(f"{ROLE_NAMES[name]} {points:+g}" for name, points in after.parts if points)
    return f"{after.reason} ({parts})" if parts else after.reason


def _names(topics: Sequence[str]) -> str:
    return ", ".join(topics) or "no topic"


def _doubts(replayed: int, left: int, terms: Sequence[TermEffect], labels: LabelCounts) -> Iterator[str]:
    """Why an edit is not called safe. What enters without a label is no doubt: readers will see it."""
    if n := labels.lost:
        yield f"{_items(n)} labelled relevant {_s(n, 'is', 'are')} lost"
    if n := labels.let_in:
        yield f"{_items(n)} labelled irrelevant {_s(n, 'comes', 'come')} in"
    if n := labels.topics_lost:
        those = _s(n, "loses a topic that its label names", "lose topics that their labels name")
        yield f"{_items(n)} {those}"
    if left and not labels.lost and not labels.rightly_out:
        look = "then `monitor label ID relevant` or `monitor label ID irrelevant`"
        none = _s(
            left, "leaves and is not labelled: look at it", "leave, none of them labelled: look at them"
        )
        yield f"{_items(left)} {none}, {look}"
    rare = [t for t in terms if t.change.kind != "dropped" and t.items < WANTED_WITH_TERM]
    if replayed < WANTED:
        yield f"{_items(replayed)}: too few to call safe; want {WANTED}"
    elif rare:
        named = ", ".join(f'"{shortened(term.change.term)}"' for term in rare[:NAMED])
        more = f" and {len(rare) - NAMED:,} more" if len(rare) > NAMED else ""
        few = f"found in fewer than {WANTED_WITH_TERM} items: too few to tell what comes with"
        yield f"{named}{more} {_s(len(rare), 'is', 'are')} {few} {_s(len(rare), 'it', 'them')}"


def _assurances(replay: Replay) -> Iterator[str]:
    if replay.same:
        yield "the rules are the same"
        return
    labels = replay.labels
    yield f"{_items(replay.replayed)} replayed" + ("" if replay.left else ", and none leaves")
    if n := labels.labelled:
        yield f"no item labelled relevant is lost and none labelled irrelevant comes in ({n:,} labelled)"
    if (n := replay.entered) and not labels.gained and not labels.let_in:
        none = _s(n, "enters and is not labelled: look at it", "enter, none of them labelled: look at them")
        yield f"{_items(n)} {none}"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count:,} items"


def _s(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
