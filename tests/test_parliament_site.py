"""The Parliament that tests play against keeps to the definitions and habits of the real interfaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from .client import get, get_json
from .parliament_site import Contribution, ParliamentSite, Publication, Question, Statement

QUESTIONS = "/api/writtenquestions/questions"
MONDAY, THURSDAY = date(2026, 2, 2), date(2026, 2, 5)


@pytest.fixture
def site() -> Iterator[ParliamentSite]:
    with ParliamentSite() as running:
        yield running


def question(number: int, tabled: date = MONDAY, text: str = "To ask about trade with China.") -> Question:
    return Question(1_700_000 + number, str(number), tabled, f"Exports {number}: China", text)


def uins(found: Any) -> list[str]:
    return [row["value"]["uin"] for row in found["results"]]


def test_a_question_is_answered_at_its_own_place(site: ParliamentSite) -> None:
    asked = site.add(question(1))
    before = get_json(site, f"{QUESTIONS}?searchTerm=China")["results"][0]
    site.answer_question(asked, THURSDAY, "<p>We <b>do</b>.</p>")
    after = get_json(site, f"{QUESTIONS}?searchTerm=China")["results"][0]

    assert before["links"] == [{"rel": "self", "href": "/Questions/1700001", "method": "GET"}]
    assert (before["value"]["dateTabled"], before["value"]["dateAnswered"]) == ("2026-02-02T00:00:00", None)
    assert (after["value"]["dateAnswered"], after["value"]["answerText"]) == ("2026-02-05T00:00:00", "We do.")
    assert {name for name in before["value"] if before["value"][name] != after["value"][name]} == {
        "dateAnswered",
        "answerText",
        "answeringMemberId",
        "answerIsHolding",
        "answerIsCorrection",
    }
    site.answer_question(asked, date(2026, 2, 9), "<p>We do not.</p>")
    corrected = get_json(site, f"{QUESTIONS}/1700001")["value"]
    assert (corrected["dateAnswered"], corrected["dateAnswerCorrected"]) == (
        "2026-02-05T00:00:00",
        "2026-02-09T00:00:00",
    )
    assert (corrected["answerIsCorrection"], corrected["answerText"]) == (True, "<p>We do not.</p>")


def test_lists_give_texts_cut(site: ParliamentSite) -> None:
    asked = site.add(question(1, text="To ask " + "x" * 400))
    site.answer_question(asked, THURSDAY, "<p>" + "y" * 400 + "</p>")
    listed = get_json(site, QUESTIONS)["results"][0]["value"]
    whole = get_json(site, f"{QUESTIONS}/{asked.id}")["value"]

    assert (len(listed["questionText"]), len(listed["answerText"])) == (255, 258)
    assert listed["answerText"].endswith("yyy...")
    assert (whole["questionText"], whole["answerText"]) == (asked.text, asked.answer)


def test_questions_are_chosen_by_words_house_and_days_and_come_newest_first(site: ParliamentSite) -> None:
    first, second, third = (site.add(question(n, date(2026, 2, n))) for n in (2, 3, 4))
    third.house, second.text, second.heading = "Lords", "To ask about Kenya.", "Tea"
    site.answer_question(first, THURSDAY, "<p>Yes.</p>")

    def found(query: str) -> list[str]:
        return uins(get_json(site, f"{QUESTIONS}?{query}"))

    assert found("") == ["4", "3", "2"]
    assert found("SearchTerm=china&nonsense=1") == ["4", "2"]
    assert found("tabledWhenFrom=2026-02-03") == ["4", "3"]
    assert found("tabledWhenFrom=2026-02-03&tabledWhenTo=2026-02-03") == ["3"]
    assert found("answeredWhenFrom=2026-02-05") == found("answered=Answered") == ["2"]
    assert found("house=Lords") == ["4"]
    assert found("take=1&skip=1") == ["3"]
    first.withdrawn = True
    assert found("house=Commons") == ["3"]


def test_twenty_come_unless_more_are_asked_for(site: ParliamentSite) -> None:
    for number in range(1, 31):
        site.add(question(number))
    found = get_json(site, QUESTIONS)

    assert (found["totalResults"], len(found["results"])) == (30, 20)
    assert len(get_json(site, f"{QUESTIONS}?take=50")["results"]) == 30


@pytest.mark.parametrize("wrong", ["tabledWhenFrom=soon", "take=all"])
def test_a_value_that_does_not_fit_is_refused(site: ParliamentSite, wrong: str) -> None:
    site.add(question(1))
    status, headers, body = get(site, f"{QUESTIONS}?{wrong}")

    assert (status, headers["content-type"].partition(";")[0]) == (400, "application/problem+json")
    assert json.loads(body)["title"] == "One or more validation errors occurred."


def test_statements_have_the_form_of_questions(site: ParliamentSite) -> None:
    site.add(Statement(500, "HCWS12", MONDAY, "Visit to China", "<p>I visited Beijing.</p>"))
    path = "/api/writtenstatements/statements"
    found = get_json(site, f"{path}?searchTerm=Beijing&madeWhenFrom=2026-02-01")

    assert found["totalResults"] == 1
    value = found["results"][0]["value"]
    assert (value["uin"], value["dateMade"], value["text"]) == (
        "HCWS12",
        "2026-02-02T00:00:00",
        "I visited Beijing.",
    )
    assert get_json(site, f"{path}?madeWhenFrom=2026-02-03")["results"] == []
    assert get_json(site, f"{path}/500")["value"]["text"] == "<p>I visited Beijing.</p>"


def test_publications_of_committees_may_lack_a_document(site: ParliamentSite) -> None:
    at = datetime(2026, 2, 2, 10, 15)  # noqa: DTZ001 - Parliament's times have no zone
    site.add(Publication(46016, at, "Third Report: China", document_ids=(229090,), inquiry="The audit"))
    site.add(Publication(46017, at.replace(day=3), "Letter on China", kind="Correspondence"))
    found = get_json(site, "/api/Publications?StartDate=2026-02-01&SearchTerm=China&Take=50")
    letter, report = found["items"]

    assert found["totalResults"] == 2
    assert (letter["documents"], letter["businesses"]) == ([], [])
    assert (report["publicationStartDate"], report["documents"][0]["documentId"]) == (
        "2026-02-02T10:15:00",
        229090,
    )
    assert report["committee"]["name"] == "Foreign Affairs Committee"
    assert get_json(site, "/api/Publications?StartDate=2026-02-03")["totalResults"] == 1
    assert get_json(site, "/api/Publications?SearchTerm=audit")["totalResults"] == 1


def test_hansard_s_search_of_everything_shows_a_few_and_counts_all(site: ParliamentSite) -> None:
    for number in range(6):
        site.add(
            Contribution(f"C{number}", f"D{number // 2}", "China", MONDAY, "<p>On China.</p>" + "x" * 300)
        )
    query = "queryParameters.searchTerm=China&queryParameters.startDate=2026-02-01&queryParameters.take=50"
    everything = get_json(site, f"/search.json?{query}")
    said = get_json(site, f"/search/contributions/Spoken.json?{query}")
    held = get_json(site, f"/search/debates.json?{query}")

    assert (everything["TotalContributions"], len(everything["Contributions"])) == (6, 4)
    assert (everything["TotalDebates"], len(everything["Debates"])) == (3, 3)
    assert (said["TotalResultCount"], len(said["Results"])) == (6, 6)
    assert said["Results"][0]["ContributionTextFull"].startswith("<p>On China.</p>")
    assert len(said["Results"][0]["ContributionText"]) == 258
    assert [row["DebateSectionExtId"] for row in held["Results"]] == ["D0", "D1", "D2"]


def test_hansard_ignores_a_parameter_without_its_prefix(site: ParliamentSite) -> None:
    site.add(Contribution("C1", "D1", "Tea", MONDAY, "On Kenya."))

    def total(query: str) -> int:
        return int(get_json(site, f"/search/contributions/Spoken.json?{query}")["TotalResultCount"])

    assert total("searchTerm=China") == 1
    assert total("queryParameters.searchTerm=China") == total("queryParameters.startDate=2026-02-03") == 0


def test_what_is_not_there_and_an_outage(site: ParliamentSite) -> None:
    assert get(site, "/api/nothing")[0] == get(site, f"{QUESTIONS}/1")[0] == 404
    site.down = True
    assert get(site, QUESTIONS)[0] == 503
