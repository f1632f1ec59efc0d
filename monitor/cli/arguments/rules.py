"""Shell: the options of the commands that tell what the rules do, and try others."""

from __future__ import annotations

import argparse
import re

from .common import Command, as_json, count

LOST = "Exit code 1: an item labelled relevant is lost."


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="*", metavar="ID|URL|-", help="an item or story; - reads a pasted text")
    parser.add_argument("--title", help="judge this title instead of a stored item")
    parser.add_argument("--summary", help="with --title: its summary")
    parser.add_argument("--source", metavar="ID", help="judge as if it came from this source")
    as_json(parser)


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="FILE", help="a draft of config.yaml whose rules to try")
    for option, what in (("--add", "one term more in a topic or list"), ("--drop", "one term less")):
        parser.add_argument(
            option, action="append", default=[], metavar="LIST:TERM", help=f"{what}, as in trade:tariff*"
        )
    parser.add_argument("--since", default="90d", metavar="TIME", help="items first seen since (90d; or all)")
    parser.epilog = LOST
    _samples(parser)
    as_json(parser)


def _reclassify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would change")
    parser.epilog = LOST
    _samples(parser)
    as_json(parser)


def _samples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--show", type=count, default=5, metavar="N", help="items shown of each kind (5)")


def _stats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topic", metavar="A,B", help="only the terms of these topics")
    parser.add_argument(
        "--list", metavar="A,B", help="only these lists: uk, china, both, ignore, elsewhere, exclude"
    )
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--all", action="store_true", help="every term, also those that were never found")
    parser.epilog = "What the words in the table mean is printed below it."
    as_json(parser)


def _suggest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topic", metavar="ID", help="only what concerns this topic")
    parser.add_argument("--since", default="all", metavar="TIME", help="items first seen since (all; or 90d)")
    parser.add_argument("--limit", type=count, default=10, metavar="N", help="at most this many a kind (10)")
    as_json(parser)


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
    as_json(parser)


def _share(text: str) -> float:
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or float(text) > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1, such as 0.9")
    return float(text)


def _label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="?", metavar="ID|URL", help="an item (without one: lists the labels)")
    parser.add_argument("verdict", nargs="?", metavar="VERDICT", help="relevant or irrelevant; none to undo")
    parser.add_argument("--topics", metavar="A,B", help="with relevant: all topics that it has")
    parser.add_argument(
        "--next", type=count, nargs="?", const=10, metavar="N", help="the items most worth a label (10)"
    )
    parser.add_argument("--since", metavar="TIME", help="with --next: first seen since then (90d)")
    as_json(parser)


RULES: dict[str, Command] = {
    "explain": Command("why an item matched, or did not", "explaining", _explain),
    "diff": Command("try other rules on stored items: what enters, leaves, is re-filed", "replaying", _diff),
    "reclassify": Command("apply today's rules to stored items", "replaying", _reclassify),
    "stats": Command("each term's health: what it finds, carries alone, or never found", "keywords", _stats),
    "suggest": Command("what the rules lack: endings, names, exclusions, furniture", "keywords", _suggest),
    "test": Command("try the rules on your labels, tests or a corpus", "testing", _test),
    "label": Command("say yourself whether an item is relevant, for test and stats", "labelling", _label),
}
