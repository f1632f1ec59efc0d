"""Border: the lints of `monitor check`: their codes, and what docs/lint.md calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Lint:
    """One lint: its meaning in a few words, and the sentence where many terms of a list share it."""

    means: str
    many: str
    advice: str
    """What to do, where many are named at once."""


LINTS: Mapping[str, Lint] = MappingProxyType(
    {
        "K001": Lint(
            "the same term twice in a list",
            "{n} terms stand in the list twice, if written differently",
            "keep one of each",
        ),
        "K002": Lint(
            "a shorter term of the list does its work",
            "{n} terms find nothing that a shorter term of the list does not",
            "remove them, or let them count for more, as in ^2",
        ),
        "K003": Lint(
            "the same term in lists that contradict each other",
            "{n} terms stand in lists that contradict each other",
            "keep each in one of them",
        ),
        "K004": Lint(
            "a term without its plural",
            "{n} terms do not match their plural",
            'end the word in *, as in "small boat*", or add the plural as a term of its own',
        ),
        "K005": Lint(
            "a term that matches nearly everything",
            "{n} terms match too much",
            "tie each to a second word with NEAR or SAME, or remove it",
        ),
        "K006": Lint(
            "a term, or a part of it, that never matches or does nothing",
            "{n} terms never match, or have a part that does nothing",
            "see what each NOT and ATLEAST asks for",
        ),
        "K007": Lint(
            "a term whose words `ignore` takes away",
            "{n} terms never match: `ignore` takes their words away first",
            "remove them here or there",
        ),
        "K008": Lint(
            "a wildcard that takes other words",
            "{n} wildcards take other words",
            "list the endings that are meant",
        ),
        "K009": Lint(
            "quotation marks that do nothing",
            "{n} terms have quotation marks that do nothing",
            "remove them",
        ),
        "K010": Lint(
            "a term that reads otherwise than it looks",
            "{n} terms read otherwise than they look",
            "put quotes round each term that is meant as it stands",
        ),
        "K011": Lint(
            "a longer term that spoils the count of a shorter one",
            "{n} terms spoil the count of a shorter term within them",
            "give each at least the weight of the shorter one, or remove it",
        ),
        "S001": Lint(
            "a source that has brought many items, none of them relevant",
            "{n} sources have brought many items, none of them relevant",
            "switch them off with enabled: false, or look with `monitor search` at what they bring",
        ),
    }
)
