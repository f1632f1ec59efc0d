"""A fortnight of GOV.UK and Parliament, polled by the real program: every page ends as exactly one item, with
the history that its editors gave it, and nothing is missed.

The two sites play what their editors do, hour by hour: major and minor updates, a page issued again without a
change, pages withdrawn, removed and renamed, a finder that is retired, two days without an answer in which a
feed's window is overrun, a day of 429. The clocks go forward in the middle of it.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import looking
from monitor.cli.arguments import parser
from monitor.cli.context import Context
from monitor.config import Config
from monitor.fetch import Fetcher
from monitor.jobs.asking import Network
from monitor.jobs.collect import collect

from .govuk_site import Document, GovukSite
from .parliament_site import Contribution, ParliamentSite, Publication, Question, Statement
from .program import Ran, monitor

START = datetime(2026, 3, 23, tzinfo=UTC)
"""A Monday; the clocks go forward on its second Sunday."""
EVERY = timedelta(hours=6)
DAYS = 14
POLLS = DAYS * 4 + 1
END = START + EVERY * (POLLS - 1)
OUTAGE = (START + timedelta(days=4, hours=11), START + timedelta(days=6, hours=11))
RETIRED = START + timedelta(days=9)
BUSY = (START + timedelta(days=11), START + timedelta(days=12) - timedelta(minutes=1))
BURST = 22
"""Pages published during the outage: more than a feed's window of 20."""

