"""I/O: the parent's side: children that are started when needed, and replaced after a breach."""

from __future__ import annotations

import json
import os
import pickle
import queue
import selectors
import signal
import subprocess
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, TypeVar

from ..models import Fetched, Page, PageFormat, ParsedFeed, Source
from ..parse import ParseError
from .answers import NONSENSE, error_in, feed_in, page_in
from .frames import LENGTH, MIB, framed, missing_of

Result = TypeVar("Result")

DOCUMENTS_PER_CHILD = 1_000
"""Then a child is replaced, so that what leaks in a library stays small."""

PATIENCE = 5.0
"""Seconds that a document waits for a child before one more is started. The thirty that a poll has under way
take one child some four: another is for when one of them keeps it busy."""

_PIECE = 256 * 1024
_GRACE = 2.0
"""Seconds that an idle child has to end by itself."""
# The parent's search path, since it may run from a checkout; -I keeps the environment and the folder it was
# started in from adding to it.
_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from monitor.sandbox.child import serve; serve()"
# What Python needs to start. The rest may hold passwords.
_ENVIRONMENT = frozenset(
    ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "TMPDIR")
)


@dataclass(frozen=True, slots=True)
class _Job(Generic[Result]):
    """One thing that a child is asked to do: a name of `WORK`, and what it is given."""

    name: str
    document: bytes
    given: tuple[Any, ...]
    """What is known of the document."""
    opened: Callable[[Any], Result]
    """Takes the answer apart. Raises one of `NONSENSE` where it is not of the form that `WORK` gives it."""


