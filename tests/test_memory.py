"""Stories that outlive their editions: a fortnight of polls with a daily and a weekly digest beside it.

Three outlets tell of events for days; a report comes late, a headline is changed, a page leaves its feed and
comes back. Real feeds over real HTTP, a real database, the jobs of the program in this process.
"""

from __future__ import annotations

import shutil
import sqlite3
from argparse import Namespace
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest

from monitor import render, resources, schedule
from monitor.cli.arguments import parser
from monitor.cli.context import Context
from monitor.config import Config
from monitor.jobs.asking import Network
from monitor.jobs.collect import collect
from monitor.jobs.publish import Occasion, compose, due_digests, publish
from monitor.models import Digest, DigestSpec, Story

from .loopback import Loopback
from .program import monitor, write_config

START = datetime(2026, 3, 23, 8, tzinfo=UTC)
"""A Monday; the clocks go forward on its second Sunday."""
DAYS = 14
EVERY = timedelta(hours=12)
WINDOW = 6
"""Entries in a feed."""
ENVIRONMENT = render.environment([resources.templates()])
"""One for all editions, so that the templates are compiled once."""
ARGS = parser().parse_args(["digest"])
DIGESTS = """
digests:
  daily: {title: UK-China daily, schedule: "30 7 * * *"}
  weekly: {title: UK-China weekly, schedule: "0 7 * * mon"}
"""
RULES = """
rules:
  sides:
    uk: [UK, Britain, British, Chancellor, Scunthorpe, Leeds, Halliwell]
    china: [China, Chinese, Chengdu, Jingye]
topics:
  trade: {title: Trade, terms: [furnaces, duties, executives, factories]}
  rest: {title: Everything else, terms: [UK, British, China, Chinese]}
"""
SOURCES = """
{id: gazette, url: "{site}/gazette", kind: uk-media}
{id: herald, url: "{site}/herald", kind: uk-media}
{id: office, url: "{site}/office", kind: official-uk}
"""


@dataclass(frozen=True)
class Report:
    """What an outlet publishes: `event` is what it is about, whatever it says."""

    event: str
    outlet: str
    day: float
    """Since START."""
    title: str
    summary: str = ""
    until: float = 99
    """When it leaves its feed for good."""
    away: tuple[float, float] = (0, 0)
    """Between these it is not in the feed."""
    retitled: tuple[float, str] | None = None
    """When it gets another headline, and which."""

    @property
    def path(self) -> str:
        return f"{self.event}-{self.outlet}-{self.day:g}"

    def title_at(self, day: float) -> str:
        return self.retitled[1] if self.retitled and day >= self.retitled[0] else self.title


VISIT = "The Chancellor led British executives through Chengdu factories and signed a protocol on pandas."
STEEL = "Jingye told unions that the Scunthorpe blast furnaces of British Steel would shut in June."
TRIAL = (
    "Prosecutors in Manchester say Robert Halliwell sold turbine drawings to a handler from Chinese Harbin."
)
LEEDS = "Britain granted planning consent for a Chinese consulate in the former Majestic ballroom in Leeds."
PORCELAIN = "A Staffordshire pottery asks UK ministers for duties on Chinese porcelain tableware."

