"""Shell: the commands and their options, and what --help says of them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache

from .. import VERSION

TYPE_CHECKING = False  # what type checkers take for true, without an import of typing
if TYPE_CHECKING:
    from typing import Any

Add = Callable[[argparse.ArgumentParser], None]

LOST = "Exit code 1: an item labelled relevant is lost."


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """For a command without options of its own."""


class Command:
    """A command: what it does, the module of this package that has the function of its name, its options."""

    __slots__ = ("add", "module", "says")

    def __init__(self, says: str, module: str, add: Add = _nothing) -> None:
        self.says = says
        self.module = module
        self.add = add


def _json(parser: argparse.ArgumentParser, default: object = False) -> None:
    parser.add_argument(
        "--json", action="store_true", default=default, help="one JSON object instead of a table"
    )


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="DIR", help="where to (this folder)")
    parser.add_argument("--templates", action="store_true", help="also copy the templates, to change them")


def _check(parser: argparse.ArgumentParser) -> None:
    _json(parser)


def _poll(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="ids of sources to ask now, due or not")
    parser.add_argument("--all", action="store_true", help="also those that are not due")
    _json(parser)


def _digest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="a digest of the config (its first one)")
    parser.add_argument("--preview", action="store_true", help="write it to a file and record nothing")
    parser.add_argument("--since", metavar="TIME", help="preview all that was first seen since then")
    parser.add_argument("--empty", action="store_true", help="make an edition also where nothing is new")
    parser.add_argument("--no-send", action="store_true", help="queue no mail")
    parser.add_argument("--resend", metavar="EDITION", help="send an edition again: daily/2026-01-29")
    parser.add_argument("--to", action="append", default=[], metavar="ADDRESS", help="with --resend: to whom")
    _json(parser)


def _once(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="make every digest, due or not")
    _json(parser)


def _archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rebuild", action="store_true", help="write every page anew, editions too")
    _json(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tick", type=float, default=60, metavar="SECONDS", help=argparse.SUPPRESS)


def _deliveries(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("digest", nargs="?", metavar="NAME", help="a digest of the config (all)")
    parser.add_argument(
        "--status", action="append", default=[], metavar="STATUS", help="pending, sent, refused …; repeatable"
    )
    parser.add_argument("--limit", type=_count, default=50, metavar="N", help="at most so many (50)")
    _json(parser)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", default="demo-output", metavar="DIR", help="where to (demo-output)"
    )
    _json(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="*", metavar="ID|URL|-", help="an item or story; - reads a pasted text")
    parser.add_argument("--title", help="judge this title instead of a stored item")
    parser.add_argument("--summary", help="with --title: its summary")
    parser.add_argument("--source", metavar="ID", help="judge as if it came from this source")
    _json(parser)


def _test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="*",
        metavar="FILE",
        help="tests in YAML, labelled examples in JSONL (the stored labels)",
    )
    parser.add_argument("--labels", action="store_true", help="with FILE: the stored labels too")
    for option, what in (
        ("--min-f1", "relevance falls"),
        ("--min-topic-f1", "topics (micro) fall"),
        ("--min-story-f1", "stories (B-cubed) fall"),
    ):
        parser.add_argument(option, type=_share, metavar="F1", help=f"from 0 to 1: exit 1 where {what} below")
    _json(parser)


def _label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="?", metavar="ID|URL", help="an item (without one: lists the labels)")
    parser.add_argument("verdict", nargs="?", metavar="VERDICT", help="relevant or irrelevant; none to undo")
    parser.add_argument("--topics", metavar="A,B", help="with relevant: all topics that it has")
    parser.add_argument(
        "--next", type=_count, nargs="?", const=10, metavar="N", help="the items most worth a label (10)"
    )
    parser.add_argument("--since", metavar="TIME", help="with --next: first seen since then (90d)")
    _json(parser)


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return int(text)


def _share(text: str) -> float:
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or float(text) > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1, such as 0.9")
    return float(text)


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="FILE", help="a draft of config.yaml whose rules to try")
    for option, what in (("--add", "one term more in a topic or list"), ("--drop", "one term less")):
        parser.add_argument(
            option, action="append", default=[], metavar="LIST:TERM", help=f"{what}, as in trade:tariff*"
        )
    parser.add_argument("--since", default="90d", metavar="TIME", help="items first seen since (90d; or all)")
    parser.epilog = LOST
    _samples(parser)
    _json(parser)


def _reclassify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would change")
    parser.epilog = LOST
    _samples(parser)
    _json(parser)


def _stats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topic", metavar="A,B", help="only the terms of these topics")
    parser.add_argument(
        "--list", metavar="A,B", help="only these lists: uk, china, both, ignore, elsewhere, exclude"
    )
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--all", action="store_true", help="every term, also those that were never found")
    parser.epilog = "What the words in the table mean is printed below it."
    _json(parser)


def _suggest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topic", metavar="ID", help="only what concerns this topic")
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--limit", type=_count, default=10, metavar="N", help="at most this many a kind (10)")
    _json(parser)


def _samples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--show", type=_count, default=5, metavar="N", help="items shown of each kind (5)")


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="+", metavar="QUERY", help='words, "phrases", prefix*, AND OR NOT')
    parser.add_argument("--relevant", action="store_true", help="only items that matched")
    parser.add_argument("--since", metavar="TIME", help="only items first seen since then (90d, 2026-01-29)")
    _topics(parser)
    parser.add_argument("--limit", type=_count, default=20, metavar="N", help="at most this many (20)")
    parser.epilog = "Exit code 1: nothing was found."
    _json(parser)


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
    _json(parser)


EXPORTS = ("csv", "jsonl", "atom", "jsonfeed", "datasette")


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


def _sources(parser: argparse.ArgumentParser) -> None:
    _json(parser)
    _actions(parser, _SOURCES, required=False)


def _actions(parser: argparse.ArgumentParser, actions: dict[str, tuple[str, Add]], *, required: bool) -> None:
    """What a command can do, each with options of its own."""
    adding = parser.add_subparsers(
        dest="action", metavar="ACTION", title="actions", required=required, parser_class=_Parser
    )
    for name, (says, add) in actions.items():
        action = adding.add_parser(name, help=says, description=_sentence(says))
        add(action)
        global_options(action, first=False)


def _list_sources(parser: argparse.ArgumentParser) -> None:
    _json(parser, default=argparse.SUPPRESS)  # or it would undo a --json before it


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="a feed, a page that names its feed, a page of GOV.UK")
    parser.add_argument("--id", metavar="ID", help="its id (made from host and title)")
    parser.add_argument("--name", metavar="NAME", help="what it is called on pages (the feed's title)")
    parser.add_argument("--kind", metavar="KIND", help="what sort of publisher it is, as in uk-media")
    parser.add_argument("--side", metavar="SIDE", help="what it alone implies: uk, china or both")
    parser.add_argument("--every", metavar="TIME", help="how often to ask it, as in 15m")
    parser.add_argument("--dry-run", action="store_true", help="only show what it would bring and write")
    _json(parser, default=argparse.SUPPRESS)


def _import_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="OPML, as other feed readers export it")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be added")
    _json(parser, default=argparse.SUPPRESS)


def _test_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a source of the config, on or off")
    _json(parser, default=argparse.SUPPRESS)


_SOURCES: dict[str, tuple[str, Add]] = {
    "list": ("the health table (this is what happens without an action)", _list_sources),
    "add": ("find the feed at an address, show what it would bring, write it to config.yaml", _add_source),
    "import": ("add the feeds of an OPML file that are not sources yet", _import_sources),
    "export": ("all sources as OPML 2.0 on stdout", _nothing),
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
    "check": ("try connection, encryption and login, and say what DNS has; nothing is sent", _json),
    "preview": ("write the mail of a digest to an .eml file; nothing is recorded or sent", _preview_mail),
    "test": ("send one short mail at once", _test_mail),
}


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to, as in backups/monitor-2026-01-29.db")
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    _json(parser)


def _prune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument(
        "--vacuum",
        action="store_true",
        help="then give the file's free space back to the disk; takes a while",
    )
    _json(parser)


SHELLS = ("bash", "zsh", "fish")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


COMMANDS: dict[str, Command] = {
    "init": Command("write a starter config.yaml", "rules", _init),
    "check": Command("check config, rules and templates: every problem with its place", "rules", _check),
    "poll": Command("ask every source that is due, once", "polling", _poll),
    "digest": Command("make an edition now", "running", _digest),
    "once": Command("poll, then every digest that is due: the main job in one go", "running", _once),
    "archive": Command("bring the archive's pages up to the last edition", "archiving", _archive),
    "run": Command("the service: polls and digests on schedule, until stopped", "service", _run),
    "demo": Command("the whole main job offline, on bundled sample feeds", "demo", _demo),
    "explain": Command("why an item matched, or did not", "explaining", _explain),
    "diff": Command("try other rules on stored items: what enters, leaves, is re-filed", "replaying", _diff),
    "reclassify": Command("apply today's rules to stored items", "replaying", _reclassify),
    "stats": Command("each term's health: what it finds, carries alone, or never found", "keywords", _stats),
    "suggest": Command("what the rules lack: endings, names, exclusions, furniture", "keywords", _suggest),
    "test": Command("try the rules on your labels, tests or a corpus", "testing", _test),
    "label": Command("say yourself whether an item is relevant, for test and stats", "labelling", _label),
    "deliveries": Command("what went out, to whom, and what became of it", "posting", _deliveries),
    "send": Command("hand over now what waits to be sent", "posting", _json),
    "export": Command("matched items as CSV, JSON Lines, Atom or JSON Feed", "exporting", _export),
    "search": Command("full-text search over all stored items", "looking", _search),
    "show": Command("one item with its story and history", "looking", _show),
    "sources": Command("the health of every source; add, import, export, test", "sources", _sources),
    "mail": Command("whether mails can leave: check, preview, test", "mailing", _mail),
    "health": Command("exit 0 when polls are fresh and the database is writable", "condition", _json),
    "backup": Command(
        "copy the database, also while the service runs, and check the copy", "upkeep", _backup
    ),
    "prune": Command("delete what retention: no longer keeps", "upkeep", _prune),
    "schema": Command("the JSON Schema of config.yaml", "rules"),
    "completion": Command("a script that completes commands and options in a shell", "upkeep", _completion),
}


_FALLBACK = 80


@cache
def _columns() -> int:
    """The width of the terminal as shutil.get_terminal_size finds it, which takes long to import."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _FALLBACK  # type: ignore[union-attr]  # see below
    except (AttributeError, ValueError, OSError):  # standard output is None, closed, or no terminal
        return _FALLBACK


