"""Shell: argparse as we use it: the width of a terminal, options in full, parsers made when needed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import cache

from .common import Add, nothing

TYPE_CHECKING = False  # what type checkers take for true, without an import of typing
if TYPE_CHECKING:
    from typing import Any

_FALLBACK = 80


@cache
def _columns() -> int:
    """The width of the terminal as shutil.get_terminal_size finds it, which takes long to import."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _FALLBACK  # type: ignore[union-attr]  # see below
    except (AttributeError, ValueError, OSError):  # standard output is None, closed, or no terminal
        return _FALLBACK


class _Formatter(argparse.HelpFormatter):
    """argparse makes one for each option that it is told of."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class Parser(argparse.ArgumentParser):
    """A parser of ours: options are written out in full."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **options)


class Later(Parser):
    """The parser of a command, which comes to be when it is needed: a run needs one of them, --help none."""

    def __init__(self, **options: Any) -> None:
        self._options = options  # and no more, until `fill`
        self.add: Add = nothing

    def fill(self) -> None:
        """Tells it of its options."""
        super().__init__(**self._options)
        self.add(self)
        global_options(self, first=False)

    def parse_known_args(  # type: ignore[override]  # of its overloads argparse calls this one
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does it."""
        self.fill()
        return super().parse_known_args(args, namespace)


def global_options(to: argparse.ArgumentParser, *, first: bool) -> None:
    """The options that may stand before or after the command; only the first set has defaults."""

    def default(value: object) -> object:
        return value if first else argparse.SUPPRESS

    shown = (lambda text: text) if first else (lambda _text: argparse.SUPPRESS)
    to.add_argument("--config", metavar="FILE", default=default(None), help=shown("config.yaml to use"))
    to.add_argument(
        "--log-format", choices=["text", "json"], default=default("text"), help=shown("how to log, on stderr")
    )
    to.add_argument(
        "-v", "--verbose", action="count", default=default(0), help=shown("log more (repeat: more yet)")
    )
    to.add_argument("-q", "--quiet", action="count", default=default(0), help=shown("log less"))
    to.add_argument("--now", metavar="ISO", default=default(None), help=shown("run as if it were this time"))


def sentence(text: str) -> str:
    """Words as one: with a capital and a full stop."""
    return text[0].upper() + text[1:] + "."
