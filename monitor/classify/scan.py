"""Core: finds phrases in an item's texts, all of them in one pass."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from ..text import Words, cut_run, fold, fresh_cut, has_wide, lower
from .index import Index
from .nodes import Phrase, Word

SIGNS = "、。，：；！？（）"
"""Signs that Chinese texts write wider."""
RUNS_REMEMBERED = 50_000
LONGEST_REMEMBERED = 40
"""Distinct runs of characters for which is kept what they begin, and how long they may be."""


class Hit(NamedTuple):
    """A place where a term holds, in the comparable form of one text."""

    where: int
    """Which of the item's texts: 0 is the title."""
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]
    """What really matched, where there are other words between."""


Document = Sequence[Words]


class _Phrases(NamedTuple):
    """The phrases that begin with one word, capitals and endings considered."""

    alone: tuple[str, ...]
    """The keys of those of this one word."""
    pairs: Mapping[str, tuple[Phrase, ...]]
    """By the second word: a text that repeats one word must not try every phrase that begins with it."""
    open_pairs: tuple[Phrase, ...]
    """Those whose second word may have any ending."""


class _Starts(NamedTuple):
    """A word of a run that begins phrases."""

    at: int
    """The number of the word in its run."""
    start: int
    end: int
    phrases: _Phrases
    following: str
    """The next word of the run, folded; "" where it is the last."""


class _Beginnings(dict[str, tuple[_Starts, ...]]):
    """Which phrases begin in each distinct run of characters. Texts share their runs."""

    def __init__(self, find: Callable[[str], tuple[_Starts, ...]]) -> None:
        self._find = find

    def __missing__(self, run: str) -> tuple[_Starts, ...]:
        found = self._find(run)
        if len(self) >= RUNS_REMEMBERED:
            self.clear()
        if len(run) <= LONGEST_REMEMBERED:
            self[run] = found
        return found


class _BegunBy(dict[str, _Phrases | None]):
    """Which phrases each distinct word begins."""

    def __init__(self, find: Callable[[str], _Phrases | None]) -> None:
        self._find = find

    def __missing__(self, form: str) -> _Phrases | None:
        if len(self) >= RUNS_REMEMBERED:
            self.clear()
        found = self[form] = self._find(form)
        return found


