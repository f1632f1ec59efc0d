"""Core: what an edition of a week says beside its stories: how much each topic had, and what is new."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from ..models import Edition, Judged, Match, NewTerm, Story, Topic, TopicWeek, Week
from ..text import name_key, names_in, words
from .blocks import OTHER, Limits

WEEKS_BEFORE = 8
"""How many weeks "new" is measured against."""
TERMS_SHOWN = 10
NAMES_SHOWN = 10

_Told = tuple[Story, Sequence[Judged]]
"""A story with those of its reports that were first seen in the window."""
_AT_LEAST = timedelta(days=5, hours=12)
"""Six days by the calendar, and the hour that the clocks may take."""
_WEEK = timedelta(days=7)
_WEIGHT = re.compile(r"\s+\^[\d.]+\Z")
_TELLING_ROLES = ("topic", "both", "uk", "china")
_WEEKS_LIMITS = Limits(per_topic=3, updated=5, late=5)


def is_week(edition: Edition) -> bool:
    """Whether an edition covers six days or more, and so is told as a week."""
    return edition.end - edition.start >= _AT_LEAST


def limits_for(edition: Edition) -> Limits:
    """What each block of an edition holds: a week's topics show three stories in full, the rest as titles."""
    return _WEEKS_LIMITS if is_week(edition) else Limits()


def week(
    edition: Edition,
    stories: Sequence[Story],
    topics: Sequence[Topic],
    *,
    before: Iterable[Judged],
) -> Week | None:
    """An edition's stories and the items of the weeks before → what changed; None where it is no week.

    `topics` are the digest's, in config order. `before` are the items that the digest would have shown,
    first seen in the WEEKS_BEFORE weeks up to `edition.start`, in any order; their texts are not needed.

    Counts are of items first seen in the window, each under its first topic that the digest has; "before" is
    the same number for the time of the same length before. With no item in `before` nothing is called new.
    """
    if not is_week(edition):
        return None
    past = tuple(judged for judged in before if judged.first_seen <= edition.start)
    told: list[_Told] = [(s, [j for j in s.items if j.first_seen > edition.start]) for s in stories]
    present = sorted((j for _, items in told for j in items), key=lambda j: (j.first_seen, j.id))
    weeks = _weeks_known(edition, past)
    return Week(
        topics=_topic_weeks(edition, told, past, topics),
        new_terms=_new_terms(present, past, {topic.id for topic in topics}) if weeks else (),
        new_names=_new_names(present, past, told) if weeks else (),
        weeks_before=weeks,
    )


def _weeks_known(edition: Edition, past: Sequence[Judged]) -> int:
    """How far back the items reach; a few days count as the week that they are of."""
    if not past:
        return 0
    reach = edition.start - min(judged.first_seen for judged in past)
    return max(1, min(WEEKS_BEFORE, round(reach / _WEEK)))


# --- counts ---


def _topic_weeks(
    edition: Edition,
    told: Sequence[_Told],
    past: Sequence[Judged],
    topics: Sequence[Topic],
) -> tuple[TopicWeek, ...]:
    """A line for each topic, OTHER last where anything is under it."""
    known = {topic.id for topic in topics}
    one_before = edition.start - (edition.end - edition.start)
    stories = Counter(_home(story.topics, known) for story, items in told if items)
    now = Counter(_home(judged.verdict.topics, known) for _, items in told for judged in items)
    then = Counter(_home(j.verdict.topics, known) for j in past if j.first_seen > one_before)
    lines = tuple(TopicWeek(t, stories[t.id], now[t.id], then[t.id]) for t in dict.fromkeys((*topics, OTHER)))
    return tuple(line for line in lines if line.topic.id in known or line.items or line.items_before)


def _home(topics: Iterable[str], known: set[str]) -> str:
    return next((topic for topic in topics if topic in known), OTHER.id)


# --- terms ---


def _new_terms(present: Sequence[Judged], past: Iterable[Judged], topics: set[str]) -> tuple[NewTerm, ...]:
    """Terms by what they ask for: one that a side and a topic share is told once, as the topic's."""
    old = {_asked(match) for judged in past for match in _telling(judged)}
    found: defaultdict[str, dict[int, Judged]] = defaultdict(dict)
    told: dict[str, Match] = {}
    for judged in present:
        for match in _telling(judged):
            asked = _asked(match)
            if asked in old or (match.topic is not None and match.topic not in topics):
                continue
            found[asked].setdefault(judged.id, judged)
            if asked not in told or (match.topic and not told[asked].topic):
                told[asked] = match
    ranked = sorted(found, key=lambda asked: (-len(found[asked]), asked))
    return tuple(
        NewTerm(match.term, match.topic or match.role, len(items), next(iter(items.values())))
        for match, items in ((told[asked], found[asked]) for asked in ranked[:TERMS_SHOWN])
    )


def _asked(match: Match) -> str:
    """A term without its weight: "tariff* ^2" asks for what "tariff*" asks for."""
    return _WEIGHT.sub("", match.term)


def _telling(judged: Judged) -> Iterator[Match]:
    """The matches that speak for an item; counter-evidence and exclusions are not news."""
    return (match for match in judged.verdict.matches if match.role in _TELLING_ROLES)


# --- names ---


def _new_names(present: Iterable[Judged], past: Iterable[Judged], told: Sequence[_Told]) -> tuple[str, ...]:
    """Names of two words and more in titles and summaries, in words that no term has found.

    Of names in as many items, that of the story with more reports comes first.
    """
    reports = {judged.id: len(items) for _, items in told for judged in items}
    known: set[str] = set()
    seen: Counter[str] = Counter()
    largest: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for judged in present:
        known |= {name_key(judged.outlet), *(name_key(match.text) for match in judged.verdict.matches)}
        for key, name in _names_of(judged).items():
            seen[key] += 1
            largest[key] = max(largest[key], reports[judged.id])
            spelt.setdefault(key, name)
    keys = sorted((key for key in seen if key not in known), key=lambda key: (-seen[key], -largest[key], key))
    old = _standing_in(keys, past)
    return tuple(spelt[key] for key in _apart(key for key in keys if key not in old))


def _names_of(judged: Judged) -> dict[str, str]:
    """Names in one item by their key: whole ones, and not only where a sentence begins."""
    item = judged.item
    known: dict[str, list[tuple[int, int]]] = {"title": [], "summary": []}
    for match in judged.verdict.matches:
        known.get(match.where, []).append((match.start, match.start + len(match.text)))
    found = names_in([(item.title, known["title"]), (item.summary, known["summary"])], set())
    return {key: name.text for key, name in found.items() if " " in key and name.inside and name.alone}


def _standing_in(keys: Iterable[str], past: Iterable[Judged]) -> set[str]:
    """Those of the names that stand in one of the items, in whatever letters."""
    by_first: defaultdict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for key in keys:
        folds = words(key).folds
        by_first[folds[0]].append((key, folds))
    return {key for judged in past for key in _standing_there(judged, by_first)}


def _standing_there(
    judged: Judged, by_first: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
) -> Iterator[str]:
    folds = words(f"{judged.item.title} \n{judged.item.summary}").folds
    for at, fold in enumerate(folds):
        for key, name in by_first.get(fold, ()):
            if folds[at : at + len(name)] == name:
                yield key


def _apart(keys: Iterable[str]) -> list[str]:
    """The first names, without those that are part of one before, or have one before as a part."""
    chosen: list[str] = []
    for key in keys:
        if len(chosen) == NAMES_SHOWN:
            break
        if not any(f" {key} " in f" {other} " or f" {other} " in f" {key} " for other in chosen):
            chosen.append(key)
    return chosen
