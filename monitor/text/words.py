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
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc

HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3040-\u30ff"
_WORD_ASCII = re.compile(
    r"(?P<abbreviation>(?<![A-Za-z0-9])[A-Za-z](?:\.[A-Za-z])+(?![A-Za-z0-9])\.?(?:'[sS])?)"
    r"|(?P<word>[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*)"
    r"|(?P<sign>[^\sA-Za-z0-9_'\"-])"
)
_WORD_ANY = re.compile(
    r"(?P<abbreviation>(?<![^\W_])[^\W\d_](?:\.[A-Za-z])+(?![^\W_])\.?(?:'[sS])?)"
    rf"|(?P<han>[{HAN}{_KANA}](?:'[sS](?![^\W_]))?)"
    rf"|(?P<word>[^\W_{HAN}{_KANA}]+(?:'[^\W_{HAN}{_KANA}]+)*)"
    r"|(?P<sign>[^\s\w'\"-])"
)
_SENTENCE_END = re.compile(
    rf"[.!?]+[\"')\]]*\s+(?=[\"'(\[]*[^\W_a-z]|[\"'(\[]*[£$€])|[.!?。]+[\"')\]]*(?=[{HAN}])|。"
)
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        "mr mrs ms dr sir st prof rev hon lt gen col sgt capt gov sen rep pres vs co ltd inc corp plc "
        "bros jan feb mar apr jun jul aug sep sept oct nov dec approx est dept univ fig ed eds",
    )
)
_POSSESSIVE = {"'s", "'S"}
_SINGLE = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼʹ′＇`´", "'"),
        **dict.fromkeys("“”„‟″«»‹›「」『』《》〈〉", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict.fromkeys("™®©", " "),
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


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into words. The tuples run in step: word i is `source[starts[i]:ends[i]]`."""

    source: str
    folds: tuple[str, ...]
    """Small letters, accents folded, simplified characters: what is looked up."""
    forms: tuple[str, ...]
    """The same with the text's own capitals: what a term's capitals are checked against."""
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    numbers: tuple[int, ...]
    """The word's running number, signs not counted: what NEAR measures."""
    sentences: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.folds)

    def quote(self, start: int, end: int) -> str:
        """The source text of words start to end (end excluded)."""
        return self.source[self.starts[start] : self.ends[end - 1]]


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=16_384)
def _form_of(char: str) -> str:
    """One character in its comparable form: no accent, ordinary width, simplified; possibly "" or longer."""
    single = char.translate(_SINGLE)
    if single != char:
        return single
    if unicodedata.category(char) == "Cs":
        return " "  # half of a character, which no library takes; JSON can carry it
    wide = unicodedata.normalize("NFKC", char).translate(_SINGLE)
    plain = "".join(c for c in unicodedata.normalize("NFKD", wide) if unicodedata.category(c) != "Mn")
    if len(plain) == 1 and plain > "\u2e7f":
        simple: str = _simplifier().convert(plain)
        # A character by itself: a phrase table could change the length, and with it every offset.
        return simple if len(simple) == 1 else plain
    # Only marks are taken off: a Korean syllable stays whole.
    return plain if len(plain) == len(wide) or unicodedata.category(char) != "Lo" else wide


def _lower(form: str) -> str:
    lowered = form.lower()
    return lowered if len(lowered) == len(form) else "".join(c.lower()[:1] for c in form)


def fold(text: str) -> str:
    """`text` in the form in which two spellings of the same words are equal: small letters, no accents."""
    if text.isascii():
        return text.lower()
    return _lower("".join(map(_form_of, text)))


def _sentence_ends(form: str) -> Iterator[int]:
    for found in _SENTENCE_END.finditer(form):
        before = form[max(0, found.start() - 12) : found.start()]
        last = re.split(r"[^\w]", before)[-1].lower()
        is_letter = len(last) == 1 and last.isascii() and last.isalpha()
        is_initial = is_letter and last != "i" and before[-2:-1] != "'"
        is_number = last in {"no", "nos"} and form[found.end() : found.end() + 1].isdigit()
        if form[found.start()] == "." and (last in _ABBREVIATIONS or is_initial or is_number):
            continue
        yield found.end()


def _past_marks(text: str, end: int) -> int:
    """`end`, moved past the accents that are written as characters of their own."""
    while end < len(text) and unicodedata.category(text[end]) == "Mn":
        end += 1
    return end


def words(text: str) -> Words:
    """Cuts `text` (plain, of any length) into words; time grows linearly with its length."""
    if text.isascii():
        form, offsets, pattern = text, None, _WORD_ASCII
    else:
        pieces = list(map(_form_of, text))
        form = "".join(pieces)
        offsets = [at for at, piece in enumerate(pieces) for _ in piece]
        pattern = _WORD_ANY
    folds, forms, starts, ends, numbers, sentences = [], [], [], [], [], []
    boundaries = [*_sentence_ends(form), len(form) + 1]
    number = sentence = 0
    for found in pattern.finditer(form):
        piece, start, end = found.group(), found.start(), found.end()
        kind = found.lastgroup
        if kind != "sign" and piece[-2:] in _POSSESSIVE:
            piece, end = piece[:-2], end - 2
        if kind == "abbreviation":
            piece = piece.replace(".", "")
        if kind != "sign":
            number += 1
        while start >= boundaries[sentence]:
            sentence += 1
        folds.append(_lower(piece))
        forms.append(piece)
        starts.append(offsets[start] if offsets else start)
        ends.append(_past_marks(text, offsets[end - 1] + 1) if offsets else end)
        numbers.append(number)
        sentences.append(sentence)
    return Words(
        text, tuple(folds), tuple(forms), tuple(starts), tuple(ends), tuple(numbers), tuple(sentences)
    )


def first_sentence(text: str) -> str:
    """The first sentence of `text`, the whole where it has only one."""
    cut = words(text)
    if not cut or cut.sentences[-1] == 0:
        return text.strip()
    beyond = next(i for i, number in enumerate(cut.sentences) if number)
    return text[: cut.starts[beyond]].strip().rstrip("\"'(“‘[").strip()


def is_han(char: str) -> bool:
    """Whether `char` is a Chinese character."""
    return bool(re.match(f"[{HAN}]", char))
