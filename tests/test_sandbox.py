"""Parsing in child processes, hostile documents first: bounded time and memory, and the next feed goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import Fetched, Page, PageFormat, ParsedFeed, Source
from monitor.parse import ParseError, parse_feed, parse_page
from monitor.sandbox import MIB, ParserPool
from monitor.sandbox.answers import NONSENSE, error_in, feed_in, page_in
from monitor.sandbox.work import page_answer

from .conftest import PROJECT, make_source

SOURCE = make_source()
GOOD = b"<rss version='2.0'><channel><item><title>Tea</title><link>/a</link></item></channel></rss>"
# Attributes cost feedparser quadratic time, so this never ends within a test's patience.
ENDLESS = (
    b"<rss version='2.0'><channel><item "
    + b" ".join(b"a%d='1'" % n for n in range(200_000))
    + b"/></channel></rss>"
)


def fetched(body: bytes) -> Fetched:
    return Fetched("gazette", "https://gazette.example/feed", 200, body, "text/xml")


def rss(item: str, before: str = "", times: int = 1) -> bytes:
    return f"{before}<rss version='2.0'><channel><title>T</title>{item * times}</channel></rss>".encode()


def described(words: str) -> bytes:
    return rss(f"<item><title>Tea</title><description>{words}</description></item>")


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(cpu_seconds=2, wall_seconds=10) as parsers:
        yield parsers


def outcome(pool: ParserPool, body: bytes) -> str:
    """What became of a document, in a word or an error's sentence."""
    try:
        feed = pool.parse(SOURCE, fetched(body))
    except ParseError as error:
        return str(error)
    return f"{len(feed.items)} items"


def resident(pid: int) -> int:
    """The most memory that a process ever held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def processor_ticks(pid: int) -> int:
    """Processor time that a process has used, in hundredths of a second."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11])


def children() -> set[int]:
    """The processes that this one started and that have not been waited for, zombies included."""
    task = Path(f"/proc/{os.getpid()}/task")
    return {int(pid) for path in task.glob("*/children") for pid in path.read_text(encoding="ascii").split()}


class Reading:
    """A document that the first child of a pool is at work on, in a thread of its own."""

    def __init__(self, pool: ParserPool, body: bytes) -> None:
        before = children()
        assert outcome(pool, GOOD) == "1 items"
        (self.child,) = children() - before
        idle = processor_ticks(self.child)
        self._results: list[str] = []
        self._thread = threading.Thread(target=lambda: self._results.append(outcome(pool, body)))
        self._thread.start()
        while processor_ticks(self.child) < idle + 10:  # until it is at work on the document
            pass

    def result(self) -> str:
        """What became of it; waits for that."""
        self._thread.join()
        (result,) = self._results
        return result


def test_a_child_gives_what_the_parser_gives(pool: ParserPool) -> None:
    body = """
        <feed xmlns='http://www.w3.org/2005/Atom' xml:lang='zh'><title>茶</title><entry><id>1</id>
        <title>茶壶</title><link href='/a'/><updated>2026-01-29T08:30:00Z</updated>
        <published>2026-01-28T08:30:00Z</published><summary>s</summary><content>longer text</content></entry>
        <entry/></feed>""".encode()

    feed = pool.parse(SOURCE, fetched(body))

    assert feed == parse_feed(SOURCE, fetched(body))
    assert feed.skipped
    assert feed.items[0].published


