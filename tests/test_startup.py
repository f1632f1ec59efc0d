"""What the program imports, and what it does not: no command must wait for what it never uses."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import monitor as package
from monitor.cli.arguments import COMMANDS, parser

from .loopback import Loopback
from .program import monitor, rss, write_config

PROJECT = Path(__file__).parent.parent
LISTS_ITS_MODULES = """
import sys
from monitor.cli import entry
sys.argv = ["monitor", *sys.argv[1:]]
try:
    entry()
finally:
    print(*sys.modules, file=sys.stderr)
"""
# What takes longest to import, ours and others'.
HEAVY = {
    *(
        "anyio",
        "apscheduler",
        "feedparser",
        "httpcore",
        "httpx",
        "idna",
        "jinja2",
        "lxml",
        "opencc",
        "pydantic",
    ),
    *(
        "rapidfuzz",
        "rich",
        "shtab",
        "sqlite_utils",
        "starlette",
        "trafilatura",
        "uvicorn",
        "watchfiles",
        "yaml",
    ),
    *("asyncio", "email", "importlib.metadata", "ssl", "statistics", "unittest", "zipfile"),
    *("monitor.archive", "monitor.classify", "monitor.digest", "monitor.fetch", "monitor.group"),
    *("monitor.parse", "monitor.render", "monitor.sandbox", "monitor.text", "monitor.tune", "monitor.web"),
}
ONLY_TO_LOOK = {
    "dataclasses",
    "datetime",
    "json",
    "logging",
    "monitor.models",
    "pathlib",
    "sqlite3",
    "typing",
}


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(("UK and China talk", "In London.")))
        yield running


def imported(*args: str, cwd: Path) -> set[str]:
    """The modules that a run of the program has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", LISTS_ITS_MODULES, *args],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,  # health is 1 where something is the matter
    )
    assert done.stdout
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["poll", "--help"], ["sources", "add", "--help"]]
)
def test_help_imports_nothing_but_what_reads_options(args: list[str], tmp_path: Path) -> None:
    assert imported(*args, cwd=tmp_path) & (HEAVY | ONLY_TO_LOOK) == set()


def test_health_imports_only_what_asks_the_database(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed'}")
    monitor("poll", cwd=tmp_path)
    from_the_config = imported("health", cwd=tmp_path)
    again = imported("health", cwd=tmp_path)

    assert {"yaml", "pydantic"} <= from_the_config
    assert again & HEAVY == set()
    assert again & {"monitor.models.editions", "monitor.models.verdicts", "monitor.store.whole"} == set()


def test_a_poll_imports_nothing_that_makes_editions(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed'}")
    monitor("poll", cwd=tmp_path)

    found = imported("poll", "--all", "--json", cwd=tmp_path)

    assert found & {"apscheduler", "jinja2", "monitor.archive", "monitor.group", "monitor.render"} == set()
    assert found & {"sqlite_utils", "starlette", "trafilatura", "uvicorn"} == set()


def test_the_version_of_the_rules_is_known_without_what_judges() -> None:
    asked = "from monitor.classify import RuleBook; from monitor.models import RuleSpec"
    asked += "; RuleBook.of_checked(RuleSpec(uk=('Briton',))).version; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    ours = {name for name in done.stdout.split() if name.startswith(("monitor.classify", "monitor.text"))}
    assert ours == {"monitor.classify", "monitor.classify.rulebook"}
    assert "ahocorasick_rs" not in done.stdout


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == package.VERSION


@pytest.mark.parametrize("name", ["models", "text", "govuk", "classify", "config", "store"])
def test_what_is_imported_when_asked_for_is_all_there(name: str) -> None:
    whole = import_module(f"monitor.{name}")

    for public in whole.__all__:
        assert getattr(whole, public) is not None
    assert set(whole._HOME) <= set(whole.__all__)
    assert not any((Path(whole.__path__[0]) / f"{public}.py").exists() for public in whole._HOME)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = whole.nonsense


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_same_options_alone_and_with_all_others(command: str) -> None:
    alone, together = parser(), parser(whole=True)
    sub = {top: top._subparsers._group_actions[0].choices[command] for top in (alone, together)}
    sub[alone].fill()

    assert sub[alone].format_help() == sub[together].format_help()
