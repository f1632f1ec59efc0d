"""What an edition looks like: golden files, and what must hold in each of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import html5lib
import pytest

from monitor import resources
from monitor.digest import preheader, subject
from monitor.models import Digest, Earlier, Message, SourceHealth
from monitor.render import environment, render_digest
from monitor.render.wrap import COLUMNS, width

from . import editions

GOLDEN = Path(__file__).parent / "golden"
LONDON = ZoneInfo("Europe/London")
EDITIONS = {
    "daily": editions.daily,
    "weekly": editions.weekly,
    "empty": editions.empty,
    "fault": editions.fault,
}
ENV = environment([resources.templates()])


def render(digest: Digest, **changes: Any) -> Message:
    arguments: dict[str, Any] = {"timezone": LONDON, "archive_url": "https://monitor.example.org/"}
    return render_digest(digest, ENV, **(arguments | changes))


def page(message: Message) -> Any:
    """The page as a browser's parser reads it; a parse error is a test failure."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    return parser.parse(message.html)


IN_THE_ARCHIVE = (
    r"\.\./2026-0[12]-\d\d/(index\.html(#story-\w+)?|digest\.(txt|json))"
    r"|\.\./\.\./(index\.html|feeds/stories\.(atom|json)|story/\w+/index\.html)"
)


def open_graph(tree: Any) -> dict[str, str]:
    return {e.attrib["property"]: e.attrib["content"] for e in tree.iter("meta") if "property" in e.attrib}


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def only(digest: Digest, **blocks: Any) -> Digest:
    """An edition of nothing but these blocks."""
    none: dict[str, Any] = {"top": (), "sections": (), "updated": (), "late": (), "brief": ()}
    return replace(digest, **(none | blocks))


@pytest.mark.parametrize("form", ["html", "text", "json"])
@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_is_rendered_as_its_golden_file_says(
    name: str, form: str, request: pytest.FixtureRequest
) -> None:
    golden = GOLDEN / f"{name}.{form.replace('text', 'txt')}"
    now = getattr(render(EDITIONS[name]()), form)
    if request.config.getoption("--golden-update"):
        golden.write_text(now, encoding="utf-8")

    assert now == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EDITIONS)
def test_the_same_edition_gives_the_same_bytes(name: str) -> None:
    again = render_digest(
        EDITIONS[name](),
        environment([resources.templates()]),
        timezone=LONDON,
        archive_url="https://monitor.example.org/",
    )

    assert again == render(EDITIONS[name]())


