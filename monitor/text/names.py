"""Core: finds names in running text: words with capitals that follow each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .words import fold

LONGEST = 4
"""Words of a name, "of" and "for" not counted."""
LONGEST_RUN = 8
NAMES_AT_MOST = 300
"""Names of one item."""
ORDINARY_AT_MOST = 50_000

Known = Iterable[tuple[int, int]]
"""Where the words stand that a term has found: (start, end) in the text."""

_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
        "august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
        "mr mrs ms dr sir lord lady dame i am pm gmt bst",
    )
)
_SMALL_IN_TITLES = frozenset(
    re.findall(
        r"\w+",
        "about after amid against among before between during from into over than through under upon with "
        "within without towards",
    )
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A name in one item."""

    text: str
    """As written there."""
    inside: bool
    """Whether it stands anywhere but at the beginning of a sentence, where every word has a capital."""
    alone: bool
    """Whether it stands anywhere but within a longer name."""


def names_in(parts: Iterable[tuple[str, Known]], ordinary: set[str]) -> dict[str, Sighting]:
    """The names in an item's texts, each given with the places of known words → by their folded words.

    A headline in which every word has a capital says nothing of names, so such sentences are passed over.
    Words without a capital are added to `ordinary`, up to a limit. Of a long name its parts are found too.
    """
    found: dict[str, Sighting] = {}
    for text, known in parts:
        free = _without_known(text, known)
        for start, end in _sentences(free):
            if not _is_running_text(text[start:end]):
                continue
            if len(ordinary) < ORDINARY_AT_MOST:
                ordinary.update(_SMALL.findall(free, start, end))
            for at, name, is_alone in _names(free, start, end):
                key = name_key(name)
                before = found.get(key)
                found[key] = Sighting(
                    name,
                    inside=at > start + 1 or bool(before and before.inside),
                    alone=is_alone or bool(before and before.alone),
                )
            if len(found) >= NAMES_AT_MOST:
                return found
    return found


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return fold(name).replace("-", " ")


_LETTER = r"[^\W\d_]"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_NAME_WORD = rf"{_CAPITAL}[^\W_]+(?:['’](?!s\b){_LETTER}+)?"
_JOIN = rf"[ -](?:(?:of|for|de) (?:the )?)?(?={_CAPITAL})"
_RUN = re.compile(rf"(?<!\w){_NAME_WORD}(?:{_JOIN}{_NAME_WORD})*(?!\w)")
_IN_RUN = re.compile(_NAME_WORD)
_SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’)]))\s+(?=[\"“‘(]?[^\Wa-z])|\n+")
_SMALL = re.compile(r"(?<!\w)[a-z]{2,}(?!\w)")
_INITIALS = re.compile(rf"(?<!\w){_LETTER}")
_KNOWN, _KNOWN_CAPITAL = "\0", "\1"


def _without_known(text: str, known: Known) -> str:
    """`text` with the known words crossed out, so that every offset stays."""
    free = text
    for start, end in known:
        mark = _KNOWN_CAPITAL if text[start : start + 1].isupper() else _KNOWN
        free = free[:start] + mark * (end - start) + free[end:]
    return free


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _is_running_text(sentence: str) -> bool:
    """Whether capitals mean something here: not in a headline, a list of names or a line in capitals."""
    initials = _INITIALS.findall(sentence)
    small = sum(letter.islower() for letter in initials)
    if small < 0.4 * len(initials):
        return False
    return any(len(word) >= 4 and word not in _SMALL_IN_TITLES for word in _SMALL.findall(sentence))


def _names(text: str, start: int, end: int) -> Iterator[tuple[int, str, bool]]:
    """Words with capitals that follow each other in a sentence, and parts: (where, the words, whether whole).

    What goes on in a term is the beginning of a name that the rules have: Rachel of "Reeves". A single word
    after a term is the end of one: Ambassador after "Chinese".
    """
    for found in _RUN.finditer(text, start, end):
        if _KNOWN_CAPITAL in text[found.end() : found.end() + 2]:
            continue
        run: list[tuple[int, int]] = []
        for word in _IN_RUN.finditer(text, found.start(), found.end()):
            if word[0].lower() in _NO_NAMES:
                yield from _parts_of(run, text)
                run = []
            else:
                run.append(word.span())
        if len(run) > 1 or not {_KNOWN, _KNOWN_CAPITAL} & {*text[max(0, found.start() - 2) : found.start()]}:
            yield from _parts_of(run, text)


def _parts_of(run: Sequence[tuple[int, int]], text: str) -> Iterator[tuple[int, str, bool]]:
    if len(run) > LONGEST_RUN:
        return
    for first, (start, _) in enumerate(run):
        for _, end in run[first : first + LONGEST]:
            yield start, text[start:end], (start, end) == (run[0][0], run[-1][1])
