"""What looking a page up makes of the item behind it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from monitor.classify import RuleBook
from monitor.config import load as load_config
from monitor.fetch import FetchError
from monitor.jobs.asking import Network
from monitor.jobs.lookups import APART, AT_ONCE, Result, look_up, take_in
from monitor.models import (
    ChangeNote,
    Fetched,
    Judged,
    Page,
    PageOutcome,
    PageState,
    PageStatus,
    PageWanted,
    ParsedFeed,
    RuleSpec,
)
from monitor.parse import ParseError
from monitor.store import Store

from .conftest import NOW, make_item
from .loopback import Loopback
from .program import monitor
from .storing import RELEVANT, govuk, open_store, record

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


def judged_of(
    before: PageState, result: Result, at: datetime = NOW, *, asked_for: str = "hash1", **item: object
) -> PageOutcome:
    """What a look-up makes of a page that is known."""
    one = PageWanted(7, replace(wanted().item, **item), "govuk", asked_for, before)
    return take_in(one, result, BOOK, None, at)


NOT_FOUND = FetchError("www.gov.uk answered 404 Not Found", status=404)


def test_a_404_is_believed_after_four_failures_over_a_day() -> None:
    state = looked_up((ANSWER, PAGE)).state
    statuses = []
    for hours in (0, 1, 3, 7, 23, 24):
        outcome = judged_of(state, NOT_FOUND, NOW + timedelta(hours=hours))
        state = outcome.state
        assert state.page is not None
        statuses.append((state.page.status, state.failures, outcome.what))

    assert statuses[:5] == [("live", count, "") for count in range(1, 6)]
    assert statuses[5] == ("gone", 0, "removed")


def test_a_404_between_other_answers_says_nothing() -> None:
    state = judged_of(looked_up((ANSWER, PAGE)).state, NOT_FOUND).state
    state = judged_of(state, (UNCHANGED, None), NOW + timedelta(days=1)).state
    assert (state.failures, state.missing_since) == (0, None)

    for days in (2, 3, 4):
        state = judged_of(state, FetchError("busy", status=503), NOW + timedelta(days=days)).state
    outcome = judged_of(state, NOT_FOUND, NOW + timedelta(days=5))

    assert (outcome.what, outcome.state.failures) == ("", 4)


def test_a_page_that_was_gone_stays_so_at_another_404_and_is_asked_for_as_if_anew() -> None:
    gone = judged_of(looked_up((ANSWER, PAGE)).state, FetchError("gone", status=410)).state
    assert (gone.etag, gone.last_modified) == (None, None)

    outcome = judged_of(gone, NOT_FOUND)

    assert outcome.state == gone


@pytest.mark.parametrize("status", ["withdrawn", "gone"])
def test_a_page_that_is_live_again_is_news(status: PageStatus) -> None:
    live = looked_up((ANSWER, PAGE)).state
    ended = judged_of(live, (ANSWER, replace(PAGE, status=status, explanation="Under review."))).state

    outcome = judged_of(ended, (ANSWER, PAGE))

    assert (outcome.what, outcome.is_news) == ("restored", True)
    assert (outcome.state.news, outcome.state.note) == ("updated", NOTE.note)
    assert judged_of(outcome.state, (ANSWER, PAGE)).what == ""


def test_a_page_that_a_feed_tells_is_live_again_is_told_once() -> None:
    live = looked_up((ANSWER, PAGE)).state
    ended = judged_of(live, (ANSWER, replace(PAGE, status="withdrawn"))).state
    at = NOW + timedelta(days=9)

    outcome = judged_of(ended, (ANSWER, replace(PAGE, public_updated=at)), at, asked_for="hash2", updated=at)

    assert (outcome.what, outcome.is_news) == ("restored", False)


def test_a_page_that_was_not_there_at_the_first_look_is_read_as_at_a_first_look() -> None:
    gone = looked_up(FetchError("gone", status=410)).state

    outcome = judged_of(gone, (ANSWER, PAGE))

    assert (outcome.what, outcome.is_news, outcome.state.note) == ("updated", False, NOTE.note)


LATER = NOW + timedelta(days=3)
SECOND_NOTE = ChangeNote(LATER, "Added the steel annex.")
UPDATED = replace(PAGE, public_updated=LATER, history=(SECOND_NOTE, NOTE, FIRST_NOTE))


def test_a_major_update_that_no_feed_has_told_is_news_once() -> None:
    live = looked_up((ANSWER, PAGE)).state

    first = judged_of(live, (ANSWER, UPDATED), LATER)
    second = judged_of(first.state, (ANSWER, UPDATED), LATER, asked_for="hash2", updated=LATER)

    assert (first.what, first.is_news, first.state.note) == ("updated", True, SECOND_NOTE.note)
    assert first.item is not None
    assert first.item.updated == LATER
    assert (second.what, second.is_news, second.state.note) == ("", False, SECOND_NOTE.note)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_major_update_that_the_feed_has_told_is_its_revision(seconds: int) -> None:
    live = looked_up((ANSWER, PAGE)).state
    told = LATER + timedelta(seconds=seconds)

    outcome = judged_of(live, (ANSWER, UPDATED), LATER, asked_for="hash2", updated=told)

    assert (outcome.what, outcome.is_news) == ("updated", False)
    assert outcome.item is not None
    assert outcome.item.updated == told


def test_a_server_is_given_the_time_it_asks_for_up_to_a_day() -> None:
    for asked, granted in ((60.0, 0.5), (7200.0, 2.0), (1e9, 24.0)):
        outcome = looked_up(FetchError("busy", status=503, retry_after=asked))
        assert outcome.state.next_try == NOW + timedelta(hours=granted)


def test_a_page_that_is_gone_is_said_to_be_gone_and_is_no_failure() -> None:
    outcome = looked_up(FetchError("www.gov.uk answered 410 Gone", status=410, gone=True))

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


RULES = "rules: {sides: {uk: [UK], china: [China]}}"
SOURCES = "sources: [{id: govuk, govuk: {world_locations: [china]}}]"


def polled(folder: Path, status: int, *headers: str) -> list[float]:
    """When each page was asked for, in a poll of a feed of twelve, where every page answers so."""
    times: list[float] = []

    def page(request: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        lines = [f"HTTP/1.1 {status} So", "Content-Length: 0", *headers]
        request.wfile.write("\r\n".join([*lines, "", ""]).encode())

    with Loopback() as site:
        entries = "".join(ENTRY.format(n=n, hour=n) for n in range(12))
        site.serve("/search/news-and-communications.atom", FEED.format(entries=entries).encode())
        for n in range(12):
            site.handle(f"/api/content/government/news/uk-china-{n}", page)
        mirror = f'network: {{allow_private: ["{site.host}"], mirrors: {{www.gov.uk: "{site.url("")}"}}}}'
        (folder / "config.yaml").write_text("\n".join([mirror, SOURCES, RULES]), encoding="utf-8")
        assert monitor("poll", "--json", cwd=folder).json["new"] == 12
    return times


def test_requests_for_pages_come_no_faster_than_five_a_second(tmp_path: Path) -> None:
    times = polled(tmp_path, 404)

    assert len(times) == 12
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= round(1 / APART) + 1


@pytest.mark.parametrize(
    ("status", "headers", "least"), [(429, (), 1), (503, ("Retry-After: 3600",), 1), (503, (), 3)]
)
def test_a_host_that_is_unwell_is_asked_no_more_in_this_run(
    tmp_path: Path, status: int, headers: tuple[str, ...], least: int
) -> None:
    times = polled(tmp_path, status, *headers)

    assert least <= len(times) <= least + AT_ONCE - 1  # those under way
    with Store.open(tmp_path / "data" / "monitor.db") as store:
        states = [one.state for one in store.wanted_pages(NOW + timedelta(days=9000), limit=20)]
    assert sum(state.next_try is not None for state in states) == len(times)


def test_show_says_why_a_page_could_not_be_read(tmp_path: Path) -> None:
    polled(tmp_path, 429)

    shown = [monitor("show", str(number), cwd=tmp_path).out for number in (1, 12)]

    said = "page        not read: www.gov.uk answered 429 Too Many Requests"
    assert any(said in out and "tried 1 time\n" in out for out in shown)


def looked(folder: Path, text: str, *, within: float = 60.0) -> Judged:
    """A relevant item of no source in this config, after a look-up that finds nothing the rules know."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    config = load_config(folder / "config.yaml", {})
    nothing = Network(
        lambda *_: ANSWER, lambda *_: ParsedFeed("", ()), lambda *_: replace(PAGE, title="None")
    )
    with open_store(folder) as store:
        record(store, govuk("Of nothing"))
        look_up(config, store, nothing, NOW, within=within)
        judged = store.item(1)
    assert judged is not None
    return judged


def test_the_verdict_on_an_item_whose_source_left_the_config_stays(tmp_path: Path) -> None:
    judged = looked(tmp_path, f"{SOURCES}\n{RULES}")

    assert judged.page is not None
    assert judged.verdict == RELEVANT


def test_no_look_up_is_begun_when_the_time_for_it_is_over(tmp_path: Path) -> None:
    assert looked(tmp_path, f"{SOURCES}\n{RULES}", within=0.0).page is None
