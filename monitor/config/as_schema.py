"""Border: the JSON Schema of config.yaml for editors."""

from __future__ import annotations

from typing import Any

from .fields import NOT_BLANK
from .schema import ConfigFile

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}
_TOLD_ONCE = ("description", "default", "examples")


def json_schema() -> Schema:
    """Draft-07, which is what yaml-language-server reads; pydantic writes 2020-12.

    Definitions are written out where they are used, because draft-07 ignores what stands beside a $ref. A
    value that is not free text may also be a ${VARIABLE}. What needs the whole file (ids that must be known,
    terms that must compile) is left to `monitor check`.
    """
    raw = ConfigFile.model_json_schema(by_alias=True, mode="validation")
    definitions = raw.pop("$defs", {})
    shape = _converted(raw, definitions)
    return {"$schema": DRAFT, "title": "config.yaml of the UK-China monitor", **shape}


def _converted(node: Schema, definitions: Schema) -> Schema:
    """One schema with its references, titles and variables seen to."""
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        return _converted(
            {**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions
        )
    node = {key: value for key, value in node.items() if key != "title"}
    for key in ("properties", "patternProperties"):
        if key in node:
            node[key] = {name: _converted(schema, definitions) for name, schema in node[key].items()}
    if "patternProperties" in node:
        node["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            node[key] = _converted(node[key], definitions)
    if "anyOf" not in node:
        return _or_variable(node)
    options = [_converted(option, definitions) for option in node["anyOf"]]
    flat = [inner for option in options for inner in option.get("anyOf", [option])]
    return {**node, "anyOf": [option for at, option in enumerate(flat) if option not in flat[:at]]}


def _or_variable(node: Schema) -> Schema:
    """The schema of a value that is no free text, with ${VARIABLE} allowed in its place."""
    numeric = node.get("type") in ("integer", "number", "boolean")
    restricted = any(key in node for key in ("pattern", "enum", "const"))
    if not (numeric or restricted) or node.get("pattern") == NOT_BLANK:
        return node
    told = {key: node[key] for key in _TOLD_ONCE if key in node}
    strict = {key: value for key, value in node.items() if key not in _TOLD_ONCE}
    return {**told, "anyOf": [strict, _VARIABLE]}
