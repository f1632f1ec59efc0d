"""Core: what is particular to GOV.UK's feeds.

There are two dialects. Finder feeds (`/search/….atom`) keep an entry's id over updates; the feeds of
organisations, topical events, travel advice and the whole government put the time of the last major update
into it. Neither has `<published>`, and one page comes through up to four feeds. So a page is told by the path
of its link, and `updated`, not the id, says that it was published again.

Sources: alphagov/finder-frontend `app/views/finders/show.atom.builder`, alphagov/collections
`app/presenters/feed_entry_presenter.rb`, alphagov/frontend `app/views/travel_advice/*.atom.builder`.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ..text.urls import clean_url

_HOSTS = {"www.gov.uk", "gov.uk"}
_ENDED = "This feed has ended"
_TRAVEL_ADVICE = "/foreign-travel-advice/"
# Display types that organisation feeds write before a title: alphagov/govuk_document_types and, for feeds
# from before 2025, the labels of news and speeches.
_DISPLAY_TYPES = frozenset(
    name.casefold()
    for name in (
        "Accredited official statistics",
        "Authored article",
        "Call for evidence outcome",
        "Case study",
        "Closed call for evidence",
        "Closed consultation",
        "Consultation",
        "Consultation outcome",
        "Corporate report",
        "Correspondence",
        "Decision",
        "Detailed guide",
        "Document collection",
        "FOI release",
        "Form",
        "Government response",
        "Guidance",
        "Impact assessment",
        "Independent report",
        "International treaty",
        "Map",
        "National statistics",
        "National statistics announcement",
        "News story",
        "Notice",
        "Official statistics",
        "Official statistics announcement",
        "Open call for evidence",
        "Open consultation",
        "Oral statement to Parliament",
        "Policy paper",
        "Press release",
        "Promotional material",
        "Regulation",
        "Research and analysis",
        "Speech",
        "Standard",
        "Statistics announcement",
        "Statutory guidance",
        "Transparency data",
        "World news story",
        "Written statement to Parliament",
    )
)


def is_govuk(url: str) -> bool:
    """Whether an address is a page of GOV.UK itself, not of a service, blog or file store under gov.uk."""
    return urlsplit(clean_url(url)).hostname in _HOSTS


def identity(link: str) -> str:
    """`https://www.gov.uk<path>`: one page is one item, in whatever feed and dialect; "" for the home page.

    `link` is an address for which `is_govuk` holds.
    """
    path = urlsplit(clean_url(link)).path.rstrip("/")
    return f"https://www.gov.uk{path}" if path else ""


def page_title(title: str, link: str, categories: Iterable[str] = ()) -> str:
    """An entry's title as the page has it.

    Without the display type that organisation feeds add; with "travel advice" where the feed of all countries
    has only the country's name, so that both travel feeds give one title.
    """
    bare = strip_type_prefix(title, categories)
    is_travel_advice = urlsplit(clean_url(link)).path.startswith(_TRAVEL_ADVICE)
    return f"{bare} travel advice" if is_travel_advice and "travel advice" not in bare.lower() else bare


def strip_type_prefix(title: str, categories: Iterable[str] = ()) -> str:
    """`title` without "Policy paper: " and the like; `categories` are the entry's own labels and terms."""
    prefix, colon, rest = title.partition(":")
    known = _DISPLAY_TYPES.union(category.strip().casefold() for category in categories)
    return rest.strip() if colon and rest.strip() and prefix.strip().casefold() in known else title


def is_ended(entry_id: str, title: str) -> bool:
    """Whether an entry is the notice that stands alone in the feed of a retired finder (status 200)."""
    if not entry_id.startswith(("tag:www.gov.uk", "https://www.gov.uk")):
        return False
    return entry_id.endswith("/feed-ended") or title.strip() == _ENDED
