"""What comes of a feed against what plain feedparser reads in it, over any folder of feeds.

`CORPORA=/a/folder:/another pytest tests/test_parse_differential.py` runs over all files below these folders;
the samples of the demo, the fixtures and the fuzzer's seeds are always compared. Nothing may raise but
ParseError, or take more than two seconds of processor time.

Titles are equal after markup, white space and boilerplate are gone, addresses as `text.urls` writes them,
ids likewise, times as moments (docs/sources.md and the docstrings of `monitor.parse`). Where ours may be
another, `RULES` says which, and why.
"""

from __future__ import annotations

import io
import os
import re
import sys
import time
from calendar import timegm
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import pytest

from monitor.models import Fetched, Item
from monitor.parse import ParseError, parse_feed
from monitor.parse.dates import CHINA, parse_date
from monitor.parse.items import MAX_GUID
from monitor.text import clean_url, plain
from monitor.text.boilerplate import strip_boilerplate
from monitor.text.urls import identity_url

from .conftest import PROJECT, make_source

SECONDS = 2.0
URL = "https://gazette.example/feeds/main.xml"
OURS = (
    PROJECT / "monitor" / "demo" / "feeds",
    PROJECT / "tests" / "data" / "feeds",
    PROJECT / "tests" / "fuzz" / "seeds" / "feeds",
)


class Told(NamedTuple):
    """What readers of an entry see, and what it is told by."""

    title: str
    link: str
    guid: str
    date: datetime | None


FIELDS = Told._fields


@dataclass(frozen=True)
class Pair:
    """One entry: as feedparser has it, cleaned; as we have it; and feedparser's own dictionary."""

    theirs: Told
    ours: Told
    entry: Any

    def differing(self) -> list[str]:
        return [name for name in FIELDS if getattr(self.theirs, name) != getattr(self.ours, name)]


# --------------------------------------------------------------------------------- what may be another


def made_up_title(pair: Pair) -> bool:
    """No title, or nothing but boilerplate: ours is the summary's beginning, the path or the id."""
    return not pair.theirs.title


def govuk_title(pair: Pair) -> bool:
    """GOV.UK's two dialects of one page get one title (`govuk.page_title`)."""
    return "www.gov.uk" in pair.ours.link


def google_title(pair: Pair) -> bool:
    """Google News puts the publisher behind the headline."""
    return "news.google.com" in pair.ours.link and pair.theirs.title.startswith(pair.ours.title)


def cut_title(pair: Pair) -> bool:
    """500 characters at most."""
    return pair.ours.title.endswith("…") and pair.theirs.title.startswith(pair.ours.title[:-1])


def tags_in_a_title(pair: Pair) -> bool:
    """feedparser believes a type="text" and keeps tags, or drops elements of which we keep the words."""
    raw = str(pair.entry.get("title", ""))
    return "<" in raw or "&" in raw or pair.entry.get("title_detail", {}).get("type") != "text/plain"


def encoding_named_nowhere(pair: Pair) -> bool:
    """Bytes that are no UTF-8 and name no encoding: both guess, and neither can read them."""
    return "\ufffd" in pair.ours.title


def no_page(pair: Pair) -> bool:
    """Only http and https lead to a page; feedparser also gives other schemes, and ids as they are."""
    return not pair.ours.link and not str(pair.entry.get("link", "")).lower().startswith("http")


def link_from_several(pair: Pair) -> bool:
    """Of several links the page is wanted: the first alternate that is no feed. feedparser takes the last."""
    links = pair.entry.get("links", [])
    hrefs = {clean_url(link.get("href", ""), URL) for link in links}
    return pair.ours.link in hrefs or (len(links) > 1 and not pair.ours.link)


def link_to_no_page(pair: Pair) -> bool:
    """A link whose rel is not "alternate", or whose type is a feed's, is not the entry's page."""
    links = pair.entry.get("links", [])
    return not pair.ours.link and all(
        link.get("rel") != "alternate" or link.get("type", "").endswith(("xml", "json")) for link in links
    )


