"""Core: what every reader, of feeds and of APIs, hands on: the document's own words, nothing cleaned yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

MAX_ENTRIES = 2_000
"""Of one document, the first: feeds list the newest first."""


LONGEST_MESSAGE = 400
"""Characters of an error's message."""


class ParseError(Exception):
    """A document that is not what was asked for, or must not be read. The message says what it is instead.

    It may quote the document, so it is made one printable line, fit for a terminal and a log. `ended` is set
    where the publisher says in it that the feed is no more.
    """

    def __init__(self, message: str, ended: bool = False) -> None:
        shown = "".join(char if char.isprintable() else "\ufffd" for char in message[: LONGEST_MESSAGE + 1])
        super().__init__(shown if len(shown) <= LONGEST_MESSAGE else f"{shown[: LONGEST_MESSAGE - 1]}…")
        self.ended = ended


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry. Strings are as published: HTML, padded, perhaps empty."""

    title: str = ""
    link: str = ""
    """The page it points at, perhaps relative."""
    guid: str = ""
    summary: str = ""
    content: str = ""
    lang: str = ""
    published: str = ""
    updated: str = ""
    categories: tuple[str, ...] = ()
    publisher: str = ""
    """Whose report it is, where the feed is an aggregator's: RSS `<source>`."""

    @property
    def is_readable(self) -> bool:
        """Whether there is anything by which to tell it from others."""
        return bool(self.link or self.title or self.guid)


@dataclass(frozen=True, slots=True)
class RawFeed:
    """One document."""

    title: str
    link: str
    """The site that the feed belongs to, perhaps relative."""
    lang: str
    entries: tuple[RawEntry, ...]
    unread: int = 0
    """How many more there are: a reader may stop at `MAX_ENTRIES`."""
    rows: int = 0
    """How many results an interface gave: several may make one entry. 0 for feeds."""
    total: int | None = None
    """How many results an interface says there are on all its pages."""
    is_broken: bool = False
    """Whether it is no well-formed XML, and was read all the same."""
    clock: tzinfo | None = None
    """That of times without zone, where the document's publisher is known to keep to one."""
