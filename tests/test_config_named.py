"""The database that a config names, whatever else is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import database_named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("database: x/y.db\nsources: [", "x/y.db"),
        ("sources: [\n  {id: a\ndatabase: 'with space.db'  # here\n", "with space.db"),
        ("nonsense\n\tdatabase: no.db", "data/monitor.db"),
        ("database: ${WHERE:-/var}/m.db\n- b", "/var/m.db"),
        ("database: ${HERE}/m.db", "/srv/m.db"),
        ("'database' : q.db\n[", "q.db"),
        ("\ufeffdatabase: a.db", "a.db"),
        ("", "data/monitor.db"),
    ],
    ids=[
        "the first line",
        "quoted",
        "none",
        "a default",
        "a variable",
        "a quoted key",
        "a byte order mark",
        "empty",
    ],
)
def test_the_line_of_the_database_is_read_by_itself(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, "utf-8")

    assert database_named(file, {"HERE": "/srv"}) == tmp_path / named


@pytest.mark.parametrize(
    "text",
    [
        b"database: ${MISSING}/m.db",
        b"database: [",
        b"database:",
        b"database: 7",
        b"database: {a: b}",
        b"\xff\xfe",
    ],
)
def test_a_line_in_error_names_none(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(text)

    assert database_named(file, {}) is None


def test_a_file_that_is_not_there_names_none(tmp_path: Path) -> None:
    assert database_named(tmp_path / "config.yaml", {}) is None
