"""Core: single edits of the rules, as `diff --add trade:tariff*` has them."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

from ..classify import TermError, compile_term
from ..classify.nodes import Node
from ..models import RuleSpec
from .changes import LISTS, TOPIC_PREFIX, lists, with_list
from .reasons import TERM_SHOWN, shortened

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
    _refuse_repeats("--drop", [(*_parts(spec, "--drop", edit), edit) for edit in drop])
    _refuse_repeats("--add", [(*_parts(spec, "--add", edit), edit) for edit in add])
    for edit in drop:
        spec = _dropped(spec, edit)
    for edit in add:
        spec = _added(spec, edit)
    return spec


def _refuse_repeats(option: str, edits: Iterable[tuple[str, str, str]]) -> None:
    """The first time has done it: what would be said of the second one would mislead."""
    given: dict[tuple[str, Node | str], str] = {}
    for where, term, edit in edits:
        # A list may have two spellings of a term, to be dropped both.
        key = where, (_tree(term) if option == "--add" else None) or term
        if key in given:
            other = "" if given[key] == edit else f", also as {shortened(given[key])}"
            raise EditError(f"{option} {shortened(edit)}: it is given twice{other}; once is enough")
        given[key] = edit


def _dropped(spec: RuleSpec, edit: str) -> RuleSpec:
    where, term = _parts(spec, "--drop", edit)
    present = lists(spec)[where]
    meant = {one for one in present if _squeezed(one) == term}
    tree = _tree(term)
    if not meant and tree:
        # In another spelling, as `_added` finds it.
        meant = {one for one in present if compile_term(one).node == tree}
    if not meant:
        hint = _where_else(spec, where, term)
        raise EditError(f'--drop {shortened(edit)}: there is no "{shortened(term)}" in {where}; {hint}')
    return with_list(spec, where, tuple(one for one in present if one not in meant))


def _added(spec: RuleSpec, edit: str) -> RuleSpec:
    where, term = _parts(spec, "--add", edit)
    try:
        node = compile_term(term).node
    except TermError as error:
        raise EditError(f"--add {shortened(edit)}: {_described(term, error)}") from error
    present = lists(spec)[where]
    if term in map(_squeezed, present):
        raise EditError(f'--add {shortened(edit)}: "{shortened(term)}" stands in {where} already')
    same = next((one for one in present if compile_term(one).node == node), None)
    if same is not None:
        hint = f'to write it otherwise, also give --drop "{where}:{same}"'
        raise EditError(f'--add {shortened(edit)}: {where} has it already, as "{shortened(same)}"; {hint}')
    return with_list(spec, where, (*present, term))


def _parts(spec: RuleSpec, option: str, edit: str) -> tuple[str, str]:
    where, colon, term = edit.partition(":")
    where, term = where.strip(), _squeezed(term)
    if not colon or not term:
        raise EditError(f'{option} {shortened(edit)}: write LIST:TERM, as in {option} "trade:market access"')
    known = lists(spec)
    plain = where.removeprefix(TOPIC_PREFIX)
    for name in (where, plain):
        if name in known:
            return name, term
    near = difflib.get_close_matches(plain.lower(), known, n=1)
    topics = [name for name in known if name not in LISTS]
    hint = f"did you mean {near[0]}?" if near else f"topics: {_some(topics)}; lists: {', '.join(LISTS)}"
    raise EditError(f'{option} {shortened(edit)}: there is no topic or list "{shortened(where)}"; {hint}')


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
    names = [f'"{shortened(present[one])}"' for one in dict.fromkeys(near)][:NAMED]
    return f"near it: {', '.join(names)}" if names else f"nothing in {where} is like it"


def _described(term: str, error: TermError) -> str:
    """The error with the term below it, a caret under the place, and what to write."""
    first = max(0, error.column - TERM_SHOWN // 2) if len(term) > TERM_SHOWN else 0
    ahead, behind = "…" * bool(first), "…" * (len(term) > first + TERM_SHOWN)
    before = ahead + term[first : error.column]
    columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before)
    hint = f"\n    = help: {shortened(error.hint, 2 * TERM_SHOWN)}" if error.hint else ""
    shown = f"{ahead}{term[first : first + TERM_SHOWN]}{behind}"
    return f"{shortened(error.message, 2 * TERM_SHOWN)}\n    {shown}\n    {' ' * columns}^{hint}"


def _tree(term: str) -> Node | None:
    """A term as it is compared; None where it cannot be read."""
    try:
        return compile_term(term).node
    except TermError:
        return None


def _squeezed(term: str) -> str:
    return " ".join(term.split())


def _some(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
