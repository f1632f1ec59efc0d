"""Feeds that are made here, the same at each run: what is served to the programs that are measured.

    .venv/bin/python benchmarks/feeds.py                 what a thousand of them are like
    .venv/bin/python benchmarks/feeds.py --write FOLDER  the first hundred as files

Thirty entries each: 45 % RSS with short descriptions, 25 % RSS with the whole text in content:encoded, 20 %
Atom with escaped HTML, 10 % Atom with xhtml; 6 % in Chinese (a third of them in gb18030), 2 % in
windows-1252, 4 % that are no well-formed XML. The text is of made-up words, as often as words are in English
(Zipf); one entry in twenty-five is about the UK and China.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from itertools import accumulate
from pathlib import Path
from typing import Literal

ENTRIES = 30
SEED = 20
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When the feeds are as they are at first; an entry that comes later is of an hour after this."""
LATER = NOW + timedelta(hours=2)
"""A moment after all that a feed may ever show."""

Kind = Literal["rss", "rss-full", "atom-html", "atom-xhtml"]
Fault = Literal["ampersand", "unclosed", "entity", "control"]
FAULTS: tuple[Fault, ...] = ("ampersand", "unclosed", "entity", "control")
SYLLABLES = [c + v + e for c in "bdfgklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "st", "l")]
SMALL = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "was",
    "on",
    "with",
    "as",
    "by",
    "at",
]
HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"
MATTERS = (
    "Britain and China agree on {}",
    "Beijing warns London over {}",
    "UK-China talks on {}",
    "Chinese embassy in London: {}",
    "British exports to China and {}",
)
MATTERS_HAN = ("中英会谈：{}", "英国与中国{}")
SHORT, FULL = (220, 1100), (600, 3000)
"""Characters of text in an entry, at least and at most, drawn once for each feed."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: what it is, not its bytes."""

    number: int
    kind: Kind
    encoding: str
    chinese: bool
    fault: Fault | None
    length: int
    """Characters of text in an entry, on the average."""

    def body(self, base: str, *, new: int = 0, touched: int = 0) -> bytes:
        """The document as it is after `new` entries came on top and as many fell off at the end.

        `base` is the address of its host, without a slash at the end. Another number of `touched` changes the
        date in the head and nothing else.
        """
        entries = b"".join(self.entry(base, place) for place in range(ENTRIES - 1 + new, new - 1, -1))
        head, tail = self.frame(base, NOW + timedelta(hours=bool(new), seconds=touched))
        return head + entries + tail

    def frame(self, base: str, at: datetime) -> tuple[bytes, bytes]:
        """What stands before the entries and what after them."""
        title = f"Feed {self.number} of {base}"
        declared = f'<?xml version="1.0" encoding="{self.encoding}"?>\n'
        if self.kind.startswith("rss"):
            head = (
                '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
                'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
                f"<title>{title}</title>\n<link>{base}/</link>\n<description>News of {title}</description>\n"
                f"<lastBuildDate>{format_datetime(at)}</lastBuildDate>\n"
            )
            tail = "</channel>\n</rss>\n"
        else:
            head = (
                f'<feed xmlns="http://www.w3.org/2005/Atom">\n<title>{title}</title>\n<id>{base}/</id>\n'
                f'<link href="{base}/"/>\n<link rel="self" href="{base}/feed"/>\n'
                f"<updated>{at.isoformat()}</updated>\n<author><name>The desk</name></author>\n"
            )
            tail = "</feed>\n"
        return self._encoded(declared + head), self._encoded(tail)

    def entry(self, base: str, place: int) -> bytes:
        """The bytes of one entry, whenever it is asked for. The oldest of a feed at first has place 0."""
        dice = random.Random(f"{SEED}/{self.number}/{place}")
        words = _Words(dice, self.chinese)
        at = NOW - timedelta(minutes=47 * (ENTRIES - place)) if place < ENTRIES else NOW + timedelta(hours=1)
        link = f"{base}/news/{NOW:%Y}/{self.number}-{place}"
        title = words.title()
        size = round(self.length * dice.uniform(0.6, 1.4))
        fault = self.fault if place % 7 == 3 else None
        if fault == "ampersand":
            title += " R&D"
        parts = _RSS if self.kind.startswith("rss") else _ATOM
        marked = f"{title} &nbsp; more" if fault == "entity" else escape(title)
        marked = marked.replace("R&amp;D", "R&D") + ("\x0b" if fault == "control" else "")
        text = parts.format(
            title=marked,
            link=link,
            at=format_datetime(at) if self.kind.startswith("rss") else at.isoformat(),
            content=self._content(words, size, "<b>bold<br>" if fault == "unclosed" else "", link),
            author=words.name(),
        )
        return self._encoded(text)

    def _content(self, words: _Words, size: int, broken: str, link: str) -> str:
        summary = words.text(min(size, 260))
        if self.kind == "rss":
            return f"<description>{broken}{escape(words.text(size))}</description>"
        html = words.html(size, link)
        if self.kind == "rss-full":
            return (
                f"<description>{broken}{escape(summary)}</description>\n"
                f"<content:encoded><![CDATA[{html}]]></content:encoded>"
            )
        if self.kind == "atom-html":
            marked = escape(html, quote=False)
            return f'<summary>{broken}{escape(summary)}</summary>\n<content type="html">{marked}</content>'
        return (
            f"<summary>{broken}{escape(summary)}</summary>\n"
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{html}</div></content>'
        )

    def _encoded(self, text: str) -> bytes:
        return text.encode(self.encoding, "xmlcharrefreplace")


