"""Publications of committees: `items`, 30 at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from .asking import Query, day, low, page, says
from .entries import Entry, Publication, of_kind


def publications(entries: Sequence[Entry], query: Query) -> dict[str, Any]:
    """By SearchTerm, StartDate, EndDate; the newest first where SortOrder says so."""
    found = [
        one
        for one in of_kind(entries, Publication)
        if says(query, "searchterm", one.description, one.inquiry)
        and day(query, "startdate", date.min) <= one.published.date() <= day(query, "enddate", date.max)
    ]
    newest_first = low(query, "sortorder") in ("", "publicationdatedescending")
    found.sort(key=lambda one: (one.published, one.id), reverse=newest_first)
    return {"items": [_publication(one) for one in page(query, found, 30)], "totalResults": len(found)}


def _publication(one: Publication) -> dict[str, Any]:
    file = {
        "fileName": f"{one.description}.pdf",
        "fileSize": 1,
        "fileDataFormat": "OriginalFormat",
        "url": None,
    }
    committee = {"id": 78, "name": one.committee, "house": one.house, "category": {"id": 1, "name": "Select"}}
    return {
        "businesses": [{"id": 9000, "title": one.inquiry, "closeDate": None}] if one.inquiry else [],
        "committee": committee | {"showOnWebsite": True, "startDate": "1979-11-26T00:00:00", "endDate": None},
        "description": one.description,
        "id": one.id,
        "publicationStartDate": one.published.isoformat(timespec="seconds"),
        "governmentResponses": {"publication": [], "responseDeadline": None, "responseExcepted": False},
        "publicationEndDate": None,
        "documents": [{"documentId": id_, "files": [file]} for id_ in one.document_ids],
        "hcNumber": {"number": one.hc_number, "sessionId": 1} if one.hc_number else None,
        "hlPaper": None,
        "type": {
            "id": 1,
            "name": one.kind,
            "description": "",
            "iconKey": None,
            "pluralVersion": f"{one.kind}s",
        },
        "responseToPublicationId": None,
        "additionalContentUrl": one.elsewhere,
        "additionalContentUrl2": None,
        "respondingDepartment": None,
    }
