"""Shell: the commands about the config itself: init, check, schema."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import config as configs
from .. import render, resources
from ..models import Problem
from .context import Context, UsageError
from .output import is_coloured, plural, print_json


def init(context: Context) -> int:
    """`monitor init`: overwrites nothing; with --templates a config that is there is left alone."""
    folder = context.cwd / context.args.folder
    target = folder / "config.yaml"
    if not (context.args.templates and target.exists()):
        print(f"wrote {configs.write_starter(resources.starter_config(), folder)}")
    if context.args.templates:
        print(f"wrote {_copied_templates(folder / 'templates')}")
    print(f"Next: edit it, then monitor --config {target} check")
    return 0


def _copied_templates(target: Path) -> Path:
    try:
        return shutil.copytree(resources.templates(), target)
    except FileExistsError:
        raise UsageError(f"{target} is there already; it was left as it is") from None
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None


def check(context: Context) -> int:
    """`monitor check`: 0 where the config can be used, warnings or not; 2 where it cannot."""
    problems: tuple[Problem, ...]
    found = None
    try:
        found = context.config
        problems = (*found.warnings, *_template_problems(context))
    except configs.ConfigError as error:
        problems = error.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if context.args.json:
        print_json({"ok": not errors, "problems": [_problem_json(problem) for problem in problems]})
    else:
        for problem in problems:
            print(configs.describe(problem, colour=is_coloured(sys.stdout)))
            print()
        print(_check_summary(found, errors, len(problems) - len(errors)))
    return 2 if errors else 0


def _template_problems(context: Context) -> tuple[Problem, ...]:
    return render.check_templates(render.environment(context.template_folders()))


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        name: getattr(problem, name) for name in ("severity", "file", "line", "column", "message", "hint")
    }


def _check_summary(found: configs.Config | None, errors: Sequence[Problem], warnings: int) -> str:
    counts = f"{plural(len(errors), 'error')}, {plural(warnings, 'warning')}"
    if found is None:
        return f"{counts}. Nothing can run until the errors are gone."
    enabled = sum(source.enabled for source in found.sources)
    rules = len(found.rulebook.rules) + len(found.rules.ignore)
    sizes = [
        f"{plural(len(found.sources), 'source')} ({enabled} on)",
        plural(rules, "term"),
        plural(len(found.topics), "topic"),
        plural(len(found.digests), "digest"),
    ]
    return f"{counts} in {found.file.name}: {', '.join(sizes)}. Rules {found.rulebook.version}."


def schema(context: Context) -> int:  # noqa: ARG001 - every command takes its context
    """`monitor schema`."""
    print(configs.schema_text(), end="")
    return 0
