"""Core: joins reports to stories one at a time, in the order of their dates, then stories that are one."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from .background import SHIPPED, Background
from .memory import Memory
from .points import WEIGHTS, Pair, Scale, Weights
from .reports import Prepared, Report, prepare
from .shelf import Placed, Shelf

# These bound the work for one report, whatever the batch: at most 12 * 60 votes and 8 + 16 comparisons.
_WORDS_LOOKED_UP = 12
_REPORTS_PER_WORD = 60
_CANDIDATES = 8
_ENDS_COMPARED = 8
"""Of a long story: so many reports of its beginning, and so many of its end."""
_ENDS_OF_STORIES = 4
"""The same where two stories are compared."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Why a report joined: the report it resembles most, and the comparison."""

    partner: Prepared
    pair: Pair


@dataclass(slots=True, eq=False)
class Cluster:
    """A story in the making. Only the member that opened it has no edge, and those told of before."""

    members: list[Prepared] = field(default_factory=list)
    edges: dict[int, Edge] = field(default_factory=dict)
    """By report id."""
    story_id: str | None = None
    """Set where the story was told before."""
    known: int = 0
    """How many members the story had before the batch; they come first."""

    @property
    def new(self) -> list[Prepared]:
        """The members that the batch brought."""
        return self.members[self.known :]


@dataclass(frozen=True, slots=True)
class _Likeness:
    """Two reports that have the points needed."""

    one: Prepared
    other: Placed
    pair: Pair


