"""Core: what both readers, of XML and of JSON, hand on: the document's own words, nothing cleaned yet."""

from __future__ import annotations

from dataclasses import dataclass


class ParseError(Exception):
    """A document that is no feed, or a feed that must not be read. The message says what it is instead."""


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


@dataclass(frozen=True, slots=True)
class RawFeed:
    """One document."""

    title: str
    link: str
    """The site that the feed belongs to, perhaps relative."""
    lang: str
    entries: tuple[RawEntry, ...]
