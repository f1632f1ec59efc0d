"""Core: written questions to ministers, and their answers → RawFeed.

Source: questions-statements-api.parliament.uk, swagger/v1, QuestionsViewModel. Members have names only where
the request says `expandMember=true`; the list cuts questions and answers after some 255 characters.
"""

from __future__ import annotations

from .api import LONDON, Api, Row, day, html, read_api, words
from .raw import RawFeed

_SITE = "https://questions-statements.parliament.uk"


def read_written_questions(text: str) -> RawFeed:
    """The questions of an answer of `/api/writtenquestions/questions`."""
    return read_api(text, _API)


def _page(row: Row) -> str:
    # Numbers come again in later sessions: only with its day does one name a question.
    tabled, number = day(row, "dateTabled"), words(row, "uin").lower()
    return f"{_SITE}/written-questions/detail/{tabled}/{number}" if tabled and number else ""


def _summary(row: Row) -> str:
    return html(words(row, "questionText"), _who(row))


def _content(row: Row) -> str:
    return html(_summary(row), words(row, "answerText"))


def _changed(row: Row) -> str:
    """When it was last answered, else tabled: the store knows an answer by this date being later."""
    dates = ("dateAnswerCorrected", "dateAnswered", "dateHoldingAnswer", "dateTabled")
    return next(filter(None, (words(row, date) for date in dates)), "")


def _who(row: Row) -> str:
    """Who asked, and who answered or is to."""
    asking, answering = words(row, "askingMember.name"), words(row, "answeringMember.name")
    body = words(row, "answeringBodyName")
    parts = [f"asked by {asking}"] if asking else []
    if row.get("isWithdrawn") is True:
        parts.append("withdrawn")
    elif words(row, "answerText") or words(row, "dateAnswered"):
        holding = "given a holding answer" if row.get("answerIsHolding") is True else "answered"
        by = f" by {answering}" if answering else ""
        parts.append(f"{holding}{by}{f' for the {body}' if body else ''}")
    elif body:
        parts.append(f"to be answered by the {body}")
    who = "; ".join(parts)
    return f"{who[0].upper()}{who[1:]}." if who else ""


_API = Api(
    site=_SITE,
    results="results",
    total="totalResults",
    inside="value",
    clock=LONDON,
    fields={
        "title": "heading",
        "link": _page,
        "guid": "id",
        "summary": _summary,
        "content": _content,
        "published": "dateTabled",
        "updated": _changed,
    },
)
