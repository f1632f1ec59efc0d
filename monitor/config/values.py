"""Border: the tree → plain values by the core schema of YAML 1.2, with ${VAR} filled in, places kept."""

from __future__ import annotations

import re
from collections.abc import Mapping as Environ
from dataclasses import dataclass, replace
from pathlib import Path

from ..models import Problem
from .tree import Listing, Mapping, Node, Place, Reader, Scalar

Loc = tuple[str | int, ...]
"""Keys and positions from the top of the file down: ("sources", 0, "url")."""

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,4})?|[-+]?\.(?:inf|Inf|INF)"
)
_NAN = {".nan", ".NaN", ".NAN"}

# What YAML 1.1, and with it many an editor and tool, reads as something else than the text that stands there.
_OLD_TRUE = re.compile(r"yes|Yes|YES|on|On|ON|y|Y")
_OLD_FALSE = re.compile(r"no|No|NO|off|Off|OFF|n|N")
_OLD_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*)?")
_OLD_NUMBER = re.compile(r"[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|[-+]?0b[01_]+|[-+]?\d[\d_]*_[\d_]*")
_READINGS = ((_OLD_TRUE, "true"), (_OLD_FALSE, "false"), (_OLD_DATE, "a date"), (_OLD_NUMBER, "a number"))
_MAY_BE_OLD = re.compile(r"[-+\d]|[yYnNoO]\w{0,2}\Z")  # one look at thousands of terms, and not five

_VARIABLE = re.compile(r"\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")
_MAX_SECRET = 65_536


@dataclass(frozen=True, slots=True)
class Trap:
    """A value without quotes that older YAML tools read as something else: `text` is as in the file."""

    text: str
    reading: str
    """What they read: "true", "false", "a date", "a number"."""


class FromEnv(str):
    """A text that came from the environment, wholly or in part. A number may be made of it; never shown."""

    __slots__ = ()


Value = None | bool | int | float | str | Trap | list["Value"] | dict[str, "Value"]


