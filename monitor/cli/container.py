"""Shell: `monitor` as it is called in the container image, where it finds its config by itself.

The service, the health check and `docker exec CONTAINER monitor …` come this way and agree on the config.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .. import resources
from ..models import Refusal
from . import entry as program
from .arguments import global_options

MOUNTED = Path("/config")
"""Where the user mounts a folder with a config.yaml; to read it is enough."""
VOLUME = "/data"
"""The volume, unless $MONITOR_DATA names another folder."""


def entry() -> None:
    """The program `monitor` of the image."""
    try:
        path, news = prepare(sys.argv[1:], os.environ, MOUNTED)
    except Refusal as refusal:
        print(refusal.told(), file=sys.stderr)
        raise SystemExit(refusal.exit_code) from None
    if news:
        print(news, file=sys.stderr, flush=True)
    os.environ["MONITOR_CONFIG"] = str(path)
    program()


def prepare(argv: Sequence[str], environ: Mapping[str, str], mounted: Path) -> tuple[Path, str]:
    """The config that $MONITOR_CONFIG is to name, and what the user should hear of it ("" if nothing is new).

    It is the one that the variable names, else config.yaml in the folder `mounted`, else the one on the
    volume ($MONITOR_DATA). Where there is none and the service is about to start, a starter is written to
    the volume. `--config` goes before all of these. Raises ConfigError where the volume cannot be written.
    """
    if named := environ.get("MONITOR_CONFIG"):
        return Path(named), ""
    if (own := mounted / "config.yaml").exists():
        return own, ""
    volume = Path(environ.get("MONITOR_DATA") or VOLUME)
    kept = volume / "config.yaml"
    if kept.exists() or not _starts_the_service(argv):
        return kept, ""
    _write_starter(volume)
    return kept, _first_words(kept, mounted)


def _starts_the_service(argv: Sequence[str]) -> bool:
    """Whether this is `run`, without a config of its own."""
    options = argparse.ArgumentParser(prog="monitor", add_help=False, allow_abbrev=False)
    global_options(options, first=True)
    known, rest = options.parse_known_args(argv)
    return rest[:1] == ["run"] and known.config is None


def _write_starter(volume: Path) -> None:
    from ..config import ConfigError, write_starter

    try:
        write_starter(resources.starter_config(), volume)
    except ConfigError as error:
        user = f"{os.getuid()}:{os.getgid()}"
        hint = f"this runs as user {user}, who must own the folder mounted here: chown -R {user} FOLDER"
        raise ConfigError(tuple(replace(problem, hint=hint) for problem in error.problems)) from None


def _first_words(kept: Path, mounted: Path) -> str:
    return f"""\
There is no config.yaml in {mounted} or {kept.parent} yet: wrote a starter, {kept}
The monitor runs with it: it reads the shipped sources, writes pages to {kept.parent / "site"}, mails nobody.
Next: take a copy that you can edit, and mount its folder as {mounted}, which goes first:
    docker cp CONTAINER:{kept} config/
    docker run … -v "$PWD/config:{mounted}:ro" …
Then `docker exec CONTAINER monitor check` says what is wrong with it, if anything."""
