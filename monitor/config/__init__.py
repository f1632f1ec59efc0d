"""Border: config.yaml → Config, or ConfigError with every problem, its place and what to do.

text → `tree` (keys and values with places) → `values` (YAML 1.2, ${VAR}) → `schema` and `checks` → `reading`

A module of this package is imported when something of it is first asked for: pydantic and PyYAML take longer
to import than `monitor health` takes, which seldom needs them.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .as_schema import json_schema
    from .error import ConfigError
    from .examples import ExamplesError, Expectation, read_tests
    from .files import file_bytes, find
    from .mark import database_at_a_glance, mark_of
    from .named import database_named
    from .polled import PollConfig, understood, written
    from .problems import describe
    from .reading import Config, Examined, check, examine, load, parse
    from .starter import schema_text, write_starter

__all__ = [
    "Config",
    "ConfigError",
    "Examined",
    "ExamplesError",
    "Expectation",
    "PollConfig",
    "check",
    "database_at_a_glance",
    "database_named",
    "describe",
    "examine",
    "file_bytes",
    "find",
    "json_schema",
    "load",
    "mark_of",
    "parse",
    "read_tests",
    "schema_text",
    "understood",
    "write_starter",
    "written",
]

_HOME = {
    "Config": "reading",
    "ConfigError": "error",
    "Examined": "reading",
    "ExamplesError": "examples",
    "Expectation": "examples",
    "PollConfig": "polled",
    "check": "reading",
    "database_at_a_glance": "mark",
    "database_named": "named",
    "describe": "problems",
    "examine": "reading",
    "file_bytes": "files",
    "find": "files",
    "json_schema": "as_schema",
    "load": "reading",
    "mark_of": "mark",
    "parse": "reading",
    "read_tests": "examples",
    "schema_text": "starter",
    "understood": "polled",
    "write_starter": "starter",
    "written": "polled",
}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