REPORTS = (
    # told by two at once, then by a third, and by one of the two again days later
    Report("visit", "gazette", 0.1, "Chancellor takes British executives to Chengdu", VISIT),
    Report("visit", "herald", 0.3, "Pandas and protocols: the Chancellor in Chengdu, China", VISIT),
    Report("visit", "office", 1.1, "UK Chancellor visits Chengdu factories", VISIT),
    Report(
        "visit", "gazette", 2.2, "Chengdu factories: what the Chancellor's protocol on pandas says", VISIT
    ),
    # told by one, by another four days later
    Report("steel", "gazette", 1.2, "Jingye to shut Scunthorpe blast furnaces of British Steel", STEEL),
    Report(
        "steel",
        "herald",
        4.7,
        "Scunthorpe blast furnaces: British Steel unions hear of June from Jingye",
        STEEL,
    ),
    # one affair, two events
    Report(
        "charge", "gazette", 3.1, "Robert Halliwell charged with selling UK turbine drawings to China", TRIAL
    ),
    Report(
        "charge", "herald", 3.3, "Engineer Halliwell charged over turbine drawings for Chinese Harbin", TRIAL
    ),
    Report(
        "verdict",
        "gazette",
        8.1,
        "Robert Halliwell found guilty of selling UK turbine drawings to China",
        TRIAL,
    ),
    Report(
        "verdict",
        "herald",
        8.2,
        "Engineer Halliwell convicted over turbine drawings for Chinese Harbin",
        TRIAL,
    ),
    # an article gets another headline after it was shown; its story goes on the day after that
    Report(
        "leeds",
        "herald",
        5.1,
        "Leeds may get a Chinese consulate in the Majestic ballroom",
        LEEDS,
        retitled=(6.2, "Leeds gets a Chinese consulate in the Majestic ballroom"),
    ),
    Report("leeds", "office", 7.3, "Planning consent: Chinese consulate, Majestic ballroom, Leeds", LEEDS),
    # a page that comes back is no news
    Report(
        "porcelain",
        "gazette",
        2.7,
        "Staffordshire pottery asks UK for duties on Chinese porcelain",
        PORCELAIN,
        away=(4, 9),
    ),
    *(
        Report(f"every-{day}", outlet, day + 0.4, title)
        for day, (outlet, title) in enumerate(
            [
                ("gazette", "British wool auction in Bradford draws buyers from Chinese Inner Mongolia"),
                ("herald", "Kew botanists and Chinese Kunming colleagues list alpine gentians for the UK"),
                ("office", "UK Export Finance opens a desk for Chinese Shenzhen"),
                ("gazette", "Chinese bidders circle the British ferry yard at Birkenhead"),
                ("herald", "Chinese opera returns to London with a British cast"),
                ("office", "UK travel notice: flooding in Chinese Guangxi"),
                ("gazette", "British vineyard sells sparkling wine in Chinese Ningbo"),
                ("herald", "China lifts a ban on British pork trotters"),
                ("office", "UK ambassador speaks at a Chinese shipping forum in Qingdao"),
                ("gazette", "British snooker body moves its masters event to Chinese Yushan"),
                ("herald", "Chinese grandmaster wins the chess congress at British Hastings"),
                ("office", "UK and China sign a note on seabed cables near Hainan"),
                ("gazette", "British lithium start-up licenses Chinese Sichuan refining"),
                ("herald", "UK tea museum borrows Chinese Yixing teapots"),
            ]
        )
    ),
)
IRRELEVANT = Report("bins", "gazette", 0.2, "Leeds mends its bins")


def feed(outlet: str, day: float) -> bytes:
    """What an outlet's feed holds then: its latest entries."""
    there = [
        report
        for report in (*REPORTS, IRRELEVANT)
        if report.outlet == outlet and report.day <= day and not report.away[0] <= day < report.away[1]
    ]
    there.sort(key=lambda report: -report.day)
    # The one that was away comes back into the middle of it.
    shown = there[:WINDOW] + [report for report in there[WINDOW:] if report.away[1]]
    entries = "".join(
        f"<item><title>{escape(report.title_at(day))}</title><description>{escape(report.summary)}</description>"
        f"<link>https://{outlet}.example/{report.path}</link><guid>{report.path}</guid>"
        f"<pubDate>{START + timedelta(days=report.day):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for report in shown
    )
    head = f"<title>{outlet}</title><link>https://{outlet}.example/</link>"
    return f'<rss version="2.0"><channel>{head}{entries}</channel></rss>'.encode()


@dataclass
class Fortnight:
    """What was made in it."""

    folder: Path
    made: list[Digest] = field(default_factory=list)
    config: Config | None = None

    @property
    def end(self) -> datetime:
        return START + timedelta(days=DAYS)

    def of(self, digest: str) -> list[Digest]:
        return [one for one in self.made if one.edition.digest == digest]

    def told(self, digest: str, event: str) -> list[tuple[Digest, Story]]:
        """The stories that have reports of an event, with the editions that they stood in."""
        return [
            (made, story)
            for made in self.of(digest)
            for story in made.stories
            if event in {event_of(judged.item.url) for judged in story.items}
        ]

    def run(self, now: datetime) -> Context:
        """One run of the program in this process."""
        context = Context(Namespace(**vars(ARGS) | {"now": now.isoformat()}), {}, self.folder)
        self.config = context.config = self.config or context.config
        return context

    def poll(self, site: Loopback, network: Network, now: datetime) -> None:
        """What the outlets have then is read, and the digests that are due are made."""
        self.collect(site, network, now)
        with self.run(now) as context:
            self.made += publish_due(context)

    def collect(self, site: Loopback, network: Network, now: datetime) -> None:
        """What the outlets have then is read."""
        for outlet in ("gazette", "herald", "office"):
            site.serve(f"/{outlet}", feed(outlet, (now - START) / timedelta(days=1)))
        with self.run(now) as context:
            collect(context.config, context.store, network, now)


