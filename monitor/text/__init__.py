"""Core: makes text comparable: words, plain text out of HTML, addresses, mailboxes, boilerplate.

What has patterns that take long to compile, and is not asked for by every command, is imported when it is.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

# At once, because a function of each has the name of its module.
from .alike import alike
from .mailbox import ascii_domain, mailbox
from .words import Cut, Words, cut_run, first_sentence, fold, fresh_cut, has_wide, is_han, lower, words

if TYPE_CHECKING:
    from .boilerplate import strip_boilerplate
    from .html import plain
    from .names import Sighting, name_key, names_in
    from .urls import clean_url, identity_url

__all__ = [
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
    "has_wide",
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

_HOME = {
    "strip_boilerplate": "boilerplate",
    "plain": "html",
    "Sighting": "names",
    "name_key": "names",
    "names_in": "names",
    "clean_url": "urls",
    "identity_url": "urls",
}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
