"""What must hold of the program's entries whatever they are given. One function each; AssertionError tells.

Time is bounded by the runners, for all alike: see `Target.seconds`.
"""

from __future__ import annotations

import contextlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit
from zlib import crc32

from monitor.classify import RuleBook, TermError, compile_term
from monitor.classify.nodes import AtLeast, Both, Either, InTitle, Near, Node, Phrase, Same, Without, Word
from monitor.classify.term import MAX_LENGTH
from monitor.config import ConfigError, Examined, describe, parse
from monitor.config.files import file_text
from monitor.config.lint import lint
from monitor.config.reading import examine_text
from monitor.config.tree import lines_of
from monitor.models import Fetched, Format, Item, PageStatus, ParsedFeed, Problem, RuleSpec, Source
from monitor.parse import ParseError, parse_feed, parse_page
from monitor.parse.dates import CHINA, FIRST_YEAR, parse_date
from monitor.parse.prose import readable
from monitor.text import clean_url, first_sentence, fold, identity_url, mailbox, names_in, plain, words
from monitor.text.boilerplate import strip_boilerplate
from monitor.text.html import paragraphs
from monitor.text.urls import MAX_URL

from ..conftest import PROJECT, make_item, make_source
from ..parts import is_same, pieces_of

HERE = Path(__file__).parent
DATA = PROJECT / "tests" / "data"
LONGEST_ERROR = 1_000
"""Characters: an error stands in one line of a table."""

_TAG = re.compile(r"<[A-Za-z/!?]")
_FORMATS: tuple[Format, ...] = get_args(Format)
_STATUSES: tuple[PageStatus, ...] = get_args(PageStatus)
_CONTENT_TYPES = ("", "text/xml", "text/xml; charset=gb2312", "application/rss+xml; charset=ISO-8859-1")
_URL = "https://gazette.example/feeds/main.xml"

SECRET = "canary-6f1d9e"
"""To be looked for in messages."""
ENVIRON = {"HOME": "/home/reader", "MAIL_PASSWORD": SECRET, "PORT": "2525", "BELL": "\x07"}


def feeds(data: bytes) -> None:
    """A source's answer: items within limits or ParseError, as `parse_feed` promises."""
    checksum = crc32(data)
    content_type = _CONTENT_TYPES[checksum % len(_CONTENT_TYPES)]
    formats = _FORMATS if data.lstrip()[:1] == b"{" else ("feed",)
    for format in formats:  # noqa: A001 - its name
        source = make_source(
            kind="state-media" if checksum & 64 else "uk-media",
            format=format,
            strip=("Sponsored",) if checksum & 128 else (),
        )
        fetched = Fetched("gazette", _URL, 200, data, content_type)
        try:
            feed = parse_feed(source, fetched)
        except ParseError as error:
            _is_an_error_for_people(str(error))
            continue
        _is_feed(feed)
        _is_same_in_parts(source, fetched, feed)


def _is_same_in_parts(source: Source, fetched: Fetched, whole: ParsedFeed) -> None:
    """The same items come out after other documents: itself, every second entry, all but the first ones."""
    pieces = pieces_of(fetched.body or b"")
    if not pieces or not whole.outline:
        return
    befores = [whole]
    for kept in (pieces.entries[::2], pieces.entries[1:], pieces.entries[2:]):
        with contextlib.suppress(ParseError):  # where no entry is left
            befores.append(parse_feed(source, replace(fetched, body=pieces.with_only(kept))))
    for before in befores:
        assert is_same(parse_feed(source, fetched, before.outline), before, whole)


def _is_feed(feed: ParsedFeed) -> None:
    _is_plain(feed.title)
    assert 0 < len(feed.title) <= 500
    assert feed.rows >= 0
    assert feed.total is None or feed.total >= 0
    assert len(feed.items) <= 2_000
    assert len({item.key for item in feed.items}) == len(feed.items), "a key twice"
    for item in feed.items:
        _is_item(item)
    # What goes from the parser's process to the next.
    told = [(item.key, item.guid, item.url, item.title, item.summary, item.text) for item in feed.items]
    assert json.loads(json.dumps(told, ensure_ascii=False).encode()) == [list(one) for one in told]


