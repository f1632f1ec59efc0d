"""One poll of fifty feeds of which ten are hostile: how it ends, how long it takes, what it holds in memory.

    .venv/bin/python benchmarks/hostile.py             Linux; half a minute, as long as a source may take

The real program polls in a child process, under the limits that hold where a config says nothing; feeds come
over HTTP on loopback from this process, each hostile one from a server of its own. Memory is the largest
resident size that the kernel has seen of each process, the program and all it has started. Ends with 1 unless
the poll ends with 0, in 120 seconds, with every process under 300 MB and all that the good feeds hold stored.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.loopback import Canned, Handle, Loopback
from tests.program import DIGESTS, RULES, rss

GOOD, ITEMS, FEEDS_A_SERVER = 40, 20, 5
NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
MB = 1_000_000
MOST_SECONDS, MOST_MEMORY = 120, 300 * MB
LOOK = 0.02
"""Seconds between two looks at the processes."""
XML = b'<?xml version="1.0" encoding="utf-8"?>'
RSS = b'<rss version="2.0"><channel><title>Hostile</title><item><title>Starmer in Beijing</title>'
END = b"</item></channel></rss>"


# -- ten who mean no good ----------------------------------------------------------------------------------


def gzip_bomb(handler: BaseHTTPRequestHandler) -> None:
    """Ten gigabytes in ten megabytes: a thousand members, one after the other."""
    member = gzip.compress(b" " * 10 * MB, 9)
    _begin(handler, ("Content-Encoding", "gzip"))
    for _ in range(1_000):
        handler.wfile.write(member)


def endless_body(handler: BaseHTTPRequestHandler) -> None:
    """Items without end, as fast as they are taken."""
    _begin(handler)
    handler.wfile.write(XML + RSS)
    while True:
        handler.wfile.write(b"<description>And so on, and so on.</description>" * 1_000)


def dripping_body(site: Loopback) -> Handle:
    """A byte now and then: no single read ever times out."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        _begin(handler)
        for byte in XML + RSS + b" " * 100_000:
            handler.wfile.write(bytes([byte]))
            if site.closing.wait(0.2):
                return

    return drip


def entity_bomb() -> bytes:
    """A billion laughs, on one line: where feedparser's own guard does not look."""
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    title = b"<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>"
    return XML + b'<!DOCTYPE rss [<!ENTITY l0 "ha">' + levels + b"]>" + title


def quadratic_input() -> bytes:
    """A hundred thousand attributes on one element: expat compares each with each."""
    attributes = b" ".join(b'a%d="x"' % n for n in range(100_000))
    return XML + RSS + b"<description " + attributes + b">x</description>" + END


