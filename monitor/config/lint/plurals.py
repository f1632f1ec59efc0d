"""Border: lint K004: a noun in the singular, where nothing in its list matches the plural."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...classify.nodes import Node, Phrase, Without, Word
from .evidence import Evidence
from .findings import Entry, Finding, TermList
from .trees import PhraseIndex, alternatives, plain_phrases, told
from .vocabulary import FIXED, IRREGULAR, MISLEADING, NOUNS, OFFICES

_HISS = ("s", "x", "z", "ch", "sh")
_VOWELS = "aeiou"
_WEIGHT = re.compile(r"\s+\^\d+(\.\d+)?$")


def plural_of(noun: str) -> str:
    """The plural of an English noun in small letters."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(_HISS) else "s")


def lacking(lists: Iterable[TermList]) -> Iterator[tuple[TermList, Entry, Phrase, Phrase]]:
    """Each term whose plural nothing in its list matches: (list, term, the phrase, its plural)."""
    for terms in lists:
        index = PhraseIndex(
            (phrase, entry) for entry in terms.entries for phrase in _catching(entry.term.node)
        )
        for entry in terms.entries:
            for phrase in plain_phrases(entry.term.node):
                last = phrase.words[-1]
                if last.open_ended or last.capitals or not _is_countable(phrase, terms):
                    continue
                many = Phrase((*phrase.words[:-1], Word(plural_of(last.fold))))
                if next(index.within(many), None) is None:
                    yield terms, entry, phrase, many


def _catching(node: Node) -> Iterator[Phrase]:
    """Phrases that a term finds by itself, if not in every item."""
    for part in alternatives(node):
        found = part
        while isinstance(found, Without):
            found = found.node
        if isinstance(found, Phrase):
            yield found


def _is_countable(phrase: Phrase, terms: TermList) -> bool:
    noun = phrase.words[-1].fold
    if noun not in NOUNS or " ".join(word.fold for word in phrase.words) in FIXED:
        return False
    return noun not in OFFICES or terms.role not in ("uk", "china", "both")


def without_plural(lists: Sequence[TermList], evidence: Evidence) -> Iterator[Finding]:
    """K004. With stored items it says in how many of them the plural stands."""
    told_of: set[int] = set()
    for _, entry, phrase, many in lacking(lists):
        if id(entry) in told_of:
            continue
        told_of.add(id(entry))
        seen = evidence.items_with(told(many))
        also = f'; {seen} stored {"item has" if seen == 1 else "items have"} "{told(many)}"' if seen else ""
        message = f'"{told(phrase)}" does not match its plural{also}'
        why = f"{seen} stored" if seen else ""
        yield Finding("K004", entry.loc, entry.source, message, _hint(entry, phrase, many), why=why)


def _hint(entry: Entry, phrase: Phrase, many: Phrase) -> str:
    noun = phrase.words[-1].fold
    weight = _WEIGHT.search(entry.source)
    base = entry.source[: weight.start()] if weight else entry.source
    after = weight[0] if weight else ""
    is_simple = entry.term.node is phrase and base.endswith(noun)
    if is_simple and noun not in MISLEADING and plural_of(noun).startswith(noun):
        return f'write "{base}*{after}"'
    return f'add "{told(many)}{after}" to the list' if entry.term.node is phrase else f'add "{told(many)}"'
