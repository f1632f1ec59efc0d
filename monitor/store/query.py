"""I/O: the language of `search`, read into a tree and written out as SQL; `search` puts it to the database.

    chinese embassy          both words              steel OR coal        either
    "royal mint"             the phrase              steel NOT british    the first without the second
    tariff*                  any ending              (a OR b) AND c       parentheses

Nothing a user types reaches SQLite's own query syntax unquoted. Chinese, Japanese and Korean words are looked
for in the texts themselves, because the full-text index takes a run of such characters for one word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .connection import StoreError

TOKEN = re.compile(r'"(?P<phrase>[^"]*)(?:"|$)|(?P<bracket>[()])|(?P<word>[^\s()"]+)')
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
MOST_WORDS = 50
"""Bounds, because FTS5 refuses expressions of great depth."""
MOST_BRACKETS = 20


@dataclass(frozen=True, slots=True)
class Words:
    """A word or a phrase, with any ending where `prefix`."""

    text: str
    prefix: bool = False

    @property
    def is_cjk(self) -> bool:
        """Whether the full-text index would not find it."""
        return bool(CJK.search(self.text))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two queries joined by AND, OR or NOT."""

    operator: str
    left: Query
    right: Query


Query = Words | Pair


def parse(text: str) -> Query:
    """Read what a user typed. Raises StoreError with a sentence where it makes no query."""
    # A lone surrogate, from a terminal in another encoding, cannot be bound to a statement.
    text = text.encode("utf-8", "replace").decode().replace("\0", " ")
    tokens = list(_tokens(text))
    words = sum(isinstance(token, Words) for token in tokens)
    if words > MOST_WORDS or tokens.count("(") > MOST_BRACKETS:
        raise StoreError(f"the query is longer than {MOST_WORDS} words or {MOST_BRACKETS} parentheses")
    if not words:
        raise StoreError(f"the query {text!r} has no word to look for")
    query, rest = _either(tokens)
    if rest:
        raise StoreError(f"the query {text!r} has a closing parenthesis without an opening one")
    return query


def words_of(query: Query) -> Iterator[Words]:
    """The words that a hit may show: all but those behind a NOT."""
    if isinstance(query, Words):
        yield query
        return
    yield from words_of(query.left)
    if query.operator != "NOT":
        yield from words_of(query.right)


def is_cjk(query: Query) -> bool:
    """Whether the full-text index alone cannot answer it."""
    if isinstance(query, Words):
        return query.is_cjk
    return is_cjk(query.left) or is_cjk(query.right)


def finds_cjk_only(query: Query) -> bool:
    """Whether whatever it finds has a Chinese, Japanese or Korean character."""
    if isinstance(query, Words):
        return query.is_cjk
    left, right = finds_cjk_only(query.left), finds_cjk_only(query.right)
    return {"AND": left or right, "OR": left and right, "NOT": left}[query.operator]


def to_fts(query: Query) -> str:
    """As an FTS5 expression (https://www.sqlite.org/fts5.html, section 3) with every word quoted."""
    if isinstance(query, Words):
        return f'"{query.text}"{"*" if query.prefix else ""}'
    return f"({to_fts(query.left)} {query.operator} {to_fts(query.right)})"


def pattern(text: str, alike: Callable[[str], str]) -> str:
    """A regular expression for `text` in every spelling; `alike` gives, for a character, all that are it."""
    return "".join(f"[{re.escape(alike(char))}]" for char in text)


def to_where(query: Query, alike: Callable[[str], str], texts: Sequence[str]) -> tuple[str, dict[str, str]]:
    """As a condition on `items`, with its parameters: slower, for what the index cannot find.

    `texts`: the columns or expressions in which Chinese words are looked for. Whoever puts it to the database
    gives it a function `regexp`, which the operator calls.
    """
    parameters: dict[str, str] = {}
    return _condition(query, alike, texts, parameters), parameters


def _condition(
    query: Query, alike: Callable[[str], str], texts: Sequence[str], parameters: dict[str, str]
) -> str:
    if isinstance(query, Pair):
        left = _condition(query.left, alike, texts, parameters)
        right = _condition(query.right, alike, texts, parameters)
        operator = "AND NOT" if query.operator == "NOT" else query.operator
        return f"({left} {operator} {right})"
    name = f"words{len(parameters)}"
    if not query.is_cjk:
        parameters[name] = to_fts(query)
        return f"items.id IN (SELECT rowid FROM items_fts WHERE items_fts MATCH :{name})"  # noqa: S608 - our own name
    parameters[name] = pattern(query.text, alike)
    return "(" + " OR ".join(f"{text} REGEXP :{name}" for text in texts) + ")"


def _tokens(text: str) -> Iterator[Words | str]:
    for found in TOKEN.finditer(text):
        word, phrase, bracket = found["word"], found["phrase"], found["bracket"]
        if bracket or word in {"AND", "OR", "NOT"}:
            yield bracket or word
            continue
        words = word or phrase
        # Signs alone are no words to the index: "UK & China" asks for two.
        if any(character.isalnum() for character in words):
            yield Words(words.rstrip("*"), prefix=words.endswith("*"))


def _either(tokens: list[Words | str]) -> tuple[Query, list[Words | str]]:
    query, rest = _all(tokens)
    while rest and rest[0] == "OR":
        right, rest = _all(rest[1:])
        query = Pair("OR", query, right)
    return query, rest


def _all(tokens: list[Words | str]) -> tuple[Query, list[Words | str]]:
    query, rest = _one(tokens)
    while rest and rest[0] not in {"OR", ")"}:
        operator, rest = _operator(rest)
        right, rest = _one(rest)
        query = Pair(operator, query, right)
    return query, rest


def _operator(tokens: list[Words | str]) -> tuple[str, list[Words | str]]:
    """What joins the next word, and what follows it: nothing written means AND."""
    if tokens[:2] == ["AND", "NOT"]:
        return "NOT", tokens[2:]
    if tokens[0] in {"AND", "NOT"}:
        return str(tokens[0]), tokens[1:]
    return "AND", tokens


def _one(tokens: list[Words | str]) -> tuple[Query, list[Words | str]]:
    if not tokens:
        raise StoreError("the query ends where a word is wanted")
    first, rest = tokens[0], tokens[1:]
    if isinstance(first, Words):
        return first, rest
    if first != "(":
        raise StoreError(f'the query has {first} where a word is wanted; for the word itself write "{first}"')
    query, rest = _either(rest)
    if not rest:
        raise StoreError("the query has an opening parenthesis without a closing one")
    return query, rest[1:]
