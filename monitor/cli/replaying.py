"""Shell: `monitor diff` and `monitor reclassify`: rules tried on stored items, and applied to them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import config as configs
from .. import tune
from ..classify import RuleBook
from . import replayed
from .context import Context, UsageError, sides, since_or_all
from .output import plural, print_json, watched

if TYPE_CHECKING:
    from ..jobs.reclassify import Reclassified


@dataclass(frozen=True, slots=True)
class Draft:
    """The rules to try, and what to call them."""

    rules: tune.Rules
    name: str


def diff(context: Context) -> int:
    """`monitor diff`: exit 1 where an item labelled relevant is lost."""
    config = context.config
    before = tune.Rules(config.rulebook, sides(config))
    draft, start = _draft(context, before), _start(context)
    if not tune.changes(before, draft.rules):
        nothing = f"Nothing changes: {draft.name} has the same rules as {config.file.name}."
        return _report_diff(context, before, draft, start, tune.replay((), before, draft.rules, {}), nothing)
    began = time.monotonic()
    with watched(context.reader.count_items(start), "Replaying") as watch:
        items = watch(context.reader.each_item(start))
        labels = context.reader.labels()
        result = tune.replay(items, before, draft.rules, labels, shown=context.args.show)
    nothing = "" if result.replayed else _nothing_stored(context, start)
    seconds = time.monotonic() - began
    return _report_diff(context, before, draft, start, result, nothing, seconds)


def _report_diff(
    context: Context,
    before: tune.Rules,
    draft: Draft,
    start: datetime | None,
    result: tune.Replay,
    nothing: str,
    seconds: float = 0.0,
) -> int:
    if context.args.json:
        print_json(_diff_json(context, before, draft, start, result))
    elif nothing:
        print(nothing)
    else:
        replayed.print_diff(result, draft.name, start, context.config, seconds)
    return int(bool(result.labels.lost))


def _diff_json(
    context: Context, before: tune.Rules, draft: Draft, start: datetime | None, result: tune.Replay
) -> dict[str, Any]:
    args = context.args
    versions = {"before": before.book.version, "after": draft.rules.book.version}
    return {
        "since": start,
        "rules": {**versions, "file": args.rules, "add": args.add, "drop": args.drop},
        **replayed.counts_json(result),
        **replayed.changes_json(result),
        "samples": replayed.samples_json(result),
        "labels": replayed.labels_json(result),
        "safe": result.safe,
        "why": list(result.why),
    }


def reclassify(context: Context) -> int:
    """`monitor reclassify`: writes, unless --dry-run; exit 1 where an item labelled relevant is lost."""
    from ..jobs.reclassify import reclassify as judge_anew

    args, config = context.args, context.config
    start = _start(context)
    # Where there is nothing to judge yet nothing is made: the reader says what to do.
    reader = context.reader
    store = reader if args.dry_run else context.store
    with watched(store.count_items(start), "Judging") as watch:
        done = judge_anew(config, store, since=start, dry_run=args.dry_run, shown=args.show, watch=watch)
    if args.json:
        print_json(_reclassified_json(context, start, done))
    elif not done.replay.replayed:
        print(_nothing_stored(context, start))
    else:
        replayed.print_reclassified(done, config, dry_run=args.dry_run)
    return int(bool(done.replay.labels.lost))


def _reclassified_json(context: Context, start: datetime | None, done: Reclassified) -> dict[str, Any]:
    return {
        "since": start,
        "dry_run": context.args.dry_run,
        "rules_version": context.config.rulebook.version,
        "written": done.written,
        **replayed.counts_json(done.replay),
        "samples": replayed.samples_json(done.replay),
        "labels": replayed.labels_json(done.replay),
        "digests": [
            {"digest": one.digest.id, "waiting_before": one.before, "waiting": one.after}
            for one in done.waiting
        ],
    }


def _draft(context: Context, today: tune.Rules) -> Draft:
    args = context.args
    if not (args.rules or args.add or args.drop):
        raise UsageError(
            "say what to try: --rules FILE, or single edits as in "
            '--add "trade:market access" --drop trade:tariff*'
        )
    rules, name = today, context.config.file.name
    if args.rules:
        drafted = _config_file(context, args.rules)
        # A draft may leave out the sources: their stored items are then judged as they are today.
        rules = tune.Rules(drafted.rulebook, {**today.sides, **sides(drafted)})
        name = args.rules
    edits = len(args.add) + len(args.drop)
    if not edits:
        return Draft(rules, name)
    try:
        spec = tune.edited(rules.book.spec, add=args.add, drop=args.drop)
    except tune.EditError as error:
        raise UsageError(str(error)) from None
    return Draft(replace(rules, book=RuleBook(spec)), f"{name} with {plural(edits, 'edit')}")


def _config_file(context: Context, name: str) -> configs.Config:
    path = context.cwd / name
    if not path.exists():
        copy = f"copy {context.config.file.name} to it and edit the copy"
        raise UsageError(f"there is no file {name} with rules to try; {copy}, or use --add and --drop")
    return configs.load(path, context.environ)


def _start(context: Context) -> datetime | None:
    """The beginning of the replay; None for all there is."""
    return since_or_all(context.args.since, context.now)


def _nothing_stored(context: Context, start: datetime | None) -> str:
    stored = context.reader.count_items(None) if start else 0
    if not start or not stored:
        return "Nothing is stored yet: run `monitor poll` first."
    day = replayed.day(start, context.config)
    return f"No stored item was first seen since {day}; --since all takes in all {plural(stored, 'item')}."
