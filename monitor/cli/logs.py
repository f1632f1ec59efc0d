"""Shell: the log: one line for each thing that happened, for people or for machines.

A line of ours is some words and then pairs: `poll source=gazette status=ok seconds=0.3`. As JSON each pair
is a field. Pairs are taken from the line's pattern and not from the finished line, so that nothing that a
feed or a server says can look like one.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_RUN: ContextVar[str] = ContextVar("run", default="")
_PATTERN = re.compile(r"(?P<words>[\w -]*?)\s?(?P<pairs>(?:[\w%]+=(?:\"[^\"]*\"|\S+)(?: |$))+)")
_PAIR = re.compile(r"([\w%]+)=(?:\"([^\"]*)\"|(\S+))")
_PLACE = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[a-z]")


@contextmanager
def run() -> Iterator[str]:
    """What is logged in this thread until the block ends belongs to one run. Gives its id."""
    id_ = os.urandom(4).hex()
    token = _RUN.set(id_)
    try:
        yield id_
    finally:
        _RUN.reset(token)


def to_stderr(level: int, *, as_json: bool) -> None:
    """Writes our log to standard error from now on: what is at `level` (of `logging`) or above."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    log = logging.getLogger("monitor")
    log.handlers = [handler]
    log.setLevel(max(level, logging.DEBUG))
    log.propagate = False


class JsonLines(logging.Formatter):
    """One JSON object a line: ts (UTC), level, event, run_id, then the fields of the line.

    `event` is the words, or where there are none the name of the first field; without any field all of it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """`record` as one line of JSON."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event, fields = taken_apart(record)
        line: dict[str, Any] = {
            "ts": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": event,
        }
        if run_id := _RUN.get():
            line["run_id"] = run_id
        # A field cannot take the place of one of ours.
        line |= {name: value for name, value in fields.items() if name not in line}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The time as the machine has it, level, line; what would break it or move the cursor is escaped."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """`record` as one line. Quotation marks end a field: those within one become single ones."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        if not arguments:
            return super().format(record)
        args = tuple(one if isinstance(one, int | float) else str(one).replace('"', "'") for one in arguments)
        return super().format(logging.makeLogRecord(record.__dict__ | {"args": args}))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line, without a trace."""
        return "".join(map(_visible, super().formatMessage(record)))


def _visible(character: str) -> str:
    is_control = unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}
    return character.encode("unicode_escape").decode() if is_control else character


def taken_apart(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """(event, fields) of a line; a number stays a number. A line that is no pairs is an event as a whole."""
    pattern = record.msg if isinstance(record.msg, str) else ""
    found = _PATTERN.fullmatch(pattern)
    arguments = record.args if isinstance(record.args, tuple) else ()
    if not found or len(_PLACE.findall(pattern)) != len(arguments):
        return record.getMessage(), {}
    left = iter(arguments)
    fields: dict[str, Any] = {}
    for name, quoted, bare in _PAIR.findall(found["pairs"]):
        fields[_filled(name, left)] = _filled(quoted or bare, left)
    return found["words"] or next(iter(fields)), fields


def _filled(pattern: str, arguments: Iterator[Any]) -> Any:
    """A part of the pattern with its arguments; a lone argument that is a number as that number."""
    places = _PLACE.findall(pattern)
    if not places:
        return pattern
    given = tuple(next(arguments) for _ in places)
    if pattern == places[0] and isinstance(given[0], int | float):
        return round(given[0], 3)
    return pattern % given
