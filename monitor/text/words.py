"""Core: cuts text into words that can be compared, and remembers where each stood.

The same cutting is applied to terms and to items, so that both agree on what one word is:

- hyphens, dashes, spaces and quotation marks separate words and are otherwise nothing;
- curly and straight apostrophes are one; a possessive 's does not count;
- accents fold, full-width letters are ordinary ones, `U.K.` is `UK`;
- a Chinese character is a word of its own, and a traditional one is its simplified form;
- every other sign (£, &, parentheses, a comma) stands as a word of its own, so that a phrase does not
  run across a comma, and `BN(O)` and `R&D` can be asked for.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from .later import later

if TYPE_CHECKING:
    import opencc

_HAN_RANGES = (
    ("\u4e00", "\u9fff"),
    ("\u3005", "\u3005"),
    ("\u3400", "\u4dbf"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
_HAN = "".join(f"{first}-{last}" for first, last in _HAN_RANGES)
_KANA = "\u3040-\u30ff"
# A pattern with these ranges takes milliseconds to compile: it has a twin, LOW, for texts without them.
_HIGH = re.compile("[^\\0-\u3004]")
_WIDE = later(f"[{_HAN}{_KANA}]")
_APOSTROPHES = "‘’‛ʼʹ′＇`´"
_QUOTES = "“”„‟″«»‹›「」『』《》〈〉"
_DASHES = "‐‑‒–—―−﹘﹣－⁃"
_MARKS = "™®©"

# Each alternative in turn: an abbreviation with its full stops, a word with its apostrophes, any other sign.
_WORD_ASCII = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z](?:\.[A-Za-z])+(?![A-Za-z0-9])\.?(?:['`][sS])?"
    r"|[A-Za-z0-9]+(?:['`][A-Za-z0-9]+)*"
    r"|[^\sA-Za-z0-9_'`\"-]"
)
_WORD_BEFORE = rf"(?<![^\W_])[^\W\d_](?:\.[A-Za-zÀ-ÖØ-öø-ÿ])+(?![^\W_])\.?(?:['{_APOSTROPHES}][sS])?"
_WORD_AFTER = rf"[^\s\w'\"{_APOSTROPHES}{_QUOTES}{_DASHES}{_MARKS}-]"
_WORD_LOW = later(rf"{_WORD_BEFORE}|[^\W_]+(?:['{_APOSTROPHES}][^\W_]+)*|{_WORD_AFTER}")
_WORD_ANY = later(
    rf"{_WORD_BEFORE}"
    rf"|[{_HAN}{_KANA}](?:['{_APOSTROPHES}][sS](?![^\W_]))?"
    rf"|[^\W_{_HAN}{_KANA}]+(?:['{_APOSTROPHES}][^\W_{_HAN}{_KANA}]+)*"
    rf"|{_WORD_AFTER}"
)
_ORDINARY_LOW = later(
    r"[\x00-\x7f\xa0-\xa7\xa9-\xac\xae\xb0-\xb3\xb5-\xb7\xb9-\xbb\xbf-\xc5\xc7-\xde\xe0-\xe5\xe7-\xff‘’“”„–—…€]*"
)
_ORDINARY = later(
    r"[\x00-\x7f\xa0-\xa7\xa9-\xac\xae\xb0-\xb3\xb5-\xb7\xb9-\xbb\xbf-\xc5\xc7-\xde\xe0-\xe5\xe7-\xff\u4e00-\u9fff"
    r"‘’“”„–—…€、。，：；！？（）《》「」『』]*"
)
"""Text of which each character by itself is a letter, a sign or a gap: it can be cut as it stands."""
_CLOSING = rf"[\"')\]{_APOSTROPHES}{_QUOTES}]*"
_OPENING = rf"[\"'(\[{_APOSTROPHES}{_QUOTES}]*"
_STOPS = ".!?…！？。"
_BEFORE_SENTENCE = rf"[{_STOPS}]+{_CLOSING}(?:\s+(?={_OPENING}[^\W_a-zß-öø-ÿ]|{_OPENING}[£$€])|(?<=。)"
_SENTENCE_END_LOW = later(f"{_BEFORE_SENTENCE})")
_SENTENCE_END = later(f"{_BEFORE_SENTENCE}|(?=[{_HAN}]))")
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        "mr mrs ms dr sir st prof rev hon lt gen col sgt capt gov sen rep pres vs co ltd inc corp plc "
        "bros jan feb mar apr jun jul aug sep sept oct nov dec approx est dept univ fig ed eds",
    )
)
_ELISION = frozenset(f"'{_APOSTROPHES}")
_MARKS_OF_POSSESSION = f"'{_APOSTROPHES}"
_POSSESSIVE = tuple(f"{apostrophe}{letter}" for apostrophe in _MARKS_OF_POSSESSION for letter in "sS")
_SINGLE = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_QUOTES, '"'),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict.fromkeys(_MARKS, " "),
        "ß": "ss",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
    }
)
RUNS_REMEMBERED = 50_000
LONGEST_REMEMBERED = 40
"""Distinct runs of characters whose words are kept, and how long they may be: a few megabytes."""


@cache
def _simplifier() -> opencc.OpenCC:
    import opencc  # noqa: PLC0415 - most texts have no character to simplify

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """`text` with traditional Chinese characters in their simplified form, phrases as phrases."""
    converted: str = _simplifier().convert(text)
    return converted


@lru_cache(maxsize=16_384)
def _form_of(char: str) -> str:
    """One character in its comparable form: no accent, ordinary width, simplified; possibly "" or longer."""
    single = char.translate(_SINGLE)
    if single != char:
        return single
    if char == "…":
        return char  # three full stops would be three signs, and could make an abbreviation
    if unicodedata.category(char) == "Cs":
        return " "  # half of a character, which no library takes; JSON can carry it
    wide = unicodedata.normalize("NFKC", char).translate(_SINGLE)
    plain = "".join(c for c in unicodedata.normalize("NFKD", wide) if unicodedata.category(c) != "Mn")
    if len(plain) == 1 and is_han(plain):
        simple = simplified(plain)
        # A character by itself: a phrase table could change the length, and with it every offset.
        return simple if len(simple) == 1 else plain
    # Only marks are taken off: a Korean syllable stays whole.
    if len(plain) == len(wide) or unicodedata.category(char) != "Lo":
        return plain
    return "".join(c for c in wide if unicodedata.category(c) != "Mn")


def lower(form: str) -> str:
    """`form` in small letters, of the same length."""
    lowered = form.lower()
    return lowered if len(lowered) == len(form) else "".join(c.lower()[:1] for c in form)


def fold(text: str) -> str:
    """`text` in the form in which two spellings of the same words are equal: small letters, no accents."""
    if text.isascii():
        return text.lower()
    return lower("".join(map(_form_of, text)))


def _sentence_ends(form: str) -> Iterator[int]:
    marks = [at for at in map(form.find, _STOPS) if at >= 0]
    if not marks:
        return
    pattern = _SENTENCE_END if not form.isascii() and _HIGH.search(form) else _SENTENCE_END_LOW
    for found in pattern.finditer(form, min(marks)):
        before = form[max(0, found.start() - 12) : found.start()]
        last = fold(re.split(r"[^\w]", before)[-1])
        is_letter = len(last) == 1 and last.isascii() and last.isalpha()
        is_initial = is_letter and last != "i" and before[-2:-1] not in _ELISION
        is_number = last in {"no", "nos"} and form[found.end() : found.end() + 1].isdigit()
        if form[found.start()] in ".…" and (last in _ABBREVIATIONS or is_initial or is_number):
            continue
        yield found.end()


def _word_in(text: str) -> re.Pattern[str]:
    """The pattern of a word for this text."""
    if text.isascii():
        return _WORD_ASCII
    return _WORD_ANY if _HIGH.search(text) else _WORD_LOW


def _is_ordinary(text: str) -> bool:
    return text.isascii() or bool(_ORDINARY_LOW.fullmatch(text) or _ORDINARY.fullmatch(text))


def has_wide(text: str) -> bool:
    """Whether a character of `text` is a word of its own."""
    return not text.isascii() and bool(_HIGH.search(text) and _WIDE.search(text))


def _past_marks(text: str, end: int) -> int:
    """`end`, moved past the accents that are written as characters of their own."""
    while end < len(text) and unicodedata.category(text[end]) == "Mn":
        end += 1
    return end


def _bare(word: str) -> str:
    """A word as it was cut, without its possessive and the full stops of an abbreviation."""
    if word.endswith(_POSSESSIVE):
        word = word[:-2]
    return word.replace(".", "") if len(word) > 1 else word


class Cut(NamedTuple):
    """What stands between two gaps of a text, cut into words."""

    forms: tuple[str, ...]
    """The words, in the form of Words.forms."""
    spans: tuple[tuple[int, int], ...]
    """Where each begins and ends, a possessive left out."""


class _Cuts(dict[str, Cut]):
    """Texts share what stands between their gaps, so that little of it is cut anew."""

    _last: tuple[str, Cut] = ("", Cut((), ()))

    def __missing__(self, run: str) -> Cut:
        if len(run) > LONGEST_REMEMBERED:
            # A page of Chinese is one run, and is asked for at each of its places.
            last, cut = self._last
            if last != run:
                cut = fresh_cut(run)
                self._last = (run, cut)
            return cut
        if len(self) >= RUNS_REMEMBERED:
            self.clear()
        self[run] = cut = fresh_cut(run)
        return cut


def fresh_cut(run: str) -> Cut:
    """The words of a part of a text that stands between gaps, and where they are. Not remembered."""
    if run.isascii() and run.isalnum():
        return Cut((run,), ((0, len(run)),))  # most runs: one word as it stands
    spans = tuple([word.span() for word in _word_in(run).finditer(run)])
    forms = tuple([_FORMS[run[start:end]] for start, end in spans])
    if any(apostrophe in run for apostrophe in _MARKS_OF_POSSESSION):
        spans = tuple(_without_possessive(run, *span) for span in spans)
    return Cut(forms, spans)


class _Forms(dict[str, str]):
    """The form of each distinct word: Chinese texts are of some thousands."""

    def __missing__(self, word: str) -> str:
        form = "".join(map(_form_of, _bare(word)))
        if len(self) >= RUNS_REMEMBERED:
            self.clear()
        if len(word) <= LONGEST_REMEMBERED:
            self[word] = form
        return form


_FORMS = _Forms()


def _without_possessive(run: str, start: int, end: int) -> tuple[int, int]:
    return start, end - 2 if end - start > 2 and run.endswith(_POSSESSIVE, start, end) else end


cut_run = _Cuts().__getitem__
"""The same, remembered."""


class Words:
    """A text cut into words. Immutable. The tuples run in step: word i is `source[starts[i]:ends[i]]`.

    `form` is the text with characters in their comparable form; places in it are where terms are matched.
    Words, and where they stand, are worked out when they are asked for: most texts are only looked through.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.form = source
        self._offsets: list[int] | None = None
        if not _is_ordinary(source):
            pieces = list(map(_form_of, source))
            self.form = "".join(pieces)
            self._offsets = [at for at, piece in enumerate(pieces) for _ in piece]

    def __len__(self) -> int:
        return len(self.forms)

    def __bool__(self) -> bool:
        return bool(_word_in(self.form).search(self.form))

    # The words

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """No accents, simplified characters, the text's own capitals: what a term's are checked against."""
        return tuple(form for run in self._runs for form in cut_run(run).forms)

    @cached_property
    def folds(self) -> tuple[str, ...]:
        """The same in small letters: what is looked up."""
        return tuple(map(lower, self.forms))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each word begins in the source."""
        return tuple(self.in_source(*span)[0] for span in self._spans)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Where it ends, a possessive left out."""
        return tuple(self.in_source(*span)[1] for span in self._spans)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The word's running number, signs not counted: what NEAR measures."""
        return tuple(accumulate(map(_is_word, self.forms)))

    @cached_property
    def sentences(self) -> tuple[int, ...]:
        """The number of the sentence that each word is in, from 0."""
        return tuple(bisect_right(self.sentence_ends, start) for start, _ in self._spans)

    def quote(self, start: int, end: int) -> str:
        """The source text of words start to end (end excluded)."""
        return self.source[self.starts[start] : self.ends[end - 1]]

    # Places in the comparable form

    def index_at(self, place: int) -> int:
        """Which word stands at a place."""
        return bisect_right(self._word_starts, place) - 1

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Where each sentence but the last ends."""
        return list(_sentence_ends(self.form))

    @cached_property
    def first_sentence_end(self) -> int:
        """Where the first sentence ends: the end of the text where it has only one."""
        return next(_sentence_ends(self.form), len(self.form))

    def in_source(self, start: int, end: int) -> tuple[int, int]:
        """The same two places in the source."""
        if self._offsets is None:
            return start, end
        return self._offsets[start], _past_marks(self.source, self._offsets[end - 1] + 1)

    @cached_property
    def _runs(self) -> list[str]:
        """What stands between two gaps."""
        return self.form.split()

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """Where each word begins and ends."""
        spans, end = [], 0
        for run in self._runs:
            before = self.form.index(run, end)
            end = before + len(run)
            spans += [(before + start, before + last) for start, last in cut_run(run).spans]
        return spans

    @cached_property
    def _word_starts(self) -> list[int]:
        return [start for start, _ in self._spans]


def words(text: str) -> Words:
    """Cuts `text` (plain, of any length) into words; time grows linearly with its length."""
    return Words(text)


def _is_word(form: str) -> bool:
    return form[:1].isalnum()


def first_sentence(text: str) -> str:
    """The first sentence of `text`, the whole where it has only one."""
    cut = words(text)
    if not cut or cut.sentences[-1] == 0:
        return text.strip()
    beyond = next(i for i, number in enumerate(cut.sentences) if number)
    return text[: cut.starts[beyond]].strip().rstrip("\"'(“‘[").strip()


def is_han(char: str) -> bool:
    """Whether `char` is a Chinese character."""
    return char >= "\u3005" and any(first <= char[:1] <= last for first, last in _HAN_RANGES)
