"""The site itself: what is added to it, and what its visitors get."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ..loopback import Canned, Loopback
from .asking import BadParameter, Query
from .committees import publications
from .entries import E, Entry, Question, Statement, of_kind
from .hansard import debates, hansard, spoken
from .questions import questions, statements, wrapped

LISTS: dict[str, Callable[[Sequence[Entry], Query], dict[str, Any]]] = {
    "/api/writtenquestions/questions": questions,
    "/api/writtenstatements/statements": statements,
    "/api/publications": publications,
    "/search.json": hansard,
    "/search/contributions/spoken.json": spoken,
    "/search/debates.json": debates,
}
ONES: dict[str, type[Question] | type[Statement]] = {
    "/api/writtenquestions/questions": Question,
    "/api/writtenstatements/statements": Statement,
}
"""Where one entry is, below it by its id."""


class ParliamentSite(Loopback):
    """Entries in memory, listed newest first. `down` answers 503 to all."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.down = False

    def add(self, entry: E) -> E:
        """From now on it is listed."""
        self.entries.append(entry)
        return entry

    def answer_question(self, question: Question, on: date, html: str) -> None:
        """Gives it its answer; a second one corrects the first."""
        if question.answer is not None:
            question.corrected = on
        question.answered, question.answer = question.answered or on, html

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Any request."""
        self.handle(handler.path, self._canned(handler.path))
        super().answer(handler)

    def _canned(self, asked: str) -> Canned:
        parts = urlsplit(asked)
        path = unquote(parts.path).lower().rstrip("/")
        query = {key.lower(): value for key, value in parse_qsl(parts.query)}
        if self.down:
            return Canned(b"<html><title>503 Service Unavailable</title></html>", 503, "text/html")
        try:
            found = LISTS[path](self.entries, query) if path in LISTS else self._one(path)
        except BadParameter as bad:
            return _json(bad.details(), 400, "application/problem+json; charset=utf-8")
        return _json(found) if found else Canned(status=404)

    def _one(self, path: str) -> dict[str, Any] | None:
        folder, _, last = path.rpartition("/")
        found: list[Question | Statement] = [*of_kind(self.entries, ONES[folder])] if folder in ONES else []
        return next((wrapped(entry, cut=False) for entry in found if str(entry.id) == last), None)


def _json(value: Any, status: int = 200, content_type: str = "application/json; charset=utf-8") -> Canned:
    return Canned(json.dumps(value, ensure_ascii=False).encode(), status, content_type)
