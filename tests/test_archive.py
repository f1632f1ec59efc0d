"""The pages and feeds of the archive, from values."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml
from zoneinfo import ZoneInfo

import html5lib
import pytest

from monitor import archive, resources
from monitor.archive import File, Site
from monitor.archive.chart import HEIGHT, LEAST_WEEKS, chart
from monitor.archive.sample import pages as sample_pages
from monitor.models import (
    Edition,
    Filed,
    Judged,
    Match,
    Message,
    Published,
    Revised,
    Showing,
    Story,
    StoryLine,
    Told,
    Topic,
    Update,
    Verdict,
)
from monitor.render import environment
from monitor.render.inert import safe_url

from .conftest import NOW, make_judged
from .test_render_inert import ATTACKS, URLS

ENV = environment([resources.templates()])
TRADE, RIGHTS = Topic("trade", "Trade & investment"), Topic("rights", "Human rights")
SITE = Site(ENV, ZoneInfo("Europe/London"), (TRADE, RIGHTS))
ON_THE_WEB = replace(SITE, public_url="https://monitor.example/uk", indexed=True)
DAY = NOW.date()
OURS = re.compile(r"#main|(\.\./)*([a-z0-9-]+/)*[a-z0-9-]+\.(html|atom|json)(#story-s1)?")
FILED = Filed("s1", ("trade", "rights"), DAY, 7)


def parsed(page: File) -> Any:
    """The page as a tree; any mistake in its HTML is an error."""
    return html5lib.HTMLParser(namespaceHTMLElements=False, strict=True).parse(page.text)


def words_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def text_of(page: File) -> str:
    """What a reader reads."""
    return words_of(parsed(page).find("body"))


def links(page: File) -> dict[str, str]:
    """By its words, where each link leads."""
    return {words_of(link): link.get("href") for link in parsed(page).iter("a")}


def published(
    day: date = DAY, *, digest: str = "daily", number: int = 1, subject: str = "", stories: int = 3
) -> Published:
    end = datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC)
    name = f"{day}-{number}" if number > 1 else f"{day}"
    edition = Edition(digest, f"UK-China {digest}", end - timedelta(days=1), end, day, name=name)
    subject = subject or f"UK-China {digest}, {day.day} Jan: Starmer meets Xi (+2)"
    return Published(number, edition, Message(subject, "", "", ""), stories, 2 * stories, written=True)


def index(*editions: Published, site: Site = SITE, weeks: dict[tuple[str, date], int] | None = None) -> File:
    newest = editions[0].edition.local_date.year
    return archive.index_page(
        site,
        [one for one in editions if one.edition.local_date.year == newest],
        [editions[0]],
        per_year=Counter(one.edition.local_date.year for one in editions),
        first_day=editions[-1].edition.local_date,
        weeks=weeks or {},
    )


def report(id_: int, title: str, *, hours: float = 3, **changes: Any) -> Judged:
    values: dict[str, Any] = {"published": NOW - timedelta(hours=hours), "summary": "", "outlet": "Gazette"}
    return make_judged(title, id=id_, first_seen=NOW, **(values | changes))


def told(*reports: Judged, **changes: Any) -> Told:
    together = tuple(f"the same place as report {reports[0].id}" for _ in reports[1:])
    values = {"showings": (showing(published(), *((one.id, 1) for one in reports)),), "changes": ()}
    return Told(FILED, Story("s1", reports, together), **(values | changes))


def showing(edition: Published, *revisions: tuple[int, int]) -> Showing:
    return Showing(edition.edition, revisions)


def line(
    title: str = "Whisky tariff halved", *, day: date = DAY, number: int = 1, **changes: Any
) -> StoryLine:
    values: dict[str, Any] = {"outlets": ("Gazette",), "reports": 1, "lang": "en"}
    return StoryLine(replace(FILED, id=f"s{number}", day=day), title, **(values | changes))


def every_page(site: Site = SITE) -> list[File]:
    """A page of every kind, in which every branch of the templates is passed."""
    return [page for page in (make() for make in sample_pages(site)) if isinstance(page, File)]


# Every page


@pytest.mark.parametrize("site", [SITE, ON_THE_WEB], ids=["at home", "on the web"])
def test_every_page_is_valid_html_with_one_heading_a_skip_link_and_a_way_back(site: Site) -> None:
    for page in every_page(site):
        tree = parsed(page)
        assert len(list(tree.iter("h1"))) == 1
        assert tree.find("body/a[@href='#main']") is not None
        assert tree.find(".//main[@id='main']") is not None
        back = tree.find(".//nav[@aria-label='Archive']//a")
        assert page.path == "index.html" or back.get("href") == "../" * page.path.count("/") + "index.html"
        assert not [*tree.iter("script"), *tree.iter("img"), *tree.iter("iframe"), *tree.iter("form")]
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids))


def test_headings_leave_no_level_out() -> None:
    for page in every_page():
        levels = [int(element.tag[1]) for element in parsed(page).iter() if element.tag in {"h1", "h2", "h3"}]
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_time_is_marked_for_machines() -> None:
    for page in every_page():
        for element in parsed(page).iter("time"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", element.get("datetime"))


def test_every_page_names_its_feeds_in_both_forms() -> None:
    topic = archive.topic_page(SITE, "trade", [line()], {"2026-01": 1})
    found = parsed(topic).findall(".//link[@rel='alternate']")

    assert [(link.get("type"), link.get("href")) for link in found] == [
        ("application/atom+xml", "../../feeds/topic-trade.atom"),
        ("application/feed+json", "../../feeds/topic-trade.json"),
        ("application/atom+xml", "../../feeds/stories.atom"),
        ("application/feed+json", "../../feeds/stories.json"),
    ]


@pytest.mark.parametrize(
    ("site", "is_listed"),
    [
        (SITE, False),
        (replace(SITE, indexed=True), False),
        (replace(SITE, public_url="https://monitor.example"), False),
        (ON_THE_WEB, True),
    ],
)
def test_search_engines_are_let_in_only_where_that_is_asked_for_and_the_site_has_an_address(
    site: Site, is_listed: bool
) -> None:
    page = parsed(index(published(), site=site))

    assert (page.find(".//meta[@name='robots']") is None) == is_listed


def test_what_needs_an_address_is_said_only_where_there_is_one() -> None:
    page = parsed(archive.story_page(ON_THE_WEB, told(report(1, "Whisky", summary="Halved."))))
    said = {meta.get("property"): meta.get("content") for meta in page.iter("meta") if meta.get("property")}

    assert said["og:url"] == "https://monitor.example/uk/story/s1/"
    assert said["og:title"] == "Whisky"
    assert said["og:description"] == "Halved."
    assert said["og:type"] == "article"
    assert page.find(".//link[@rel='canonical']").get("href") == said["og:url"]
    assert "og:" not in archive.story_page(SITE, told(report(1, "Whisky"))).text


# The first page, years, digests


def test_the_first_page_lists_editions_by_month_with_their_numbers_and_earlier_years_as_links() -> None:
    page = index(published(), published(DAY - timedelta(days=1), stories=0), published(date(2025, 12, 31)))

    said = text_of(page)
    assert "3 editions since Wednesday 31 December 2025" in said
    assert "January 2026 2 editions" in said
    assert "Thu 29 Starmer meets Xi (+2) 3 stories, 6 items" in said
    assert "December 2025" not in said.partition("Editions")[2]
    assert links(page)["2025 (1 edition)"] == "year/2025/index.html"
    assert links(page)["Starmer meets Xi (+2)"] == "daily/2026-01-28/index.html"


@pytest.mark.parametrize(
    ("subject", "headline"),
    [
        ("UK-China daily, 29 Jan: Starmer meets Xi (+2)", "Starmer meets Xi (+2)"),
        ("UK-China daily, 29 Jan: no new items", "No new items"),
        ("UK-China daily, 29 Jan: ", "UK-China daily, 29 Jan:"),
        ("My own subject: of a template", "My own subject: of a template"),
        ("Plain", "Plain"),
    ],
)
def test_a_list_leaves_out_of_a_subject_what_the_line_says_anyway(subject: str, headline: str) -> None:
    assert headline in links(index(published(subject=subject)))


def test_a_digests_page_has_all_its_editions_earlier_years_as_a_calendar() -> None:
    old = [published(date(2025, 3, day), number=number) for day, number in ((31, 1), (4, 2), (4, 1))]
    page = archive.digest_page(SITE, [published(), *old])

    assert page.path == "daily/index.html"
    assert "2025 3 editions. Each number is a day. March 2025 4 4 (2) 31" in text_of(page)
    day = next(a for a in parsed(page).iter("a") if words_of(a) == "4 (2)")
    assert day.get("href") == "../daily/2025-03-04-2/index.html"
    assert day.get("aria-label") == "Tuesday 4 March 2025: 3 stories, 6 items"


def test_a_years_page_names_the_digest_of_each_edition() -> None:
    page = archive.year_page(SITE, 2026, [published(), published(digest="weekly")])

    assert "UK-China weekly: 3 stories" in text_of(page)
    assert page.path == "year/2026/index.html"


# The chart


def test_the_chart_says_the_same_as_its_table() -> None:
    monday = date(2026, 1, 26)
    weeks = {("trade", monday): 8, ("trade", monday - timedelta(weeks=1)): 4, ("rights", monday): 1}
    page = parsed(index(published(), published(DAY - timedelta(weeks=30)), weeks=weeks))

    rows = page.findall(".//figure//table/tbody/tr")
    assert [[words_of(cell) for cell in row] for row in rows[:2]] == [
        ["26 Jan 2026", "8", "1", "9"],
        ["19 Jan 2026", "4", "0", "4"],
    ]
    assert len(rows) == archive.WEEKS
    trade, rights = page.findall(".//figure//{*}svg")
    assert [bar.get("height") for bar in trade.findall("{*}rect")] == [f"{HEIGHT // 2}", f"{HEIGHT}"]
    assert [words_of(bar) for bar in rights.findall("{*}rect")] == ["Week of 26 Jan 2026: 1 item"]


def test_each_strip_of_the_chart_has_a_title_and_says_in_words_what_it_shows() -> None:
    page = parsed(index(published(), weeks={("trade", date(2026, 1, 26)): 8}))

    strips = page.findall(".//figure//{*}svg")
    assert len(strips) == 2
    for strip in strips:
        assert strip.get("role") == "img"
        title = page.find(f".//*[@id='{strip.get('aria-labelledby')}']")
        assert re.fullmatch(r"(Trade & investment: 8|Human rights: 0) items in 4 weeks", words_of(title))
        assert page.find(f".//*[@id='{strip.get('aria-describedby')}']") is not None


def test_every_topic_of_the_config_has_its_row_in_the_configs_order_and_old_ones_come_after() -> None:
    monday = date(2026, 1, 26)
    shown = chart(SITE, {("zeal", monday): 2, ("old", monday): 1}, DAY, DAY, "index.html")

    assert shown is not None
    assert [row.topic.title for row in shown.rows] == ["Trade & investment", "Human rights", "old", "zeal"]
    assert [row.topic.path for row in shown.rows][-1] == "topic/zeal/index.html"


def test_the_chart_begins_with_the_first_edition_and_is_not_drawn_where_nothing_was_relevant() -> None:
    weeks = {("trade", date(2026, 1, 26)): 1}

    young = chart(SITE, weeks, DAY - timedelta(weeks=6), DAY, "index.html")
    newborn = chart(SITE, weeks, DAY, DAY, "index.html")
    old = chart(SITE, weeks, date(2020, 1, 1), DAY, "index.html")

    assert young
    assert newborn
    assert old
    assert [len(one.weeks) for one in (young, newborn, old)] == [7, LEAST_WEEKS, archive.WEEKS]
    assert chart(SITE, {("trade", date(2020, 1, 6)): 5}, DAY, DAY, "index.html") is None
    assert archive.chart_start(DAY) == date(2026, 1, 26) - timedelta(weeks=25)


# Topics


def test_a_topics_page_has_its_latest_stories_by_month_and_links_to_whole_months() -> None:
    lines = [line(number=3), line("Older", day=date(2025, 12, 30), number=2)]
    page = archive.topic_page(SITE, "trade", lines, {"2026-01": 1, "2025-12": 5, "2025-11": 2})

    assert page.path == "topic/trade/index.html"
    assert "Trade & investment 8 stories" in text_of(page)
    assert links(page)["Whisky tariff halved"] == "../../story/s3/index.html"
    assert links(page)["All stories of December 2025"] == "2025-12/index.html"
    assert "All stories of January 2026" not in links(page)
    assert links(page)["November 2025 (2)"] == "2025-11/index.html"


def test_a_line_says_who_tells_the_story_how_often_and_what_else_it_is_about() -> None:
    one = line(outlets=("GOV.UK", "Wire", "Ledger", "Courier", "Forum"), reports=6)
    page = archive.topic_month_page(SITE, "trade", "2026-01", [one])

    assert "GOV.UK, Wire, Ledger and 2 others, 6 reports. Also: Human rights." in text_of(page)
    assert links(page)["Human rights"] == "../../../topic/rights/index.html"
    assert page.path == "topic/trade/2026-01/index.html"


def test_a_topic_that_the_config_does_not_name_has_its_id_as_title() -> None:
    assert "old-topic 1 story" in text_of(archive.topic_page(SITE, "old-topic", [line()], {"2026-01": 1}))


def test_a_chinese_headline_says_its_language() -> None:
    page = parsed(archive.topic_page(SITE, "trade", [line("英国与中国")], {"2026-01": 1}))

    assert [link.get("lang") for link in page.iter("a") if words_of(link) == "英国与中国"] == ["zh"]


# Stories


def test_a_story_has_its_reports_oldest_first_under_their_days_in_london() -> None:
    lead = report(1, "Statement", hours=3, kind="official-uk", outlet="GOV.UK", summary="Tariffs fall.")
    early = report(2, "Whisky: the first word", hours=9, outlet="Wire", kind="world-media")
    undated = report(3, "Whisky, a list", published=None)
    page = archive.story_page(SITE, told(lead, early, undated))

    said = text_of(page)
    assert [words_of(h3) for h3 in parsed(page).iter("h3")] == [
        "Whisky: the first word",
        "Statement",
        "Whisky, a list",
    ]
    assert words_of(parsed(page).find(".//h1")) == "Statement"
    assert "Wednesday 28 January 2026 Whisky: the first word Wire (World media), 28 Jan 2026, 23:30." in said
    assert "GOV.UK (Official UK), 29 Jan 2026, 05:30. Leads the story. Tariffs fall." in said
    assert "date not given, first seen 29 Jan 2026, 08:30" in said
    assert "3 reports from 3 outlets.Topics: Trade & investment, Human rights." in said


def test_a_story_says_why_each_report_is_in_it_and_why_it_matched() -> None:
    match = Match("topic", "tariff*", "title", "tariffs", 0, "trade", 3.0)
    verdict = Verdict(True, 6.0, ("trade",), (match,), "rules1")
    page = archive.story_page(SITE, told(report(1, "Whisky"), report(2, "tariffs fall", verdict=verdict)))

    assert "In this story: the same place as report 1." in text_of(page)
    assert "Why: trade “tariffs” (title)." in text_of(page)
    assert "<mark>tariffs</mark> fall" in page.text


def test_a_report_that_says_word_for_word_the_same_is_called_so_and_its_extract_left_out() -> None:
    copies = [report(id_, "Whisky", summary="Halved on Monday.", outlet=f"Paper {id_}") for id_ in (1, 2)]
    said = text_of(archive.story_page(SITE, told(*copies)))

    assert said.count("Halved on Monday.") == 1
    assert said.count("Same text.") == 1


def test_the_history_says_what_each_edition_showed_and_the_notes_of_updates() -> None:
    first, second = published(), published(DAY + timedelta(days=1))
    weekly = published(DAY + timedelta(days=2), digest="weekly")
    update = Update(NOW, "updated", note="Added the new form", note_at=NOW)
    page = archive.story_page(
        SITE,
        told(
            report(1, "Guidance", outlet="GOV.UK"),
            report(2, "Forms"),
            showings=(
                showing(first, (1, 1)),
                showing(second, (1, 2), (2, 1)),
                showing(weekly, (1, 2), (2, 1)),
            ),
            changes=(Revised(1, 2, update),),
        ),
    )

    history = text_of(page).partition("In the digests")[2]
    assert "UK-China daily, Thursday 29 January 2026 1 report UK-China daily, Friday" in history
    assert (
        "Friday 30 January 2026 1 more report, 1 report updated "
        "GOV.UK: Updated 29 Jan 2026, 08:30: “Added the new form.”" in history
    )
    assert "UK-China weekly, Saturday 31 January 2026 2 reports" in history
    href = links(page)["UK-China daily, Thursday 29 January 2026"]
    assert href == "../../daily/2026-01-29/index.html#story-s1"


def test_a_report_tells_how_its_headline_changed() -> None:
    update = Update(NOW, "new title", "Whiskey")
    page = archive.story_page(SITE, told(report(1, "Whisky"), changes=(Revised(1, 2, update),)))

    assert "New title, 29 Jan 2026, 08:30. Was: Whiskey" in text_of(page)


# Feeds


def feed(site: Site = SITE, *stories: Told, topic: str = "") -> tuple[Any, Any]:
    entries = [archive.story_entry(site, one) for one in stories]
    atom, json_feed = archive.stories_feed(site, entries, updated=NOW, topic=topic)
    return Xml.fromstring(atom.text), json.loads(json_feed.text)


ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_feed_has_the_story_with_every_reports_link_and_why_it_is_there() -> None:
    atom, json_feed = feed(SITE, told(report(1, "Whisky", summary="Halved."), report(2, "Duty down")))
    (item,) = json_feed["items"]

    assert item["title"] == "Whisky"
    assert item["url"] == "../story/s1/index.html"
    assert item["tags"] == ["Trade & investment", "Human rights"]
    assert item["content_html"].count("<a href=") == 2
    assert atom.findtext(f"{ATOM}entry/{ATOM}title") == "Whisky"
    assert atom.findtext(f"{ATOM}entry/{ATOM}summary") == "Halved."


def test_on_the_web_a_feed_has_whole_addresses() -> None:
    atom, json_feed = feed(ON_THE_WEB, told(report(1, "Whisky")), topic="trade")

    assert json_feed["feed_url"] == "https://monitor.example/uk/feeds/topic-trade.json"
    assert json_feed["home_page_url"] == "https://monitor.example/uk/topic/trade/"
    assert json_feed["items"][0]["url"] == "https://monitor.example/uk/story/s1/"
    assert json_feed["title"] == "UK-China monitor: Trade & investment"
    assert atom.findtext(f"{ATOM}id") == "tag:monitor.example,2026:uk/feed/topic-trade"


def test_a_story_is_updated_when_an_edition_tells_something_new_of_it() -> None:
    first, again = published(), published(DAY + timedelta(days=4), digest="weekly")
    same = told(report(1, "Whisky"), showings=(showing(first, (1, 1)), showing(again, (1, 1))))
    more = told(report(1, "Whisky"), showings=(showing(first, (1, 1)), showing(again, (1, 2))))

    assert feed(SITE, same)[1]["items"][0]["date_modified"] == "2026-01-29T08:30:00Z"
    assert feed(SITE, more)[1]["items"][0]["date_modified"] == "2026-02-02T08:30:00Z"


def test_an_empty_feed_is_one_all_the_same() -> None:
    atom, json_feed = feed(topic="trade")

    assert atom.findtext(f"{ATOM}updated") == "2026-01-29T08:30:00Z"
    assert json_feed["items"] == []


def test_the_feed_of_editions_has_their_subjects_and_numbers() -> None:
    _, json_feed = archive.editions_feed(SITE, [published(), published(stories=0)], updated=NOW)
    (item, empty) = json.loads(json_feed.text)["items"]

    assert item["url"] == "../daily/2026-01-29/index.html"
    assert item["title"] == "UK-China daily, 29 Jan: Starmer meets Xi (+2)"
    assert item["content_text"].startswith("3 stories, 6 items. From 08:30 Wednesday 28 January")
    assert empty["content_text"].startswith("From 08:30 Wednesday 28 January")


# Strangers' text


def hostile(text: str, url: str, site: Site) -> list[File]:
    """Pages and feeds in which all that a feed, a server or a config writes holds `text`."""
    match = Match("topic", text or "term", "title", text, 0, "trade")
    sound = report(1, "Whisky")
    item = replace(sound.item, title=text, summary=text, text=text, url=url, guid=text, lang=text)
    verdict = replace(sound.verdict, matches=(match,), reason=text)
    one, two = (replace(sound, id=id_, item=item, verdict=verdict, outlet=text) for id_ in (1, 2))
    edition = published(subject=text)
    edition = replace(edition, edition=replace(edition.edition, title=text))
    update = Update(NOW, f"new title {text}", text, text, NOW)
    story = told(
        one,
        two,
        showings=(showing(edition, (1, 1), (2, 1)), showing(edition, (1, 2))),
        changes=(Revised(1, 2, update),),
    )
    story = replace(story, story=replace(story.story, why_together=(text,), why_joined=text))
    lines = [line(text, outlets=(text, text), lang=text)]
    atom, json_feed = archive.stories_feed(site, [archive.story_entry(site, story)], updated=NOW)
    return [
        index(edition, site=site, weeks={("trade", date(2026, 1, 26)): 8}),
        archive.year_page(site, 2026, [edition]),
        archive.digest_page(site, [edition, published(date(2025, 1, 1))]),
        archive.topic_page(site, "trade", lines, {"2026-01": 5}),
        archive.story_page(site, story),
        atom,
        json_feed,
        *archive.editions_feed(site, [edition], updated=NOW),
    ]


def shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    tree = parser.parse(html)
    return [(str(element.tag), tuple(sorted(element.attrib))) for element in tree.iter()]


@pytest.mark.parametrize("text", ATTACKS)
def test_whatever_strangers_write_is_text_in_every_page_and_feed(text: str) -> None:
    site = replace(SITE, topics=(Topic("trade", text), RIGHTS))
    harmless = {name for name, _ in (pair for page in every_page() for pair in shape(page.text))}

    for page in hostile(text, "https://gazette.example/1", site):
        if page.path.endswith(".html"):
            found = shape(page.text)
            assert {name for name, _ in found} <= harmless
            assert not [names for _, names in found if any(name.startswith("on") for name in names)]
            assert not re.search("[\u202a-\u202e\x00\x1b]", page.text)
        elif page.path.endswith(".atom"):
            content = Xml.fromstring(page.text).findtext(f"{ATOM}entry/{ATOM}content") or ""
            assert "<script" not in content
            assert "<img" not in content
        else:
            assert "<script" not in str(json.loads(page.text)["items"][0].get("content_html"))


@pytest.mark.parametrize("url", URLS)
def test_an_address_that_is_no_web_address_is_no_link(url: str) -> None:
    for page in hostile("Whisky", url, SITE):
        if page.path.endswith(".html"):
            hrefs = [a.get("href") for a in parsed(page).iter("a")]
            assert [href for href in hrefs if not OURS.fullmatch(href) and not href.startswith("http")] == []
            assert [href for href in hrefs if href.startswith("http") and not safe_url(href)] == []


# Templates of the user's


def test_the_built_in_templates_have_no_problem() -> None:
    assert archive.check_templates(ENV) == ()


def test_a_broken_template_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page/story.html").write_text("fine\n{{ reports[0].nothing }}")
    (tmp_path / "page/parts.html").write_text("{% macro edition_months() %}{% endmacro %}\n{{ 1 / 0 }}")

    problems = archive.check_templates(environment([tmp_path, resources.templates()]))

    assert {(problem.file, problem.line) for problem in problems} == {
        (str(tmp_path / "page/story.html"), 2),
        (str(tmp_path / "page/parts.html"), 2),
    }
