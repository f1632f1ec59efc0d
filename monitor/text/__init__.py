"""Core: makes text comparable: words, plain text out of HTML, addresses, boilerplate."""

from .boilerplate import strip_boilerplate
from .html import plain
from .urls import clean_url, identity_url
from .words import HAN, Cut, Words, cut_run, first_sentence, fold, is_han, lower, words

__all__ = [
    "HAN",
    "Cut",
    "Words",
    "clean_url",
    "cut_run",
    "first_sentence",
    "fold",
    "identity_url",
    "is_han",
    "lower",
    "plain",
    "strip_boilerplate",
    "words",
]
