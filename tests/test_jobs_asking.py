"""Lists that go on over several pages, asked of Parliament's interfaces on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor import parliament
from monitor.fetch import Fetcher
from monitor.jobs.asking import Answer, Asked, Network, answers, ask
from monitor.models import FeedState, Fetched, Outline, ParsedFeed, Source
from monitor.parse import ParseError
from monitor.sandbox import ParserPool

from .conftest import make_source
from .loopback import Canned, Loopback
from .parliament_site import Contribution, ParliamentSite, Publication, Question, Statement
from .program import monitor

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = date(2026, 3, 19)
LONDON_TIME = datetime(2026, 3, 19, 9)  # noqa: DTZ001 - without a zone, as all times of Parliament
HOSTS = (
    "questions-statements-api.parliament.uk",
    "committees-api.parliament.uk",
    "hansard-api.parliament.uk",
)


class Site(ParliamentSite):
    """Answers with `refused`, where there is one, whoever asks for a page after the first."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: Canned | None = None

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.refused and "skip=" in handler.path.lower():
            self.handle(handler.path, self.refused)
            super(ParliamentSite, self).answer(handler)
            return
        super().answer(handler)


@dataclass
class Asking:
    """The site, and how it is asked."""

    site: Site
    network: Network

    def list(self, list_: parliament.List, state: FeedState | None = None) -> Answer:
        source = listed(list_)
        return ask(self.network, Asked(source, state or FeedState(source.id)), NOW)


def listed(list_: parliament.List) -> Source:
    return make_source(
        url=parliament.address(list_, "China"),
        format=list_,
        kind="parliament",
        window=parliament.window(list_),
        timeout=5.0,
    )


@pytest.fixture
def asking() -> Iterator[Asking]:
    with (
        Site() as site,
        Fetcher(
            user_agent="test", allow_private=[site.host], mirrors=dict.fromkeys(HOSTS, site.url(""))
        ) as fetcher,
        ParserPool() as parser,
    ):
        yield Asking(site, Network(fetcher.fetch, parser.parse, parser.page))


def feed_of(answer: Answer) -> ParsedFeed:
    assert isinstance(answer.feed, ParsedFeed), answer
    return answer.feed


def add(site: ParliamentSite, list_: parliament.List, count: int) -> None:
    for n in range(count):
        title = f"China, part {n}"
        site.add(
            {
                "written-questions": Question(n, f"{n}", DAY, title, title),
                "written-statements": Statement(n, f"HCWS{n}", DAY, title, title),
                "committee-publications": Publication(n, LONDON_TIME, title),
                "hansard": Contribution(f"C{n}", f"D{n}", title, DAY, title),
            }[list_]
        )


@pytest.mark.parametrize(
    ("list_", "count", "asked"),
    [
        ("written-questions", 501, ["", "500"]),
        ("written-statements", 450, ["", "200", "400"]),
        ("committee-publications", 240, ["", "100", "200"]),
        ("hansard", 131, ["", "100"]),
        ("hansard", 100, [""]),
        ("hansard", 0, [""]),
    ],
)
def test_a_list_is_read_to_its_end_page_by_page(
    asking: Asking, list_: parliament.List, count: int, asked: list[str]
) -> None:
    add(asking.site, list_, count)

    feed = feed_of(asking.list(list_))

    assert len({item.key for item in feed.items}) == count
    assert (feed.rows, feed.total, feed.skipped) == (count, count, ())
    queries = [parse_qs(urlsplit(request.path.lower()).query) for request in asking.site.requests]
    skips = [query.get("skip", query.get("queryparameters.skip", [""]))[0] for query in queries]
    assert skips == asked


@pytest.mark.parametrize(
    ("list_", "count", "read", "pages"),
    [("committee-publications", 1_003, 1_000, 10), ("written-questions", 2_003, 2_000, 4)],
)
def test_what_is_beyond_the_last_page_that_is_asked_for_is_told_each_time(
    asking: Asking, list_: parliament.List, count: int, read: int, pages: int
) -> None:
    add(asking.site, list_, count)

    first = asking.list(list_)
    known = FeedState("gazette", url=listed(list_).url, body_hash=first.body_hash)
    second = asking.list(list_, known)

    for answer in (first, second):
        assert len(feed_of(answer).items) == read
        assert feed_of(answer).skipped == ("3 more than can be read: narrow the search",)
    assert asking.site.count() == 2 * pages


