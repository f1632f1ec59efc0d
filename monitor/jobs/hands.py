"""Shell: threads that do what they are given, no more of them than it takes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")
Other = TypeVar("Other")

LOOK_UP = 0.5
"""Seconds after which `next_of` comes back without anything."""
BRISK = 0.01
"""Seconds within which one thread alone brings an answer where servers are near: then one is enough, and more
would only wait for each other, at twice the processor time. Where nothing comes for so long, their number is
doubled."""

Done = SimpleQueue[Out | Future[None]]
"""What was done. A thread itself comes only where it has failed."""


class Hands(Generic[In, Out]):
    """At most so many threads that do one kind of work, and put what comes of it into a queue."""

    def __init__(self, work: Callable[[In], Out], most: int, done: SimpleQueue[Out | Future[None]]) -> None:
        self._work = work
        self._most = most
        self._done = done
        self._count = 0
        self._todo: SimpleQueue[In | None] = SimpleQueue()
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="hand")

    def give(self, one: In) -> None:
        """One more to be done."""
        self._todo.put(one)
        if not self._count:
            self._hire()

    @property
    def may_grow(self) -> bool:
        """Whether something waits for a thread and there could be one more."""
        return self._count < self._most and not self._todo.empty()

    def grow(self) -> None:
        """Twice as many, as far as they may be."""
        for _ in range(min(self._count, self._most - self._count)):
            self._hire()

    def let_go(self, *, wait: bool) -> None:
        """Begin no more; with `wait`, return when what was begun is done."""
        with suppress(Empty):
            while True:
                self._todo.get_nowait()
        for _ in range(self._count):
            self._todo.put(None)
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def _hire(self) -> None:
        self._count += 1
        self._pool.submit(self._work_on).add_done_callback(self._tell_of_failure)

    def _work_on(self) -> None:
        while (one := self._todo.get()) is not None:
            self._done.put(self._work(one))

    def _tell_of_failure(self, hand: Future[None]) -> None:
        if not hand.cancelled() and hand.exception():
            self._done.put(hand)


def next_of(
    done: SimpleQueue[Out | Future[None]], first: Hands[In, Out], second: Hands[Other, Out]
) -> Out | None:
    """What is done next by either; None where nothing came for a moment. Raises what the work has raised.

    Where nothing comes for BRISK, those for whom something waits become more.
    """
    behind = [hands for hands in (first, second) if hands.may_grow]
    try:
        ended = done.get(timeout=BRISK if behind else LOOK_UP)
    except Empty:
        for hands in behind:
            hands.grow()
        return None
    if isinstance(ended, Future):
        ended.result()
        return None
    return ended
