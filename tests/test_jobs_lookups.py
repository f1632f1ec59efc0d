"""What looking a page up makes of the item behind it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.classify import RuleBook
from monitor.fetch import FetchError
from monitor.jobs.lookups import APART, Result, take_in
from monitor.models import ChangeNote, Fetched, Page, PageOutcome, PageState, PageStatus, PageWanted, RuleSpec
from monitor.parse import ParseError

from .conftest import NOW, make_item
from .loopback import Loopback
from .program import monitor

BOOK = RuleBook(RuleSpec(uk=("UK",), china=("China",), topics=(("trade", ("tariff*",)),)))
URL = "https://www.gov.uk/guidance/exporting-to-china"
FIRST = NOW - timedelta(days=400)
FIRST_NOTE = ChangeNote(FIRST, "First published.")
NOTE = ChangeNote(NOW, "Added the new customs codes.")
PAGE = Page(
    title="UK exports to China",
    text="Which tariffs apply.",
    document_type="Guidance",
    first_published=FIRST,
    public_updated=NOW,
    history=(NOTE, FIRST_NOTE),
)
ANSWER = Fetched("govuk", URL, 200, b"", etag='"7"')
UNCHANGED = Fetched("govuk", URL, 304, None)


def wanted(**state: object) -> PageWanted:
    item = make_item("UK exports to China", key=URL, url=URL, source_id="govuk", published=None, updated=NOW)
    return PageWanted(7, item, "govuk", "hash1", replace(PageState(7), **state))


def looked_up(result: Result, **state: object) -> PageOutcome:
    return take_in(wanted(**state), result, BOOK, None, NOW)


def test_the_text_of_the_page_is_kept_and_judged_with_the_feeds_words() -> None:
    outcome = looked_up((ANSWER, PAGE))

    assert outcome.item is not None
    assert outcome.verdict is not None
    assert outcome.item.text == "Which tariffs apply."
    assert outcome.verdict.topics == ("trade",)
    assert [match.term for match in outcome.verdict.matches] == ["UK", "China", "tariff*"]


def test_what_is_remembered_is_the_page_its_validator_and_for_which_words_of_the_feed() -> None:
    state = looked_up((ANSWER, PAGE), failures=2, error="timed out").state

    assert (state.etag, state.asked_for, state.asked, state.failures, state.error) == (
        '"7"',
        "hash1",
        NOW,
        0,
        "",
    )
    assert state.page == replace(PAGE, text="")


def test_an_old_page_with_a_note_of_today_is_an_update_that_quotes_it() -> None:
    outcome = looked_up((ANSWER, PAGE))

    assert (outcome.what, outcome.state.news) == ("updated", "updated")
    assert (outcome.state.note, outcome.state.note_at) == (NOTE.note, NOW)
    assert outcome.item is not None
    assert outcome.item.published is None  # readers are shown when it was updated


def test_a_new_page_gets_its_date_of_publication() -> None:
    page = replace(PAGE, first_published=NOW, history=(ChangeNote(NOW, "First published."),))

    outcome = looked_up((ANSWER, page))

    assert (outcome.what, outcome.state.news) == ("", "new")
    assert outcome.item is not None
    assert outcome.item.published == NOW


def test_a_page_dated_anew_without_a_note_is_reissued_unchanged() -> None:
    before = looked_up((ANSWER, replace(PAGE, public_updated=FIRST, history=(FIRST_NOTE,)))).state

    outcome = take_in(
        PageWanted(7, wanted().item, "govuk", "hash2", before),
        (ANSWER, replace(PAGE, history=(FIRST_NOTE,))),
        BOOK,
        None,
        NOW,
    )

    assert (outcome.what, outcome.state.news, outcome.state.note) == ("re-issued unchanged", "reissued", "")


def test_a_small_edit_of_the_feeds_words_leaves_what_the_last_update_was() -> None:
    before = looked_up((ANSWER, PAGE)).state

    outcome = take_in(PageWanted(7, wanted().item, "govuk", "hash2", before), (ANSWER, PAGE), BOOK, None, NOW)

    assert (outcome.what, outcome.state.news, outcome.state.note) == ("", "updated", NOTE.note)


def test_a_page_that_has_not_changed_is_judged_again_with_the_text_that_is_stored() -> None:
    before = looked_up((ANSWER, PAGE)).state
    stored = replace(wanted().item, text="Which tariffs apply.")

    outcome = take_in(PageWanted(7, stored, "govuk", "hash2", before), (UNCHANGED, None), BOOK, None, NOW)

    assert outcome.item is None
    assert outcome.verdict == BOOK.classify(stored)
    assert (outcome.state.asked_for, outcome.state.etag, outcome.state.page) == ("hash2", '"7"', before.page)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_said_to_be_gone_and_is_no_failure(status: int) -> None:
    outcome = looked_up(FetchError("www.gov.uk answered 410 Gone", status=status, gone=status == 410))

    assert outcome.state.page is not None
    assert (outcome.state.page.status, outcome.state.failures) == ("gone", 0)
    assert (outcome.item, outcome.verdict) == (None, None)


@pytest.mark.parametrize(
    ("status", "what"), [("withdrawn", "withdrawn"), ("gone", "removed"), ("moved", "moved")]
)
def test_a_page_that_was_live_and_is_no_more_is_told_once(status: PageStatus, what: str) -> None:
    before = looked_up((ANSWER, PAGE)).state
    ended = replace(PAGE, status=status, explanation="Published in error.")

    first = take_in(PageWanted(7, wanted().item, "govuk", "hash1", before), (ANSWER, ended), BOOK, None, NOW)
    second = take_in(
        PageWanted(7, wanted().item, "govuk", "hash1", first.state), (ANSWER, ended), BOOK, None, NOW
    )

    assert (first.what, first.is_news, first.state.note) == (what, True, "Published in error.")
    assert first.state.page is not None
    assert first.state.page.document_type == "Guidance"  # what is known of it stays
    assert not second.is_news


@pytest.mark.parametrize(
    "error", [FetchError("timed out", status=None), FetchError("busy", status=429), ParseError("a web page")]
)
def test_a_look_up_that_fails_leaves_the_item_and_is_tried_again_later_and_later(error: Exception) -> None:
    first = looked_up(error)  # type: ignore[arg-type]  # the three kinds of the union
    third = looked_up(error, failures=2)  # type: ignore[arg-type]

    assert (first.item, first.verdict, first.state.failures) == (None, None, 1)
    assert first.state.next_try == NOW + timedelta(minutes=30)
    assert third.state.next_try == NOW + timedelta(hours=2)
    assert looked_up(error, failures=500).state.next_try == NOW + timedelta(days=1)  # type: ignore[arg-type]


FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:www.gov.uk,2005:/search/x</id><title>News</title>
{entries}</feed>"""
ENTRY = """<entry><id>tag:www.gov.uk,2005:/government/news/uk-china-{n}</id>
<updated>2026-01-28T{hour:02}:00:00+00:00</updated>
<link rel="alternate" type="text/html" href="https://www.gov.uk/government/news/uk-china-{n}"/>
<title>UK and China, part {n}</title><summary type="html">Talks.</summary></entry>"""


def test_requests_for_pages_come_no_faster_than_five_a_second(tmp_path: Path) -> None:
    times: list[float] = []
    with Loopback() as site:
        entries = "".join(ENTRY.format(n=n, hour=n) for n in range(12))
        site.serve("/search/news-and-communications.atom", FEED.format(entries=entries).encode())

        def page(request: object) -> None:
            times.append(time.monotonic())
            request.send_response(404)  # type: ignore[attr-defined]  # http.server's handler
            request.send_header("Content-Length", "0")  # type: ignore[attr-defined]
            request.end_headers()  # type: ignore[attr-defined]

        for n in range(12):
            site.handle(f"/api/content/government/news/uk-china-{n}", page)
        (tmp_path / "config.yaml").write_text(
            f"""
network: {{allow_private: ["{site.host}"], mirrors: {{www.gov.uk: "{site.url("")}"}}}}
sources: [{{id: govuk, govuk: {{world_locations: [china]}}}}]
rules: {{sides: {{uk: [UK], china: [China]}}}}
""",
            encoding="utf-8",
        )

        ran = monitor("poll", "--json", cwd=tmp_path)

    assert ran.json["new"] == 12
    assert len(times) == 12
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= round(1 / APART) + 1
