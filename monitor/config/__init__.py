"""Border: config.yaml → Config, or ConfigError with every problem, its place and what to do.

text → `tree` (keys and values with places) → `values` (YAML 1.2, ${VAR}) → `schema` and `checks` → `load`
"""

from .examples import ExamplesError, Expectation, read_tests
from .json_schema import json_schema
from .load import Config, Examined, check, examine, find, load, parse
from .named import database_named
from .problems import ConfigError, describe
from .starter import schema_text, write_starter

__all__ = [
    "Config",
    "ConfigError",
    "Examined",
    "ExamplesError",
    "Expectation",
    "check",
    "database_named",
    "describe",
    "examine",
    "find",
    "json_schema",
    "load",
    "parse",
    "read_tests",
    "schema_text",
    "write_starter",
]
