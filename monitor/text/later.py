"""Core: patterns that are compiled when they are first used: those with ranges of Chinese take long."""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    """Stands for a pattern. What is asked of it is kept, so that it costs nothing the next time."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._compile = pattern, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(*self._compile), name)
        setattr(self, name, value)
        return value


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile(pattern, flags)`, but not yet. Give it to no function that asks for a real pattern."""
    return cast("re.Pattern[str]", _Later(pattern, flags))
