"""Shell: the commands about the config itself: init, check, schema."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import archive, render, resources
from .. import config as configs
from ..config import lint
from ..models import Judged, Problem
from .context import Context, UsageError, sides
from .output import is_coloured, plural, print_json

if TYPE_CHECKING:
    from ..config.values import Document
    from ..store import Store

SAMPLE = 2_000
"""Stored items that lints look at."""
MOST_DAYS = 4_096


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
    found, looked = None, _Looked()
    try:
        examined = configs.examine(
            configs.find(context.args.config, context.environ, context.cwd), context.environ
        )
        found, problems = examined.config, examined.problems
        if found:
            context.config = found
            problems = (*problems, *_template_problems(context))
        if examined.document:
            lints, looked = _lints(context, examined.document, found)
            told = (*problems, *_channel_problems(examined.document))
            problems = _in_order([*lint.loud(examined.document, told), *lints])
    except configs.ConfigError as error:
        problems = error.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if context.args.json:
        stored = {"items": looked.items, "note": looked.note}
        problem_list = [_problem_json(problem) for problem in problems]
        print_json({"ok": not errors, "problems": problem_list, "stored": stored})
    else:
        for problem in problems:
            print(configs.describe(problem, colour=is_coloured(sys.stdout)))
            print()
        print(_check_summary(found, errors, len(problems) - len(errors)))
        if looked.note:
            print(looked.note)
    return 2 if errors else 0


def _channel_problems(document: Document) -> Iterator[Problem]:
    """Channels that the installed Apprise cannot use; without one, that it is needed."""
    from ..deliver import channels

    found = list(lint.channels(document))
    if found and not channels.is_installed():
        loc, _ = found[0]
        yield document.warning(loc, "nothing can be sent to channels: Apprise is missing", channels.INSTALL)
        return
    hint = "Apprise has a page on each service: https://github.com/caronc/apprise/wiki"
    for (loc, _), wrong in zip(found, channels.faults([url for _, url in found]), strict=True):
        if wrong:
            yield document.error(loc, wrong, hint)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By line within each file, the config before the templates."""
    files = {file: at for at, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return tuple(sorted(problems, key=lambda p: (files[p.file], p.line, p.column)))


@dataclass(frozen=True, slots=True)
class _Looked:
    """How much of the database the lints have seen."""

    items: int = 0
    note: str = ""


def _lints(
    context: Context, document: Document, found: configs.Config | None
) -> tuple[tuple[Problem, ...], _Looked]:
    """The lint warnings. A database that is missing, busy or of another version only makes them say less."""
    if found is None:
        return lint.lint(document), _Looked()
    from ..store import Store, StoreError

    try:
        with Store.open(found.database, read_only=True, busy_timeout=1.0) as store:
            items = latest(store, context.now)
            reports = {r.id: lint.SourceRecord(r.items, r.matched) for r in store.source_report()}
    except StoreError as error:
        return lint.lint(document), _Looked(note=f"Stored items were not looked at: {error}")
    return lint.lint(document, lint.Stored(items, sides(found), reports)), _Looked(len(items))


def latest(store: Store, now: datetime) -> list[Judged]:
    """The latest items, SAMPLE or a few more, so that `check` is as quick with a large database."""
    since = None
    if store.count_items() > SAMPLE:
        days = 1
        while days < MOST_DAYS and store.count_items(now - timedelta(days=days)) < SAMPLE:
            days *= 2
        since = _bisect(store, now - timedelta(days=days), now)
    return list(islice(store.each_item(since), 2 * SAMPLE))


def _bisect(store: Store, early: datetime, late: datetime) -> datetime:
    """A time, to a minute, since which SAMPLE items have come, as they have since `early`."""
    while late - early > timedelta(minutes=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if store.count_items(middle) >= SAMPLE else (early, middle)
    return early


def _template_problems(context: Context) -> tuple[Problem, ...]:
    env = render.environment(context.template_folders())
    return tuple(dict.fromkeys((*render.check_templates(env), *archive.check_templates(env))))


def _problem_json(problem: Problem) -> dict[str, Any]:
    names = ("severity", "code", "file", "line", "column", "message", "hint")
    return {name: getattr(problem, name) for name in names}


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