def test_of_debates_the_speeches_are_counted_and_one_on_two_pages_has_all_of_its_own(asking: Asking) -> None:
    for n in range(130):
        speech = f"Of China I say this: {n}."
        asking.site.add(Contribution(f"C{n}", "D-big", "China: embassy", DAY, speech, member=f"M {n}"))
    asking.site.add(Contribution("X", "D-small", "Steel: China", DAY, "China makes steel."))

    feed = feed_of(asking.list("hansard"))

    assert [item.title for item in feed.items] == ["China: embassy", "Steel: China"]
    assert (feed.rows, feed.total, feed.skipped) == (131, 131, ())
    assert all(f"I say this: {n}." in feed.items[0].text for n in range(130))
    assert feed.items[0].summary.startswith("M 0: Of China")


def test_a_change_on_a_later_page_alone_is_seen(asking: Asking) -> None:
    add(asking.site, "written-questions", 501)
    first = asking.list("written-questions")
    state = FeedState("gazette", url=listed("written-questions").url, body_hash=first.body_hash)

    assert asking.list("written-questions", state).feed is None
    oldest = asking.site.entries[0]
    assert isinstance(oldest, Question)
    asking.site.answer_question(oldest, date(2026, 3, 20), "Yes.")

    changed = feed_of(asking.list("written-questions", state))
    assert "Yes." in changed.items[-1].text


def test_no_validator_of_the_first_page_is_kept_for_all(asking: Asking) -> None:
    add(asking.site, "hansard", 101)
    plain = asking.network
    asking.network = plain._replace(fetch=lambda one, state: replace(plain.fetch(one, state), etag='"1"'))

    result = asking.list("hansard").result

    assert not isinstance(result, Exception)
    assert result.etag is None


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (Canned(b"busy", 503, "text/plain"), "answered 503"),
        (Canned(b"<!doctype html><title>Wait</title>", 200, "text/html"), "titled “Wait”"),
        (Canned(b'{"items": [{}], "totalResults": 240}'), "none could be read"),
    ],
)
def test_a_later_page_that_cannot_be_read_is_told_and_the_pages_before_it_are_kept(
    asking: Asking, refused: Canned, why: str
) -> None:
    add(asking.site, "committee-publications", 240)
    asking.site.refused = refused

    feed = feed_of(asking.list("committee-publications"))

    assert len(feed.items) == 100
    assert len(feed.skipped) == 1
    assert feed.skipped[0].startswith("140 more than could be read: ")
    assert why in feed.skipped[0]


def test_a_list_that_counts_more_than_it_gives_is_not_asked_for_ever(asking: Asking) -> None:
    add(asking.site, "committee-publications", 240)
    asking.site.refused = Canned(b'{"items": [], "totalResults": 240}')

    feed = feed_of(asking.list("committee-publications"))

    assert asking.site.count() == 2
    assert feed.skipped == ("140 more than can be read: narrow the search",)


def test_no_further_page_is_asked_for_once_the_program_is_stopping(asking: Asking) -> None:
    add(asking.site, "committee-publications", 240)
    source = listed("committee-publications")

    ask(asking.network, Asked(source, FeedState(source.id)), NOW, lambda: True)

    assert asking.site.count() == 1


def test_poll_stores_all_pages_and_says_what_it_left(tmp_path: Path) -> None:
    with ParliamentSite() as site:
        add(site, "committee-publications", 1_004)
        add(site, "hansard", 131)
        mirrors = ", ".join(f'{host}: "{site.url("")}"' for host in HOSTS)
        (tmp_path / "config.yaml").write_text(
            f"""
network: {{allow_private: ["{site.host}"], mirrors: {{{mirrors}}}}}
sources:
  - {{id: c, parliament: {{list: committee-publications, search: China}}}}
  - {{id: h, parliament: {{list: hansard, search: China}}}}
rules: {{sides: {{uk: [UK], china: [China]}}}}
""",
            encoding="utf-8",
        )

        ran = monitor("--now", NOW.isoformat(), "poll", cwd=tmp_path)

    assert ran.code == 0, ran.err
    rows = {line.split()[0]: line for line in ran.out.splitlines() if line.strip()}
    assert "4 more than can be read: narrow the search" in rows["c"]
    assert "1000" in rows["c"]
    assert "131" in rows["h"]


