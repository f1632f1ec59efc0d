"""Shell: argv → real client, files, clock → one job; prints; exit codes.

Commands are imported only when they run, so that `--help` and `health` answer at once.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType

from ..models import Refusal
from . import logs
from .arguments import COMMANDS, parser
from .context import Context

NEW_OBJECTS = 20_000
"""So many are made before those no longer used are looked for, and not 700 as is Python's way: a config of
thousands of terms, all of them kept, is read a fifth faster."""


def entry() -> None:
    """The `monitor` program."""
    gc.set_threshold(NEW_OBJECTS)
    # Process 1 of a container is deaf to SIGTERM until it says otherwise. `run` has a handler of its own.
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output went away (`monitor search x | head`): not an error, and nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except _Terminated:
        code = 128 + signal.SIGTERM
    if threading.active_count() > 1:
        # A fetch still waits for its server. All that matters is committed; do not wait with it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


class _Terminated(BaseException):
    """SIGTERM, on its way up through a command: what it has open is closed, an open transaction undone."""


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise _Terminated


def main(argv: Sequence[str]) -> int:
    """Runs one command. Returns 0 done, 1 findings or partial failure, 2 usage or config, 75 try later."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    logs.to_stderr(_log_level(args), as_json=args.log_format == "json")
    run = import_module(f"{__name__}.{COMMANDS[args.command].module}")
    command = getattr(run, args.command)
    return _guarded(command, Context(args, os.environ, Path.cwd()))


def _guarded(command: Callable[[Context], int], context: Context) -> int:
    try:
        with context, logs.run():
            return command(context)
    except Refusal as refusal:
        if context.args.log_format == "json":
            logging.getLogger("monitor").critical('refused="%s"', refusal.told())
        else:
            print(refusal.told(colour=_colour()), file=sys.stderr)
        return refusal.exit_code


def _colour() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def _log_level(args: argparse.Namespace) -> int:
    usual = logging.INFO if args.command == "run" else logging.ERROR
    return usual - 10 * int(args.verbose) + 10 * int(args.quiet)
