"""Core: turns a Digest into a Message (subject, plain text, page, JSON, mail). The only user of Jinja2.

`inert` makes strangers' text harmless, `words` says times and kinds, `marks` finds the matched words, `view`
puts the edition into words and `coverage` what it could not see, the templates lay it out, `wrap` breaks its
lines, `as_json` is for programs. `mail` keeps the mail small enough, `bounds` a template of the user's.
"""

from __future__ import annotations

from jinja2 import Environment

from .check import as_problem, check_templates
from .edition import render_digest
from .encoding import TransferEncoding, encoded_size, transfer_encoding
from .environment import TemplateProblem, environment, rendered

__all__ = [
    "Environment",
    "TemplateProblem",
    "TransferEncoding",
    "as_problem",
    "check_templates",
    "encoded_size",
    "environment",
    "render_digest",
    "rendered",
    "transfer_encoding",
]
