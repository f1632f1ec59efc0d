"""Shell: `monitor label`: an analyst's own verdict on an item, which the rules are then measured against."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from .. import tune
from ..models import Judged, Label, Verdict
from .context import Context, UsageError, each_of, one_of, sides, since_or_all
from .output import one_line, plural, print_json, print_table
from .replayed import day

VERDICTS = ("relevant", "irrelevant", "none")
LOOKED_AT = 200
"""Items more than are shown that today's rules judge; the stored verdicts say which."""
SINCE = "90d"


def label(context: Context) -> int:
    """`monitor label`: keeps a label, takes it back, lists all, or shows what to label next."""
    args = context.args
    if args.next is not None:
        if args.ref or args.topics is not None:
            raise UsageError("--next shows which items to label: it takes no item and no topics")
        return _next(context, args.since or SINCE)
    if args.since:
        raise UsageError("--since goes with --next: it says how far back to look for items to label")
    if not args.ref:
        if args.topics is not None:
            raise UsageError("say which item the topics are for: monitor label ID relevant --topics …")
        return _list(context)
    if not args.verdict:
        raise UsageError(f"say what it is: monitor label {args.ref} relevant, irrelevant or none (to undo)")
    verdict = one_of(args.verdict, VERDICTS, "label")
    return _take_back(context) if verdict == "none" else _keep(context, relevant=verdict == "relevant")


# One label


def _keep(context: Context, *, relevant: bool) -> int:
    topics = _topics(context, relevant=relevant)
    judged = context.item(context.args.ref)
    given = Label(judged.id, relevant, topics, context.now)
    before = context.reader.labels().get(judged.id)
    context.store.set_label(given)
    today = _today(context, judged)
    if context.args.json:
        print_json(_label_json(today, given, before))
        return 0
    was = f" (before: {_words(before)})" if before and _words(before) != _words(given) else ""
    print(f'Recorded: {judged.id} "{one_line(judged.item.title)}" is {_words(given)}{was}.')
    print(_comparison(given, today.verdict))
    agrees = tune.agreement(given, today.verdict)
    print(f"Next: monitor {'label --next' if False not in agrees else f'explain {judged.id}'}")
    return 0


def _topics(context: Context, *, relevant: bool) -> tuple[str, ...] | None:
    written = context.args.topics
    if written is None:
        return None
    if not relevant:
        raise UsageError("--topics goes with relevant only: what is not relevant has no topics")
    names = [name.strip() for name in written.split(",") if name.strip()]
    if not names:
        raise UsageError(
            "--topics needs ids of topics with commas between them, such as --topics trade,science"
        )
    return tuple(dict.fromkeys(each_of(names, (topic.id for topic in context.config.topics), "topic")))


def _take_back(context: Context) -> int:
    if context.args.topics is not None:
        raise UsageError("--topics goes with relevant only; none takes the whole label back")
    judged = context.item(context.args.ref)
    before = context.reader.labels().get(judged.id)
    if before:
        context.store.remove_label(judged.id)
    if context.args.json:
        print_json(_label_json(_today(context, judged), None, before))
        return 0
    title = f'{judged.id} "{one_line(judged.item.title)}"'
    print(
        f"Taken back: {title} was {_words(before)}."
        if before
        else f"Nothing to take back: {title} has no label."
    )
    return 0


def _comparison(given: Label, verdict: Verdict) -> str:
    relevance, topics = tune.agreement(given, verdict)
    if not relevance:
        return f"Today's rules say otherwise: {_rules_words(verdict)} ({verdict.reason})."
    if topics is False:
        return f"Today's rules agree that it is relevant, but not on its topics: {_rules_words(verdict)}."
    return f"Today's rules agree: {_rules_words(verdict)} ({verdict.reason})."


def _words(given: Label | None) -> str:
    """`relevant, under trade, science`."""
    if given is None:
        return "without a label"
    return _said(given.relevant, given.topics or ())


def _rules_words(verdict: Verdict) -> str:
    return _said(verdict.relevant, verdict.topics)


def _said(relevant: bool, topics: Collection[str]) -> str:
    if not relevant:
        return "not relevant"
    return f"relevant, under {', '.join(topics)}" if topics else "relevant"


def _today(context: Context, judged: Judged) -> Judged:
    """An item with the verdict of the rules as they are now in the config."""
    config = context.config
    verdict = config.rulebook.classify(judged.item, sides(config).get(judged.item.source_id))
    return replace(judged, verdict=verdict)


# All labels


