"""Border: YAML text → a tree in which every key and value knows its place. The only user of PyYAML.

The tree is built from the parser's events and not by a loader: each key keeps its line and column, two equal
keys are seen, nothing is converted behind our back, depth and size are bounded before anything is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NoReturn

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from ..models import Problem
from .error import ConfigError
from .problems import is_secret, mask
from .syntax import in_plain_words

MAX_DEPTH = 30
MAX_VALUES = 100_000
"""Values in the file, aliases written out. An alias bomb has billions, ten thousand sources 90,000.

With 90,000 terms in one list `monitor check` takes 26 to 44 seconds of processor time and at most 250 MB, be
they alike, begin alike or have operators; it grows in proportion.
"""
MAX_TEXT = 10_000
"""Characters of one value, and of a line that is still shown."""

# libyaml where PyYAML was built with it: 8,000 terms are read in 30 ms instead of a second.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # where YAML's own line count goes up
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)+")
_VARIABLE = re.compile(r"[\"']?\$\{\w+(?::-)?\}[\"']?|")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOUBLE_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|[^\\]", re.DOTALL)
_SINGLE_ESCAPE = re.compile(r"''|.", re.DOTALL)


# Not frozen, though never changed: that takes three times as long to make, and a config has ten thousands.
@dataclass(slots=True, unsafe_hash=True)
class Place:
    """Where something stands: line and column from 1, index from 0, all in characters."""

    line: int
    column: int
    index: int


# Not frozen either.
@dataclass(slots=True, eq=False)
class Scalar:
    """A single value as text. `plain`: written without quotes, so that YAML may read more into it."""

    place: Place
    text: str
    plain: bool
    source: str
    """The text of the file from the first quote to the last, or as plain text."""
    last: int
    """The line on which it ends."""
    size: int = 1
    depth: int = 1

    def column_of(self, offset: int) -> int:
        """The column in the file of the character at `offset`; the scalar's own where it spans lines."""
        if "\n" in self.source or "\r" in self.source:
            return self.place.column
        if self.source[:1] not in ('"', "'"):
            return self.place.column + min(offset, len(self.source))
        pattern = _DOUBLE_ESCAPE if self.source[0] == '"' else _SINGLE_ESCAPE
        written = pattern.findall(self.source[1:-1])
        return self.place.column + 1 + sum(len(piece) for piece in written[:offset])


@dataclass(slots=True, eq=False)
class Listing:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    last: int
    size: int
    depth: int
    end: int
    """The index after its last bracket, or after the last thing in it: what to insert behind."""
    is_flow: bool
    """Written with brackets."""


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys with values, in the order of the file; of two equal keys only the first is kept."""

    place: Place
    entries: tuple[tuple[Scalar, Node], ...]
    last: int
    size: int
    depth: int
    end: int
    is_flow: bool
    """Written with braces."""


Node = Scalar | Listing | Mapping


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read yet."""

    is_mapping: bool
    is_flow: bool
    """Written with brackets or braces."""
    place: Place
    anchor: str | None
    children: list[Node] = field(default_factory=list)
    end: int = 0
    """The index after the last thing read in it so far."""


def lines_of(text: str) -> list[str]:
    """The lines of `text` as YAML counts them."""
    return _LINE_END.split(text)


def locate(text: str, index: int) -> Place:
    """The place of the character at `index`."""
    lines = lines_of(text[:index])
    return Place(len(lines), len(lines[-1]) + 1, index)