def reading(*answers: ParsedFeed) -> tuple[Network, list[bytes]]:
    """A network whose reader answers so, one after the other, and the outlines that it was asked with."""
    told, outlines = iter(answers), []

    def parse(_source: Source, _fetched: Fetched, before: bytes) -> ParsedFeed:
        outlines.append(before)
        return next(told)

    body = Fetched("gazette", "https://gazette.example/feed", 200, b"<rss/>")
    return Network(lambda *_: body, parse, lambda *_: pytest.fail("no page")), outlines


KNOWN = Outline(b"marks", (7,))


@pytest.mark.parametrize("place", [1, -1, True])
def test_an_outline_that_does_not_fit_what_is_read_has_the_document_read_whole(place: int) -> None:
    whole = ParsedFeed("Gazette", (), entries=())
    network, outlines = reading(ParsedFeed("Gazette", (), entries=(0, place)), whole)
    source = make_source()

    answer = ask(network, Asked(source, FeedState(source.id), KNOWN), NOW)

    assert (answer.feed, outlines) == (whole, [b"marks", b""])


def test_a_reader_that_names_entries_nobody_knows_is_not_believed() -> None:
    misplaced = ParsedFeed("Gazette", (), entries=(3,))
    network, _ = reading(misplaced, misplaced)
    source = make_source()

    answer = ask(network, Asked(source, FeedState(source.id), KNOWN), NOW)

    assert isinstance(answer.feed, ParseError)


def asked_of(site: Loopback, paths: int) -> Iterator[Asked]:
    for n in range(paths):
        source = make_source(id=f"s{n}", url=site.url(f"/{n}"), timeout=20.0)
        yield Asked(source, FeedState(source.id))


def no_page(*_: object) -> NoReturn:
    pytest.fail("nothing to be read")


def test_servers_that_answer_late_are_asked_as_many_at_a_time_as_the_config_allows() -> None:
    together = threading.Barrier(8, timeout=20)
    with Loopback() as site, Fetcher(user_agent="test", allow_private=[site.host], per_host=8) as fetcher:
        for n in range(16):
            # Each waits for seven others: with fewer at a time none would ever answer.
            site.handle(f"/{n}", lambda request: (together.wait(), request.send_error(500)))
        got = list(
            answers(asked_of(site, 16), Network(fetcher.fetch, no_page, no_page), NOW, 8, lambda: False)
        )

    assert {one.source.id for one, _ in got} == {f"s{n}" for n in range(16)}
    assert {getattr(answer.result, "status", None) for _, answer in got} == {500}


def test_no_more_are_asked_at_a_time_than_the_config_allows() -> None:
    inside, most = 0, 0
    changed = threading.Condition()

    def count(request: BaseHTTPRequestHandler) -> None:
        nonlocal inside, most
        with changed:
            inside += 1
            most = max(most, inside)
            changed.notify_all()
            # Until three are here, or a fourth would have had the time to come.
            changed.wait_for(lambda: inside > 3, timeout=0.2)
            inside -= 1
        request.send_error(500)

    with Loopback() as site, Fetcher(user_agent="test", allow_private=[site.host], per_host=8) as fetcher:
        for n in range(9):
            site.handle(f"/{n}", count)
        list(answers(asked_of(site, 9), Network(fetcher.fetch, no_page, no_page), NOW, 3, lambda: False))

    assert most == 3


def failing(error: Exception) -> Callable[[Source, FeedState], Fetched]:
    def fetch(_source: Source, _state: FeedState) -> Fetched:
        raise error

    return fetch


def test_a_mistake_of_ours_in_a_thread_is_not_hidden() -> None:
    network = Network(failing(ZeroDivisionError("ours")), no_page, no_page)

    with Loopback() as site, pytest.raises(ZeroDivisionError, match="ours"):
        list(answers(asked_of(site, 3), network, NOW, 2, lambda: False))


def test_once_told_to_stop_nothing_more_is_asked() -> None:
    with Loopback() as site, Fetcher(user_agent="test", allow_private=[site.host]) as fetcher:
        for n in range(200):
            site.redirect(f"/{n}", f"/{n}", status=301)
        got: list[str] = []
        for one, _ in answers(
            asked_of(site, 200), Network(fetcher.fetch, no_page, no_page), NOW, 2, lambda: len(got) >= 5
        ):
            got.append(one.source.id)

    assert len(got) == 5
    # Four were under way, and none was begun after that.
    assert len({request.path for request in site.requests}) <= 5 + 4