def _is_item(item: Item) -> None:
    assert item.key
    assert item.title
    assert re.fullmatch("[a-z]{2,3}", item.lang)
    limits = {"title": 500, "guid": 1_024, "summary": 20_000, "text": 100_000, "outlet": 600, "key": 2_100}
    for name, limit in limits.items():
        text = getattr(item, name)
        assert len(text) <= limit, f"{name} has {len(text)} characters"
        _is_plain(text)
    _is_address(item.url)
    for moment in (item.published, item.updated):
        _is_moment(moment)


def pages(data: bytes) -> None:
    """One page: its words within limits or ParseError, as `parse_page` promises."""
    for format in ("article", "govuk-content"):  # noqa: A001 - its name
        try:
            page = parse_page(format, "https://www.gov.uk/api/content/china", data, "text/html")
        except ParseError as error:
            _is_an_error_for_people(str(error))
            continue
        assert page.status in _STATUSES
        assert len(page.title) <= 500
        assert len(page.text) <= 100_000
        for text in (page.title, page.text, page.explanation, page.document_type, *page.organisations):
            _is_plain(text)
        _is_address(page.moved_to)
        for moment in (page.first_published, page.public_updated, *(note.at for note in page.history)):
            _is_moment(moment)
        for note in page.history:
            _is_plain(note.note)
            assert note.note


def text(data: bytes) -> None:
    """A text in no known form, half characters included: plain words, an address, a date, words."""
    given = data.decode("utf-8", "surrogateescape")
    line = plain(given)
    _is_plain(line)
    assert line == " ".join(paragraphs(given).split())
    for limit in (20, 300):
        assert len(readable(given, limit)) <= limit
        _is_plain(readable(given, limit))
    assert len(strip_boilerplate(given)) <= len(given)
    first_sentence(line)
    names_in([(line, ())], set())
    fold(given)
    _is_cut(given)
    _are_addresses(given)
    for clock in (UTC, CHINA):
        _is_moment(parse_date(given, clock))
    _is_mailbox(given)


def _is_cut(given: str) -> None:
    """Words stand one behind the other, each where it can be quoted from."""
    cut = words(given)
    before = 0
    assert all(cut.forms)
    for start, end in zip(cut.starts, cut.ends, strict=True):
        assert before <= start < end <= len(given)
        before = start
    assert len(cut.form) == 0 or cut.first_sentence_end <= len(cut.form)


def _are_addresses(given: str) -> None:
    for base in ("", "https://gazette.example/world/"):
        shown = clean_url(given, base)
        _is_address(shown)
        assert clean_url(shown) == shown, f"another address the second time: {clean_url(shown)}"
        same = identity_url(given, base)
        assert bool(same) >= bool(shown)
        assert not shown or identity_url(shown) == same, f"{identity_url(shown)} is not {same}"


def _is_mailbox(given: str) -> None:
    try:
        name, address = mailbox(given)
    except ValueError:
        return
    assert name.isprintable()
    assert address.isprintable()
    assert len(address.encode()) <= 254
    assert mailbox(address) == ("", address)


def rules(data: bytes) -> None:
    """A term (first line), and a title, summary and text to look for it in (the lines after it)."""
    source, title, summary, body = (data.decode("utf-8", "surrogateescape") + "\n" * 3).split("\n", 3)
    try:
        term = compile_term(source)
    except TermError as error:
        _is_within(error, source)
        return
    assert 0 < term.weight <= 9
    again = written(term.node)
    assert len(again) > MAX_LENGTH or compile_term(again).node == term.node, f"written as {again}"
    item = make_item(title, summary=summary, text=body)
    for spec in (
        RuleSpec(uk=(source,), china=("China", "中国"), topics=(("trade", (source, "steel*")),)),
        RuleSpec(uk=("UK", "London"), china=(source,), ignore=(source,), elsewhere=("Wales", source)),
    ):
        _judges(RuleBook(spec), item)
    if isinstance(term.node, Phrase):
        own = " ".join(_form(word) for word in term.node.words)
        found = RuleBook(RuleSpec(uk=(source,), china=())).places(replace(item, title=own))
        assert any(match.where == "title" for match in found), f"{source!r} is not found in {own!r}"


