"""Shell: the options of the commands for whoever keeps the machine."""

from __future__ import annotations

import argparse

from .common import Command, as_json

SHELLS = ("bash", "zsh", "fish")


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to, as in backups/monitor-2026-01-29.db")
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    as_json(parser)


def _prune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument(
        "--vacuum",
        action="store_true",
        help="then give the file's free space back to the disk; takes a while",
    )
    as_json(parser)


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


UPKEEP: dict[str, Command] = {
    "health": Command("exit 0 when polls are fresh and the database is writable", "condition", as_json),
    "backup": Command(
        "copy the database, also while the service runs, and check the copy", "upkeep", _backup
    ),
    "prune": Command("delete what retention: no longer keeps", "upkeep", _prune),
    "schema": Command("the JSON Schema of config.yaml", "rules"),
    "completion": Command("a script that completes commands and options in a shell", "upkeep", _completion),
}
