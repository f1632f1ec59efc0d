"""Weeks of invented stories in a real store, published as daily and weekly editions, for the archive."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from monitor import config, deliver, render, resources
from monitor.config import Config
from monitor.models import (
    Assessed,
    Edition,
    FeedState,
    Item,
    Judged,
    Kind,
    Match,
    Message,
    Published,
    SourceOutcome,
    Story,
    Verdict,
    lead_first,
)
from monitor.store import Store

from .conftest import make_source

FIRST_DAY = date(2025, 11, 24)
"""A Monday, so that ten weeks pass the turn of the year."""
OUTLETS: tuple[tuple[str, str, Kind], ...] = (
    ("govuk", "GOV.UK", "official-uk"),
    ("commons", "UK Parliament", "parliament"),
    ("mofcom", "Ministry of Commerce", "official-china"),
    ("new-dawn", "New Dawn Agency", "state-media"),
    ("ledger", "The Morning Ledger", "uk-media"),
    ("courier", "Northern Courier", "uk-media"),
    ("wire", "World Wire", "world-media"),
    ("freight", "Freight & Customs Weekly", "trade-press"),
    ("strand", "Strand Institute", "think-tank"),
    ("fens", "University of the Fens", "university"),
)
TOPICS = {
    "diplomacy": "Diplomacy",
    "trade": "Trade and investment",
    "security": "Security and defence",
    "science": "Science and universities",
    "rights": "Human rights and Hong Kong",
    "borders": "Migration and borders",
    "climate": "Climate and energy",
    "finance": "Finance",
}
# topic → (headline, term in it, first sentence, how else outlets put it); {who}, {place}, {n} are filled in
EVENTS: dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "diplomacy": (
        (
            "{who} meets counterpart in {place} for talks on a yearly dialogue",
            "talks",
            "The two sides spoke for {n} minutes and agreed to meet again in the spring, with consular "
            "access and the two new embassies on the table.",
            (
                "UK and China hold {n} minutes of talks in {place}",
                "双方在{place}举行会谈，同意建立年度对话机制",
            ),
        ),
        (
            "Embassy plans: the inspector asks for {n} more documents",
            "Embassy",
            "The decision on the site is put off once more; {who} told the House that the timetable stands.",
            ("China calls the delay over its London embassy “unreasonable”",),
        ),
        (
            "Written statement: the visit of {who} to {place}",
            "visit",
            "A delegation of {n} firms travelled with the minister.",
            ("{n} firms, one plane: who flew to {place}",),
        ),
    ),
    "trade": (
        (
            "China to lower its tariff on Scotch whisky to {n} per cent",
            "tariff",
            "The change takes effect next month, the ministry said after a meeting of the joint economic "
            "commission; medicines are to follow.",
            ("Distillers toast a lower Chinese duty", "Whisky: what {n} per cent means for {place}"),
        ),
        (
            "Trade remedies: {n} per cent duty proposed on excavators from China",
            "duty",
            "Interested parties may comment on the statement of essential facts until the end of the month.",
            ("Diggers to cost more as UK proposes duty on Chinese imports",),
        ),
        (
            "Freight between {place} and Felixstowe grows by {n} per cent",
            "Freight",
            "",
            ("Ports report a record for containers from {place}",),
        ),
    ),
    "security": (
        (
            "Two charged under the National Security Act over visits to {place}",
            "National Security Act",
            "The men, aged {n} and 41, will appear before magistrates on Friday; the embassy called the "
            "charges “a malicious slander”.",
            ("British police charge two in China spying case", "Who are the two men charged on Tuesday?"),
        ),
        (
            "{who} warns of intrusions into the networks of {n} councils",
            "intrusions",
            "The National Cyber Security Centre names a group that it links to the Chinese state.",
            ("Councils told to check their networks after China warning",),
        ),
    ),
    "science": (
        (
            "{n} fellowships for plant scientists from the UK and China",
            "fellowships",
            "Applications are open until 31 March. Fellows spend six months in Cambridge and six in {place}.",
            ("英国与中国扩大高校联合研究计划，{place}等地参加",),
        ),
        (
            "Universities: {n} per cent fewer applicants from China",
            "Universities",
            "Admissions data show a fall for the third year; {place} sends fewer students than before.",
            ("Fewer students from China apply to the UK", "What the fall in Chinese applicants will cost"),
        ),
    ),
    "rights": (
        (
            "Early day motion {n}: the trial in Hong Kong",
            "Hong Kong",
            "That this House notes the verdict and calls on the Government to raise it.",
            ("MPs of all parties call for release of Hong Kong publisher",),
        ),
        (
            "{who} raises the case of a British citizen held in {place}",
            "British citizen",
            "Consular officials have seen the prisoner {n} times.",
            ("Family of man held in {place} asks for more than words",),
        ),
    ),
    "borders": (
        (
            "British nationals may enter China without a visa for up to {n} days",
            "visa",
            "The advice has been updated: the waiver begins on 17 February and covers business and tourism.",
            ("Visa-free to China: what travellers need to know",),
        ),
    ),
    "climate": (
        (
            "Offshore wind: minister to decide on Chinese turbines within {n} weeks",
            "turbines",
            "A plant in {place} would bring jobs, its builder says; the department looks at security first.",
            ("Chinese turbine maker waits for word on {place} plant", "Wind farm owners ask for a decision"),
        ),
    ),
    "finance": (
        (
            "London clears a record {n} billion of offshore renminbi a day",
            "renminbi",
            "",
            ("Renminbi trading in London at a high",),
        ),
    ),
}
PEOPLE = (
    "The Foreign Secretary",
    "The Trade Secretary",
    "The Chancellor",
    "A minister",
    "The Prime Minister",
)
PLACES = ("Beijing", "Shanghai", "Wuhan", "Ningbo", "Guangzhou", "Chengdu", "Shenzhen", "Xi'an")
CONFIG = """
timezone: Europe/London
database: monitor.db
output: site
{more}
topics:
{topics}
digests:
  daily: {{title: UK-China daily, schedule: "30 8 * * mon-fri"}}
  weekly: {{title: UK-China weekly, schedule: "30 7 * * mon"}}
