"""I/O: how long is waited, and what is raised where waiting has come to an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

GLANCE = 0.2
"""Seconds at most between two looks at whether we are to stop."""

Ending = Literal["closed", "late", "stopped", "nonsense"]


class Unreachable(Exception):  # noqa: N818 - it reads as what the server is
    """The server cannot be used now, and no mail was handed over. The message says why and what to do."""


class Lost(Exception):  # noqa: N818 - it reads as what the conversation is
    """A conversation has broken off. The message is a sentence that names the server and the step."""

    def __init__(self, message: str, ending: Ending) -> None:
        super().__init__(message)
        self.ending = ending


def never() -> bool:
    """Nobody asks us to stop."""
    return False


class Patience:
    """The deadline of the step that is under way, and an eye on whether the program is to stop.

    `stopping` is asked at least every 0.2 seconds while something is waited for; it must answer at once.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self.begin("", 0)

    def begin(self, step: str, seconds: float, *, after_stop: float = 0.0) -> None:
        """A new step that may last `seconds`, of these `after_stop` once stopped; `step` is its name."""
        self._step = step
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._after_stop = after_stop
        self._told_to_stop = False

    def pause(self) -> float:
        """Seconds that may be waited before asking again, more than 0. Raises Lost where none are left."""
        now = time.monotonic()
        if self._stopping() and not self._told_to_stop:
            self._told_to_stop = True
            self._until = min(self._until, now + self._after_stop)
        if now < self._until:
            return min(GLANCE, self._until - now)
        if self._told_to_stop:
            raise self.lost("stopped", "the program was stopped")
        raise self.lost("late", f"no answer within {self._seconds:g} seconds")

    def left(self) -> float:
        """Seconds until the step must be over, at least 0."""
        return max(0.0, self._until - time.monotonic())

    def lost(self, ending: Ending, words: str) -> Lost:
        """The error for this step: "mail server mail.example.org:587, at EHLO: the connection was closed"."""
        return Lost(f"{self._step}: {words}", ending)
