"""What reading a feed costs when it is new, when only its head changed, when one of thirty entries is new.

    .venv/bin/python benchmarks/parsing.py            120 feeds, five rounds, three minutes
    .venv/bin/python benchmarks/parsing.py --quick    24 feeds, two rounds

Our whole step from bytes to clean items (decoding, limits, plain text, dates, identity) against
`feedparser.parse()` of the same bytes as everybody calls it, and against expat that hands nothing on, the
least that reading XML can cost. One process, processor time, each way in each round. Where only the new
entries are read, their items are compared with those of the whole document, field for field.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parent.parent))

import feedparser

from benchmarks.feeds import Feed, feeds
from benchmarks.measure import Table, Target, part_of
from monitor.models import Fetched, ParsedFeed, Source
from monitor.parse import parse_feed
from tests.conftest import make_source

BASE = "http://127.0.0.1:20000"
PEER, OURS = "feedparser.parse()", "ours, by the outline before"
CHANGES: dict[str, tuple[int, int, tuple[float, float] | None]] = {
    "nothing changed": (0, 0, None),
    "only the head changed": (0, 1, (1 / 30, 1 / 60)),
    "one new entry of 30": (1, 0, (1 / 10, 1 / 20)),
}
"""New entries, heads changed, and the target with its stretch."""


@dataclass(frozen=True, slots=True)
class Document:
    """One feed as it was, and as it is."""

    feed: Feed
    source: Source
    fetched: Fetched
    before: bytes
    """What we remember of it as it was."""

    @classmethod
    def of(cls, feed: Feed, *, new: int, touched: int) -> Document:
        """The feed after a first poll and a change."""
        source = make_source(f"f{feed.number}", url=f"{BASE}/feed", kind="uk-media")
        first = parse_feed(source, _fetched(feed, feed.body(BASE)))
        return cls(feed, source, _fetched(feed, feed.body(BASE, new=new, touched=touched)), first.outline)

    @property
    def body(self) -> bytes:
        """Its bytes now."""
        return self.fetched.body or b""

    def whole(self) -> ParsedFeed:
        """All of it read."""
        return parse_feed(self.source, self.fetched)

    def in_parts(self) -> ParsedFeed:
        """What is new in it read."""
        return parse_feed(self.source, self.fetched, self.before)


def _fetched(feed: Feed, body: bytes) -> Fetched:
    kind = "rss" if feed.kind.startswith("rss") else "atom"
    content_type = f"application/{kind}+xml; charset={feed.encoding}"
    return Fetched(f"f{feed.number}", f"{BASE}/feed", 200, body, content_type)


def bare(document: Document) -> None:
    """The bytes through expat."""
    parser = expat.ParserCreate()
    # Ill-formed as some are, and in encodings that expat does not know.
    with contextlib.suppress(expat.ExpatError, LookupError, ValueError):
        parser.Parse(document.body, True)


WORK: dict[str, Callable[[Document], object]] = {
    PEER: lambda document: feedparser.parse(document.body),
    "ours, whole": Document.whole,
    OURS: Document.in_parts,
    "expat without handlers": bare,
}


def measure(document: Document, rounds: int) -> dict[str, float]:
    """Milliseconds of processor time for each way: medians of the rounds."""
    found: dict[str, list[float]] = {way: [] for way in WORK}
    for _ in range(rounds):
        for way, step in WORK.items():
            began = time.process_time_ns()
            step(document)
            found[way].append((time.process_time_ns() - began) / 1e6)
    return {way: statistics.median(times) for way, times in found.items()}


def different(documents: Sequence[Document]) -> int:
    """Documents of which an item that was read in parts is not the one of the whole."""
    count = 0
    for document in documents:
        whole = {item.key: item for item in document.whole().items}
        parts = document.in_parts()
        keys = {entry for entry in parts.entries if isinstance(entry, str)}
        read = {item.key: item for item in parts.items}
        count += any(whole.get(key) != item for key, item in read.items()) or not keys <= set(whole)
    return count


def bench(*, quick: bool) -> tuple[list[Table], list[Target]]:
    """A table, and how it stands to what was aimed at."""
    rows: list[tuple[str, ...]] = []
    targets: list[Target] = []
    for change, (new, touched, aims) in CHANGES.items():
        documents = [Document.of(feed, new=new, touched=touched) for feed in feeds(24 if quick else 120)]
        found = [(measure(one, 2 if quick else 5), bool(one.feed.fault)) for one in documents]
        for which, some in (
            ("all feeds", [times for times, _ in found]),
            ("ill-formed ones", [times for times, is_ill in found if is_ill]),
        ):
            means = {way: statistics.fmean(times[way] for times in some) for way in WORK}
            ratio = means[OURS] / means[PEER]
            shown = [f"{mean:.2f}" for mean in means.values()]
            rows.append((f"{change}, {which}", str(len(some)), *shown, f"1/{1 / ratio:.1f}"))
            if which == "all feeds" and aims:
                targets.append(Target(f"reading a feed, {change}, of {PEER}", ratio, *aims))
        rows.append((f"{change}: feeds whose items differ", str(different(documents)), *[""] * 5))
    note = "Milliseconds of processor time for a feed: the mean of the feeds' medians."
    columns = ("change", "feeds", *WORK, "by the outline, of feedparser")
    return [Table("Reading a feed", columns, rows, note)], targets


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="24 feeds, two rounds")
    print(part_of(*bench(quick=options.parse_args().quick)))


if __name__ == "__main__":
    main()
