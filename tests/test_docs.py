"""README, docs, --help, the Makefile and the config schema say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from monitor import config, govuk, parliament
from monitor.classify import RuleBook
from monitor.cli.arguments import COMMANDS
from monitor.models import RuleSpec

from .conftest import PROJECT, make_item
from .program import monitor

README = (PROJECT / "README.md").read_text(encoding="utf-8")
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CHANGELOG.md",
    PROJECT / "config.yaml",
    *sorted((PROJECT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_in_help(command: str) -> None:
    listed = monitor("--help", cwd=PROJECT).out

    assert re.search(rf"^\| `{command}\b", README, re.MULTILINE)
    assert re.search(rf"^    {command}\b", listed, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`monitor (?:--\w+ \S+ )*([a-z]+)", text)
    in_blocks = re.findall(r"^(?:\$ |venv/bin/)monitor (?:--\w+ \S+ )*([a-z]+)", text, re.MULTILINE)

    assert {*named, *in_blocks} <= {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_the_readme_gives_a_command_exists(command: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{command}"))
    options = monitor(command, "--help", cwd=PROJECT).out

    assert all(option in options for option in re.findall(r"`?(--[a-z0-9-]+)", row))


def test_every_make_target_that_the_readme_names_exists_and_has_its_line_of_help() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    helped = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)

    assert {*re.findall(r"`?make ([a-z]+)", README)} <= {*helped}
    assert {"demo", "run", "test", "lint", "format"} <= {*helped}


def test_the_config_of_the_readme_loads(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

    loaded = config.parse(example, file=tmp_path / "config.yaml", environ={})

    assert loaded.warnings == ()
    assert [source.id for source in loaded.sources] == ["bbc-politics", "govuk-china-news", "questions"]


def test_the_configs_of_the_sources_page_load(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)

    configs = [config.parse(example, file=tmp_path / "config.yaml", environ={}) for example in examples]

    assert [len(loaded.sources) for loaded in configs] == [4, 0]
    assert [len(loaded.mirrors) for loaded in configs] == [0, 2]


def test_the_sources_page_names_every_finder_and_list() -> None:
    page = (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8")

    assert [name for name in (*govuk.FINDERS, *parliament.LISTS) if f"`{name}`" not in page] == []


def test_the_numbers_of_sources_in_the_readme_are_those_of_the_config() -> None:
    loaded = config.load(PROJECT / "config.yaml", {})
    on = sum(source.enabled for source in loaded.sources)

    assert f"{len(loaded.sources)} sources, {on} of them on" in README


def test_the_kept_schema_is_the_schema_of_the_code() -> None:
    kept = (PROJECT / "config.schema.json").read_text(encoding="utf-8")

    assert kept == config.schema_text(), "run `make schema`"


def test_every_top_level_key_of_the_schema_is_in_the_shipped_config() -> None:
    schema = json.loads((PROJECT / "config.schema.json").read_text(encoding="utf-8"))
    shipped = (PROJECT / "config.yaml").read_text(encoding="utf-8")

    assert [
        key for key in schema["properties"] if not re.search(rf"^(# )?{key}:", shipped, re.MULTILINE)
    ] == []


RULES_TABLE = re.findall(
    r"^\| `([^|]*?)` \| ([^|]*) \| ([^|]*) \|",
    (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("term", "finds", "misses"), RULES_TABLE, ids=[row[0] for row in RULES_TABLE])
def test_the_rule_table_tells_the_truth(term: str, finds: str, misses: str) -> None:
    book = RuleBook(RuleSpec(uk=(term,)))

    def found(text: str) -> bool:
        return bool(book.classify(make_item(text)).matches)

    assert [example for example in re.findall("`(.*?)`", finds) if not found(example)] == []
    assert [example for example in re.findall("`(.*?)`", misses) if found(example)] == []
    assert "`" in finds


def test_the_tests_of_the_rules_page_pass_under_the_shipped_config(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^## Tests of your own\n.*?```yaml\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "tests.yaml").write_text(example, encoding="utf-8")

    run = monitor("--config", PROJECT / "config.yaml", "test", "tests.yaml", cwd=tmp_path)

    assert run.code == 0, run.out
    assert run.out.endswith("ok 4, failed 0, todo 1\n")


def test_nothing_names_a_machine_or_a_package_index() -> None:
    index = "index" + "-url"  # in two pieces, so that this line is not one of them
    traces = re.compile(rf"(?<![\w.])/(?:root|work)/|{index}|://[^ \"]*/simple/")
    files = [p for p in PROJECT.rglob("*") if p.is_file() and not {*p.relative_to(PROJECT).parts} & IGNORED]
    named = [
        p.name
        for p in files
        if p.suffix in TEXT and p != Path(__file__) and traces.search(p.read_text("utf-8", "replace"))
    ]

    assert named == []


IGNORED = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "demo-output",
    "build",
    "data",
}
TEXT = {".py", ".md", ".yaml", ".toml", ".txt", ".html", ".json", ".css", ""}
