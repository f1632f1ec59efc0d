"""Core: finds phrases in an item's texts, all of them in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress, islice
from typing import NamedTuple

from ..text import Cut, Words, cut_run, lower
from .term import Phrase, Word

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


class _Starts(NamedTuple):
    """The phrases that begin with one word of a run."""

    at: int
    """The number of the word in its run."""
    start: int
    end: int
    alone: tuple[int, ...]
    """Those of this one word."""
    pairs: Mapping[str, tuple[int, ...]]
    """By the second word: a text that repeats one word must not try every phrase that begins with it."""
    open_pairs: tuple[int, ...]
    """Those whose second word may have any ending."""
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


class Scanner:
    """Finds a fixed set of phrases in one pass over a text.

    What may begin in a run of characters is worked out once for each distinct one that texts bring, endings
    and capitals included. From then on it costs one look-up, however many phrases there are.
    """

    def __init__(self, wanted: Sequence[Phrase]) -> None:
        self._phrases = wanted
        self._by_first: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for number, phrase in enumerate(wanted):
            first = phrase.words[0]
            (self._by_stem if first.open_ended else self._by_first)[first.fold].append(number)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})
        self._beginnings = _Beginnings(self._find)

    def scan(self, document: Document) -> dict[int, list[Hit]]:
        """The places of each phrase that is there, by its number, in reading order."""
        found: dict[int, list[Hit]] = {}
        for where, text in enumerate(document):
            beginnings = list(map(self._beginnings.__getitem__, text.runs))
            for run, starting in compress(enumerate(beginnings), beginnings):
                before = text.run_start(run)
                for starts in starting:
                    start, end = before + starts.start, before + starts.end
                    for number in starts.alone:
                        found.setdefault(number, []).append(Hit(where, start, end, ((start, end),)))
                    if starts.pairs or starts.open_pairs:
                        for number, end in self._longer(starts, text, run):
                            found.setdefault(number, []).append(Hit(where, start, end, ((start, end),)))
        return found

    def _longer(self, starts: _Starts, text: Words, run: int) -> Iterator[tuple[int, int]]:
        """The phrases of two words and more that stand here, and where each ends."""
        numbers = starts.open_pairs
        if starts.pairs:
            second = starts.following or _first_fold(text.runs, run + 1)
            numbers = (*starts.pairs.get(second, ()), *numbers)
        if not numbers:
            return
        following = _Following(text, run, starts.at)
        for number in numbers:
            end = 0
            for at, word in enumerate(self._phrases[number].words[1:]):
                there = following[at]
                if there is None or not _is(word, lower(there[0]), there[0]):
                    break
                end = there[1]
            else:
                yield number, end

    def _find(self, run: str) -> tuple[_Starts, ...]:
        cut = cut_run(run)
        return tuple(starts for at in range(len(cut.forms)) if (starts := self._starting(at, cut)))

    def _starting(self, at: int, cut: Cut) -> _Starts | None:
        form = cut.forms[at]
        fold = lower(form)
        numbers = list(self._by_first.get(fold, ()))
        for length in self._stem_lengths:
            if length > len(fold):
                break
            numbers += self._by_stem.get(fold[:length], ())
        alone: list[int] = []
        pairs: dict[str, list[int]] = defaultdict(list)
        open_pairs: list[int] = []
        for number in numbers:
            first, *others = self._phrases[number].words
            if not _is(first, fold, form):
                continue
            if not others:
                alone.append(number)
            elif others[0].open_ended:
                open_pairs.append(number)
            else:
                pairs[others[0].fold].append(number)
        if not (alone or pairs or open_pairs):
            return None
        by_second = {second: tuple(numbers) for second, numbers in pairs.items()}
        following = lower(cut.forms[at + 1]) if at + 1 < len(cut.forms) else ""
        return _Starts(at, *cut.spans[at], tuple(alone), by_second, tuple(open_pairs), following)


def _first_fold(runs: Sequence[str], number: int) -> str:
    """The first word from this run on, folded; "" where there is none."""
    for run in islice(runs, number, None):
        if forms := cut_run(run).forms:
            return lower(forms[0])
    return ""


class _Following:
    """The words after one, cut as far as they are asked for: form and end, or None behind the last."""

    def __init__(self, text: Words, run: int, at: int) -> None:
        self._text = text
        self._run = run
        self._words: list[tuple[str, int]] = []
        self._take(at + 1)

    def _take(self, first: int) -> None:
        before = self._text.run_start(self._run)
        cut = cut_run(self._text.runs[self._run])
        self._words += [
            (form, before + end) for form, (_, end) in zip(cut.forms[first:], cut.spans[first:], strict=True)
        ]
        self._run += 1

    def __getitem__(self, number: int) -> tuple[str, int] | None:
        while number >= len(self._words):
            if self._run == len(self._text.runs):
                return None
            self._take(0)
        return self._words[number]


def _is(word: Word, fold: str, form: str) -> bool:
    same = fold.startswith(word.fold) if word.open_ended else fold == word.fold
    return same and all(form[at] == capital for at, capital in word.capitals)