def event_of(url: str) -> str:
    """The event of a report by its address, whose last parts are the outlet and the day."""
    return url.rpartition("/")[2].rsplit("-", 2)[0]


@pytest.fixture(scope="module")
def plot(tmp_path_factory: pytest.TempPathFactory) -> Fortnight:
    """The fortnight, after it."""
    played = Fortnight(tmp_path_factory.mktemp("memory"))
    with Loopback() as site:
        write_config(played.folder, site, SOURCES, rules=RULES, digests=DIGESTS)
        with played.run(START) as first:
            network = first.network()
            for number in range(DAYS * 2 + 1):
                played.poll(site, network, START + number * EVERY)
    return played


def publish_due(context: Context, *, backwards: bool = False) -> list[Digest]:
    """Makes the digests that are due, as `once` does, and says what is in them."""
    config, store, now = context.config, context.store, context.now

    def last_slot(spec: DigestSpec) -> Occasion | None:
        slot = schedule.last_slot(spec.schedule, config.timezone, now)
        return Occasion(slot.local_date, slot.key, slot.at) if slot else None

    made = []
    due = due_digests(config, store, last_slot, now)
    for spec, occasion in reversed(due) if backwards else due:
        made.append(compose(config, store, spec, occasion, now))
        published = publish(config, store, ENVIRONMENT, spec, occasion, now)
        assert published is not None
        assert published.stories == len(made[-1].stories)
    return made


def test_it_was_the_fortnight_that_it_should_be(plot: Fortnight) -> None:
    assert len(plot.of("daily")) == DAYS + 1
    assert len(plot.of("weekly")) == 2
    assert sum(len(story.items) for made in plot.of("daily") for story in made.stories) > len(REPORTS)


@pytest.mark.parametrize("digest", ["daily", "weekly"])
def test_each_relevant_item_is_in_exactly_one_edition_in_each_of_its_revisions(
    plot: Fortnight, digest: str
) -> None:
    shown = Counter(
        (judged.item.url, judged.revision)
        for made in plot.of(digest)
        for story in made.stories
        for judged in story.items
    )
    with plot.run(plot.end) as context:
        stored = {
            (judged.item.url, revision): 1
            for judged in context.reader.each_item()
            if judged.verdict.relevant
            for revision in range(1, judged.revision + 1)
        }

    assert set(shown.values()) == {1}
    assert {event_of(url) for url, _ in stored} == {report.event for report in REPORTS}
    if digest == "daily":
        assert shown == Counter(stored)


@pytest.mark.parametrize("event", sorted({report.event for report in REPORTS}))
@pytest.mark.parametrize("digest", ["daily", "weekly"])
def test_each_event_is_new_once_and_keeps_its_story(plot: Fortnight, digest: str, event: str) -> None:
    told = plot.told(digest, event)
    new = [made.edition.name for made, story in told if not story.earlier and not story.update]

    assert new == [told[0][0].edition.name]
    assert len({story.id for _, story in told}) == 1


def test_no_story_holds_two_events(plot: Fortnight) -> None:
    events: defaultdict[str, set[str]] = defaultdict(set)
    for made in plot.made:
        for story in made.stories:
            events[story.id] |= {event_of(judged.item.url) for judged in story.items}

    assert [names for names in events.values() if len(names) > 1] == []
    assert len(events) == len({report.event for report in REPORTS})


def test_both_digests_call_a_story_by_one_name(plot: Fortnight) -> None:
    names = {
        digest: {
            judged.item.url: story.id
            for made in plot.of(digest)
            for story in made.stories
            for judged in story.items
        }
        for digest in ("daily", "weekly")
    }

    assert names["weekly"].items() <= names["daily"].items()