"""


def make_config(folder: Path, more: str = "") -> Config:
    """A config with these topics and digests; database and output lie in the folder."""
    topics = "\n".join(f"  {id_}: {{title: {title}, terms: [{id_}]}}" for id_, title in TOPICS.items())
    text = CONFIG.format(topics=topics, more=more)
    return config.parse(text, file=folder / "config.yaml", environ={})


@cache
def built_in() -> render.Environment:
    """The templates that ship, compiled once."""
    return render.environment([resources.templates()])


@dataclass
class Event:
    """Something that outlets report."""

    topic: str
    also: str
    headlines: tuple[str, ...]
    term: str
    lead: str
    story_id: str = ""


@dataclass
class Newsroom:
    """A store with a config, in which days go by."""

    config: Config
    store: Store
    dice: random.Random
    page: str = "<!doctype html><title>An edition</title>\n"
    """What the editions' own pages hold: nobody looks at them here."""
    reports: int = 0
    events: tuple[Event, ...] = ()
    """The latest, which may still get a report."""

    @classmethod
    def open(cls, folder: Path, more: str = "") -> Newsroom:
        """A new one; whoever opens it closes its store."""
        made = make_config(folder, more)
        store = Store.open(made.database)
        store.sync_sources(
            [make_source(id_, name=name, outlet=name, kind=kind) for id_, name, kind in OUTLETS]
        )
        return cls(made, store, random.Random(5))

    def copy(self, folder: Path) -> Newsroom:
        """The same with files of its own; this one's store must be closed."""
        shutil.copytree(self.config.file.parent, folder, dirs_exist_ok=True)
        made = make_config(folder)
        return replace(
            self,
            config=made,
            store=Store.open(made.database),
            dice=copy.copy(self.dice),
            events=copy.deepcopy(self.events),
        )

    def days(self, first: date, count: int, events: int) -> Iterator[date]:
        """Lets so many days go by, each with about so many events and its editions; gives each after it."""
        for at in range(count):
            day = first + timedelta(days=at)
            if day.weekday() < 5:
                self.day(day, self.dice.randint(events // 2, events + events // 2))
                yield day

    def day(self, day: date, events: int) -> tuple[Published, ...]:
        """One working day: reports come in, then the daily edition, on Mondays the weekly one too."""
        seen = datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)
        told = [self._event() for _ in range(events)]
        again = [event for event in self.events if self.dice.random() < 0.1]
        came = {id(event): self._reports(event, seen) for event in [*told, *again]}
        self._record([one for some in came.values() for one in some], seen)
        self._revise(seen)
        stored = {judged.item.key: judged for judged in self.store.unclaimed("daily")}
        stories = [
            self._story(event, [stored.pop(one.item.key) for one in came[id(event)]])
            for event in [*told, *again]
        ]
        stories = self._with_updates(stories, [*stored.values()])
        self.events = (*self.events, *told)[-30:]
        made = [self.publish("daily", day, seen + timedelta(hours=3), stories)]
        if day.weekday() == 0:
            # All that its digest has not shown: by story, as grouping has it.
            made.append(self.publish("weekly", day, seen + timedelta(hours=3.1), self._of_the_week()))
        return tuple(made)

    def publish(
        self, digest: str, day: date, end: datetime, stories: Sequence[Story], *, is_shown: bool = True
    ) -> Published:
        """An edition with these stories, its files written."""
        names = self.store.edition_names(digest, day)
        name = f"{day}-{len(names) + 1}" if names else f"{day}"
        window = timedelta(days=7 if digest == "weekly" else 1)
        slot = None if names else f"{day}"
        edition = Edition(digest, f"UK-China {digest}", end - window, end, day, slot, name)
        published = self.store.publish(
            edition,
            self._message(edition, stories),
            stories,
            now=end,
            rules_version="rules1",
            looked_at=10 * len(stories),
            is_shown=is_shown,
        )
        self.write()
        return published

    def write(self) -> None:
        """Writes the files of editions that lack them."""
        for one in self.store.unwritten():
            deliver.write_edition(self.config.output, one)
            self.store.mark_written(one.id)

    def _message(self, edition: Edition, stories: Sequence[Story]) -> Message:
        said = f"{edition.local_date.day} {edition.local_date:%b}: "
        said += f"{stories[0].lead.item.title[:48]} (+{len(stories) - 1})" if stories else "no new items"
        return Message(f"{edition.title}, {said}", f"{said}\n", self.page, "{}\n")

    def _event(self) -> Event:
        topic = self.dice.choice([*EVENTS, "trade", "trade", "diplomacy"])
        headline, term, lead, others = self.dice.choice(EVENTS[topic])
        filled = {
            "who": self.dice.choice(PEOPLE),
            "place": self.dice.choice(PLACES),
            "n": self.dice.randint(3, 90),
        }
        also = self.dice.choice([*TOPICS]) if self.dice.random() < 0.3 else topic
        headlines = tuple(words.format(**filled) for words in (headline, *others))
        return Event(topic, also, headlines, term, lead.format(**filled))

    def _reports(self, event: Event, seen: datetime) -> list[Assessed]:
        """Some outlets report an event; of one that is known already, one or two."""
        most = 2 if event.story_id else 5
        outlets = self.dice.sample(OUTLETS, min(most, self.dice.choice((1, 1, 1, 2, 3, 5))))
        return [self._report(event, source, at, seen) for at, (source, _, _) in enumerate(outlets)]

    def _report(self, event: Event, source: str, at: int, seen: datetime) -> Assessed:
        self.reports += 1
        first = at == 0 and not event.story_id
        title = event.headlines[at % len(event.headlines) if first or at else -1]
        published = seen - timedelta(minutes=self.dice.randint(5, 1_200))
        item = Item(
            key=f"k{self.reports}",
            source_id=source,
            guid=f"g{self.reports}",
            url=f"https://{source}.example/{seen:%Y/%m}/{self.reports}",
            title=title,
            summary=event.lead if first else "",
            text="" if first else "It is about the UK-China relation.",
            published=None if self.reports % 40 == 0 else published,
        )
        found = title.find(event.term)
        matches = [Match("topic", event.term, "title", event.term, found, event.topic, 3.0)][: found + 1]
        matches.append(Match("both", "UK-China", "text", "UK-China", 16, points=1.0, where="text"))
        topics = tuple(dict.fromkeys((event.topic, event.also)))
        return Assessed(item, Verdict(True, 6.0, topics, tuple(matches), "rules1"))

    def _record(self, reports: Iterable[Assessed], seen: datetime) -> None:
        by_source: dict[str, list[Assessed]] = {}
        for one in reports:
            by_source.setdefault(one.item.source_id, []).append(one)
        for source, some in by_source.items():
            self.store.record(SourceOutcome(FeedState(source), "ok", tuple(some), windowed=False), seen)

    def _revise(self, seen: datetime) -> None:
        """Now and then a report of the last days has a new headline."""
        known = [event.story_id for event in self.events if self.dice.random() < 0.05]
        for story_id in known:
            story = self.store.story(story_id)
            if story:
                lead = story.lead
                item = replace(lead.item, title=f"{lead.item.title} (corrected)")
                self._record([Assessed(item, lead.verdict)], seen)

    def _story(self, event: Event, came: Sequence[Judged]) -> Story:
        ordered = tuple(sorted(came, key=lead_first))
        why = tuple(f"with {ordered[0].item.title} ({ordered[0].outlet}): same day" for _ in ordered[1:])
        joined = f"with {event.headlines[0]}: the same names, 2 days apart" if event.story_id else ""
        event.story_id = event.story_id or f"s{min(one.id for one in ordered)}"
        return Story(event.story_id, ordered, why, why_joined=joined)

    def _with_updates(self, stories: list[Story], updated: Sequence[Judged]) -> list[Story]:
        """Reports that were shown before and have changed go into their stories."""
        homes = self.store.memberships([judged.id for judged in updated])
        by_id = {story.id: story for story in stories}
        for judged in updated:
            id_ = homes[judged.id].story_id
            before = by_id.get(id_, Story(id_, ()))
            why = (*before.why_together, "it was there before")[: len(before.items)]
            by_id[id_] = replace(before, items=(*before.items, judged), why_together=why)
        return [*by_id.values()]

    def _of_the_week(self) -> list[Story]:
        waiting = self.store.unclaimed("weekly")
        homes = self.store.memberships([judged.id for judged in waiting])
        by_id: dict[str, list[Judged]] = {}
        for judged in waiting:
            by_id.setdefault(homes[judged.id].story_id, []).append(judged)
        return [Story(id_, tuple(sorted(some, key=lead_first))) for id_, some in by_id.items()]
