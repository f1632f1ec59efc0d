"""Written questions and statements: `results` of `value` and `links`, 20 at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .asking import CUT, Query, between, low, midnight, of_house, page, says, shortened
from .entries import Entry, Question, Statement, of_kind


def questions(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """By searchTerm, house, tabledWhen…, answeredWhen…, answered; withdrawn ones only if asked for."""
    found = [
        one
        for one in of_kind(entries, Question)
        if says(query, "searchterm", one.heading, one.text, one.answer or "")
        and of_house(query, one.house)
        and between(query, "tabledwhen", one.tabled)
        and between(query, "answeredwhen", one.answered)
        and {"answered": bool(one.answered), "unanswered": not one.answered}.get(low(query, "answered"), True)
        and (not one.withdrawn or low(query, "includewithdrawn") == "true")
    ]
    return _results(query, sorted(found, key=lambda one: (one.tabled, one.id), reverse=True))


def statements(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """By searchTerm, house, madeWhenFrom/To."""
    found = [
        one
        for one in of_kind(entries, Statement)
        if says(query, "searchterm", one.title, one.text)
        and of_house(query, one.house)
        and between(query, "madewhen", one.made)
    ]
    return _results(query, sorted(found, key=lambda one: (one.made, one.id), reverse=True))


def _results(query: Query, found: list[Question] | list[Statement]) -> dict[str, Any]:
    return {
        "totalResults": len(found),
        "results": [wrapped(one, cut=True) for one in page(query, found, 20)],
    }


def wrapped(entry: Question | Statement, *, cut: bool) -> dict[str, Any]:
    is_question = isinstance(entry, Question)
    value = _question(entry, cut=cut) if isinstance(entry, Question) else _statement(entry, cut=cut)
    href = f"/{'Questions' if is_question else 'Statements'}/{entry.id}"
    return {"value": value, "links": [{"rel": "self", "href": href, "method": "GET"}]}


def _question(one: Question, *, cut: bool) -> dict[str, Any]:
    answer = one.answer
    return {
        "id": one.id,
        "askingMemberId": 4410,
        "askingMember": None,
        "house": one.house,
        "memberHasInterest": False,
        "dateTabled": midnight(one.tabled),
        "dateForAnswer": midnight(one.tabled),
        "uin": one.uin,
        "questionText": one.text[:CUT] if cut else one.text,
        "answeringBodyId": 201,
        "answeringBodyName": one.body,
        "isWithdrawn": one.withdrawn,
        "isNamedDay": False,
        "groupedQuestions": [],
        "answerIsHolding": None if answer is None else False,
        "answerIsCorrection": None if answer is None else one.corrected is not None,
        "answeringMemberId": None if answer is None else 4861,
        "answeringMember": None,
        "correctingMemberId": None,
        "correctingMember": None,
        "dateAnswered": midnight(one.answered),
        "answerText": shortened(answer) if cut and answer is not None else answer,
        "originalAnswerText": "",
        "comparableAnswerText": "",
        "dateAnswerCorrected": midnight(one.corrected),
        "dateHoldingAnswer": None,
        "attachmentCount": 0,
        "heading": one.heading,
        "attachments": [],
        "groupedQuestionsDates": [],
    }


def _statement(one: Statement, *, cut: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "memberId": 4521,
        "member": None,
        "memberRole": one.role,
        "uin": one.uin,
        "dateMade": midnight(one.made),
        "answeringBodyId": 208,
        "answeringBodyName": one.body,
        "title": one.title,
        "text": shortened(one.text) if cut else one.text,
        "house": one.house,
        "noticeNumber": 1,
        "hasAttachments": False,
        "hasLinkedStatements": False,
        "linkedStatements": [],
        "attachments": [],
    }
