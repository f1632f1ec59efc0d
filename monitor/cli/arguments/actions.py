"""Shell: the commands of several actions, each with options of its own: sources, mail."""

from __future__ import annotations

import argparse

from .common import Add, Command, as_json, nothing
from .parsers import Parser, global_options, sentence


def _sources(parser: argparse.ArgumentParser) -> None:
    as_json(parser)
    _actions(parser, _SOURCES, required=False)


def _list_sources(parser: argparse.ArgumentParser) -> None:
    as_json(parser, default=argparse.SUPPRESS)  # or it would undo a --json before it


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="a feed, a page that names its feed, a page of GOV.UK")
    parser.add_argument("--id", metavar="ID", help="its id (made from host and title)")
    parser.add_argument("--name", metavar="NAME", help="what it is called on pages (the feed's title)")
    parser.add_argument("--kind", metavar="KIND", help="what sort of publisher it is, as in uk-media")
    parser.add_argument("--side", metavar="SIDE", help="what it alone implies: uk, china or both")
    parser.add_argument("--every", metavar="TIME", help="how often to ask it, as in 15m")
    parser.add_argument("--dry-run", action="store_true", help="only show what it would bring and write")
    as_json(parser, default=argparse.SUPPRESS)


def _import_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="OPML, as other feed readers export it")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be added")
    as_json(parser, default=argparse.SUPPRESS)


def _test_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a source of the config, on or off")
    as_json(parser, default=argparse.SUPPRESS)


_SOURCES: dict[str, tuple[str, Add]] = {
    "list": ("the health table (this is what happens without an action)", _list_sources),
    "add": ("find the feed at an address, show what it would bring, write it to config.yaml", _add_source),
    "import": ("add the feeds of an OPML file that are not sources yet", _import_sources),
    "export": ("all sources as OPML 2.0 on stdout", nothing),
    "test": ("ask one source and say what each stage makes of it; nothing is stored", _test_source),
}


def _mail(parser: argparse.ArgumentParser) -> None:
    _actions(parser, _MAILS, required=True)


def _preview_mail(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("digest", nargs="?", metavar="DIGEST", help="a digest of the config (its first one)")
    parser.add_argument(
        "--edition", metavar="EDITION", help="the mail of an edition that is kept: daily/2026-01-29"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to, - for stdout (preview/mail.eml beside the editions)"
    )
    parser.add_argument("--force", action="store_true", help="with --output: overwrite the file")


def _test_mail(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", metavar="TO", help="a mail address")


_MAILS: dict[str, tuple[str, Add]] = {
    "check": ("try connection, encryption and login, and say what DNS has; nothing is sent", as_json),
    "preview": ("write the mail of a digest to an .eml file; nothing is recorded or sent", _preview_mail),
    "test": ("send one short mail at once", _test_mail),
}


def _actions(parser: argparse.ArgumentParser, actions: dict[str, tuple[str, Add]], *, required: bool) -> None:
    """What a command can do, each with options of its own."""
    adding = parser.add_subparsers(
        dest="action", metavar="ACTION", title="actions", required=required, parser_class=Parser
    )
    for name, (says, add) in actions.items():
        action = adding.add_parser(name, help=says, description=sentence(says))
        add(action)
        global_options(action, first=False)


WITH_ACTIONS: dict[str, Command] = {
    "sources": Command("the health of every source; add, import, export, test", "sources", _sources),
    "mail": Command("whether mails can leave: check, preview, test", "mailing", _mail),
}