def long_id(pair: Pair) -> bool:
    """An id beyond 1,024 characters is its digest."""
    return len(str(pair.entry.get("id", ""))) > MAX_GUID


def chinese_clock(pair: Pair) -> bool:
    """A time without zone is that of the source: China's where the item is Chinese (`parse_date`)."""
    return pair.ours.date in {parse_date(text, CHINA) for text in dates_of(pair.entry)}


def vague_date(pair: Pair) -> bool:
    """A year, a month or a time that is none: feedparser guesses, we say nothing."""
    return pair.ours.date is None


def date_read_by_us_alone(pair: Pair) -> bool:
    """Chinese and spelled-out dates, seconds since 1970, which feedparser does not read."""
    return pair.theirs.date is None


def other_date(pair: Pair) -> bool:
    """dc:date of RSS is its publication; feedparser calls it `updated` and prefers it in other orders."""
    return pair.ours.date in {parse_date(text) for text in dates_of(pair.entry)}


def named_zone(pair: Pair) -> bool:
    """Names of time zones such as BST, and offsets without colon or sign, of which feedparser knows a few."""
    written = str(pair.entry.get("published") or pair.entry.get("updated") or "")
    found = re.search(r"([A-Za-z]{2,5}|GMT\s?[+-]\d+)$", written.strip())
    return bool(found and found[1] not in ("GMT", "UTC", "Z"))


RULES: dict[str, tuple[Callable[[Pair], bool], ...]] = {
    "title": (made_up_title, govuk_title, google_title, cut_title, tags_in_a_title, encoding_named_nowhere),
    "link": (no_page, link_to_no_page, link_from_several),
    "guid": (long_id,),
    "date": (chinese_clock, vague_date, date_read_by_us_alone, other_date, named_zone),
}

# ------------------------------------------------------------------------------------- both readings


def cleaned_guid(guid: str) -> str:
    """An id that is an address is cleaned like one; any other is plain text."""
    is_address = guid.startswith(("http://", "https://")) and not re.search(r"\s", guid)
    return plain((clean_url(guid) or guid) if is_address else guid)


def dates_of(entry: Any) -> list[str]:
    return [str(dict.get(entry, name, "")) for name in ("published", "updated", "created")]


def moment(parsed: time.struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        when = datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError):
        return None
    return when if when.year >= 1990 else None


def as_they_read_it(entry: Any, site: str) -> Told:
    published, updated = (dict.get(entry, f"{name}_parsed") for name in ("published", "updated"))
    return Told(
        strip_boilerplate(plain(str(dict.get(entry, "title", "")))),
        clean_url(str(dict.get(entry, "link", "")), site),
        cleaned_guid(str(dict.get(entry, "id", ""))),
        moment(published) or moment(updated) or moment(dict.get(entry, "created_parsed")),
    )


def as_we_read_it(item: Item) -> Told:
    date = item.date and item.date.replace(microsecond=0)
    return Told(item.title, item.url, item.guid, date)


def their_entries(body: bytes) -> list[tuple[Told, Any]]:
    """feedparser's entries, cleaned and as they are. Relative addresses count from the feed's own site."""
    document = feedparser.parse(io.BytesIO(body))
    site = clean_url(str(dict.get(document.feed, "link", "")), URL) or URL
    return [(as_they_read_it(entry, site), entry) for entry in document.entries]


def pairs(entries: list[tuple[Told, Any]], items: tuple[Item, ...]) -> tuple[list[Pair], list[Told]]:
    """Each item with its entry, and the entries of which no item came."""
    told = [theirs for theirs, _ in entries]
    free = list(range(len(entries)))
    found = []
    for item in items:
        ours = as_we_read_it(item)
        likest = max(free, key=lambda at: (likeness(told[at], ours), -at), default=None)
        if len(entries) == len(items):
            likest = free[0]
        if likest is None:
            break
        free.remove(likest)
        found.append(Pair(told[likest], ours, entries[likest][1]))
    return found, [told[at] for at in free]


