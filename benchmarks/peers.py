"""The programs that are measured: ours, and those of others as their own manuals have them run.

reader and rss2email are in an environment of their own (`make bench` makes it), newsboat and sfeed where the
system has them; what is not installed is left out. Each polls all feeds in one run and keeps its books.
"""

# ruff: noqa: D102 - what each method is for is said once, at Tool

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.feeds import ENTRIES, LATER
from monitor import resources

BUILD = Path(__file__).parent.parent / "build" / "bench"
PEERS = BUILD / "peers" / "bin"
"""Where the programs of others are that are written in Python."""
PROGRAM = (os.environ.get("BENCH_MONITOR") or str(Path(sys.executable).with_name("monitor")),)
"""Ours: that of this environment, or the one that BENCH_MONITOR names, as of an older state."""
CONCURRENCY = 16
"""That of the shipped config, and of each peer that has such a setting."""


class Tool(ABC):
    """One program."""

    name: str
    fine: tuple[int, ...] = (0,)
    """Exit codes of a poll that was done."""

    @abstractmethod
    def version(self) -> str | None:
        """None where it is not installed."""

    @abstractmethod
    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        """Tells it of the feeds, without asking any of them."""

    @abstractmethod
    def command(self, folder: Path) -> Sequence[str | Path]:
        """Polls all feeds once."""

    @abstractmethod
    def stored(self, folder: Path) -> dict[str, int]:
        """How many entries it knows, by the address of the feed."""

    def accepted(self, folder: Path) -> set[str]:
        """The feeds of which it has read each entry."""
        return {url for url, entries in self.stored(folder).items() if entries >= ENTRIES}


class Monitor(Tool):
    """Ours, with the rules of the shipped config."""

    name = "monitor"

    def version(self) -> str | None:
        return _said([*PROGRAM, "--version"])

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        write_config(folder, urls)

    def command(self, folder: Path) -> Sequence[str | Path]:
        return [
            *PROGRAM,
            "--config",
            folder / "config.yaml",
            "--now",
            LATER.isoformat(),
            "poll",
            "--all",
            "--json",
        ]

    def stored(self, folder: Path) -> dict[str, int]:
        urls = re.findall(r"^  - \{id: (\w+), url: '(.+?)'", (folder / "config.yaml").read_text(), re.M)
        found = _counts(folder / "monitor.db", "SELECT source_id, count(*) FROM sightings GROUP BY 1")
        return {url: found.get(id_, 0) for id_, url in urls}


class Reader(Tool):
    """A library; this is the least script that polls with it."""

    SCRIPT = """\
import sys
from reader import make_reader
with make_reader("reader.db") as reader:
    if len(sys.argv) > 2:
        for url in open(sys.argv[2]).read().split():
            reader.add_feed(url)
    else:
        reader.update_feeds(scheduled=False, workers=int(sys.argv[1]))
"""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self.name = "reader" if workers == 1 else f"reader, {workers} workers"

    def version(self) -> str | None:
        return _said([PEERS / "python", "-c", "import reader; print('reader', reader.__version__)"])

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "poll.py").write_text(self.SCRIPT, encoding="utf-8")
        (folder / "urls").write_text("\n".join(urls), encoding="utf-8")
        subprocess.run([*self.command(folder), "urls"], cwd=folder, check=True)

    def command(self, folder: Path) -> Sequence[str | Path]:
        return [PEERS / "python", folder / "poll.py", str(self.workers)]

    def stored(self, folder: Path) -> dict[str, int]:
        return _counts(folder / "reader.db", "SELECT feed, count(*) FROM entries GROUP BY 1")


