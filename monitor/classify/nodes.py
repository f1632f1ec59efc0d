"""Core: the tree that a term of the rule language is read into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Word(NamedTuple):
    """One word of a phrase: its fold, the capitals the text must have, and whether any ending will do."""

    fold: str
    capitals: tuple[tuple[int, str], ...] = ()
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other."""

    words: tuple[Word, ...]
    key: str = field(init=False, repr=False, compare=False)
    """As a term would have it; equal phrases have the same. What is found in an item is kept by it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", " ".join(map(_written, self.words)))

    def __hash__(self) -> int:
        return hash(self.key)


def _written(word: Word) -> str:
    form = list(word.fold)
    for at, capital in word.capitals:
        form[at] = capital
    return "".join(form) + "*" * word.open_ended


@dataclass(frozen=True, slots=True)
class Either:
    """A OR B."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """A AND B: both anywhere in the item."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """A NOT B: A, in an item that has no B."""

    node: Node
    unwanted: Node


@dataclass(frozen=True, slots=True)
class Near:
    """A NEAR/n B: at most n words apart in one field, in either order; neighbours are 1 apart."""

    left: Node
    right: Node
    distance: int


@dataclass(frozen=True, slots=True)
class Same:
    """A SAME B: in one sentence."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class AtLeast:
    """ATLEAST/n A: n times or more in the item."""

    node: Node
    count: int


@dataclass(frozen=True, slots=True)
class InTitle:
    """title: A."""

    node: Node


Node = Phrase | Either | Both | Without | Near | Same | AtLeast | InTitle


def phrases(node: Node) -> tuple[Phrase, ...]:
    """Every phrase of a tree, the unwanted ones of NOT included."""
    match node:
        case Phrase():
            return (node,)
        case Either(nodes) | Both(nodes):
            return tuple(phrase for part in nodes for phrase in phrases(part))
        case Without(wanted, unwanted):
            return phrases(wanted) + phrases(unwanted)
        case Near(left, right) | Same(left, right):
            return phrases(left) + phrases(right)
        case AtLeast(inner) | InTitle(inner):
            return phrases(inner)
