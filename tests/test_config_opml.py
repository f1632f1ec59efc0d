"""OPML in and out, as values."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import edit, opml
from monitor.config.edit import Entry
from monitor.config.opml import OpmlError
from monitor.models import without_secrets

from .conftest import NOW

LONGEST = 10
"""Seconds for what takes well under one: the machine may be busy."""


def read(*outlines: str, root: str = '<opml version="2.0">') -> opml.Subscriptions:
    return opml.read(f"{root}<head/><body>{''.join(outlines)}</body></opml>".encode())


def test_what_is_written_is_opml_2_with_a_folder_for_each_group() -> None:
    herald: Entry = {"id": "herald", "name": 'H & "S"', "url": "https://h.example/?a=1&b=2", "side": "uk"}
    written = opml.write({"uk-media": [herald], "think-tank": [{"id": "b", "url": "https://b.example"}]}, NOW)

    root = ElementTree.fromstring(written)

    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/dateCreated") == "Thu, 29 Jan 2026 08:30:00 GMT"
    assert root.findtext("head/title")
    assert [folder.get("text") for folder in root.findall("body/outline")] == ["uk-media", "think-tank"]
    feeds = root.findall("body/outline/outline")
    assert feeds[0].attrib == {
        "type": "rss",
        "text": 'H & "S"',
        "title": 'H & "S"',
        "xmlUrl": "https://h.example/?a=1&b=2",
        f"{{{opml.NAMESPACE}}}id": "herald",
        f"{{{opml.NAMESPACE}}}side": "uk",
    }
    assert all(feed.get("text") and feed.get("xmlUrl") for feed in feeds)


ENTRIES = st.fixed_dictionaries(
    {
        "name": st.text(
            st.characters(exclude_categories=("C", "Z"), exclude_characters=" "), min_size=1, max_size=30
        ),
        "url": st.from_regex(r"https://[a-z]{1,9}\.example/[a-z?&=%+#]{0,20}", fullmatch=True),
    },
    optional={
        "id": st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True),
        "enabled": st.booleans(),
        "strip": st.lists(st.text(st.characters(exclude_categories=("C", "Z")), max_size=9), max_size=3),
        "govuk": st.just({"world_locations": ["china"], "keywords": 'a "b"'}),
        "max_bytes": st.integers(1_000, 50_000_000),
    },
)


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_written_is_read_back(entries: list[Entry]) -> None:
    found = opml.read(opml.write({"other": entries}, NOW).encode())

    assert (list(found.entries), found.complaints) == (entries, ())


def test_our_attributes_are_known_by_their_namespace_whatever_the_prefix() -> None:
    outline = '<outline xmlUrl="https://a.example" {0}:kind="uk-media" {0}:enabled="false" {0}:side="none"/>'
    ours = read(outline.format("x"), root=f'<opml xmlns:x="{opml.NAMESPACE}">')
    other = read(outline.format("x"), root='<opml xmlns:x="urn:something-else">')

    assert ours.entries == ({"url": "https://a.example", "kind": "uk-media", "enabled": False, "side": None},)
    assert other.entries == ({"url": "https://a.example"},)


def test_headers_are_neither_written_nor_read() -> None:
    secret: Entry = {"id": "a", "url": "https://a.example", "headers": {"Authorization": "hunter2"}}
    outline = '<outline xmlUrl="https://a.example" monitor:headers="{&quot;X&quot;: &quot;y&quot;}"/>'

    assert "hunter2" not in opml.write({"other": [secret]}, NOW)
    assert read(outline).entries == ({"url": "https://a.example"},)


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ('xmlUrl="javascript:alert(1)"', 'line 1: "javascript:alert(1)" is no web address: left out'),
        ('xmlUrl="/feed"', 'line 1: "/feed" is no web address: left out'),
        ('xmlUrl="file:///etc/passwd"', 'line 1: "file:///etc/passwd" is no web address: left out'),
        (
            'xmlUrl="https://a.example" monitor:enabled="no"',
            'line 1: enabled="no" is not understood: left out',
        ),
        ('xmlUrl="https://a.example" monitor:strip="{}"', 'line 1: strip="{}" is not understood: left out'),
        ('xmlUrl="https://a.example" monitor:govuk="[["', 'line 1: govuk="[[" is not understood: left out'),
    ],
)
def test_what_is_not_understood_is_left_out_and_told(attributes: str, complaint: str) -> None:
    assert read(f"<outline {attributes}/>").complaints == (complaint,)


def test_brackets_without_end_do_not_exhaust_the_stack() -> None:
    deep = "[" * 4_000 + "]" * 4_000

    (complaint,) = read(f'<outline xmlUrl="https://a.example" monitor:strip="{deep}"/>').complaints

    assert complaint.startswith('line 1: strip="[[[[')
    assert len(complaint) < 120


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not well-formed XML: line 1, column 1: no element found"),
        (b"<opml><body></opml>", "not well-formed XML: line 1, column 1[0-9]: mismatched tag"),
        (b"<opml>&nbsp;</opml>", "undefined entity"),
        (b"<html><body/></html>", "its root is <html>; is it another file"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "it is a feed itself: `monitor sources add`"),
        (b'<?xml version="1.0" encoding="gb18030"?><opml/>', "in an encoding that is not read"),
        (
            b'<?xml version="1.0" encoding="x-none"?><opml/>',
            "in an encoding that is not read|unknown encoding",
        ),
        (b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml>&a;</opml>', "XML entities"),
        (b'<!DOCTYPE opml [<!ENTITY % a "b">]><opml/>', "XML entities"),
        (b" " * 5_000_001, "larger than 5,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_opml_is_refused_with_the_reason(data: bytes, says: str) -> None:
    with pytest.raises(OpmlError, match=says):
        opml.read(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "windows-1252", "utf-8-sig"])
def test_the_encodings_that_readers_write_are_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><opml><body>' + (
        '<outline text="Café" xmlUrl="https://a.example"/></body></opml>'
    )

    assert opml.read(text.encode(encoding)).entries[0]["name"] == "Café"


@pytest.mark.parametrize(
    "data",
    [
        b"<opml>" + b"<outline>" * 500_000,
        b"<opml><body>" + b'<outline xmlUrl="https://a.example"/>' * 130_000 + b"</body></opml>",
        b"<opml " + b'a="' + b"x" * 4_900_000 + b'"/>',
        b"<opml><!--" + b"-" * 4_900_000,
    ],
    ids=["open folders", "outlines", "one attribute", "a comment"],
)
def test_hostile_files_cost_little_time(data: bytes) -> None:
    begun = time.monotonic()
    with suppress(OpmlError):
        opml.read(data)

    assert time.monotonic() - begun < LONGEST


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://a.example/feed?x=1&y=%20#z", "https://a.example/feed?x=1&y=%20#z"),
        ("https://user:pw@a.example:8080/feed", "https://a.example:8080/feed"),
        ("https://a.example/f?apikey=1&n=2", "https://a.example/f?n=2"),
        ("https://a.example/f?access_token=1", "https://a.example/f"),
        ("https://a.example/f?user%2Dtoken=1&keywords=China", "https://a.example/f?keywords=China"),
        ("https://a.example/f?X-Amz-Signature=1&page=2", "https://a.example/f?page=2"),
    ],
)
def test_logins_and_keys_are_taken_out_of_addresses(url: str, told: str) -> None:
    assert without_secrets(url) == told


@pytest.mark.parametrize("written", ["15m", "2h", "1d", "90s", "1.5s", "7d"])
def test_a_length_of_time_is_written_as_the_config_reads_it(written: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("polling: {every: 3m}\n", encoding="utf-8")
    draft = edit.open_draft(tmp_path / "config.yaml", {})

    source = edit.as_source(draft, {"id": "a", "url": "https://a.example", "every": written})

    assert opml.duration(source.every) == written