ONE_LINE_LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">{}]>'.format(
    "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
)
# What expat refuses to expand, feedparser's fallback would: 56 kB become 100 MB.
EXPANSION = f"<?xml version='1.0'?><!-- x --><!DOCTYPE l [<!ENTITY a '{'A' * 28_000}'>]>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rss("<item><title>&l9;</title></item>", ONE_LINE_LAUGHS), "XML entities"),
        (rss(f"<item><title>{'&a;' * 9_000}</title></item>", EXPANSION), "XML entities"),
        (rss("<item><title>Tea</title></item>", '<?xml version="1.0"?>' + "\n" * 200_000), "1 items"),
        (rss("<item><title>Tea</title></item>", "<!-- x -->" + "\n" * 200_000), "1 items"),
        (described("<!--" * 50_000), "1 items"),
        (described("<![CDATA[" + "<!--" * 50_000 + "]]>"), "1 items"),
        (described("&lt;!--" * 50_000), "1 items"),
        (described("& " * 50_000), "1 items"),
        (rss("<![CDATA[" * 100_000), "broken XML"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 500_000, "nested too deeply"),
        (b"/etc/passwd", "plain text, not a feed"),
        (b"http://127.0.0.1:9/feed.xml", "plain text, not a feed"),
        (b"/dev/zero", "plain text, not a feed"),
    ],
    ids=[
        "billion laughs on one line",
        "expansion that expat refuses",
        "newlines before the root",
        "newlines after a comment",
        "comments in a description",
        "comments in CDATA",
        "escaped comments",
        "bare ampersands",
        "nested CDATA",
        "nested JSON",
        "a path as body",
        "an address as body",
        "a device as body",
    ],
)
def test_a_hostile_document_costs_little(pool: ParserPool, body: bytes, expected: str) -> None:
    assert expected in outcome(pool, body)
    assert outcome(pool, GOOD) == "1 items"


@pytest.mark.parametrize(
    "body",
    [
        ENDLESS,
        rss("<item><title>Tea</title>" + "<a>" * 200_000 + "</a>" * 200_000 + "</item>"),
        described("<a>" * 200_000),
        rss("<item><title>Tea</title><link>/a</link></item>", times=10_000),
    ],
    ids=["attributes", "nested elements", "nested elements in a description", "items"],
)
def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_read(body: bytes) -> None:
    started = time.monotonic()
    with ParserPool(cpu_seconds=1, wall_seconds=10) as pool:
        result = outcome(pool, body)

        assert "seconds" in result or "items" in result  # a fast machine may get through some of them
        assert time.monotonic() - started < 12
        assert outcome(pool, GOOD) == "1 items"


def test_processor_time_is_limited_for_each_document_not_for_all() -> None:
    with ParserPool(cpu_seconds=2) as pool:
        heavy = rss("<item><title>Tea</title><link>/a</link></item>", times=1_500)

        assert [outcome(pool, heavy) for _ in range(8)] == ["1 items"] * 8
        assert "2 seconds of processor time" in outcome(pool, ENDLESS)


def test_wall_time_is_limited() -> None:
    before = children()
    with ParserPool(wall_seconds=0.5) as pool:
        assert "longer than 0.5 seconds" in outcome(pool, ENDLESS)
        assert children() == before


def test_memory_is_limited() -> None:
    body = rss(
        f"<item><title>Tea</title><description>{'clay ' * 20_000}</description><guid>{{}}</guid></item>",
        times=80,
    )

    before = children()
    with ParserPool(memory=40 * MIB) as small:
        assert "memory" in outcome(small, body)
        assert outcome(small, GOOD) == "1 items"
    with ParserPool() as usual:
        assert "items" in outcome(usual, body)
        (child,) = children() - before
        assert resident(child) < 300 * MIB


def test_a_child_stays_for_the_next_document_and_is_gone_after_close() -> None:
    before = children()
    with ParserPool() as pool:
        outcome(pool, GOOD)
        started = children() - before
        outcome(pool, GOOD)
        assert children() - before == started
        assert len(started) == 1

    assert children() == before
    with pytest.raises(RuntimeError, match="closed"):
        pool.parse(SOURCE, fetched(GOOD))


def test_no_child_is_started_before_it_is_needed() -> None:
    before = children()

    with ParserPool(workers=3):
        assert children() == before


def test_a_killed_child_is_replaced() -> None:
    before = children()
    with ParserPool() as pool:
        outcome(pool, GOOD)
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)

        results = {outcome(pool, GOOD), outcome(pool, GOOD)}

    assert "1 items" in results
    assert children() == before


def test_ctrl_c_does_not_reach_the_children() -> None:
    before = children()
    with ParserPool() as pool:
        outcome(pool, GOOD)
        (child,) = children() - before
        os.kill(child, signal.SIGINT)

        assert outcome(pool, GOOD) == "1 items"
        assert os.getsid(child) != os.getsid(0)


