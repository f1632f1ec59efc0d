"""Border: lints: what is no error in a config, and hardly meant; each says what to write instead.

docs/lint.md has a line for each code. Lints run in `monitor check` alone, not when a config is loaded.

`findings` (terms with their places) → `doubles` `never` `breadth` `plurals` `writing` (one idea each, over
`trees` and `vocabulary`) → warnings, those silenced by `# lint: ok` left out. `delivery` is about mail and
channels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...models import Judged, Problem, RelevanceWeights, Side
from ..values import Document, Loc
from .breadth import matching_too_much
from .codes import LINTS, Lint
from .delivery import channels, delivering
from .doubles import contained, contradictions, same_in_one_list
from .evidence import Evidence, gather
from .findings import Finding, as_problems, is_silenced, is_silent, term_lists
from .never import never_matching
from .plurals import lacking, without_plural
from .trees import told
from .writing import not_as_it_looks, quotation_marks

__all__ = ["LINTS", "Lint", "SourceRecord", "Stored", "channels", "lint", "loud"]

MANY_ITEMS = 50
"""Items from which on a source that never matched is worth a word."""


_WEIGHTIER = ({"K010"}, {"K006", "K007"}, {"K002", "K005", "K008", "K009", "K011"})
"""Of one term only the first of these kinds is told, and K001 and K003."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a source has brought so far."""

    items: int
    matched: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows, as far as lints ask."""

    items: Iterable[Judged] = ()
    """The latest ones; read once."""
    sides: Mapping[str, Side | None] | None = None
    """Source id → what it implies."""
    sources: Mapping[str, SourceRecord] | None = None


def lint(document: Document, stored: Stored | None = None) -> tuple[Problem, ...]:
    """Every lint warning about a file, silenced ones left out, in the order of the file."""
    lists = term_lists(document)
    evidence = Evidence()
    if stored:
        plurals = {told(many) for _, _, _, many in lacking(lists)}
        evidence = gather(stored.items, stored.sides or {}, plurals)
    said = [
        *same_in_one_list(lists),
        *contained(lists, countries_add_up=_countries_add_up(document)),
        *contradictions(lists),
        *without_plural(lists, evidence),
        *matching_too_much(lists, evidence),
        *never_matching(lists),
        *quotation_marks(lists),
        *not_as_it_looks(document, lists),
        *_fruitless_sources(document, (stored.sources if stored else None) or {}),
    ]
    findings = [found for found in said if not is_silent(document, found)]
    problems = dict.fromkeys((*as_problems(document, _weightier(findings)), *delivering(document)))
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code)))


def _countries_add_up(document: Document) -> bool:
    """Whether a second third country below the title takes more away than one: so it is by default."""
    weights, usual = document.at(("rules", "relevance")), RelevanceWeights()
    given = weights if isinstance(weights, dict) else {}
    each = given.get("elsewhere_text", usual.elsewhere_text)
    most = given.get("elsewhere_text_max", usual.elsewhere_text_max)
    if isinstance(each, int | float) and isinstance(most, int | float):
        return 0 < each < most
    return True  # an error already


def _weightier(findings: Sequence[Finding]) -> Iterator[Finding]:
    """What is to be done about a term first: no plural is asked for where the term is to go."""
    codes: dict[Loc, set[str]] = defaultdict(set)
    for found in findings:
        codes[found.loc].add(found.code)
    for found in findings:
        heavier = next((codes[found.loc] & some for some in _WEIGHTIER if codes[found.loc] & some), set())
        if not heavier or found.code in heavier | {"K001", "K003"}:
            yield found


def loud(document: Document, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """`problems` without those whose code a comment on their line silences."""
    return tuple(p for p in problems if not (p.code and is_silenced(document, (p.line,), p.code)))


def _fruitless_sources(document: Document, records: Mapping[str, SourceRecord]) -> Iterator[Finding]:
    """S001: sources that are on and have never brought a relevant item."""
    sources = document.at(("sources",))
    for at, source in enumerate(sources if isinstance(sources, list) else ()):
        name = source.get("id") if isinstance(source, dict) else None
        if not isinstance(source, dict) or not isinstance(name, str) or source.get("enabled") is False:
            continue
        record = records.get(name, SourceRecord(0, 0))
        if record.items > MANY_ITEMS and not record.matched:
            message = f'"{name}" has brought {record.items:,} items, none of them relevant'
            hint = "switch it off with enabled: false, or look with `monitor search` at what it brings"
            yield Finding("S001", ("sources", at), name, message, hint, why=f"{record.items:,} items")
