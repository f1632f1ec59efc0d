"""The mail: what mail programs do to HTML and to plain text, each fact as a test; its size; its words.

H1 to H12 and T1 to T3 are the facts by which the mail is built. caniemail.com has most of them measured.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import resources
from monitor.models import Digest, DigestSpec, MailSpec, Message, Section, Story, Topic, Update
from monitor.render import encoded_size, environment, render_digest, transfer_encoding
from monitor.render.footer import footer
from monitor.render.mail import IN_FULL, MAIL_BYTES, PER_TOPIC, ROOM, mail_parts
from monitor.render.view import view
from monitor.render.wrap import COLUMNS, width

from . import editions
from .test_render_inert import ADDRESS, TEXT, hostile

GOLDEN = Path(__file__).parent / "golden"
ENV = environment([resources.templates()])
SPEC = DigestSpec("daily", "UK-China daily", "30 8 * * mon-fri", to=("analyst@example.org",))
SITE = "https://monitor.example.org/"
MAIL = MailSpec("UK-China Monitor <monitor@example.org>", "desk@example.org", "localhost", 587, "starttls")


def chinese() -> Digest:
    """An edition that is mostly Chinese, with updates of every kind."""
    titles = (
        "英国与中国扩大高校联合研究计划，涵盖气候、天文、健康与农业食品四个领域",
        "剑桥与武汉高校签署联合研究协议，首批十二名植物学者今春出发",
        "英方重申：涉及半导体的联合研究仍须逐项审批，高校应先行申报",
    )

    def told(n: int, title: str) -> Story:
        lead = editions.CHINESE.lead
        return Story(f"e{n}", (replace(lead, id=500 + n, item=replace(lead.item, title=title)),))

    again = tuple(told(n, title) for n, title in enumerate(titles))
    updated = (editions.LICENCES, editions.TRAVEL, editions.WITHDRAWN, editions.REISSUED)
    return only(editions.daily(), sections=(Section(editions.SCIENCE, again),), updated=updated)


EDITIONS = {
    "daily": editions.daily,
    "weekly": editions.weekly,
    "empty": editions.empty,
    "fault": editions.fault,
    "chinese": chinese,
}
GOLDENS = ("daily", "empty", "fault", "chinese")
every_edition = pytest.mark.parametrize("name", EDITIONS)


def only(digest: Digest, **blocks: Any) -> Digest:
    """An edition of nothing but these blocks."""
    none: dict[str, Any] = {"top": (), "sections": (), "updated": (), "late": (), "brief": ()}
    return replace(digest, **(none | blocks))


def render(digest: Digest, **changes: Any) -> Message:
    arguments: dict[str, Any] = {"archive_url": SITE, "spec": SPEC, "mail": MAIL}
    return render_digest(digest, ENV, timezone=ZoneInfo("Europe/London"), **(arguments | changes))


def parse(html: str) -> Any:
    """The mail as a browser's parser reads it; a parse error is a test failure."""
    return html5lib.HTMLParser(namespaceHTMLElements=False, strict=True).parse(html)


def mail_alone(digest: Digest) -> Message:
    """The mail without the page, which has no limit of bytes."""
    end = footer(digest, SPEC, SITE)
    page, text = mail_parts(view(digest, ZoneInfo("Europe/London"), SITE), digest, ENV, end)
    return Message("", "", "", "", page, text)


def elements(tree: Any, *names: str) -> list[Any]:
    return [e for e in tree.iter() if isinstance(e.tag, str) and (not names or e.tag in names)]


def styles(element: Any) -> dict[str, str]:
    """The inline style of an element, property by property."""
    written = element.attrib.get("style", "")
    return dict(part.strip().split(":", 1) for part in written.split(";") if part.strip())


def words_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def flat(text: str) -> str:
    return " ".join(text.split())


def sent(text: str, subtype: str = "html") -> bytes:
    """The bytes of a part as the standard library puts them on the wire."""
    message = EmailMessage(policy=SMTP)
    message.set_content(text, subtype=subtype, charset="utf-8", cte=transfer_encoding(text))
    return message.as_bytes().partition(b"\r\n\r\n")[2]