class ParserPool:
    """Up to `workers` children that parse. May be used by many threads at once; a context manager.

    A child may hold `memory` bytes, and spend `cpu_seconds` of processor time and `wall_seconds` of wall time
    on one document. One more is started where a document has waited `patience` seconds for one.
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        memory: int = 256 * MIB,
        cpu_seconds: int = 15,
        wall_seconds: float = 20.0,
        patience: float = PATIENCE,
    ) -> None:
        self._children = [_Child(memory, cpu_seconds, wall_seconds) for _ in range(workers)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._spare = deque(self._children)
        self._idle.put(self._spare.popleft())
        self._patience = patience
        self._closed = False

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, source: Source, fetched: Fetched, before: bytes = b"") -> ParsedFeed:
        """`parse.parse_feed` in a child; waits where all are busy.

        Raises ParseError also where a document took too long, needed too much memory or broke the parser, and
        RuntimeError once the pool is closed.
        """
        given = (source, replace(fetched, body=None), before)
        return self._done(_Job("feed", fetched.body or b"", given, lambda answer: feed_in(answer, source)))

    def page(self, format: PageFormat, fetched: Fetched) -> Page:  # noqa: A002 - its name
        """`parse.parse_page` in a child, like `parse` in all else."""
        given = (format, fetched.url, fetched.content_type)
        return self._done(_Job("page", fetched.body or b"", given, page_in))

    def _done(self, job: _Job[Result]) -> Result:
        child = self._free()
        try:
            if self._closed:
                raise RuntimeError("the parser pool is closed")
            result = child.ask(job)
        finally:
            self._idle.put(child)
        if isinstance(result, ParseError):
            raise result
        return result

    def _free(self) -> _Child:
        """A child that has nothing to do; one more where all stayed busy for longer than the pool's patience.

        To start one takes as long as to read twenty documents. It pays where there are hundreds of them, or
        where one keeps the others waiting.
        """
        if self._spare:
            with suppress(queue.Empty):
                return self._idle.get(timeout=self._patience)
            with suppress(IndexError):  # another thread has taken the last
                return self._spare.popleft()
        return self._idle.get()

    def close(self) -> None:
        """Ends the children at once, also where they are busy: their documents give ParseError."""
        self._closed = True
        for child in self._children:
            child.kill()
        with suppress(IndexError):
            while True:
                self._idle.put(self._spare.popleft())
        # Each is cleared away by who holds it: a pipe must not be closed under a thread that reads it.
        for child in [self._idle.get() for _ in self._children]:
            child.stop()
            self._idle.put(child)


class _Child:
    """One place in the pool, and the process that fills it, if any."""

    def __init__(self, memory: int, cpu_seconds: int, wall_seconds: float) -> None:
        self._memory = memory
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._parsed = 0

    def ask(self, job: _Job[Result]) -> Result | ParseError:
        """What the process answers. It is kept only where the whole answer came and the process can go on."""
        process = self._ready()
        request = pickle.dumps((job.name, job.given, self._memory, self._cpu_seconds))
        sound = False
        try:
            answer = json.loads(
                _exchange(process, (request, job.document), time.monotonic() + self._wall_seconds)
            )
            result = error_in(answer) or job.opened(answer)
            sound = not answer.get("fatal")
        except TimeoutError:
            return ParseError(f"reading it took longer than {self._wall_seconds:g} seconds: given up")
        except (BrokenPipeError, EOFError):
            return ParseError(self._cause_of_death(process))
        except NONSENSE as error:
            return ParseError(f"the parser's answer could not be read ({error})")
        finally:
            if not sound:
                self.stop()
        return result

    def kill(self) -> None:
        """Kills the process, if there is one, and leaves it lying. The one method for other threads."""
        process = self._process
        if process:
            process.kill()

    def stop(self) -> None:
        """Kills the process, if there is one, waits for it and closes its pipes."""
        process, self._process = self._process, None
        if process:
            self._at_exit.detach()
            _end(process, kill=True)

    def _ready(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process and (process.poll() is not None or self._parsed >= DOCUMENTS_PER_CHILD):
            self.stop()
            process = None
        if not process:
            process = self._process = _start()
            self._parsed = 0
            self._at_exit = weakref.finalize(self, _end, process)
        self._parsed += 1
        return process

    def _cause_of_death(self, process: subprocess.Popen[bytes]) -> str:
        try:
            status = process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return "the parser closed its pipes"
        if status == -signal.SIGXCPU:
            return f"reading it took more than {self._cpu_seconds} seconds of processor time: given up"
        if status == -signal.SIGKILL:
            return "the parser was killed: the program is being stopped, or the machine is out of memory"
        return f"the parser broke on it, most likely for want of memory (status {status})"


def _start() -> subprocess.Popen[bytes]:
    """A child that waits for its first request. It has its own session: Ctrl-C is for the parent alone."""
    home = str(Path(__file__).parent.parent.parent)
    path = [*(str(Path(entry).absolute()) for entry in sys.path if entry), home]
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and nothing that came from outside
        [sys.executable, "-I", "-c", _BOOT, *path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
        start_new_session=True,
    )
    for pipe in (process.stdin, process.stdout):
        if pipe:
            os.set_blocking(pipe.fileno(), False)
    return process


def _end(process: subprocess.Popen[bytes], kill: bool = False) -> None:
    """Lets a process end by itself, or kills it; in both cases it is waited for and its pipes are closed."""
    if kill:
        process.kill()
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _exchange(
    process: subprocess.Popen[bytes], request: tuple[bytes, ...], deadline: float
) -> bytes | bytearray:
    """Sends a request, a frame for each of its parts, and returns the answer.

    Raises TimeoutError at the deadline, EOFError or BrokenPipeError where the process ended, and ValueError
    for an answer beyond the limit.
    """
    if process.stdin is None or process.stdout is None:
        raise EOFError
    unsent = deque(memoryview(part) for parts in map(framed, request) for part in parts if part)
    length, answer = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        while (missing := missing_of(length, answer)) > 0:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() > deadline:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is process.stdout:
                    coming = length if len(length) < LENGTH.size else answer
                    coming += _read(process.stdout, missing)
                    break
                first = unsent.popleft()
                rest = first[os.write(key.fd, first[:_PIECE]) :]
                if rest:
                    unsent.appendleft(rest)
                if not unsent:
                    selector.unregister(process.stdin)
    return answer


def _read(pipe: IO[bytes], most: int) -> bytes:
    piece = os.read(pipe.fileno(), min(most, _PIECE))
    if not piece:
        raise EOFError
    return piece
