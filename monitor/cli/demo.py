"""Shell: `monitor demo`: the whole main job offline, on two simulated mornings."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import render
from ..demo import EDITIONS, DemoSite, write_config
from ..jobs.collect import PollReport
from ..jobs.publish import put_out
from . import polling, running
from .context import Context, UsageError
from .output import print_json
from .posting import Made

OURS = {"config.yaml", "monitor.db", "monitor.db-wal", "monitor.db-shm", "site"}
"""What a demo leaves in its folder, and what the next one may therefore remove."""


def demo(context: Context) -> int:
    """Serves the sample feeds on loopback, polls them over HTTP, writes two mornings' editions."""
    folder = (context.cwd / context.args.folder).absolute()
    _make_room(folder)
    days: list[dict[str, Any]] = []
    with DemoSite() as site:
        config = write_config(folder, site.base_url)
        for day, now in enumerate(EDITIONS, 1):
            site.day = day
            days.append(_one_morning(context, config, now, site.base_url))
    if context.args.json:
        print_json({"config": config, "days": days})
        return 0
    edition = days[-1]["digests"][0]
    first = json.loads(Path(edition["json"]).read_text(encoding="utf-8"))["stories"][0]["items"][0]
    print(f"Open {Path(edition['html']).as_uri()}")
    print(f"Next: {_program()} --config {_shown(config, context.cwd)} explain {first['id']}")
    return 0


def _one_morning(context: Context, config: Path, now: datetime, base_url: str) -> dict[str, Any]:
    own = {"config": str(config), "now": now.isoformat()}
    args = argparse.Namespace(**vars(context.args) | own)
    with Context(args, context.environ, context.cwd) as morning:
        if not args.json:
            print(f"== {now:%A %-d %B %Y, %H:%M} in London: feeds from {base_url}")
        reports = polling.collect(morning, morning.store, all_sources=True)
        env = render.environment(morning.template_folders())
        made = running.digests_due(morning, morning.config, morning.store, env)
        put_out(morning.config, morning.store, env)
        if not args.json:
            _print_morning(morning, reports, made)
        return {
            "poll": polling.poll_json(reports),
            "digests": [running.digest_json(morning, *one) for one in made],
        }


def _print_morning(context: Context, reports: tuple[PollReport, ...], made: list[Made]) -> None:
    polling.print_poll(reports)
    print()
    running.report_editions(context, made)
    print()


def _make_room(folder: Path) -> None:
    """Removes what an earlier demo left; refuses a folder that holds anything else."""
    if not folder.is_dir():
        return
    strangers = sorted({path.name for path in folder.iterdir()} - OURS)
    if strangers:
        raise UsageError(f"{folder} holds other things ({strangers[0]}); name a new or an empty folder")
    shutil.rmtree(folder)


def _program() -> str:
    """The program as it was called, so that the next command can be typed as it is printed."""
    return sys.argv[0] if Path(sys.argv[0]).name == "monitor" else "python -m monitor"


def _shown(path: Path, cwd: Path) -> Path:
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path
