"""Border: lists of feeds as other readers have them: OPML 2.0 (opml.org/spec2.opml), in and out.

What OPML has no word for (kind, side, interval …) stands in attributes of our own namespace, which other
readers pass over. Headers are never written, nor what came from the environment, nor logins and keys in
addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from xml.parsers import expat

from ..models import Refusal, Source, without_secrets
from .edit import Entry
from .values import Document, FromEnv, Value

NAMESPACE = "urn:uk-china-monitor:source"
MAX_SIZE = 5_000_000
"""Bytes of a file. Five thousand outlines have one."""
MAX_FEEDS = 5_000
MAX_NAME = 200

_TEXTS = ("id", "outlet", "kind", "side", "every", "timeout", "max_bytes", "lang", "note")
_FLAGS = ("enabled", "full_text")
_STRUCTURES = ("strip", "govuk", "parliament")
_KEYS = (*_TEXTS, *_FLAGS, *_STRUCTURES)
_NO_SIDE = "none"
_MOST_BRACKETS = 20
"""In a structure of ours, which has three at most: deeper ones would only be made to exhaust the stack."""
_FEED_SCHEME = re.compile(r"^feed:(?:(//)|(?=https?://))", re.IGNORECASE)


class OpmlError(Refusal):
    """The file is no OPML, or none that is read; nothing was taken from it."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What a file names."""

    entries: tuple[Entry, ...]
    """As the config would write them, unchecked: `name`, `url`, and what our own attributes say."""
    complaints: tuple[str, ...]
    """A sentence for each outline, or attribute, that was left out."""


def read(data: bytes) -> Subscriptions:
    """The feeds in an OPML document, of whatever depth, in its order. Folders are passed over.

    OPML 1.0 and 1.1 are read alike. Raises OpmlError where it is not well-formed XML, has no root <opml>,
    declares entities, or is too large.
    """
    if len(data) > MAX_SIZE:
        raise OpmlError(f"the file is larger than {MAX_SIZE:,} bytes; nothing was imported. Split it")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, attributes, parser.CurrentLineNumber
    )
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(data, True)
    except (ValueError, LookupError):  # an encoding that expat does not know
        raise OpmlError(
            "the file is in an encoding that is not read; nothing was imported. Save it as UTF-8"
        ) from None
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise OpmlError(
            f"the file is not well-formed XML: line {error.lineno}, column {error.offset + 1}: {what}. "
            "Nothing was imported; export it anew from the other reader"
        ) from None
    if reader.feeds > MAX_FEEDS:
        raise OpmlError(
            f"the file has {reader.feeds:,} feeds, and at most {MAX_FEEDS:,} are taken at a time; "
            "nothing was imported. Split it"
        )
    return Subscriptions(tuple(reader.entries), tuple(reader.complaints))


def write(groups: Mapping[str, Sequence[Entry]], now: datetime) -> str:
    """An OPML 2.0 document of these sources, each group a folder; `now` becomes its dateCreated (RFC 822).

    An entry has `name` and `url`; its other keys become our own attributes, `headers` excepted.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:monitor="{NAMESPACE}">',
        "  <head>",
        "    <title>Sources of the UK-China monitor</title>",
        f"    <dateCreated>{format_datetime(now, usegmt=True)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for group, entries in groups.items():
        lines.append(f"    <outline text={_quoted(group)}>")
        lines += [f"      {_outline(entry)}" for entry in entries]
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def entries_of(
    document: Document, sources: Sequence[Source], addresses: Sequence[str]
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The sources of a config as `write` takes them, and a sentence for all that is left out of them.

    `sources` are those of `document`; `addresses` are where each is asked, for readers that know no more.
    Kind, side, interval and limits are given as they are, so that they hold under another config's defaults.
    """
    entries, left_out = [], []
    for number, (source, address) in enumerate(zip(sources, addresses, strict=True)):
        written = document.at(("sources", number))
        values = written if isinstance(written, dict) else {}
        if isinstance(values.get("url"), FromEnv):
            left_out.append(f"{source.id}: its address comes from the environment, which may hold a secret")
            continue
        shown = without_secrets(address)
        if shown != address:
            left_out.append(f"{source.id}: the login or key in its address")
        if source.headers:
            left_out.append(f"{source.id}: its headers")
        entry: dict[str, Value] = {key: value for key, value in values.items() if not _is_from_env(value)}
        always: dict[str, Value] = {
            "id": source.id,
            "name": source.name,
            "url": shown,
            "kind": source.kind,
            "side": source.side or _NO_SIDE,
            "every": duration(source.every),
            "timeout": duration(timedelta(seconds=source.timeout)),
            "max_bytes": source.max_bytes,
        }
        entries.append(entry | always)
    return tuple(entries), tuple(left_out)