def _is_within(error: TermError, source: str) -> None:
    assert error.message
    assert 0 <= error.column <= len(source)


def _judges(book: RuleBook, item: Item) -> None:
    verdict = book.classify(item)
    assert verdict.reason
    for match in verdict.matches:
        field = getattr(item, match.where)
        assert match.text
        assert field[match.start :].startswith(match.text)
    for ignored in book.ignored(item):
        assert ignored


def written(node: Node) -> str:
    """The term that gives this tree, with no more parentheses than are needed."""
    return _written(node, 0)


def _written(node: Node, within: int) -> str:  # noqa: PLR0911 - one case a node
    match node:
        case Phrase(words):
            return " ".join(f"{_form(word)}*" if word.open_ended else f'"{_form(word)}"' for word in words)
        case InTitle(inner):
            return f"title: {_written(inner, 3)}"
        case AtLeast(inner, count):
            return f"ATLEAST/{count} {_written(inner, 3)}"
        case Either(nodes):
            return _bracketed(" OR ".join(_written(part, 1) for part in nodes), 0, within)
        case Both(nodes):
            first, *others = nodes
            parts = [_written(first, 1), *(_written(part, 2) for part in others)]
            return _bracketed(" AND ".join(parts), 1, within)
        case Without(wanted, unwanted):
            return _bracketed(f"{_written(wanted, 1)} NOT {_written(unwanted, 2)}", 1, within)
        case Near(left, right, distance):
            return _bracketed(f"{_written(left, 2)} NEAR/{distance} {_written(right, 3)}", 2, within)
        case Same(left, right):
            return _bracketed(f"{_written(left, 2)} SAME {_written(right, 3)}", 2, within)


def _bracketed(text: str, binding: int, within: int) -> str:
    return f"({text})" if binding < within else text


def _form(word: Word) -> str:
    letters = list(word.fold)
    for at, capital in word.capitals:
        letters[at] = capital
    return "".join(letters)


def config(data: bytes) -> None:
    """A config: settings, or problems each with a place inside the file and without what is secret."""
    file = Path("/etc/monitor/config.yaml")
    try:
        given = file_text(data, file)
    except ConfigError as error:
        _are_problems(error.problems, lines_of(data.decode("utf-8-sig", "replace")))
        return
    lines = lines_of(given)
    examined = examine_text(given, file, ENVIRON)
    _are_problems(examined.problems, lines)
    if examined.document:
        _are_problems(lint(examined.document), lines)
    try:
        settings = parse(given, file=file, environ=ENVIRON)
    except ConfigError as error:
        _is_refusal(error, examined)
        return
    assert examined.config is not None
    assert SECRET not in repr(settings.mail)
    assert settings.database.is_absolute()


def _is_refusal(error: ConfigError, examined: Examined) -> None:
    assert examined.config is None
    assert error.problems == examined.problems
    assert any(problem.severity == "error" for problem in error.problems)
    assert SECRET not in error.told(colour=True)


def _are_problems(problems: tuple[Problem, ...], lines: list[str]) -> None:
    for problem in problems:
        assert problem.message
        assert 1 <= problem.line <= len(lines), f"line {problem.line} of {len(lines)}: {problem}"
        width = len(lines[problem.line - 1])
        assert 1 <= problem.column <= width + 1, f"column {problem.column} of {width}: {problem}"
        told = describe(problem)
        assert SECRET not in f"{problem!r} {told}"
        assert problem.excerpt in ("", lines[problem.line - 1]) or "***" in problem.excerpt


