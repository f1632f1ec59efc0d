"""Core: finds what is wrong with the archive's templates before its pages need them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from .. import render
from ..models import Problem, Topic
from . import sample
from .site import Site


def check_templates(env: render.Environment) -> tuple[Problem, ...]:
    """Templates → what fails on a sample of every page, with file and line; () means that all is well.

    Unknown filters are found by `render.check_templates`, in all templates.
    """
    topics = (Topic("trade", "Trade"), Topic("study", "Study"))
    site = Site(env, ZoneInfo("Europe/London"), topics, "https://monitor.example/archive")
    found: dict[Problem, None] = {}
    for page in sample.pages(site):
        try:
            page()
        except render.TemplateProblem as problem:
            found[render.as_problem(problem, env)] = None
    return tuple(found)
