"""Runs the program in children that find it imported. A script: `program.monitor` starts it and asks it.

Most commands of the tests do a tenth of a second's work. To import the program takes half a second, to
compile its templates and the terms that ship takes one more. So this does it once, and forks for each
request. The child is a process like any other, with arguments, folder, environment, standard streams and exit
code of its own.

A request is its length (4 bytes, big-endian), which four file descriptors go with, then itself, pickled. The
descriptors are standard input, output and error, and a pipe: it is told the child's number, and then its end.
"""

from __future__ import annotations

import gc
import os
import pickle
import pkgutil
import socket
import struct
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

LENGTH = struct.Struct(">I")
NUMBER = struct.Struct(">i")


class Request(NamedTuple):
    """One run of the program. The environment is all that it has."""

    args: tuple[str, ...]
    cwd: str
    env: dict[str, str]


def serve(requests: socket.socket) -> None:
    """Answers until nobody is left to ask. Returns in each child, which then is to be the program."""
    while True:
        head, fds, _, _ = socket.recv_fds(requests, LENGTH.size, 4)
        if not head:
            sys.exit()
        request = pickle.loads(requests.recv(LENGTH.unpack(head)[0], socket.MSG_WAITALL))
        if os.fork():
            for fd in fds:
                os.close(fd)
            _clear_away()
            continue
        requests.close()
        _watch(fds.pop())
        for standard, fd in enumerate(fds):
            os.dup2(fd, standard)
            os.close(fd)
        _become(request)
        return


def _clear_away() -> None:
    """Lets children go that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _watch(told: int) -> None:
    """Returns in a child, and stays behind to tell of its end."""
    child = os.fork()
    if not child:
        os.close(told)
        return
    os.write(told, NUMBER.pack(child))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(told, NUMBER.pack(code))
    os._exit(0)


def _become(request: Request) -> None:
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    sys.path[0] = request.cwd  # as with `python -m monitor`
    sys.argv = ["monitor", *request.args]


if __name__ == "__main__":
    cli = import_module("monitor.cli")
    for module in pkgutil.iter_modules(cli.__path__):
        import_module(f"monitor.cli.{module.name}")
    for package in ("monitor.config", "monitor.models", "monitor.store", "monitor.text"):
        whole = import_module(package)
        for name in whole.__all__:  # each is imported when it is asked for
            getattr(whole, name)
    for library in ("monitor.fetch", "monitor.sandbox", "rich.console", "rich.progress", "rich.table"):
        import_module(library)
    templates = import_module("monitor.render").environment([import_module("monitor.resources").templates()])
    for name in templates.list_templates(["html", "txt"]):
        templates.get_template(name)
    # The terms that ship: what they compile to is remembered.
    import_module("monitor.config").check(Path(__file__).parent.parent / "config.yaml", {})
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
    cli.entry()