def many(stories: int, title: str = "", *, folded: int = 0, **changes: Any) -> Digest:
    """An edition with so many stories in three topics, each with `folded` reports under its lead."""
    model = editions.PORTS.lead

    def story(n: int) -> Story:
        def report(i: int) -> Any:
            at = f"https://freight.example/{n}/{i}"
            item = replace(model.item, title=title or f"{model.item.title} {n}", **({"url": at} | changes))
            return replace(model, id=1000 * n + i, item=item)

        return Story(f"s{n}", tuple(report(i) for i in range(folded + 1)), ("the same",) * folded)

    topics = (editions.TRADE, editions.SECURITY, editions.SCIENCE)
    told = tuple(story(n) for n in range(1, stories + 1))
    sections = tuple(Section(topic, told[3:][place::3]) for place, topic in enumerate(topics))
    return only(editions.daily(), top=told[:3], sections=sections)


def shown_in(digest: Digest, message: Message) -> tuple[list[str], list[str]]:
    """The ids of the leads in the HTML and in the text, in the order in which they stand there."""
    known = {str(story.lead.id) for story in digest.stories}
    forms = (words_of(parse(message.mail_html)), message.mail_text)
    in_html, in_text = ([i for i in re.findall(r"Id: (\d+)\.", form) if i in known] for form in forms)
    return in_html, in_text


# ------------------------------------------------------------------------------------------ golden files


@pytest.mark.parametrize("form", ["html", "txt"])
@pytest.mark.parametrize("name", GOLDENS)
def test_a_mail_is_rendered_as_its_golden_file_says(
    name: str, form: str, request: pytest.FixtureRequest
) -> None:
    golden = GOLDEN / f"mail-{name}.{form}"
    message = render(EDITIONS[name]())
    now = message.mail_html if form == "html" else message.mail_text
    if request.config.getoption("--golden-update"):
        golden.write_text(now, encoding="utf-8")

    assert now == golden.read_text(encoding="utf-8")


@every_edition
def test_the_same_edition_gives_the_same_mail(name: str) -> None:
    again = environment([resources.templates()])
    london = ZoneInfo("Europe/London")

    assert render_digest(
        EDITIONS[name](), again, timezone=london, archive_url=SITE, spec=SPEC, mail=MAIL
    ) == render(EDITIONS[name]())  # fmt: skip


# ---------------------------------------------------------------------------------------------- the HTML