def _list(context: Context) -> int:
    store = context.reader
    found = [
        (_today(context, judged), given)
        for item_id, given in store.labels().items()
        if (judged := store.item(item_id))
    ]
    if context.args.json:
        print_json({"labels": [_listed_json(judged, given) for judged, given in found]})
        return 0
    if not found:
        print(
            "There are no labels yet. A label is your own verdict on an item, for `monitor test` to compare."
        )
        print("Next: monitor label --next")
        return 0
    print_table(
        ["ID#", "LABELLED", "LABEL", "TOPICS", "RULES SAY", "AGREE", "TITLE"],
        [_row(context, judged, given) for judged, given in found],
    )
    agree = sum(False not in tune.agreement(given, judged.verdict) for judged, given in found)
    relevant = sum(given.relevant for _, given in found)
    print(
        f"\n{plural(len(found), 'label')}: {relevant} relevant, {len(found) - relevant} irrelevant. "
        f"Today's rules agree with {agree}."
    )
    print("Next: monitor test")
    return 0


def _row(context: Context, judged: Judged, given: Label) -> list[str]:
    verdict = judged.verdict
    return [
        str(judged.id),
        given.at.astimezone(context.config.timezone).strftime("%Y-%m-%d"),
        "relevant" if given.relevant else "irrelevant",
        ", ".join(given.topics) if given.topics else "-",
        (", ".join(verdict.topics) or "relevant") if verdict.relevant else "irrelevant",
        "no" if False in tune.agreement(given, verdict) else "yes",
        judged.item.title,
    ]


def _label_json(judged: Judged, given: Label | None, before: Label | None) -> dict[str, Any]:
    return _listed_json(judged, given) | {"before": _given_json(before)}


def _listed_json(judged: Judged, given: Label | None) -> dict[str, Any]:
    """An item with the verdict of today's rules, and its label; null where there is none any more."""
    relevance, topics = tune.agreement(given, judged.verdict) if given else (None, None)
    return {
        "id": str(judged.id),
        "title": judged.item.title,
        "url": judged.item.url,
        "label": _given_json(given),
        "rules": _rules_json(judged.verdict),
        "agrees": {"relevance": relevance, "topics": topics},
    }


def _given_json(given: Label | None) -> dict[str, Any] | None:
    if given is None:
        return None
    topics = None if given.topics is None else list(given.topics)
    return {"relevant": given.relevant, "topics": topics, "at": given.at}


def _rules_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "relevant": verdict.relevant,
        "topics": list(verdict.topics),
        "score": verdict.score,
        "reason": verdict.reason,
        "rules_version": verdict.rules_version,
    }


# What to label next


def _next(context: Context, since_when: str) -> int:
    count = context.args.next
    threshold = context.config.rules.weights.threshold
    store = context.reader
    labelled = store.labels()
    start = since_or_all(since_when, context.now)
    stored = store.each_item(start, with_matches=False)
    unlabelled = (judged for judged in stored if judged.id not in labelled)
    near = [
        _today(context, judged) for judged in tune.worth_a_label(unlabelled, threshold, LOOKED_AT + count)
    ]
    chosen = tune.worth_a_label(near, threshold, count)
    if context.args.json:
        print_json({"items": [_chosen_json(judged) for judged in chosen]})
        return 0
    if not chosen:
        print(_nothing_left(context, start))
        return 0
    print("Nearest to the line between in and out: here your verdict says most about the rules.\n")
    for judged in chosen:
        _print_chosen(judged, context)
    print(f"{plural(len(labelled), 'label')} so far. Next: type one of the commands, then monitor test")
    return 0


def _nothing_left(context: Context, start: datetime | None) -> str:
    if not context.reader.count_items():
        return "Nothing is stored yet: run `monitor poll` first."
    if start is None:
        return "All stored items have a label."
    since = day(start, context.config)
    return f"No item without a label was first seen since {since}; --since all looks at all."


def _print_chosen(judged: Judged, context: Context) -> None:
    when = day(judged.date, context.config) if judged.date else "no date"
    print(f'{judged.id}  {judged.outlet}, {when}   "{one_line(judged.item.title)}"')
    print(f"    the rules say {_rules_words(judged.verdict)}: {one_line(judged.verdict.reason)}")
    for command in _commands(judged):
        print(f"    {command}")
    print()


def _commands(judged: Judged) -> Sequence[str]:
    topics = f" --topics {','.join(judged.verdict.topics)}" if judged.verdict.topics else ""
    return f"monitor label {judged.id} relevant{topics}", f"monitor label {judged.id} irrelevant"


def _chosen_json(judged: Judged) -> dict[str, Any]:
    return {
        "id": str(judged.id),
        "title": judged.item.title,
        "url": judged.item.url,
        "outlet": judged.outlet,
        "published": judged.date,
        "summary": judged.item.summary,
        "rules": _rules_json(judged.verdict),
        "commands": list(_commands(judged)),
    }