def header_flood(handler: BaseHTTPRequestHandler) -> None:
    """A head that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-Flood: " + b"y" * 1_000 + b"\r\n")


def redirect_loop(site: Loopback) -> Handle:
    """To and fro, and each time to another address."""
    count = iter(range(1_000_000))

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", site.url(f"/feed?{next(count)}"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return redirect


def hanging(site: Loopback) -> Handle:
    """Takes the request, and says nothing."""

    def hang(_handler: BaseHTTPRequestHandler) -> None:
        site.closing.wait()

    return hang


def login_page() -> bytes:
    """What a feed becomes behind a wall of cookies."""
    return b"<!DOCTYPE html><html><head><title>Please log in</title></head><body><form></form></body></html>"


def huge_items() -> bytes:
    """Ten thousand items: nearly as many bytes as a feed may have."""
    said = "Britain and China talk. " * 28
    return rss(
        *((f"Statement {n} of a flood", said, NOW - timedelta(minutes=n)) for n in range(10_000)),
        title="Flood",
    )


HOSTILE: dict[str, Callable[[Loopback], Handle]] = {
    "gzip-bomb": lambda _site: gzip_bomb,
    "endless-body": lambda _site: endless_body,
    "dripping-body": dripping_body,
    "entity-bomb": lambda _site: Canned(entity_bomb()),
    "quadratic-input": lambda _site: Canned(quadratic_input()),
    "header-flood": lambda _site: header_flood,
    "redirect-loop": redirect_loop,
    "hanging": hanging,
    "login-page": lambda _site: Canned(login_page(), content_type="text/html"),
    "huge-items": lambda _site: Canned(huge_items()),
}
"""What each of the ten answers on a server of its own."""


def _begin(handler: BaseHTTPRequestHandler, *headers: tuple[str, str]) -> None:
    """A head without a length: the body lasts as long as the connection."""
    handler.send_response(200)
    for name, value in (("Content-Type", "application/rss+xml"), ("Connection", "close"), *headers):
        handler.send_header(name, value)
    handler.end_headers()


# -- the poll ----------------------------------------------------------------------------------------------


@dataclass
class Polled:
    """What a poll left."""

    code: int
    seconds: float
    sources: dict[str, dict[str, Any]]
    peaks: dict[str, int]
    """Bytes, by process."""
    stored: set[str]
    said: str = field(repr=False)


def main() -> int:
    """Prints what became of it. 1 where a promise was broken."""
    with ExitStack() as open_, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = serve(folder, open_)
        polled = poll(folder)
    return report(polled, expected)


def serve(folder: Path, open_: ExitStack) -> dict[str, set[str]]:
    """Starts the servers and writes the config. The titles that are to be stored, by good source."""
    addresses: dict[str, str] = {}
    expected: dict[str, set[str]] = {}
    for number in range(GOOD):
        if number % FEEDS_A_SERVER == 0:
            site = open_.enter_context(Loopback())
        id_ = f"good-{number}"
        items = [
            (f"Britain and China, report {n} of paper {number}", "The talks went on. " * 20)
            for n in range(ITEMS)
        ]
        site.serve(f"/{id_}", rss(*items, title=id_))
        addresses[id_] = site.url(f"/{id_}")
        expected[id_] = {title for title, _ in items}
    for id_, made in HOSTILE.items():
        site = open_.enter_context(Loopback())
        site.handle("/feed", made(site))
        addresses[id_] = site.url("/feed")
    # The hostile ones first: they take the places, and the good ones wait.
    ids = [*HOSTILE, *expected]
    rows = "".join(f"  - {{id: {id_}, url: '{addresses[id_]}', kind: uk-media}}\n" for id_ in ids)
    text = (
        f"network: {{allow_private: [127.0.0.0/8]}}\nweb: {{listen: null}}\nsources:\n{rows}{RULES}{DIGESTS}"
    )
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return expected


def poll(folder: Path) -> Polled:
    """The real program in a child process, watched."""
    began = time.monotonic()
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        program = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--now", NOW.isoformat(), "poll", "--all", "--json"],
            cwd=folder,
            stdout=out,
            stderr=err,
        )
        peaks: dict[str, int] = {}
        while program.poll() is None:
            for process, name in family(program.pid):
                peaks[f"{name} {process}"] = max(peaks.get(f"{name} {process}", 0), peak(process))
            time.sleep(LOOK)
    seconds = time.monotonic() - began
    told = json.loads((folder / "out").read_text(encoding="utf-8") or '{"sources": []}')
    stored: set[str] = set()
    with suppress(sqlite3.Error), closing(sqlite3.connect(folder / "data" / "monitor.db")) as db:
        stored = {title for (title,) in db.execute("SELECT title FROM items")}
    return Polled(
        program.returncode,
        seconds,
        {source["id"]: source for source in told["sources"]},
        peaks,
        stored,
        (folder / "err").read_text(encoding="utf-8"),
    )


def family(program: int) -> list[tuple[int, str]]:
    """The program and all that it has started, children of children too, with what each of them is."""
    found, left = [(program, "program")], [program]
    while left:
        process = left.pop()
        with suppress(OSError):
            for task in Path(f"/proc/{process}/task").iterdir():
                for child in (task / "children").read_text(encoding="ascii").split():
                    found.append((int(child), "helper"))
                    left.append(int(child))
    return found


def peak(process: int) -> int:
    """The most memory that a process has held, in bytes; 0 for one that is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def report(polled: Polled, expected: dict[str, set[str]]) -> int:
    """Prints what became of it; 1 where a promise was broken."""
    good = [id_ for id_, titles in expected.items() if titles <= polled.stored]
    most = max(polled.peaks.values(), default=0)
    print(f"exit code {polled.code}, {polled.seconds:.1f} s")
    print(f"{len(good)} of {len(expected)} good sources stored whole")
    for id_ in HOSTILE:
        source = polled.sources.get(id_, {"status": "not told of", "items": 0, "seconds": 0, "error": ""})
        fate = source["error"] or f"{source['items']} items"
        print(f"  {id_:<16} {source['status']:<8} {source['seconds']:>5.1f} s  {fate}")
    print("most memory of each process:")
    for name, size in sorted(polled.peaks.items(), key=lambda one: -one[1]):
        print(f"  {name:<16} {size / MB:>6.1f} MB")
    broken = {
        f"the exit code was {polled.code}: {polled.said[-500:]}": polled.code != 0,
        f"it took more than {MOST_SECONDS} s": polled.seconds >= MOST_SECONDS,
        f"a process held more than {MOST_MEMORY // MB} MB": not 0 < most < MOST_MEMORY,
        "not all that the good sources hold was stored": len(good) < len(expected),
    }
    for what in (what for what, is_broken in broken.items() if is_broken):
        print(f"BROKEN: {what}")
    return int(any(broken.values()))


if __name__ == "__main__":
    raise SystemExit(main())
