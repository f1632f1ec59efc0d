"""I/O: parses documents in child processes under limits of memory, processor time and wall time.

feedparser can take minutes or gigabytes over a few kilobytes made for it, so can the libraries that read web
pages, and they hold the interpreter's lock, so that a thread cannot be stopped. A child can. It is started
when first needed, stays warm over many documents, is killed and replaced after a breach, and ends with its
parent, whose end closes its standard input.

Between them go frames: a length of four bytes (big-endian), then so many bytes. Requests are pickled, since
the parent is trusted. Answers are JSON, since a document that took the child over must not reach the parent:
they are read up to a limit and taken apart field by field.
"""

from __future__ import annotations

import json
import logging
import math
import os
import pickle
import queue
import resource
import selectors
import signal
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, TypeVar, get_args

from .models import ChangeNote, Fetched, Item, Page, PageFormat, PageStatus, ParsedFeed, Source
from .parse import ParseError, parse_feed, parse_page

Result = TypeVar("Result")

MIB = 1024 * 1024
MAX_ANSWER = 64 * MIB
DOCUMENTS_PER_CHILD = 1_000
"""Then a child is replaced, so that what leaks in a library stays small."""

_LENGTH = struct.Struct(">I")
_PIECE = 256 * 1024
# What an answer that is not ours may raise while it is taken apart.
_NONSENSE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
_GRACE = 2.0
"""Seconds that an idle child has to end by itself."""
# The parent's search path, since it may run from a checkout; -I keeps the environment and the folder it was
# started in from adding to it.
_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from monitor.sandbox import serve; serve()"
# What Python needs to start. The rest may hold passwords.
_ENVIRONMENT = frozenset(
    ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "TMPDIR")
)


@dataclass(frozen=True, slots=True)
class _Job(Generic[Result]):
    """One thing that a child is asked to do: a name of `_WORK`, and what it is given."""

    name: str
    given: tuple[Any, ...]
    opened: Callable[[Any], Result]
    """Takes the answer apart. Raises one of `_NONSENSE` where it is not of the form that `_WORK` gives it."""


class ParserPool:
    """Up to `workers` children that parse. May be used by many threads at once; a context manager.

    A child may hold `memory` bytes, and spend `cpu_seconds` of processor time and `wall_seconds` of wall time
    on one document.
    """

    def __init__(
        self, workers: int = 1, *, memory: int = 256 * MIB, cpu_seconds: int = 15, wall_seconds: float = 20.0
    ) -> None:
        self._children = [_Child(memory, cpu_seconds, wall_seconds) for _ in range(workers)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        for child in self._children:
            self._idle.put(child)
        self._closed = False

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, source: Source, fetched: Fetched) -> ParsedFeed:
        """`parse.parse_feed` in a child; waits where all are busy.

        Raises ParseError also where a document took too long, needed too much memory or broke the parser, and
        RuntimeError once the pool is closed.
        """
        return self._done(_Job("feed", (source, fetched), lambda answer: _feed(answer, source)))

    def page(self, format: PageFormat, fetched: Fetched) -> Page:  # noqa: A002 - its name
        """`parse.parse_page` in a child, like `parse` in all else."""
        given = (format, fetched.url, fetched.body or b"", fetched.content_type)
        return self._done(_Job("page", given, _page))

    def _done(self, job: _Job[Result]) -> Result:
        child = self._idle.get()
        try:
            if self._closed:
                raise RuntimeError("the parser pool is closed")
            result = child.ask(job)
        finally:
            self._idle.put(child)
        if isinstance(result, ParseError):
            raise result
        return result

    def close(self) -> None:
        """Ends the children at once, also where they are busy: their documents give ParseError."""
        self._closed = True
        for child in self._children:
            child.kill()
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
            answer = json.loads(_exchange(process, request, time.monotonic() + self._wall_seconds))
            result = _error(answer) or job.opened(answer)
            sound = not answer.get("fatal")
        except TimeoutError:
            return ParseError(f"reading it took longer than {self._wall_seconds:g} seconds: given up")
        except (BrokenPipeError, EOFError):
            return ParseError(self._cause_of_death(process))
        except _NONSENSE as error:
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
    home = str(Path(__file__).parent.parent)
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