@pytest.mark.parametrize("name", EDITIONS)
class TestPage:
    def test_it_is_valid_html_without_scripts_forms_frames_or_anything_from_elsewhere(
        self, name: str
    ) -> None:
        tree = page(render(EDITIONS[name]()))
        names = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
        attributes = {attribute for element in tree.iter() for attribute in element.attrib}

        assert names & {"script", "form", "iframe", "img", "object", "svg", "input", "base"} == set()
        assert {link.attrib["rel"] for link in tree.iter("link")} == {"alternate", "canonical"}
        assert {attribute for attribute in attributes if attribute.startswith("on")} | (
            attributes & {"src", "style", "srcset"}
        ) == set()

    def test_headings_go_down_one_level_at_a_time_from_a_single_h1(self, name: str) -> None:
        tree = page(render(EDITIONS[name]()))
        levels = [
            int(e.tag[1]) for e in tree.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)
        ]

        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_each_link_leads_to_the_web_to_a_page_of_the_archive_or_to_a_place_on_the_page(
        self, name: str
    ) -> None:
        tree = page(render(EDITIONS[name]()))
        ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
        hrefs = [element.attrib["href"] for element in tree.iter("a")]

        assert len(ids) == len(set(ids))
        assert {href for href in hrefs if href.startswith("#")} <= {f"#{id_}" for id_ in ids}
        assert [href for href in hrefs if not re.fullmatch(r"https?://.+|#.+|" + IN_THE_ARCHIVE, href)] == []

    def test_it_names_its_feeds_its_other_forms_and_its_address(self, name: str) -> None:
        digest = EDITIONS[name]()
        tree = page(render(digest))
        edition = digest.edition
        url = f"https://monitor.example.org/{edition.digest}/{edition.name}/"

        assert [(e.attrib["rel"], e.attrib.get("type"), e.attrib["href"]) for e in tree.iter("link")] == [
            ("canonical", None, url),
            ("alternate", "application/atom+xml", "../../feeds/stories.atom"),
            ("alternate", "application/feed+json", "../../feeds/stories.json"),
            ("alternate", "text/plain", f"../{edition.name}/digest.txt"),
            ("alternate", "application/json", f"../{edition.name}/digest.json"),
        ]
        assert open_graph(tree) == {
            "og:type": "article",
            "og:title": subject(digest),
            "og:description": preheader(digest),
            "og:url": url,
        }

    def test_without_a_web_address_it_claims_none(self, name: str) -> None:
        tree = page(render(EDITIONS[name](), archive_url=None))

        assert {link.attrib["rel"] for link in tree.iter("link")} == {"alternate"}
        assert "og:url" not in open_graph(tree)
        assert {a.attrib["href"] for a in tree.iter("a")} >= {"../../index.html", "../../feeds/stories.atom"}

    def test_it_has_what_readers_and_their_tools_need(self, name: str) -> None:
        tree = page(render(EDITIONS[name]()))
        metas = {element.attrib.get("name"): element.attrib.get("content") for element in tree.iter("meta")}
        policy = [e.attrib["content"] for e in tree.iter("meta") if "http-equiv" in e.attrib]

        assert tree.attrib["lang"] == "en-GB"
        assert tree.find(".//a[@class='skip']").attrib["href"] == "#main"
        assert metas["robots"] == "noindex"
        assert policy == [
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        ]
        assert all(re.match(r"\d{4}-\d\d-\d\d", e.attrib["datetime"]) for e in tree.iter("time"))


@pytest.mark.parametrize("name", EDITIONS)
class TestText:
    def test_each_line_is_indented_so_that_outlook_does_not_join_it(self, name: str) -> None:
        lines = render(EDITIONS[name]()).text.splitlines()

        assert [line for line in lines if line and not line.startswith("  ")] == []

    def test_lines_keep_to_the_columns_and_an_address_has_its_own(self, name: str) -> None:
        lines = render(EDITIONS[name]()).text.splitlines()

        assert [line for line in lines if "://" in line and not re.fullmatch(r" +<https?://\S+>", line)] == []
        assert [line for line in lines if width(line) > COLUMNS and "://" not in line] == []

    def test_it_has_no_spaces_at_line_ends_and_no_two_empty_lines(self, name: str) -> None:
        text = render(EDITIONS[name]()).text

        assert re.search(r"[ \t]\n|\n\n\n", text) is None
        assert text.endswith("\n")


def test_page_and_text_hold_the_same_stories_in_the_same_order() -> None:
    digest = editions.daily()
    message = render(digest)
    shown, plain = text_of(page(message)), " ".join(message.text.split())
    in_page = [shown.index(f"Id: {story.lead.id}.") for story in digest.stories]
    in_text = [plain.index(f"Id: {story.lead.id}.") for story in digest.stories]

    assert in_page == sorted(in_page)
    assert in_text == sorted(in_text)
    assert all(story.lead.item.title[:100] in shown for story in digest.stories)


def test_folded_reports_are_all_on_the_page_each_with_its_own_link() -> None:
    digest = editions.daily()
    tree = page(render(digest))
    links = {text_of(a): a.attrib["href"] for a in tree.find(".//*[@id='story-8f3a']").iter("a")}
    reports = editions.VISIT.items

    assert {links[judged.item.title] for judged in reports[:4]} == {judged.item.url for judged in reports[:4]}
    assert reports[-1].item.url in links.values()
    assert text_of(tree.find(".//details/summary")) == "2 more"


