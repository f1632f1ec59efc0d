"""Core: turns a Digest into a Message (subject, plain text, page, JSON). The only user of Jinja2.

`inert` makes strangers' text harmless, `words` says times and kinds, `marks` finds the matched words, `view`
puts the edition into words and `coverage` what it could not see, the templates lay it out, `wrap` breaks its
lines, `as_json` is for programs.
"""

from __future__ import annotations

from jinja2 import Environment

from .check import check_templates
from .edition import render_digest
from .environment import TemplateProblem, environment

__all__ = ["Environment", "TemplateProblem", "check_templates", "environment", "render_digest"]
