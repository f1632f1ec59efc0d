"""Shell: the options of the main job: to set it up, to ask, to make editions, as a service."""

from __future__ import annotations

import argparse

from .common import Command, as_json


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="DIR", help="where to (this folder)")
    parser.add_argument("--templates", action="store_true", help="also copy the templates, to change them")


def _poll(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="ids of sources to ask now, due or not")
    parser.add_argument("--all", action="store_true", help="also those that are not due")
    as_json(parser)


def _digest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="a digest of the config (its first one)")
    parser.add_argument("--preview", action="store_true", help="write it to a file and record nothing")
    parser.add_argument("--since", metavar="TIME", help="preview all that was first seen since then")
    parser.add_argument("--empty", action="store_true", help="make an edition also where nothing is new")
    parser.add_argument("--no-send", action="store_true", help="queue no mail")
    parser.add_argument("--resend", metavar="EDITION", help="send an edition again: daily/2026-01-29")
    parser.add_argument("--to", action="append", default=[], metavar="ADDRESS", help="with --resend: to whom")
    as_json(parser)


def _once(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="make every digest, due or not")
    as_json(parser)


def _archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rebuild", action="store_true", help="write every page anew, editions too")
    as_json(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tick", type=float, default=60, metavar="SECONDS", help=argparse.SUPPRESS)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", default="demo-output", metavar="DIR", help="where to (demo-output)"
    )
    as_json(parser)


EVERYDAY: dict[str, Command] = {
    "init": Command("write a starter config.yaml", "rules", _init),
    "check": Command("check config, rules and templates: every problem with its place", "rules", as_json),
    "poll": Command("ask every source that is due, once", "polling", _poll),
    "digest": Command("make an edition now", "running", _digest),
    "once": Command("poll, then every digest that is due: the main job in one go", "running", _once),
    "archive": Command("bring the archive's pages up to the last edition", "archiving", _archive),
    "run": Command("the service: polls and digests on schedule, until stopped", "service", _run),
    "demo": Command("the whole main job offline, on bundled sample feeds", "demo", _demo),
}
