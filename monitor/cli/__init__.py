"""Shell: argv → real client, files, clock → one job; prints; exit codes.

Commands are imported only when they run, so that `--help` and `health` answer at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

from .arguments import COMMANDS, parser

TYPE_CHECKING = False  # what type checkers take for true, without an import of typing
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from types import FrameType

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
    threads = sys.modules.get("threading")
    if threads and threads.active_count() > 1:
        # A fetch still waits for its server. All that matters is committed; do not wait with it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    gc.freeze()  # or the interpreter looks at all that there is once more before it ends
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
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    from importlib import import_module
    from pathlib import Path

    from . import logs
    from .context import Context

    logs.to_stderr(_log_level(args), as_json=args.log_format == "json")
    module = import_module(f"{__name__}.{COMMANDS[args.command].module}")
    return _guarded(getattr(module, args.command), Context(args, os.environ, Path.cwd()))


def _guarded(command: Callable[[Context], int], context: Context) -> int:
    import logging

    from ..models import Refusal
    from . import logs

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
    import logging

    usual = logging.INFO if args.command == "run" else logging.ERROR
    return usual - 10 * int(args.verbose) + 10 * int(args.quiet)
