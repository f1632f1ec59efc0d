"""Core: the rule language and the rule book: an item in, a verdict with its reasons out."""

from .rulebook import Rule, RuleBook
from .term import Term, TermError, check_term, compile_term

__all__ = ["Rule", "RuleBook", "Term", "TermError", "check_term", "compile_term"]