def _exchange(process: subprocess.Popen[bytes], request: bytes, deadline: float) -> bytes:
    """Sends a request and returns the answer.

    Raises TimeoutError at the deadline, EOFError or BrokenPipeError where the process ended, and ValueError
    for an answer beyond the limit.
    """
    if process.stdin is None or process.stdout is None:
        raise EOFError
    unsent = memoryview(_LENGTH.pack(len(request)) + request)
    answer = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        while (missing := _missing(answer)) > 0:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() > deadline:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is process.stdout:
                    answer += _read(process.stdout, missing)
                    break
                unsent = unsent[os.write(key.fd, unsent[:_PIECE]) :]
                if not unsent:
                    selector.unregister(process.stdin)
    return bytes(answer[_LENGTH.size :])


def _missing(answer: bytearray) -> int:
    """How many bytes an answer still lacks, as far as is known."""
    if len(answer) < _LENGTH.size:
        return _LENGTH.size - len(answer)
    length = int(_LENGTH.unpack_from(answer)[0])
    if length > MAX_ANSWER:
        raise ValueError(f"longer than {MAX_ANSWER // MIB} MiB")
    return _LENGTH.size + length - len(answer)


def _read(pipe: IO[bytes], most: int) -> bytes:
    piece = os.read(pipe.fileno(), min(most, _PIECE))
    if not piece:
        raise EOFError
    return piece


def _error(answer: Any) -> ParseError | None:
    """The error that an answer holds, if any."""
    return ParseError(str(answer["error"]), ended=answer.get("ended") is True) if "error" in answer else None


def _feed(answer: Any, source: Source) -> ParsedFeed:
    return ParsedFeed(
        title=str(answer["title"]),
        items=tuple(_item(fields, source) for fields in answer["items"]),
        skipped=tuple(map(str, answer["skipped"])),
        rows=int(answer["rows"]),
        total=None if answer["total"] is None else int(answer["total"]),
    )


def _item(fields: dict[str, Any], source: Source) -> Item:
    published, updated = fields.pop("published"), fields.pop("updated")
    words = {name: str(value) for name, value in fields.items()}
    return Item(**(words | {"source_id": source.id}), published=_moment(published), updated=_moment(updated))


def _page(answer: Any) -> Page:
    status: PageStatus = answer["status"]
    if status not in get_args(PageStatus):
        raise ValueError(f"no such status: {status}")
    return Page(
        status=status,
        title=str(answer["title"]),
        text=str(answer["text"]),
        document_type=str(answer["document_type"]),
        organisations=tuple(map(str, answer["organisations"])),
        first_published=_moment(answer["first_published"]),
        public_updated=_moment(answer["public_updated"]),
        history=tuple(_note(at, note) for at, note in answer["history"]),
        moved_to=str(answer["moved_to"]),
        explanation=str(answer["explanation"]),
        content_id=str(answer["content_id"]),
    )


def _note(at: str, note: str) -> ChangeNote:
    return ChangeNote(datetime.fromisoformat(at).astimezone(UTC), str(note))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


# ------------------------------------------------------------------------------------- the child's side


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
        head = requests.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        request = requests.read(_LENGTH.unpack(head)[0])
        name, given, memory, cpu_seconds = pickle.loads(request)  # noqa: S301 - written by the parent
        if not confined:
            _confine(memory)
            confined = True
        _allow_processor_time(cpu_seconds)
        try:
            answer = _WORK[name](*given)
        except ParseError as error:
            answer = {"error": str(error), "ended": error.ended}
        _answer(answers, answer)


def _feed_answer(source: Source, fetched: Fetched) -> dict[str, Any]:
    feed = parse_feed(source, fetched)
    items = [_fields(item) for item in feed.items]
    return {
        "title": feed.title,
        "items": items,
        "skipped": feed.skipped,
        "rows": feed.rows,
        "total": feed.total,
    }


def _page_answer(format: PageFormat, url: str, body: bytes, content_type: str) -> dict[str, Any]:  # noqa: A002 - its name
    page = parse_page(format, url, body, content_type)
    return _fields(page) | {"history": [(note.at.isoformat(), note.note) for note in page.history]}


_WORK: dict[str, Callable[..., dict[str, Any]]] = {"feed": _feed_answer, "page": _page_answer}


def _fields(value: Item | Page) -> dict[str, Any]:
    """A value's fields, times as text."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in fields.items()}


def _answer(pipe: IO[bytes], answer: dict[str, Any]) -> None:
    frame = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    pipe.write(_LENGTH.pack(len(frame)) + frame)
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
