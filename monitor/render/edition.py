"""Core: Digest → Message."""

from __future__ import annotations

import re
from dataclasses import fields
from zoneinfo import ZoneInfo

import jinja2

from ..models import Digest, Message
from .as_json import as_json
from .environment import PAGE, SUBJECT, TEXT, rendered
from .inert import clean
from .view import view

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_LINE_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)


def render_digest(
    digest: Digest, env: jinja2.Environment, *, timezone: ZoneInfo, archive_url: str | None = None
) -> Message:
    """An edition → its subject, plain text, page and JSON. Same arguments, same bytes.

    `timezone` is the one that times are told in. `archive_url` is the web address of the output folder, where
    it has one: an edition stands in it under digest and name, as `deliver` writes it. Raises TemplateProblem.
    """
    seen = view(digest, timezone, archive_url)
    context = {field.name: getattr(seen, field.name) for field in fields(seen)}
    return Message(
        subject=clean(rendered(env, SUBJECT, context)),
        text=_tidy(rendered(env, TEXT, context)),
        html=rendered(env, PAGE, context).strip() + "\n",
        json=as_json(digest),
    )


def _tidy(text: str) -> str:
    """No spaces at line ends, at most one empty line in a row, so that templates need not count them."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", text)).strip("\n") + "\n"
