"""Border: lints K006 and K007: terms that never match, and parts of terms that do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...classify.nodes import AtLeast, Node, Phrase
from .findings import Entry, Finding, TermList, cut, quoted
from .trees import Banned, Certain, PhraseIndex, alternatives, every, told

MANY_TIMES = 20
"""ATLEAST of more asks for what a headline and a summary do not hold."""

Ignored = PhraseIndex[Entry]


def never_matching(lists: Sequence[TermList]) -> Iterator[Finding]:
    """K006, K007: contradictions within a term, and words that `ignore` has taken away before."""
    ignored: Ignored = PhraseIndex(
        (entry.term.node, entry)
        for terms in lists
        if terms.role == "ignore"
        for entry in terms.entries
        if isinstance(entry.term.node, Phrase)
    )
    nothing: Ignored = PhraseIndex(())
    for terms in lists:
        for entry in {entry.key: entry for entry in reversed(terms.entries)}.values():
            yield from _of_term(entry, nothing if terms.role == "ignore" else ignored)
            yield from _counts(entry)


def _of_term(entry: Entry, ignored: Ignored) -> Iterator[Finding]:
    parts = list(alternatives(entry.term.node))
    banned = {id(node): Banned.of(node) for node, _ in Certain.of(entry.term.node).unwanted}
    dead = [(part, found) for part in parts if (found := _dead(entry, part, ignored, banned))]
    if len(dead) == len(parts):
        yield dead[0][1]
        return
    for part, found in dead:
        message = f'in "{entry.shown}", the part {cut(told(part))} never matches: {found.why}'
        yield Finding(found.code, entry.loc, entry.source, message, found.hint, why=found.why)
    yield from _idle_not(entry, ignored)


def _dead(entry: Entry, part: Node, ignored: Ignored, known_banned: Mapping[int, Banned]) -> Finding | None:
    """Why one alternative of a term never holds."""
    known = Certain.of(part)
    for phrase, _ in known.phrases:
        for _, other in ignored.within(phrase):
            return _taken(entry, phrase, other)
    for node, title in known.unwanted:
        banned = known_banned[id(node)] if id(node) in known_banned else Banned.of(node)
        if known.implies(banned, title):
            always = f"what it asks for always has {cut(banned.told)}, after NOT"
            message = f'"{entry.shown}" never matches: {always}'
            hint = "remove the NOT, or make it longer or narrower than what it is taken from"
            return Finding(
                "K006",
                entry.loc,
                entry.source,
                message,
                hint,
                why=always,
            )
    return None


def _taken(entry: Entry, phrase: Phrase, other: Entry) -> Finding:
    why = f"ignore takes {quoted(other)} away first"
    if entry.key == other.key:
        message = f'"{entry.shown}" never matches: it is on the ignore list too, at line {other.line}'
        return Finding("K007", entry.loc, entry.source, message, "remove it here or there", why=why)
    words = "" if told(phrase) == entry.source else f" and so {cut(told(phrase))} is not there"
    message = f'"{entry.shown}" never matches: {why}{words}'
    return Finding(
        "K007", entry.loc, entry.source, message, "remove it here, or the other in rules.ignore", why=why
    )


def _idle_not(entry: Entry, ignored: Ignored) -> Iterator[Finding]:
    """NOT before words that `ignore` takes away anyhow."""
    for banned, _ in dict.fromkeys(Certain.of(entry.term.node).unwanted):
        parts = [next(_takers(part, ignored), None) for part in alternatives(banned)]
        takers = [taker for taker in parts if taker]
        if len(takers) == len(parts):
            message = (
                f'in "{entry.shown}", NOT {cut(told(banned))} does nothing: '
                f"ignore takes {quoted(takers[0])} away first"
            )
            yield Finding(
                "K007", entry.loc, entry.source, message, "remove the NOT", why="the NOT does nothing"
            )


def _takers(node: Node, ignored: Ignored) -> Iterator[Entry]:
    for phrase, _ in Certain.of(node).phrases:
        yield from (other for _, other in ignored.within(phrase))


def _counts(entry: Entry) -> Iterator[Finding]:
    for node in every(entry.term.node):
        if not isinstance(node, AtLeast):
            continue
        if node.count == 1:
            message = f'in "{entry.shown}", ATLEAST/1 does nothing: once is what every term asks for'
            yield Finding("K006", entry.loc, entry.source, message, "write ATLEAST/2 or more, or remove it")
        elif node.count >= MANY_TIMES:
            message = (
                f'"{entry.shown}" hardly ever matches: few feeds give words enough for {node.count} times'
            )
            yield Finding("K006", entry.loc, entry.source, message, "write ATLEAST/3, say")
