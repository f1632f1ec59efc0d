"""Shell: the commands and their options, and what --help says of them.

A module for each kind of command: `everyday`, `rules`, `stored`, `actions` (sources, mail), `upkeep`.
`common` has what a command is, and the options that many have; `parsers` what we make of argparse.
"""

from __future__ import annotations

import argparse

from ... import VERSION
from .actions import WITH_ACTIONS
from .common import Command
from .everyday import EVERYDAY
from .parsers import Later, Parser, global_options, sentence
from .rules import RULES
from .stored import STORED
from .upkeep import UPKEEP

__all__ = ["COMMANDS", "Command", "global_options", "parser"]

COMMANDS: dict[str, Command] = EVERYDAY | RULES | STORED | WITH_ACTIONS | UPKEEP
"""By name, in the order in which --help lists them."""


def parser(*, whole: bool = False) -> argparse.ArgumentParser:
    """The command line; `whole`: with the options of every command, and not only once they are parsed."""
    top = Parser(
        prog="monitor",
        description="Reads feeds, keeps what is about UK-China relations, writes the digest, and says why.",
        epilog="Exit codes: 0 done, 1 findings or a partial failure, 2 usage or config error, 75 try later.",
    )
    top.add_argument("--version", action="version", version=f"monitor {VERSION}")
    global_options(top, first=True)
    commands = top.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog="monitor", parser_class=Later
    )
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.says, description=sentence(command.says))
        sub.add = command.add
        if whole:
            sub.fill()
    return top
