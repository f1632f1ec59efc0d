"""Shell: what a machine's keeper needs now and then: backup, prune, completion."""

from __future__ import annotations

import argparse
from typing import Any

from ..jobs import upkeep
from ..store import Pruned, Space, back_up
from .arguments import parser
from .context import Context, UsageError
from .output import one_line, plural, print_json

WORTH_TELLING = 1_000_000
"""Free bytes of the file."""


def backup(context: Context) -> int:
    """`monitor backup FILE`: works beside a running service, and says how to put the copy back."""
    database, to = context.config.database, context.cwd / context.args.file
    size = back_up(database, to, overwrite=context.args.force)
    if context.args.json:
        print_json({"database": database, "file": to, "bytes": size})
        return 0
    print(f"{one_line(str(to))}: {_megabytes(size)}, read through and whole")
    print(f"To restore it: stop the service, delete {database.name}-wal and {database.name}-shm beside")
    print(f"{database}, and put the copy in its place.")
    return 0


def prune(context: Context) -> int:
    """`monitor prune`: what the service does once a day."""
    config, args = context.config, context.args
    if not config.database.exists():
        raise UsageError(f"{config.database} does not exist yet: there is nothing to delete")
    store = context.reader if args.dry_run else context.store
    limits = upkeep.limits(config, context.now)
    done = store.upkeep.prunable(limits) if args.dry_run else upkeep.prune(config, store, context.now)
    kept = store.upkeep.count_older(limits) - (done.unmatched + done.matched if args.dry_run else 0)
    if args.vacuum and not args.dry_run:
        store.upkeep.vacuum()
    space = store.upkeep.space()
    if args.json:
        print_json(_pruned_json(context, done, kept, space))
        return 0
    verb = "Would delete" if args.dry_run else "Deleted"
    print(
        f"{verb} {plural(done.unmatched, 'unmatched item')}, {plural(done.matched, 'matched item')} "
        f"and the bytes of {plural(done.mails, 'mail')}."
    )
    if kept:
        needed = "an edition, a story, a label or a digest needs them, or a feed still has them"
        print(f"{plural(kept, 'older item')} kept: {needed}.")
    _say_retention(context)
    print(f"{config.database.name} has {_megabytes(space.bytes)}; {_megabytes(space.free)} of it are free.")
    if space.free >= WORTH_TELLING:
        print("What comes next goes there; `monitor prune --vacuum` gives it back to the disk.")
    return 0


def _say_retention(context: Context) -> None:
    config = context.config
    spans = {"unmatched": config.retention_unmatched, "matched": config.retention_matched}
    for name, kept in spans.items():
        if kept is not None and kept < upkeep.LEAST_KEPT:
            print(f"retention.{name} is less than {upkeep.LEAST_KEPT.days} days, which are kept in any case.")


def _pruned_json(context: Context, done: Pruned, kept: int, space: Space) -> dict[str, Any]:
    return {
        "dry_run": context.args.dry_run,
        "unmatched": done.unmatched,
        "matched": done.matched,
        "mails": done.mails,
        "kept": kept,
        "database": context.config.database,
        "bytes": space.bytes,
        "free_bytes": space.free,
    }


def completion(context: Context) -> int:
    """`monitor completion SHELL`: a script for that shell, made from the options that --help tells."""
    import shtab

    top = parser(whole=True)
    _complete_files(top)
    print(shtab.complete(top, context.args.shell))
    return 0


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Has arguments that are files or folders completed with those that there are."""
    import shtab

    known = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
    for action in parser._actions:  # as shtab does: argparse tells it no other way
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                _complete_files(sub)
        elif action.metavar in known:
            action.complete = known[action.metavar]  # type: ignore[attr-defined] # where shtab looks for it


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
