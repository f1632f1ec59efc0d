"""Runs the real program in a child process, and writes configs and feeds for it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from .loopback import Loopback

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
    """`monitor ARGS` in a child process; the environment holds only what is given."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, args)],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "NO_COLOR": "1", **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,  # the exit code is what tests look at
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def write_config(folder: Path, site: Loopback | None = None, sources: str = "", **sections: str) -> Path:
    """A small config in `folder`; `sources` has one source a line, with {site} for the server's address."""
    allowed = f'network: {{allow_private: ["{site.host}"]}}\n' if site else ""
    address = site.url("") if site else "http://127.0.0.1:9"
    rows = "".join(f"  - {row}\n" for row in sources.replace("{site}", address).strip().splitlines())
    listed = f"sources:\n{rows}" if rows else "sources: []\n"
    text = "polling: {timeout: 5s}\n" + allowed + listed
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
