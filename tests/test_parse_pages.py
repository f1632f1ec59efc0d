"""Single pages: GOV.UK's own account of one, and the article in any web page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.models import ChangeNote, Page
from monitor.parse import ParseError, parse_page

from .conftest import shared

PAGES = Path(__file__).parent / "data" / "pages"
CONTENT = "https://www.gov.uk/api/content/government/news/minister-opens-tea-fair-in-hangzhou"


def content(document: object) -> Page:
    """Reads bytes, or a value as JSON, as an answer of the Content API."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_page("govuk-content", CONTENT, body, "application/json; charset=utf-8")


def recorded(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def test_a_press_release_says_who_published_it_when_and_what_changed_newest_first() -> None:
    assert content(recorded("press-release")) == Page(
        status="live",
        title="Minister opens tea fair & porcelain show",
        text="The minister opened the fair. Talks. tea. porcelain. List of exhibitors",
        document_type="Press release",
        organisations=("Department for Teapots", "Kettle Office", "British Consulate-General Hangzhou"),
        first_published=at("2026-06-30T08:00Z"),
        public_updated=at("2026-07-02T10:00Z"),
        history=(
            ChangeNote(at("2026-07-02T10:00Z"), "Added the dates of the next fair."),
            ChangeNote(at("2026-07-01T15:30Z"), "Corrected the name of the hall."),
            ChangeNote(at("2026-06-30T08:00Z"), "First published."),
        ),
        content_id="00000000-0000-4000-8000-000000000001",
    )


def test_travel_advice_is_the_text_of_its_parts_and_a_word_on_the_latest_change() -> None:
    page = content(recorded("travel-advice"))

    assert page.text == "Warnings. Kettles can be hot. Safety. Do not fly lanterns."
    assert page.history == (
        ChangeNote(at("2026-01-20T15:42:21Z"), "Lanterns must not be flown near ports (‘Safety’ page)."),
    )
    assert page.document_type == "Travel advice"


def test_a_note_on_the_latest_change_that_the_history_has_is_not_told_twice() -> None:
    document = recorded("press-release")
    document["details"]["change_description"] = "Corrected the name of the hall."

    assert len(content(document).history) == 3


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("press_release", "Press release"),
        ("world_news_story", "World news story"),
        ("foi_release", "FOI release"),
        ("detailed_guide", "Guidance"),
        ("oral_statement", "Oral statement to Parliament"),
        ("written_statement", "Written statement to Parliament"),
        ("research", "Research and analysis"),
        ("transparency", "Transparency data"),
        ("cma_case", "CMA case"),
        ("kettle_notice", "Kettle notice"),
        ("_", ""),
    ],
)
def test_a_document_type_is_told_in_words(kind: str, shown: str) -> None:
    assert content({"document_type": kind}).document_type == shown


def test_a_withdrawn_page_keeps_its_text_and_says_why() -> None:
    document = recorded("press-release")
    document["withdrawn_notice"] = {
        "explanation": "<div><p>The fair was <b>called off</b>.</p></div>",
        "withdrawn_at": "2026-07-08T10:00:00+01:00",
    }

    page = content(document)

    assert page.status == "withdrawn"
    assert page.explanation == "The fair was called off."
    assert page.text


