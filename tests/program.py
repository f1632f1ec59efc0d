"""Runs the real program in a child process, and writes configs and feeds for it."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from .loopback import Loopback
from .warm import LENGTH, NUMBER, Request

TIMEOUT = 120
"""Seconds that a command may take."""

RULES = """
rules:
  sides:
    uk: [UK, Britain, British, Starmer]
    china: [China, Chinese, Beijing, Xi Jinping]
  both: [UK-China, JETCO]
  ignore: [bone china]
topics:
  diplomacy: {title: Diplomacy, terms: [visit*, embassy, meets]}
  trade: {title: Trade and investment, terms: [trade, tariff*]}
"""
DIGESTS = """
digests:
  daily: {title: UK-China daily, schedule: "30 8 * * mon-fri"}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the program left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def monitor(*args: str | Path, cwd: Path, env: dict[str, str] | None = None, stdin: str = "") -> Ran:
    """`monitor ARGS` in a child process that need not import it; the environment holds only what is given."""
    request = Request(tuple(map(str, args)), str(cwd), _environment(cwd, env))
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        code = _warm().run(request, [given.fileno(), out.fileno(), err.fileno()])
        out.seek(0)
        err.seek(0)
        return _ran(code, out.read().decode(), err.read().decode())


def started(*args: str | Path, cwd: Path, env: dict[str, str] | None = None, stdin: str = "") -> Ran:
    """The same by `python -m monitor`, from nothing: half a second more, and hashes that no other run has."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, args)],
        cwd=cwd,
        env=_environment(cwd, env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,  # the exit code is what tests look at
    )
    return _ran(done.returncode, done.stdout, done.stderr)


def _environment(cwd: Path, more: dict[str, str] | None) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "NO_COLOR": "1", **(more or {})}


def _ran(code: int, out: str, err: str) -> Ran:
    assert "Traceback" not in err, err
    return Ran(code, out, err)


class _Warm:
    """The process that has imported the program, and forks: see warm.py."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        script = Path(__file__).with_name("warm.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(script), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(script.parent, None),
            )
        self._asking = threading.Lock()

    def run(self, request: Request, streams: list[int]) -> int:
        """The exit code of the program. Raises TimeoutExpired, as subprocess.run does."""
        data = pickle.dumps(request)
        reading, told = os.pipe()
        with os.fdopen(reading, "rb", buffering=0) as end:
            with os.fdopen(told, "wb"), self._asking:
                socket.send_fds(self._requests, [LENGTH.pack(len(data))], [*streams, told])
                self._requests.sendall(data)
            child = _number(end)
            if not select.select([end], [], [], TIMEOUT)[0]:
                os.kill(child, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(request.args), TIMEOUT)
            return _number(end)

    def close(self) -> None:
        """Ends it."""
        self._requests.close()
        self._process.wait()


def _number(file: RawIOBase) -> int:
    read = file.read(NUMBER.size)
    assert read, "tests/warm.py ended; what it said is on standard error"
    return int(NUMBER.unpack(read)[0])


@cache
def _warm() -> _Warm:
    made = _Warm()
    atexit.register(made.close)
    return made


def write_config(folder: Path, site: Loopback | None = None, sources: str = "", **sections: str) -> Path:
    """A small config in `folder`; `sources` has one source a line, with {site} for the server's address."""
    allowed = f'network: {{allow_private: ["{site.host}"]}}\n' if site else ""
    address = site.url("") if site else "http://127.0.0.1:9"
    rows = "".join(f"  - {row}\n" for row in sources.replace("{site}", address).strip().splitlines())
    listed = f"sources:\n{rows}" if rows else "sources: []\n"
    # No port of its own: tests run beside each other.
    text = "polling: {timeout: 5s}\nweb: {listen: null}\n" + allowed + listed
    text += sections.get("rules", RULES) + sections.get("digests", DIGESTS)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def rss(*items: tuple[str, str] | tuple[str, str, datetime], title: str = "Gazette") -> bytes:
    """An RSS 2.0 document of (title, summary[, published]); links follow from the titles."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://gazette.example/</link>"
        + "".join(map(_rss_item, items))
        + "</channel></rss>"
    ).encode()


def _rss_item(item: tuple[str, str] | tuple[str, str, datetime]) -> str:
    title, summary = item[:2]
    published = item[2] if len(item) == 3 else datetime(2026, 1, 29, 6, tzinfo=UTC)
    slug = "-".join(title.lower().split())[:80]
    return (
        f"<item><title>{escape(title)}</title><description>{escape(summary)}</description>"
        f"<link>https://gazette.example/{escape(slug)}</link><guid>{escape(slug)}</guid>"
        f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
    )