def test_a_folded_report_tells_what_it_shares_with_the_story() -> None:
    tree = page(render(editions.daily()))

    assert {li.attrib.get("title") for li in tree.find(".//*[@class='also']").iter("li")} == {
        "The same people and place within a day"
    }


def test_the_words_that_the_reason_names_are_marked_where_they_stand() -> None:
    tree = page(render(editions.daily()))
    story = tree.find(".//*[@id='story-8f3a']")

    assert [text_of(mark) for mark in story.iter("mark")] == [
        "dialogue",
        "security",
        "Xi Jinping",
    ]
    assert text_of(story.find("h3")) == editions.VISIT.lead.item.title


def test_offsets_that_do_not_fit_mark_nothing_and_change_nothing() -> None:
    lead = editions.TARIFFS.lead
    wrong = tuple(replace(match, start=match.start + 1) for match in lead.verdict.matches)
    story = replace(
        editions.TARIFFS,
        items=(replace(lead, verdict=replace(lead.verdict, matches=(*wrong, replace(wrong[1], start=-5)))),),
    )
    tree = page(render(only(editions.daily(), top=(story,))))

    assert list(tree.iter("mark")) == []
    assert text_of(tree.find(".//h3")) == lead.item.title


def test_the_reason_names_topic_term_and_place() -> None:
    message = render(only(editions.daily(), top=(editions.PORTS,)))

    assert 'Why: trade "customs" (title), "export licence" (title).' in " ".join(message.text.split())
    assert "Why: trade “customs” (title), “export licence” (title)." in text_of(page(message))


def test_a_literal_term_is_not_quoted_twice() -> None:
    lead = editions.PORTS.lead
    literal = replace(lead.verdict.matches[0], term='"customs"')
    story = replace(editions.PORTS, items=(replace(lead, verdict=replace(lead.verdict, matches=(literal,))),))

    assert 'Why: trade "customs" (title).' in render(only(editions.daily(), top=(story,))).text


def test_chinese_is_announced_as_chinese() -> None:
    story = page(render(editions.daily())).find(".//*[@id='story-e41f']")

    assert story.find("h3/a").attrib["lang"] == "zh"
    assert {p.attrib.get("lang") for p in story.iter("p")} == {"zh", None}


def test_chinese_in_a_feed_that_claims_english_is_announced_as_chinese() -> None:
    lead = editions.CHINESE.lead
    story = replace(editions.CHINESE, items=(replace(lead, item=replace(lead.item, lang="en")),))
    tree = page(render(only(editions.daily(), top=(story,))))

    assert tree.find(".//h3/a").attrib["lang"] == "zh"


def test_an_update_says_what_changed_and_strikes_the_old_title_through() -> None:
    message = render(editions.daily())
    story = page(message).find(".//*[@id='story-3c19']")

    assert text_of(story.find(".//del")) == "Foreign travel advice: China"
    assert "Updated 29 Jan, 05:30: new title, and a new paragraph on visas." in text_of(story)
    assert 'Was: "Foreign travel advice: China"' in message.text


UPDATES = {
    "6e02": "Updated 29 Jan, 07:02: “Added the new form for software and technology.” First published 3 May "
    "2019.",
    "41b7": "Updated 29 Jan, 03:30. First published 6 Jan 2014.",
    "f090": "Re-issued unchanged, 29 Jan. First published 17 Mar 2025.",
}


@pytest.mark.parametrize("id_", UPDATES)
def test_an_update_of_an_old_page_says_what_its_publisher_says_of_it(id_: str) -> None:
    message = render(editions.daily())
    story = page(message).find(f".//*[@id='story-{id_}']")

    assert text_of(story.find(".//*[@class='change']")) == UPDATES[id_]
    assert UPDATES[id_].replace("“", '"').replace("”", '"') in " ".join(message.text.split())


