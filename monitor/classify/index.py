"""Core: which phrases begin with a word, and which terms ask for a phrase, before either is read.

A config has thousands of terms and an item a few of them, so the terms are only looked through at first: for
their phrases, as they are written, and the word each begins with. A phrase is read when an item has its first
word, a term when an item has a phrase without which it cannot hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Set
from functools import cached_property

from ..text import is_han, lower, words
from .nodes import Phrase, Word, phrases
from .term import compile_term, read_phrase

_OPERATOR = r"(?:(?:AND|OR|NOT|SAME|NEAR/\d+|ATLEAST/\d+)(?=[ (])|title:)"
# Words none of which can be an operator: more than half of all terms.
_WORDS = re.compile(r"([A-Za-z0-9]+\*?)(?:[ -](?![ANOS])[A-Za-z0-9]+)*\*?")
# Of a term in these characters a look tells the phrases. The others are read at once, but for Chinese ones.
_PLAIN = r"[A-Za-z0-9 )*-]*(?:(?<![^ (])\([A-Za-z0-9 )*-]*)*"
_EASY = re.compile(rf"{_PLAIN}(?:(?:(?<=[A-Za-z0-9])[,.'&/:]|(?<= )\^){_PLAIN})*")
# A phrase stands at the beginning, or behind a parenthesis or an operator.
_PHRASES = re.compile(
    rf"(?:^|\(|\b{_OPERATOR})[ (-]*"
    rf"(?!(?<!-){_OPERATOR})(([A-Za-z0-9][A-Za-z0-9'.]*\*?)[^ ()]*(?: +(?!{_OPERATOR}|\^)[^ ()]+)*)"
)
_OPENING = re.compile(r"[ -]*(?:\(|title:|ATLEAST/)")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_CHINESE_SYNTAX = re.compile(rf"\b{_OPERATOR}|[ ()]|(?<=\w)·| \^\d")

Written = str | Phrase
"""A phrase as its term has it, or one that had to be read."""


class Index:
    """The phrases of a fixed set of terms. Threads may share it: what it learns on the way is only added."""

    def __init__(self, terms: Set[str]) -> None:
        """Raises TermError for those of them that are read at once, and cannot be."""
        self._by_word: dict[str, list[Written]] = defaultdict(list)
        self._by_stem: dict[str, list[Written]] = defaultdict(list)
        self._asking: dict[Written, list[str]] = defaultdict(list)
        """The terms that ask for a phrase, but for those that are written like it."""
        self._chinese: list[str] = []
        self._read: dict[Written, Phrase] = {}
        self.asked_by: dict[str, list[str]] = {}
        """The terms that are to be read once a phrase is found, by its key; of the phrases read so far."""
        self._terms = terms
        for term in terms:
            if plain := _WORDS.fullmatch(term):
                self._add(plain[1], term)
            elif _EASY.fullmatch(term):
                self._look_through(term)
            elif _is_chinese(term):
                self._chinese.append(term)
            else:
                self._take(term, self._by_word)

    def _add(self, beginning: str, phrase: str) -> None:
        if beginning.isalnum():  # as `_first_word` would have it, and most are
            self._by_word[beginning.lower()].append(phrase)
        else:
            word = _first_word(beginning)
            (self._by_stem if word.open_ended else self._by_word)[word.fold].append(phrase)

    def _look_through(self, term: str) -> None:
        found = _PHRASES.findall(term)
        for phrase, beginning in found:
            self._add(beginning, phrase)
        for phrase, _ in found[:1] if _needs_its_first(term) else found:
            self._asking[phrase].append(term)

    def _take(self, term: str, by_word: dict[str, list[Written]]) -> None:
        for phrase in phrases(compile_term(term).node):
            first = phrase.words[0]
            (self._by_stem if first.open_ended else by_word)[first.fold].append(phrase)
            self._asking[phrase].append(term)

    @cached_property
    def _by_character(self) -> dict[str, list[Written]]:
        """Of Chinese terms: simplifying them takes a library that is slow to start."""
        found: dict[str, list[Written]] = defaultdict(list)
        for term in self._chinese:
            self._take(term, found)
        return found

    @cached_property
    def _stem_lengths(self) -> list[int]:
        return sorted({len(stem) for stem in self._by_stem})

    @property
    def words(self) -> Iterable[str]:
        """The folds of the words that phrases begin with, but for most of the Chinese ones."""
        return self._by_word.keys()

    @property
    def stems(self) -> Iterable[str]:
        """The same of those with any ending, without the ending."""
        return self._by_stem.keys()

    def beginning(self, form: str) -> Iterable[Phrase]:
        """The phrases that may begin with a word in the form that a text has it, capitals aside."""
        fold = lower(form)
        written = [*self._by_word.get(fold, ())]
        for length in self._stem_lengths:
            if length > len(fold):
                break
            written += self._by_stem.get(fold[:length], ())
        if is_han(fold[:1]):
            written += self._by_character.get(fold, ())
        return {phrase.key: phrase for phrase in map(self._phrase, written)}.values()

    def _phrase(self, written: Written) -> Phrase:
        if phrase := self._read.get(written):
            return phrase
        phrase = read_phrase(written) if isinstance(written, str) else written
        asked_by = self.asked_by.setdefault(phrase.key, [])
        asked_by += self._asking.get(written, ())
        if isinstance(written, str) and written in self._terms:
            asked_by.append(written)
        self._read[written] = phrase
        return phrase

    def commonness(self, phrase: Phrase) -> int:
        """How often the terms have phrases that begin as this one does."""
        first = phrase.words[0]
        return len((self._by_stem if first.open_ended else self._by_word).get(first.fold, ()))


def _needs_its_first(term: str) -> bool:
    """Whether it cannot hold without its first phrase; of some that cannot it is not known."""
    if "(" in term or " OR " in term:
        outside = _IN_PARENTHESES.sub("", term)
        return not ("(" in outside or " OR " in outside or _OPENING.match(term))
    return True


def _first_word(beginning: str) -> Word:
    stem, star, _ = beginning.partition("*")
    forms = (stem,) if stem.isalnum() else words(stem).forms
    return Word(lower(forms[0]), open_ended=bool(star) and len(forms) == 1)


def _is_chinese(term: str) -> bool:
    """Whether each of its phrases begins with a Chinese character."""
    return is_han(term[:1]) and all(map(is_han, _CHINESE_SYNTAX.sub("", term)))