def resolve(text: str) -> Value:
    """What a scalar without quotes means (YAML 1.2.2, 10.3.2), or a Trap."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) or text in _NAN:
        return float(text.replace(".", "", 1) if text.lower().lstrip("+-") in (".inf", ".nan") else text)
    return _trap(text) or text


def _trap(text: str) -> Trap | None:
    if not _MAY_BE_OLD.match(text):
        return None
    reading = next((reading for pattern, reading in _READINGS if pattern.fullmatch(text)), None)
    return Trap(text, reading) if reading else None


class Document:
    """The values of one file, and the place of each.

    `data` is made of None, bool, int, float, str, Trap, list and dict; `problems` are those of the variables.
    """

    def __init__(self, reader: Reader, root: Node, environ: Environ[str, str]) -> None:
        self._reader = reader
        self._environ = environ
        self._root = root
        self.problems: list[Problem] = []
        self.unfilled: set[Place] = set()
        """Where a variable could not be filled in, so that nothing else need be said about the value."""
        self.data = self._value(root)

    def node(self, loc: Loc) -> Node | None:
        """The node at `loc`, as far down as there is one; None at a key's value that is missing."""
        node: Node | None = self._root
        for step in loc:
            if isinstance(node, Mapping):
                node = next((value for key, value in node.entries if key.text == step), None)
            elif isinstance(node, Listing) and isinstance(step, int):
                node = node.items[step]
            else:
                return None
        return node

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Where the value at `loc` stands; with `key`, or where the value is empty, where its key does."""
        parent = self.node(loc[:-1]) if loc else None
        if isinstance(parent, Mapping):
            for name, value in parent.entries:
                if name.text == loc[-1]:
                    empty = isinstance(value, Scalar) and value.plain and not value.text
                    return name.place if key or empty else value.place
        node = self.node(loc)
        return node.place if node else self.place(loc[:-1])

    def at(self, loc: Loc) -> Value:
        """The value at `loc`, or None."""
        value: Value = self.data
        for step in loc:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def line(self, number: int) -> str:
        """A line of the file, to look for marks in it: it may hold a secret."""
        return self._reader.line(number)

    def error(self, loc: Loc, message: str, hint: str = "", *, key: bool = False, offset: int = 0) -> Problem:
        """An error at the value (or key) at `loc`, `offset` characters into its text."""
        found = self._reader.problem(self.place(loc, key=key), message, hint)
        node = self.node(loc)
        if not offset or not isinstance(node, Scalar) or isinstance(self.at(loc), FromEnv):
            return found
        return replace(found, column=node.column_of(offset))

    def warning(self, loc: Loc, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """The same as a warning."""
        return replace(self.error(loc, message, hint, key=key), severity="warning")

    def _value(self, node: Node) -> Value:
        match node:
            case Listing():
                return [self._value(item) for item in node.items]
            case Mapping():
                return {self._key(key): self._value(value) for key, value in node.entries}
        if "${" in node.text:
            return self._filled_in(node)
        return resolve(node.text) if node.plain else node.text

    def _key(self, key: Scalar) -> str:
        trap = _trap(key.text) if key.plain else None
        if trap:
            message = f"{key.text} without quotes: older YAML tools read it as {trap.reading}"
            self.problems.append(self._reader.problem(key.place, message, f'write "{key.text}"'))
        return key.text

    def _filled_in(self, node: Scalar) -> str:
        def fill(match: re.Match[str]) -> str:
            escaped, name, default = match.groups()
            if escaped:
                return "${"
            if not name:
                self._complain(
                    node, match.start(), "this is not a variable", "write ${NAME}, ${NAME:-default} or $${"
                )
                return ""
            return self._variable(node, match.start(), name, default)

        filled = _VARIABLE.sub(fill, node.text)
        only_escapes = all(match[1] for match in _VARIABLE.finditer(node.text))
        return filled if only_escapes else FromEnv(filled)

    def _variable(self, node: Scalar, offset: int, name: str, default: str | None) -> str:
        """The variable, else the content of the file that NAME_FILE names, else the default."""
        value = self._environ.get(name)
        if value or (value is not None and default is None):
            return self._checked(node, offset, name, value)
        file = self._environ.get(f"{name}_FILE")
        if file:
            return self._secret(node, offset, name, file)
        if default is not None:
            return default
        hint = f"set it, or {name}_FILE to the path of a file that holds it, or write ${{{name}:-default}}"
        self._complain(node, offset, f"the environment has no {name}", hint)
        return ""

    def _secret(self, node: Scalar, offset: int, name: str, file: str) -> str:
        try:
            with Path(file).open("rb") as handle:
                content = handle.read(_MAX_SECRET + 1)
            if len(content) > _MAX_SECRET:
                self._complain(
                    node, offset, f"the file that {name}_FILE names is larger than {_MAX_SECRET:,} bytes"
                )
            return self._checked(node, offset, name, content[:_MAX_SECRET].decode("utf-8").strip())
        except UnicodeDecodeError:
            self._complain(node, offset, f"the file that {name}_FILE names is not UTF-8 text")
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL
            reason = getattr(error, "strerror", None) or "not a path"
            self._complain(node, offset, f"the file that {name}_FILE names cannot be read: {reason}")
        return ""

    def _checked(self, node: Scalar, offset: int, name: str, value: str) -> str:
        """`value`, which must be text that can be stored and sent: environments may hold any bytes."""
        if all(char.isprintable() or char in "\n\t" for char in value):
            return value
        self._complain(node, offset, f"{name} holds a control character or bytes that are not UTF-8")
        return ""

    def _complain(self, node: Scalar, offset: int, message: str, hint: str = "") -> None:
        self.unfilled.add(node.place)
        found = self._reader.problem(node.place, message, hint)
        column = node.column_of(offset)
        self.problems.append(replace(found, column=column))
