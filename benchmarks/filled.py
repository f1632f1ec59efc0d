"""Databases of 10,000, 100,000 and 1,000,000 items, as five years of polls and editions leave them.

Sixty sources bring 540 items a day, in documents of thirty; three in a hundred are relevant. Each morning two
digests come out, of all topics and of one. Everything is written by `monitor.store` as the program writes it;
only the rules are spared. The same archive at three ages: each file is the one before it, grown older.
Used by stored.py; the files are kept in build/bench/stored.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from monitor.models import (
    Assessed,
    Edition,
    FeedState,
    Item,
    Judged,
    Match,
    Message,
    Page,
    PageOutcome,
    PageState,
    Source,
    SourceOutcome,
    Story,
    Verdict,
)
from monitor.store import Store
from tests.conftest import make_source

FOLDER = Path(__file__).parent.parent / "build" / "bench" / "stored"
SIZES = (10_000, 100_000, 1_000_000)
SOURCES, PER_DOCUMENT, DOCUMENTS_A_DAY = 60, 30, 18
GOVUK = 4
"""So many of the sources bring pages of GOV.UK."""
FIRST_DAY = datetime(2021, 1, 4, tzinfo=UTC)
TOPICS = {
    "trade": "Trade",
    "diplomacy": "Diplomacy",
    "security": "Security",
    "science": "Science",
    "rights": "Rights",
}
RELEVANT, NEAR, CHINESE, WITH_TEXT = 0.03, 0.05, 0.04, 0.15
"""Shares of the items."""

SYLLABLES = ("ba", "cor", "den", "el", "fi", "gra", "hu", "il", "jo", "ka", "lem", "mi", "nor", "op", "pa")
WORDS = tuple(
    dict.fromkeys(
        first + second + third + last
        for last in ("", "s", "ter", "ing", "ly", "an")
        for first in SYLLABLES
        for second in SYLLABLES
        for third in SYLLABLES
    )
)
WEIGHTS = tuple(accumulate(1 / (rank + 2.7) for rank in range(len(WORDS))))
"""As words of a language are spread (Zipf): the first one is every tenth or so of a text."""
CHARACTERS = "英国中部长会谈贸易关税大使馆访问北京伦敦大学投资技术安全香港人权合作协议发展经济市场企业出口"
CHINESE_WORD, RARE_WORD = "大使馆", "Thringstone"
"""One in a hundred Chinese headlines has the first, one in 50,000 items the second."""


def sources() -> list[Source]:
    """All of them, every hour."""
    return [
        make_source(
            f"f{number}", kind="official-uk" if number < GOVUK else "uk-media", outlet=f"Paper {number}"
        )
        for number in range(SOURCES)
    ]


def source_of(number: int) -> str:
    """The source that brings a document."""
    return f"f{number % SOURCES}"


def documents(size: int) -> int:
    """How many documents are in the file of some size: whole days, and no edition of the last one yet."""
    days = -(-size // (PER_DOCUMENT * DOCUMENTS_A_DAY))
    return days * DOCUMENTS_A_DAY


def came_at(number: int) -> datetime:
    """When a document came, in UTC: eighteen a day, from four in the morning on."""
    day, place = divmod(number, DOCUMENTS_A_DAY)
    return FIRST_DAY + timedelta(days=day, hours=4, minutes=60 * place)


def document(number: int) -> tuple[Assessed, ...]:
    """Thirty items; the same ones at each call."""
    dice = random.Random(number)
    at = came_at(number)
    return tuple(
        _assessed(number * PER_DOCUMENT + place, source_of(number), at, dice) for place in range(PER_DOCUMENT)
    )


def _assessed(number: int, source: str, at: datetime, dice: random.Random) -> Assessed:
    words = iter(dice.choices(WORDS, cum_weights=WEIGHTS, k=49))
    title = _some(words, 9).capitalize()
    summary = f"{_some(words, 22).capitalize()}. {_some(words, 18).capitalize()}."
    text = ""
    if dice.random() < WITH_TEXT:
        more = iter(dice.choices(WORDS, cum_weights=WEIGHTS, k=135))
        text = ". ".join(_some(more, 15).capitalize() for _ in range(9))
    if dice.random() < CHINESE:
        title = "".join(dice.choices(CHARACTERS, k=18)) + (CHINESE_WORD if dice.random() < 0.01 else "")
    if dice.random() < 0.00002:
        summary = f"{RARE_WORD}: {summary}"
    kind = dice.random()
    verdict = IRRELEVANT
    if kind < RELEVANT:
        topics = tuple(dice.sample(sorted(TOPICS), dice.choice((1, 1, 2))))
        title, verdict = f"Britain and China: {title}", _relevant(topics, dice.choice((4.0, 5.5, 7.0, 9.0)))
    elif kind < RELEVANT + NEAR:
        title, verdict = f"Beijing: {title}", NEARLY
    is_govuk = int(source[1:]) < GOVUK
    url = (
        f"https://www.gov.uk/government/news/matter-{number}"
        if is_govuk
        else f"https://{source}.example/{at:%Y/%m/%d}/matter-{number}"
    )
    published = at - timedelta(minutes=dice.randrange(10, 600))
    return Assessed(Item(url, source, url, url, title, summary, text, "en", published), verdict)


def _some(words: Iterator[str], count: int) -> str:
    return " ".join(next(words) for _ in range(count))


IRRELEVANT = Verdict(False, 0.0, (), (), "rules1", (("uk", 0.0), ("china", 0.0)), "nothing about either side")
NEARLY = Verdict(
    False,
    2.0,
    (),
    (Match("china", "Beijing", "title", "Beijing", 0, points=2.0),),
    "rules1",
    (("uk", 0.0), ("china", 2.0)),
    "nothing about the UK",
)


def _relevant(topics: tuple[str, ...], score: float) -> Verdict:
    matches = (
        Match("uk", "Britain", "title", "Britain", 0, points=3.0),
        Match("china", "China", "title", "China", 12, points=3.0),
        *(Match("topic", topic, "lead", topic, 20, topic, 1.5, "summary") for topic in topics),
    )
    return Verdict(True, score, topics, matches, "rules1", (("uk", 3.0), ("china", 3.0)), "both sides named")


def database(items: int) -> Path:
    """The file with so many items; made first where it is not there: a million take a quarter of an hour."""
    path = FOLDER / f"{items}.db"
    if not path.exists():
        _fill()
    return path


def _fill() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "growing.db"
    for old in FOLDER.glob("growing.db*"):
        old.unlink()
    began, cpu, number = time.monotonic(), time.process_time(), 0
    for size in SIZES:
        with Store.open(path) as store:
            store.sync_sources(sources())
            while number < documents(size):
                _come(store, number)
                number += 1
        # Closing has brought everything into the one file.
        shutil.copyfile(path, FOLDER / f"{size}.db.part")
        (FOLDER / f"{size}.db.part").rename(FOLDER / f"{size}.db")
        wall, spent = time.monotonic() - began, time.process_time() - cpu
        print(f"{size:,} items: {wall:,.0f} s, {spent:,.0f} s of processor time", flush=True)
    path.unlink()


def _come(store: Store, number: int) -> None:
    """One document, and before the first one of a day the editions of that morning."""
    at = came_at(number)
    if number and number % DOCUMENTS_A_DAY == 0:
        _publish(store, at - timedelta(minutes=30))
    source = source_of(number)
    state = FeedState(source, last_polled=at, last_ok=at, next_due=at + timedelta(hours=1), http_status=200)
    store.record(SourceOutcome(state, "ok", document(number), windowed=False), at)
    if int(source[1:]) < GOVUK:
        _look_up(store, at)


def _look_up(store: Store, at: datetime) -> None:
    for wanted in store.wanted_pages(at, limit=PER_DOCUMENT):
        page = Page(
            title=wanted.item.title,
            document_type="Press release",
            organisations=("Department for Business",),
            first_published=wanted.item.published,
            public_updated=wanted.item.published,
            content_id=f"id-{wanted.item_id}",
        )
        state = PageState(wanted.item_id, asked=at, asked_for=wanted.content_hash, page=page)
        store.record_page(PageOutcome(state), at)


def _publish(store: Store, at: datetime) -> None:
    """What came since the morning before, as `monitor digest` would claim it: two reports make a story."""
    came = store.seen_since(at - timedelta(days=1), relevant_only=True)
    pairs = [came[first : first + 2] for first in range(0, len(came), 2)]
    stories = [_story(f"s{pair[0].id}", pair) for pair in pairs]
    traded = [(one.id, tuple(r for r in one.items if "trade" in r.verdict.topics)) for one in stories]
    of_trade = [_story(id_, some) for id_, some in traded if some]
    for digest, shown in (("daily", stories), ("trade", of_trade)):
        name = f"{at:%Y-%m-%d}"
        edition = Edition(digest, digest.title(), at - timedelta(days=1), at, at.date(), name, name)
        published = store.publish(
            edition,
            Message("UK-China", "t" * 6_000, "h" * 30_000, "j" * 20_000, "m" * 20_000, "t" * 6_000),
            shown,
            now=at,
            rules_version="rules1",
            looked_at=DOCUMENTS_A_DAY * PER_DOCUMENT,
        )
        store.mark_written(published.id)


def _story(id_: str, items: tuple[Judged, ...]) -> Story:
    return Story(id_, items, ("the same names, the same day",) * (len(items) - 1))