def test_a_note_that_is_no_whole_sentence_is_ended_and_a_long_one_is_cut() -> None:
    def noted(note: str) -> str:
        [lead] = editions.LICENCES.items
        assert lead.update
        changed = replace(lead, update=replace(lead.update, note=note))
        return render(only(editions.daily(), updated=(replace(editions.LICENCES, items=(changed,)),))).html

    assert "“New form added.”" in noted("New form added")
    assert "“New form added?”" in noted("New form added?")
    assert re.search("“(word ){40,}word…” First", noted("word " * 100))


def test_a_story_with_fresh_reports_still_says_what_changed_in_the_old_page_that_leads_it() -> None:
    story = replace(editions.LICENCES, items=(*editions.LICENCES.items, editions.PORTS.lead))

    assert story.update is None
    assert UPDATES["6e02"] in text_of(page(render(only(editions.daily(), top=(story,)))))


ABOUT = {
    "6e02": "Guidance · Department for Business and Trade, Export Control Joint Unit and 1 other.",
    "41b7": "Withdrawn · Guidance.",
    "f090": "Policy paper · Department for Energy Security and Net Zero.",
}


@pytest.mark.parametrize("id_", ABOUT)
def test_a_page_is_called_what_its_publisher_calls_it(id_: str) -> None:
    message = render(editions.daily())
    meta = text_of(page(message).find(f".//*[@id='story-{id_}']/*[@class='meta']"))

    assert meta.startswith("GOV.UK (Official UK), ")
    assert meta.endswith(f". {ABOUT[id_]}")
    assert ABOUT[id_] in " ".join(message.text.split())


class TestAnUpdateToAnEarlierStory:
    def test_the_page_says_to_which_and_leads_there(self) -> None:
        story = page(render(editions.daily())).find(".//*[@id='story-c7d2']")
        line = story.find("*[@class='change']")

        assert text_of(line) == "Update to Tuesday's story: Three held over visits to a Chinese consulate"
        assert line.find("p/a").attrib["href"] == "../2026-01-27/index.html#story-c7d2"

    def test_the_text_says_to_which(self) -> None:
        text = render(editions.daily()).text

        assert "\n  Update to Tuesday's story: Three held over visits to a Chinese\n    consulate\n" in text

    def test_among_the_titles_it_says_so_too(self) -> None:
        message = render(only(editions.daily(), brief=(editions.SPYING, editions.PORTS)))

        assert "Update to Tuesday's story: Three held" in text_of(page(message).find(".//*[@id='brief']"))
        assert "    Update to Tuesday's story: Three held" in message.text

    def test_json_has_edition_day_headline_and_reports(self) -> None:
        stories = {story["id"]: story for story in json.loads(render(editions.daily()).json)["stories"]}

        assert stories["8f3a"]["earlier"] is None
        assert stories["c7d2"]["earlier"] == {
            "edition": "2026-01-27",
            "date": "2026-01-27",
            "title": "Three held over visits to a Chinese consulate",
            "reports": 3,
        }

    def test_an_old_headline_is_said_once(self) -> None:
        shown = Earlier("2026-01-28", date(2026, 1, 28), "Foreign travel advice: China", 1)
        message = render(only(editions.daily(), updated=(replace(editions.TRAVEL, earlier=shown),)))

        assert text_of(page(message).find(".//article")).count("Foreign travel advice: China ") == 1
        assert "Update to yesterday's story: Foreign travel advice: China\n" in message.text
        assert "Was:" not in message.text

    def test_the_subject_says_that_it_is_one(self) -> None:
        first = render(only(editions.daily(), top=(editions.SPYING,)))

        assert first.subject == "UK-China daily, 29 Jan: update: Two charged under the…"

    def test_an_edition_without_a_folder_leads_nowhere(self) -> None:
        digest = only(editions.daily(), top=(editions.SPYING,))
        homeless = page(render(replace(digest, edition=replace(digest.edition, name=""))))

        assert homeless.find(".//*[@class='change']//a") is None
        assert "Update to Tuesday's story: Three held" in text_of(homeless)


