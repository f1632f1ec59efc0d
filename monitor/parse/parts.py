"""Core: a feed of which only the new entries are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..models import ParsedFeed, Source
from .document import is_plain
from .faults import is_end_tags, is_well_formed, may_hide_entries, with_fault
from .feed import read_feed, xml_within
from .items import Entries, to_items
from .outline import Mark, Outline, are_apart, frame_of, known_places, mark_of
from .pieces import Pieces, cut
from .raw import MAX_ENTRIES, RawFeed


def read_parts(xml: bytes, source: Source, feed_url: str, before: Outline | None) -> ParsedFeed:
    """The items of a feed's XML, as `to_items` gives them, but for entries that the outline `before` knows.

    The document is read whole where it cannot be cut (see `pieces`), or where its parts could become other
    items than in the whole (see `outline`). Raises ParseError.
    """
    document = _Document.of(xml, source, feed_url, before)
    if document is None:
        return to_items(read_feed(xml), source, feed_url).feed
    return document.in_parts(before) or document.whole(read_feed(xml))


def read_undecoded(body: bytes, source: Source, feed_url: str, before: Outline) -> ParsedFeed | None:
    """What `read_parts` gives for the XML of a document's bytes, where what is new in them is plain UTF-8.

    For what is known was, and then so is the whole. None where that does not hold, or the document is to be
    read whole.
    """
    document = _Document.of(xml_within(body), source, feed_url, before)
    if document is None or not is_plain(document.new_bytes(before)):
        return None
    return document.in_parts(before)


@dataclass(frozen=True, slots=True)
class _Document:
    """A feed that is cut."""

    source: Source
    feed_url: str
    pieces: Pieces
    frame: bytes

    @classmethod
    def of(cls, xml: bytes, source: Source, feed_url: str, before: Outline | None) -> _Document | None:
        """The document whose XML this is; None where it cannot be cut, or has too many entries for it."""
        pieces = cut(xml, frozenset(before.texts) if before else frozenset())
        if pieces is None or len(pieces.entries) > MAX_ENTRIES:
            return None
        return cls(source, feed_url, pieces, frame_of(pieces, source, feed_url))

    def new_bytes(self, before: Outline) -> bytes:
        """All but the entries that are known."""
        known, pieces = frozenset(before.texts), self.pieces
        new = (entry for entry, text in zip(pieces.entries, pieces.marks, strict=True) if text not in known)
        return b"\n".join((pieces.head, *new, pieces.between, pieces.tail))

    def whole(self, raw: RawFeed) -> ParsedFeed:
        """What all of it says, with the outline for next time."""
        read, texts = to_items(raw, self.source, self.feed_url), self.pieces.marks
        if len(read.keys) != len(texts) or (raw.is_broken and self._may_hide(range(len(texts)))):
            return read.feed  # feedparser sees other entries than we do
        outline = Outline(self.frame, not raw.is_broken, _marks(read, texts))
        return replace(read.feed, entries=read.keys, outline=outline.packed(), newest=outline.newest)

    def in_parts(self, before: Outline | None) -> ParsedFeed | None:
        """What is new in it, if what is known of the rest may stay as it is."""
        if before is None or before.frame != self.frame:
            return None
        texts = self.pieces.marks
        if texts == before.texts:
            return self._joined(before, dict(enumerate(range(len(texts)))), [], self._nothing())
        places = known_places(before, texts)
        if not places:
            return None
        new = [at for at in range(len(texts)) if at not in places]
        read = self._read_sound(new) if before.is_sound else self._read_broken(new, places)
        return self._joined(before, places, new, read) if read else None

    def _joined(
        self, before: Outline, places: Mapping[int, int], new: Sequence[int], read: Entries
    ) -> ParsedFeed | None:
        """What was read of the entries at the places `new`, with what is known of the others.

        None where one of them would be told from the others by another key in the whole.
        """
        fresh = _marks(read, [self.pieces.marks[at] for at in new])
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

    def _read_sound(self, new: Sequence[int]) -> Entries | None:
        """What the entries at these places become. None where they, and so the whole, are not well-formed.

        For the frame and the entries that are known are.
        """
        if not new:
            return self._nothing()
        raw = read_feed(self._only(new))
        return None if raw.is_broken else self._items(raw, new)

    def _read_broken(self, new: Sequence[int], places: Mapping[int, int]) -> Entries | None:
        """The same for what was not well-formed before. None where entries could depend on each other."""
        is_on_top = list(places.items()) == [(len(new) + place, place) for place in range(len(places))]
        if not is_on_top or not is_end_tags(self.pieces.tail):
            return None
        xml = self._only(new)
        if not is_well_formed(xml) or self._may_hide(new) or is_well_formed(self._only(places)):
            return None
        return self._items(read_feed(with_fault(xml)), new) if new else self._nothing()

    def _nothing(self) -> Entries:
        return Entries(ParsedFeed(self.source.name, ()), (), ())

    def _items(self, raw: RawFeed, new: Sequence[int]) -> Entries | None:
        read = to_items(raw, self.source, self.feed_url)
        return read if len(read.keys) == len(new) else None

    def _only(self, places: Iterable[int]) -> bytes:
        return self.pieces.lean(self.pieces.entries[at] for at in places)

    def _may_hide(self, places: Collection[int]) -> bool:
        return may_hide_entries(self._only(places), len(places))


def _marks(read: Entries, texts: Sequence[int]) -> tuple[Mark, ...]:
    items = {item.key: item for item in read.feed.items}
    keys, addresses = Counter(read.keys), Counter(filter(None, read.addresses))
    return tuple(
        mark_of(text, items[key], address, has_kin=keys[key] > 1 or addresses[address] > 1)
        for text, key, address in zip(texts, read.keys, read.addresses, strict=True)
    )
