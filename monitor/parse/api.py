"""Core: what the readers of JSON interfaces share: a table of fields for each, and one way to fail.

A field that is missing, null or of another type than expected is empty: an entry is kept with what there is.
Only an answer that is no such list at all is an error, and one of whose results none can be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .document import described
from .raw import MAX_ENTRIES, ParseError, RawEntry, RawFeed

LONDON = ZoneInfo("Europe/London")
"""The clock of Parliament: its interfaces give local times without zone."""

Row = dict[str, Any]
"""One result, as the interface gives it: nothing about its values is known."""
Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Api:
    """How the answers of one interface are read."""

    site: str
    """The site that its pages belong to."""
    results: str
    """The name of the list of results."""
    fields: Mapping[str, str | Callable[[Row], str]]
    """Field of RawEntry → where its text is in a result, keys joined by dots, or a function that makes it."""
    total: str
    """The name of the number of results on all pages."""
    inside: str = ""
    """The name of the object in each result that holds its fields, where there is one."""
    gather: Callable[[Rows], Rows] = tuple
    """Makes of all results those that become an entry each."""
    clock: tzinfo | None = None


def read_api(text: str, api: Api) -> RawFeed:
    """The results of an answer as entries, in its order.

    Raises ParseError for what is no such answer, and where none of its results can be read.
    """
    answer = load_object(text)
    found, total = answer.get(api.results), answer.get(api.total)
    if not isinstance(found, list):
        raise ParseError(f"JSON without its list “{api.results}”: perhaps the interface has changed")
    results: Rows = [
        row if isinstance(row, dict) else {} for row in found
    ]  # an empty one is counted as skipped
    results = api.gather([inner(row, api.inside) for row in results] if api.inside else results)
    entries = tuple(_entry(row, api) for row in results[:MAX_ENTRIES])
    if entries and not any(entry.is_readable for entry in entries):
        given = "1 result" if len(found) == 1 else f"{len(found)} results"
        raise ParseError(f"{given}, and none could be read: perhaps the interface has changed")
    return RawFeed(
        title="",
        link=api.site,
        lang="en",
        entries=entries,
        unread=len(results[MAX_ENTRIES:]),
        rows=len(found),
        total=total if type(total) is int and total >= 0 else None,  # and no bool, which is an int too
        clock=api.clock,
    )


def load_object(text: str) -> dict[str, Any]:
    """The JSON object that an interface answered with; raises ParseError for anything else."""
    if not text.startswith(("{", "[")):
        raise ParseError(described(text, "the JSON of an interface"))
    answer = load_json(text)
    if not isinstance(answer, dict):
        raise ParseError("JSON, but a list where an object was expected")
    return answer


def load_json(text: str) -> Any:
    """What a JSON text says; raises ParseError where it is broken, cut off or nested without end."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ParseError("JSON nested too deeply") from error
    except ValueError as error:
        raise ParseError(f"broken JSON: {error}") from error


def words(thing: Any, path: str) -> str:
    """The text at `path`, keys joined by dots, trimmed; numbers as text; "" for all else."""
    for key in path.split("."):
        thing = thing.get(key) if isinstance(thing, dict) else None
    if isinstance(thing, str):
        return thing.strip()
    return str(thing) if isinstance(thing, int | float) and not isinstance(thing, bool) else ""


def inner(thing: Any, key: str) -> Row:
    """The object under `key`, an empty one where there is none."""
    value = thing.get(key) if isinstance(thing, dict) else None
    return value if isinstance(value, dict) else {}


def listed(thing: Any, key: str) -> list[Row]:
    """The objects in the list under `key`, none where there is no list."""
    value = thing.get(key) if isinstance(thing, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def day(row: Row, key: str) -> str:
    """The date of a time at `key`, as addresses have it: 2026-01-29; "" where there is none."""
    found = words(row, key)[:10]
    return found if len(found) == 10 and found.replace("-", "").isdecimal() else ""


def html(*texts: str) -> str:
    """Texts as paragraphs of one, the empty ones left out."""
    return "".join(f"<p>{text}</p>" for text in texts if text)


def _entry(row: Row, api: Api) -> RawEntry:
    values: dict[str, Any] = {
        name: words(row, source) if isinstance(source, str) else source(row)
        for name, source in api.fields.items()
    }
    return RawEntry(**values)