def test_a_story_with_a_page_that_tells_more_has_a_link_to_it() -> None:
    again = replace(editions.PORTS, id="s9", earlier=editions.SPYING.earlier)
    digest = only(editions.daily(), top=(editions.TARIFFS, editions.CABLES, again))
    links = {
        a.attrib["href"]: a.attrib["aria-label"] for a in page(render(digest)).iterfind(".//a[@class='page']")
    }

    assert links == {
        "../../story/51c0/index.html": f"Story page: {editions.TARIFFS.lead.item.title}",
        "../../story/s9/index.html": f"Story page: {editions.PORTS.lead.item.title[:116]}…",
    }


def test_titles_in_brief_stand_under_their_topics() -> None:
    message = render(editions.daily())
    brief = page(message).find(".//*[@id='brief']")

    assert [text_of(heading) for heading in brief.iter("h3")] == [
        "Trade and investment",
        "Hong Kong and human rights",
    ]
    assert [len(list(some)) for some in brief.iter("ul")] == [3, 1]
    assert "\n  Hong Kong and human rights:\n\n  Early day motion: Jimmy Lai\n" in message.text


def test_the_text_lists_every_folded_report_with_its_address() -> None:
    text = render(only(editions.daily(), top=(editions.VISIT,))).text

    assert [judged.item.url for judged in editions.VISIT.items if f"<{judged.item.url}>" not in text] == []


def test_sources_with_one_and_the_same_trouble_share_a_line() -> None:
    coverage = page(render(editions.fault())).find(".//*[@id='coverage']")

    assert [text_of(line) for line in coverage.iter("li")] == [
        "Failing: GOV.UK, UK Parliament, Ministry of Commerce, New Dawn Agency, The Morning Ledger, Northern "
        "Courier, World Wire, Freight & Customs Weekly, Strand Institute, Council for Asian Business, "
        "University of the Fens and 明报论坛. Since 28 Jan, 12:30 (9 polls): no route to host; last read 28 "
        "Jan, 12:00."
    ]


def alarm(*sources: SourceHealth) -> str:
    digest = replace(editions.daily(), coverage=replace(editions.daily().coverage, sources=sources))
    return text_of(page(render(digest)).find(".//*[@class='alarm']"))


def test_a_source_that_could_not_be_read_is_told_at_the_top() -> None:
    failed = editions.FAILING

    assert alarm(failed, editions.QUIET) == (
        "1 source failed: Ministry of Commerce (timed out after 30 s, since 27 Jan, 14:05). See Coverage."
    )
    assert alarm(editions.ENDED) == (
        "1 source failed: GOV.UK announcements (ended by its publisher, since 28 Jan, 16:40). See Coverage."
    )
    assert alarm(failed, editions.ENDED, failed, failed) == (
        "4 sources failed: Ministry of Commerce (since 27 Jan, 14:05), GOV.UK announcements (since 28 Jan, "
        "16:40), Ministry of Commerce (since 27 Jan, 14:05) and 1 more. See Coverage."
    )


COVERAGE = [
    "Read 10 of 13 sources. Looked at 1,212 items: 24 matched, 1,188 did not.",
    "Failing: Ministry of Commerce. Since 27 Jan, 14:05 (9 polls): timed out after 30 s; last read 27 Jan, "
    "13:35. Open its address in a browser to see whether it has moved.",
    "Ended: GOV.UK announcements. Noticed 28 Jan, 16:40: GOV.UK says that this feed has ended. Look for its "
    "successor and change its url, or switch it off.",
    "Overrun: World Wire. Between 22:10 and 23:10 on 28 Jan items may have been missed: all that it listed "
    "was new. Ask it more often (every: 30m), or take a narrower feed of its publisher.",
    "Quiet: University of the Fens. Nothing new since 13 Jan, 08:30, though it answers; usually something "
    "every working day. See whether its site has newer items: if it has, look for another feed of it.",
    "Not asked yet: Strand Institute.",
    "Noted 28 Jan, 18:30: Northern Courier has failed since 28 Jan, 12:05 (4 polls): the server answered "
    "503; last read 28 Jan, 11:35.",
    "Back: Northern Courier can be read again since 29 Jan, 05:30.",
    "Worth a look: Freight & Customs Weekly. 84 items in 60 days and never a match: check its side and kind, "
    "or switch it off.",
    "Worth a look: Council for Asian Business. Has moved for good: change its url to",
    "Rules 4be1c07d, changed since the last edition.",
]


