"""A week's edition: its numbers, what is new in it, and the health of its sources."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import html5lib

from monitor import resources
from monitor.models import Coverage, Digest, Message, NewTerm, SourceHealth, TopicWeek, Week
from monitor.render import environment, render_digest

from . import editions

ENV = environment([resources.templates()])


def render(digest: Digest) -> Message:
    return render_digest(digest, ENV, timezone=ZoneInfo("Europe/London"))


def page(message: Message) -> Any:
    return html5lib.parse(message.html, namespaceHTMLElements=False)


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def of_week(**changes: Any) -> Digest:
    digest = editions.weekly()
    assert digest.week
    return replace(digest, week=replace(digest.week, **changes))


def test_it_names_its_days_in_title_and_subject() -> None:
    message = render(editions.weekly())

    assert message.subject == "UK-China weekly, 26 Jan to 1 Feb: 15 stories"
    assert text_of(page(message).find(".//*[@class='day']")) == "Monday 26 January to Sunday 1 February 2026"
    assert message.text.splitlines()[1] == "  Monday 26 January to Sunday 1 February 2026"


def test_each_topic_has_its_numbers_with_those_of_the_week_before_in_brackets() -> None:
    message = render(editions.weekly())
    rows = [[text_of(cell) for cell in row] for row in page(message).find(".//table").iter("tr")]

    assert rows == [
        ["Topic", "Stories", "Items"],
        ["Diplomacy", "1", "7 (4)"],
        ["Trade and investment", "6", "8 (11)"],
        ["Security and defence", "3", "4 (2)"],
        ["Science and universities", "2", "2 (0)"],
        ["Hong Kong and human rights", "1", "1 (3)"],
        ["All topics", "13", "22 (20)"],
    ]
    assert "- Trade and investment: 8 items (11), 6 stories." in message.text
    assert "Nothing in either week: Borders and migration." in message.text


def test_a_topic_leads_to_its_section_where_it_has_one() -> None:
    tree = page(render(editions.weekly()))
    links = {text_of(a): a.attrib["href"] for a in tree.find(".//table").iter("a")}

    assert links == {
        "Trade and investment": "#topic-trade",
        "Security and defence": "#topic-security",
        "Science and universities": "#topic-science",
    }
    assert {f"#{section.attrib.get('id')}" for section in tree.iter("section")} >= set(links.values())


def test_a_new_term_leads_to_the_story_of_the_first_item_that_has_it() -> None:
    message = render(editions.weekly())
    new = page(message).find(".//*[@id='new']")

    assert [a.attrib["href"] for a in new.iter("a")] == ["#story-90aa", "#story-51c0"]
    assert text_of(new).startswith(
        "New this week Not seen in the 8 weeks before. Terms Undersea cables (Security and defence), 3 "
        "items: Undersea cables: what the UK can learn from the Taiwan Strait joint economic commission "
        "(UK-China), 1 item:"
    )
    assert "Names: Great Hall, Teesside Works, Ningbo-Zhoushan Port Group." in message.text


def test_a_new_term_is_said_as_the_item_says_it_and_without_its_weight() -> None:
    weighted = NewTerm("Undersea cable* ^2", "security", 3, editions.CABLES.lead)

    text = render(of_week(new_terms=(weighted,))).text

    assert "- Undersea cables (Security and defence), 3 items:" in text


def test_a_term_whose_first_item_is_not_in_the_edition_leads_to_the_item() -> None:
    elsewhere = NewTerm("visa", "borders", 1, replace(editions.PORTS.lead, id=999))

    new = page(render(of_week(new_terms=(elsewhere,)))).find(".//*[@id='new']")

    assert [a.attrib["href"] for a in new.iter("a")] == [editions.PORTS.lead.item.url]


def test_a_first_week_compares_with_nothing_and_calls_nothing_new() -> None:
    week = Week((TopicWeek(editions.TRADE, 6, 8, 0),))
    message = render(replace(editions.weekly(), week=week))
    tree = page(message)

    assert tree.find(".//*[@id='new']") is None
    assert [text_of(cell) for cell in tree.iter("td")] == ["6", "8", "6", "8"]
    assert "before" not in text_of(tree.find(".//*[@id='week']"))
    assert "NEW THIS WEEK" not in message.text


def test_one_week_of_memory_is_called_one_week() -> None:
    assert "Not seen in the week before." in render(of_week(weeks_before=1)).text


def test_sources_with_a_fault_at_any_time_of_the_week_are_counted() -> None:
    sources = tuple(SourceHealth(id_, id_, "ok") for id_ in ("mofcom", "courier", "wire"))
    seen = Coverage((*sources, editions.QUIET), 10, 5, "rules1", notices=editions.NOTICES)

    text = render(replace(editions.weekly(), coverage=seen)).text

    assert "1 of 4 sources had no fault in the week." in " ".join(text.split())


def test_the_contents_name_the_numbers_and_leave_the_topics_to_the_table() -> None:
    nav = page(render(editions.weekly())).find(".//nav")

    assert [a.attrib["href"] for a in nav.iter("a")] == [
        "#week", "#new", "#top", "#updated", "#late", "#brief",
    ]  # fmt: skip


def test_json_has_the_week() -> None:
    week = json.loads(render(editions.weekly()).json)["week"]

    assert week["topics"][1] == {"topic": "trade", "stories": 6, "items": 8, "items_before": 11}
    assert week["new_terms"][0] == {
        "term": "Undersea cable*",
        "topic": "security",
        "items": 3,
        "first": "116",
    }
    assert week["new_names"] == ["Great Hall", "Teesside Works", "Ningbo-Zhoushan Port Group"]
    assert week["weeks_before"] == 8
    assert json.loads(render(editions.daily()).json)["week"] is None


def test_json_says_null_where_the_week_before_is_not_known() -> None:
    week = json.loads(render(of_week(weeks_before=0)).json)["week"]

    assert {line["items_before"] for line in week["topics"]} == {None}