def duration(span: timedelta) -> str:
    """A length of time as the config writes it: "15m", "2h", "90s"."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def _is_from_env(value: Value) -> bool:
    return any(isinstance(one, FromEnv) for one in _texts(value))


def _texts(value: Value) -> Iterator[Value]:
    match value:
        case list():
            for one in value:
                yield from _texts(one)
        case dict():
            for one in value.values():
                yield from _texts(one)
        case _:
            yield value


def without_feed_scheme(url: str) -> str:
    """`feed://host/` and `feed:https://host/`, as some readers and browsers write them, as web addresses."""
    return _FEED_SCHEME.sub(lambda found: "http://" if found[1] else "", url)


def _outline(entry: Entry) -> str:
    name = str(entry.get("name") or entry.get("id"))
    attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": str(entry["url"])}
    attributes |= {f"monitor:{key}": _worded(entry[key]) for key in _KEYS if key in entry}
    written = " ".join(f"{attribute}={_quoted(text)}" for attribute, text in attributes.items())
    return f"<outline {written}/>"


def _worded(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _quoted(text: str) -> str:
    """An attribute's value in quotes, without what XML 1.0 forbids or would fold into blanks."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return f'"{escape(shown, quote=True)}"'


def _refuse_entities(*_declared: object) -> None:
    raise OpmlError(
        "the file declares XML entities, which can blow up to any size: refused unread. "
        "Nothing was imported; remove its <!DOCTYPE …>"
    )


@dataclass(slots=True)
class _Reader:
    """Takes outlines as they begin."""

    prefix: str | None = None
    """What our own attributes begin with in this file; None until the root was read."""
    feeds: int = 0
    entries: list[Entry] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if self.prefix is None:
            self._root(name, attributes)
        elif name.lower() == "outline":
            self._outline(attributes, line)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name.lower() != "opml":
            feed = name.lower() in {"rss", "feed", "rdf:rdf"}
            hint = "it is a feed itself: `monitor sources add` its address" if feed else "is it another file?"
            raise OpmlError(f"the file is no OPML: its root is <{name[:40]}>; {hint}. Nothing was imported")
        declared = (key for key, uri in attributes.items() if uri == NAMESPACE and key.startswith("xmlns:"))
        self.prefix = next(declared, "xmlns:monitor").removeprefix("xmlns:") + ":"

    def _outline(self, attributes: dict[str, str], line: int) -> None:
        small = {key.lower(): value for key, value in attributes.items()}
        url = small.get("xmlurl", "").strip()
        if not url:
            return  # a folder, or a link to a page
        self.feeds += 1
        if self.feeds > MAX_FEEDS:
            return
        name = " ".join((small.get("title") or small.get("text") or "").split())[:MAX_NAME]
        url = without_feed_scheme(url)
        if not re.match(r"https?://", url, re.IGNORECASE):
            shown = f"{url[:60]}…" if len(url) > 60 else url
            self.complaints.append(f'line {line}: "{shown}" is no web address: left out')
            return
        entry: dict[str, Value] = {"name": name} if name else {}
        entry["url"] = url
        self.entries.append(entry | self._our_own(attributes, line))

    def _our_own(self, attributes: Mapping[str, str], line: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for key in _KEYS:
            text = attributes.get(f"{self.prefix}{key}")
            if text is None:
                continue
            try:
                values[key] = _value(key, text)
            except ValueError:
                shown = f"{text[:60]}…" if len(text) > 60 else text
                self.complaints.append(f'line {line}: {key}="{shown}" is not understood: left out')
        return values


def _value(key: str, text: str) -> Value:
    """What an attribute of ours says. Raises ValueError."""
    if key in _FLAGS:
        if text not in ("true", "false"):
            raise ValueError
        return text == "true"
    if key == "side" and text == _NO_SIDE:
        return None
    if key in _STRUCTURES:
        if len(text) > 10_000 or text.count("[") + text.count("{") > _MOST_BRACKETS:
            raise ValueError
        value: Value = json.loads(text)
        if not isinstance(value, list if key == "strip" else dict):
            raise ValueError
        return value
    return int(text) if key == "max_bytes" and re.fullmatch("[0-9]{1,9}", text) else text