def test_the_coverage_says_what_is_wrong_since_when_and_what_to_do_and_only_counts_what_is_well() -> None:
    message = render(editions.daily())
    on_page = text_of(page(message).find(".//*[@id='coverage']"))
    in_text = " ".join(message.text.partition("COVERAGE\n")[2].split())

    assert [line for line in COVERAGE if line not in on_page] == []
    assert [line for line in COVERAGE if line not in in_text] == []
    assert [on_page.index(line) for line in COVERAGE] == sorted(on_page.index(line) for line in COVERAGE)
    assert "New Dawn Agency" not in on_page


def test_a_fault_that_stands_is_not_told_a_second_time_as_a_notice() -> None:
    assert "(6 polls)" in editions.NOTICES[0].text
    assert "(6 polls)" not in render(editions.daily()).text


def test_a_new_address_has_a_line_of_its_own_in_the_text() -> None:
    assert "\n    <https://council.example/news/feed.xml>\n" in render(editions.daily()).text


def test_an_empty_edition_says_so_with_what_came_closest_and_the_last_one_with_items() -> None:
    text = " ".join(render(editions.empty()).text.split())

    assert "12 of 12 sources read, 187 items looked at, none matched your topics." in text
    assert "- Xi to attend a summit in Hanoi (World Wire): China yes, the UK is not named." in text
    assert (
        "Last edition with items: Thursday 29 January 2026. <https://monitor.example.org/daily/2026-01-29/>"
        in text
    )


def test_an_edition_that_could_read_nothing_does_not_claim_that_there_was_nothing() -> None:
    text = render(editions.fault()).text

    assert "NOTHING COULD BE READ" in text
    assert "matched your topics" not in text


def test_an_edition_without_sources_says_that_none_is_switched_on() -> None:
    quiet = replace(editions.empty(), coverage=replace(editions.empty().coverage, sources=()))

    assert "No source is switched on" in render(quiet).text


def test_items_that_matched_for_another_digest_are_not_denied() -> None:
    digest = replace(editions.empty(), coverage=replace(editions.empty().coverage, matched=3))

    assert "none was new under your topics" in " ".join(render(digest).text.split())


