"""Feeds that we give out: valid for readers, the same bytes every time, inert whatever strangers wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as Xml

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import Fetched, ParsedFeed
from monitor.parse import parse_feed
from monitor.render.feeds import (
    ATOM_TYPE,
    JSON_FEED,
    JSON_FEED_TYPE,
    FeedDocument,
    FeedEntry,
    as_atom,
    as_json_feed,
    atom_parts,
    feed_id,
    json_feed_parts,
)

from .conftest import NOW, make_source

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SITE = "https://monitor.example.org/uk-china"
LINK = "https://gazette.example/visit?a=1&b=%27"
STORY = FeedEntry(
    id=feed_id("story", "s6", SITE),
    url=LINK,
    title="Starmer meets Xi & both talk <trade>",
    summary="The visit is the first in eight years.",
    published=NOW - timedelta(hours=3),
    updated=NOW,
    tags=("Diplomacy", "Trade & investment"),
    author="Gazette",
)
CHINESE = replace(
    STORY, id="urn:x:2", title="英国首相访问中国", url="../story/s7/index.html", published=None, lang="zh"
)
FEED = FeedDocument(
    id=feed_id("feed", "stories", SITE),
    title="UK-China monitor: stories",
    home_url=f"{SITE}/index.html",
    feed_url=f"{SITE}/feeds/stories.atom",
    updated=NOW,
    entries=(STORY, CHINESE),
)
EMPTY = replace(FEED, entries=())
BOTH: list[tuple[Callable[[FeedDocument], str], str]] = [(as_atom, ATOM_TYPE), (as_json_feed, JSON_FEED_TYPE)]
each_kind = pytest.mark.parametrize(("write", "content_type"), BOTH, ids=["atom", "json"])

HOSTILE = (
    "</title><script>alert(1)</script>",
    "]]><x xmlns='http://www.w3.org/1999/xhtml'>",
    "&lt;b&gt; &amp; &#60;i&#62; &nbsp;",
    '" onmouseover="alert(1)',
    "nul\x00 escape\x1b[31m bell\x07 \x85 \u2028",
    "\ufffe\uffff half \ud800",
    "abc\u202egpj.exe",
    "one\r\ntwo",
)


def read_by_us(text: str, content_type: str) -> ParsedFeed:
    body = text.encode("utf-8")
    return parse_feed(make_source(), Fetched("gazette", f"{SITE}/feeds/x", 200, body, content_type))


def in_xml(text: str) -> Xml.Element:
    return Xml.fromstring(text.encode("utf-8"))


def check_atom(feed: Xml.Element) -> None:
    """What RFC 4287 demands of each feed and entry (4.1.1, 4.1.2), of ids and times."""
    assert feed.tag == f"{ATOM}feed"
    whole = [feed, *feed.findall(f"{ATOM}entry")]
    for element in whole:
        names = [child.tag.removeprefix(ATOM) for child in element]
        assert [names.count(name) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert max(names.count(name) for name in ("published", "summary", "content", "generator")) <= 1
        assert ":" in element.findtext(f"{ATOM}id", "")
        for name in ("updated", "published"):
            if when := element.findtext(f"{ATOM}{name}"):
                assert datetime.fromisoformat(when).tzinfo
        for author in element.findall(f"{ATOM}author"):
            assert author.findtext(f"{ATOM}name")
        assert all(link.get("href") for link in element.findall(f"{ATOM}link"))
        assert all(category.get("term") for category in element.findall(f"{ATOM}category"))
    assert feed.find(f"{ATOM}author") is not None
    for entry in whole[1:]:
        alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1 or entry.find(f"{ATOM}content") is not None
    ids = [element.findtext(f"{ATOM}id") for element in whole[1:]]
    assert len(ids) == len({*ids})


def test_a_feed_reader_reads_the_atom_feed() -> None:
    read = feedparser.parse(as_atom(FEED).encode())

    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.id) == ("atom10", FEED.title, FEED.id)
    assert read.feed.links[1] == {"rel": "self", "type": ATOM_TYPE, "href": FEED.feed_url}
    first, second = read.entries
    assert (first.id, first.link, first.summary) == (STORY.id, LINK, STORY.summary)
    assert first.title_detail["type"] == "text/plain"
    assert first.title == STORY.title
    assert [tag.term for tag in first.tags] == ["Diplomacy", "Trade & investment"]
    assert (first.author, first.published, first.updated) == (
        "Gazette",
        "2026-01-29T05:30:00Z",
        "2026-01-29T08:30:00Z",
    )
    assert (second.title, "published" in second) == (CHINESE.title, False)


def test_the_atom_feed_is_what_the_standard_demands() -> None:
    feed = in_xml(as_atom(FEED))

    check_atom(feed)
    assert [entry.get(LANG) for entry in (feed, *feed.findall(f"{ATOM}entry"))] == ["en-GB", None, "zh"]


def test_the_json_feed_is_what_the_standard_demands() -> None:
    feed = json.loads(as_json_feed(FEED))

    assert [feed[name] for name in ("version", "title", "home_page_url", "feed_url")] == [
        JSON_FEED,
        FEED.title,
        FEED.home_url,
        FEED.feed_url,
    ]
    assert feed["items"][0] == {
        "id": STORY.id,
        "url": LINK,
        "title": STORY.title,
        "content_text": STORY.summary,
        "date_published": "2026-01-29T05:30:00Z",
        "date_modified": "2026-01-29T08:30:00Z",
        "authors": [{"name": "Gazette"}],
        "tags": ["Diplomacy", "Trade & investment"],
    }
    assert feed["items"][1]["language"] == "zh"
    assert "date_published" not in feed["items"][1]


@each_kind
def test_our_own_parser_reads_what_went_in(write: Callable[[FeedDocument], str], content_type: str) -> None:
    # It takes markup out of titles, as it must with feeds that put it there.
    plain = replace(STORY, title="Starmer meets Xi & both talk")

    read = read_by_us(write(replace(FEED, entries=(plain, CHINESE))), content_type)

    assert (read.title, read.skipped) == (FEED.title, ())
    first = read.items[0]
    assert (first.title, first.summary, first.guid) == (plain.title, plain.summary, plain.id)
    assert (first.published, first.updated) == (STORY.published, STORY.updated)
    assert read.items[1].title == CHINESE.title


@each_kind
def test_a_feed_without_entries_is_valid_and_says_when_it_was_made(
    write: Callable[[FeedDocument], str], content_type: str
) -> None:
    assert read_by_us(write(EMPTY), content_type).items == ()
    check_atom(in_xml(as_atom(EMPTY)))
    assert in_xml(as_atom(EMPTY)).findtext(f"{ATOM}updated") == "2026-01-29T08:30:00Z"
    assert json.loads(as_json_feed(EMPTY))["items"] == []


@each_kind
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(write: Callable[[FeedDocument], str], content_type: str, text: str) -> None:
    entry = replace(STORY, title=text, summary=text, author=text, tags=(text,), id="urn:x:1")
    document = replace(FEED, title=text, entries=(entry,))

    written = write(document)

    assert "\u202e" not in written
    assert "<script" not in as_atom(document)
    check_atom(in_xml(as_atom(document)))
    shown = json.loads(as_json_feed(document))["items"][0]["title"]
    assert in_xml(as_atom(document)).findtext(f"{ATOM}entry/{ATOM}title") == shown
    assert len(read_by_us(written, content_type).items) == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "/etc/passwd",
        "file:///etc/passwd",
        "x y",
        "\x00",
        "index.html?a",
        "a:b",
        "",
    ],
)
def test_what_is_no_link_is_left_out_and_the_entry_stays_valid(url: str) -> None:
    document = replace(FEED, entries=(replace(STORY, url=url),), home_url=url, feed_url=url)
    feed = in_xml(as_atom(document))

    check_atom(feed)
    assert list(feed.iter(f"{ATOM}link")) == []
    assert feed.findtext(f"{ATOM}entry/{ATOM}content") == STORY.summary
    assert "url" not in json.loads(as_json_feed(document))["items"][0]


def test_content_made_by_our_templates_is_html_to_readers() -> None:
    document = replace(FEED, entries=(replace(STORY, content_html="<p>Xi &amp; Starmer</p>\n\x0b"),))

    content = in_xml(as_atom(document)).find(f"{ATOM}entry/{ATOM}content")
    item = json.loads(as_json_feed(document))["items"][0]

    assert content is not None
    assert (content.get("type"), content.text) == ("html", "<p>Xi &amp; Starmer</p>\n")
    assert (item["content_html"], item["summary"]) == ("<p>Xi &amp; Starmer</p>\n", STORY.summary)
    assert "content_text" not in item


def test_a_language_that_is_none_is_left_out() -> None:
    document = replace(FEED, entries=(replace(STORY, lang='zh" x="'),))

    assert in_xml(as_atom(document)).find(f"{ATOM}entry").attrib == {}  # type: ignore[union-attr]  # it is there
    assert "language" not in json.loads(as_json_feed(document))["items"][0]


def test_times_of_any_zone_are_given_in_utc() -> None:
    there = datetime(2026, 1, 29, 16, 30, tzinfo=timezone(timedelta(hours=8)))

    assert as_atom(replace(FEED, updated=there, entries=())) == as_atom(EMPTY)
    assert there.astimezone(UTC) == NOW


@each_kind
def test_the_same_document_gives_the_same_bytes(
    write: Callable[[FeedDocument], str], content_type: str
) -> None:
    assert write(FEED) == write(replace(FEED, entries=tuple(replace(entry) for entry in FEED.entries)))


@pytest.mark.parametrize("document", [FEED, EMPTY], ids=["full", "empty"])
def test_parts_make_the_whole_without_more_than_one_entry_at_a_time(document: FeedDocument) -> None:
    assert "".join(atom_parts(EMPTY, iter(document.entries))) == as_atom(document)
    assert "".join(json_feed_parts(EMPTY, iter(document.entries))) == as_json_feed(document)
    endless = (replace(STORY, id=f"urn:x:{number}") for number in iter(int, 1))
    parts = atom_parts(EMPTY, endless)
    assert sum("<entry" in next(parts) for _ in range(50)) == 48


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_makes_a_well_formed_feed(text: str) -> None:
    entry = replace(STORY, title=text, summary=text, author=text, tags=(text,), url=text, content_html=text)
    document = FeedDocument(FEED.id, text, text, text, NOW, (entry,))

    in_xml(as_atom(document))
    assert json.loads(as_json_feed(document).encode("utf-8"))["items"][0]["id"] == STORY.id


@pytest.mark.parametrize(
    ("public_url", "id_"),
    [
        ("", "urn:uk-china-monitor:story:s6"),
        ("https://monitor.example.org", "tag:monitor.example.org,2026:story/s6"),
        ("https://monitor.example.org/uk-china/", "tag:monitor.example.org,2026:uk-china/story/s6"),
        ("http://Monitor.example.org:8080/a b", "tag:monitor.example.org,2026:8080/a%20b/story/s6"),
    ],
)
def test_ids_are_made_of_where_the_monitor_is_and_what_it_names(public_url: str, id_: str) -> None:
    assert feed_id("story", "s6", public_url) == id_