def likeness(theirs: Told, ours: Told) -> int:
    return sum(bool(mine) and mine == other for mine, other in zip(ours, theirs, strict=True))


def is_rightly_left_out(told: Told, kept: list[Pair]) -> bool:
    """Nothing to tell it by is left of it, or it is told by the same things as one that was kept."""
    if not (told.title or told.link or told.guid):
        return True
    return any(
        (told.link and identity_url(told.link) == identity_url(pair.ours.link))
        or (told.guid and told.guid == pair.ours.guid)
        or (not told.link and told.title == pair.ours.title)
        for pair in kept
    )


# ------------------------------------------------------------------------------------------ the documents


def corpora() -> list[Path]:
    return [Path(folder) for folder in os.environ.get("CORPORA", "").split(os.pathsep) if folder]


def files_in(*folders: Path) -> list[Path]:
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if not path.name.endswith((".expected.json", ".md", ".py"))]


REFUSED = {
    "it declares XML entities": "entities can blow up to any size",
    "an empty answer": "nothing in it",
    "GOV.UK says that this feed has ended": "a notice and no news",
    "a web page": "a page that feedparser finds entries in",
    "plain text": "no markup at its beginning",
    "JSON, but not a JSON Feed": "an interface",
    "an XML document that is no feed": "no root of a feed",
}
"""What we refuse though feedparser finds entries in it, by how the message begins, and why."""


def compared(path: Path, counts: Counter[str]) -> list[str]:
    """Reads one file both ways, counts, and says what differs without a rule for it."""
    body = path.read_bytes()
    began = time.process_time()
    try:
        items = parse_feed(make_source(), Fetched("gazette", URL, 200, body)).items
        refusal = ""
    except ParseError as error:
        items, refusal = (), str(error)
    spent = time.process_time() - began
    counts["files"] += 1
    wrong = [f"it took {spent:.1f} s"] if spent > SECONDS else []
    try:
        entries = their_entries(body)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        counts["files that feedparser itself raises on"] += 1
        return wrong
    if refusal and entries:
        counts["files refused"] += 1
        known = any(refusal.startswith(beginning) for beginning in REFUSED)
        return wrong if known else [*wrong, f"refused, with {len(entries)} entries: {refusal}"]
    if not entries:
        counts["files without entries for feedparser"] += 1
        return wrong
    found, left = pairs(entries, items)
    wrong += [f"no item of {told}" for told in left if not is_rightly_left_out(told, found)]
    counts["entries left out or merged"] += len(left)
    for pair in found:
        counts["entries"] += 1
        wrong += differences(pair, counts)
    return wrong


def differences(pair: Pair, counts: Counter[str]) -> Iterator[str]:
    for name in FIELDS:
        theirs, ours = getattr(pair.theirs, name), getattr(pair.ours, name)
        if theirs == ours:
            counts[f"{name} equal"] += 1
            continue
        rule = next((rule for rule in RULES[name] if rule(pair)), None)
        if rule:
            counts[f"{name}: {rule.__name__}"] += 1
        else:
            counts[f"{name} DIFFERS"] += 1
            yield f"{name}: feedparser {theirs!r}, we {ours!r}"


def test_our_own_feeds_are_read_as_feedparser_reads_them() -> None:
    counts: Counter[str] = Counter()
    wrong = {path.name: compared(path, counts) for path in files_in(*OURS)}

    assert {name: lines for name, lines in wrong.items() if lines} == {}
    assert counts["entries"] > 100
    assert all(counts[f"{name} equal"] > 0.9 * counts["entries"] for name in FIELDS)


@pytest.mark.skipif(not corpora(), reason="CORPORA names no folder of feeds")
def test_the_feeds_of_corpora_are_read_as_feedparser_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    wrong = {str(path): compared(path, counts) for path in files_in(*corpora())}
    with capsys.disabled():
        told = (f"  {count:6} {what}" for what, count in sorted(counts.items()))
        sys.stdout.write("\n".join(["", *told, ""]))

    assert counts["files"], "no file in the folders of CORPORA"
    assert {path: lines for path, lines in wrong.items() if lines} == {}