class TestTimes:
    def test_the_window_is_told_with_days_and_zone(self) -> None:
        text = " ".join(render(editions.daily()).text.split())

        assert "From 08:30 Wednesday 28 January to 08:30 Thursday 29 January 2026, London time." in text

    def test_in_summer_times_are_british_summer_time(self) -> None:
        noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
        edition = replace(
            editions.EDITION, start=noon - timedelta(hours=2), end=noon, local_date=date(2026, 7, 1)
        )
        text = " ".join(render(replace(editions.daily(), edition=edition)).text.split())

        assert "From 11:00 to 13:00 Wednesday 1 July 2026, London time." in text

    def test_a_window_over_new_year_names_both_years(self) -> None:
        start, end = datetime(2025, 12, 31, 8, 30, tzinfo=UTC), datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
        edition = replace(editions.EDITION, start=start, end=end, local_date=date(2026, 1, 1))
        text = " ".join(render(replace(editions.daily(), edition=edition)).text.split())

        assert "From 08:30 Wednesday 31 December 2025 to 08:30 Thursday 1 January 2026, London time." in text

    def test_another_zone_is_named(self) -> None:
        text = " ".join(render(editions.daily(), timezone=ZoneInfo("Asia/Hong_Kong")).text.split())

        assert "to 16:30 Thursday 29 January 2026, Hong Kong time." in text

    def test_midnight_is_read_as_a_date_without_a_time_and_other_years_are_named(self) -> None:
        text = " ".join(render(editions.daily()).text.split())

        assert "Freight & Customs Weekly (Trade press), 29 Jan. Hauliers" in text
        assert "Strand Institute (Think tank), 11 Nov 2025, 09:15." in text

    def test_an_item_without_a_date_says_so_and_when_it_was_seen(self) -> None:
        text = " ".join(render(editions.daily()).text.split())

        assert "University of the Fens (University), date not given, first seen 29 Jan, 07:30." in text

    def test_a_date_at_the_edge_of_the_calendar_does_no_harm(self) -> None:
        lead = editions.PORTS.lead
        ancient = replace(lead, item=replace(lead.item, published=datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC)))
        digest = only(editions.daily(), late=(replace(editions.PORTS, items=(ancient,)),))

        assert "1 Jan 1, 00:00" in render(digest, timezone=ZoneInfo("America/New_York")).text

    def test_late_items_of_a_longer_window_are_not_called_seen_today(self) -> None:
        digest = only(editions.daily(), late=(editions.AUDIT,))
        monday = replace(digest.edition, start=digest.edition.end - timedelta(days=3))

        assert "FIRST SEEN TODAY, PUBLISHED EARLIER" in render(digest).text
        assert "FIRST SEEN SINCE THE LAST EDITION" in render(replace(digest, edition=monday)).text
        assert "UNDATED" not in render(digest).text

    def test_undated_items_are_not_called_published_earlier(self) -> None:
        folded = replace(editions.AUDIT, items=editions.AUDIT.items + editions.UNDATED.items)
        for late in ((editions.AUDIT, editions.UNDATED), (folded,)):
            digest = only(editions.daily(), late=late)
            monday = replace(digest.edition, start=digest.edition.end - timedelta(days=3))

            assert "FIRST SEEN TODAY, PUBLISHED EARLIER OR UNDATED" in render(digest).text
            assert (
                "FIRST SEEN SINCE THE LAST EDITION, PUBLISHED EARLIER OR UNDATED"
                in render(replace(digest, edition=monday)).text
            )

    def test_an_item_dated_after_it_was_seen_has_no_date(self) -> None:
        lead = editions.PORTS.lead
        item = replace(lead.item, published=editions.NOW + timedelta(days=30))
        future = replace(editions.PORTS, items=(replace(lead, item=item),))

        text = " ".join(render(only(editions.daily(), late=(future,))).text.split())

        assert "Weekly (Trade press), date not given, first seen 29 Jan, 07:30." in text


