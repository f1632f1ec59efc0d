"""Border: config.yaml → Config, or ConfigError with every problem, its place and what to do.

text → `tree` (keys and values with places) → `values` (YAML 1.2, ${VAR}) → `schema` and `checks` → `load`
"""

from .examples import read_list
from .json_schema import json_schema
from .load import Config, MailSpec, check, find, load, parse
from .problems import ConfigError, describe
from .starter import schema_text, write_starter

__all__ = [
    "Config",
    "ConfigError",
    "MailSpec",
    "check",
    "describe",
    "find",
    "json_schema",
    "load",
    "parse",
    "read_list",
    "schema_text",
    "write_starter",
]