# ------------------------------------------------------------------------------ what holds in many places


def _is_plain(given: str) -> None:
    """One line of visible text: nothing that a browser or a terminal would take for more."""
    assert not _TAG.search(given), f"markup: {_TAG.search(given)}"
    _is_visible(given)
    assert given == " ".join(given.split()), "more than one line"


def _is_visible(given: str) -> None:
    hidden = [char for char in given if unicodedata.category(char) in ("Cc", "Cs") or char in "\u202e\u2066"]
    assert not hidden, f"control characters: {hidden}"


def _is_an_error_for_people(message: str) -> None:
    assert message
    assert len(message) <= LONGEST_ERROR, f"{len(message)} characters"
    _is_visible(message)


def _is_address(url: str) -> None:
    if not url:
        return
    assert url.isascii()
    assert url.isprintable()
    assert not set(url) & set(" <>\"'\\`") - {"'"}, url
    assert len(url) <= MAX_URL
    parts = urlsplit(url)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert parts.username is None
    assert parts.port != 0


def _is_moment(moment: datetime | None) -> None:
    if moment is None:
        return
    assert moment.utcoffset() == UTC.utcoffset(None)
    assert moment.year >= FIRST_YEAR
    assert datetime.fromisoformat(moment.isoformat()) == moment


# -------------------------------------------------------------------------------------------- the entries


@dataclass(frozen=True, slots=True)
class Target:
    """An entry, and how it is tried."""

    check: Callable[[bytes], None]
    quick: int
    """Spoilt inputs in the short run, the seeds not counted."""
    longest: int
    """Bytes of an input."""
    seconds: float
    """Of processor time for one input."""
    words: tuple[str, ...]
    """What mutations are made of, besides bytes."""
    more: tuple[tuple[Path, str], ...] = ()
    """Further folders with seeds: those of other tests, and which of their files."""

    @property
    def name(self) -> str:
        return self.check.__name__

    def seeds(self) -> list[Path]:
        """The documents to begin with."""
        folders = ((HERE / "seeds" / self.name, "*"), *self.more)
        found = (path for folder, pattern in folders for path in sorted(folder.glob(pattern)))
        return [path for path in found if path.is_file() and not path.name.endswith(".expected.json")]

    def stock(self) -> list[Path]:
        """Those that others are made of: without what was found once, which is slow by nature."""
        return [path for path in self.seeds() if not path.name.startswith("found-")]


