"""Border: more sources for config.yaml, written as text, so that every other byte of the file stays.

A round trip through a YAML library would lay the lists and comments of the file out anew. Here the new
entries are put behind the last one in its style, and the new text is read by our own loader: unless it says
all that the old one said, and the new sources besides, nothing is written.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from pathlib import Path

from ..models import Problem, Refusal, Source
from .error import ConfigError
from .files import MAX_SIZE, file_bytes, file_text
from .reading import MAX_PROBLEMS, Config, examine_text
from .schema import PollingSection, SourceSection
from .sources import source
from .tree import Listing, Scalar, locate
from .tree import Mapping as MappingNode
from .values import Document, Value, resolve

WIDTH = 110
"""Columns after which an entry within braces goes on in the next line."""
FIRST = ("id", "name", "outlet", "kind", "side", "every", "enabled")
"""The order of keys as in the shipped config; others follow, and what is asked comes last."""
ASKED = ("url", "govuk", "parliament")

_TOGETHER = 100
"""Entries that are checked at a time, so that there is no end of values or problems before all is told."""
_BOM = b"\xef\xbb\xbf"
_PLAIN = re.compile(r"[^\W_](?:[\w ./&'()-]*[\w.)'])?")
_LINE_END = re.compile(r"\r\n|[\r\n]|\Z")
_TAIL = re.compile(r"[ \t]*(,?)([ \t]*(?:\#[^\r\n]*)?)(?=\r\n|[\r\n]|\Z)")
"""What may follow an entry on its line: a comma, a comment."""
_CLOSING = re.compile(r"[ \t]*(,?)[ \t]*[\]}]")
_NOT_COMPARED = {"sources", "rulebook", "warnings"}
"""Of a Config: what is to change, what follows from `rules`, and what has line numbers in it."""

Entry = Mapping[str, Value]
"""A source as the config writes it: {"id": "hkfp", "url": "https://…", "enabled": False}."""


class EditError(Refusal):
    """The config was left as it is; the message says why, and what to do by hand."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A config without errors, as the file has it or with sources added that are not written yet."""

    file: Path
    text: str
    config: Config
    document: Document
    environ: Mapping[str, str]
    raw: bytes
    """The file as it was read."""
    added: str = ""
    """The lines that `text` has more than the file, as they are to stand in it."""
    line: int = 0
    """The line that they begin at; 0 where nothing is added."""


def open_draft(file: Path, environ: Mapping[str, str]) -> Draft:
    """The config as it is. Raises ConfigError where it has errors: such a file is not touched."""
    raw = file_bytes(file)
    text = file_text(raw, file)
    examined = examine_text(text, file, environ)
    if examined.config is None or examined.document is None:
        raise ConfigError(examined.problems)
    return Draft(file, text, examined.config, examined.document, environ, raw)


def with_sources(draft: Draft, entries: Sequence[Entry]) -> Draft:
    """`draft`, as it was read, with these sources at the end of its list; it is not written yet.

    Each entry needs an id of its own. Raises EditError where an entry cannot be a source, or where the file
    is written in a way that cannot be added to.
    """
    first_end = _LINE_END.search(draft.text)
    eol = (first_end and first_end[0]) or "\n"
    place = _place(draft, eol)
    added = place.between.join(_written(entry, place, eol) for entry in entries)
    text = draft.text[: place.start] + place.before + added + place.after + draft.text[place.end :]
    if len(text.encode()) > MAX_SIZE:
        raise EditError(f"{draft.file.name} would be larger than {MAX_SIZE:,} bytes; nothing was written")
    examined = examine_text(text, draft.file, draft.environ)
    if (
        examined.config is None
        or examined.document is None
        or not _is_same_but_for(draft.config, examined.config, entries)
    ):
        raise EditError(_why_not(draft, entries))
    return replace(
        draft,
        text=text,
        config=examined.config,
        document=examined.document,
        added=added,
        line=locate(text, place.start + len(place.before)).line,
    )


def as_source(draft: Draft, entry: Entry) -> Source:
    """The source that an entry would be under the defaults of this config. Raises EditError."""
    (result,) = checked([entry])
    if isinstance(result, str):
        raise EditError(result)
    polling = draft.document.at(("polling",)) or {}
    return source(SourceSection.model_validate(entry), PollingSection.model_validate(polling))


def save(draft: Draft) -> None:
    """Writes `draft` in one step: a reader finds the old file or the new one, never a part.

    The mode stays, and a symbolic link stays one. Raises EditError where the file has changed since it was
    read, or cannot be written.
    """
    target = draft.file.resolve()
    if file_bytes(target) != draft.raw:
        raise EditError(f"{draft.file} was changed meanwhile; nothing was written. Try again")
    bom = _BOM if draft.raw.startswith(_BOM) else b""
    try:
        _replace(target, bom + draft.text.encode())
    except OSError as error:
        raise EditError(
            f"{draft.file} cannot be written: {error.strerror}. Add by hand, under sources:\n{draft.added}"
        ) from None