class _Formatter(argparse.HelpFormatter):
    """argparse makes one for each option that it is told of."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class _Parser(argparse.ArgumentParser):
    """A parser of ours: options are written out in full."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **options)


class _Later(_Parser):
    """The parser of a command, which comes to be when it is needed: a run needs one of them, --help none."""

    def __init__(self, **options: Any) -> None:
        self._options = options  # and no more, until `fill`
        self.add: Add = _nothing

    def fill(self) -> None:
        """Tells it of its options."""
        super().__init__(**self._options)
        self.add(self)
        global_options(self, first=False)

    def parse_known_args(  # type: ignore[override]  # of its overloads argparse calls this one
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does it."""
        self.fill()
        return super().parse_known_args(args, namespace)


def parser(*, whole: bool = False) -> argparse.ArgumentParser:
    """The command line; `whole`: with the options of every command, and not only once they are parsed."""
    top = _Parser(
        prog="monitor",
        description="Reads feeds, keeps what is about UK-China relations, writes the digest, and says why.",
        epilog="Exit codes: 0 done, 1 findings or a partial failure, 2 usage or config error, 75 try later.",
    )
    top.add_argument("--version", action="version", version=f"monitor {VERSION}")
    global_options(top, first=True)
    commands = top.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog="monitor", parser_class=_Later
    )
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.says, description=_sentence(command.says))
        sub.add = command.add
        if whole:
            sub.fill()
    return top


def global_options(to: argparse.ArgumentParser, *, first: bool) -> None:
    """The options that may stand before or after the command; only the first set has defaults."""

    def default(value: object) -> object:
        return value if first else argparse.SUPPRESS

    shown = (lambda text: text) if first else (lambda _text: argparse.SUPPRESS)
    to.add_argument("--config", metavar="FILE", default=default(None), help=shown("config.yaml to use"))
    to.add_argument(
        "--log-format", choices=["text", "json"], default=default("text"), help=shown("how to log, on stderr")
    )
    to.add_argument(
        "-v", "--verbose", action="count", default=default(0), help=shown("log more (repeat: more yet)")
    )
    to.add_argument("-q", "--quiet", action="count", default=default(0), help=shown("log less"))
    to.add_argument("--now", metavar="ISO", default=default(None), help=shown("run as if it were this time"))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
