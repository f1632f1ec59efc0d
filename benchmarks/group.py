"""How long grouping takes: a fortnight at once, and one new item beside a fortnight that is remembered.

    .venv/bin/python benchmarks/group.py            10,000 items and half of that, about half a minute
    .venv/bin/python benchmarks/group.py --quick    1,000 and 2,000

The items are made here: words of made-up syllables, as often as words are in English (Zipf). Events fall
evenly on fourteen days and have one to eight reports within two days of each other, by different outlets; a
report takes its headline and summary from a few names of its event, from the words of its subject, of which
there are sixty, and from all other words. One process, one core, processor time.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from monitor.group import Memory, b_cubed, group_items
from monitor.models import Item, Judged, Story, Verdict

SYLLABLES = [c + v + e for c in "bdfgklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "st", "l")]
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 14
SINGLES = 200
"""New items that are timed one by one; the median and the slowest of twenty are printed."""


def vocabulary(size: int, dice: random.Random) -> list[str]:
    """Made-up words, the commonest first and shortest."""
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = 1 + (len(words) > 60) + (len(words) > 3000)
        words["".join(dice.choice(SYLLABLES) for _ in range(syllables))] = None
    return list(words)


def stream(count: int, dice: random.Random) -> tuple[list[Judged], dict[int, int]]:
    """Items in the order of their dates, and the event of each by item id."""
    words = vocabulary(30_000, dice)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    spare = iter(dice.choices(words, weights, k=count * 40))
    subjects = [dice.sample(words[100:3000], 12) for _ in range(60)]
    made: list[tuple[datetime, str, str, int]] = []
    event = 0
    while len(made) < count:
        event += 1
        names, subject = dice.sample(words[1000:], 8), dice.choice(subjects)
        begins = START + timedelta(hours=dice.randrange(24 * (DAYS - 2)))
        for _ in range(min(count - len(made), dice.choice([1, 1, 1, 2, 2, 3, 4, 6, 8]))):
            title = dice.sample(names, 3) + dice.sample(subject, 2) + [next(spare) for _ in range(5)]
            summary = dice.sample(names, 4) + dice.sample(subject, 3) + [next(spare) for _ in range(20)]
            when = begins + timedelta(hours=dice.randrange(48))
            made.append((when, " ".join(title), " ".join(summary), event))
    made.sort()
    found = [judged(number, *one[:3]) for number, one in enumerate(made, 1)]
    return found, {number: one[3] for number, one in enumerate(made, 1)}


def judged(number: int, when: datetime, title: str, summary: str) -> Judged:
    """A relevant item of an outlet of its own."""
    item = Item(str(number), "source", str(number), "", title.capitalize(), summary, published=when)
    verdict = Verdict(True, 5.0, ("trade",), (), "rules")
    return Judged(number, item, verdict, when, f"Outlet {number}", "uk-media")


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that what else the machine does counts little."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(count: int) -> None:
    """Two lines: the fortnight at once; one new item at a time."""
    items, events = stream(count + SINGLES, random.Random(count))
    dice = random.Random(1)
    dice.shuffle(items)
    known, singles = items[:count], items[count:]
    stories: Sequence[Story] = ()

    def at_once() -> None:
        nonlocal stories
        stories = group_items(known)

    took = seconds(at_once)
    predicted = {one.id: story.id for story in stories for one in story.items}
    precision, recall, f1 = b_cubed(predicted, {one.id: events[one.id] for one in known})
    print(
        f"{count:>7,} items at once: {took:6.2f} s, {took / count * 1000:.2f} ms an item; "
        f"{len(stories):,} stories, B-cubed P {precision:.3f} R {recall:.3f} F1 {f1:.3f}",
        flush=True,
    )
    memory = Memory()
    built = seconds(lambda: memory.add(stories))
    each = sorted(seconds(lambda one=one: group_items([one], memory)) * 1000 for one in singles)
    print(
        f"{'':7} one more beside them: median {statistics.median(each):.2f} ms, slowest of twenty "
        f"{each[len(each) * 19 // 20]:.2f} ms; the memory took {built:.2f} s to make, once",
        flush=True,
    )


def main() -> None:
    """Prints two lines for each number of items."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--quick", action="store_true", help="1,000 and 2,000 items")
    quick = options.parse_args().quick
    print(f"Python {platform.python_version()}, {platform.machine()}; processor time on one core")
    for count in (1_000, 2_000) if quick else (5_000, 10_000):
        measure(count)


if __name__ == "__main__":
    main()
