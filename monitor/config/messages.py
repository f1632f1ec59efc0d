"""Border: what the shape check found → sentences that somebody who never programs understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..models import Problem
from .problems import did_you_mean, is_secret
from .schema import ConfigFile
from .tree import Scalar
from .values import Document, FromEnv, Loc, Trap, Value

if TYPE_CHECKING:
    from .as_schema import Schema

_EXPECTED = {
    "string_type": "text",
    "list_type": "a list",
    "model_type": "keys with values",
    "dict_type": "keys with values",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that is not infinite",
}


def check_shape(document: Document) -> tuple[ConfigFile | None, list[Problem]]:
    """The checked values, or None with a problem for each that does not fit."""
    try:
        return ConfigFile.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
    from .as_schema import json_schema  # noqa: PLC0415 - for a config in error alone

    schema = json_schema()
    return None, [_problem(document, schema, detail) for detail in details]


def _problem(document: Document, schema: Schema, detail: ErrorDetails) -> Problem:
    kind, loc = detail["type"], detail["loc"]
    if loc and loc[-1] == "[key]":
        if kind == "config":
            return document.error(
                loc[:-1], detail["msg"], str(detail.get("ctx", {}).get("hint", "")), key=True
            )
        hint = "small letters, digits, hyphens and underscores"
        return document.error(loc[:-1], f'"{loc[-2]}" cannot be a name here', hint, key=True)
    if kind == "extra_forbidden":
        return _unknown_key(document, schema, loc)
    if kind == "missing":
        return document.error(loc[:-1], f'"{loc[-1]}" is missing here', f'add a line "{loc[-1]}: …"')
    if document.at(loc) is None:
        return document.error(loc, *_empty(kind, loc, _raw(document, loc)))
    return document.error(loc, *_sentence(document, detail))


def _unknown_key(document: Document, schema: Schema, loc: Loc) -> Problem:
    known = _known_keys(schema, loc[:-1])
    hint = did_you_mean(str(loc[-1]), known)
    if not hint and loc[-1] in _known_keys(schema, ()):
        hint = "it belongs at the top level: check the indentation"
    return document.error(
        loc, f'unknown key "{loc[-1]}"', hint or f"known here: {', '.join(known)}", key=True
    )


def _known_keys(schema: Schema, loc: Loc) -> list[str]:
    """The keys that the schema has at `loc`."""
    for step in loc:
        schema = _object(schema)
        entry = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
        schema = entry or next(iter(schema.get("patternProperties", {}).values()), {})
    return list(_object(schema).get("properties", {}))


def _object(schema: Schema) -> Schema:
    """The schema itself, or the one of its alternatives that has keys."""
    return next((option for option in schema.get("anyOf", ()) if "properties" in option), schema)


def _sentence(document: Document, detail: ErrorDetails) -> tuple[str, str]:
    """(message, hint) for a value that does not fit."""
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    value = document.at(loc)
    if isinstance(value, Trap) and kind in ("string_type", "literal_error", "config"):
        message = f"{value.text} without quotes: older YAML tools read it as {value.reading}"
        return message, f'write "{value.text}"' if kind == "string_type" else str(context.get("hint", ""))
    found = _shown(document, loc)
    match kind:
        case "config":
            return detail["msg"].replace("{found}", found), str(context.get("hint", ""))
        case "literal_error":
            return _not_a_choice(detail, found, value)
        case "string_type":
            return _not_text(document, loc, value, found)
        case "greater_than_equal" | "less_than_equal":
            limit = f"least {context['ge']:g}" if "ge" in context else f"most {context['le']:g}"
            return f"must be at {limit}, found {found}", ""
        case _:
            return _expected(kind, loc, value, found)


def _expected(kind: str, loc: Loc, value: Value, found: str) -> tuple[str, str]:
    if kind == "list_type" and isinstance(value, str | Trap) and loc[-1] != "sources":
        return (
            "expected a list of words, found a single text",
            "write '- word' on a line of its own, or [word]",
        )
    hint = 'begin each entry with "- "' if kind == "list_type" else ""
    if kind == "bool_type" and isinstance(value, Trap) and value.reading in ("true", "false"):
        hint = f"write {value.reading}"
    return f"expected {_EXPECTED.get(kind, 'something else')}, found {found}", hint


def _empty(kind: str, loc: Loc, raw: str) -> tuple[str, str]:
    if raw and kind == "string_type":
        return f"{raw} without quotes stands for nothing in YAML", f'write "{raw}", or delete it'
    if isinstance(loc[-1], int):
        return "an empty entry in the list", 'write something after the "-", or delete it'
    if kind == "list_type":
        return f'"{loc[-1]}" is empty', "write [] for an empty list, or delete the line"
    return f'"{loc[-1]}" is empty', "give it a value, or delete the line"


def _not_a_choice(detail: ErrorDetails, found: str, value: Value) -> tuple[str, str]:
    choices = str(detail.get("ctx", {}).get("expected", "")).replace("'", "")
    known = choices.replace(" or ", ", ").split(", ")
    near = did_you_mean(value, known) if isinstance(value, str) and not isinstance(value, FromEnv) else ""
    return f"{found} is not known here", near or f"write one of: {', '.join(known)}"


def _not_text(document: Document, loc: Loc, value: Value, found: str) -> tuple[str, str]:
    if isinstance(value, list):
        return "expected a single text, found a list", "put quotes round a text that begins with ["
    if isinstance(value, dict):
        return _mapping_by_accident(document, loc, value)
    hidden = _is_secret(loc)
    return (
        f"expected text, found {found}",
        "put quotes round it" if hidden else f'write "{_raw(document, loc)}"',
    )


def _mapping_by_accident(document: Document, loc: Loc, value: dict[str, Value]) -> tuple[str, str]:
    """`- UK: China` and `- title: Xi` are a key and a value to YAML."""
    pairs = [f"{key}: {_raw(document, (*loc, key))}".strip() for key in value]
    if len(pairs) != 1 or _is_secret(loc):
        return "expected text, found keys with values", 'put quotes round a text with ": " in it'
    quoted = f"'{pairs[0]}'" if '"' in pairs[0] else f'"{pairs[0]}"'
    return (
        f"expected text, found {pairs[0]}, which YAML reads as a key with a value",
        f"put quotes round it: {quoted}",
    )


def _shown(document: Document, loc: Loc) -> str:
    """What stands at `loc`, in words that give no secret away."""
    value = document.at(loc)
    match value:
        case FromEnv():
            return "another value in the variable"
        case None:
            return "nothing"
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "keys with values"
    words = {"bool": "", "int": "the number ", "float": "the number ", "str": "", "Trap": ""}
    if _is_secret(loc):
        return "a number" if isinstance(value, int | float) else "a text that does not fit"
    raw = _raw(document, loc)
    shown = raw if len(raw) <= 80 else raw[:79] + "…"
    return words[type(value).__name__] + (f'"{shown}"' if isinstance(value, str) else shown)


def _raw(document: Document, loc: Loc) -> str:
    """A scalar as it stands in the file, without its quotes; "" for anything else."""
    node = document.node(loc)
    return " ".join(node.text.split()) if isinstance(node, Scalar) else ""


def _is_secret(loc: Loc) -> bool:
    return any(is_secret(step) for step in loc if isinstance(step, str))