SHOW = parser().parse_args(["show", "--json", "1"])
CONFIG = """
polling: {{timeout: 10s, every: 1h}}
network:
  allow_private: ["{govuk.host}", "{parliament.host}"]
  mirrors:
    www.gov.uk: "{govuk_url}"
    questions-statements-api.parliament.uk: "{parliament_url}"
    committees-api.parliament.uk: "{parliament_url}"
    hansard-api.parliament.uk: "{parliament_url}"
sources:
  - {{id: news, govuk: {{finder: news-and-communications, world_locations: [china, hong-kong]}}}}
  - {{id: keyword, govuk: {{keywords: China}}}}
  - {{id: policy, govuk: {{finder: policy-papers-and-consultations, world_locations: [china]}}}}
  - {{id: treasury, govuk: {{organisations: [hm-treasury]}}}}
  - {{id: travel, govuk: {{travel_advice: china}}}}
  - {{id: questions, parliament: {{list: written-questions, search: China}}}}
  - {{id: statements, parliament: {{list: written-statements, search: China}}}}
  - {{id: committees, parliament: {{list: committee-publications, search: China}}}}
  - {{id: hansard, parliament: {{list: hansard, search: China}}}}
rules:
  sides:
    uk: [UK, Britain, British]
    china: [China, Chinese, Hong Kong]
topics:
  trade: {{title: Trade, terms: [trade, steel, export*]}}
  other: {{title: Everything else, terms: [China, Chinese, Hong Kong]}}
digests:
  daily: {{title: UK-China daily, schedule: "30 8 * * mon-fri"}}
"""
FEEDS = ("news", "keyword", "treasury", "travel")
"""The sources on GOV.UK that last."""


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of the fortnight, day 0 being its first."""
    return START + timedelta(days=day, hours=hour, minutes=minute)


@dataclass
class Fortnight:
    """The two sites, what their editors are going to do, and what the program had seen at its end."""

    folder: Path
    govuk: GovukSite
    parliament: ParliamentSite
    plan: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    pages: dict[str, Document] = field(default_factory=dict)
    """GOV.UK's, by a short name."""
    config: Config | None = None
    good: list[datetime] = field(default_factory=list)
    """The polls at which all lasting feeds of GOV.UK were read."""
    searched: list[datetime] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    """`monitor show --json` of every stored item."""
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`monitor sources --json`, by id."""

    def plays(self, when: datetime, deed: Callable[..., object], *args: Any, **more: Any) -> None:
        """Something that is going to happen."""
        self.plan.append((when, partial(deed, *args, **more)))

    def page(self, name: str, when: datetime, title: str, **fields: Any) -> Document:
        """A page that is going to be published: news tagged with China unless said otherwise."""
        folder = "publications" if fields.get("type") == "policy_paper" else "news"
        values = {"path": f"/government/{folder}/{name}", "world_locations": ("china",)} | fields
        page = self.pages[name] = Document(title=title, **values)
        self.plays(when, self.govuk.publish, when, page)
        return page

    def update(self, when: datetime, page: Document, note: str, **words: str) -> None:
        self.plays(when, self.govuk.major_update, when, page, note, **words)

    def item(self, page: Document) -> dict[str, Any]:
        """The one item of a page, under its present address."""
        (item,) = [item for item in self.items if item["url"] == f"https://www.gov.uk{page.path}"]
        return item

    @property
    def resumed(self) -> datetime:
        """The first good poll after the outage."""
        return min(poll for poll in self.good if poll > OUTAGE[1])

    def told(self, page: Document) -> list[tuple[str, str | None]]:
        """What of a page's deeds is a revision: those on its public date, of two between two polls the later.

        The poll that saw it first made it an item. An update comes with its note, the latest one.
        """
        dated = [deed for deed in page.deeds if deed.what in ("new", "updated", "reissued")]
        seen = [[deed for deed in dated if deed.at <= poll] for poll in self.good]
        told: list[tuple[str, str | None]] = []
        for before, after in pairwise(known for known in seen if known):
            notes = [deed.note for deed in after[len(before) :] if deed.what == "updated"]
            if notes:
                told.append(("updated", notes[-1]))
            elif len(after) > len(before):
                told.append(("re-issued unchanged", None))
        # No feed tells of these: they are found when a page is checked again, days later.
        ends = {"withdrawn": "withdrawn", "gone": "removed"}
        return told + [(ends[deed.what], deed.note) for deed in page.deeds if deed.what in ends]

    def monitor(self, *args: str) -> Ran:
        """The program itself, at the end of it all."""
        return monitor("--now", END.isoformat(), *args, cwd=self.folder)


# What happens.


def everyday(plot: Fortnight) -> None:
    """A story about China a day, and one of the Treasury that has nothing to do with it every other day."""
    for day in [*range(4), *range(7, 14)]:
        plot.page(f"story-{day}", at(day, 3), f"UK and China meet on matter {day}", description="They met.")
    for day in range(0, 14, 2):
        plot.page(
            f"tax-{day}",
            at(day, 9),
            f"Tax receipts, part {day}",
            organisations=("hm-treasury",),
            world_locations=(),
        )


def updates(plot: Fortnight) -> None:
    """Pages from before, and pages that are changed in every way there is."""
    plot.page(
        "audit",
        datetime(2024, 6, 1, 9, tzinfo=UTC),
        "China audit",
        description="What the UK knows.",
        type="policy_paper",
    )
    plot.update(datetime(2026, 3, 20, 9, tzinfo=UTC), plot.pages["audit"], "Added a chapter on steel.")
    guide = plot.page(
        "guide", datetime(2019, 5, 1, 9, tzinfo=UTC), "Exports from the UK to China", type="policy_paper"
    )
    plot.update(at(2, 7), guide, "Added the rules for steel.", body="<p>Rules for <b>girders</b>.</p>")

    twice = plot.page(
        "twice",
        at(1, 8),
        "UK-China dialogue on trade",
        description="The Chancellor & her guest spoke of trade with China. " + "They went on. " * 30,
        organisations=("hm-treasury",),
    )
    plot.update(at(3, 8), twice, "Added the joint statement.", body="<p>Statement.</p>")
    plot.update(at(5, 8), twice, "Corrected two figures.", body="<p>Statement, corrected.</p>")
    plot.update(at(6, 3), twice, "Added a photograph.")

    minor = plot.page("minor", at(2, 2), "Britain sings a deal with China")
    plot.plays(at(2, 20), plot.govuk.minor_edit, at(2, 20), minor, title="Britain signs a deal with China")
    reissued = plot.page("reissued", at(1, 5), "Guidance for British firms in China", body="<p>The same.</p>")
    plot.plays(at(3, 8), plot.govuk.reissue, at(3, 8), reissued)
    late = plot.page("late", at(10, 8), "UK visa centre in China opens")
    plot.update(at(11, 10), late, "Added opening hours.", title="UK visa centre in China opens on Monday")


def removals(plot: Fortnight) -> None:
    withdrawn = plot.page("withdrawn", at(3, 1), "UK rules for travellers from China")
    plot.plays(at(8, 10), plot.govuk.withdraw, at(8, 10), withdrawn, "The rules have ended.")
    gone = plot.page("gone", at(3, 2), "UK talks with China on nothing")
    plot.plays(at(8, 11), plot.govuk.remove, at(8, 11), gone, "Published in error.")
    renamed = plot.page("china-vist", at(7, 1), "British minister to visit China")
    plot.plays(at(7, 13), plot.govuk.rename, at(7, 13), renamed, "/government/news/china-visit")


def oddities(plot: Fortnight) -> None:
    """Pages that are hard to tell apart or to find."""
    for number in (1, 2):
        plot.page(
            f"weekly-{number}", at(6 + number, 16), "UK-China exchange: weekly note", description=f"{number}."
        )
    plot.page(
        "untagged", at(2, 11), "Exports up", description="British exports to China grew.", world_locations=()
    )
    plot.page("in-text-only", at(2, 12), "Exports up again", body="<p>To China.</p>", world_locations=())
    plot.page(
        "paper-1", at(8, 5), "UK strategy for China", type="policy_paper", organisations=("hm-treasury",)
    )
    # After its finder was retired, the Treasury's feed alone has it.
    plot.page("paper-2", at(10, 5), "UK steel and China", type="policy_paper", organisations=("hm-treasury",))

    travel = plot.page(
        "travel",
        datetime(2020, 1, 24, 9, tzinfo=UTC),
        "China travel advice",
        path="/foreign-travel-advice/china",
        type="travel_advice",
        parts=("safety", "entry-requirements"),
    )
    plot.update(at(2, 10), travel, "New rules for entry (‘Entry requirements’ page).")
    plot.update(at(10, 10), travel, "A typhoon is near (‘Safety’ page).")


def burst(plot: Fortnight) -> None:
    """While nothing is answered, more pages come than the feed will show afterwards."""
    for number in range(BURST):
        when = OUTAGE[0] + timedelta(hours=2 * number, minutes=5)
        plot.page(
            f"burst-{number}", when, f"UK and Chinese officials, meeting {number}", description="On China."
        )


def parliament(plot: Fortnight) -> None:
    site = plot.parliament
    first = Question(1, "24601", date(2026, 3, 24), "Steel: China", "To ask about steel from China.")
    plot.plays(at(1, 8), site.add, first)
    plot.plays(at(4, 14), site.answer_question, first, date(2026, 3, 27), "<p>We consider <b>quotas</b>.</p>")
    second = Question(2, "HL1234", date(2026, 4, 1), "China: Embassies", "To ask about China.", house="Lords")
    plot.plays(at(9, 8), site.add, second)
    plot.plays(at(1, 9), site.add, Question(3, "24602", date(2026, 3, 24), "Tea: Kenya", "To ask about tea."))
    plot.plays(
        at(2, 10),
        site.add,
        Statement(4, "HCWS12", date(2026, 3, 25), "China visit", "<p>I visited China.</p>"),
    )
    report = Publication(46016, _naive(at(3, 9)), "Third Report: China and the UK", document_ids=(229090,))
    plot.plays(at(3, 9), site.add, report)
    letter = Publication(46017, _naive(at(8, 9)), "Letter on China to the Minister", kind="Correspondence")
    plot.plays(at(8, 9), site.add, letter)
    for number, day in ((1, 1), (2, 9)):
        said = Contribution(
            f"C-{number}",
            f"D-{number}",
            f"China: Fisheries {number}",
            at(day).date(),
            "What of fish from China?",
        )
        plot.plays(at(day, 20), site.add, said)


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


# How it is played.


@pytest.fixture(scope="module")
def plot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fortnight]:
    """The fortnight, after it."""
    with GovukSite(datetime(2019, 1, 1, tzinfo=UTC)) as govuk, ParliamentSite() as commons:
        played = Fortnight(tmp_path_factory.mktemp("fortnight"), govuk, commons)
        urls = {"govuk_url": govuk.url(""), "parliament_url": commons.url("")}
        config = CONFIG.format(govuk=govuk, parliament=commons, **urls)
        (played.folder / "config.yaml").write_text(config, encoding="utf-8")
        for scene in (everyday, updates, removals, oddities, burst, parliament):
            scene(played)
        _play(played)
        _look(played)
        yield played


def _play(plot: Fortnight) -> None:
    site = plot.govuk
    for begin, end, name, values in (
        (*OUTAGE, "down", (True, False)),
        (*BUSY, "most_per_second", (0, None)),
    ):
        plot.plays(begin, setattr, site, name, values[0])
        plot.plays(end, setattr, site, name, values[1])
    policy = "/search/policy-papers-and-consultations"
    plot.plays(RETIRED, site.retire, RETIRED, policy, to="/search/policy-papers")
    plan = sorted(plot.plan, key=lambda deed: deed[0])
    with _run(plot, START) as first, _in_haste(first.config) as fetcher:
        # Look-ups keep their distance all the same.
        network = first.network()._replace(fetch=fetcher.fetch)
        for number in range(POLLS):
            now = START + number * EVERY
            while plan and plan[0][0] <= now:
                plan.pop(0)[1]()
            site.pass_to(now)
            # The last one by the program itself; for all of them that would take a minute.
            statuses = _statuses(plot) if now == END else _poll(plot, now, network)
            if all(statuses[id_] in ("ok", "unchanged") for id_ in FEEDS):
                plot.good.append(now)
    plot.searched = [asked.at for asked in site.asked if asked.path.startswith("/api/search.json")]


def _in_haste(config: Config) -> Fetcher:
    """A client that spaces no requests: fifty-seven polls would wait for minutes."""
    return Fetcher(
        user_agent="fortnight",
        allow_private=config.allow_private,
        mirrors=dict(config.mirrors),
        spacing={},
    )


def _poll(plot: Fortnight, now: datetime, network: Network) -> dict[str, str]:
    with _run(plot, now) as context:
        reports = collect(context.config, context.store, network, now)
    return {report.source.id: report.status for report in reports}


def _statuses(plot: Fortnight) -> dict[str, str]:
    return {row["id"]: row["status"] for row in plot.monitor("poll", "--json").json["sources"]}


def _look(plot: Fortnight) -> None:
    with _run(plot, END) as context:
        ids = [judged.id for judged in context.reader.each_item(with_matches=False)]
    for id_ in ids:
        with _run(plot, END, str(id_)) as context, redirect_stdout(StringIO()) as out:
            assert looking.show(context) == 0
        plot.items.append(json.loads(out.getvalue()))
    plot.sources = {row["id"]: row for row in plot.monitor("sources", "--json").json["sources"]}


def _run(plot: Fortnight, now: datetime, ref: str = "") -> Context:
    """One run of the program in this process. Its arguments and the config are read once for all of them."""
    args = Namespace(**vars(SHOW) | {"now": now.isoformat(), "ref": [ref]})
    context = Context(args, {}, plot.folder)
    plot.config = context.config = plot.config or context.config
    return context


# How it ends.


def test_it_was_the_fortnight_that_it_should_be(plot: Fortnight) -> None:
    """The story has in it what the other tests are about."""
    statuses = Counter(asked.status for asked in plot.govuk.asked)
    outage = [poll for poll in plot.good if OUTAGE[0] <= poll <= OUTAGE[1]]
    busy = [poll for poll in plot.good if BUSY[0] <= poll <= BUSY[1]]

    assert len(plot.pages) > 55
    assert (outage, busy) == ([], [])
    assert statuses[503] > len(FEEDS)
    assert statuses[429] > len(FEEDS)
    assert len(plot.good) > POLLS / 2
    assert plot.good[-1] == END


def test_every_page_ends_as_exactly_one_item(plot: Fortnight) -> None:
    found = Counter(item["url"] for item in plot.items if "gov.uk" in item["url"])

    assert found == Counter(f"https://www.gov.uk{page.path}" for page in plot.pages.values())


def test_every_page_about_china_is_relevant_and_no_other(plot: Fortnight) -> None:
    # What only its text says cannot be known of a page before it is looked up.
    sure = [page for name, page in plot.pages.items() if name != "in-text-only"]
    relevant = {page.path: plot.item(page)["relevant"] for page in sure}

    assert relevant == {page.path: not page.path.startswith("/government/news/tax") for page in sure}


def test_the_history_of_every_page_is_what_its_editors_did(plot: Fortnight) -> None:
    told = {
        name: [(revision["what"], revision["note"]) for revision in plot.item(page)["revisions"]]
        for name, page in plot.pages.items()
    }

    assert told == {name: plot.told(page) for name, page in plot.pages.items()}


@pytest.mark.parametrize(
    ("name", "history"),
    [
        ("guide", [("updated", "Added the rules for steel.")]),
        ("twice", [("updated", "Added the joint statement."), ("updated", "Added a photograph.")]),
        ("reissued", [("re-issued unchanged", None)]),
        ("late", [("updated", "Added opening hours.")]),
        ("audit", []),
        ("minor", []),
        ("china-vist", []),
        ("withdrawn", [("withdrawn", "The rules have ended.")]),
        ("gone", [("removed", "Published in error.")]),
    ],
)
def test_new_updated_and_issued_again_are_told_apart(
    plot: Fortnight, name: str, history: list[tuple[str, str | None]]
) -> None:
    """The same in plain words, so that the reckoning above is held to account."""
    revisions = plot.item(plot.pages[name])["revisions"]

    assert [(revision["what"], revision["note"]) for revision in revisions] == history


def test_an_update_has_the_time_that_its_editors_gave_it(plot: Fortnight) -> None:
    (revision,) = plot.item(plot.pages["late"])["revisions"]

    assert datetime.fromisoformat(revision["note_at"]) == at(11, 10)
    assert revision["old_title"] == "UK visa centre in China opens"


def test_a_page_has_all_its_notes_also_of_updates_that_no_poll_saw(plot: Fortnight) -> None:
    kept = {name: page for name, page in plot.pages.items() if page.is_listed and name != "travel"}
    relevant = {name: page for name, page in kept.items() if plot.item(page)["relevant"]}
    held = {
        name: [
            (datetime.fromisoformat(note["at"]), note["note"]) for note in plot.item(page)["page"]["history"]
        ]
        for name, page in relevant.items()
    }

    assert "Corrected two figures." in {note for _, note in held["twice"]}
    assert held == {name: page.notes for name, page in relevant.items()}


def test_titles_are_as_they_are_at_the_end(plot: Fortnight) -> None:
    titles = {name: plot.item(page)["title"] for name, page in plot.pages.items()}

    assert titles == {name: page.title for name, page in plot.pages.items()}


def test_what_the_window_lost_was_found_by_searching(plot: Fortnight) -> None:
    burst = [plot.item(page) for name, page in plot.pages.items() if name.startswith("burst")]

    assert set(plot.searched) == {plot.resumed}
    assert {datetime.fromisoformat(item["first_seen"]) for item in burst} == {plot.resumed}
    assert all(item["page"]["first_published"] for item in burst)


def test_a_page_in_several_feeds_is_seen_in_each(plot: Fortnight) -> None:
    seen = {where["source_id"] for where in plot.item(plot.pages["twice"])["seen_in"]}
    untagged = {where["source_id"] for where in plot.item(plot.pages["untagged"])["seen_in"]}
    paper = {where["source_id"] for where in plot.item(plot.pages["paper-1"])["seen_in"]}

    assert (seen, untagged, paper) == ({"news", "keyword", "treasury"}, {"keyword"}, {"policy", "treasury"})


def test_the_text_of_a_page_is_found(plot: Fortnight) -> None:
    found = plot.monitor("search", "girders", "--json").json["items"]

    assert [item["url"] for item in found] == ["https://www.gov.uk/government/publications/guide"]


def test_a_source_is_at_its_end_what_it_is(plot: Fortnight) -> None:
    statuses = {id_: row["status"] for id_, row in plot.sources.items()}
    policy = plot.sources["policy"]

    assert {id_: statuses[id_] for id_ in (*FEEDS[:3], "policy")} == {
        "news": "ok",
        "keyword": "ok",
        "treasury": "ok",
        "policy": "ended",
    }
    assert "failing" not in statuses.values()
    assert "overrun" not in statuses.values()
    assert "/search/policy-papers" in policy["why"] + policy["advice"]


def test_govuk_is_asked_gently_and_a_page_once_for_each_version(plot: Fortnight) -> None:
    looked_up = [asked for asked in plot.govuk.asked if asked.path.startswith("/api/content/")]
    times = [asked.wall for asked in looked_up if asked.at == plot.resumed]
    sent = Counter(asked.path.removeprefix("/api/content") for asked in looked_up if asked.status == 200)
    asked = Counter(asked.path.removeprefix("/api/content") for asked in looked_up if asked.status < 400)

    # Five a second; one or two may be held up on the way here and come with those after them.
    assert len(times) > BURST
    assert all(
        later - first >= 0.2 * (after - 2)
        for number, first in enumerate(times)
        for after, later in enumerate(times[number:])
    )
    for page in plot.pages.values():
        assert sent[page.path] <= len(page.deeds), page.path
        assert asked[page.path] <= len(page.deeds) + DAYS / 2, page.path  # checked again every two days


def test_parliament_is_read_through_its_interfaces(plot: Fortnight) -> None:
    # Its site reads addresses in any case, and itself writes them in both.
    found = sorted(item["url"].lower() for item in plot.items if "parliament.uk" in item["url"])
    hansard = [url for url in found if url.startswith("https://hansard.parliament.uk/")]
    committees = [url for url in found if url.startswith("https://committees.parliament.uk/")]

    assert [url for url in found if url not in (*hansard, *committees)] == [
        "https://questions-statements.parliament.uk/written-questions/detail/2026-03-24/24601",
        "https://questions-statements.parliament.uk/written-questions/detail/2026-04-01/hl1234",
        "https://questions-statements.parliament.uk/written-statements/detail/2026-03-25/hcws12",
    ]
    assert len(hansard) == len(committees) == 2
    assert "https://committees.parliament.uk/publications/46016/documents/229090/default/" in committees
    assert all(item["relevant"] for item in plot.items if "parliament.uk" in item["url"])


def test_an_answer_is_news_of_its_question(plot: Fortnight) -> None:
    (question,) = [item for item in plot.items if item["url"].endswith("/24601")]
    (open_one,) = [item for item in plot.items if item["url"].lower().endswith("/hl1234")]

    assert len(question["revisions"]) == 1
    assert "quotas" in question["summary"] + question["text"]
    assert open_one["revisions"] == []


def test_an_edition_tells_an_old_page_with_changes_from_news(plot: Fortnight) -> None:
    made = plot.monitor("digest", "--json", "--no-send")
    written = json.loads(Path(made.json["json"]).read_text(encoding="utf-8"))
    updates = {story["title"]: story["updated"] for story in written["stories"] if story["updated"]}

    assert updates["China audit"]["note"] == "Added a chapter on steel."
    assert updates["China audit"]["note_at"] == "2026-03-20T09:00:00Z"
    assert updates["Guidance for British firms in China"]["what"] == "re-issued unchanged"
    assert {update["what"] for update in updates.values()} == {"updated", "re-issued unchanged"}
    assert {plot.pages[name].title for name in plot.pages if plot.pages[name].notes[1:]} == {
        title for title, update in updates.items() if update["note"]
    }
