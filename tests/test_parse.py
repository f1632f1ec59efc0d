"""From bytes to items: each file in data/feeds is a document with what must come of it beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.models import Fetched, Item, ParsedFeed
from monitor.parse import ParseError, parse_feed

from .conftest import make_source, shared

FEEDS = Path(__file__).parent / "data" / "feeds"
CASES = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(".expected.json"))
URL = "https://gazette.example/feeds/main.xml"


def parse(body: bytes | str, content_type: str = "", **source: Any) -> ParsedFeed:
    body = body.encode() if isinstance(body, str) else body
    return parse_feed(make_source(**source), Fetched("gazette", URL, 200, body, content_type))


def rss(items: str, channel: str = "<title>T</title><link>https://site.example/</link>") -> str:
    return f'<rss version="2.0"><channel>{channel}{items}</channel></rss>'


def only(feed: ParsedFeed) -> Item:
    (item,) = feed.items
    return item


def item_of(fields: dict[str, str]) -> dict[str, Any]:
    """An expected item: what its file leaves out is empty."""
    dates = {
        name: fields.get(name) and datetime.fromisoformat(fields[name]) for name in ("published", "updated")
    }
    return (
        {"source_id": "gazette", "guid": "", "url": "", "summary": "", "text": "", "outlet": ""}
        | fields
        | dates
    )


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_document_gives_the_items_written_beside_it(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))
    source = expected.get("source", {})
    source |= {"strip": tuple(source["strip"])} if "strip" in source else {}

    if "error" in expected:
        with pytest.raises(ParseError) as failure:
            parse(path.read_bytes(), **source)
        assert str(failure.value) == expected["error"]
        return
    feed = parse(path.read_bytes(), **source)

    assert feed.title == expected["title"]
    assert [asdict(item) for item in feed.items] == [item_of(fields) for fields in expected["items"]]
    assert list(feed.skipped) == expected.get("skipped", [])


def test_both_dialects_of_govuk_give_one_key_and_one_title_for_a_page() -> None:
    finder, organisation = (
        parse((FEEDS / f"govuk-{name}.xml").read_bytes()) for name in ("finder", "organisation")
    )
    pages = {item.key: item for item in finder.items}

    again = next(item for item in organisation.items if item.key in pages)

    assert again.guid != pages[again.key].guid
    assert again.title == pages[again.key].title
    assert again.updated is not None
    assert again.published is None


# What a person counts in the real documents, and where the first title begins.
SAMPLES = {
    "atom-items-without-titles.xml": (5, "some content"),
    "bbc-chinese-2013-atom.xml": (2, "白宫提名"),
    "bbc-front-page-2023.xml": (16, "Firm in data"),
    "constructed-govuk-finder-1.xml": (3, "Example: UK & China"),
    "constructed-govuk-finder-2-after-major-update.xml": (2, "Example: Ambassador"),
    "constructed-govuk-organisation.xml": (2, "Example: UK & China"),
    "constructed-govuk-travel-advice-country.xml": (1, "China travel advice"),
    "google-alerts-redirect-links-2019.xml": (20, "Report offers"),
    "guardian-2018.xml": (55, "Trump State of the"),
    "japan-times-2023.xml": (30, "Syphilis cases"),
    "jsonfeed-authors.json": (4, "Item without authors"),
    "jsonfeed-full.json": (2, "Title"),
    "livemint-2019.xml": (25, "PM Modi-Xi"),
    "macworld-leading-blank-2017.xml": (30, "Best smart lock"),
    "malformed-declaration-2021.xml": (20, "Serdar"),
    "npr-2023.xml": (15, "Oscar Pistorius"),
    "nytimes-2023.xml": (25, "Can the Palestinian"),
    "qq-china-gb2312-2018.xml": (20, "习近平"),
    "relative-links-atom.xml": (1, "one two three"),
    "relative-links-rss.xml": (1, "one two three"),
    "rss-a10-links-bom-2020.xml": (5, "Title 5"),
    "rss-guid-permalink-variants.xml": (4, "Item 1"),
    "rss-invalid-date-unclosed.xml": (2, "Item 0"),
    "rss10-rdf-craigslist-2017.xml": (25, "Bright, Spacious"),
    "scottish-government-2020.xml": (10, "Mental health"),
}


@pytest.mark.parametrize(("name", "count", "first"), [(name, *rest) for name, rest in SAMPLES.items()])
def test_a_real_feed_gives_as_many_items_as_a_person_counts(name: str, count: int, first: str) -> None:
    feed = parse((shared("samples") / name).read_bytes(), "text/xml")

    assert len(feed.items) == count
    assert feed.items[0].title.startswith(first)
    assert feed.skipped == ()
    assert len({item.key for item in feed.items}) == count


def test_every_real_document_that_is_no_feed_says_so() -> None:
    folder = shared("samples")
    others = [path for path in sorted(folder.iterdir()) if path.name not in SAMPLES and path.suffix != ".md"]

    messages = {}
    for path in others:
        with pytest.raises(ParseError) as failure:
            parse(path.read_bytes())
        messages[path.name] = str(failure.value)

    assert "has ended" in messages.pop("constructed-govuk-feed-ended.xml")
    assert len(messages) == 11
    assert all(message.startswith("JSON, but not a JSON Feed") for message in messages.values())


def test_no_other_story_of_the_real_articles_is_left_in_a_summary() -> None:
    for path in sorted(shared("seeds").iterdir()):
        article = path.read_text(encoding="utf-8")
        as_lines = article.replace("&", "&amp;").replace("<", "&lt;")
        for description in (as_lines, " ".join(as_lines.split())):
            summary = only(
                parse(rss(f"<item><title>t</title><description>{description}</description></item>"))
            ).summary

            assert not any(
                words in summary for words in ("Related News", "myFT", "READ MORE", "Read the full")
            )
            assert not any(
                words in summary for words in ("Refugees", "Drone Paradox", "New Partners", "Singapore this")
            )
            assert len(summary) > 0.85 * len(" ".join(article.split()))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty answer"),
        (b" \r\n\t\x00 ", "an empty answer"),
        (b"\xef\xbb\xbf\n", "plain text"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
        (b"404 error not found", "it begins “404 error not found”"),
        (b"/etc/passwd", "plain text, not a feed"),
        (b"http://127.0.0.1:9/feed.xml", "plain text, not a feed"),
        (b"<html><head><title>Sign in &amp; go</title></head></html>", "titled “Sign in & go”"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x' 'y'><html xmlns='z'/>", "a web page"),
        (b"<urlset><url/></urlset>", "its root is <urlset>"),
        (b"<error/>", "its root is <error>"),
        (b"<rss version='2.0'><channel><title>cut o", "broken XML"),
        (b'{"results": []}', "JSON, but not a JSON Feed"),
        (b'["version"]', "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "without its list of items"),
        (b'{"version": ', "broken JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"<!DOCTYPE x [ <!-- --> <!ENTITY a 'b'>]><rss version='2.0'/>", "XML entities"),
        ("<!DOCTYPE x [<!EnTiTy a 'b'>]><rss version='2.0'/>".encode("utf-16"), "XML entities"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><rss version='2.0'/>".encode("utf-16-be"), "XML entities"),
        ("\ufeff<!doctype x SYSTEM '>' [<!ENTITY % a 'b'>]><rss/>".encode(), "XML entities"),
    ],
)
def test_what_is_no_feed_is_an_error_that_names_it(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse(body)

    assert what in str(failure.value)


def test_the_word_entity_in_an_article_is_no_entity() -> None:
    item = (
        "<item><title>How &lt;!ENTITY works</title><description><![CDATA[<!ENTITY a>]]></description></item>"
    )

    assert only(parse(rss(item))).title == "How < !ENTITY works"


def test_a_warning_printed_before_the_feed_is_passed_over() -> None:
    warning = "<br />\n<b>Warning</b>: something in /srv/feed.php on line 3<br />\n"

    assert (
        only(parse(warning + '<?xml version="1.0"?>' + rss("<item><title>Kept</title></item>"))).title
        == "Kept"
    )


@pytest.mark.parametrize(
    ("title", "written_in", "charset"),
    [
        ("Café", "latin-1", "ISO-8859-1"),
        ("Café", "utf-8", "ISO-8859-1"),
        ("Café", "utf-8", ""),
        ("€5 tea", "cp1252", "iso-8859-1"),
        ("€5 tea", "cp1252", "nonsense"),
        ("€5 tea", "cp1252", "idna"),
        ("茶壺展覽開幕", "big5", "Big5"),
        ("茶壶展览开幕", "gb18030", "gb2312"),
        ("茶壶展览开幕", "utf-16", "utf-8"),
    ],
)
def test_bytes_are_read_in_the_encoding_that_fits_them(title: str, written_in: str, charset: str) -> None:
    body = rss(f"<item><title>{title}</title></item>").encode(written_in)

    assert only(parse(body, f"text/xml; charset={charset}")).title == title


def test_one_bad_byte_does_not_change_the_encoding_of_a_document() -> None:
    body = rss(f"<item><title>{'茶' * 100}</title></item>").encode()

    assert only(parse(body.replace("茶".encode(), b"\xe8", 1))).title.count("茶") == 99


def test_undeclared_bytes_of_a_chinese_source_are_read_as_chinese() -> None:
    body = rss("<item><title>茶壶展览开幕</title></item>").encode("gb18030")

    assert only(parse(body, kind="state-media")).title == "茶壶展览开幕"
    assert only(parse(body, lang="zh")).title == "茶壶展览开幕"


def test_fields_are_cut_to_their_limits() -> None:
    long = "word " * 60_000
    link = "https://site.example/" + "x" * 3_000
    feed = parse(
        rss(
            f"<item><title>{long}</title><link>{link}</link><guid isPermaLink='false'>{'g' * 2_000}</guid>"
            f"<description>{long}</description>"
            f"<c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>{long}</c:encoded></item>"
        )
    )

    item = only(feed)

    assert (len(item.title), len(item.summary), len(item.text)) <= (500, 20_000, 100_000)
    assert item.title.endswith("word…")
    assert item.url == ""
    assert item.key.startswith("sha256:")
    assert len(item.guid) == 64


def test_items_beyond_the_limit_are_counted_not_read() -> None:
    feed = parse(rss("".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(2_005))))

    assert len(feed.items) == 2_000
    assert feed.items[0].title == "0"
    assert feed.skipped == ("5 more entries than the 2000 that are read at a time",)


@pytest.mark.parametrize(
    ("title", "source_lang", "feed_lang", "expected"),
    [
        ("Tea fair opens", None, "en-GB", "en"),
        ("Tea fair opens", None, "zh-cn", "en"),
        ("Tea fair opens", "fr", "en", "fr"),
        ("Tea fair opens", None, "???", "en"),
        ("BBC：茶壶展开幕", None, "en-us", "zh"),
        ("お茶の展覧会", None, "", "ja"),
        ("차 박람회", "en", "", "ko"),
    ],
)
def test_the_language_is_what_the_title_can_be(
    title: str, source_lang: str | None, feed_lang: str, expected: str
) -> None:
    channel = f"<title>T</title><language>{feed_lang}</language>"

    assert (
        only(parse(rss(f"<item><title>{title}</title></item>", channel), lang=source_lang)).lang == expected
    )


def test_a_title_that_is_all_boilerplate_is_kept() -> None:
    item = only(parse(rss("<item><title>Related: Britain and China</title><link>/a</link></item>")))

    assert item.title == "Related: Britain and China"


def test_the_key_of_an_article_stays_when_its_id_and_protocol_change() -> None:
    before = parse(
        rss("<item><title>A</title><link>http://site.example/a?utm_source=x</link><guid>1</guid></item>")
    )
    after = parse(rss("<item><title>A</title><link>https://site.example/a/</link><guid>2</guid></item>"))

    assert only(before).key == only(after).key == "https://site.example/a"


def test_ids_are_only_good_within_their_source() -> None:
    body = rss("<item><title>A</title><guid isPermaLink='false'>1</guid></item>")

    assert only(parse(body, id="one")).key != only(parse(body, id="two")).key


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<rss>", b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>", b"{"]),
)
def test_random_bytes_give_items_or_a_parse_error(tail: bytes, head: bytes) -> None:
    try:
        feed = parse(head + tail)
    except ParseError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine, any other exception is not
    else:
        assert feed.title
