"""What `--since` and `--now` may say, and that each command can run by itself."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.cli.arguments import COMMANDS
from monitor.cli.context import UsageError, since

from .conftest import NOW
from .program import monitor

EACH_FROM_NOTHING = """
import importlib, sys
for module in sys.argv[1:]:
    for name in [name for name in sys.modules if name.partition(".")[0] == "monitor"]:
        del sys.modules[name]
    importlib.import_module(f"monitor.cli.{module}")
    print(module)
"""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("90d", NOW - timedelta(days=90)),
        ("12w", NOW - timedelta(weeks=12)),
        (" 2W ", NOW - timedelta(weeks=2)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T08:30+08:00", datetime(2026, 1, 1, 0, 30, tzinfo=UTC)),
        ("2026-01-29T08:30Z", NOW),
    ],
)
def test_since_is_days_or_weeks_ago_or_a_date_or_time(text: str, at: datetime) -> None:
    assert since(text, NOW) == at


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("6m", r"--since '6m' is not understood; write 90d, 12w, or a date such as 2026-01-29"),
        ("", "not understood"),
        ("-3d", "not understood"),
        ("90", "not understood"),
        ("99999d", "not understood"),
        ("٣d", "not understood"),
        ("9999w", "too far back; years from 1990 on"),
        ("2026-13-01", "is not a time"),
        ("1066-10-14", "too far off; years 1990 to 2200"),
        ("2026-01-30", "is still to come; it is 2026-01-29 08:30 UTC"),
    ],
)
def test_any_other_since_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        since(text, NOW)


@pytest.mark.parametrize("command", [["explain", "--title", "Tea"], ["schema"], ["init"], ["search", "tea"]])
@pytest.mark.parametrize("now", ["garbage", ""])
def test_a_now_that_is_no_time_is_refused_also_by_commands_that_do_not_use_it(
    command: list[str], now: str, tmp_path: Path
) -> None:
    run = monitor(*command, f"--now={now}", cwd=tmp_path)

    assert (run.code, run.out) == (2, "")
    assert run.err == f"monitor: --now {now!r} is not a time; write it as 2026-01-29T08:30Z\n"
    assert [*tmp_path.iterdir()] == []


def test_a_command_brings_with_it_all_that_it_needs() -> None:
    # Most tests run commands where all of the program is imported: they would not see what is lacking.
    modules = sorted({command.module for command in COMMANDS.values()})
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EACH_FROM_NOTHING, *modules],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", modules)