@every_edition
class TestHtml:
    def test_it_is_valid(self, name: str) -> None:
        assert parse(render(EDITIONS[name]()).mail_html).tag == "html"

    def test_it_is_small_enough_not_to_be_cut(self, name: str) -> None:
        """H1: Gmail cuts off what is longer than about 102 KB, as encoded."""
        page = render(EDITIONS[name]()).mail_html

        assert len(sent(page)) <= encoded_size(page) <= MAIL_BYTES == 80_000

    def test_it_is_laid_out_by_tables_of_one_column(self, name: str) -> None:
        """H2, H11: classic Outlook has Word lay it out: tables, no flexible boxes, 580 pixels."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        layout = [table for table in elements(tree, "table") if "role" in table.attrib]
        rows = [row for table in layout for row in table.findall("./tbody/tr")]

        assert {table.attrib["role"] for table in layout} == {"presentation"}
        assert [styles(table).get("max-width") for table in layout] == [None, "580px"]
        assert {len(row) for row in rows} == {1}
        assert {value for e in elements(tree) for value in [styles(e).get("display")]} <= {None, "none"}

    def test_padding_is_on_cells_only_and_max_width_on_tables_only(self, name: str) -> None:
        """H3: elsewhere classic Outlook ignores both; it knows no margin:auto, rem, rgba, float or radius."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        declared = [(e.tag, key, value) for e in elements(tree) for key, value in styles(e).items()]

        assert {tag for tag, key, _ in declared if key.startswith("padding")} <= {"td", "th"}
        assert {tag for tag, key, _ in declared if key == "max-width"} == {"table"}
        assert [value for _, _, value in declared if re.search(r"auto|\drem|rgba|var\(|calc", value)] == []
        assert {key for _, key, _ in declared} & {
            "float",
            "border-radius",
            "flex",
            "grid",
            "position",
        } == set()

    def test_nothing_is_lost_without_the_style_sheet(self, name: str) -> None:
        """H4: <style> only in <head>, at most 16 KB, and dropped in Gmail's apps for other accounts."""
        page = render(EDITIONS[name]()).mail_html
        tree = parse(page)
        [sheet] = elements(tree, "style")
        rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet.text)

        assert [e.tag for e in tree.find("head") if e.tag == "style"] == ["style"]
        assert len(sheet.text.encode()) < 16_000
        assert "var(" not in page
        assert re.findall(r"([^{}]+)\{", rules) == ["\n:root ", "\na:hover "]
        assert not any({"class", "id"} & {*e.attrib} for e in elements(tree))

    def test_each_text_has_its_looks_in_its_own_element(self, name: str) -> None:
        """H4: a cell names font, size and colour; so do headings, which classic Outlook has styles for."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        needed = {"font-family", "font-size", "line-height", "color"}
        with_text = [e for e in elements(tree, "td", "th") if words_of(e) and not e.findall(".//table")]

        assert [words_of(e) for e in with_text if not needed <= {*styles(e)}] == []
        assert [words_of(e) for e in elements(tree, "h1", "h2", "h3") if not needed <= {*styles(e)}] == []
        assert all("margin" in styles(e) for e in elements(tree, "p", "h1", "h2", "h3"))

    def test_the_preheader_is_hidden_by_what_hides_everywhere(self, name: str) -> None:
        """H5, H11: the attribute `hidden` does nothing; first in the body comes the line shown in lists."""
        digest = EDITIONS[name]()
        body = parse(render(digest).mail_html).find("body")

        assert body[0].attrib["style"] == "display:none;mso-hide:all;max-height:0;overflow:hidden"
        assert "sources read" in words_of(body[0])
        assert words_of(body).startswith(words_of(body[0]))

    def test_it_has_no_element_that_mail_programs_strip(self, name: str) -> None:
        """H6: section, article, main, nav and details are stripped; headings, lang and role stay."""
        names = {e.tag for e in elements(parse(render(EDITIONS[name]()).mail_html))}

        assert names <= {
            *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "th"),
            *("h1", "h2", "h3", "p", "a", "b", "strong", "br", "span", "time"),
        }

    def test_headings_go_down_one_level_at_a_time_from_a_single_h1(self, name: str) -> None:
        """H6, H12: structure is in h1, h2 and h3."""
        levels = [
            int(e.tag[1]) for e in elements(parse(render(EDITIONS[name]()).mail_html), "h1", "h2", "h3")
        ]

        assert (levels[0], levels.count(1)) == (1, 1)
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_it_says_its_languages(self, name: str) -> None:
        """H6: en-GB, and zh where a title or an extract is Chinese."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        chinese_words = [
            e for e in elements(tree, "a", "p") if re.fullmatch(r"[\u4e00-\u9fff，。；、]+", words_of(e))
        ]

        assert tree.attrib["lang"] == "en-GB"
        assert {e.attrib.get("lang") for e in chinese_words} <= {"zh"}
        assert bool(chinese_words) is (name in {"daily", "weekly", "chinese"})

    def test_no_link_leads_to_a_place_in_the_mail(self, name: str) -> None:
        """H7: such links are dead in Gmail on iPhones, so there is no table of contents."""
        hrefs = [a.attrib["href"] for a in elements(parse(render(EDITIONS[name]()).mail_html), "a")]

        assert hrefs
        assert [href for href in hrefs if not href.startswith(("https://", "mailto:desk@"))] == []

    def test_it_can_be_recoloured(self, name: str) -> None:
        """H8: most programs make dark colours themselves. The two that ask are answered; no colour means."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        metas = {e.attrib.get("name"): e.attrib.get("content") for e in elements(tree, "meta")}
        colours = {
            colour for e in elements(tree) for colour in re.findall("#[0-9a-f]{6}", e.attrib.get("style", ""))
        }

        assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
        assert {"#0b0c0c", "#1d70b8"} <= colours <= {"#ffffff", "#0b0c0c", "#1d70b8", "#505a5f", "#b1b4b6"}
        assert {styles(e).get("background-color") for e in elements(tree)} == {None, "#ffffff"}

    def test_it_has_no_pictures_fonts_scripts_or_anything_to_fetch(self, name: str) -> None:
        """H9: pictures fail or are blocked, and no pixel tells who reads."""
        page = render(EDITIONS[name]()).mail_html
        attributes = {name for e in elements(parse(page)) for name in e.attrib}

        assert attributes <= {
            *("lang", "charset", "name", "content", "style", "role", "width", "align", "href", "datetime"),
            "scope",
        }
        assert re.findall(r"url\(|@import|@font-face|<img|<svg|<script|data:", page) == []

    def test_links_are_underlined_and_all_text_stands_out_from_white(self, name: str) -> None:
        """H10: each text colour is at least 4.5 : 1 on white (WCAG 2.2, 1.4.3); text of 16 and 14 pixels."""
        tree = parse(render(EDITIONS[name]()).mail_html)
        colours = {styles(e)["color"] for e in elements(tree) if "color" in styles(e)}
        sizes = {styles(e)["font-size"] for e in elements(tree, "p", "td", "th") if "font-size" in styles(e)}

        assert all(contrast(colour, "#ffffff") >= 4.5 for colour in colours)
        assert all(styles(a)["text-decoration"] == "underline" for a in elements(tree, "a"))
        assert all(styles(a)["color"] == "#1d70b8" for a in elements(tree, "a"))
        assert {"16px"} <= sizes <= {"16px", "14px", "18px"}

    def test_its_title_is_the_subject_and_long_words_are_broken(self, name: str) -> None:
        """H11: as in the mails of GOV.UK Notify."""
        message = render(EDITIONS[name]())
        tree = parse(message.mail_html)

        assert tree.find("head/title").text == message.subject
        assert "@media print" in elements(tree, "style")[0].text
        assert all(styles(a)["word-wrap"] == "break-word" for a in elements(tree, "a"))

    def test_a_links_text_makes_sense_alone(self, name: str) -> None:
        """H12: the text of a link is the headline, or says what is there; never "read more"."""
        links = elements(parse(render(EDITIONS[name]()).mail_html), "a")
        texts = [words_of(a) for a in links]

        assert [
            text for text in texts if re.fullmatch(r"(?i)(read )?more|here|link|click.*|https?:.*", text)
        ] == []
        assert all(len(text) > 5 for text in texts)

    def test_both_parts_have_the_same_stories_in_the_same_order(self, name: str) -> None:
        """H12: HTML and text are two versions of one mail, full addresses in the text."""
        digest = EDITIONS[name]()
        message = render(digest)
        in_html, in_text = shown_in(digest, message)
        hrefs = {a.attrib["href"] for a in elements(parse(message.mail_html), "a")}
        leads = {story.lead.item.url for story in digest.stories if story.lead.item.url.startswith("https")}

        assert in_html == in_text == [str(story.lead.id) for story in digest.stories]
        assert leads <= hrefs
        assert [url for url in leads if f"  <{url}>\n" not in message.mail_text] == []


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: the contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# ---------------------------------------------------------------------------------------------- the text


@every_edition
class TestText:
    def test_headings_are_underlined_over_68_columns(self, name: str) -> None:
        """T1: = under the first level, - under the second, as in the mails of GOV.UK Notify."""
        lines = render(EDITIONS[name]()).mail_text.splitlines()
        under = [(i, line) for i, line in enumerate(lines) if re.fullmatch(r" *([=-])\1{5,}", line)]

        assert under[0] == (2, "  " + "=" * 68)
        assert {line for _, line in under[1:]} == {"  " + "-" * 68}
        assert all(lines[i - 1].strip().isupper() for i, _ in under[1:])
        assert lines[under[-1][0] - 1] == "  ABOUT THIS EMAIL"

    def test_each_line_is_indented_and_an_address_has_its_own(self, name: str) -> None:
        """T2: Outlook joins lines that do not begin with two spaces."""
        lines = render(EDITIONS[name]()).mail_text.splitlines()

        assert [line for line in lines if line and not line.startswith("  ")] == []
        assert [line for line in lines if "://" in line and not re.fullmatch(r" +<https?://\S+>", line)] == []

    def test_lines_are_fixed_and_short(self, name: str) -> None:
        """T3: no more than 72 columns, nothing at line ends that format=flowed would read."""
        text = render(EDITIONS[name]()).mail_text

        assert [line for line in text.splitlines() if width(line) > COLUMNS and "://" not in line] == []
        assert re.search(r"[ \t]\n|\n\n\n", text) is None
        assert text.endswith("\n")


ORDER = [
    ("UK-China daily Thursday 29 January 2026", "title"),
    ("From 08:30 Wednesday 28 January to 08:30 Thursday 29 January 2026, London time.", "window"),
    ("18 stories, 26 items, 12 outlets. 10 of 13 sources read. About 2 minutes.", "counts"),
    ("2 sources failed: Ministry of Commerce (since 27 Jan, 14:05)", "alarm"),
    ("Top stories", "top"),
    ("Trade and investment Felixstowe", "topics"),
    ("Science and universities 英国", "topics in the config's order"),
    ("Updated Trade and investment Export controls", "updated"),
    ("First seen today, published earlier or undated", "late"),
    ("In brief", "in brief"),
    ("Coverage Read 10 of 13 sources. Looked at 1,212 items", "coverage"),
    ("You asked for one email every weekday about: all topics.", "why you get this"),
    ("This edition on the web", "the web page"),
    ("All editions", "archive"),
    ("Stories as an Atom feed", "feed"),
]


@pytest.mark.parametrize("form", ["html", "text"])
def test_a_mail_is_read_in_the_fixed_order(form: str) -> None:
    message = render(editions.daily())
    text = message.mail_text if form == "text" else words_of(parse(message.mail_html).find(".//tbody"))
    plain = flat(re.sub(r" [=-]{9,}|<https:\S+>", "", text)).lower()
    places = [plain.find(words.lower()) for words, _ in ORDER]

    assert [words for (words, _), place in zip(ORDER, places, strict=True) if place < 0] == []
    assert places == sorted(places)


def test_a_mail_of_a_week_has_its_numbers_and_what_is_new() -> None:
    message = render(editions.weekly())
    tree = parse(message.mail_html)
    [figures] = [table for table in elements(tree, "table") if "role" not in table.attrib]
    rows = [[words_of(cell) for cell in row] for row in elements(figures, "tr")]
    plain = flat(message.mail_text)

    assert rows[:3] == [
        ["Topic", "Stories", "Items"],
        ["Diplomacy", "1", "7 (4)"],
        ["Trade and investment", "6", "8 (11)"],
    ]
    assert rows[-1] == ["All topics", "13", "22 (20)"]
    assert "- Diplomacy: 7 items (4), 1 story." in plain
    for text in (words_of(tree), plain):
        assert "Not seen in the 8 weeks before." in text
        assert "Undersea cables (Security and defence), 3 items" in text
        assert "Ningbo-Zhoushan Port Group" in text


def test_an_update_to_a_story_says_so_and_leads_to_it() -> None:
    message = render(only(editions.daily(), top=(editions.SPYING,)))
    links = {words_of(a): a.attrib["href"] for a in elements(parse(message.mail_html), "a")}

    assert "Update to Tuesday's story: Three held over visits to a Chinese consulate" in flat(
        message.mail_text
    )
    assert links["Three held over visits to a Chinese consulate"] == (
        "https://monitor.example.org/daily/2026-01-27/index.html#story-c7d2"
    )


def test_an_updated_page_says_what_changed_with_its_old_title_in_words() -> None:
    message = render(only(editions.daily(), updated=(editions.TRAVEL,)))

    assert "Was: “Foreign travel advice: China”" in words_of(parse(message.mail_html))
    assert 'Was: "Foreign travel advice: China"' in message.mail_text
    assert "<del" not in message.mail_html


def test_reports_beyond_four_are_counted_and_lead_to_the_storys_page() -> None:
    message = render(only(editions.daily(), top=(editions.VISIT,)))
    tree = parse(message.mail_html)
    links = {words_of(a): a.attrib["href"] for a in elements(tree, "a")}

    assert "and 2 more reports: Northern Courier, Council for Asian Business" in words_of(tree)
    assert links["2 more reports"] == "https://monitor.example.org/story/8f3a/index.html"
    assert "and 2 more: Northern Courier, Council for Asian Business" in flat(message.mail_text)


# ------------------------------------------------------------------------------- what strangers write in it


@settings(max_examples=60, deadline=None)
@given(text=TEXT, url=ADDRESS)
def test_any_text_and_any_address_stay_text_and_links(text: str, url: str) -> None:
    message = mail_alone(hostile(text, url))
    sound = mail_alone(hostile("harmless", "https://a.example/1"))
    tree = html5lib.parse(message.mail_html, namespaceHTMLElements=False)
    allowed = {(e.tag, *sorted(e.attrib)) for e in elements(parse(sound.mail_html))}

    # A language, a link or an extract may come or go with the words; nothing else can.
    loose = {
        ("a", "href", "style"),
        ("a", "href", "lang", "style"),
        ("p", "lang", "style"),
        ("span",),
        ("span", "lang"),
    }
    assert {(e.tag, *sorted(e.attrib)) for e in elements(tree)} <= allowed | loose
    assert all(a.attrib["href"].startswith(("http://", "https://", "HTTP")) for a in elements(tree, "a"))
    assert encoded_size(message.mail_html) <= MAIL_BYTES


@settings(max_examples=60, deadline=None)
@given(text=TEXT, url=ADDRESS)
def test_any_text_keeps_to_its_lines_in_plain_text(text: str, url: str) -> None:
    lines = mail_alone(hostile(text, url)).mail_text.split("\n")

    assert [line for line in lines if line and not line.startswith("  ")] == []
    assert [line for line in lines if width(line) > COLUMNS and "://" not in line] == []
    assert [line for line in lines if set(line) & set("\r\x00\x1b\x07\x85\u2028\u2029\u202e")] == []


# ------------------------------------------------------------------------------------------ its two ends

SCHEDULES = {
    "30 8 * * *": "one email a day",
    "30 8 * * mon-fri": "one email every weekday",
    "30 8 * * mon,tue,wed,thu,fri": "one email every weekday",
    "30 7 * * mon": "one email a week, on Mondays,",
    "30 7 * * tue,thu": "emails on Tuesdays and Thursdays",
    "0 9 1 * *": "one email a month",
    "*/30 * * * *": "emails",
    "0 9 * 3 *": "emails",
    "0 8 * * mon#1": "emails",
    "immediately": "an email as soon as there is news",
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_mail_says_what_was_asked_for(schedule: str) -> None:
    spec = replace(SPEC, schedule=schedule, topics=("trade", "science"))
    message = render(editions.empty(), spec=spec)
    asked = f"You asked for {SCHEDULES[schedule]} about: Trade and investment and Science and universities."

    assert asked in flat(message.mail_text)
    assert asked in words_of(parse(message.mail_html))


def test_without_an_address_on_the_web_what_is_left_out_is_said_to_be_in_the_archive() -> None:
    digest = many(60)
    message = render(digest, archive_url=None, mail=None)
    hrefs = {a.attrib["href"] for a in elements(parse(message.mail_html), "a")}

    assert {href.split("/")[2] for href in hrefs} == {"freight.example"}
    for text in (message.mail_text, words_of(parse(message.mail_html))):
        assert "more on this edition's page in the archive: daily/2026-01-29/index.html" in flat(text)
        assert "on the web" not in text


def test_both_parts_say_whom_to_write_to_for_no_more_mails_and_about_what_is_not_relevant() -> None:
    to = {
        "Tell us what is not relevant": "mailto:desk@example.org?subject=not%20relevant%20daily%202026-01-29",
        "Unsubscribe": "mailto:desk@example.org?subject=unsubscribe",
    }
    message = render(editions.daily())
    links = {words_of(a): a.attrib["href"] for a in elements(parse(message.mail_html), "a")}

    assert {words: links.get(words) for words in to} == to
    for words, address in to.items():
        assert f"  {words}:\n  <{address}>\n" in message.mail_text


def test_without_a_reply_address_readers_write_to_the_sender() -> None:
    text = render(editions.empty(), mail=replace(MAIL, reply_to=None)).mail_text

    assert "<mailto:monitor@example.org?subject=unsubscribe>" in text


def test_a_mail_without_a_footer_has_no_empty_lines_for_it() -> None:
    text = render(editions.empty(), archive_url=None, spec=None, mail=None).mail_text

    assert "You asked" not in text
    assert "not relevant" not in text
    assert "Unsubscribe" not in text


# ----------------------------------------------------------------------------------------------- its size


class TestSize:
    def test_a_mail_holds_forty_stories_and_eight_a_topic_and_says_how_many_more_there_are(self) -> None:
        digest = many(63)
        message = render(digest)
        in_html, in_text = shown_in(digest, message)
        links = {words_of(a): a.attrib["href"] for a in elements(parse(message.mail_html), "a")}

        assert in_html == in_text
        assert len(in_html) == 3 + 3 * PER_TOPIC
        assert "This mail has 27 of 63 stories; all are on the web page" in flat(message.mail_text)
        assert "+12 more on the web page" in flat(message.mail_text)
        assert "+12 more on the web page" in words_of(parse(message.mail_html))
        assert links["on the web page under “Trade and investment”"] == (
            "https://monitor.example.org/daily/2026-01-29/#topic-trade"
        )

    def test_forty_stories_are_the_most_that_are_told_in_full(self) -> None:
        topics = tuple(Topic(f"t{n}", f"Topic {n}") for n in range(9))
        model = many(60).stories
        sections = tuple(Section(topic, model[n * 6 : n * 6 + 6]) for n, topic in enumerate(topics))
        digest = only(editions.daily(), sections=sections, brief=many(60).stories[:30])
        in_html, _ = shown_in(digest, render(digest))

        assert len(in_html) == IN_FULL + ROOM["brief"]
        # The longest lose first, the later of two that are as long.
        assert in_html[:5] == [str(story.lead.id) for story in model[:5]]

    def test_forty_plain_stories_fit_without_a_cut(self) -> None:
        topics = tuple(Topic(f"t{n}", f"Topic {n}") for n in range(5))
        model = many(43).stories
        sections = tuple(Section(topic, model[3 + n * 8 : 11 + n * 8]) for n, topic in enumerate(topics))
        digest = only(editions.daily(), sections=sections)
        message = render(digest)

        assert "This mail has" not in message.mail_text
        assert len(shown_in(digest, message)[0]) == 40
        assert encoded_size(message.mail_html) <= MAIL_BYTES

    def test_what_does_not_fit_goes_from_the_end_of_the_longest_section_and_never_from_the_top(self) -> None:
        digest = many(30, "汉字" * 60, folded=6)
        message = render(digest)
        in_html, in_text = shown_in(digest, message)
        kept = [len({*in_html} & {str(s.lead.id) for s in section.stories}) for section in digest.sections]

        assert encoded_size(message.mail_html) <= MAIL_BYTES
        assert in_html == in_text
        assert in_html[:3] == [str(story.lead.id) for story in digest.top]
        assert 0 < len(in_html) < 27
        assert max(kept) - min(kept) <= 1
        assert kept == sorted(kept, reverse=True)
        for section, number in zip(digest.sections, kept, strict=True):
            leads = [str(story.lead.id) for story in section.stories]
            assert [i for i in in_html if i in leads] == leads[:number]

    def test_the_page_still_has_all(self) -> None:
        digest = many(63)
        page = render(digest).html

        assert all(story.lead.item.url in page for story in digest.stories)

    @pytest.mark.parametrize("letter", ["汉", "&", "😀", "a b "])
    def test_the_worst_that_feeds_can_write_still_gives_a_mail_that_fits(self, letter: str) -> None:
        """H1: five hundred stories, titles and addresses of 20,000 characters, nothing shorter than 2,000."""
        title, long = (letter * 20_000)[:20_000], (letter * 2_000)[:2_000]
        address = "https://a.example/?" + "&" * 20_000
        lead = many(1, title, url=address, summary=long).stories[0].lead
        page = replace(editions.LICENCES.lead.page, document_type=long, organisations=(long,) * 3)  # type: ignore[type-var]  # has one
        match = replace(lead.verdict.matches[0], term=long, text=long)
        worst = replace(
            lead,
            outlet=long,
            page=page,
            verdict=replace(lead.verdict, matches=(match,) * 3),
            update=Update(editions.NOW, long, long, long, editions.NOW),
        )
        # What the mail has no room for need not be long: it would cost the test its time.
        stories = tuple(
            Story(f"s{n}", tuple(replace(worst, id=100 * n + i) for i in range(1, 7 if n < 4 else 2)))
            for n in range(1, 15)
        ) + tuple(Story(f"s{n}", (replace(editions.PORTS.lead, id=100 * n + 1),)) for n in range(15, 501))
        sources = tuple(
            replace(editions.FAILING, id=str(n), name=long, why=long, advice=long, remark=long, error=long)
            for n in range(40)
        )
        digest = only(
            editions.daily(),
            top=stories[:3],
            sections=(Section(editions.TRADE, stories[3:450]),),
            brief=stories[450:],
            coverage=replace(editions.daily().coverage, sources=sources, notices=()),
        )
        message = mail_alone(digest)
        in_html, in_text = shown_in(digest, message)

        assert len(sent(message.mail_html)) <= encoded_size(message.mail_html) <= MAIL_BYTES
        assert in_html == in_text
        assert in_html[:3] == ["101", "201", "301"]
        assert f"This mail has {len(in_html)} of 500 stories" in flat(message.mail_text)
        assert "+28 more lines on the web page" in flat(message.mail_text)
        parse(message.mail_html)

    def test_an_edition_of_sources_that_all_fail_fits(self) -> None:
        sources = tuple(replace(editions.FAILING, id=str(n), why=f"Reason {n}.") for n in range(900))
        digest = replace(editions.fault(), coverage=replace(editions.fault().coverage, sources=sources))
        message = render(digest)

        assert encoded_size(message.mail_html) < 20_000
        assert "+888 more lines on the web page" in flat(message.mail_text)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain text\n", "quoted-printable"),
        (
            "“typographic” English – with a £ or two in a line as long as most lines are\n" * 50,
            "quoted-printable",
        ),
        ("<p style='margin:0 0 8px;font-size:14px;color:#505a5f'>汉字</p>\n" * 50, "quoted-printable"),
        ("两国科技部门表示，联合研究计划将于今年秋季启动\n" * 50, "base64"),
    ],
)
def test_a_part_travels_in_the_shorter_encoding(text: str, encoding: str) -> None:
    assert transfer_encoding(text) == encoding


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n =.汉"), max_size=400))
def test_the_size_is_never_less_than_what_travels_and_hardly_more(text: str) -> None:
    travels = len(sent(text))

    assert travels <= encoded_size(text) <= travels * 1.08 + 24
