"""Shell: store → tune → store: today's rules applied to what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .. import tune
from ..config import Config
from ..models import DigestSpec, Judged
from ..store import Store


class Watch(Protocol):
    """Sees items on their way, for a progress bar."""

    def __call__(self, items: Iterable[Judged], /) -> Iterator[Judged]:
        """The same items."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many items the next edition of a digest would bring, before and after."""

    digest: DigestSpec
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Reclassified:
    """What `reclassify` prints."""

    replay: tune.Replay
    """Today's rules against the stored verdicts."""
    written: int
    waiting: tuple[Waiting, ...] = ()


def reclassify(
    config: Config,
    store: Store,
    *,
    since: datetime | None = None,
    dry_run: bool = False,
    shown: int = 5,
    watch: Watch = iter,
) -> Reclassified:
    """Judges the items first seen since then again, where their verdicts are of other rules.

    All verdicts are written in one transaction, after the last one is made: a kill leaves all as it was.
    A verdict of today's rules stays, also where a poll has kept it for a text that changed a little since.
    """
    rules = tune.Rules(config.rulebook, {source.id: source.side for source in config.sources})
    tally = tune.Tally(store.labels(), config.rulebook.version, shown=shown)
    verdicts = tune.rejudged(watch(store.each_item(since)), rules, tally)
    if dry_run:
        for _ in verdicts:
            pass
        return Reclassified(tally.result(), 0)
    before = [_waiting(store, spec) for spec in config.digests]
    written = store.rejudge(verdicts)
    waiting = (
        Waiting(spec, was, _waiting(store, spec)) for spec, was in zip(config.digests, before, strict=True)
    )
    return Reclassified(tally.result(), written, tuple(waiting))


def _waiting(store: Store, spec: DigestSpec) -> int:
    return store.count_unclaimed(spec.id, topics=spec.topics, min_score=spec.min_score)
