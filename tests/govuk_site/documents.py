"""What GOV.UK publishes, and how it files and finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

ROOT = "https://www.gov.uk"
LONDON = ZoneInfo("Europe/London")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Type(NamedTuple):
    """Under what GOV.UK files a document type, and the label that organisation feeds write before titles."""

    supergroup: str
    subgroup: str
    label: str = ""
    schema: str = "publication"


TYPES = {
    "news_story": Type("news_and_communications", "news", schema="news_article"),
    "press_release": Type("news_and_communications", "news", schema="news_article"),
    "world_news_story": Type("news_and_communications", "news", schema="news_article"),
    "speech": Type("news_and_communications", "speeches_and_statements", schema="speech"),
    "guidance": Type("guidance_and_regulation", "guidance", "Guidance"),
    "notice": Type("guidance_and_regulation", "guidance", "Notice"),
    "travel_advice": Type("guidance_and_regulation", "guidance", schema="travel_advice"),
    "policy_paper": Type("policy_and_engagement", "policy", "Policy paper"),
    "official_statistics": Type("research_and_statistics", "statistics", "Official Statistics"),
    "transparency": Type("transparency", "transparency", "Transparency data"),
    "organisation": Type("other", "other", schema="organisation"),
}
FINDERS = {
    "news-and-communications": ("News and communications", {"news", "speeches_and_statements"}),
    "guidance-and-regulation": ("Guidance and regulation", {"guidance", "regulation"}),
    "policy-papers-and-consultations": ("Policy papers and consultations", {"policy", "consultations"}),
    "research-and-statistics": ("Research and statistics", {"statistics", "research"}),
    "transparency-and-freedom-of-information-releases": ("Transparency", {"transparency"}),
}
"""Each finder's title, and the subgroups that it shows."""
TAGS = ("world_locations", "organisations", "people", "topical_events")


class Deed(NamedTuple):
    """One thing that was done to a document, as its editors know it."""

    at: datetime
    what: str
    """new, updated, edited, reissued, withdrawn, gone, moved, renamed"""
    note: str = ""


@dataclass(slots=True, eq=False)
class Document:
    """One page as it is now. What its editors do to it goes through the site, which keeps the `deeds`."""

    path: str
    title: str
    description: str = ""
    body: str = ""
    """HTML."""
    type: str = "news_story"
    organisations: tuple[str, ...] = ()
    world_locations: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    topical_events: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """Slugs of the pages below it, which travel advice has."""
    content_id: str = ""
    first_published: datetime = NEVER
    updated: datetime = NEVER
    """The last major update: `public_updated_at`, `public_timestamp`, an entry's `updated`."""
    touched: datetime = NEVER
    """The last change of any kind: `updated_at`."""
    notes: list[tuple[datetime, str]] = field(default_factory=list)
    """The change history, newest first."""
    withdrawn: tuple[datetime, str] | None = None
    gone: str | None = None
    """Why it was removed; "" where its editors do not say."""
    moved_to: str = ""
    deeds: list[Deed] = field(default_factory=list)

    @property
    def is_listed(self) -> bool:
        """Whether feeds and the Search API have it: withdrawn, removed and moved pages vanish from them."""
        return self.withdrawn is None and self.gone is None and not self.moved_to


def terms(words: str) -> list[str]:
    """What is searched for: one phrase where it is in double quotes, else each word."""
    return [words[1:-1]] if len(words) > 1 and words[0] == words[-1] == '"' else words.split()


def mentions(page: Document, words: str) -> bool:
    """Whether a page has the words anywhere in title, description or body: of several, one is enough."""
    text = f"{page.title}\n{page.description}\n{re.sub('<[^>]+>', ' ', page.body)}"
    found = (re.search(rf"\b{re.escape(term)}\b", text, re.IGNORECASE) for term in terms(words))
    return not words or any(found)


def named(slug: str) -> str:
    """A slug in words: "Department for Business and Trade"."""
    small = {"and", "for", "of", "the"}
    return " ".join(word if word in small else word.capitalize() for word in slug.split("-"))


def london(at: datetime, fraction: str = "") -> str:
    """`2026-03-30T09:30:00+01:00`."""
    local = at.astimezone(LONDON).isoformat(timespec="seconds")
    return f"{local[:19]}{fraction}{local[19:]}"


def utc(at: datetime, zone: str = "Z") -> str:
    """`2026-03-30T08:30:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{zone}"
