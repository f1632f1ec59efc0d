"""How many items a second the rule book judges, against one `re` alternation and against one `re` per term.

    .venv/bin/python benchmarks/classify.py            all of it, about five minutes
    .venv/bin/python benchmarks/classify.py --quick    600 and 10,000 terms, short items, one round

The text is made here: words of made-up syllables, as often as words are in English (Zipf), names with
capitals, hyphens and possessives, every 20th item with typographic quotes, every 50th in Chinese. Every third
item holds a few of the terms; in the others one stands by chance. Judging is whole: cutting, matching,
ignore, sides, third countries, topics, the verdict with its reasons; the two of `re` only find places, not
all of them. One process, one core, processor time, medians of the rounds, all three engines in each round.
"""

from __future__ import annotations

import argparse
import platform
import random
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence

from monitor.classify import RuleBook
from monitor.models import Item, RuleSpec

SYLLABLES = [c + v + e for c in "bdfgklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "st", "l")]
HAN = "中国英外交部长会见访问贸易投资合作安全大学科学技术人权香港北京伦敦"
RE_ITEMS = 300
"""Items that a regex per term is tried on: it takes milliseconds for each."""


def vocabulary(size: int, dice: random.Random) -> list[str]:
    """Made-up words, the commonest first and shortest."""
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = 1 + (len(words) > 60) + (len(words) > 3000)
        words["".join(dice.choice(SYLLABLES) for _ in range(syllables))] = None
    return list(words)


def terms_of(count: int, words: Sequence[str], dice: random.Random) -> list[str]:
    """Terms as analysts write them: names, phrases, endings, and one in twenty with an operator."""
    rare = words[1_000:]
    found: dict[str, None] = {}
    while len(found) < count:
        first, second, third = (dice.choice(rare) for _ in range(3))
        kind = dice.random()
        if kind < 0.35:
            term = first.title()
        elif kind < 0.65:
            term = f"{first.title()} {second.title()}"
        elif kind < 0.8:
            term = f"{first} {second}"
        elif kind < 0.9:
            term = f"{first}*"
        elif kind < 0.94:
            term = dice.choice(HAN) + dice.choice(HAN) + dice.choice(HAN)
        elif kind < 0.97:
            term = f"{first} NEAR/5 {second}"
        else:
            term = f"{first.title()} SAME ({second} OR {third})"
        found[term] = None
    return list(found)


def items_of(count: int, length: int, words: Sequence[str], terms: Sequence[str]) -> list[Item]:
    """News items of about `length` words, a tenth of them in the title."""
    dice = random.Random(length)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    stream = iter(dice.choices(words, weights, k=count * length))
    plain = [term for term in terms if not re.search(r"\*|NEAR|SAME", term)]
    items = []
    for number in range(count):
        text = [next(stream) for _ in range(length)]
        if number % 3 == 0:
            for _ in range(3):
                text[dice.randrange(length)] = dice.choice(plain)
        if number % 50 == 49:
            text[5:] = [dice.choice(HAN) for _ in text[5:]]
        for at in range(11, length, 17):
            text[at] = text[at].title() + dice.choice(["'s", ".", ",", "-based", ""])
        if number % 20 == 19:
            text[0] = f"“{text[0]}” – it’s"
        title, summary = " ".join(text[: length // 10]), " ".join(text[length // 10 :])
        items.append(Item(str(number), "source", str(number), "", title, summary))
    return items


def spec_of(terms: Sequence[str]) -> RuleSpec:
    """The terms dealt out as in the shipped config: sides 45 %, elsewhere 10 %, ignore 5 %, twelve topics."""
    n = len(terms)
    uk, china, elsewhere, ignore = (terms[: n // 4], terms[n // 4 : n * 9 // 20], *[()] * 2)
    elsewhere, ignore = terms[n * 9 // 20 : n * 11 // 20], terms[n * 11 // 20 : n * 12 // 20]
    rest = terms[n * 12 // 20 :]
    topics = tuple((f"topic{at}", tuple(rest[at::12])) for at in range(12))
    return RuleSpec(tuple(uk), tuple(china), (), tuple(ignore), tuple(elsewhere), (), topics)


def expression(term: str) -> str:
    """The term's first phrase as a regex, as one would write it by hand."""
    phrase = re.split(r" (?:NEAR/\d|SAME) ", term)[0].lower()
    return rf"\b{re.escape(phrase.removesuffix('*'))}" + ("" if term.endswith("*") else r"\b")


def found_by(patterns: Sequence[re.Pattern[str]], items: Iterable[Item]) -> int:
    """Places that the regexes find in small letters; an alternation finds one of terms that overlap."""
    texts = [f"{item.title}\n{item.summary}".lower() for item in items]
    return sum(len(pattern.findall(text)) for text in texts for pattern in patterns)


def rate(work: Callable[[], object], count: int) -> float:
    """Items a second of processor time, so that what else the machine does counts little."""
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def main() -> None:
    """Prints one line for each number of terms and length of item."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--quick", action="store_true", help="two sizes, short items, one round")
    quick = options.parse_args().quick
    words = vocabulary(30_000, random.Random(1))
    print(f"Python {platform.python_version()}, {platform.machine()}; items a second on one core")
    columns = "terms words items build/s monitor one-re re-each x-one-re relevant places"
    print("".join(f"{column:>9}" for column in columns.split()))
    for length, count in ((60, 20_000),) if quick else ((60, 20_000), (800, 2_000)):
        for size in (600, 10_000) if quick else (600, 2_000, 10_000):
            measure(terms_of(size, words, random.Random(size)), words, length, count, 1 if quick else 5)


def measure(terms: Sequence[str], words: Sequence[str], length: int, count: int, rounds: int) -> None:
    """One line of the table."""
    items = items_of(count, length, words, terms)
    started = time.process_time()
    book = RuleBook(spec_of(terms))
    book.classify(items[0])  # which the rules are looked through for
    built = time.process_time() - started
    few = items[: max(20, RE_ITEMS * 60 // length)]
    fewer = few[: max(5, len(few) * 60 // len(terms))]
    alternation = re.compile("|".join(map(expression, terms)))
    one_each = [re.compile(expression(term)) for term in terms]
    rates = [
        (
            rate(lambda: sum(book.classify(item).relevant for item in items), count),
            rate(lambda: found_by([alternation], few), len(few)),
            rate(lambda: found_by(one_each, fewer), len(fewer)),
        )
        for _ in range(rounds)
    ]
    ours, theirs, each = (statistics.median(column) for column in zip(*rates, strict=True))
    verdicts = [book.classify(item) for item in items]
    relevant = sum(verdict.relevant for verdict in verdicts) / count
    places = sum(len(verdict.matches) for verdict in verdicts) / count
    counts = f"{len(terms):>9,}{length:>9}{count:>9,}{built:>9.2f}"
    speeds = f"{ours:>9,.0f}{theirs:>9,.0f}{each:>9,.0f}{ours / theirs:>9.1f}"
    print(f"{counts}{speeds}{relevant:>9.1%}{places:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