def test_an_update_names_the_edition_and_the_headline_of_before(plot: Fortnight) -> None:
    (first, new), (second, more), (third, again) = plot.told("daily", "visit")

    assert (new.earlier, len(new.items)) == (None, 2)
    assert more.earlier is not None
    assert (more.earlier.edition, more.earlier.title, more.earlier.reports) == (
        first.edition.name,
        new.lead.item.title,
        2,
    )
    assert again.earlier is not None
    assert (again.earlier.edition, again.earlier.local_date, again.earlier.reports) == (
        second.edition.name,
        second.edition.local_date,
        3,
    )
    assert third.edition.start == second.edition.end
    assert "points" in more.why_joined


def test_the_weekly_tells_as_one_story_what_the_daily_told_in_three(plot: Fortnight) -> None:
    ((_, story),) = plot.told("weekly", "visit")

    assert len(story.items) == 4
    assert len(story.why_together) == 3
    assert all(story.why_together)
    assert story.lead.kind == "official-uk"


def test_a_new_headline_is_an_update_and_what_comes_after_it_goes_on_with_the_story(plot: Fortnight) -> None:
    (_, new), (made, changed), (_, more) = plot.told("daily", "leeds")

    assert (new.earlier, new.update) == (None, None)
    assert changed in made.updated
    assert changed.update is not None
    assert changed.update.old_title == "Leeds may get a Chinese consulate in the Majestic ballroom"
    assert more.update is None
    assert more.earlier is not None
    assert more.earlier.title == "Leeds gets a Chinese consulate in the Majestic ballroom"


def test_two_stages_of_one_trial_are_two_stories(plot: Fortnight) -> None:
    ((_, charge),), ((_, verdict),) = plot.told("daily", "charge"), plot.told("daily", "verdict")

    assert charge.id != verdict.id
    assert len(charge.items) == len(verdict.items) == 2


def test_a_preview_has_the_same_stories_and_records_nothing(plot: Fortnight) -> None:
    def contents() -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(plot.folder / "data" / "monitor.db")) as db:
            return {
                name: db.execute(f"SELECT * FROM {name}").fetchall()
                for name in ("stories", "story_items", "editions", "edition_items", "edition_stories")
            }

    before = contents()
    preview = monitor(
        "--now", plot.end.isoformat(), "digest", "--preview", "--since", START.isoformat(), cwd=plot.folder
    )

    assert preview.code == 0
    assert contents() == before


def test_a_preview_of_an_older_window_calls_new_what_was_new_then(plot: Fortnight) -> None:
    before, after = plot.of("daily")[:3], plot.of("daily")[3:]
    with plot.run(plot.end) as context:
        occasion = Occasion(plot.end.date())
        composed = compose(
            context.config,
            context.reader,
            context.config.digests[0],
            occasion,
            context.now,
            since=before[-1].edition.end,
        )
    known = {story.id for made in before for story in made.stories}
    went_on = {story.id for made in after for story in made.stories} & known

    assert {story.id for story in composed.stories if story.earlier} == went_on
    assert {event_of(story.lead.item.url) for story in composed.stories if story.id in went_on} == {
        "visit",
        "steel",
    }


def test_the_order_of_two_digests_made_at_once_changes_no_storys_id(tmp_path: Path) -> None:
    digests = """
digests:
  some: {title: Trade, schedule: "30 7 * * *", topics: [trade]}
  all: {title: All, schedule: "30 7 * * *"}
"""
    both = Fortnight(tmp_path / "forwards")
    both.folder.mkdir()
    with Loopback() as site:
        write_config(both.folder, site, SOURCES, rules=RULES, digests=digests)
        with both.run(START) as first:
            network = first.network()
            both.poll(site, network, START + timedelta(days=1))
            both.collect(site, network, START + timedelta(days=5))
    shutil.copytree(both.folder, tmp_path / "backwards")
    made, stories = {}, {}
    for order in ("forwards", "backwards"):
        plot = Fortnight(tmp_path / order)
        with plot.run(START + timedelta(days=5)) as context:
            made[order] = publish_due(context, backwards=order == "backwards")
            ids = range(1, context.store.count_items() + 1)
            stories[order] = {id_: member.story_id for id_, member in context.store.memberships(ids).items()}

    assert [one.edition.digest for one in made["forwards"]] == ["some", "all"]
    assert [one.edition.digest for one in made["backwards"]] == ["all", "some"]
    assert any(story.earlier for story in made["forwards"][0].stories)
    assert len(set(stories["forwards"].values())) < len(stories["forwards"])
    assert stories["forwards"] == stories["backwards"]
