"""Core: a feed of which only the new entries are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..models import ParsedFeed, Source
from .feed import read_feed
from .items import Entries, to_items
from .outline import Mark, Outline, are_apart, frame_of, known_places, mark, mark_of
from .pieces import Pieces, cut
from .raw import MAX_ENTRIES, RawFeed


def read_parts(xml: bytes, source: Source, feed_url: str, before: bytes) -> ParsedFeed:
    """The items of a feed's XML, as `to_items` gives them, but for entries that the outline `before` knows.

    The document is read whole where it cannot be cut (see `pieces`), or where its parts could become other
    items than in the whole (see `outline`). Raises ParseError.
    """
    pieces = cut(xml)
    if pieces is None or len(pieces.entries) > MAX_ENTRIES:
        return to_items(read_feed(xml), source, feed_url).feed
    document = _Document(source, feed_url, pieces, tuple(mark(entry) for entry in pieces.entries))
    frame, known = frame_of(pieces, source, feed_url), Outline.of(before)
    feed = document.in_parts(known) if known and known.frame == frame else None
    return feed or document.whole(read_feed(xml), frame)


@dataclass(frozen=True, slots=True)
class _Document:
    """A feed that is cut."""

    source: Source
    feed_url: str
    pieces: Pieces
    texts: tuple[int, ...]
    """The mark of each piece."""

    def whole(self, raw: RawFeed, frame: bytes) -> ParsedFeed:
        """What all of it says, with the outline for next time."""
        read = to_items(raw, self.source, self.feed_url)
        if len(read.keys) != len(self.texts):
            return read.feed  # feedparser sees other entries than we do
        outline = Outline(frame, not raw.is_broken, _marks(read, self.texts))
        return replace(read.feed, entries=read.keys, outline=outline.packed(), newest=outline.newest)

    def in_parts(self, before: Outline) -> ParsedFeed | None:
        """What is new in it, if what is known of the rest may stay as it is."""
        places = known_places(before, self.texts)
        if not places:
            return None
        new = [at for at in range(len(self.texts)) if at not in places]
        is_as_before = not new and list(places.values()) == list(range(len(before.marks)))
        if not before.is_sound and not is_as_before:
            return None  # one entry may run into the next, so that each depends on those before it
        read = self._read_only(new)
        if read is None:
            return None
        fresh = _marks(read, [self.texts[at] for at in new])
        if not are_apart((before.marks[place] for place in places.values()), fresh):
            return None
        marks = {at: before.marks[place] for at, place in places.items()} | dict(zip(new, fresh, strict=True))
        entries: dict[int, str | int] = {**places, **dict(zip(new, read.keys, strict=True))}
        outline = replace(before, marks=tuple(marks[at] for at in range(len(marks))))
        return replace(
            read.feed,
            entries=tuple(entries[at] for at in range(len(entries))),
            outline=outline.packed(),
            newest=outline.newest,
        )

    def _read_only(self, places: Sequence[int]) -> Entries | None:
        """What the entries at these places become. None where they, and so the whole, are not well-formed.

        For the frame and the entries that are known are.
        """
        if not places:
            return Entries(ParsedFeed(self.source.name, ()), (), ())
        raw = read_feed(self.pieces.with_only([self.pieces.entries[at] for at in places]))
        read = to_items(raw, self.source, self.feed_url)
        return None if raw.is_broken or len(read.keys) != len(places) else read


def _marks(read: Entries, texts: Sequence[int]) -> tuple[Mark, ...]:
    items = {item.key: item for item in read.feed.items}
    keys, addresses = Counter(read.keys), Counter(filter(None, read.addresses))
    return tuple(
        mark_of(text, items[key], address, has_kin=keys[key] > 1 or addresses[address] > 1)
        for text, key, address in zip(texts, read.keys, read.addresses, strict=True)
    )
