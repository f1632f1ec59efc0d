"""Core: makes text comparable: words, plain text out of HTML, addresses, mailboxes, boilerplate."""

from .alike import alike
from .boilerplate import strip_boilerplate
from .html import plain
from .mailbox import ascii_domain, mailbox
from .names import Sighting, name_key, names_in
from .urls import clean_url, identity_url
from .words import HAN, WIDE, Cut, Words, cut_run, first_sentence, fold, fresh_cut, is_han, lower, words

__all__ = [
    "HAN",
    "WIDE",
    "Cut",
    "Sighting",
    "Words",
    "alike",
    "ascii_domain",
    "clean_url",
    "cut_run",
    "first_sentence",
    "fold",
    "fresh_cut",
    "identity_url",
    "is_han",
    "lower",
    "mailbox",
    "name_key",
    "names_in",
    "plain",
    "strip_boilerplate",
    "words",
]
