"""Core: reads one term of the rule language into a tree.

    term    = [units…] ["^" weight]
    any     = all { "OR" all }
    all     = near { ("AND" | "NOT") near }
    near    = unit { ("NEAR/n" | "SAME") unit }
    unit    = "title:" unit | "ATLEAST/n" unit | "(" any ")" | phrase
    phrase  = word or "literal", one or more

The vocabulary is that of press databases (LexisNexis: w/n, atleast, headline; Factiva: near, same, atleast).
Operators are capitals; the same words in small letters are ordinary words of a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ..text import is_han, lower, words
from ..text.later import later
from .nodes import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Without, Word

TERMS_REMEMBERED = 20_000
"""Terms kept compiled: a config's are read when they are checked and again by the rule book."""
MAX_LENGTH = 1_000
MAX_DEPTH = 20
MAX_DISTANCE = 100
MAX_WEIGHT = 9


class TermError(ValueError):
    """A term that cannot be read: `message`, the 0-based `column` in the term, and a `hint` (may be "")."""

    def __init__(self, message: str, column: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.hint = hint


class Term(NamedTuple):
    """A compiled term: its source text, its tree, and what it counts for."""

    source: str
    node: Node
    weight: float = 1.0


class _Token(NamedTuple):
    kind: str
    """word, literal, operator, title, weight, ( or )."""
    text: str
    column: int


# Where nothing of this stands in a term, it is words and nothing else.
_SYNTAX = re.compile(r'["()^:|&/]|\b(?:AND|OR|NOT|SAME|NEAR|ATLEAST)')
_WORD = re.compile(r"\S+")
# One that follows this has no mistake: words, or words in parentheses, between operators.
_PLAIN_WORD = r"(?!NEAR|ATLEAST|(?:AND|OR|NOT|SAME)\b)[A-Za-z0-9]+(?:['.-][A-Za-z0-9]+)*\*?"
_PLAIN = rf"(?:{_PLAIN_WORD})(?: (?:{_PLAIN_WORD}))*"
_UNIT = rf"(?:{_PLAIN}|\({_PLAIN}(?: OR {_PLAIN})*\))"
_SOUND = later(rf"{_UNIT}(?: (?:AND|OR|NOT|SAME|NEAR/[1-9][0-9]?) {_UNIT})*(?: \^[1-9])?")
_OPERATOR = re.compile(r"(?:AND|OR|NOT|SAME|NEAR/\d+|ATLEAST/\d+)\Z")
_WEIGHT = re.compile(r"\^(\d+(?:\.\d+)?)\Z")
_BARE = re.compile(r"(NEAR|ATLEAST)(/\D*)?\Z")
_SMALL = re.compile(r"(near|atleast)/\d+\Z", re.IGNORECASE)
_BEFORE_PARENTHESIS = re.compile(r"(AND|OR|NOT|SAME|NEAR/\d+|ATLEAST/\d+)(?=\()")
_FOREIGN = {"&&": "AND", "||": "OR", "|": "OR"}
_MALFORMED = re.compile(r"(NEAR|ATLEAST|SAME)/")
_LEXIS = re.compile(r"[Ww]/(\d+)\Z")
_GLUED_WEIGHT = re.compile(r"(.+)\^(\d+(?:\.\d+)?)\Z")
_RUN_TOGETHER = re.compile(r"(NEAR|ATLEAST)[-:]?(\d+)\Z")


def _word_end(source: str, start: int) -> int:
    """Where the word that begins at `start` ends; parentheses opened inside it, as in BN(O), belong to it."""
    inner = 0
    for at in range(start, len(source)):
        char = source[at]
        if char.isspace() or (char == '"' and at > start):
            return at
        if char == "(":
            inner += 1
        elif char == ")":
            if not inner:
                return at
            inner -= 1
    return len(source)


def _tokens(source: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char.isspace():
            at += 1
        elif char in "()":
            found.append(_Token(char, char, at))
            at += 1
        elif char == '"':
            close = source.find('"', at + 1)
            if close < 0:
                raise TermError("a double quote is opened and never closed", at, 'add the closing "')
            found.append(_Token("literal", source[at + 1 : close], at))
            at = close + 1
        elif source.startswith("title:", at):
            found.append(_Token("title", "title:", at))
            at += len("title:")
        elif operator := _BEFORE_PARENTHESIS.match(source, at):
            found.append(_Token("operator", operator[1], at))
            at = operator.end(1)
        else:
            end = _word_end(source, at)
            found.append(_word_token(source[at:end], at))
            at = end
    return found


def _word_token(text: str, at: int) -> _Token:
    if _OPERATOR.match(text):
        return _Token("operator", text, at)
    if _WEIGHT.match(text):
        return _Token("weight", text, at)
    if text.startswith("^"):
        raise TermError(f"{text} is not a weight", at, "write ^2 to count a term double")
    if bare := _BARE.match(text):
        example = {"NEAR": "5", "ATLEAST": "3"}[bare[1]]
        raise TermError(f"{bare[1]} needs a number", at, f"write {bare[1]}/{example}")
    if _SMALL.match(text):
        raise TermError(f"{text} is an operator in small letters", at, f"write {text.upper()}")
    if malformed := _MALFORMED.match(text):
        right = {"NEAR": "NEAR/5", "ATLEAST": "ATLEAST/3", "SAME": "SAME"}[malformed[1]]
        raise TermError(f"{text} is not an operator", at, f"write {right}")
    if lexis := _LEXIS.match(text):
        raise TermError(f"{text} is not an operator here", at, f"write NEAR/{lexis[1]}")
    if glued := _GLUED_WEIGHT.match(text):
        raise TermError("a weight stands apart", at + len(glued[1]), f"write {glued[1]} ^{glued[2]}")
    if run := _RUN_TOGETHER.match(text):
        raise TermError(f"{text} is not an operator", at, f"write {run[1]}/{run[2]}")
    if text in _FOREIGN:
        raise TermError(
            f"{text} is not an operator here", at, f'write {_FOREIGN[text]}, or "{text}" for the sign'
        )
    if text.endswith(":"):
        raise TermError(
            f"{text} is not a field", at, f'the only field is title: — or write "{text}" in double quotes'
        )
    return _Token("word", text, at)


class _Reader:
    """A recursive-descent reader over the tokens of one term."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.at = 0
        self.depth = 0

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take_operator(self, *names: str) -> _Token | None:
        token = self.peek()
        if token and token.kind == "operator" and token.text.partition("/")[0] in names:
            self.at += 1
            return token
        return None

    def any(self) -> Node:
        nodes = [self.all()]
        while self.take_operator("OR"):
            nodes.append(self.all())
        return nodes[0] if len(nodes) == 1 else Either(tuple(nodes))

    def all(self) -> Node:
        node = self.near()
        while operator := self.take_operator("AND", "NOT"):
            other = self.near()
            node = Both((node, other)) if operator.text == "AND" else Without(node, other)
        return node

    def near(self) -> Node:
        node = self.unit()
        while operator := self.take_operator("NEAR", "SAME"):
            other = self.unit()
            if operator.text == "SAME":
                node = Same(node, other)
            else:
                node = Near(node, other, _number(operator, MAX_DISTANCE))
        return node

    def unit(self) -> Node:
        token = self.peek()
        if token is None:
            before = self.tokens[-1]
            raise TermError(
                f"something is missing after {before.text}", len(self.source), "add a word or phrase"
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TermError(
                f"more than {MAX_DEPTH} levels of parentheses or operators",
                token.column,
                "take away parentheses that do nothing, or write several terms instead",
            )
        node = self._unit(token)
        self.depth -= 1
        return node

    def _unit(self, token: _Token) -> Node:
        if token.kind == "title":
            self.at += 1
            return InTitle(self.unit())
        if operator := self.take_operator("ATLEAST"):
            return AtLeast(self.unit(), _number(operator, MAX_DISTANCE))
        if token.kind == "(":
            return self.parenthesis(token)
        if token.kind == ")":
            raise TermError("a parenthesis is closed that was never opened", token.column, 'quote it: ")"')
        if token.kind == "operator":
            raise TermError(
                f"{token.text} needs something before it",
                token.column,
                f'operators stand between two terms; the word itself is "{token.text}" in double quotes',
            )
        return self.phrase()

    def parenthesis(self, opened: _Token) -> Node:
        self.at += 1
        node = self.any()
        token = self.peek()
        if token is None:
            raise TermError("a parenthesis is opened and never closed", opened.column, "add the closing )")
        if token.kind == "weight":
            raise TermError(
                f"{token.text} belongs at the end of the term",
                token.column,
                f"write {token.text} after the last parenthesis",
            )
        if token.kind != ")":
            raise TermError(
                f"an operator is missing before {token.text}", token.column, "add AND, OR or NEAR/5"
            )
        self.at += 1
        return node

    def phrase(self) -> Phrase:
        start, first = self.at, self.peek()
        while (token := self.peek()) and token.kind in {"word", "literal"}:
            self.at += 1
        return _phrase(self.tokens[start : self.at], first.column if first else 0)


def read_phrase(source: str) -> Phrase:
    """Reads what is words and nothing else, no operator and no parenthesis. Raises TermError."""
    tokens = [_Token("word", word[0], word.start()) for word in _WORD.finditer(source)]
    return _phrase(tokens, tokens[0].column)


def _phrase(tokens: Iterable[_Token], column: int) -> Phrase:
    found: list[Word] = []
    for token in tokens:
        found += _literal(token.text) if token.kind == "literal" else _words(token)
    if not any(_says_something(word.fold) for word in found):
        raise TermError("there is no word in this term", column, "write a word or a phrase")
    return Phrase(tuple(found))


def _says_something(fold: str) -> bool:
    """Letters, digits and currency signs do; a full stop or an exclamation mark would match every text."""
    return any(char.isalnum() or unicodedata.category(char) == "Sc" for char in fold)


def _number(operator: _Token, most: int) -> int:
    name, _, digits = operator.text.partition("/")
    number = int(digits[:6])
    if not 1 <= number <= most:
        raise TermError(
            f"{name}/{digits[:6]} is out of range", operator.column, f"use {name}/1 to {name}/{most}"
        )
    return number


@lru_cache(maxsize=TERMS_REMEMBERED)
def _literal(text: str) -> tuple[Word, ...]:
    return tuple(Word(lower(form), _capitals(form)) for form in words(text).forms)


def _words(token: _Token) -> tuple[Word, ...]:
    stem, star, rest = token.text.partition("*")
    if not star:
        return _literal(token.text)
    column = token.column + len(stem)
    if rest:
        whole = stem or rest.strip("*")
        hint = f"write {whole}*" if whole else "write tariff*"
        raise TermError("* stands for any ending, so it comes last in a word", column, hint)
    found = _literal(stem)
    if not found or not any(char.isalnum() for char in found[-1].fold):
        raise TermError("* needs the beginning of a word before it", column, "write tariff*, not *")
    if is_han(stem[-1]):
        raise TermError("Chinese terms need no *: they match inside longer words", column, f"write {stem}")
    if stem[-1] in "-'’":
        raise TermError("* needs the beginning of a word before it", column, f"write {stem[:-1]}")
    last = found[-1]
    return (*found[:-1], Word(last.fold, last.capitals, open_ended=True))


def _capitals(form: str) -> tuple[tuple[int, str], ...]:
    if form.islower():
        return ()
    return tuple((at, char) for at, char in enumerate(form) if char.isupper())


def check_term(source: str) -> None:
    """Raises TermError where `compile_term` would; for most terms a look is enough, a tenth of the time."""
    if source and len(source) <= MAX_LENGTH:
        if source.isascii() and _SOUND.fullmatch(source):
            return
        if min(source) >= "\u4e00" and max(source) <= "\u9fff":  # Chinese, and nothing else
            return
    compile_term(source)


@lru_cache(maxsize=TERMS_REMEMBERED)
def compile_term(source: str) -> Term:
    """Reads one term. Raises TermError with the column and, where there is one, what to write instead."""
    if len(source) > MAX_LENGTH:
        raise TermError(
            f"a term may have {MAX_LENGTH:,} characters, this one has {len(source):,}",
            hint="write several terms instead: any of a list is enough",
        )
    if not source.strip():
        raise TermError("the term is empty", 0, "write a word, or remove the line")
    if not _SYNTAX.search(source):
        # Most terms of a config, and a config may have thousands: the short way to what follows.
        return Term(source, read_phrase(source))
    reader = _Reader(source)
    node = reader.any()
    weight = 1.0
    token = reader.peek()
    if token and token.kind == "weight":
        weight = float(token.text[1:])
        if not 0 < weight <= MAX_WEIGHT:
            raise TermError(
                f"a weight is more than 0 and at most {MAX_WEIGHT}", token.column, "write ^2 to count double"
            )
        reader.at += 1
        if extra := reader.peek():
            raise TermError(f"nothing may follow {token.text}", extra.column, f"move {token.text} to the end")
    elif token and token.kind == ")":
        raise TermError("a parenthesis is closed that was never opened", token.column, 'quote it: ")"')
    elif token:
        raise TermError(f"an operator is missing before {token.text}", token.column, "add AND, OR or NEAR/5")
    return Term(source, node, weight)