class _Grouping:
    """One batch on its way into stories. Stories have numbers: first those of the memory, then new ones."""

    def __init__(self, batch: Sequence[Prepared], memory: Memory) -> None:
        self._memory = memory
        self._shelf = Shelf()
        for prepared in batch:
            self._shelf.count(prepared)
        self.scale = Scale((self._shelf, memory.shelf), memory.weights)
        self._clusters: dict[int, Cluster] = {}
        self._opened = len(memory.story_ids)
        self._home: dict[Prepared, int] = {}
        """In which story each report of the batch is."""
        self._likely: list[_Likeness] = []
        for prepared in batch:
            self._put(prepared)
        self._fold_stories()

    @property
    def clusters(self) -> list[Cluster]:
        """The stories that the batch opened or continued."""
        return [cluster for cluster in self._clusters.values() if cluster.new]

    def _cluster(self, number: int) -> Cluster:
        """The story of that number; one that is only remembered is taken from the shelf when asked for."""
        if number not in self._clusters:
            members = self._memory.members[number]
            self._clusters[number] = Cluster(
                list(members), story_id=self._memory.story_ids[number], known=len(members)
            )
        return self._clusters[number]

    def _put(self, prepared: Prepared) -> None:
        number = self._memory.home.get(prepared.report.id)
        if number is None:
            number = self._joined(prepared)
        if number is None:
            number, self._opened = self._opened, self._opened + 1
            self._clusters[number] = Cluster()
        self._cluster(number).members.append(prepared)
        self._home[prepared] = number
        self._shelf.place(prepared, number)

    def _candidates(self, prepared: Prepared) -> list[Placed]:
        """The reports worth comparing: those that share the rarest words."""
        here, before, rarity = self._shelf, self._memory.shelf, self.scale.rarity
        # Only words that others have: a report's rarest words are mostly its own.
        live = [word for word in prepared.counts if word in here or word in before]
        votes: defaultdict[Placed, float] = defaultdict(float)
        for word in heapq.nsmallest(_WORDS_LOOKED_UP, live, key=lambda word: (-rarity(word), word)):
            vote, window = rarity(word), self._memory.weights.window
            found = here.near(word, prepared, window, _REPORTS_PER_WORD)
            found += before.near(word, prepared, window, _REPORTS_PER_WORD - len(found))
            for placed in found:
                votes[placed] += vote
        return heapq.nlargest(_CANDIDATES, votes, key=votes.__getitem__)

    def _joined(self, prepared: Prepared) -> int | None:
        """The number of the story that a report joins, its edge recorded there; None where it opens one."""
        pairs: dict[Prepared, Pair] = {}
        alike: list[_Likeness] = []
        for placed in self._candidates(prepared):
            pair = pairs[placed.prepared] = self.scale.compare(prepared, placed.prepared)
            if pair.margin >= 0:
                alike.append(_Likeness(prepared, placed, pair))
        if not alike:
            return None
        self._likely += alike
        best = max(alike, key=lambda one: one.pair.margin)
        cluster = self._cluster(best.other.story)
        # Joining by one edge alone makes chains: the report has to resemble the story as a whole.
        compared = _ends(cluster.members, _ENDS_COMPARED)
        margins = [(pairs.get(one) or self.scale.compare(prepared, one)).margin for one in compared]
        if not self._suffice(margins):
            return None
        cluster.edges[prepared.report.id] = Edge(best.other.prepared, best.pair)
        return best.other.story

    def _suffice(self, margins: Sequence[float]) -> bool:
        return sum(margins) / len(margins) >= -self._memory.weights.slack

    def _fold_stories(self) -> None:
        """Makes one of stories that later reports show to be one; what was told as two stories stays two."""
        moved: dict[int, int] = {}

        def now(number: int) -> int:
            while number in moved:
                number = moved[number]
            return number

        for like in sorted(self._likely, key=lambda like: -like.pair.margin):
            one, other = now(self._home[like.one]), now(like.other.story)
            kept, gone = min(one, other), max(one, other)
            if kept == gone or gone < len(self._memory.story_ids) or not self._are_one(kept, gone):
                continue
            inner, outer = like.one, like.other.prepared
            if one == kept:
                inner, outer = outer, inner
            self._move(gone, kept, inner, Edge(outer, like.pair))
            moved[gone] = kept

    def _are_one(self, number: int, other: int) -> bool:
        a = _ends(self._cluster(number).members, _ENDS_OF_STORIES)
        b = _ends(self._cluster(other).members, _ENDS_OF_STORIES)
        return self._suffice([self.scale.compare(x, y).margin for x, y in product(a, b)])

    def _move(self, gone: int, kept: int, joins: Prepared, edge: Edge) -> None:
        """All members of one story go to another, because its member `joins` resembles one there."""
        source, target = self._clusters.pop(gone), self._cluster(kept)
        target.members += source.members
        # Each edge points towards the report that opened the story: turn those between it and `joins`.
        at: Prepared | None = joins
        while at is not None:
            before = source.edges.get(at.report.id)
            source.edges[at.report.id] = edge
            edge, at = Edge(at, before.pair if before else edge.pair), before.partner if before else None
        target.edges |= source.edges


def _ends(members: Sequence[Prepared], most: int) -> Sequence[Prepared]:
    return [*members[:most], *members[most:][-most:]]


def cluster_reports(reports: Sequence[Report], memory: Memory) -> tuple[list[Cluster], Scale]:
    """Reports → the stories that they open or continue, and the scale that they were weighed on.

    The result depends on neither the order of `reports` nor their ids, which differ. A report whose id a
    remembered story already holds (an updated page) stays with that story.
    """
    batch = sorted(map(prepare, reports), key=lambda prepared: prepared.order)
    grouping = _Grouping(batch, memory)
    return grouping.clusters, grouping.scale


def group_reports(
    reports: Sequence[Report], background: Background = SHIPPED, weights: Weights = WEIGHTS
) -> tuple[tuple[int, ...], ...]:
    """Reports with distinct ids → the ids of each story, each sorted, stories by their smallest id.

    Deterministic, whatever the order and the ids of `reports`. About 0.5 ms a report, growing linearly.
    """
    clusters, _ = cluster_reports(reports, Memory(background=background, weights=weights))
    return tuple(
        sorted(tuple(sorted(member.report.id for member in cluster.members)) for cluster in clusters)
    )
