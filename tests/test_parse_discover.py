"""The feeds that a page names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse import ParseError
from monitor.parse.discover import MOST_LINKS, FeedLink, feed_links, form_of

URL = "https://gazette.example/news/today"
LONGEST = 10
"""Seconds for what takes a tenth of one: the machine may be busy."""


def links(html: str, content_type: str = "text/html; charset=utf-8") -> tuple[FeedLink, ...]:
    return feed_links(URL, html.encode(), content_type)


def link(href: str = "/feed", kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (link(), [("https://gazette.example/feed", "RSS")]),
        (link("rss.xml"), [("https://gazette.example/news/rss.xml", "RSS")]),
        (link("//cdn.example/f", "application/atom+xml"), [("https://cdn.example/f", "Atom")]),
        (link("/f.json", "application/feed+json"), [("https://gazette.example/f.json", "JSON Feed")]),
        (link("/f", "application/rdf+xml"), [("https://gazette.example/f", "RSS")]),
        (link("/f", "application/rss+xml; charset=utf-8"), [("https://gazette.example/f", "RSS")]),
        (link("/feed.json", "application/json"), [("https://gazette.example/feed.json", "JSON Feed")]),
        (link("/rss", "text/xml"), [("https://gazette.example/rss", "RSS")]),
        (link("/f?a=1&amp;b=2"), [("https://gazette.example/f?a=1&b=2", "RSS")]),
        (f'<base href="/deep/">{link("f")}', [("https://gazette.example/deep/f", "RSS")]),
        (f'{link("f")}<base href="https://other.example/">', [("https://other.example/f", "RSS")]),
        ("<LINK REL='Alternate' TYPE=Application/RSS+XML HREF=/f />", [("https://gazette.example/f", "RSS")]),
        (
            '<link type="application/rss+xml"\n rel="x alternate"\n href="/f"/>',
            [("https://gazette.example/f", "RSS")],
        ),
        ('<link rel="feed" href="/f">', [("https://gazette.example/f", "RSS")]),
        (
            link("/f") + link("/f/") + link("https://gazette.example/f"),
            [("https://gazette.example/f", "RSS")],
        ),
    ],
)
def test_a_feed_is_found_in_whatever_way_it_is_named(html: str, found: list[tuple[str, str]]) -> None:
    assert [(one.url, one.form) for one in links(f"<html><head>{html}</head></html>")] == found


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="alternate" hreflang="zh" href="/zh">',
        '<link rel="alternate stylesheet" type="text/css" href="/s.css">',
        '<link rel="stylesheet" type="application/rss+xml" href="/s">',
        link("/wp-json/wp/v2/pages/2", "application/json"),
        link("/oembed?url=x", "application/json+oembed"),
        link("/sitemap", "application/xml"),
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        link("http://[bad"),
        link(""),
        f"<!-- {link()} -->",
        f"<script>'{link()}'</script>",
        f"<template>{link()}</template>",
        f"<title>{link()}</title>",
        '<a rel="alternate" type="application/rss+xml" href="/feed">feed</a>',
        "plain words",
    ],
)
def test_what_is_no_feed_is_not_taken_for_one(html: str) -> None:
    assert links(f"<html><head>{html}</head></html>") == ()


def test_titles_are_plain_text_and_feeds_of_comments_come_last() -> None:
    html = (
        link("/a/feed", title="A &raquo; Comments Feed")
        + link("/comments/feed/")
        + link("/b", title="B &lt;b&gt;&amp; C\u202e")
        + link("/c", title="Commentary")
    )

    assert [(one.url.rpartition("example")[2], one.title) for one in links(html)] == [
        ("/b", "B & C"),
        ("/c", "Commentary"),
        ("/a/feed", "A » Comments Feed"),
        ("/comments/feed/", ""),
    ]


def test_a_page_in_a_chinese_encoding_keeps_its_titles() -> None:
    html = f'<html><head><meta charset="gb2312">{link(title="新闻 RSS")}</head></html>'

    assert [one.title for one in feed_links(URL, html.encode("gb18030"), "text/html")] == ["新闻 RSS"]


def test_a_page_of_feeds_gives_a_bounded_number() -> None:
    assert len(links("".join(link(f"/feed/{number}") for number in range(200)))) == MOST_LINKS


@pytest.mark.parametrize("body", [b"", b"  \n", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"])
def test_what_is_no_text_is_an_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        feed_links(URL, body, "text/html")


HOSTILE = [
    *(
        "<",
        "</",
        "<a ",
        "<link ",
        "<link '",
        '<link "',
        '<link a="b',
        "<link '\"",
        "<link x=<",
        "<link =",
        "<base/",
    ),
    *("<!--", "<!", "<![CDATA[", "<script>", "<script ", "<title", "<svg><", "&#", "<meta charset=", "<?"),
    "<link rel=alternate type=application/rss+xml href=/f",
    "<link rel=alternate type=application/rss+xml href=/f>",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_of_broken_markup_takes_linear_time(unit: str) -> None:
    page = (unit * (1_000_000 // len(unit) + 1)).encode()
    begun = time.monotonic()
    try:
        found = feed_links(URL, page, "text/html")
    except ParseError:
        found = ()

    assert time.monotonic() - begun < LONGEST
    assert len(found) <= 1


@pytest.mark.parametrize(
    "attribute",
    ['a="' + "x" * 900_000 + '"', "a " * 450_000, "a=" * 450_000, '"' * 900_000, "=" * 900_000],
    ids=["one long value", "names", "names without values", "quotes", "equals"],
)
def test_a_tag_without_measure_takes_linear_time(attribute: str) -> None:
    begun = time.monotonic()

    links(f"<link {attribute} rel=alternate type=application/rss+xml href=/f>")

    assert time.monotonic() - begun < LONGEST


@given(
    st.lists(st.sampled_from([*HOSTILE, link(), ">", "'", '"', "-->", "</script>", "=", "x"]), max_size=40)
)
def test_whatever_the_markup_the_answer_is_addresses(pieces: list[str]) -> None:
    for one in links("x" + "".join(pieces)):
        assert one.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'<?xml version="1.0"?><rss version="2.0"/>', "RSS"),
        (b'<rdf:RDF xmlns:rdf="x"/>', "RSS 1.0"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "Atom"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON Feed"),
    ],
)
def test_a_feed_is_called_by_its_name(body: bytes, form: str) -> None:
    assert form_of(body, "") == form
