"""Border: the problems of a config, as one error and as text for people."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ..models import Problem

_EXCERPT_WIDTH = 100
_BOLD, _RED, _YELLOW, _BLUE, _RESET = "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[0m"

_HUSH = (
    r"(?:[\w-]*[-_])?(?:password|passwd|secret|token|authorization|auth|cookie|key|headers|channels|ping_url)"
)
_NEAR = ("password", "headers", "channels", "ping_url")
# Nothing, or a bare ${NAME}: worth showing, and no secret. A default, ${NAME:-hunter2}, may be one.
_BARE = r"[\"']?(?:\$\{\w*(?::-)?\}?)?[\"']?"
_HARMLESS = rf"(?:\[{_BARE}\]|{_BARE})\s*(?:[,}}#].*)?"
_HUSHED = re.compile(rf"(?i)(?<![\w-])({_HUSH}[\"']?\s*:\s+)(?!{_HARMLESS}$)\S.*")
_USERINFO = re.compile(r"(://)[^/\s@]+(?=@)")
_CHANNEL = re.compile(r"(?i)\b(?!(?:https?|ftp|file|feed|smtp):)([a-z][a-z0-9+.-]*://)(?=\w)[^\s\"'*]+")
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'|\$\{[^}]*\}?|[^\s,\[\]{}#\"':]+(?::[^\s,\[\]{}]+)*")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest of the known words, or "" where none is near."""
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f'did you mean "{lowered[near[0]]}"?' if near else ""


def mask(text: str) -> str:
    """`text` without what may be secret: the value of a key such as `password`, users in URLs, channels."""
    return _CHANNEL.sub(r"\1***", _USERINFO.sub(r"\1***", _HUSHED.sub(r"\1***", text)))


@lru_cache(maxsize=1_000)
def is_secret(key: str) -> bool:
    """Whether the value after `key` may be a secret; a misspelt password is one too."""
    near = difflib.get_close_matches(key.lower(), _NEAR, n=1, cutoff=0.7)
    return bool(near or re.fullmatch(_HUSH, key.lower()))


def describe(problem: Problem, colour: bool = False) -> str:
    """The problem over several lines: sentence, place, the line itself with carets, and what to do.

    `colour` adds ANSI colours; whether they are wanted (terminal, NO_COLOR) is the caller's to know.
    """
    paint = _paint if colour else _leave
    tone = _RED if problem.severity == "error" else _YELLOW
    margin = " " * len(str(problem.line or " "))
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    lines = [
        f"{paint(problem.kind, _BOLD + tone)}: {paint(problem.message, _BOLD)}",
        f"{margin}{paint('-->', _BLUE)} {place}",
    ]
    if problem.excerpt.strip():
        shown, carets = _excerpt(problem)
        bar = paint("|", _BLUE)
        lines += [
            f"{margin} {bar}",
            f"{paint(str(problem.line), _BLUE)} {bar} {shown}",
            f"{margin} {bar} {paint(carets, _BOLD + tone)}",
        ]
    if problem.hint:
        lines.append(f"{margin} {paint('= help:', _BLUE)} {problem.hint}")
    return "\n".join(lines)


def _paint(text: str, code: str) -> str:
    return f"{code}{text}{_RESET}"


def _leave(text: str, code: str) -> str:  # noqa: ARG001 - stands in for _paint
    return text


def _excerpt(problem: Problem) -> tuple[str, str]:
    """The part of the line round the problem, and the carets to put below it."""
    line = "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in problem.excerpt)
    at = max(problem.column - 1, 0)
    token = _TOKEN.match(line, at)
    length = max(1, token.end() - at) if token else 1
    first = max(0, at - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    shown = line[first : first + _EXCERPT_WIDTH]
    before, marked = line[first:at], line[at : min(at + length, first + _EXCERPT_WIDTH)]
    return shown.rstrip(), " " * _columns(before) + "^" * max(1, _columns(marked))


def _columns(text: str) -> int:
    """How many columns a terminal uses for `text`: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