def snippet(entries: Sequence[Entry]) -> str:
    """The entries as YAML that may be pasted under `sources:`."""
    return "\n".join(_written(entry, _Place(0, 0, 3, 2, braces=False), "\n") for entry in entries)


def checked(entries: Sequence[Entry]) -> tuple[Source | str, ...]:
    """Each entry as the source it would be under a config's defaults, or a sentence why it can be none.

    Each needs an id of its own.
    """
    pieces = [entries[at : at + _TOGETHER] for at in range(0, len(entries), _TOGETHER)]
    return tuple(result for piece in pieces for result in _checked(piece))


def _checked(entries: Sequence[Entry]) -> list[Source | str]:
    """Reads them as one config; leaves out those at whose lines there are errors, and reads again."""
    results: dict[int, Source | str] = {}
    while waiting := [number for number in range(len(entries)) if number not in results]:
        written = [snippet([entries[number]]) for number in waiting]
        begins = list(accumulate((text.count("\n") + 1 for text in written), initial=2))
        examined = examine_text("\n".join(["sources:", *written]) + "\n", Path("sources"), {})
        if examined.config:
            results |= dict(zip(waiting, examined.config.sources, strict=True))
        for problem in examined.problems[:MAX_PROBLEMS]:
            if problem.severity == "error":
                at = min(max(bisect_right(begins, problem.line) - 1, 0), len(waiting) - 1)
                results.setdefault(waiting[at], _told(problem))
    return [results[number] for number in range(len(entries))]


# ------------------------------------------------------------------------------------ where it goes


@dataclass(frozen=True, slots=True)
class _Place:
    """What of a text to replace by entries, and how they are to look there."""

    start: int
    end: int
    column: int
    """Of the entry, or of its dash; from 1."""
    gap: int = 0
    """From the dash to what follows it; 0: no dash, as the list is written with brackets."""
    braces: bool = True
    """Whether an entry is written {like: this}."""
    before: str = ""
    between: str = ""
    after: str = ""


def _place(draft: Draft, eol: str) -> _Place:
    root = draft.document.node(())
    if not isinstance(root, MappingNode):
        raise EditError(f"{draft.file.name} has no keys at the top")
    found = next(((key, node) for key, node in root.entries if key.text == "sources"), None)
    if found is None:
        return _new_list(draft.text, root, eol)
    key, node = found
    if not isinstance(node, Listing) or node.place.index < key.place.index:
        raise EditError(
            f"sources in {draft.file.name} stands for a list that is written elsewhere (*alias); "
            "nothing was written. Add the source there by hand"
        )
    if not node.is_flow:
        return _behind_block(draft.text, node, eol)
    if node.items:
        return _behind_flow(draft.text, node.items[-1], node, eol)
    return _instead_of_nothing(draft.text, key, node, root, eol)


def _new_list(text: str, root: MappingNode, eol: str) -> _Place:
    """The key itself is missing."""
    if root.is_flow:
        closing = root.end - 1
        comma = "" if re.search(r"[,{]\s*\Z", text[:closing]) else ", "
        return _Place(closing, closing, 1, before=f"{comma}sources: [", between=", ", after="]")
    lead = "" if not text or text.endswith(("\n", "\r")) else eol
    return _Place(len(text), len(text), 3, 2, False, f"{lead}{eol}sources:{eol}", eol, eol)


def _instead_of_nothing(text: str, key: Scalar, node: Listing, root: MappingNode, eol: str) -> _Place:
    """`[]`: becomes a list of dashes, where it stands on a line of its own."""
    inside = text[node.place.index : node.end]
    line_end = _line_end(text, node.end)
    rest = text[node.end : line_end]
    if root.is_flow or inside.strip("[] \t") or (rest.strip() and not rest.lstrip().startswith("#")):
        at = node.end - 1
        return _Place(at, at, node.place.column + 1, between=", ")
    start = len(text[: node.place.index].rstrip(" \t"))
    column = key.place.column + 2
    return _Place(start, line_end, column, 2, False, f"{rest.rstrip()}{eol}", eol)


def _behind_block(text: str, node: Listing, eol: str) -> _Place:
    """A list of dashes: the new ones come below the line on which the last entry ends."""
    at = _line_end(text, len(text[: node.end].rstrip()))
    last = node.items[-1]
    dash = text.rfind("-", node.place.index, last.place.index)  # -1 where it is an alias of what is above
    is_beside = dash >= 0 and not text[dash + 1 : last.place.index].strip(" ")
    gap = last.place.index - dash if is_beside else 2
    braces = isinstance(last, MappingNode) and last.is_flow
    # A list with an &anchor begins at that.
    has_dash_first = text.startswith("-", node.place.index)
    column = node.place.column if has_dash_first else locate(text, max(dash, 0)).column
    return _Place(at, at, column, gap, braces, eol, eol)


