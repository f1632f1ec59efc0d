"""When a config is known again without being read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.config import database_at_a_glance, load, mark_of

FILE = Path("/desk/config.yaml")
CONFIG = b"mail: {from: desk@example.org, password: '${PASSWORD:-}'}\n"


def test_the_same_file_and_variables_have_the_same_mark(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(CONFIG)

    assert mark_of(CONFIG, file, {"HOME": "/a"}) == mark_of(CONFIG, file, {"HOME": "/b"})


def test_a_file_that_was_written_again_has_another_even_where_its_time_is_set_back(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(CONFIG)
    before, times = mark_of(CONFIG, file, {}), file.stat()
    file.with_name("new").write_bytes(CONFIG)
    file.with_name("new").replace(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert mark_of(CONFIG, file, {}) != before


def test_other_bytes_and_another_file_have_another() -> None:
    marks = {
        mark_of(CONFIG, FILE, {}),
        mark_of(CONFIG + b" ", FILE, {}),
        mark_of(CONFIG, FILE.with_name("other.yaml"), {}),
    }

    assert len(marks) == 3


def test_of_what_stands_in_a_file_a_mark_keeps_eight_bits() -> None:
    marks = {mark_of(CONFIG + b"# %d" % number, FILE, {}) for number in range(3_000)}

    assert len(marks) == 256


def test_a_variable_that_is_set_empty_or_other_changes_the_mark(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    from_file = {"PASSWORD_FILE": str(secret)}
    missing = mark_of(CONFIG, FILE, from_file)
    in_file, in_variable = set(), set()
    for number in range(20):  # of two values one in 256 pairs has the same mark, of twenty all never
        secret.write_text(f"hunter{number}", encoding="utf-8")
        in_file.add(mark_of(CONFIG, FILE, from_file))
        in_variable.add(mark_of(CONFIG, FILE, {"PASSWORD": f"hunter{number}"}))

    assert len(in_file) > 1
    assert len(in_variable) > 1
    assert mark_of(CONFIG, FILE, {}) not in in_file | in_variable | {missing}
    assert missing not in in_file


def test_of_what_a_variable_holds_a_mark_keeps_eight_bits() -> None:
    marks = {mark_of(CONFIG, FILE, {"PASSWORD": f"guess {number}"}) for number in range(3_000)}

    assert len(marks) == 256


@pytest.mark.parametrize(
    ("line", "environ"),
    [
        ("", {}),
        ("database: desk.db", {}),
        ("database: 'data/desk.db'   # beside this file", {}),
        ('database: "/srv/desk.db"', {}),
        ("database: ~/desk.db", {"HOME": "/home/ann"}),
        ("database: ${DATA:-data}/monitor.db  # as the container says", {}),
        ("database: ${DATA:-data}/monitor.db", {"DATA": "/data"}),
        ("database: ${DATA}/monitor.db", {"DATA": "/data"}),
    ],
)
def test_a_glance_finds_the_database_that_the_config_names(
    line: str, environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"sources: []\n{line}\n", encoding="utf-8")

    assert database_at_a_glance(file.read_bytes(), file, environ) == load(file, environ).database


@pytest.mark.parametrize(
    "text", ["database: &here desk.db", "database: >\n  desk.db", "database: a\ndatabase: b", "database:"]
)
def test_what_a_glance_does_not_tell_is_left_to_those_who_read(text: str) -> None:
    assert database_at_a_glance(text.encode(), FILE, {}) is None