@pytest.mark.parametrize(
    ("redirects", "target"),
    [
        (
            [
                {"path": "/tea/all", "type": "prefix", "destination": "/kettles"},
                {"path": "/tea", "type": "exact", "destination": "/teapots?size=1#lids"},
            ],
            "https://www.gov.uk/teapots?size=1#lids",
        ),
        ([{"path": "/other", "destination": "https://tea.example/x"}], "https://tea.example/x"),
        ([{"path": "/tea", "destination": "//["}], ""),
        ([{"path": "/tea", "destination": "javascript:alert(1)"}], ""),
        ([{"path": "/tea", "destination": None}], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_a_redirect_says_where_the_page_is_now(redirects: object, target: str) -> None:
    page = content(
        {
            "base_path": "/tea",
            "document_type": "redirect",
            "title": None,
            "details": {},
            "redirects": redirects,
        }
    )

    assert page == Page(status="moved", moved_to=target)


def test_a_page_that_is_gone_says_why_and_what_is_there_instead() -> None:
    gone = {
        "document_type": "gone",
        "title": None,
        "details": {"explanation": "<p>Published in error</p>", "alternative_path": "/government/news/tea"},
    }

    assert content(gone) == Page(
        status="gone", explanation="Published in error", moved_to="https://www.gov.uk/government/news/tea"
    )
    assert content({"document_type": "gone", "details": None}) == Page(status="gone")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty answer"),
        (b"<html><title>Sorry, we are experiencing difficulties</title></html>", "titled “Sorry"),
        (b"404 error not found", "plain text, not the JSON of an interface"),
        (b'{"document_type": "press', "broken JSON"),
        (b"[]", "a list where an object was expected"),
        (b"{}", "without “document_type”"),
        (b'{"document_type": null}', "without “document_type”"),
        (b'{"error": "Not found"}', "without “document_type”"),
        (b"[" * 200_000, "nested too deeply"),
        (b"%PDF-1.7", "a PDF document, not the JSON of an interface"),
    ],
)
def test_what_is_no_content_is_an_error_that_names_it(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as failure:
        content(body)

    assert what in str(failure.value)


def places(thing: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    keys = list(thing) if isinstance(thing, dict) else range(len(thing)) if isinstance(thing, list) else ()
    for key in keys:
        yield thing, key
        yield from places(thing[key])


@pytest.mark.parametrize("name", ["press-release", "travel-advice"])
def test_a_value_of_any_type_at_any_place_is_passed_over(name: str) -> None:
    document = recorded(name)
    for container, key in list(places(document)):
        right = container[key]
        for wrong in (None, True, 10**400, -1.5, "x", "\ud800", [], ["x"], {}, {"x": "y"}):
            container[key] = wrong
            page = (
                None if key == "document_type" and not isinstance(wrong, str) else content_or_none(document)
            )
            assert page is None or page.status in {"live", "withdrawn"}
        container[key] = right


def content_or_none(document: object) -> Page | None:
    try:
        return content(document)
    except ParseError:
        return None


def test_what_a_page_says_stays_within_limits() -> None:
    document = recorded("press-release")
    document["title"] = "word " * 1_000
    document["details"]["body"] = "<p>" + "word " * 100_000
    document["details"]["change_history"] = [
        {"public_timestamp": f"20{year}-01-01T00:00:00Z", "note": "note " * 1_000} for year in range(10, 99)
    ] * 3
    document["links"]["organisations"] *= 60

    page = content(document)

    assert len(page.title) <= 500
    assert len(page.text) <= 100_000
    assert len(page.history) == 100
    assert all(len(note.note) <= 1_000 for note in page.history)
    assert page.history[0].at.year == 2098
    assert len(page.organisations) <= 50


# What a person reads in the real documents.
SAMPLES = {
    "press-release": ("live", "Press release", ("Home Office",), 1),
    "world-news-story": ("live", "World news story", ("British High Commission Singapore",), 0),
    "news-withdrawn": ("withdrawn", "News story", ("Prime Minister's Office, 10 Downing Street",), 0),
    "policy-paper": ("live", "Policy paper", ("The Charity Commission",), 2),
    "travel-advice": ("live", "Travel advice", ("Foreign & Commonwealth Office",), 1),
    "travel-advice-index": ("live", "Travel advice index", ("Foreign & Commonwealth Office",), 0),
    "finder-news-and-communications": ("live", "Finder", (), 0),
    "world-index": ("live", "World index", (), 0),
    "redirect": ("moved", "", (), 0),
    "gone": ("gone", "", (), 0),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_document_says_what_a_person_reads_in_it(name: str) -> None:
    page = content((shared("samples") / f"govuk-content-{name}.json").read_bytes())

    assert (page.status, page.document_type, page.organisations, len(page.history)) == SAMPLES[name]
    assert bool(page.explanation) == (name in {"news-withdrawn", "gone"})
    assert bool(page.moved_to) == (name == "redirect")
    assert "<" not in page.text
    assert len(page.text) > 900 or page.document_type in {"", "Finder", "World index", "Travel advice index"}


# ------------------------------------------------------------------------------------------- articles

SENTENCES = (
    "The minister said on Tuesday that porcelain from China would be taxed like any other. ",
    "Potters in Staffordshire had asked for a higher rate, while tea merchants wanted none at all. ",
    "Talks go on in Beijing next week, and a vote is expected before the summer. ",
)
ARTICLE = "".join(f"<p>{sentence * 2}</p>" for sentence in SENTENCES)
AROUND = (
    "<nav><ul><li><a href='/'>Home</a></li><li><a href='/world'>World</a></li></ul></nav>",
    "<footer><p>Copyright Kettle Post. <a href='/terms'>Terms</a></p></footer>",
)


def web_page(body: str, head: str = "<title>Porcelain tax - Kettle Post</title>") -> str:
    return (
        f"<!doctype html><html lang='en'><head>{head}</head><body>{AROUND[0]}{body}{AROUND[1]}</body></html>"
    )


def article(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> Page:
    body = html.encode() if isinstance(html, str) else html
    return parse_page("article", "https://kettle.example/a", body, content_type)


def test_an_article_is_its_own_words_and_not_what_stands_around_it() -> None:
    comments = (
        "<section id='comments' class='comments'><h2>Comments</h2><p>I disagree with all of it.</p></section>"
    )
    table = "<table><tr><td>Row of numbers</td></tr></table>"
    page = article(
        web_page(
            f"<article><h1>Porcelain tax</h1>{ARTICLE}{table}<p>Read more: Lanterns</p></article>{comments}"
        )
    )

    assert all(sentence.strip() in page.text for sentence in SENTENCES)
    assert not any(
        word in page.text for word in ("Home", "Copyright", "disagree", "Row of numbers", "Lanterns", "\n")
    )
    assert page.title == "Porcelain tax - Kettle Post"
    assert page.status == "live"


def test_the_headline_that_a_page_gives_to_others_comes_before_its_title() -> None:
    head = "<title>x | Kettle Post</title><meta property='og:title' content='Porcelain &amp;amp; tax'>"

    assert article(web_page(f"<article>{ARTICLE}</article>", head)).title == "Porcelain & tax"


def test_an_article_without_any_title_is_an_article() -> None:
    page = article(f"<html><body><article>{ARTICLE}</article></body></html>")

    assert page.title == ""
    assert page.text


@pytest.mark.parametrize(
    ("html", "encoding", "content_type"),
    [
        ("<meta charset='gbk'>", "gb18030", "text/html"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>", "gb18030", ""),
        ("", "gb18030", "text/html; charset=GB2312"),
        ("<meta charset='gbk'>", "utf-8", "text/html; charset=gbk"),
        ("<meta charset='big5'>", "big5", "text/html"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_or_the_server_names(
    html: str, encoding: str, content_type: str
) -> None:
    sentence = "部長說茶壺要和別的東西一樣納稅。"  # characters that all three encodings have
    page = article(
        web_page(f"<article><p>{sentence * 20}</p></article>", html).encode(encoding), content_type
    )

    assert sentence in page.text


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty answer"),
        (b"{}", "JSON, not a web page"),
        (b'{"text": "<html>"}', "JSON, not a web page"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "XML, not a web page"),
        (b"plain words", "plain text, not a web page"),
        (b"%PDF-1.7", "a PDF document, not a web page"),
        (b"<html></html>", "without an article"),
        (
            b"<html><head><title>Sign in</title></head><body><form><input name=u></form></body></html>",
            "“Sign in”",
        ),
        (web_page("<div><p>We value your privacy.</p><button>Accept all</button></div>").encode(), "cookies"),
        (web_page("<div id='root'></div><script>" + "var a = 'b';" * 500 + "</script>").encode(), "a script"),
        (web_page("<p>" + "<b></b>" * 30_000).encode(), "too many"),
        (b"<!doctype html [<!ENTITY a 'b'>]><html><body>&a;</body></html>", "XML entities"),
    ],
)
def test_what_has_no_article_is_an_error_that_names_it(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as failure:
        article(body)

    assert what in str(failure.value)


def test_an_article_is_cut_to_its_limit() -> None:
    page = article(web_page(f"<article>{ARTICLE * 500}</article>", f"<title>{'word ' * 1_000}</title>"))

    assert 99_000 < len(page.text) <= 100_000
    assert page.text.endswith("…")
    assert len(page.title) <= 500


PIECES = (
    *(
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<a href=x>",
        "<table><tr>",
        "<td>",
        "<ul><li>",
        "<!--",
        "-->",
        "<br>",
    ),
    *("&amp;", "&#0;", "\x00", "<math>", "<svg/>", "<html>", "</html>", "word. ", "茶。", SENTENCES[0]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_pieces_of_markup_give_an_article_or_a_parse_error(pieces: list[str]) -> None:
    try:
        page = article("<html>" + "".join(pieces) + ARTICLE)
    except ParseError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine, any other exception is not
    else:
        assert len(page.text) >= 200
