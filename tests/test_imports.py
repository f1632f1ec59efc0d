"""The plan of the house, checked: who may import whom, what kind a file is, one user a library, the clock."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "monitor"

# What each module may import from this package. The flow sentence is the order of the rows:
# schedule → fetch → parse → classify → store → group → digest → render → deliver
CORE = {
    "models": {"lazily"},
    "text": {"lazily"},
    "polling": {"models"},
    "mailing": {"models"},
    "health": {"models"},
    "govuk": {"lazily", "models", "text"},
    "parliament": {"models"},
    "parse": {"lazily", "models", "text", "govuk"},
    "classify": {"lazily", "models", "text"},
    "group": {"models", "text"},
    "digest": {"models", "text"},
    "render": {"models", "text", "digest"},
    "archive": {"models", "digest", "render"},
    "tune": {"models", "text", "classify", "group"},
}
BORDER = {
    "resources": set(),
    "lazily": set(),
    "config": {"lazily", "models", "text", "classify", "govuk", "parliament"},
}
EDGE = {
    "fetch": {"models"},
    "sandbox": {"lazily", "models", "parse"},
    "store": {"lazily", "models"},
    "deliver": {"models"},
    "demo": {"models", "resources"},
    "watching": set(),
    "web": {"models"},
}
SHELL = {
    "schedule": set(),
    "jobs": {*CORE, *BORDER, *EDGE} - {"demo"},
    "cli": {*CORE, *BORDER, *EDGE, "jobs", "schedule"},
    "__main__": {"cli"},
    "__init__": set(),
}
MAY_IMPORT = CORE | BORDER | EDGE | SHELL

# The first word of each file's docstring.
KINDS = {"Core:": CORE, "Border:": BORDER, "I/O:": EDGE, "Shell:": SHELL}

# A library's oddities stay in one module.
ONLY_USER = {
    "httpx": "fetch",
    "httpcore": "fetch",
    "feedparser": "parse",
    "trafilatura": "parse",
    "sqlite_utils": "store",
    "sqlite3": "store",
    "jinja2": "render",
    "smtplib": "deliver",
    "apprise": "deliver",
    "dns": "deliver",
    "apscheduler": "schedule",
    "watchfiles": "watching",
    "starlette": "web",
    "uvicorn": "web",
    "anyio": "web",
    "yaml": "config",
    "pydantic": "config",
    "opencc": "text",
    "idna": "text",
    "email.message": "render",
    "ahocorasick_rs": "classify",
    "rapidfuzz": "group",
    "rich": "cli",
}
# The core decides on values: of the standard library it uses what computes, nothing that reaches outside.
STANDARD_IN_CORE = {
    *("__future__", "collections", "dataclasses", "enum", "functools", "itertools", "operator", "typing"),
    *("bisect", "calendar", "datetime", "hashlib", "heapq", "math", "statistics", "zlib", "zoneinfo"),
    *("codecs", "difflib", "html", "io", "json", "re", "string", "struct", "textwrap", "unicodedata"),
    "urllib.parse",
    *("sys", "traceback"),  # for sys.maxunicode, and the line of a template at fault
    "xml.etree.ElementTree",  # writes XML into text; what reads files or strangers' XML is not called
}
# The template folders: the core hands their paths on to Jinja's loader, which reads from them.
# Mails are made of values, and what `email` makes of them is values.
ALSO_USES = {
    "parse/faults.py": {"xml.parsers.expat"},
    "render/environment.py": {"pathlib"},
    "render/letter.py": {"email"},
}
NOT_CALLED_IN_CORE = {"open", "print", "input", "FileIO", "exec", "eval", "__import__"}

CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}
CLOCKS |= {"email.utils.formatdate", "email.utils.localtime", "email.utils.make_msgid"}
NO_CLOCKS = {"time.monotonic", "time.sleep"}


def modules() -> list[tuple[str, Path]]:
    """Every file of the package with the name of the module, or package, it belongs to."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in files]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> list[tuple[str, str]]:
    """(top-level library, dotted rest) of each import in a file; our own are under "monitor"."""
    found = []
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.partition(".")[::2]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            top, _, rest = (node.module or "").partition(".")
            found += [(top, f"{rest}.{alias.name}".strip(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            found += [("monitor", f"{node.module or ''}.{alias.name}".strip(".")) for alias in node.names]
    return found


def clocks_read(tree: ast.Module) -> list[str]:
    """The wall clocks that a file names, called or not, under whatever name it imports them."""
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            full |= {alias.asname: alias.name for alias in node.names if alias.asname}
            full |= {top: top for alias in node.names for top in [alias.name.partition(".")[0]]}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            full |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            name = full.get(first, "") + dot + rest
            if name in CLOCKS or (name.startswith("time.") and name not in NO_CLOCKS):
                found.append(f"line {node.lineno}: {name}")
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

    assert ours - {module, "VERSION"} <= MAY_IMPORT[module]


@each(set(MAY_IMPORT) - {"__init__"})
def test_a_file_says_first_of_which_kind_it_is(module: str, path: Path) -> None:
    word = (ast.get_docstring(parsed(path)) or "none").split()[0]

    assert module in KINDS.get(word, ()), f"{word} is not the kind of {module}"


@each()
def test_a_library_has_one_user(module: str, path: Path) -> None:
    others = {library for library, user in ONLY_USER.items() if user != module}

    assert [f"{top}.{rest}" for top, rest in imports(path) if _within(others, f"{top}.{rest}")] == []


@each(set(CORE))
def test_the_core_does_no_input_or_output(module: str, path: Path) -> None:
    allowed = STANDARD_IN_CORE | ALSO_USES.get(path.relative_to(PACKAGE).as_posix(), set())
    standard = [(top, rest) for top, rest in imports(path) if top in sys.stdlib_module_names]
    calls = [ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]

    assert [f"{top}.{rest}" for top, rest in standard if not _within(allowed, f"{top}.{rest}")] == []
    assert {call.rpartition(".")[2] for call in calls} & NOT_CALLED_IN_CORE == set()


def _within(allowed: set[str], name: str) -> bool:
    return any(f"{name}.".startswith(f"{one}.") for one in allowed)


@each()
def test_only_schedule_reads_the_clock(module: str, path: Path) -> None:
    assert module == "schedule" or clocks_read(parsed(path)) == []


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("from datetime import datetime\ndatetime.now(UTC)", ["line 2: datetime.datetime.now"]),
        (
            "from datetime import date as day\nfield(default_factory=day.today)",
            ["line 2: datetime.date.today"],
        ),
        ("import datetime as dt\ndt.datetime.utcnow()", ["line 2: datetime.datetime.utcnow"]),
        ("import time\ndatetime.fromtimestamp(time.time(), UTC)", ["line 2: time.time"]),
        ("from time import time\ntime()", ["line 2: time.time"]),
        ("from time import localtime as here\nhere()", ["line 2: time.localtime"]),
        ("import time\ntime.time_ns()", ["line 2: time.time_ns"]),
        ("import email.utils\nemail.utils.formatdate()", ["line 2: email.utils.formatdate"]),
        ("import time\ntime.monotonic()", []),
        (
            "from datetime import UTC, datetime\ndatetime.fromtimestamp(record.created, UTC)\ncontext.now()",
            [],
        ),
    ],
)
def test_a_clock_is_seen_under_any_name(source: str, read: list[str]) -> None:
    assert clocks_read(ast.parse(source)) == read


def test_every_row_of_the_plan_is_a_module() -> None:
    assert {module for module, _ in modules()} == set(MAY_IMPORT)
