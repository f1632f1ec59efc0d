"""Border: the terms that lints look at, with their places; findings, and the warnings made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Literal

from ...classify import Term, TermError, compile_term
from ...models import Problem, Role
from ..tree import Scalar
from ..values import Document, FromEnv, Loc
from .codes import LINTS
from .trees import spelled

FEW = 3
"""More findings of one kind in one list become one warning: forty warnings are not read."""
NAMED = 8
"""How many of them it names."""
SHOWN = 80
"""Characters of a term in a message."""

_SILENCE = re.compile(r"#\s*lint:\s*((?:ok|[KS]\d{3})(?:[\s,]+[KS]\d{3})*)")

_LISTS: tuple[tuple[Loc, Role | Literal["ignore"]], ...] = (
    (("rules", "sides", "uk"), "uk"),
    (("rules", "sides", "china"), "china"),
    (("rules", "both"), "both"),
    (("rules", "ignore"), "ignore"),
    (("rules", "elsewhere"), "elsewhere"),
    (("rules", "exclude"), "exclude"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A term where it stands in the file."""

    loc: Loc
    scalar: Scalar
    term: Term
    key: str
    """The same for terms that match the same, whatever their weight."""

    @property
    def source(self) -> str:
        """The term as one line."""
        return " ".join(self.term.source.split())

    @property
    def shown(self) -> str:
        """The same, cut where it is long: enough to find it."""
        return cut(self.source)

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.scalar.place.line


@dataclass(frozen=True, slots=True, eq=False)
class TermList:
    """A list of terms. Terms that cannot be read are not in it: they are errors already."""

    loc: Loc
    role: Role | Literal["ignore"]
    entries: tuple[Entry, ...]
    topic: str | None = None

    @property
    def name(self) -> str:
        """As in `rules.sides.uk` or `topics.trade`."""
        return ".".join(str(step) for step in self.loc if step != "terms")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a lint says of the value at `loc`."""

    code: str
    loc: Loc
    what: str
    """The term or source, as a warning about many names it."""
    message: str
    hint: str = ""
    why: str = field(default="", kw_only=True)
    """In a warning about many: what stands after the term's line."""


def term_lists(document: Document) -> tuple[TermList, ...]:
    """Every list of terms in the file, in its order of roles."""
    topics = document.at(("topics",))
    names = list(topics) if isinstance(topics, dict) else []
    return (
        *(TermList(loc, role, tuple(_entries(document, loc))) for loc, role in _LISTS),
        *(_topic(document, name) for name in names),
    )


def _topic(document: Document, name: str) -> TermList:
    loc: Loc = ("topics", name, "terms")
    return TermList(loc, "topic", tuple(_entries(document, loc)), name)


def _entries(document: Document, loc: Loc) -> Iterator[Entry]:
    values = document.at(loc)
    for at, value in enumerate(values if isinstance(values, list) else ()):
        scalar = document.node((*loc, at))
        # What comes from the environment is never shown.
        if isinstance(value, str) and not isinstance(value, FromEnv) and isinstance(scalar, Scalar):
            try:
                term = compile_term(value)
            except TermError:
                continue
            yield Entry((*loc, at), scalar, term, spelled(term.node))


def quoted(entry: Entry) -> str:
    """A term and where it stands: `"China" (line 12)`."""
    return f'"{entry.shown}" (line {entry.line})'


def cut(text: str) -> str:
    """`text`, or its beginning where it is too long for a message."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def is_silenced(document: Document, lines: Iterable[int], code: str) -> bool:
    """Whether one of the lines ends in `# lint: ok` or names the code: `# lint: K004`."""
    silenced = (_silenced_on(document.line(line)) for line in lines)
    return any(codes is not None and (codes.startswith("ok") or code in codes) for codes in silenced)


@lru_cache(maxsize=1_000)
def _silenced_on(line: str) -> str | None:
    """What a comment on a line silences, if one does. Remembered: a line may have thousands of terms."""
    found = _SILENCE.search(line)
    return found[1] if found else None


def is_silent(document: Document, found: Finding) -> bool:
    """Whether a comment silences a finding: at the end of the term, or at the name of its whole list."""
    node = document.node(found.loc)
    lines = range(node.place.line, node.last + 1) if node else ()
    return is_silenced(document, (*lines, document.place(found.loc[:-1], key=True).line), found.code)


def as_problems(document: Document, findings: Iterable[Finding]) -> Iterator[Problem]:
    """A warning for each finding; one for all of a kind in a list where they are many."""
    for (code, _), group in groupby(sorted(findings, key=_kind), key=_kind):
        together = list(group)
        if len(together) > FEW:
            yield _many(document, code, together)
        else:
            yield from (
                _problem(document, found.loc, found.code, found.message, found.hint) for found in together
            )


def _kind(found: Finding) -> tuple[str, tuple[str, ...]]:
    """Code and list."""
    return found.code, tuple(map(str, found.loc[:-1]))


def _many(document: Document, code: str, group: Sequence[Finding]) -> Problem:
    lint = LINTS[code]
    named = [f'"{cut(found.what)}" ({_where(document, found)})' for found in group[:NAMED]]
    more = f", and {len(group) - NAMED} more" if len(group) > NAMED else ""
    name = ".".join(str(step) for step in group[0].loc[:-1] if step != "terms")
    message = f"{lint.many.format(n=len(group))}, in {name}: {', '.join(named)}{more}"
    return _problem(document, group[0].loc, code, message, lint.advice)


def _where(document: Document, found: Finding) -> str:
    line = f"line {document.place(found.loc).line}"
    return f"{line}: {found.why}" if found.why else line


def _problem(document: Document, loc: Loc, code: str, message: str, hint: str) -> Problem:
    return replace(document.warning(loc, message, hint), code=code)
