"""Shell: `monitor stats` and `monitor suggest`: what the terms do over stored items, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from .. import tune
from . import suggested, terms
from .context import Context, UsageError, each_of, sides, since_or_all
from .output import plural, print_json, watched

if TYPE_CHECKING:
    from ..config import Config
    from ..models import Judged


def stats(context: Context) -> int:
    """`monitor stats`."""
    chosen = _chosen_lists(context)
    start = _start(context)
    labels = context.reader.labels()
    health = tune.stats(_each_item(context, start), _rules(context.config), labels)
    found = [term for term in health.terms if not chosen or terms.list_of(term) in chosen]
    if context.args.json:
        print_json(terms.stats_json(context, start, health, found))
    elif not health.items:
        print(_nothing_stored(context, start))
    else:
        terms.print_stats(context, health, found, start, narrowed=bool(chosen))
    return 0


def _chosen_lists(context: Context) -> set[str]:
    """The lists that --list and --topic name, as `diff --add` names them; empty for all."""
    args = context.args
    topics = each_of(_names(args.topic), [topic.id for topic in context.config.topics], "topic")
    lists = each_of(_names(args.list), tune.LISTS, "list")
    return {*lists, *map(tune.topic_list, topics)}


def _names(written: str | None) -> list[str]:
    if written is None:
        return []
    names = [name.strip() for name in written.split(",") if name.strip()]
    if not names:
        raise UsageError("--topic and --list need names with commas between them, such as trade,science")
    return names


def suggest(context: Context) -> int:
    """`monitor suggest`."""
    args, config = context.args, context.config
    start = _start(context)
    topics = each_of([args.topic] if args.topic else [], [topic.id for topic in config.topics], "topic")
    labelled = [
        (judged, label)
        for item_id, label in context.reader.labels().items()
        if (judged := context.reader.item(item_id))
    ]
    found = tune.suggest(
        _each_item(context, start),
        _rules(config),
        labelled,
        topic=topics[0] if topics else None,
        limit=args.limit,
    )
    if args.json:
        print_json(suggested.suggestions_json(context, start, found))
    elif not found.items:
        print(_nothing_stored(context, start))
    else:
        suggested.print_suggestions(context, found, start)
    return 0


def _rules(config: Config) -> tune.Rules:
    return tune.Rules(config.rulebook, sides(config))


def _start(context: Context) -> datetime | None:
    """The beginning of what is looked at; None for all there is."""
    return since_or_all(context.args.since, context.now)


def _each_item(context: Context, start: datetime | None) -> Iterator[Judged]:
    """The stored items since then, with a progress bar on a terminal."""
    store = context.reader
    with watched(store.count_items(start), "Judging") as passing:
        yield from passing(store.each_item(start, with_matches=False))


def _nothing_stored(context: Context, start: datetime | None) -> str:
    stored = context.reader.count_items()
    if not start or not stored:
        return "Nothing is stored yet: run `monitor poll` first."
    return (
        f"No stored item was first seen since {terms.day(start, context)}; "
        f"leave out --since to look at all {plural(stored, 'item')}."
    )
