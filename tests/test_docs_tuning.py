"""docs/tuning.md shows what the program really prints on the data of `make demo`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import PROJECT
from .program import monitor

PAGE = PROJECT / "docs" / "tuning.md"
BLOCK = re.compile(r"^```\n\$ monitor (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
LEFT_OUT = "…"
SECONDS = re.compile(r"\b\d+\.\d+ s\b")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuning")
    made = monitor("demo", "demo-output", cwd=folder)
    assert made.code == 0, made.err
    return folder / "demo-output"


def shown(command: str, demo: Path) -> list[str]:
    """What the command prints, as a page shows it: one time is as good as another, and so is the folder."""
    run = monitor("--now", "2026-01-30T09:00Z", *shlex.split(command), cwd=demo)
    text = run.out.replace(str(demo), "demo-output")
    return [SECONDS.sub("0.1 s", line).rstrip() for line in (text + run.err).rstrip().splitlines()]


def in_order(expected: list[str], lines: list[str]) -> Iterator[str]:
    """The expected lines that do not follow in `lines`; a line that is left out stands for any number."""
    at, may_skip = 0, False
    for line in expected:
        if line == LEFT_OUT:
            may_skip = True
            continue
        found = next((i for i in range(at, len(lines)) if lines[i] == line), None)
        if found is None or (found != at and not may_skip):
            yield line
            continue
        at, may_skip = found + 1, False
    if at != len(lines) and not may_skip:
        yield from lines[at:]


def test_every_answer_on_the_tuning_page_is_what_the_program_says(
    demo: Path, request: pytest.FixtureRequest
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    answers = {command: shown(command, demo) for command, _ in BLOCK.findall(page)}
    assert len(answers) > 8
    if request.config.getoption("golden_update"):
        PAGE.write_text(BLOCK.sub(lambda found: anew(found, answers[found[1]]), page), encoding="utf-8")
        return

    wrong = {
        command: missing
        for command, text in BLOCK.findall(page)
        if (missing := list(in_order(text.rstrip().splitlines(), answers[command])))
    }

    assert wrong == {}, "look at them, then pytest --golden-update tests/test_docs_tuning.py"


def anew(found: re.Match[str], lines: list[str]) -> str:
    """The block with the answer of now; where lines were left out, the same number is shown as before."""
    before = found[2].rstrip().splitlines()
    if LEFT_OUT in before:
        first = before.index(LEFT_OUT)
        last = len(before) - first - 1
        lines = [*lines[:first], LEFT_OUT, *(lines[-last:] if last else [])]
    return "\n".join(["```", f"$ monitor {found[1]}", *lines, "```"])
