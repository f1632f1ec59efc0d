"""What publishers really send, quirk by quirk: each item comes out once, dated and worded as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest

from monitor.models import Fetched, Item, ParsedFeed
from monitor.parse import ParseError, parse_feed

from .conftest import make_source

PAGE = "https://www.gov.uk/government/news/minister-opens-tea-fair"
LONG = "Tea from China was weighed, taxed and sold. " * 30


def parse(body: bytes | str, content_type: str = "application/xml", **source: Any) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse_feed(
        make_source(**source), Fetched("gazette", "https://site.example/f", 200, raw, content_type)
    )


def rss(*items: str, channel: str = "<link>https://site.example/</link>") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:a10="http://www.w3.org/2005/Atom"'
        f' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>{channel}{entries}'
        "</channel></rss>"
    )


def atom(*entries: str, base: str = "") -> str:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"{base}><title>T</title>{inside}</feed>'


def only(body: bytes | str, content_type: str = "application/xml", **source: Any) -> Item:
    (item,) = parse(body, content_type, **source).items
    return item


# ------------------------------------------------------------------------------------------- GOV.UK

FINDER = atom(
    f"<id>tag:www.gov.uk,2005:{PAGE.removeprefix('https://www.gov.uk')}</id>"
    "<updated>2026-07-02T11:00:00+01:00</updated>"
    f'<link rel="alternate" type="text/html" href="{PAGE}"/><title>Minister opens tea fair</title>'
)
ORGANISATION = atom(
    f"<id>{PAGE}#2026-07-02T10:00:00Z</id><updated>2026-07-02T10:00:00Z</updated>"
    f'<link href="{PAGE}"/><title>News story: Minister opens tea fair</title>'
)
TOPICAL_EVENT = ORGANISATION.replace(f'href="{PAGE}"', f'href="{PAGE.replace("https", "http")}/"')
SEARCH = (
    '{"results": [{"link": "/government/news/minister-opens-tea-fair", "title": "Minister opens tea fair",'
    ' "public_timestamp": "2026-07-02T10:00:00Z"}]}'
)


def test_one_page_of_govuk_is_one_item_in_all_its_feeds_and_in_the_search() -> None:
    copies = [only(FINDER), only(ORGANISATION), only(TOPICAL_EVENT), only(SEARCH, format="govuk-search")]

    assert {copy.key for copy in copies} == {PAGE}
    assert {copy.title for copy in copies} == {"Minister opens tea fair"}
    assert {copy.updated for copy in copies} == {datetime(2026, 7, 2, 10, tzinfo=UTC)}
    assert {copy.published for copy in copies} == {None}


@pytest.mark.parametrize("feed", [FINDER, ORGANISATION], ids=["finder", "organisation"])
def test_a_major_update_moves_the_date_of_a_govuk_page_and_not_its_identity(feed: str) -> None:
    before, after = only(feed), only(feed.replace("2026-07-02", "2026-07-09"))

    assert before.key == after.key
    assert before.updated
    assert after.updated
    assert after.updated > before.updated


def test_an_id_of_travel_advice_that_has_blanks_in_it_is_no_address() -> None:
    link = "https://www.gov.uk/foreign-travel-advice/china"
    item = only(
        atom(
            f"<id>{link}#2026-08-27 14:00:00 +0100</id><updated>2026-08-27T14:00:00+01:00</updated>"
            f'<link rel="alternate" type="text/html" href="{link}"/><link rel="self" href="{link}.atom"/>'
            '<title>China travel advice</title><summary type="xhtml">'
            '<div xmlns="http://www.w3.org/1999/xhtml"><p>Lanterns are hot.</p></div></summary>'
        )
    )

    assert (item.key, item.url, item.summary) == (link, link, "Lanterns are hot.")
    assert item.guid == f"{link}#2026-08-27 14:00:00 +0100"


def test_marked_words_and_doubled_escapes_of_a_keyword_feed_become_words() -> None:
    summary = escape("…trade in <mark>China</mark> clay &amp; tea…")

    assert only(atom(f"<id>1</id><title>A</title><summary type='html'>{summary}</summary>")).summary == (
        "…trade in China clay & tea…"
    )


def test_a_feed_that_has_ended_is_told_from_one_that_is_broken() -> None:
    ended = "<id>tag:www.gov.uk,2005:/search/x/feed-ended</id><title>This feed has ended</title>"

    with pytest.raises(ParseError, match="has ended") as failure:
        parse(atom(ended))
    assert failure.value.ended

    with pytest.raises(ParseError) as failure:
        parse("<html><title>This feed has ended</title></html>")
    assert not failure.value.ended


# ------------------------------------------------------------------------------------------- identity


def test_a_guid_that_ends_in_the_place_on_the_page_names_one_article() -> None:
    places = [
        only(
            rss(
                "<title>A</title><link>https://www.bbc.co.uk/news/a1?at_medium=RSS</link>"
                f"<guid isPermaLink='false'>https://www.bbc.co.uk/news/a1#{place}</guid>"
            )
        )
        for place in range(3)
    ]

    assert len({item.key for item in places}) == 1
    assert len({item.guid for item in places}) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://www.bbc.co.uk/news/a1?at_medium=RSS&amp;at_campaign=rss",
        "http://www.bbc.com/news/a1?at_campaign=KARANGA",
        "https://www.bbc.co.uk/news/a1?utm_source=x&amp;fbclid=1&amp;ns_mchannel=2&amp;cmpid=3#tk.rss_all",
    ],
)
def test_an_article_is_one_under_all_its_tracking_and_both_domains(link: str) -> None:
    assert only(rss(f"<title>A</title><link>{link}</link>")).key == "https://www.bbc.co.uk/news/a1"


def test_a_permalink_is_cleaned_like_a_link_and_the_title_may_come_last() -> None:
    link = "https://post.example/a1?utm_source=rss_feed"
    item = only(
        rss(
            f"<description>D</description><link>{link}</link><guid isPermaLink='true'>{link}</guid>"
            "<title>A</title>",
            channel="<link>https://site.example/f</link>",
        )
    )

    assert (item.url, item.guid, item.title) == ("https://post.example/a1", "https://post.example/a1", "A")


def test_items_with_one_title_are_items_of_their_own() -> None:
    live = "<title>Live: tea talks</title>"
    feed = parse(
        rss(
            f"{live}<link>https://site.example/1</link>",
            f"{live}<link>https://site.example/2</link>",
            f"{live}<guid isPermaLink='false'>3</guid>",
        )
    )

    assert len({item.key for item in feed.items}) == 3


DATE = "<pubDate>Sun, 22 Mar 2026 06:00:00 +0000</pubDate>"
LATER = "<pubDate>Sun, 22 Mar 2026 09:00:00 +0000</pubDate>"


def variants(*entries: tuple[str, str]) -> tuple[Item, ...]:
    """The items of a feed with these links, and what else stands beside each; each has an id of its own."""
    return parse(
        rss(
            *(
                f"<link>{link}</link><guid isPermaLink='false'>x{number}</guid>{rest}"
                for number, (link, rest) in enumerate(entries)
            )
        )
    ).items


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://amp.site.example/x", "https://www.site.example/x"),
        ("https://www.site.example/x?utm_source=home", "https://www.site.example/x?utm_source=rss"),
    ],
    ids=["AMP", "tracking"],
)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"<title>Tea talks</title><description>Tea.</description>{DATE}",) * 2,
        (f"<title>Tea talks</title>{DATE}", f"<title>TEA TALKS</title><description>Tea.</description>{DATE}"),
        (
            f"<title>Tea talks</title><description>Tea.</description>{DATE}",
            f"<title>Tea talks</title><description>Tea.</description>{LATER}",
        ),
        ("<title>Tea talks</title>", f"<title>Tea talks</title>{DATE}"),
        ("<title>Tea talks</title>", "<title>Tea talks</title>"),
    ],
    ids=["equal", "summary in one", "two dates", "date in one", "title alone"],
)
def test_two_variants_of_one_article_in_a_document_are_one_item(
    one: str, other: str, first: str, second: str
) -> None:
    (item,) = variants((one, first), (other, second))

    assert item.key == "https://www.site.example/x"


def test_of_two_variants_the_later_is_kept_at_the_place_of_the_first() -> None:
    items = variants(
        ("https://amp.site.example/x", f"<title>Tea talks</title><description>Tea.</description>{DATE}"),
        ("https://www.site.example/y", f"<title>Another</title>{DATE}"),
        ("https://www.site.example/x", f"<title>Tea talks</title><description>Tea.</description>{LATER}"),
    )

    assert [(item.guid, item.title) for item in items] == [("x2", "Tea talks"), ("x1", "Another")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"<title>Tea is weighed</title>{DATE}", f"<title>Tea is taxed</title>{DATE}"),
        (
            f"<title>Notice</title><description>Of tea.</description>{DATE}",
            f"<title>Notice</title><description>Of clay.</description>{LATER}",
        ),
        (
            "<title>Notice</title><description>Of tea.</description>",
            "<title>Notice</title><description>Of clay.</description>",
        ),
        (f"<title>Bulletin</title>{DATE}", f"<title>Bulletin</title>{LATER}"),
    ],
    ids=["a live blog", "words and dates", "words", "dates"],
)
def test_entries_of_one_address_that_differ_in_their_words_stay_apart(first: str, second: str) -> None:
    page = "https://www.site.example/live"

    assert len({item.key for item in variants((page, first), (page, second))}) == 2


def test_a_variant_within_a_live_blog_is_not_doubled() -> None:
    page = "https://www.site.example/live"
    items = variants(
        (page, f"<title>Tea is weighed</title>{DATE}"),
        (f"{page}?utm_source=home", f"<title>Tea is weighed</title>{DATE}"),
        (page, f"<title>Tea is taxed</title>{DATE}"),
    )

    assert [item.title for item in items] == ["Tea is weighed", "Tea is taxed"]
    assert len({item.key for item in items}) == 2


def test_the_redirect_of_an_alert_is_the_page_it_leads_to() -> None:
    link = "https://www.google.com/url?rct=j&amp;url=https://orbit.example/kettles&amp;ct=ga"

    assert only(rss(f"<title>A</title><link>{link}</link>")).key == "https://orbit.example/kettles"


# ------------------------------------------------------------------------------------------- Google News


def google_news(title: str, publisher: str, link: str = "CBMiAAAA", description: str = "") -> Item:
    source = f"<source url='https://post.example'>{escape(publisher)}</source>" if publisher else ""
    return only(
        rss(
            f"<title>{escape(title)}</title><link>https://news.google.com/rss/articles/{link}?oc=5</link>"
            f"<guid isPermaLink='false'>{link}</guid><description>{escape(description)}</description>{source}"
        )
    )


def test_a_report_of_google_news_is_known_by_headline_and_publisher_whatever_its_link() -> None:
    one = google_news("Tea &amp; talks - Kettle &amp; Post", "Kettle &amp; Post")
    again = google_news("Tea &amp; talks  - Kettle &amp; Post", "Kettle &amp; Post", link="CBMiZZZZ")

    assert one.key == again.key
    assert one.key.startswith("google-news:")
    assert one.title == "Tea & talks"
    assert one.outlet == "Kettle & Post (via Google News)"


def test_one_headline_of_two_publishers_is_two_reports_of_google_news() -> None:
    assert google_news("Tea - Post", "Post").key != google_news("Tea - Times", "Times").key


def test_a_publisher_in_the_middle_of_a_headline_stays() -> None:
    assert google_news("Post - a history - Post", "Post").title == "Post - a history"
    assert google_news("Tea and the Post", "Post").title == "Tea and the Post"
    assert google_news("Tea - Post", "").title == "Tea - Post"
    assert google_news(" - Post", "Post").title == "- Post"


def test_headlines_that_google_news_lists_below_a_report_say_nothing_of_it() -> None:
    item = google_news("Tea - Post", "Post", description="<ol><li>Starmer meets Xi</li></ol>")

    assert item.summary == item.text == ""


def test_the_source_that_another_aggregator_names_is_not_believed() -> None:
    item = only(
        rss(
            "<title>Tea - Post</title><link>https://gather.example/1</link>"
            "<source url='https://post.example'>Post</source>"
        )
    )

    assert (item.key, item.title, item.outlet) == ("https://gather.example/1", "Tea - Post", "")


# ------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/plain", "application/octet-stream", "", "nonsense"]
)
def test_a_feed_is_known_by_its_bytes_and_not_by_the_servers_word(content_type: str) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<item rdf:about="https://site.example/1"><title>A</title><link>https://site.example/1</link></item>'
        "</rdf:RDF>"
    )
    json_feed = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "A"}]}'
    for body in (rss("<title>A</title>"), atom("<title>A</title>"), rdf, json_feed):
        assert only(body, content_type).title == "A"


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + rss("<title>A&nbsp;b</title>").encode(),
        b"\n \r\n\t" + rss("<title>A&nbsp;b</title>").encode(),
        b"<?phpxml version='1.0'?>" + rss("<title>A&nbsp;b</title>").encode(),
        b"<?xml version='1.0' encoding='utf-8' ?>\n\n" + rss("<title>A&nbsp;b</title>").encode(),
        rss("<title>A&nbsp;b</title>").removesuffix("</channel></rss>").encode(),
    ],
    ids=["byte-order mark", "blank lines", "misspelt declaration", "declaration", "never closed"],
)
def test_what_is_wrong_around_the_root_is_passed_over(body: bytes) -> None:
    assert only(body).title == "A b"


def test_cdata_and_stray_blanks_around_values_are_taken_away() -> None:
    item = only(
        rss(
            "<title><![CDATA[  Tea tax  ]]></title><link><![CDATA[ \n https://site.example/1 ]]></link>"
            "<guid> <![CDATA[ g1 ]]></guid><pubDate><![CDATA[ Thu, 29 Jan 2026 08:30:00 GMT ]]></pubDate>"
        )
    )

    assert (item.title, item.url, item.guid) == ("Tea tax", "https://site.example/1", "g1")
    assert item.published == datetime(2026, 1, 29, 8, 30, tzinfo=UTC)


def test_all_ways_of_writing_html_in_one_feed_give_the_same_words() -> None:
    html = "<p>Tea &amp; <b>talks</b></p>"
    feed = parse(
        rss(
            *(
                f"<title>{number}</title><description>{written}</description>"
                for number, written in enumerate(
                    (
                        escape(html),
                        f"<![CDATA[{html}]]>",
                        escape(escape(html)),
                        f"<![CDATA[{escape(html)}]]>",
                        "Tea &amp;amp;&amp;nbsp;talks",
                    )
                )
            )
        )
    )

    assert {item.summary for item in feed.items} == {"Tea & talks"}


def test_a_relative_link_is_read_against_the_base_then_the_site() -> None:
    relative = '<title>A</title><link href="b/c.html"/>'

    assert (
        only(atom(relative, base=' xml:base="https://base.example/a/"')).url
        == "https://base.example/a/b/c.html"
    )
    assert only(rss("<title>A</title><link>/b/c.html</link>")).url == "https://site.example/b/c.html"
    assert only(rss("<title>A</title><link>b</link>", channel="")).url == "https://site.example/b"


def test_a_guid_is_the_page_where_it_is_an_address_and_the_link_is_missing() -> None:
    assert only(rss("<title>A</title><guid>https://site.example/1</guid>")).url == "https://site.example/1"
    assert only(rss("<title>A</title><guid>NEWS/77</guid>")).url == ""
    assert only(rss("<title>A</title><guid>NEWS/77</guid>")).key == "gazette:NEWS/77"


def test_of_several_links_the_page_is_taken() -> None:
    entry = (
        '<link rel="self" type="application/atom+xml" href="https://site.example/1.atom"/>'
        '<link rel="enclosure" href="https://site.example/1.mp3"/>'
        '<link rel="alternate" type="application/json" href="https://site.example/1.json"/>'
        '<link rel="alternate" type="text/html" href="https://site.example/1">'
        '<m:content xmlns:m="http://search.yahoo.com/mrss/"><m:thumbnail url="x.jpg"/></m:content>'
        "</link><title>A</title><id>1</id>"
    )

    assert only(atom(entry)).url == "https://site.example/1"


def test_captions_of_pictures_are_not_the_text() -> None:
    item = only(
        rss(
            "<title>A</title><description>Tea talks.</description>"
            "<media:content url='a.jpg'><media:description>Xi Jinping in London</media:description>"
            "<media:title>Downing Street</media:title></media:content>"
            "<media:thumbnail url='b.jpg'/><media:thumbnail url='c.jpg'/>"
        )
    )

    assert (item.summary, item.text) == ("Tea talks.", "")


def test_what_a_net_feed_has_only_in_atom_elements_is_read() -> None:
    item = only(
        rss(
            "<guid isPermaLink='false'>3901</guid><title>Tea Bill</title>"
            "<a10:link href='https://bills.example/3901'/><a10:updated>2026-01-27T17:04:05Z</a10:updated>"
        )
    )

    assert (item.url, item.updated) == (
        "https://bills.example/3901",
        datetime(2026, 1, 27, 17, 4, 5, tzinfo=UTC),
    )
    assert item.published is None


# ------------------------------------------------------------------------------------------- text


def test_a_summary_that_is_cut_off_is_not_taken_for_the_text() -> None:
    item = only(rss("<title>A</title><description>The envoy met ship owners in…</description>"))

    assert (item.summary, item.text) == ("The envoy met ship owners in…", "")


def test_full_text_beside_a_summary_is_the_text() -> None:
    item = only(
        rss(f"<title>A</title><description>Tea.</description><content:encoded>{LONG}</content:encoded>")
    )

    assert (item.summary, item.text) == ("Tea.", LONG.strip())


def test_other_stories_and_offers_around_a_text_do_not_count_as_its_words() -> None:
    summary = (
        "<p>Tea was weighed in Leeds.</p><p>Related: Starmer flies to Beijing</p>"
        "<p>The post Tea in Leeds first appeared on Kettle Blog.</p>"
    )

    assert only(rss(f"<title>A</title><description>{escape(summary)}</description>")).summary == (
        "Tea was weighed in Leeds."
    )


def test_a_feed_of_thousands_of_long_items_is_cut_in_number_and_length() -> None:
    item = f"<title>A</title><description>{LONG}</description>"
    feed = parse(rss(*(f"{item}<guid>{number}</guid>" for number in range(2_100))))

    assert len(feed.items) == 2_000
    assert feed.skipped == ("100 more entries than the 2000 that are read at a time",)


# ------------------------------------------------------------------------------------------- dates


def test_an_item_of_years_ago_keeps_its_date_among_those_of_today() -> None:
    feed = parse(
        rss(
            "<title>New</title><pubDate>Thu, 29 Jan 2026 08:30:00 GMT</pubDate>",
            "<title>Old</title><pubDate>Tue, 12 Jan 2016 08:30:00 GMT</pubDate>",
            "<title>Undated</title>",
        )
    )

    assert [item.date and item.date.year for item in feed.items] == [2026, 2016, None]


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("2026-07-02T11:00:00+01:00", {}),
        ("2026-07-02T10:00:00Z", {}),
        ("Thu, 02 Jul 2026 11:00:00 BST", {}),
        ("Thu, 02 Jul 2026 18:00:00 +0800", {}),
        ("Thu, 02 Jul 2026 19:00:00 +0900", {}),
        ("2026-07-02 18:00:00", {"kind": "state-media"}),
        ("2026-07-02 10:00:00", {}),
        ("1782986400", {}),
    ],
)
def test_one_moment_written_on_any_clock_is_one_moment(written: str, source: dict[str, str]) -> None:
    item = only(rss(f"<title>A</title><pubDate>{written}</pubDate>"), **source)

    assert item.published == datetime(2026, 7, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-07-02T00:00:00", (2026, 7, 1, 23)), ("2026-01-29T00:00:00", (2026, 1, 29, 0))],
    ids=["summer", "winter"],
)
def test_parliament_keeps_to_londons_clock_without_saying_so(written: str, read: tuple[int, ...]) -> None:
    body = f'{{"results": [{{"value": {{"title": "Tea", "uin": "HCWS1", "dateMade": "{written}"}}}}]}}'

    item = only(body, format="written-statements")

    assert item.published == datetime(*read, tzinfo=UTC)
    assert item.url.endswith(f"/{written[:10]}/hcws1")
