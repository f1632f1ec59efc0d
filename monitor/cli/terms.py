"""Shell: what `monitor stats` prints: a table of terms, what its columns and words mean, or JSON."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from .. import tune
from .context import Context
from .output import one_line, plural, print_table, shortened

TERM_SHOWN = 44
"""Characters of a term: enough to find it in config.yaml."""
ROWS_SHOWN = 40
QUOTAS: dict[tune.Word, int] = {"noisy": 10, "gone": 8, "redundant": 8, "only in": 4, "sole carrier": 10}
"""How many rows of each word the short table has at most; what they leave free goes to sole carriers."""
COLUMNS = ("TERM", "IN", "ITEMS#", "MATCHED#", "ONLY#", "HITS#", "INSIDE", "REL", "LAST", "SAYS")
COLUMN_LEGEND = (
    "ITEMS: in how many it is found. MATCHED: how many of those are relevant (a topic's term: filed there).",
    "ONLY: items that would leave the digest (a topic's term: the topic) without it; of exclude and "
    "elsewhere: items it keeps out.",
    "HITS: places, at most three in each of title, first sentence and text.",
    "INSIDE: another term of its list that is found in all the same items.",
    "REL: share labelled relevant (a topic's term: with its topic) of its matched items that are labelled; "
    "of exclude and elsewhere: of all its labelled items.",
    "LAST: the day on which the last of its items came.",
)


def print_stats(
    context: Context,
    health: tune.RulesHealth,
    terms: Sequence[tune.TermHealth],
    start: datetime | None,
    *,
    narrowed: bool,
) -> None:
    """The table of what asks to be looked at (or of all), with its legend, and counts of the rest.

    `terms`: those of the lists that were chosen; `narrowed`: whether that is not all of them.
    """
    show_all = context.args.all
    print(looked_at(context, start, health.items, health.matched, health.labelled))
    if health.is_early:
        print(f"Fewer than {tune.ENOUGH_ITEMS} items say little about a term: it is early to judge by this.")
    shown = list(terms) if show_all else _worth_showing(terms, narrowed=narrowed)
    print()
    if shown:
        print_table(COLUMNS, [_row(term, context, health) for term in shown])
        print()
        for line in (*COLUMN_LEGEND, *_word_legend(shown)):
            print(line)
        print()
    print(_word_counts(terms))
    if never := _never_found(terms):
        print(never)
    if len(shown) < len(terms):
        print(f"Shown: {len(shown)}. {_all_of_them(context)} shows all {plural(len(terms), 'term')}.")


def _all_of_them(context: Context) -> str:
    args = context.args
    given = [("--topic", args.topic), ("--list", args.list), ("--since", args.since)]
    options = [f"{name} {shlex.quote(value)}" for name, value in given if value and value != "all"]
    return " ".join(["monitor stats", *options, "--all"])


def _worth_showing(terms: Iterable[tune.TermHealth], *, narrowed: bool) -> list[tune.TermHealth]:
    """The terms that ask for something to be done, by word; of a few lists all that are found."""
    by_word: dict[tune.Word, list[tune.TermHealth]] = {word: [] for word in tune.WORDS}
    for term in sorted(terms, key=_urgency):
        by_word[term.word].append(term)
    if narrowed:
        return [term for word, found in by_word.items() if word != "never" for term in found][:ROWS_SHOWN]
    rows = [term for word, quota in QUOTAS.items() for term in by_word[word][:quota]]
    more = [term for term in by_word["sole carrier"][QUOTAS["sole carrier"] :] if (term.only or 0) > 1]
    return [*rows, *more][:ROWS_SHOWN]


def _urgency(term: tune.TermHealth) -> tuple[float, ...]:
    """The worst first, then those that carry or are found most."""
    share = term.right / term.labelled if term.word == "noisy" and term.labelled else 1.0
    return -term.wrongly_out, share, -(term.only or 0), -term.items


def _row(term: tune.TermHealth, context: Context, health: tune.RulesHealth) -> tuple[str, ...]:
    if term.word == "never":
        return (short(term.term), list_of(term), "0", "0", "-", "0", "-", "-", "never", "never")
    more = f" +{len(term.inside) - 1}" if len(term.inside) > 1 else ""
    return (
        short(term.term),
        list_of(term),
        f"{term.items:,}",
        f"{term.matched:,}",
        "-" if term.only is None else f"{term.only:,}",
        f"{term.hits:,}",
        f"{short(term.inside[0], TERM_SHOWN // 2)}{more}" if term.inside else "-",
        f"{term.right / term.labelled:.0%} of {term.labelled}" if term.labelled else "-",
        day(term.last, context) if term.last else "-",
        _says(term, context, health),
    )


def _says(term: tune.TermHealth, context: Context, health: tune.RulesHealth) -> str:
    said: str = term.word
    if term.word == "noisy":
        said = f"noisy: {_noise(term, health)}"
    elif term.word == "gone" and term.last:
        said = f"gone since {day(term.last, context)}"
    elif term.word == "redundant":
        said = f'redundant: "{short(term.inside[0])}" finds them all'
    elif term.word == "only in":
        said = f"only in {one_line(term.outlet or '')}"
    elif term.word == "sole carrier":
        said = f"sole carrier of {plural(term.only or 0, 'item')}, such as {term.example}"
    return said


def _noise(term: tune.TermHealth, health: tune.RulesHealth) -> str:
    if term.wrongly_out:
        return f"keeps out {plural(term.wrongly_out, 'item')} labelled relevant, such as {term.example}"
    if 2 * term.right < term.labelled:
        return f"{term.right} of {term.labelled} labelled are relevant"
    return f"in {term.matched:,} of {health.matched:,} matched items"


def _word_legend(shown: Iterable[tune.TermHealth]) -> list[str]:
    said = {term.word for term in shown}
    return [f"{word}: {meaning}." for word, meaning in tune.WORDS.items() if word in said]


def _word_counts(terms: Iterable[tune.TermHealth]) -> str:
    counts = Counter(term.word for term in terms)
    said = [f"{counts[word]:,} {word}" for word in tune.WORDS if counts[word]]
    return f"{plural(sum(counts.values()), 'term')}: {', '.join(said)}."


def _never_found(terms: Iterable[tune.TermHealth]) -> str:
    """How many of each list were never found, in one line."""
    lists: dict[str, list[bool]] = defaultdict(list)
    for term in terms:
        lists[list_of(term)].append(term.word == "never")
    said = [f"{name} {sum(never):,} of {len(never):,}" for name, never in lists.items() if any(never)]
    return f"Never found: {', '.join(said)}." if said else ""


def stats_json(
    context: Context,
    start: datetime | None,
    health: tune.RulesHealth,
    terms: Sequence[tune.TermHealth],
) -> dict[str, Any]:
    """All of `terms`, with the counts and meanings of the words."""
    counts = Counter(term.word for term in terms)
    return {
        "since": start,
        "rules_version": context.config.rulebook.version,
        "items": health.items,
        "matched": health.matched,
        "labelled": health.labelled,
        "early": health.is_early,
        "words": {word: {"terms": counts[word], "means": means} for word, means in tune.WORDS.items()},
        "terms": [
            {
                "list": list_of(term),
                "topic": term.topic,
                "term": term.term,
                "items": term.items,
                "matched": term.matched,
                "only": term.only,
                "hits": term.hits,
                "inside": list(term.inside),
                "labelled": term.labelled,
                "labelled_relevant": term.right,
                "wrongly_out": term.wrongly_out,
                "last": term.last,
                "outlet": term.outlet,
                "example": item_id(term.example),
                "says": term.word,
                "why": _says(term, context, health),
            }
            for term in terms
        ],
    }


def looked_at(context: Context, start: datetime | None, items: int, matched: int, labels: int) -> str:
    """What the figures below are of."""
    since_then = f" first seen since {day(start, context)}" if start else ""
    labelled = f", {labels:,} labelled" if labels else ""
    version = context.config.rulebook.version
    return (
        f"{plural(items, 'item')}{since_then}: {matched:,} matched under today's rules ({version}){labelled}."
    )


def day(at: datetime, context: Context) -> str:
    """A day in the config's time zone, with its year where that is not this one."""
    zone = context.config.timezone
    local = at.astimezone(zone)
    return f"{local:%-d %b}" if local.year == context.now.astimezone(zone).year else f"{local:%-d %b %Y}"


def short(text: str, length: int = TERM_SHOWN) -> str:
    """One line, cut where it is longer."""
    return shortened(one_line(text), length)


def item_id(number: int | None) -> str | None:
    """An item's id as JSON has it."""
    return None if number is None else str(number)


def list_of(term: tune.TermHealth) -> str:
    """The name of a term's list, as `diff --add` has it."""
    return tune.topic_list(term.topic) if term.topic is not None else term.role
