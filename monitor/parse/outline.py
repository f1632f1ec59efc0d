"""Core: what is remembered of a document's entries, so that those that stand in it again need not be read.

Of each entry a mark of its bytes; of the item that it became, marks of its key and its address, and its date.
They are digests of eight bytes: a chance likeness of two would hide one entry of some 10^19. Whoever chooses
the bytes of an entry chooses what is read of it, and nobody else's entry is compared with it.

A new entry could give a known one another key (see `identity`), or be the same item as it. So an entry's
address and key must be its own; where they are not, or where entries shared them before and not all of them
are still here, the document is read whole. Then what comes out is what reading it whole gives.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from ..models import Item, Source
from .pieces import Pieces, mark

READING = 3
"""To be raised, to at most 127, where documents are cut otherwise than before, or the same entry becomes
another item: all are read anew then."""
FRAME = 16
"""Bytes of the frame's digest."""

_HEADER = struct.Struct(f">{FRAME}sB")
_MARK = struct.Struct(">QQQq?")
_NEVER = -(1 << 62)


class Mark(NamedTuple):
    """One entry."""

    text: int
    key: int
    """Of its item."""
    address: int
    """Of the address that it is compared by; 0 where it has none of its own."""
    date: int
    """Of its item, in seconds since 1970."""
    has_kin: bool
    """Whether another entry of its document has its key or its address."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document, by what is known again of it."""

    frame: bytes
    is_sound: bool
    """Whether it was well-formed XML."""
    marks: tuple[Mark, ...]

    def packed(self) -> bytes:
        """As bytes, to be stored."""
        head = _HEADER.pack(self.frame, READING << 1 | self.is_sound)
        return b"".join((head, *(_MARK.pack(*mark) for mark in self.marks)))

    @classmethod
    def of(cls, packed: bytes) -> Outline | None:
        """What `packed` gave; None for what is none, or is of another `READING`."""
        if len(packed) < _HEADER.size or (len(packed) - _HEADER.size) % _MARK.size:
            return None
        frame, reading = _HEADER.unpack_from(packed)
        if reading >> 1 != READING:
            return None
        marks = tuple(map(Mark._make, _MARK.iter_unpack(packed[_HEADER.size :])))
        return cls(frame, bool(reading & 1), marks)

    @property
    def texts(self) -> tuple[int, ...]:
        """The marks of its entries' bytes."""
        return tuple(mark.text for mark in self.marks)

    @property
    def newest(self) -> datetime | None:
        """The latest date of its items."""
        latest = max((mark.date for mark in self.marks), default=_NEVER)
        return None if latest == _NEVER else datetime.fromtimestamp(latest, UTC)


def frame_of(pieces: Pieces, source: Source, feed_url: str) -> bytes:
    """Equal for two documents in which the same bytes are the same item, as long as `READING` is."""
    reading = (feed_url, source.id, source.kind, source.side, source.lang, source.strip)
    return blake2b(repr(reading).encode() + b"\0" + pieces.frame(), digest_size=FRAME).digest()


def mark_of(text: int, item: Item, address: str, *, has_kin: bool) -> Mark:
    """The mark of an entry whose bytes have the mark `text`, and whose item is known now."""
    date = int(item.date.timestamp()) if item.date else _NEVER
    return Mark(text, mark(item.key), mark(address), date, has_kin)


def known_places(before: Outline, texts: Sequence[int]) -> dict[int, int] | None:
    """Of the entries with these marks, which are known: where each stands here → where it stood.

    None where that cannot be told: an entry stands there more often than before, or without those that
    shared its key or its address.
    """
    were = before.texts
    places = {text: place for place, text in enumerate(were)}
    counts, here = Counter(were), Counter(texts)
    if any(count > max(1, counts[text]) for text, count in here.items()):
        return None
    if any(known.has_kin and here[known.text] != counts[known.text] for known in before.marks):
        return None
    return {at: places[text] for at, text in enumerate(texts) if text in places}


def are_apart(known: Iterable[Mark], new: Sequence[Mark]) -> bool:
    """Whether no new entry has the address or the key of a known one."""
    keys, addresses = {m.key for m in new}, {m.address for m in new if m.address}
    return not any(old.key in keys or old.address in addresses for old in known)
