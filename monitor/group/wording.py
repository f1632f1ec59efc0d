"""Core: what two reports are compared by: their words, numbers, and the stage of an affair they tell of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from ..text.words import Words, is_han, words
from .background import STOP

# One name for each side: a headline says "UK" where the next says "Britain".
_SIDE_OF = {
    **dict.fromkeys(["uk", "britain", "british", "briton", "britons"], "uk"),
    **dict.fromkeys(["china", "chinese", "beijing"], "china"),
}
_NOT_PLURAL = ("ss", "us", "is")
_YEAR = re.compile(r"(?:19|20)\d\d")
"""A year says when, which the dates say better: two reports that name it need not be of one event."""


def one_form(word: str) -> str:
    """A folded word as it is compared: singular, each of the two sides by one name."""
    if side := _SIDE_OF.get(word):
        return side
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_NOT_PLURAL):
        return word[:-1]
    return word


@lru_cache(maxsize=50_000)
def _substance(word: str) -> str:
    """A folded word as it is compared; "" where it has no substance."""
    if len(word) == 1 or word in STOP or _YEAR.fullmatch(word):
        return ""
    return one_form(word)


def comparable(cut: Words) -> list[tuple[str, int]]:
    """(comparable word, its place in `cut`) for each word of substance; Chinese in overlapping pairs."""
    found = []
    for at, word in enumerate(cut.folds):
        if not word.isascii() and is_han(word):
            next_to = at + 1 < len(cut) and cut.starts[at + 1] == cut.ends[at] and is_han(cut.folds[at + 1])
            if next_to:
                found.append((word + cut.folds[at + 1], at))
        elif form := _substance(word):
            found.append((form, at))
    return found


def as_written(text: str, wanted: Collection[str]) -> dict[str, str]:
    """Comparable words → each as `text` writes it first; those that are not there are left out."""
    cut = words(text)
    found: dict[str, str] = {}
    for word, at in comparable(cut):
        if word in wanted and word not in found:
            # A word of plain letters is written as it was cut; places are only worked out for others.
            found[word] = cut.forms[at] if text.isascii() else cut.quote(at, at + 1 + is_han(word[0]))
    return found


# --- numbers ---------------------------------------------------------------------------------------

_FIGURES = re.compile(r"(?<![A-Za-z0-9])\d+(?:[.,]\d+)*")
_COUNTING = "three four five six seven eight nine ten eleven twelve"
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth"
_ROUNDS = {word: number for number, word in enumerate(_ORDINALS.split(), 2)}
# "Two" is not among them: it is said of the two sides, men or days of any story.
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTING.split(), 3)}
_NUMBERS |= {word: str(number) for word, number in _ROUNDS.items()}


def numbers(text: Words) -> frozenset[str]:
    """The numbers above one that a text names, in figures or words; years are none."""
    figures = (match.group().replace(",", "").lstrip("0") for match in _FIGURES.finditer(text.form))
    found = {number for number in figures if number and not _YEAR.fullmatch(number)}
    return frozenset(found.union(_NUMBERS[word] for word in _NUMBERS.keys() & set(text.folds)))


# --- stages ----------------------------------------------------------------------------------------

# Stages of one affair, in order. A headline stands at the furthest stage it names.
_TRIAL = (
    "arrest arrested arrests",
    "charge charged charges indicted",
    "convict convicted conviction convicts guilty verdict",
    "jail jailed jails sentence sentenced sentences sentencing",
    "appeal appeals",
)
_DECISION = (
    "propose proposed proposes proposal",
    "delay delayed delays postpone postponed postpones",
    "accept accepted accepts approval approve approved approves granted",
    "block blocked blocks refusal refuse refused refuses reject rejected rejects",
    "overturned quashed upheld upholds",
    "abandoned abandons cancelled dropped drops scrapped scraps",
)
_FAMILIES = tuple(
    {word: place for place, names in enumerate(family) for word in names.split()}
    for family in (_TRIAL, _DECISION)
)
_SENTENCED = _FAMILIES[0]["sentenced"]
_YEARS_GIVEN = re.compile(
    r"\b(?:gets|given|handed) (?:\w+ )?(?:life|\w+ (?:years?|months?))\b|\byears in (?:jail|prison)\b"
)


def stages(headline: Words) -> tuple[int | None, ...]:
    """For each family of stages, the furthest one that a headline names; then the round it names."""
    folds = headline.folds
    named = [[family[word] for word in folds if word in family] for family in _FAMILIES]
    if _YEARS_GIVEN.search(" ".join(folds)):
        named[0].append(_SENTENCED)
    return (*(max(found, default=None) for found in named), _round_named(folds))


def _round_named(folds: Iterable[str]) -> int | None:
    """The first ordinal above "first" (which is said of visits and talks rather than of rounds)."""
    return next(filter(None, map(_ordinal, folds)), None)


def _ordinal(word: str) -> int | None:
    if word in _ROUNDS:
        return _ROUNDS[word]
    is_one = word[:-2].isdecimal() and word[-2:] in {"st", "nd", "rd", "th"} and word != "1st"
    return int(word[:-2]) if is_one else None


# --- series ----------------------------------------------------------------------------------------

_NAMES = (
    "commission conference congress dialogue edition forum jetco meeting package round session summit talk"
)
_SERIES = frozenset(_NAMES.split())
_SERIES_WITHIN = 7
"""Words: "the 11th China-UK Economic and Financial Dialogue"."""


def series(text: Words) -> dict[str, int]:
    """Which of a series of meetings or measures a text tells of: {"dialogue": 11}."""
    folds = text.folds
    found: dict[str, int] = {}
    for at, word in enumerate(folds):
        if (number := _ordinal(word)) is not None:
            after = map(one_form, folds[at + 1 : at + 1 + _SERIES_WITHIN])
            name = next((form for form in after if form in _SERIES), None)
            if name:
                found.setdefault(name, number)
    return found


def at_odds(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two headlines put one affair at different stages, or name different rounds of it."""
    return any(a is not None and b is not None and a != b for a, b in zip(one, other, strict=True))
