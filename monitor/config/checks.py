"""Border: what only the whole file can tell: names that must be known, terms that must compile, doubles.

Works on the values as they stand in the file, so that these problems are found beside all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..classify import TermError, compile_term
from ..models import Problem
from .hosts import is_loopback
from .problems import did_you_mean
from .values import Document, Loc, Value

_LISTS: tuple[Loc, ...] = (
    ("rules", "sides", "uk"),
    ("rules", "sides", "china"),
    ("rules", "both"),
    ("rules", "ignore"),
    ("rules", "elsewhere"),
    ("rules", "exclude"),
)


def check_whole(document: Document) -> Iterator[Problem]:
    """Errors, and warnings about doubles, in no order."""
    yield from _sources(document)
    yield from _terms(document)
    yield from _topics(document)
    yield from _mail(document)


def check_sense(document: Document) -> Iterator[Problem]:
    """Warnings about a file without errors that runs, but hardly as it is meant."""
    yield from _empty_topics(document)
    yield from _schedules(document)
    yield from _nothing_to_do(document)


def _items(document: Document, loc: Loc) -> list[tuple[Loc, Value]]:
    """The entries of the list or mapping at `loc`, each with its place; none where it is neither."""
    value = document.at(loc)
    if isinstance(value, dict):
        return [((*loc, key), entry) for key, entry in value.items()]
    return [((*loc, at), entry) for at, entry in enumerate(value)] if isinstance(value, list) else []


def _sources(document: Document) -> Iterator[Problem]:
    ids: dict[str, Loc] = {}
    urls: dict[str, Loc] = {}
    for loc, _ in _items(document, ("sources",)):
        name, url = document.at((*loc, "id")), document.at((*loc, "url"))
        if isinstance(name, str) and ids.setdefault(name, loc) != loc:
            first = document.place((*ids[name], "id"))
            message = (
                f'two sources have the id "{name}"; the first is at line {first.line}, column {first.column}'
            )
            yield document.error((*loc, "id"), message, "give each its own; stored items belong to an id")
        if isinstance(url, str) and urls.setdefault(url, loc) != loc:
            first = document.place((*urls[url], "url"))
            message = f"the same address as at line {first.line}, column {first.column}"
            yield document.warning((*loc, "url"), message, "it would be asked twice")


def _terms(document: Document) -> Iterator[Problem]:
    topics = [(*loc, "terms") for loc, _ in _items(document, ("topics",))]
    for terms in (*_LISTS, *topics):
        first: dict[str, Loc] = {}
        for loc, term in _items(document, terms):
            if not isinstance(term, str):
                continue
            try:
                compile_term(term)
            except TermError as error:
                yield document.error(loc, error.message, error.hint, offset=error.column)
            same = first.setdefault(" ".join(term.split()), loc)
            if same != loc:
                line = document.place(same).line
                double = document.warning(loc, f"the same term as at line {line}", "one of them is enough")
                yield replace(double, code="K001")


def _topics(document: Document) -> Iterator[Problem]:
    known = [str(loc[-1]) for loc, _ in _items(document, ("topics",))]
    wanted = [
        entry for loc, _ in _items(document, ("digests",)) for entry in _items(document, (*loc, "topics"))
    ]
    fallback: Loc = ("rules", "relevance", "fallback_topic")
    for loc, topic in (*wanted, (fallback, document.at(fallback))):
        if isinstance(topic, str) and topic not in known:
            names = f"topics are: {', '.join(known)}" if known else "this file has no topics"
            yield document.error(loc, f'there is no topic "{topic}"', did_you_mean(topic, known) or names)


def _empty_topics(document: Document) -> Iterator[Problem]:
    fallback = document.at(("rules", "relevance", "fallback_topic"))
    for loc, _ in _items(document, ("topics",)):
        if not _items(document, (*loc, "terms")) and fallback != loc[-1]:
            yield document.warning(
                loc, f'the topic "{loc[-1]}" has no terms, so nothing comes under it', key=True
            )


def _schedules(document: Document) -> Iterator[Problem]:
    for loc, _ in _items(document, ("digests",)):
        schedule = document.at((*loc, "schedule"))
        fields = schedule.split() if isinstance(schedule, str) else []
        if len(fields) == 5 and fields[2] != "*" and fields[4] != "*":
            message = "day of the month and weekday are both given: it comes only on days that are both"
            yield document.warning((*loc, "schedule"), message)
        if len(fields) == 5 and not all(field.isdigit() for field in fields[:2]):
            message = "a digest comes once a day at most, at the first of these times"
            yield document.warning((*loc, "schedule"), message, "for more, name two digests, or: immediately")


def _mail(document: Document) -> Iterator[Problem]:
    host = document.at(("mail", "host"))
    if document.at(("mail", "security")) != "none" or not isinstance(host, str) or is_loopback(host):
        return
    message = "mail to another machine would go unencrypted"
    yield document.error(
        ("mail", "security"), message, "write starttls or implicit; none is for localhost only"
    )


def _nothing_to_do(document: Document) -> Iterator[Problem]:
    """Lists that are empty, so that there is nothing to show."""
    sources = _items(document, ("sources",))
    if not sources:
        yield _absent(document, ("sources",), "there are no sources, so nothing is asked")
    elif all(document.at((*loc, "enabled")) is False for loc, _ in sources):
        yield document.warning(("sources",), "every source is switched off, so nothing is asked", key=True)
    if _items(document, ("rules", "both")):
        return
    empty = [side for side in ("uk", "china") if not _items(document, ("rules", "sides", side))]
    if empty:
        sides = " and ".join(empty)
        message = f"rules.sides has no terms for {sides}, so no item can be about both sides"
        hint = "list words that stand for each side, or names of the relation under rules.both"
        yield _absent(document, ("rules", "sides", empty[0]), message, hint)


def _absent(document: Document, loc: Loc, message: str, hint: str = "") -> Problem:
    """A warning at the nearest place there is for a key that may be missing."""
    while loc and document.node(loc) is None:
        loc = loc[:-1]
    return document.warning(loc, message, hint, key=True)
