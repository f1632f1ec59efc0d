"""Core: single edits of the rules, as `diff --add trade:tariff*` has them."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

from ..classify import TermError, compile_term
from ..models import RuleSpec
from .changes import LISTS, TOPIC_PREFIX, lists, with_list

NAMED = 3
"""How many near terms, or lists, a message names."""


class EditError(ValueError):
    """An edit that cannot be made; the message says which, why, and what to write instead."""


def edited(spec: RuleSpec, *, add: Sequence[str] = (), drop: Sequence[str] = ()) -> RuleSpec:
    """`spec` without the terms of `drop` and then with those of `add`, each written "LIST:TERM".

    Dropping first lets one call give a term another weight: drop "trade:tariff*", add "trade:tariff* ^2".
    Raises EditError for a list that is not there, a term that cannot be read, a term to drop that is not
    there and a term to add that is.
    """
    for edit in drop:
        spec = _dropped(spec, edit)
    for edit in add:
        spec = _added(spec, edit)
    return spec


def _dropped(spec: RuleSpec, edit: str) -> RuleSpec:
    where, term = _parts(spec, "--drop", edit)
    present = lists(spec)[where]
    left = tuple(one for one in present if _squeezed(one) != term)
    if len(left) == len(present):
        raise EditError(f'--drop {edit}: there is no "{term}" in {where}; {_where_else(spec, where, term)}')
    return with_list(spec, where, left)


def _added(spec: RuleSpec, edit: str) -> RuleSpec:
    where, term = _parts(spec, "--add", edit)
    try:
        node = compile_term(term).node
    except TermError as error:
        raise EditError(f"--add {edit}: {_described(term, error)}") from error
    present = lists(spec)[where]
    if term in map(_squeezed, present):
        raise EditError(f'--add {edit}: "{term}" stands in {where} already')
    same = next((one for one in present if compile_term(one).node == node), None)
    if same is not None:
        hint = f'to write it otherwise, also give --drop "{where}:{same}"'
        raise EditError(f'--add {edit}: {where} has it already, as "{same}"; {hint}')
    return with_list(spec, where, (*present, term))


def _parts(spec: RuleSpec, option: str, edit: str) -> tuple[str, str]:
    where, colon, term = edit.partition(":")
    where, term = where.strip(), _squeezed(term)
    if not colon or not term:
        raise EditError(f'{option} {edit}: write LIST:TERM, as in {option} "trade:market access"')
    known = lists(spec)
    plain = where.removeprefix(TOPIC_PREFIX)
    for name in (where, plain):
        if name in known:
            return name, term
    near = difflib.get_close_matches(plain.lower(), known, n=1)
    topics = [name for name in known if name not in LISTS]
    hint = f"did you mean {near[0]}?" if near else f"topics: {_some(topics)}; lists: {', '.join(LISTS)}"
    raise EditError(f'{option} {edit}: there is no topic or list "{where}"; {hint}')


def _where_else(spec: RuleSpec, where: str, term: str) -> str:
    """Where the term does stand, else what there is that looks like it."""
    elsewhere = [name for name, terms in lists(spec).items() if term in map(_squeezed, terms)]
    if elsewhere:
        return f"it stands in {', '.join(elsewhere)}"
    present = {one.casefold(): one for one in lists(spec)[where]}
    folded = term.casefold()
    near = [
        *(one for one in present if folded in one),
        *difflib.get_close_matches(folded, present, n=NAMED, cutoff=0.7),
    ]
    names = [f'"{present[one]}"' for one in dict.fromkeys(near)][:NAMED]
    return f"near it: {', '.join(names)}" if names else f"nothing in {where} is like it"


def _described(term: str, error: TermError) -> str:
    """The error with the term below it, a caret under the place, and what to write."""
    before = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in term[: error.column])
    hint = f"\n    = help: {error.hint}" if error.hint else ""
    return f"{error.message}\n    {term}\n    {' ' * before}^{hint}"


def _squeezed(term: str) -> str:
    return " ".join(term.split())


def _some(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
