"""Shell: the options of the commands that show and hand out what is stored."""

from __future__ import annotations

import argparse

from .common import Command, as_json, count

EXPORTS = ("csv", "jsonl", "atom", "jsonfeed", "datasette")


def _deliveries(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("digest", nargs="?", metavar="NAME", help="a digest of the config (all)")
    parser.add_argument(
        "--status", action="append", default=[], metavar="STATUS", help="pending, sent, refused …; repeatable"
    )
    parser.add_argument("--limit", type=count, default=50, metavar="N", help="at most so many (50)")
    as_json(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=EXPORTS,
        required=True,
        help="a table for spreadsheets, an object a line, a feed, or metadata.yaml for Datasette",
    )
    parser.add_argument("--since", metavar="TIME", help="items first seen since then (90d; or all)")
    _topics(parser)
    parser.add_argument("--all", action="store_true", help="also items that did not match")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (stdout)")
    parser.add_argument("--force", action="store_true", help="with -o: overwrite the file")


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="+", metavar="QUERY", help='words, "phrases", prefix*, AND OR NOT')
    parser.add_argument("--relevant", action="store_true", help="only items that matched")
    parser.add_argument("--since", metavar="TIME", help="only items first seen since then (90d, 2026-01-29)")
    _topics(parser)
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="at most this many (20)")
    parser.epilog = "Exit code 1: nothing was found."
    as_json(parser)


def _topics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--topic",
        action="append",
        default=[],
        metavar="A,B",
        help="only items with one of these topics (may be given again)",
    )


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="+", metavar="ID|URL", help="an item, or a story such as s6")
    as_json(parser)


STORED: dict[str, Command] = {
    "deliveries": Command("what went out, to whom, and what became of it", "posting", _deliveries),
    "send": Command("hand over now what waits to be sent", "posting", as_json),
    "export": Command("matched items as CSV, JSON Lines, Atom or JSON Feed", "exporting", _export),
    "search": Command("full-text search over all stored items", "looking", _search),
    "show": Command("one item with its story and history", "looking", _show),
}
