"""Core: finds what is wrong with templates before an edition needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from zoneinfo import ZoneInfo

import jinja2
from jinja2 import meta, nodes

from ..models import Digest, DigestSpec, MailSpec, Problem
from . import sample
from .edition import named
from .environment import (
    FOLDERS,
    MAIL_PAGE,
    MAIL_TEXT,
    PAGE,
    SUBJECT,
    TEXT,
    TemplateProblem,
    guarded,
    rendered,
)
from .footer import footer
from .mail import MailView, mail_parts
from .view import View, view

_HINT = "delete the file to fall back on the built-in template"
_ZONE = ZoneInfo("Europe/London")
_SITE = "https://monitor.example/archive/"
_SPEC = DigestSpec("daily", "Sample", "30 8 * * *")
_MAIL = MailSpec("monitor@monitor.example", None, "localhost", 587, "starttls")
_OF_VIEW = frozenset(field.name for field in fields(View))
_OF_MAIL = _OF_VIEW | {field.name for field in fields(MailView)}
KNOWN = {SUBJECT: _OF_VIEW, TEXT: _OF_VIEW, PAGE: _OF_VIEW, MAIL_PAGE: _OF_MAIL, MAIL_TEXT: _OF_MAIL}
"""The names that each template is given; templates that are not here are parts of these."""


def check_templates(env: jinja2.Environment) -> tuple[Problem, ...]:
    """Templates → every problem with file and line: syntax, unknown names and filters, failing expressions.

    Names are looked up also where no sample edition passes; expressions are tried on four sample editions, a
    full one, an empty one, one in which nothing could be read, and one of a week. () means that all is well.
    """
    found: dict[tuple[str, int, str], Problem] = {}
    for problem in (*_static(env), *_tried(env)):
        found.setdefault((problem.file, problem.line, problem.message), problem)
    return tuple(found.values())


def _static(env: jinja2.Environment) -> Iterator[Problem]:
    for name in env.list_templates(filter_func=lambda name: name.startswith(FOLDERS)):
        try:
            yield from _unknown(env, name)
        except TemplateProblem as problem:
            yield as_problem(problem, env)


def _tried(env: jinja2.Environment) -> Iterator[Problem]:
    digests: tuple[Digest, ...] = (sample.full(), sample.empty(), sample.fault(), sample.week())
    for digest in digests:
        seen = view(digest, _ZONE, _SITE)
        end = footer(digest, _SPEC, _SITE, _MAIL)
        # One by one, so that a page at fault does not hide a mail at fault.
        forms: tuple[Callable[[], object], ...] = (
            *(partial(rendered, env, name, named(seen)) for name in (SUBJECT, TEXT, PAGE)),
            partial(mail_parts, seen, digest, env, end),
        )
        for form in forms:
            try:
                form()
            except TemplateProblem as problem:
                yield as_problem(problem, env)


def _unknown(env: jinja2.Environment, name: str) -> Iterator[Problem]:
    """Names, filters and tests that no edition can know."""
    source, file = guarded(env, name, lambda: _source(env, name))
    tree = guarded(env, name, lambda: env.parse(source, name, file))
    for node, message in (*_unknown_calls(env, tree), *_unknown_names(tree, name)):
        yield _problem(message, file, node.lineno, source.splitlines())


def _unknown_calls(env: jinja2.Environment, tree: nodes.Template) -> Iterator[tuple[nodes.Node, str]]:
    for call in tree.find_all((nodes.Filter, nodes.Test)):
        what, known = ("filter", env.filters) if isinstance(call, nodes.Filter) else ("test", env.tests)
        if call.name not in known:
            yield call, f"No {what} named {call.name!r}."


def _unknown_names(tree: nodes.Template, name: str) -> Iterator[tuple[nodes.Node, str]]:
    if name not in KNOWN:
        return  # a part knows the names of the template it stands in
    try:
        undeclared = meta.find_undeclared_variables(tree)
    except jinja2.TemplateAssertionError:
        return  # an unknown filter or test: told already
    for used in tree.find_all(nodes.Name):
        if used.name in undeclared - KNOWN[name]:
            yield used, f"{used.name!r} is undefined"


def _source(env: jinja2.Environment, name: str) -> tuple[str, str]:
    """A template's text and its file."""
    if env.loader is None:
        raise jinja2.TemplateNotFound(name)
    text, file, _ = env.loader.get_source(env, name)
    return text, file or name


def as_problem(problem: TemplateProblem, env: jinja2.Environment) -> Problem:
    """What `monitor check` tells of it, with the line at fault."""
    return _problem(problem.message, problem.file, problem.line, _lines(problem.file, env))


def _lines(file: str, env: jinja2.Environment) -> list[str]:
    """The lines of a file that the environment reads; none where it cannot be read as text."""
    for name in env.list_templates(filter_func=file.endswith):
        try:
            text, found = _source(env, name)
        except UnicodeDecodeError:
            continue
        if found == file:
            return text.splitlines()
    return []


def _problem(message: str, file: str, line: int, lines: list[str]) -> Problem:
    excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
    return Problem(message, file, line, 1 if line else 0, hint=_HINT, excerpt=excerpt)