class Rss2email(Tool):
    """Its mails are made and not sent."""

    name = "rss2email"

    def version(self) -> str | None:
        return _said([PEERS / "r2e", "--version"])

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        self._run(folder, "new", "desk@example.org")
        with (folder / "r2e.cfg").open("a", encoding="utf-8") as config:
            config.writelines(f"[feed.f{number}]\nurl = {url}\n\n" for number, url in enumerate(urls))
        blank: dict[str, object] = {"etag": None, "modified": None, "seen": {}}
        feeds = [{"name": f"f{number}", **blank} for number in range(len(urls))]
        (folder / "r2e.json").write_text(json.dumps({"version": 2, "feeds": feeds}), encoding="utf-8")

    def command(self, folder: Path) -> Sequence[str | Path]:
        return [PEERS / "r2e", "-c", folder / "r2e.cfg", "-d", folder / "r2e.json", "run", "--no-send"]

    def stored(self, folder: Path) -> dict[str, int]:
        urls = dict(re.findall(r"^\[feed\.(\w+)\]\nurl = (.+)$", (folder / "r2e.cfg").read_text(), re.M))
        feeds = json.loads((folder / "r2e.json").read_text(encoding="utf-8"))["feeds"]
        return {urls[feed["name"]]: len(feed["seen"]) for feed in feeds}

    def _run(self, folder: Path, *arguments: str) -> None:
        command: list[str | Path] = [PEERS / "r2e", "-c", "r2e.cfg", "-d", "r2e.json", *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


class Newsboat(Tool):
    """Without its screen."""

    name = "newsboat"

    def version(self) -> str | None:
        said = _said(["newsboat", "-v"])
        return said and said.partition(" - ")[0]

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("\n".join(urls) + "\n", encoding="utf-8")
        (folder / "config").write_text(f"reload-threads {CONCURRENCY}\n", encoding="utf-8")

    def command(self, folder: Path) -> Sequence[str | Path]:
        files: list[str | Path] = ["-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config"]
        return ["newsboat", *files, "-x", "reload"]

    def stored(self, folder: Path) -> dict[str, int]:
        return _counts(folder / "cache.db", "SELECT feedurl, count(*) FROM rss_item GROUP BY 1")


class Sfeed(Tool):
    """Shell and C, with curl; conditional requests, which its example leaves to whoever sets it up."""

    name = "sfeed"
    fine = (0, 1)  # 1 where one feed failed
    CONFIG = """\
sfeedpath="{folder}/feeds"
maxjobs={concurrency}
fetch() {{
  curl -L --max-redirs 0 -H 'User-Agent:' -f -s -m 15 --compressed \\
    --etag-compare "{folder}/etags/$1" --etag-save "{folder}/etags/$1" "$2" 2>/dev/null
}}
feeds() {{
{feeds}
}}
"""

    def version(self) -> str | None:
        found = shutil.which("sfeed_update") and shutil.which("dpkg-query")
        asked = ["dpkg-query", "-W", "-f", "sfeed ${Version}", "sfeed"]
        return (_said(asked) or "sfeed, version unknown") if found else None

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        for name in ("feeds", "etags"):
            (folder / name).mkdir()
        (folder / "urls").write_text("\n".join(urls), encoding="utf-8")
        feeds = "\n".join(f'  feed "f{number}" "{url}"' for number, url in enumerate(urls))
        config = self.CONFIG.format(folder=folder, concurrency=CONCURRENCY, feeds=feeds)
        (folder / "sfeedrc").write_text(config, encoding="utf-8")

    def command(self, folder: Path) -> Sequence[str | Path]:
        return ["sfeed_update", folder / "sfeedrc"]

    def stored(self, folder: Path) -> dict[str, int]:
        urls = (folder / "urls").read_text(encoding="utf-8").split()
        files = [folder / "feeds" / f"f{number}" for number in range(len(urls))]
        return {
            url: len(file.read_bytes().splitlines())
            for url, file in zip(urls, files, strict=True)
            if file.exists()
        }


def tools() -> list[Tool]:
    """Those that are installed; ours first."""
    known = [Monitor(), Reader(), Reader(CONCURRENCY), Rss2email(), Newsboat(), Sfeed()]
    return [tool for tool in known if tool.version()]


def write_config(folder: Path, urls: Sequence[str]) -> None:
    """The shipped config with these sources in place of its own."""
    shipped = resources.starter_config().read_text(encoding="utf-8")
    kept = re.search(r"^rules:$.*?(?=^mail:$)", shipped, re.M | re.S)
    assert kept, "the shipped config has changed: rules, topics and digests are not where they were"
    rows = "\n".join(
        f"  - {{id: f{number}, url: '{url}', kind: uk-media}}" for number, url in enumerate(urls)
    )
    text = (
        "database: monitor.db\noutput: site\nweb: {listen: null}\n"
        f"polling: {{concurrency: {CONCURRENCY}}}\n"
        f'network: {{allow_private: ["127.0.0.1"]}}\nsources:\n{rows}\n{kept[0]}'
    )
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def _counts(database: Path, query: str) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute(query).fetchall())


def _said(command: Sequence[str | Path]) -> str | None:
    """The first line of what a program says, or None where it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip().partition("\n")[0] if done.returncode == 0 else None
