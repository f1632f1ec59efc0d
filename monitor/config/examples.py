"""Border: labelled examples that users write by hand, as a YAML list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .problems import ConfigError
from .tree import Listing, Reader
from .values import Document, Trap


def read_list(text: str, path: Path) -> list[tuple[int, Any]]:
    """The entries of a YAML list, each with the line it begins on. Raises ConfigError.

    A word that YAML 1.1 reads otherwise (`NO`, a date) is taken as written: here nothing hangs on it.
    """
    reader = Reader(text, str(path))
    root = reader.read()
    if root is None and not reader.problems:
        return []
    if not isinstance(root, Listing):
        place = root.place if root else None
        wrong = (
            [reader.problem(place, "expected a list of examples", "begin each with - title: …")]
            if place
            else []
        )
        raise ConfigError((*reader.problems, *wrong))
    document = Document(reader, root, {})
    problems = (*reader.problems, *document.problems)
    if problems:
        raise ConfigError(problems)
    values = document.data if isinstance(document.data, list) else []
    return [(node.place.line, _plain(value)) for node, value in zip(root.items, values, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, Trap):
        return value.text
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
