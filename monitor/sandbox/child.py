"""I/O: the child's side: confines itself, then answers requests until its parent is gone."""

from __future__ import annotations

import json
import logging
import math
import pickle
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ..parse import ParseError
from .frames import LENGTH, MIB, read_frame
from .work import WORK


def serve() -> None:
    """What a child does: answers requests on its standard input until that is closed.

    Anything unforeseen ends it, after its last words have gone to the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()  # of the libraries; nobody reads it
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing that a library prints may get between the frames

    def last_words(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        what = (
            "needed more memory than it may have"
            if kind is MemoryError
            else f"broke on it ({kind.__name__}: {error})"
        )
        with suppress(BrokenPipeError):
            _answer(answers, {"error": f"the parser {what}", "fatal": True})

    sys.excepthook = last_words
    confined = False
    while True:
        request = read_frame(requests)
        if request is None:
            return
        name, given, memory, cpu_seconds = pickle.loads(request)  # noqa: S301 - written by the parent
        if not confined:
            _confine(memory)
            confined = True
        document = read_frame(requests)
        if document is None:
            return
        _allow_processor_time(cpu_seconds)
        try:
            answer = WORK[name](document, *given)
        except ParseError as error:
            answer = {"error": str(error), "ended": error.ended}
        _answer(answers, answer)


def _answer(pipe: IO[bytes], answer: dict[str, Any]) -> None:
    frame = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    pipe.write(LENGTH.pack(len(frame)) + frame)
    pipe.flush()


def _confine(memory: int) -> None:
    """Takes away what parsing does not need: memory beyond `memory` bytes, files to write, core dumps."""
    _limit(resource.RLIMIT_AS, _address_space(memory))
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)
    _limit(resource.RLIMIT_CORE, 0)


def _address_space(memory: int) -> int:
    """The address space with which a process holds `memory` bytes: what is only mapped comes on top."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:  # not Linux: nothing is known, so what a fresh interpreter maps at most is added
        return memory + 512 * MIB
    mapped, resident = int(pages[0]), int(pages[1])
    return memory + (mapped - resident) * resource.getpagesize()


def _allow_processor_time(seconds: int) -> None:
    """Lets this process run for so many seconds more; then it is ended by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)


def _limit(what: int, soft: int) -> None:
    """Sets the soft limit, the hard one where it must not be raised again later being left alone."""
    _, hard = resource.getrlimit(what)
    # A system may know a limit and refuse to set it (RLIMIT_AS on macOS); the wall limit still holds.
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
