"""Whatever a feed writes is text, and only text, in everything that is rendered."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import resources
from monitor.models import (
    Digest,
    Earlier,
    Judged,
    Match,
    Message,
    NewTerm,
    Notice,
    Page,
    Section,
    SourceHealth,
    Story,
    TopicWeek,
    Update,
    Week,
)
from monitor.render import environment, render_digest
from monitor.render.inert import clean, safe_url
from monitor.render.reports import TITLE_CHARS
from monitor.render.words import shortened
from monitor.render.wrap import COLUMNS, width

from . import editions

ENV = environment([resources.templates()])

ATTACKS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "--><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "one\r\ntwo\nBcc: everyone@example.org",
    "abc\u202egpj.exe",
    "nul\x00 escape\x1b[31m bell\x07 \x85 \u2028 \u2029",
    "\ufffe\uffff",
    'https://evil.example/?a=<b>&c="d"',
    "a" * 300,
    "汉" * 200,
    "",
    " \t\n",
]  # fmt: skip
TEXT = st.one_of(st.text(max_size=60), st.sampled_from(ATTACKS), st.text("<>&\"'/= \n\u202eab", max_size=40))
URLS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/",
    "/relative",
    "https:evil.example",
    "https://",
    "http://[::1",
    'https://a.example/"><script>alert(1)</script>',
    "https://a.example/'onclick='x",
    "https://a.example/a b\nc",
    "https://a.example/>\n  <https://evil.example/",
    "https://a.example/\u202egpj",
    "https://a.example/\ud800",
]  # fmt: skip
ADDRESS = st.one_of(
    st.sampled_from(URLS), st.text(max_size=30), st.text(max_size=30).map("https://a.example/".__add__)
)


def hostile(text: str, url: str) -> Digest:
    """An edition in which every field that a feed or a server writes holds `text`, in every kind of block."""
    match = Match("topic", text or "term", "title", text, 0, "trade")

    def judged(id_: int, **changes: Any) -> Judged:
        sound = editions.PORTS.lead
        item = replace(sound.item, title=text, summary=text, text=text, url=url, guid=text, lang=text)
        verdict = replace(sound.verdict, matches=(match,), reason=text)
        return replace(sound, id=id_, item=item, verdict=verdict, outlet=text, **changes)

    def story(id_: str, reports: int = 1, **changes: Any) -> Story:
        return Story(id_, tuple(judged(n, **changes) for n in range(1, reports + 1)), (text,) * (reports - 1))

    source = SourceHealth(
        "s",
        text,
        "failing",
        why=text,
        advice=text,
        remark=f"Look. {text}",
        error=text,
        since=editions.NOW,
        last_ok=editions.NOW,
    )
    told = tuple(
        Notice(text, text, editions.NOW, kind, "quiet", text)
        for kind in get_args(get_type_hints(Notice)["kind"])
    )
    about = Page("withdrawn", document_type=text, organisations=(text,) * 4, first_published=editions.NOW)
    return replace(
        editions.daily(),
        top=(replace(story("a", 7), earlier=Earlier("2026-01-28", date(2026, 1, 28), text, 2)),),
        sections=(Section(editions.TRADE, (story("b"),)),),
        updated=(story("c", update=Update(editions.NOW, text, text, text, editions.NOW), page=about),),
        late=(story("d"),),
        brief=(story("e"),),
        coverage=replace(editions.daily().coverage, sources=(source,), notices=told),
        week=Week((TopicWeek(editions.TRADE, 1, 1, 1),), (NewTerm(text, "trade", 1, judged(1)),), (text,), 8),
    )


def render(digest: Digest) -> Message:
    return render_digest(digest, ENV, timezone=ZoneInfo("Europe/London"))


def parse(html: str) -> Any:
    return html5lib.parse(html, namespaceHTMLElements=False)


def skeleton(tree: Any, *without: str) -> Counter[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes, but for the two that come with the words."""
    return Counter(
        (str(element.tag), tuple(sorted({*element.attrib} - {"lang", "title"})))
        for element in tree.iter()
        if element.tag not in without
    )


