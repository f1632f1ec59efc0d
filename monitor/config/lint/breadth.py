"""Border: lints K005 and K008: terms that match too much, and wildcards that take other words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...classify.nodes import Phrase, Word
from ...text import is_han
from .evidence import Evidence
from .findings import Entry, Finding, TermList
from .trees import plain_phrases, told
from .vocabulary import (
    ABBREVIATIONS,
    AMBIGUOUS,
    COMMON,
    COMMON_IN_TOPICS,
    HARMLESS_EXCLUDES,
    MISLEADING,
    SHORT_WORDS,
)

SHORTEST = 4
"""Letters that a word in small letters, or the stem of a wildcard, should have."""

Said = tuple[str, str, str]
"""Code, message, hint."""


def matching_too_much(lists: Sequence[TermList], evidence: Evidence) -> Iterator[Finding]:
    """K005, K008: at most one finding a term, what is seen in stored items before what is known of words."""
    for terms in lists:
        for entry in terms.entries:
            said = _seen(terms, entry, evidence) or _known(terms, entry, evidence)
            if said:
                code, message, hint = said
                yield Finding(code, entry.loc, entry.source, message, hint)


def _seen(terms: TermList, entry: Entry, evidence: Evidence) -> Said | None:
    if share := evidence.too_broad(terms, entry.term.source):
        message = f'"{entry.shown}" stands in {share}, no more often in relevant ones than in others'
        return "K005", message, "tie it to a second word with NEAR or SAME, or remove it"
    odd = evidence.odd_endings(terms, entry)
    if odd:
        message = f'"{entry.shown}" also took, in stored items, {odd}'
        return "K008", message, "list the endings that are meant, or put the others in rules.ignore"
    return None


def _known(terms: TermList, entry: Entry, evidence: Evidence) -> Said | None:
    for phrase in plain_phrases(entry.term.node):
        said = _of_phrase(terms, entry, phrase, evidence)
        if said:
            return said
    return None


def _of_phrase(terms: TermList, entry: Entry, phrase: Phrase, evidence: Evidence) -> Said | None:
    shown = f'"{told(phrase)}"'
    if terms.role == "topic" and " ".join(word.fold for word in phrase.words) in COMMON_IN_TOPICS:
        hint = 'tie it, as in "title: …" or "… NEAR/8 tariff*", or remove it'
        return (
            "K005",
            f"{shown} does not tell this topic from another: it stands in items of every kind",
            hint,
        )
    if len(phrase.words) > 1:
        return None
    (word,) = phrase.words
    if word.open_ended:
        return _of_stem(entry, word, shown, evidence)
    return _of_word(terms, word, shown)


def _of_stem(entry: Entry, word: Word, shown: str, evidence: Evidence) -> Said | None:
    stem = word.fold
    if stem in MISLEADING and len(word.capitals) < 2:
        takes, instead = MISLEADING[stem]
        seen = evidence.words_of(entry)
        also = f"; in stored items: {seen}" if seen else ""
        return "K008", f"{shown} also takes {takes}{also}", f"list the endings that are meant: {instead}"
    if len(stem) < SHORTEST and len(word.capitals) < 2:
        message = f"{shown} takes every word that begins with {told(Phrase((word,)))[:-1]}"
        return "K005", message, "write more of the word, or list the endings that are meant"
    return None


def _of_word(terms: TermList, word: Word, shown: str) -> Said | None:
    fold = word.fold
    if len(fold) == 1 and is_han(fold):
        message = f"{shown} is a single character: it matches within very many other words"
        return "K005", message, "write the whole word"
    if word.capitals or terms.role == "ignore":
        return _of_name(terms, shown)
    if fold in COMMON and fold not in ABBREVIATIONS:
        hint = 'tie it to a second word, as in "trade deal" or "deal NEAR/6 China"'
        return "K005", f"{shown} is so common that it says nothing of an item", hint
    if fold.isascii() and fold.isalpha() and len(fold) < SHORTEST and fold not in SHORT_WORDS:
        message = f"{shown} in small letters matches any word spelled so"
        return "K005", message, f'for the abbreviation write "{fold.upper()}": capitals are then required'
    if terms.role == "exclude" and fold not in HARMLESS_EXCLUDES and not is_han(fold):
        message = f"{shown} alone puts out every item that has it, whatever else it says"
        hint = f'tie it to a word of its family, or let it lose: "{fold} NOT (ambassador* OR minister*)"'
        return "K005", message, hint
    return None


def _of_name(terms: TermList, shown: str) -> Said | None:
    name = shown.strip('"')
    if terms.role not in ("uk", "china", "both") or name not in AMBIGUOUS:
        return None
    message = f"{shown} alone is also a word, or the name of many others"
    return "K005", message, f'write the full name, or tie it, as in "{name} SAME minister*"'