_MARKUP = (
    *("<p>", "</p>", "<br/>", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<svg ", "<b", '"'),
    *("&lt;", "&amp;", "&#60;", "&#x10ffff;", "&nbsp;", "&#8238;", "<", ">", "/>", "'", "\u202e", "\u200b"),
)

TARGETS = {
    target.name: target
    for target in (
        Target(
            feeds,
            quick=150,
            longest=16_384,
            seconds=3.0,
            words=(
                *("<item>", "</item>", "<entry>", "</entry>", "<title>", "<link>", "<guid>", "<pubDate>"),
                *("<description>", "<content:encoded>", "<dc:date>", "<updated>", "<summary type='xhtml'>"),
                *("<link rel='alternate' href='", "<guid isPermaLink='false'>", "<source url=''>", "<id>"),
                *("<media:description>", "</media:description>", "xmlns='http://www.w3.org/2005/Atom'"),
                *(
                    "<!DOCTYPE ",
                    "<!ENTITY ",
                    "<?xml version='1.0' encoding='",
                    "gb2312",
                    "utf-16",
                    "xml:base=",
                ),
                *(
                    '"items":[',
                    '"results":[',
                    '"id":',
                    '"url":',
                    '"value":',
                    "null",
                    "1e999",
                    "\\ud800",
                    "NaN",
                ),
                *(
                    "Thu, 29 Jan 2026 08:30:00 GMT",
                    "2026-01-29T08:30:00Z",
                    "http://",
                    "https://[",
                    "xml:lang=",
                ),
                *_MARKUP,
            ),
            more=(
                (DATA / "feeds", "*"),
                (DATA / "api", "*.json"),
                (PROJECT / "monitor" / "demo" / "feeds" / "thursday", "*.xml"),
            ),
        ),
        Target(
            rules,
            quick=400,
            longest=2_048,
            seconds=3.0,
            words=(
                *(
                    " AND ",
                    " OR ",
                    " NOT ",
                    " NEAR/5 ",
                    " SAME ",
                    "ATLEAST/2 ",
                    "title:",
                    " ^2",
                    "(",
                    ")",
                    '"',
                ),
                *(
                    "*",
                    "中国",
                    "中國",
                    "U.K.",
                    "China",
                    "steel",
                    "’s",
                    "£",
                    "BN(O)",
                    "é",
                    "İ",
                    "ß",
                    "ﬃ",
                    "\u0301",
                ),
                *("한국", "ǅ", "Ⅻ", "½", "…", ". ", "\n", "\u00ad", "/", "^", ":", "W/3"),
            ),
        ),
        Target(
            config,
            quick=150,
            longest=8_192,
            seconds=3.0,
            words=(
                *(
                    "sources:",
                    "- id: ",
                    "  url: ",
                    "  govuk: {",
                    "topics:",
                    "rules:",
                    "sides:",
                    "  every: 30m",
                ),
                *(
                    "digests:",
                    "mail:",
                    "password: ",
                    "${MAIL_PASSWORD}",
                    "${PORT:-25}",
                    "${BELL}",
                    "$${",
                    "<<: ",
                ),
                *(
                    "*a",
                    "&a ",
                    "!!str ",
                    "!x ",
                    "---\n",
                    "...\n",
                    "|\n",
                    ">-\n",
                    "'",
                    '"',
                    "[",
                    "]",
                    "{",
                    "}",
                    ": ",
                ),
                *(
                    "\t",
                    "\n",
                    "  ",
                    "# lint: ok",
                    "null",
                    "yes",
                    "0x10",
                    "1e9",
                    ".inf",
                    "2026-01-29",
                    "\\u2028",
                ),
                *(
                    "\u2028",
                    "\x85",
                    "\r",
                    "\ufeff",
                    "timezone: ",
                    "Europe/London",
                    "../..",
                    "~/",
                    "channels: [",
                ),
            ),
        ),
        Target(
            text,
            quick=400,
            longest=4_096,
            seconds=1.0,
            words=(
                *_MARKUP,
                *(
                    "http://",
                    "https://[",
                    "//",
                    "?utm_source=",
                    "/url?q=",
                    "#",
                    "%",
                    "@",
                    ":",
                    "://user:pass@",
                ),
                *(
                    "2026-01-29",
                    "Jan",
                    "GMT",
                    "+0800",
                    "年",
                    "月",
                    "日",
                    "Read more",
                    "Related News",
                    "中",
                    "U.K.",
                ),
                *("ß", "İ", "\u0301", "\ud7ff", "é", "xn--", ".", "…", "\r\n", "\u2028", "\x85"),
            ),
        ),
        Target(
            pages,
            quick=50,
            longest=8_192,
            seconds=5.0,
            words=(
                *_MARKUP,
                *(
                    "<html>",
                    "<body>",
                    "<article>",
                    "<main>",
                    "<div class='",
                    "<h1>",
                    "<ul><li>",
                    "<table><tr><td>",
                ),
                *(
                    "<meta property='og:title' content='",
                    "<base href='",
                    "<a href='",
                    "<pre>",
                    "<blockquote>",
                ),
                *(
                    '"document_type":',
                    '"details":',
                    '"change_history":',
                    '"redirect"',
                    '"gone"',
                    "[",
                    "{",
                    "null",
                ),
            ),
            more=((DATA / "pages", "*"),),
        ),
    )
}