def _behind_flow(text: str, last: MappingNode | Listing | Scalar, node: Listing, eol: str) -> _Place:
    """A list with brackets: on the same line where that closes it, else on a line of its own."""
    end = last.end if isinstance(last, MappingNode | Listing) else last.place.index + len(last.source)
    closing = _CLOSING.match(text, end)
    if closing:
        at = closing.end(1)
        comma = "" if closing[1] else ","
        if last.place.line == node.place.line:
            return _Place(at, at, last.place.column, before=f"{comma} ", between=", ")
        indent = " " * (last.place.column - 1)
        return _Place(at, at, last.place.column, before=f"{comma}{eol}{indent}", between=f",{eol}{indent}")
    tail = _TAIL.match(text, end)
    if not tail:  # a comma on a line of its own, or something stranger: the loader tells
        return _Place(end, end, last.place.column, before=", ", between=", ")
    indent = " " * (last.place.column - 1)
    comment = text[tail.start(2) : tail.end()] if tail[1] else tail[0]
    return _Place(
        end,
        tail.end(),
        last.place.column,
        before=f",{comment}{eol}{indent}",
        between=f",{eol}{indent}",
        after="," if tail[1] else "",
    )


def _line_end(text: str, at: int) -> int:
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


# ------------------------------------------------------------------------------------ how it looks


def _written(entry: Entry, place: _Place, eol: str) -> str:
    """One entry, from its dash on, the indentation of its first line included where it has a dash."""
    keys = [key for key in FIRST if key in entry]
    keys += [key for key in entry if key not in (*FIRST, *ASKED)]
    keys += [key for key in ASKED if key in entry]
    pairs = [f"{key}: {_value(entry[key])}" for key in keys]
    indent = " " * (place.column - 1)
    dash = indent + "-" + " " * (place.gap - 1) if place.gap else ""
    inner = " " * (place.column - 1 + place.gap)
    if not place.braces:
        return dash + f"{eol}{inner}".join(pairs)
    begin = len(dash) if place.gap else place.column - 1
    return dash + "{" + _folded(pairs, begin + 1, f"{eol}{inner} ") + "}"


def _folded(pairs: Sequence[str], begin: int, new_line: str) -> str:
    """The pairs with commas, in lines of WIDTH columns where they fit."""
    text, column = "", begin
    for number, pair in enumerate(pairs):
        if number and column + len(pair) + 3 > WIDTH:
            text, column = f"{text},{new_line}{pair}", begin + len(pair)
        else:
            text += f"{', ' if number else ''}{pair}"
            column += len(pair) + 2
    return text


def _value(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _scalar(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{_scalar(key)}: {_value(one)}' for key, one in value.items())}}}"
    return str(value)


def _scalar(text: str) -> str:
    """A text that is read back as it is: never as a number, a comment, or a variable of the environment."""
    if _PLAIN.fullmatch(text) and text.isascii() and isinstance(resolve(text), str):
        return text
    quoted = json.dumps(text.replace("${", "$${"), ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)


# ------------------------------------------------------------------------------------ whether it holds


def _is_same_but_for(before: Config, after: Config, entries: Sequence[Entry]) -> bool:
    """Whether a config says what it said, and has exactly these sources more."""
    new = after.sources[len(before.sources) :]
    same = all(
        getattr(before, field.name) == getattr(after, field.name)
        for field in fields(Config)
        if field.name not in _NOT_COMPARED
    )
    return (
        same
        and after.sources[: len(before.sources)] == before.sources
        and len(new) == len(entries)
        and all(_is(one, entry) for one, entry in zip(new, entries, strict=True))
    )


def _is(added: Source, entry: Entry) -> bool:
    texts = {key: entry[key] for key in ("id", "name", "url", "kind", "note") if key in entry}
    return all(getattr(added, key) == text for key, text in texts.items())


def _why_not(draft: Draft, entries: Sequence[Entry]) -> str:
    """An entry is at fault, or how the file is written, or that together they are too much."""
    at_fault = [result for result in checked(entries) if isinstance(result, str)]
    if at_fault:
        return f"nothing was written: {'; '.join(at_fault[:3])}"
    if len(entries) > 1:
        return f"{draft.file.name} cannot take {len(entries):,} sources more; nothing was written"
    return (
        f"{draft.file.name} is written in a way that cannot be added to by program; nothing was written. "
        f"Add by hand, under sources:\n{snippet(entries)}"
    )


def _told(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _replace(target: Path, data: bytes) -> None:
    """Puts a new file in the place of `target`, with its mode and, where we may, its owner."""
    was = target.stat()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), stat.S_IMODE(was.st_mode))
            with suppress(PermissionError):
                os.fchown(file.fileno(), was.st_uid, was.st_gid)
        new.replace(target)
    except OSError:
        new.unlink(missing_ok=True)
        raise
