"""How much memory and processor time a program takes, as the kernel counts it."""

from __future__ import annotations

import sys

LAUNCHER = """\
import os, resource, sys
child = os.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
status = os.waitpid(child, 0)[1]
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measured(*command: str) -> list[str]:
    """The command with a launcher before it, which writes a last line to standard error: see `figures`.

    A process is said to have held what its parent held when it forked: so its parent has to be a small one.
    """
    return [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]


def figures(line: str) -> tuple[int, float]:
    """The most bytes that the program or one of its children held, and their seconds of processor time."""
    kilobytes, seconds = line.split()
    return int(kilobytes) * 1024, float(seconds)