def flat(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=60, deadline=None)
@given(text=TEXT)
def test_any_text_in_any_field_stays_text_on_the_page(text: str) -> None:
    tree = parse(render(hostile(text, "https://a.example/1")).html)
    sound = parse(render(hostile("harmless", "https://a.example/1")).html)
    # A mark, an extract, an old title and a source's new address come and go with the words; nothing else.
    loose = ("mark", "p", "del", "code")

    assert skeleton(tree, *loose) == skeleton(sound, *loose)
    assert set(skeleton(tree)) <= set(skeleton(sound)) | {("p", ())}
    assert shortened(clean(text), TITLE_CHARS) in flat("".join(tree.itertext()))
    languages = {element.attrib["lang"] for element in tree.iter() if "lang" in element.attrib}
    assert all(re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", language) for language in languages)
    assert [flat("".join(h.itertext())) for h in tree.iterfind(".//article/h3")] == [
        shortened(clean(text), TITLE_CHARS) or "(no title)"
    ] * 4


@settings(max_examples=60, deadline=None)
@given(url=ADDRESS)
def test_any_address_is_an_http_link_or_no_link(url: str) -> None:
    message = render(hostile("harmless", url))
    tree = parse(message.html)
    links = list(tree.find(".//main").iter("a"))
    strangers = [a for a in links if not re.match(r"\.\./[\w./#-]+\Z|#[\w-]+\Z", a.attrib["href"])]
    addresses = [story["url"] for story in json.loads(message.json)["stories"]]

    assert all(a.attrib["href"].startswith(("http://", "https://")) for a in strangers)
    assert all(set(a.attrib) == {"href"} for a in strangers)
    assert all(address is None or address.startswith(("http://", "https://")) for address in addresses)


@settings(max_examples=60, deadline=None)
@given(text=TEXT, url=ADDRESS)
def test_any_text_keeps_to_its_lines_in_plain_text(text: str, url: str) -> None:
    lines = render(hostile(text, url)).text.split("\n")

    assert [line for line in lines if line and not line.startswith("  ")] == []
    assert [line for line in lines if width(line) > COLUMNS and "://" not in line] == []
    assert [line for line in lines if set(line) & set("\r\x00\x1b\x07\x85\u2028\u2029\u202e")] == []


@settings(max_examples=60, deadline=None)
@given(text=TEXT, url=ADDRESS)
def test_every_form_can_be_stored_and_sent_as_utf8_and_the_subject_is_one_line(text: str, url: str) -> None:
    message = render(hostile(text, url))

    assert all(form.encode("utf-8") for form in (message.subject, message.text, message.html, message.json))
    assert json.loads(message.json)["stories"][0]["title"] == clean(text)
    assert message.subject == " ".join(message.subject.split())
    assert message.subject.isprintable() or not message.subject.isascii()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://www.gov.example/a?b=c&d=e#f", "https://www.gov.example/a?b=c&d=e#f"),
        ("HTTPS://a.example/", "HTTPS://a.example/"),
        ("https://a.example/新闻", "https://a.example/新闻"),
        ("  https://a.example/a b\n", "https://a.example/a%20b"),
        ('https://a.example/"><i>', "https://a.example/%22%3E%3Ci%3E"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/", ""),
        ("https:///path", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_an_address_is_a_link_only_with_http_and_a_host(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        (" a \r\n b\tc\u2028d\u00a0e ", "a b c d e"),
        ("x\x00y\x1bz\x7f\x9b", "xyz"),
        ("abc\u202egpj\u2069", "abcgpj"),
        ("\ud83d half", "\ufffd half"),
        ("\ufdd0\U0001ffff kept", "kept"),
        ("习近平 ✓ 👩\u200d🔬", "习近平 ✓ 👩\u200d🔬"),
        ("a \x00 b", "a b"),
    ],
)
def test_cleaning_leaves_one_line_of_printable_text(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned
