"""Border: lints K001 to K003 and K011: terms that repeat or contradict others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ...classify.nodes import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Without
from .findings import Entry, Finding, TermList, quoted
from .trees import PhraseIndex, plain_phrases, told

Plain = PhraseIndex[Entry]


def same_in_one_list(lists: Sequence[TermList]) -> Iterator[Finding]:
    """K001: two spellings of one term. What is equal to the letter is reported when the config is loaded."""
    for terms in lists:
        first: dict[str, Entry] = {}
        for entry in terms.entries:
            other = first.setdefault(entry.key, entry)
            if other is entry or other.source == entry.source:
                continue
            if other.term.weight == entry.term.weight:
                message = f'"{entry.shown}" is the same term as {quoted(other)}, in another spelling'
                hint = "one of them is enough"
            else:
                weights = max(other.term.weight, entry.term.weight)
                message = f'"{entry.shown}" is the same term as {quoted(other)}, with another weight'
                hint = f"only the higher weight counts, ^{weights:g}: keep that one"
            yield Finding("K001", entry.loc, entry.source, message, hint, why=f"as line {other.line}")


def contradictions(lists: Sequence[TermList]) -> Iterator[Finding]:
    """K003: a term for both sides, for a side and for third countries, or excluded and wanted."""
    by_role = {terms.role: terms for terms in lists if terms.role != "topic"}
    uk, china, both = by_role["uk"], by_role["china"], by_role["both"]
    for later in _met_again(uk, china):
        entry, other = later
        message = (
            f'"{entry.shown}" stands for China here, and for the UK as {quoted(other)}: one mention is both'
        )
        hint = "keep it on one side; what names the relation itself belongs in rules.both"
        yield Finding("K003", entry.loc, entry.source, message, hint, why=f"the UK in line {other.line}")
    for side in (uk, china, both):
        for entry, other in _met_again(side, by_role["elsewhere"]):
            message = f'"{entry.shown}" counts against an item here, and for it as {quoted(other)}'
            hint = "keep it in one of the two lists"
            yield Finding(
                "K003", entry.loc, entry.source, message, hint, why=f"{side.name} in line {other.line}"
            )
    yield from _excluded(lists, by_role["exclude"])


def _met_again(first: TermList, second: TermList) -> Iterator[tuple[Entry, Entry]]:
    """(entry of `second`, entry of `first`) where both match the same words; each entry once."""
    keys = {entry.key: entry for entry in reversed(first.entries)}
    index = _index(first)
    for entry in second.entries:
        other = keys.get(entry.key) or _same_place(index, entry)
        if other:
            yield entry, other


def _same_place(index: Plain, entry: Entry) -> Entry | None:
    """A plain term of the index that takes all the words that `entry` takes, and no more of them."""
    phrase = entry.term.node
    if not isinstance(phrase, Phrase):
        return None
    return next((o for wide, o in index.within(phrase) if len(wide.words) == len(phrase.words)), None)


def _excluded(lists: Sequence[TermList], exclude: TermList) -> Iterator[Finding]:
    keys = {entry.key: entry for entry in exclude.entries}
    index = _index(exclude)
    for terms in lists:
        if terms.role in ("exclude", "ignore", "elsewhere"):
            continue
        for entry in terms.entries:
            other = keys.get(entry.key)
            if other is None:
                found = covering(entry.term.node, index, 0, entry, anywhere=True)
                other = found[0] if found else None
            if other:
                message = (
                    f'"{entry.shown}" never counts: an item with it is out, by {quoted(other)} of exclude'
                )
                hint = "remove one of them, or tie the exclude term to a second word"
                yield Finding(
                    "K003", entry.loc, entry.source, message, hint, why=f"excluded in line {other.line}"
                )


def contained(lists: Sequence[TermList], *, countries_add_up: bool = True) -> Iterator[Finding]:
    """K002, K011: terms that add no points, or spoil them, beside a plain term within them.

    `countries_add_up`: whether a second third country in a first sentence takes more away than one.
    """
    hidden, hiding = _namesakes(lists)
    for terms in lists:
        # Not the parts of A OR B: of it and A each would make the other idle, and both be removed.
        index = PhraseIndex((phrase, e) for phrase, e in _plain(terms) if e not in hidden)
        for entry in terms.entries:
            is_left_alone = entry in hiding or (terms.role == "elsewhere" and not countries_add_up)
            found = None if is_left_alone else _contained(entry, terms, index)
            if found:
                yield found


def _plain(terms: TermList) -> Iterator[tuple[Phrase, Entry]]:
    return ((e.term.node, e) for e in terms.entries if isinstance(e.term.node, Phrase))


def _namesakes(lists: Sequence[TermList]) -> tuple[set[Entry], set[Entry]]:
    """(terms of a side, names of third countries that take their words): Wales, New South Wales."""
    sides = PhraseIndex(pair for terms in lists if terms.role in ("uk", "china") for pair in _plain(terms))
    found = [
        (entry, name)
        for terms in lists
        if terms.role == "elsewhere"
        for phrase, name in _plain(terms)
        for short, entry in sides.within(phrase)
        if len(short.words) < len(phrase.words)
    ]
    return {entry for entry, _ in found}, {name for _, name in found}


def _contained(entry: Entry, terms: TermList, index: Plain) -> Finding | None:
    match terms.role:
        case "topic":
            return _in_topic(entry, index)
        case "elsewhere":
            return _third_country(entry, index)
        case "ignore":
            # The longest takes the words, so only a term of the same length makes another idle.
            other = _same_length(entry, index)
            return _idle(entry, (other,) if other else ())
    anywhere = terms.role == "exclude"
    return _idle(entry, covering(entry.term.node, index, entry.term.weight, entry, anywhere))


def _index(terms: TermList) -> Plain:
    return PhraseIndex((phrase, e) for e in terms.entries for phrase in plain_phrases(e.term.node))


def covering(
    node: Node, index: Plain, weight: float, entry: Entry, anywhere: bool = False
) -> tuple[Entry, ...]:
    """Terms other than `entry`, of at least this weight, of which one stands wherever `node` holds.

    Empty where there are none. `anywhere`: it is enough that one stands in the same item.
    """
    match node:
        case Phrase():
            within = (o for _, o in index.within(node) if o.key != entry.key and o.term.weight >= weight)
            return tuple(islice(within, 1))
        case Without(inner) | AtLeast(inner) | InTitle(inner):
            return covering(inner, index, weight, entry, anywhere)
        case Same(left, right):
            parts: tuple[Node, ...] = (left, right)
        case Both(nodes) if anywhere:
            parts = nodes
        case Near(left, right) if anywhere:
            parts = (left, right)
        case Either(nodes) | Both(nodes):
            # A AND B holds at the places of both.
            each = [covering(part, index, weight, entry, anywhere) for part in nodes]
            return tuple(dict.fromkeys(o for found in each for o in found)) if all(each) else ()
        case Near():
            # It may begin in the first sentence where the word within it stands below.
            return ()
    return next((found for part in parts if (found := covering(part, index, weight, entry, anywhere))), ())


def _idle(entry: Entry, others: tuple[Entry, ...]) -> Finding | None:
    if not others:
        return None
    where = "matches" if len(others) == 1 else "match"
    message = f'"{entry.shown}" adds nothing: {_names(others)} {where} wherever it does'
    hint = 'remove it; or, to see it named by `monitor explain`, write "# lint: ok" at the end of the line'
    return Finding("K002", entry.loc, entry.source, message, hint, why=f'beside "{others[0].shown}"')


def _names(entries: Sequence[Entry]) -> str:
    names = ", ".join(map(quoted, entries[:3]))
    return f"{names} and {len(entries) - 3} more" if len(entries) > 3 else names


def _third_country(entry: Entry, index: Plain) -> Finding | None:
    """A first sentence counts third countries by the words found: two within each other are two."""
    phrase = entry.term.node
    if not isinstance(phrase, Phrase):
        return None
    other = next((o for _, o in index.within(phrase) if o.key != entry.key), None)
    if other is None:
        return None
    if _same_length(entry, index) is other:
        return _idle(entry, (other,))
    message = (
        f'"{entry.shown}" in a first sentence counts as two countries: {quoted(other)} matches within it'
    )
    hint = "remove it: the other one counts there by itself"
    return Finding("K011", entry.loc, entry.source, message, hint, why=f'twice with "{other.shown}"')


def _same_length(entry: Entry, index: Plain) -> Entry | None:
    phrase = entry.term.node
    if not isinstance(phrase, Phrase):
        return None
    found = ((wide, o) for wide, o in index.within(phrase) if o.key != entry.key)
    return next((o for wide, o in found if len(wide.words) == len(phrase.words)), None)


def _in_topic(entry: Entry, index: Plain) -> Finding | None:
    """Within a topic the longest match takes the words, and each term that is found counts once."""
    node = entry.term.node.node if isinstance(entry.term.node, InTitle) else entry.term.node
    if not isinstance(node, Phrase):
        return None
    weight = entry.term.weight
    others = [(s, o) for s, o in index.within(node) if o.key != entry.key and o.term.weight >= weight]
    if not others:
        return None
    short, other = max(others, key=lambda pair: pair[1].term.weight)
    if len(short.words) == len(node.words):
        # Of two that take the same words the one with more points counts, else the first of the alphabet.
        always = other.term.weight > weight or other.term.source < entry.term.source
        if always:
            return _idle(entry, (other,))
    if other.term.weight > weight:
        message = (
            f'"{entry.shown}" takes points away: where it stands the topic gets ^{weight:g} '
            f"instead of the ^{other.term.weight:g} of {quoted(other)}"
        )
        hint = f'write "{told(node)} ^{other.term.weight:g}", or remove it'
        return Finding("K011", entry.loc, entry.source, message, hint, why=f'less than "{other.shown}"')
    if any(word.capitals for word in node.words):
        return None  # a name says more than the common word in it: two signs, not one
    message = (
        f'"{entry.shown}" finds nothing that {quoted(other)} does not; the topic gets its points only where '
        "both stand apart"
    )
    hint = f'remove it, or let it count for more: "{told(node)} ^{weight + 1:g}"'
    return Finding("K002", entry.loc, entry.source, message, hint, why=f'beside "{other.shown}"')