class TestJson:
    def test_it_has_the_documented_shape(self) -> None:
        document = json.loads(render(editions.daily()).json)
        story = document["stories"][0]

        assert list(document) == [
            "schema_version", "digest", "window", "counts", "stories", "coverage", "rules_version",
            "week",
        ]  # fmt: skip
        assert document["window"] == ["2026-01-28T08:30:00Z", "2026-01-29T08:30:00Z"]
        assert list(document["counts"]) == ["stories", "items", "outlets", "sources_read", "sources_total"]
        assert list(story) == [
            "id", "title", "url", "outlet", "kind", "published", "topic", "topics", "items", "why", "updated",
            "earlier",
        ]  # fmt: skip
        assert list(story["items"][0]) == [
            "id", "title", "url", "outlet", "published", "source_id", "document_type", "first_published",
        ]  # fmt: skip
        assert list(story["why"][0]) == ["topic", "term", "field", "text"]
        assert (story["id"], story["items"][0]["id"], story["published"]) == (
            "8f3a",
            "101",
            "2026-01-29T06:12:00Z",
        )

    def test_it_holds_every_story_and_every_report(self) -> None:
        digest = editions.daily()
        stories = json.loads(render(digest).json)["stories"]

        assert [story["id"] for story in stories] == [story.id for story in digest.stories]
        assert [len(story["items"]) for story in stories] == [len(story.items) for story in digest.stories]

    def test_an_update_is_an_object_and_otherwise_null(self) -> None:
        stories = {story["id"]: story for story in json.loads(render(editions.daily()).json)["stories"]}

        assert stories["8f3a"]["updated"] is None
        assert stories["3c19"]["updated"] == {
            "at": "2026-01-29T05:30:00Z",
            "what": "new title, and a new paragraph on visas",
            "old_title": "Foreign travel advice: China",
            "note": None,
            "note_at": None,
        }
        assert stories["6e02"]["updated"]["note"] == "Added the new form for software and technology."
        assert stories["6e02"]["updated"]["note_at"] == "2026-01-29T07:02:00Z"

    def test_a_page_that_was_looked_up_has_its_type_and_first_day(self) -> None:
        stories = {story["id"]: story for story in json.loads(render(editions.daily()).json)["stories"]}
        looked_up, other = stories["6e02"]["items"][0], stories["8f3a"]["items"][0]

        assert (looked_up["document_type"], looked_up["first_published"]) == (
            "Guidance",
            "2019-05-03T09:30:00Z",
        )
        assert (other["document_type"], other["first_published"]) == (None, None)

    def test_what_is_not_known_is_null(self) -> None:
        stories = {story["id"]: story for story in json.loads(render(editions.daily()).json)["stories"]}

        assert (stories["77b0"]["url"], stories["77b0"]["published"]) == (None, None)

    def test_coverage_has_every_source(self) -> None:
        coverage = json.loads(render(editions.daily()).json)["coverage"]

        assert list(coverage) == [
            "read", "failed", "looked_at", "matched", "rules_changed", "sources", "notices",
            "undelivered", "troubles",
        ]  # fmt: skip
        assert (coverage["read"], coverage["failed"], len(coverage["sources"])) == (10, 2, 13)
        assert {source["status"] for source in coverage["sources"]} == {
            "ok", "failing", "ended", "overrun", "quiet", "never",
        }  # fmt: skip

    def test_a_source_says_why_since_when_and_what_to_do(self) -> None:
        sources = json.loads(render(editions.daily()).json)["coverage"]["sources"]
        quiet = next(source for source in sources if source["id"] == "fens")

        assert quiet == {
            "id": "fens",
            "name": "University of the Fens",
            "status": "quiet",
            "why": editions.QUIET.why,
            "advice": editions.QUIET.advice,
            "remark": "",
            "error": "",
            "since": "2026-01-13T08:30:00Z",
            "last_ok": "2026-01-29T08:24:00Z",
            "last_new": "2026-01-13T08:30:00Z",
            "usual_seconds": 86400.0,
        }

    def test_every_notice_of_the_window_is_kept(self) -> None:
        notices = json.loads(render(editions.daily()).json)["coverage"]["notices"]

        assert [(n["source_id"], n["kind"], n["status"], n["at"]) for n in notices] == [
            ("mofcom", "fault", "failing", "2026-01-28T15:30:00Z"),
            ("courier", "fault", "failing", "2026-01-28T18:30:00Z"),
            ("courier", "recovered", "failing", "2026-01-29T05:30:00Z"),
        ]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_read_by_light_and_by_dark() -> None:
    css = (resources.templates() / "digest/page.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")

    for scheme in (colours(light), colours(dark.split("@media print")[0])):
        on_page = {
            name: contrast(scheme[name], scheme["page"]) for name in ("text", "quiet", "link", "visited")
        }
        on_mark = {name: contrast(scheme[name], scheme["mark"]) for name in ("text", "link", "visited")}
        assert min(*on_page.values(), *on_mark.values()) >= 4.5, (on_page, on_mark)
        assert contrast(scheme["alarm"], scheme["page"]) >= 3
