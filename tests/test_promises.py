"""The table of promises names tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from .conftest import PROJECT

PAGE = (PROJECT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (P\d+) \| [^|]+ \| (.*) \|$", PAGE, re.MULTILINE))


def functions_of(file: str) -> set[str]:
    """The names of the tests of a file."""
    tree = ast.parse((PROJECT / "tests" / f"{file}.py").read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_no_promise_is_left_out() -> None:
    assert [*ROWS] == [f"P{number}" for number in range(1, 27)]


@pytest.mark.parametrize("promise", ROWS)
def test_a_promise_has_tests(promise: str) -> None:
    named = re.findall(r"`(\w+)(?:::(\w+))?`", ROWS[promise])

    assert named
    assert {name for file, name in named if name and name not in functions_of(file)} == set()
    assert all(any(one.startswith("test_") for one in functions_of(file)) for file, _ in named)
