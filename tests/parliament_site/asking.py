"""How a search is read, and how its texts and dates are written."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

Query = dict[str, str]
"""Parameters; their names in small letters, since any will do."""

CUT = 255
"""Characters of a text in a list; the answer for one entry has all of it."""


class BadParameter(Exception):  # noqa: N818 - it is what the interface calls it
    """A value that does not fit its parameter."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(name)
        self.name, self.value = name, value

    def details(self) -> dict[str, Any]:
        """ASP.NET's own form (RFC 7807)."""
        return {
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {self.name: [f"The value '{self.value}' is not valid."]},
        }


def low(query: Query, name: str) -> str:
    return query.get(name, "").lower()


def says(query: Query, name: str, *texts: str) -> bool:
    """Whether all the words that are searched for stand in the texts; words in quotes as one phrase."""
    words = query.get(name, "")
    wanted = [words.strip('"')] if words.startswith('"') else words.split()
    text = " ".join(plain(text) for text in texts)
    return all(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in wanted)


def of_house(query: Query, house: str) -> bool:
    return low(query, "house") in ("", "bicameral", house.lower())


def between(query: Query, name: str, when: date | None) -> bool:
    """`…From` and `…To`, both included. What has no date passes only where none is asked for."""
    first, last = day(query, f"{name}from", date.min), day(query, f"{name}to", date.max)
    return first <= (when or date.min) <= last


def day(query: Query, name: str, default: date) -> date:
    """A parameter that is a date. Raises BadParameter."""
    try:
        return date.fromisoformat(query[name][:10]) if query.get(name) else default
    except ValueError:
        raise BadParameter(name, query[name]) from None


def page(query: Query, found: list[Any], size: int) -> list[Any]:
    """What `take` and `skip` leave of it; `size` rows unless asked otherwise. Raises BadParameter."""
    numbers = {"take": size, "skip": 0}
    for name in numbers:
        if query.get(name):
            if not query[name].isdecimal():
                raise BadParameter(name, query[name])
            numbers[name] = int(query[name])
    return found[numbers["skip"] : numbers["skip"] + numbers["take"]]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def shortened(html: str) -> str:
    """As lists give a longer text: without its markup, cut."""
    text = plain(html)
    return text if len(text) <= CUT else f"{text[:CUT]}..."


def midnight(when: date | None) -> str | None:
    """A date as Parliament writes it: a time without a zone."""
    return f"{when.isoformat()}T00:00:00" if when else None
