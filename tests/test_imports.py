"""The plan of the house, checked: who may import whom, one library one module, one clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "monitor"

# What each module may import from this package. The flow sentence is the order of the rows:
# schedule → fetch → parse → classify → store → group → digest → render → deliver
CORE = {
    "models": set(),
    "text": set(),
    "polling": {"models"},
    "govuk": {"models", "text"},
    "parse": {"models", "text", "govuk"},
    "classify": {"models", "text"},
    "group": {"models", "text"},
    "digest": {"models", "text"},
    "render": {"models", "digest"},
    "tune": {"models", "text", "classify", "group"},
}
EDGE = {
    "resources": set(),
    "config": {"models", "text", "classify"},
    "fetch": {"models"},
    "sandbox": {"models", "parse"},
    "store": {"models"},
    "deliver": {"models"},
    "demo": {"models", "resources"},
}
SHELL = {
    "schedule": set(),
    "jobs": {*CORE, *EDGE} - {"demo"},
    "cli": {*CORE, *EDGE, "jobs", "schedule"},
    "__main__": {"cli"},
    "__init__": set(),
}
MAY_IMPORT = CORE | EDGE | SHELL

# A library's oddities stay in one module.
ONLY_USER = {
    "httpx": "fetch",
    "httpcore": "fetch",
    "feedparser": "parse",
    "sqlite_utils": "store",
    "sqlite3": "store",
    "jinja2": "render",
    "smtplib": "deliver",
    "apscheduler": "schedule",
    "ruamel": "config",
    "pydantic": "config",
    "opencc": "text",
    "rapidfuzz": "group",
    "rich": "cli",
}
# The core decides on values: it does no input or output and never logs.
NOT_IN_CORE = {"logging", "os", "socket", "subprocess", "multiprocessing", "time", "urllib.request"}
CLOCKS = {"now", "utcnow", "today"}


def modules() -> list[tuple[str, Path]]:
    """Every file of the package with the name of the module, or package, it belongs to."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in files]


def imports(path: Path) -> list[tuple[str, str]]:
    """(top-level library, dotted rest) of each import in a file; our own are under "monitor"."""
    found = []
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.partition(".")[::2]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            top, _, rest = (node.module or "").partition(".")
            found += [(top, f"{rest}.{alias.name}".strip(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            found += [("monitor", f"{node.module or ''}.{alias.name}".strip(".")) for alias in node.names]
    return found


def each(of: set[str] = set(MAY_IMPORT)) -> pytest.MarkDecorator:  # noqa: B006 - never changed
    """Runs a test for every file of these modules."""
    files = [(module, path) for module, path in modules() if module in of or module not in MAY_IMPORT]
    return pytest.mark.parametrize(
        ("module", "path"), files, ids=[str(path.relative_to(PACKAGE)) for _, path in files]
    )


@each()
def test_a_module_imports_only_what_the_plan_allows(module: str, path: Path) -> None:
    assert module in MAY_IMPORT, f"{path.name}: give the module a row in the table above"

    ours = {rest.partition(".")[0] for top, rest in imports(path) if top == "monitor" and rest}

    assert ours - {module} <= MAY_IMPORT[module]


@each()
def test_a_library_has_one_user(module: str, path: Path) -> None:
    used = {top for top, _ in imports(path)}

    assert {lib for lib in used if ONLY_USER.get(lib, module) != module} == set()


@each(set(CORE))
def test_the_core_does_no_input_or_output(module: str, path: Path) -> None:
    used = {name for top, rest in imports(path) for name in (top, f"{top}.{rest}")}

    assert used & NOT_IN_CORE == set()


@each()
def test_only_schedule_reads_the_clock(module: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    attributes = [call for call in calls if isinstance(call, ast.Attribute)]
    read = [f"line {call.lineno}: {ast.unparse(call)}" for call in attributes if call.attr in CLOCKS]

    assert module == "schedule" or read == []


def test_every_row_of_the_plan_is_a_module() -> None:
    assert {module for module, _ in modules()} == set(MAY_IMPORT)