_RSS = """\
<item>
<title>{title}</title>
<link>{link}</link>
<guid isPermaLink="false">{link}</guid>
<pubDate>{at}</pubDate>
<dc:creator>{author}</dc:creator>
{content}
</item>
"""
_ATOM = """\
<entry>
<title>{title}</title>
<link href="{link}"/>
<id>{link}</id>
<published>{at}</published>
<updated>{at}</updated>
<author><name>{author}</name></author>
{content}
</entry>
"""


def feeds(count: int) -> tuple[Feed, ...]:
    """The first `count` of all: the same ones, whatever the number."""
    return tuple(map(_feed, range(count)))


def is_changed(number: int, percent: float) -> bool:
    """Whether a feed is among the `percent` that change: spread over all kinds, the same at each run."""
    return random.Random(f"{SEED}/change/{number}").random() * 100 < percent


def _feed(number: int) -> Feed:
    dice = random.Random(f"{SEED}/{number}")
    kinds: tuple[Kind, ...] = ("rss", "rss-full", "atom-html", "atom-xhtml")
    kind = dice.choices(kinds, (45, 25, 20, 10))[0]
    script = dice.choices(("utf-8", "han", "gb18030", "windows-1252"), (92, 4, 2, 2))[0]
    fault = dice.choice(FAULTS) if dice.random() < 0.04 else None
    encoding = "utf-8" if script == "han" else script
    lengths = SHORT if kind == "rss" else FULL
    chinese = script in {"han", "gb18030"}
    # Characters of three bytes, and as much said in a third of them.
    length = dice.randint(*lengths) // (2 if chinese else 1)
    return Feed(number, kind, encoding, chinese, fault, length)


class _Words:
    """What is written in one entry."""

    def __init__(self, dice: random.Random, chinese: bool) -> None:
        self.dice, self.chinese = dice, chinese

    def title(self) -> str:
        if self.dice.random() < 0.04:
            matters: Sequence[str] = MATTERS_HAN if self.chinese else MATTERS
            return self.dice.choice(matters).format(self.text(24))
        return self.text(self.dice.randint(40, 90)).strip(".。").capitalize()

    def name(self) -> str:
        return " ".join(word.capitalize() for word in self.dice.sample(_vocabulary()[100:900], 2))

    def text(self, size: int) -> str:
        """About `size` characters in sentences."""
        if self.chinese:
            return "".join(self.dice.choices(HAN, k=max(4, size - size // 18))) + "。"
        sentences = _sentences()
        chosen = self.dice.choices(sentences, k=1 + size // len(sentences[0]))
        return " ".join(chosen)[:size].rstrip(" .") + "."

    def html(self, size: int, link: str) -> str:
        """The same in paragraphs, with links, a picture and a list."""
        said = [self.text(360) for _ in range(max(1, size // 400))]
        parts = [f"<p>{said[0]}</p>", f'<p><img src="{link}.jpg" alt="{self.text(30)}"/></p>']
        for part in said[1:]:
            start, end = part[:40], part[40:]
            parts.append(f'<p><em>{start}</em>{end} <a href="{link}#more">{self.text(20)}</a></p>')
        parts.append(f"<ul><li>{self.text(40)}</li><li>{self.text(40)}</li></ul>")
        return "\n".join(parts)


@cache
def _vocabulary() -> list[str]:
    """Words, the commonest first and shortest."""
    dice = random.Random(SEED)
    words = dict.fromkeys([*SMALL, "people’s", "café", "£5m"])
    while len(words) < 12_000:
        syllables = 2 + (len(words) > 1500)
        words["".join(dice.choice(SYLLABLES) for _ in range(syllables))] = None
    return list(words)


@cache
def _sentences() -> list[str]:
    """Of fourteen words each; drawing them one by one would take longer than all else."""
    words = _vocabulary()
    dice = random.Random(SEED)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    drawn = dice.choices(words, cum_weights=weights, k=14 * 20_000)
    return [" ".join(drawn[place : place + 14]).capitalize() + "." for place in range(0, len(drawn), 14)]


def main() -> None:
    """Prints what the feeds are like, or writes some of them."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--write", type=Path, metavar="FOLDER", help="write the first hundred as files")
    folder: Path | None = options.parse_args().write
    base = "http://127.0.0.1:20000"
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for feed in feeds(100):
            (folder / f"{feed.number:03}-{feed.kind}.xml").write_bytes(feed.body(base))
        return
    made = feeds(1_000)
    sizes = [len(feed.body(base)) / 1000 for feed in made]
    print(f"{sum(sizes) / 1000:.1f} MB; kB of a feed, least, median, most:", end=" ")
    print(*(f"{size:.0f}" for size in (min(sizes), statistics.median(sizes), max(sizes))))
    for what in ("kind", "encoding", "chinese", "fault"):
        print(f"{what}:", dict(Counter(getattr(feed, what) for feed in made)))


if __name__ == "__main__":
    main()
