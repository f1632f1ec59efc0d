"""Core: the rule language and the rule book: an item in, a verdict with its reasons out.

`term` reads a term into a tree of `nodes`; `scan` finds their phrases in a text, `match` the terms that these
make up; `finding` turns them into places of an item, `deciding` those into its verdict. `rulebook` puts them
together, and knows what version the rules are without any of them.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .finding import Rule
    from .rulebook import RuleBook
    from .term import Term, TermError, check_term, compile_term

__all__ = ["Rule", "RuleBook", "Term", "TermError", "check_term", "compile_term"]

_HOME = {
    "Rule": "finding",
    "RuleBook": "rulebook",
    "Term": "term",
    "TermError": "term",
    "check_term": "term",
    "compile_term": "term",
}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
