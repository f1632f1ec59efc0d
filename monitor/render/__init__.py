"""Core: turns a Digest into a Message (subject, plain text, page, JSON, mail). The only user of Jinja2.

`inert` makes strangers' text harmless, `words` says times and kinds, `marks` finds the matched words, `view`
puts the edition into words and `coverage` what it could not see, the templates lay it out, `wrap` breaks its
lines, `as_json` is for programs. `mail` keeps the mail small enough, `letter` makes the bytes that are sent,
`bounds` keeps a template of the user's in check.
"""

from __future__ import annotations

from jinja2 import Environment

from . import letter
from .check import as_problem, check_templates
from .edition import render_digest
from .encoding import TransferEncoding, encoded_size, transfer_encoding
from .environment import FOLDERS, TemplateProblem, environment, rendered
from .short import short_text

__all__ = [
    "FOLDERS",
    "Environment",
    "TemplateProblem",
    "TransferEncoding",
    "as_problem",
    "check_templates",
    "encoded_size",
    "environment",
    "letter",
    "render_digest",
    "rendered",
    "short_text",
    "transfer_encoding",
]
