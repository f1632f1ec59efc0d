"""Core: Digest → Message."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from ..models import Digest, DigestSpec, MailSpec, Message
from .as_json import as_json
from .environment import PAGE, SUBJECT, TEXT, rendered
from .footer import footer
from .inert import clean
from .mail import mail_parts
from .view import View, view
from .wrap import tidied


def render_digest(
    digest: Digest,
    env: jinja2.Environment,
    *,
    timezone: ZoneInfo,
    archive_url: str | None = None,
    spec: DigestSpec | None = None,
    mail: MailSpec | None = None,
) -> Message:
    """An edition → its subject, plain text, page, JSON and mail. Same arguments, same bytes.

    `timezone` is the one that times are told in. `archive_url` is the web address of the output folder, where
    it has one: an edition stands in it under digest and name, as `deliver` writes it. `spec` is the digest as
    the config names it, for the mail to say what was asked for; `mail` is how mail leaves, for it to say whom
    to write to. Raises TemplateProblem, and ValueError where an address in `mail` is none.
    """
    seen = view(digest, timezone, archive_url)
    subject = clean(rendered(env, SUBJECT, named(seen)))
    text = tidied(rendered(env, TEXT, named(seen)))
    page = rendered(env, PAGE, named(seen)).strip() + "\n"
    mail_html, mail_text = mail_parts(seen, digest, env, footer(digest, spec, archive_url, mail))
    return Message(subject, text, page, as_json(digest), mail_html, mail_text)


def named(seen: View) -> dict[str, Any]:
    """What templates may name: the fields of a view."""
    return {field.name: getattr(seen, field.name) for field in fields(seen)}