class Scanner:
    """Finds a fixed set of phrases in one pass over a text.

    An automaton finds where a phrase may begin, by its first word alone, whatever the number of phrases. Only
    what stands round such a place is cut into words; and what may begin in a run of characters, endings and
    capitals included, is worked out once for each distinct run.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._beginnings = _Beginnings(self._find)
        self._begun_by = _BegunBy(self._begun)
        signs = {first for first in index.words if not first[0].isalnum()}
        self._signs = [*signs, *(variant for variant in SIGNS if fold(variant) in signs)]
        anchors = [_anchor(first) for first in index.words if first not in signs]
        anchors += [_anchor(stem).removesuffix(" ") for stem in index.stems]
        anchors += {_abbreviated(word) for word in (*index.words, *index.stems) if word[1:2].isalpha()}
        self._automaton = AhoCorasick(anchors, store_patterns=False)

    def scan(self, document: Document) -> dict[str, list[Hit]]:
        """The places of each phrase that is there, by its key, in reading order."""
        found: dict[str, list[Hit]] = {}
        for where, text in enumerate(document):
            for begin in self._begins(text.form):
                run = _run_at(text.form, begin)
                for starts in self._beginnings[run]:
                    start, end = begin + starts.start, begin + starts.end
                    for key in starts.phrases.alone:
                        found.setdefault(key, []).append(Hit(where, start, end, ((start, end),)))
                    if longer := _longer(starts, text.form, begin, run):
                        following = _Following(text.form, begin, run, starts.at)
                        for key, last in _standing(longer, following):
                            found.setdefault(key, []).append(Hit(where, start, last, ((start, last),)))
        return found

    def _begins(self, form: str) -> list[int]:
        """Where the runs begin in which a phrase may begin, in order."""
        if has_wide(form):
            return [0, *(at + 1 for at in _places_of(" ", form))]  # each character may be a word
        anchors = self._automaton.find_matches_as_indexes(_plain(form), overlapping=True)
        # Of the blank before the word, less the one in front.
        places = [start for _, start, _ in anchors]
        places += [at for sign in self._signs if sign in form for at in _places_of(sign, form)]
        return sorted({form.rfind(" ", 0, at) + 1 for at in places}) if places else places

    def _find(self, run: str) -> tuple[_Starts, ...]:
        forms, spans = fresh_cut(run) if len(run) <= LONGEST_REMEMBERED else cut_run(run)
        found = []
        for at, form in enumerate(forms):
            if phrases := self._begun_by[form]:
                following = lower(forms[at + 1]) if at + 1 < len(forms) else ""
                found.append(_Starts(at, *spans[at], phrases, following))
        return tuple(found)

    def _begun(self, form: str) -> _Phrases | None:
        """The phrases that one word may begin."""
        fold = lower(form)
        alone: list[str] = []
        pairs: dict[str, list[Phrase]] = defaultdict(list)
        open_pairs: list[Phrase] = []
        for phrase in self._index.beginning(form):
            first, *others = phrase.words
            if not _is(first, fold, form):
                continue
            if not others:
                alone.append(phrase.key)
            elif others[0].open_ended:
                open_pairs.append(phrase)
            else:
                pairs[others[0].fold].append(phrase)
        if not (alone or pairs or open_pairs):
            return None
        by_second = {second: tuple(phrases) for second, phrases in pairs.items()}
        return _Phrases(tuple(alone), by_second, tuple(open_pairs))


def _standing(phrases: Iterable[Phrase], following: _Following) -> Iterator[tuple[str, int]]:
    """Which of these phrases go on with the words that follow the first, by key, and where each ends."""
    for phrase in phrases:
        end = 0
        for at, word in enumerate(phrase.words[1:]):
            there = following[at]
            if there is None or not _is(word, lower(there[0]), there[0]):
                break
            end = there[1]
        else:
            yield phrase.key, end


def _longer(starts: _Starts, form: str, begin: int, run: str) -> tuple[Phrase, ...]:
    """The phrases of two words and more that may stand here, by the second: at nearly every place none."""
    phrases = starts.phrases
    if not phrases.pairs:
        return phrases.open_pairs
    second = starts.following or _first_word(_run_at(form, begin + len(run) + 1))
    if second is None:
        second = _Following(form, begin, run, starts.at).fold(0)
    return phrases.pairs.get(second, ()) + phrases.open_pairs


class _FirstWords(dict[str, str | None]):
    """The first word of each distinct run, folded; None for one without words."""

    def __missing__(self, run: str) -> str | None:
        forms = cut_run(run).forms
        first = lower(forms[0]) if forms else None
        if len(self) >= RUNS_REMEMBERED:
            self.clear()
        if len(run) <= LONGEST_REMEMBERED:
            self[run] = first
        return first


_first_word = _FirstWords().__getitem__


class _Following:
    """The words after one, taken as far as they are asked for: form and end, or None behind the last."""

    def __init__(self, form: str, begin: int, run: str, at: int) -> None:
        self._form = form
        self._begin = begin
        self._run = run
        self._cut = cut_run(run)
        self._next = at + 1
        self._words: list[tuple[str, int]] = []

    def fold(self, number: int) -> str:
        """One of them, folded; "" behind the last."""
        there = self[number]
        return lower(there[0]) if there else ""

    def __getitem__(self, number: int) -> tuple[str, int] | None:
        while number >= len(self._words):
            if self._next < len(self._cut.forms):
                end = self._begin + self._cut.spans[self._next][1]
                self._words.append((self._cut.forms[self._next], end))
                self._next += 1
                continue
            self._begin += len(self._run) + 1
            if self._begin > len(self._form):
                return None
            self._run = _run_at(self._form, self._begin)
            self._cut, self._next = cut_run(self._run), 0
        return self._words[number]


def _run_at(form: str, begin: int) -> str:
    """What stands between two blanks. Cutting takes other gaps in it for what they are."""
    end = form.find(" ", begin)
    return form[begin:end] if end >= 0 else form[begin:]


def _places_of(sign: str, form: str) -> Iterator[int]:
    at = form.find(sign)
    while at >= 0:
        yield at
        at = form.find(sign, at + 1)


class _PlainCharacters(dict[str, str]):
    """Small letters and figures as they are compared, and a blank for all else; each of length 1."""

    def __missing__(self, char: str) -> str:
        plain = fold(char)
        self[char] = plain if len(plain) == 1 and plain.isalnum() else " "
        return self[char]


_PLAIN = _PlainCharacters()
_PLAIN_ASCII = {code: _PLAIN[chr(code)] for code in range(128)}
_OTHER = re.compile(r"[^a-z0-9 ]")


def _plain(form: str) -> str:
    """What the automaton looks at: a text's letters and figures, all else blanks, one more at either end."""
    if form.isascii():
        return f" {form.translate(_PLAIN_ASCII)} "
    return f" {_OTHER.sub(lambda found: _PLAIN[found[0]], lower(form))} "


def _anchor(word: str) -> str:
    """A word as `_plain` gives it, with the blanks round it."""
    return f" {word} " if word.isascii() and word.isalnum() else _plain(word)


def _abbreviated(word: str) -> str:
    """The same of its first two letters where a text writes it with full stops, as in U.K."""
    return f" {word[0]} {word[1]} "


def _is(word: Word, fold: str, form: str) -> bool:
    same = fold.startswith(word.fold) if word.open_ended else fold == word.fold
    return same and all(form[at] == capital for at, capital in word.capitals)