class Reader:
    """Reads one document. `problems` are those found on the way that did not stop the reading."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._lines = lines_of(text)
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._read = 0
        self._excerpts: dict[int, str] = {}
        self._hushed: dict[int, int] = {}
        """The column from which on a line is not shown, because a secret begins there."""
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def problem(self, place: Place, message: str, hint: str = "") -> Problem:
        """An error at a place, with its line."""
        excerpt = self._excerpt(place.line)
        return Problem(mask(message), self._file, place.line, place.column, mask(hint), excerpt=excerpt)

    def _excerpt(self, line: int) -> str:
        if line not in self._excerpts:
            text = self.line(line)
            if line in self._hushed:
                text = text[: self._hushed[line] - 1] + "***"
            self._excerpts[line] = mask(text) if len(text) <= MAX_TEXT else ""
        return self._excerpts[line]

    def _hush(self, node: Node) -> None:
        for line in range(node.place.line, node.last + 1):
            column = node.place.column if line == node.place.line else 1
            self._hushed[line] = min(column, self._hushed.get(line, column))
            self._excerpts.pop(line, None)

    def line(self, line: int) -> str:
        """A line as it is written, secrets and all; "" past the end."""
        return self._lines[line - 1] if line <= len(self._lines) else ""

    def read(self) -> Node | None:
        """The tree, or None for a document without content.

        Raises ConfigError for what cannot be read any further: a syntax error, too deep, too large.
        """
        for event in self._events():
            self._take(event)
        # What is secret was not known before all was read.
        self.problems = [replace(problem, excerpt=self._excerpt(problem.line)) for problem in self.problems]
        return self.root

    def _events(self) -> Iterator[Event]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except ReaderError as error:
            message = f"the character U+{error.character:04X} is not allowed here"
            self._stop(
                locate(self._text, error.position), message, "delete it; it may be invisible in your editor"
            )
        except MarkedYAMLError as error:
            self._stop(*self._syntax_error(error))
        except (YAMLError, ValueError, OverflowError, AssertionError) as error:
            # PyYAML lets errors of chr() and int() through
            self._stop(Place(1, 1, 0), f"this is not YAML: {error}")

    def _stop(self, place: Place, message: str, hint: str = "") -> NoReturn:
        # from None: what PyYAML says quotes the line, with whatever secret stands on it
        raise ConfigError((*self.problems, self.problem(place, message, hint))) from None

    def _syntax_error(self, error: MarkedYAMLError) -> tuple[Place, str, str]:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return Place(1, 1, 0), f"this is not YAML: {error.problem or error.context}", ""
        what = " ".join(str(error.problem or error.context or "").split())
        place = Place(mark.line + 1, mark.column + 1, mark.index)
        if "quoted scalar" in str(error.context) and error.context_mark and "end of stream" in what:
            start = error.context_mark
            place = Place(start.line + 1, start.column + 1, start.index)
            return place, "the quotes that open here are never closed", "add the closing quote"
        opened = self._open[-1] if self._open else None
        if opened and opened.is_flow and not self._text[mark.index :].strip():
            return opened.place, "the [ or { that opens here is never closed", "a comma, ] or } is missing"
        begun = error.context_mark
        if begun and place.line > len(self._lines):  # behind the end there is no line to show
            mark, place = begun, Place(begun.line + 1, begun.column + 1, begun.index)
        message, hint = in_plain_words(what, self.line(place.line), place.column)
        if hint and begun and begun.line < mark.line:
            hint = f"{hint}; what is not finished here begins at line {begun.line + 1}"
        return place, message, hint

    def _take(self, event: Event) -> None:
        place = self._place(event)
        match event:
            case ScalarEvent():  # nine of ten
                if event.tag:
                    self._check_tag(event, place, {"str"})
                self._add(self._scalar(event, place), event.anchor)
                self._reach(event)
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._stop(place, "a second document begins here", 'keep one and delete the line "---"')
            case AliasEvent():
                self._add(self._aliased(event, place), None)
                self._reach(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._check_tag(event, place, {"map", "seq"})
                if len(self._open) >= MAX_DEPTH:
                    self._stop(place, f"lists and keys are nested more than {MAX_DEPTH} levels deep here")
                is_mapping = isinstance(event, MappingStartEvent)
                self._open.append(_Open(is_mapping, bool(event.flow_style), place, event.anchor))
            case MappingEndEvent() | SequenceEndEvent():
                self._close(place, event)

    def _reach(self, event: Event) -> None:
        """Notes where the open list or mapping ends as far as it is known: behind this event."""
        if self._open and event.end_mark and event.end_mark.index > self._open[-1].end:
            self._open[-1].end = event.end_mark.index

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        assert mark is not None, "every event of the parser has its place"  # noqa: S101 - for the type alone
        return Place(mark.line + 1, mark.column + 1, mark.index)

    def _check_tag(
        self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, place: Place, known: set[str]
    ) -> None:
        tag = str(event.tag or "")
        if not tag or tag == "!" or tag.removeprefix("tag:yaml.org,2002:") in known:
            return
        message = "YAML tags, such as !name, are not used in this file"
        self.problems.append(self.problem(place, message, "a text that begins with ! needs quotes"))

    def _scalar(self, event: ScalarEvent, place: Place) -> Scalar:
        text = str(event.value)
        self._read += 1
        if self._read > MAX_VALUES:
            self._stop(place, f"the file has more than {MAX_VALUES:,} values", "is this the config?")
        if len(text) > MAX_TEXT:
            self._stop(
                place, f"this text has more than {MAX_TEXT:,} characters", "is a closing quote missing?"
            )
        if not text.isascii() and _SURROGATE.search(text):
            self.problems.append(
                self.problem(place, "half of a character: \\uD800 to \\uDFFF stand for nothing alone")
            )
            text = _SURROGATE.sub("�", text)
        end = event.end_mark.index if event.end_mark else place.index
        source = self._text[place.index : end]
        properties = _PROPERTIES.match(source) if source[:1] in ("&", "!") else None
        if properties:  # the value begins after its &anchor and !!tag
            shift = properties.end()
            place, source = Place(place.line, place.column + shift, place.index + shift), source[shift:]
        last = place.line
        if event.end_mark and event.end_mark.line >= last:
            last += len(_LINE_END.findall(source.rstrip()))
        return Scalar(place, text, not event.style and not event.tag, source, last)

    def _aliased(self, event: AliasEvent, place: Place) -> Node:
        name = str(event.anchor)
        if name in self._anchors:
            return self._anchors[name]
        if any(frame.anchor == name for frame in self._open):
            self._stop(place, f"*{name} stands inside the very thing it refers to")
        message = f"*{name} refers to something that is not defined above"
        self.problems.append(
            self.problem(place, message, f'a text that begins with * needs quotes: "*{name}"')
        )
        return Scalar(place, f"*{name}", plain=False, source=f"*{name}", last=place.line)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[str(anchor)] = node
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def _close(self, end: Place, event: Event) -> None:
        if self._open[-1].is_flow:
            self._reach(event)
        done = self._open.pop()
        if self._open:
            self._open[-1].end = max(self._open[-1].end, done.end)
        # A block ends where the next thing begins, on a line below.
        last = end.line if done.is_flow else max(done.place.line, end.line - 1)
        size = 1 + sum(child.size for child in done.children)
        depth = 1 + max((child.depth for child in done.children), default=0)
        if size > MAX_VALUES:
            self._stop(
                done.place, f"more than {MAX_VALUES:,} values, counting what its aliases (*name) stand for"
            )
        if len(self._open) + depth > MAX_DEPTH:
            self._stop(done.place, f"lists and keys are nested more than {MAX_DEPTH} levels deep here")
        if done.is_mapping:
            entries = self._entries(done.children)
            self._add(Mapping(done.place, entries, last, size, depth, done.end, done.is_flow), done.anchor)
        else:
            items = tuple(done.children)
            self._add(Listing(done.place, items, last, size, depth, done.end, done.is_flow), done.anchor)

    def _entries(self, children: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if isinstance(key, Scalar) and is_secret(key.text) and not _harmless(value):
                self._hush(value)
            if not isinstance(key, Scalar):
                hint = "put quotes round a text that begins with [ or {"
                self.problems.append(self.problem(key.place, "a key must be a single text", hint))
            elif key.plain and key.text == "<<":
                hint = "write the keys out: merging belongs to YAML 1.1"
                self.problems.append(self.problem(key.place, '"<<" is not read here', hint))
            elif key.text in entries:
                first = entries[key.text][0].place
                where = f"line {first.line}, column {first.column}"
                message = f'"{key.text}" stands here twice; the first is at {where}'
                self.problems.append(self.problem(key.place, message, "keep one of them"))
            else:
                entries[key.text] = (key, value)
        return tuple(entries.values())


def _harmless(node: Node) -> bool:
    """Whether a value stands only for a variable, or for nothing: worth showing, and no secret."""
    if isinstance(node, Listing):
        return all(map(_harmless, node.items))
    return isinstance(node, Scalar) and bool(_VARIABLE.fullmatch(node.source))