def test_many_threads_share_a_pool() -> None:
    with ParserPool(workers=2) as pool:
        results: list[ParsedFeed] = []
        threads = [
            threading.Thread(
                target=lambda n=n: results.append(
                    pool.parse(make_source(f"s{n}"), fetched(GOOD.replace(b"Tea", b"Tea %d" % n)))
                )
            )
            for n in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    titles = {(feed.items[0].source_id, feed.items[0].title) for feed in results}
    assert titles == {(f"s{n}", f"Tea {n}") for n in range(12)}


def test_closing_ends_a_document_that_is_being_read() -> None:
    pool = ParserPool(wall_seconds=60, cpu_seconds=60)
    reading = Reading(pool, ENDLESS)
    started = time.monotonic()

    pool.close()

    assert "killed" in reading.result()
    assert time.monotonic() - started < 5


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of its own that uses a pool."""
    prelude = (
        "import os, signal, sys, time; from datetime import timedelta; from pathlib import Path\n"
        "from monitor.models import Fetched, Source; from monitor.sandbox import ParserPool\n"
        "source = Source('s', 'S', 'https://s.example/', 'other', 'S', timedelta(hours=1), 10**7, 30.0)\n"
        f"good = Fetched('s', 'https://s.example/', 200, {GOOD!r})\n"
        "def child():\n"
        "    me = os.getpid()\n"
        "    return int(Path(f'/proc/{me}/task/{me}/children').read_text().split()[0])\n"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", prelude + script, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=PROJECT,
    )


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
            return True  # ended; whoever adopted it has not waited yet
    return False


def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    result = run(
        "pool = ParserPool(); pool.parse(source, good); print(child(), flush=True); os.kill(os.getpid(), 9)"
    )

    assert result.returncode == -signal.SIGKILL
    assert gone(int(result.stdout))


def test_a_program_that_forgets_to_close_ends_quietly() -> None:
    result = run("pool = ParserPool(); feed = pool.parse(source, good); print(child(), feed.items[0].title)")

    pid, title = result.stdout.split()
    assert (result.returncode, result.stderr, title) == (0, "", "Tea")
    assert gone(int(pid))


def test_a_child_gets_no_secrets_and_no_open_files() -> None:
    result = run(
        "os.environ['MONITOR_SMTP_PASSWORD'] = 'canary'\n"
        "handle = open('README.md')\n"
        "os.set_inheritable(handle.fileno(), True)\n"
        "with ParserPool() as pool:\n"
        "    pool.parse(source, good)\n"
        "    print('canary' in Path(f'/proc/{child()}/environ').read_text())\n"
        "    print(sorted(os.listdir(f'/proc/{child()}/fd')))\n"
        "handle.close()"
    )

    assert result.stderr == ""
    assert result.stdout.splitlines() == ["False", "['0', '1', '2']"]


def test_it_works_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger was imported')", encoding="utf-8")

    result = run(
        f"os.chdir({str(tmp_path)!r})\nwith ParserPool() as pool: print(len(pool.parse(source, good).items))"
    )

    assert result.stdout == "1\n"


def test_a_pool_belongs_to_its_sources(pool: ParserPool) -> None:
    other: Source = make_source("other")

    assert {item.source_id for item in pool.parse(other, fetched(GOOD)).items} == {"other"}


ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "title", "items", "skipped", "published", "updated", "key", "status"]),
            inner,
        )
        | st.fixed_dictionaries(dict.fromkeys(Page.__dataclass_fields__, inner | st.just("live")))
    ),
)


@given(ANSWERS)
def test_an_answer_of_any_form_is_a_feed_a_page_an_error_or_known_nonsense(answer: object) -> None:
    for opened, kind in ((partial(feed_in, source=SOURCE), ParsedFeed), (page_in, Page)):
        try:
            result = error_in(answer) or opened(answer)
        except NONSENSE:
            result = ParseError("the parser's answer could not be read")

        assert isinstance(result, kind | ParseError)


def test_a_page_of_unknown_status_is_nonsense() -> None:
    answer = page_answer(ARTICLE, "article", "https://a.example/", "text/html")
    assert page_in(answer).text

    with pytest.raises(NONSENSE):
        page_in(answer | {"status": "burnt"})


# ------------------------------------------------------------------------------------------- pages

CONTENT = b"""{
    "document_type": "press_release", "title": "Tea", "base_path": "/tea",
    "first_published_at": "2026-01-28T08:30:00+00:00", "public_updated_at": "2026-01-29T09:30:00+01:00",
    "links": {"organisations": [{"title": "Department for Teapots"}, {"title": "Kettle Office"}]},
    "details": {"body": "<p>Words.</p>", "change_history": [
        {"public_timestamp": "2026-01-29T08:30:00Z", "note": "New lids."},
        {"public_timestamp": "2026-01-28T08:30:00Z", "note": "First published."}]}}"""
PARAGRAPHS = b"".join(
    b"<p>Minister %d said that exports of porcelain to China rose again, and that talks would go on.</p>" % n
    for n in range(5)
)
ARTICLE = b"<html><head><title>Tea</title></head><body><article>" + PARAGRAPHS + b"</article></body></html>"


def page_or_error(pool: ParserPool, body: bytes, form: PageFormat = "article") -> Page | str:
    try:
        return pool.page(form, fetched(body))
    except ParseError as error:
        return str(error)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("govuk-content", CONTENT),
        ("govuk-content", b'{"document_type": "gone", "details": {"explanation": "Burnt"}}'),
        ("govuk-content", b'{"document_type": "redirect", "redirects": [{"destination": "/kettles"}]}'),
        ("article", ARTICLE),
    ],
)
def test_a_child_gives_the_page_that_the_parser_gives(
    pool: ParserPool, form: PageFormat, body: bytes
) -> None:
    page = pool.page(form, fetched(body))

    assert page == parse_page(form, "https://gazette.example/feed", body, "text/xml")
    assert page != Page()


def test_feeds_and_pages_share_a_child(pool: ParserPool) -> None:
    assert outcome(pool, GOOD) == "1 items"
    before = children()

    assert isinstance(page_or_error(pool, ARTICLE), Page)
    assert "JSON" in str(page_or_error(pool, b"{}"))
    assert "plain text" in str(page_or_error(pool, b"no json", "govuk-content"))
    assert "an empty answer" in str(page_or_error(pool, b""))
    assert outcome(pool, GOOD) == "1 items"
    assert children() == before


def test_that_a_feed_has_ended_is_known_outside_the_child(pool: ParserPool) -> None:
    ended = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>"
        b"<id>tag:www.gov.uk,2005:/search/x/feed-ended</id><title>This feed has ended</title></entry></feed>"
    )

    with pytest.raises(ParseError, match="has ended") as failure:
        pool.parse(SOURCE, fetched(ended))
    assert failure.value.ended

    with pytest.raises(ParseError) as failure:
        pool.parse(SOURCE, fetched(b"<html/>"))
    assert not failure.value.ended


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<div>" * 1_000_000,
        "<div>" * 49_000,
        "<b><i><p>" * 16_000,
        "<ul><li>" * 24_000,
        "<p>" + "word " * 1_000_000,
        "<p>" + "x" * 5_000_000,
        "<p>" + "&lt;" * 500_000,
        "<!--" * 10_000,
        "<div " + " ".join(f"a{number}=1" for number in range(200_000)) + ">",
    ],
    ids=[
        "100,000 nested",
        "5 MB of nested elements",
        "as many as are allowed",
        "nested formatting",
        "nested lists",
        "one long paragraph",
        "one long word",
        "escapes",
        "comments",
        "attributes",
    ],
)
def test_a_hostile_page_costs_no_more_than_the_limits(html: str) -> None:
    started = time.monotonic()
    before = children()
    with ParserPool(cpu_seconds=2, wall_seconds=10) as pool:
        result = page_or_error(pool, f"<html><body>{html}".encode() + PARAGRAPHS)

        assert isinstance(result, Page) or result
        assert time.monotonic() - started < 12
        assert all(resident(child) < 300 * MIB for child in children() - before)
        assert isinstance(page_or_error(pool, ARTICLE), Page)


def test_a_document_costs_no_library_that_only_articles_need() -> None:
    result = run(
        "with ParserPool() as pool:\n"
        "    pool.parse(source, good)\n"
        "    maps = Path(f'/proc/{child()}/maps').read_text()\n"
        "    print('lxml' in maps)\n"
        "    page = Fetched('s', 'https://s.example/a', 200, sys.argv[1].encode())\n"
        "    print(len(pool.page('article', page).text) > 200)\n"
        "    print('lxml' in Path(f'/proc/{child()}/maps').read_text())\n"
        "print('trafilatura' in sys.modules, 'lxml' in sys.modules)",
        ARTICLE.decode(),
    )

    assert result.stderr == ""
    assert result.stdout.splitlines() == ["False", "True", "True", "False False"]
