"""Terms in, lints out: a config made of lists, without a file."""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitor.config.lint import Stored, lint, loud
from monitor.config.tree import Reader
from monitor.config.values import Document
from monitor.models import Problem

SIDES = ("uk", "china")
LISTS = ("both", "ignore", "elsewhere", "exclude")


def document(text: str) -> Document:
    """The values of a YAML text."""
    reader = Reader(text, "config.yaml")
    root = reader.read()
    assert root is not None
    return Document(reader, root, {})


def document_of(**lists: Sequence[str]) -> Document:
    """A config with these lists; `terms` are those of a topic. All on one line, all in quotes."""
    assert {*lists} <= {*SIDES, *LISTS, "terms"}
    rules = {name: list(lists.get(name, ())) for name in LISTS}
    sides = {name: list(lists.get(name, ())) for name in SIDES}
    topics = {"trade": {"terms": list(lists.get("terms", ()))}}
    return document(json.dumps({"rules": {"sides": sides, **rules}, "topics": topics}, ensure_ascii=False))


def lints(text: str, stored: Stored | None = None) -> tuple[Problem, ...]:
    """The lint warnings of a YAML text."""
    return lint(document(text), stored)


def lints_of(stored: Stored | None = None, **lists: Sequence[str]) -> tuple[Problem, ...]:
    """The lint warnings of these lists."""
    return lint(document_of(**lists), stored)


def codes_of(**lists: Sequence[str]) -> list[str]:
    """The codes of these lists' warnings."""
    return [problem.code for problem in lints_of(**lists)]


__all__ = ["codes_of", "document", "document_of", "lints", "lints_of", "loud"]
