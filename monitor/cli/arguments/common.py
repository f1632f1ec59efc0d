"""Shell: what a command is, and the options that many have."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

Add = Callable[[argparse.ArgumentParser], None]
"""Tells a parser of options."""


def nothing(_parser: argparse.ArgumentParser) -> None:
    """For a command without options of its own."""


class Command:
    """A command: what it does, the module of `cli` that has the function of its name, its options."""

    __slots__ = ("add", "module", "says")

    def __init__(self, says: str, module: str, add: Add = nothing) -> None:
        self.says = says
        self.module = module
        self.add = add


def as_json(parser: argparse.ArgumentParser, default: object = False) -> None:
    """The option --json; `default` as argparse takes it."""
    parser.add_argument(
        "--json", action="store_true", default=default, help="one JSON object instead of a table"
    )


def count(text: str) -> int:
    """A whole number from 1 to 10,000. Raises ArgumentTypeError for all else."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return int(text)
