"""Core: what a page itself says, beyond the feed that pointed at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .feeds import Item
    from .verdicts import Verdict


PageFormat = Literal["govuk-content", "article"]
"""GOV.UK's Content API, or any web page, of which only the article is read."""
PageStatus = Literal["live", "withdrawn", "moved", "gone"]
News = Literal["new", "updated", "reissued"]
"""A page for the first time; with changes that its editors tell of; dated anew without a word of change."""


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """One entry of a page's change history, in its editors' words."""

    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as plain text. An article has a text and perhaps a title; the rest is GOV.UK's."""

    status: PageStatus = "live"
    title: str = ""
    text: str = ""
    """The body. Empty where a page is read back from the store: the item has it."""
    document_type: str = ""
    """In words, as GOV.UK shows it: "Press release", "Guidance"."""
    organisations: tuple[str, ...] = ()
    first_published: datetime | None = None
    public_updated: datetime | None = None
    """The last change that its editors hold to be major."""
    history: tuple[ChangeNote, ...] = ()
    """Newest first."""
    moved_to: str = ""
    explanation: str = ""
    """Why it was withdrawn or removed."""
    content_id: str = ""
    """GOV.UK's own id of the page, which stays when its address changes."""


@dataclass(frozen=True, slots=True)
class PageState:
    """What is remembered of looking a page up."""

    item_id: int
    etag: str | None = None
    last_modified: str | None = None
    asked: datetime | None = None
    asked_for: str = ""
    """The item's content hash when the page was last read: another one is a reason to ask again."""
    next_try: datetime | None = None
    """After a failure: not before this."""
    failures: int = 0
    error: str = ""
    missing_since: datetime | None = None
    """The first 404 since it was read last: only one that stays says that the page was removed."""
    body_hash: str = ""
    """Digest of the page's text."""
    page: Page | None = None
    """None until it was read once."""
    news: News = "new"
    note: str = ""
    """What the page's editors say of its latest update."""
    note_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A stored item whose page is to be looked up."""

    item_id: int
    item: Item
    source_id: str
    """The source whose text is stored; its `side` judges."""
    content_hash: str
    state: PageState


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """All that one look-up writes, in one transaction."""

    state: PageState
    item: Item | None = None
    """The item with the page's text and date; None where nothing was read, and it stays as it is."""
    verdict: Verdict | None = None
    what: str = ""
    """What the item's present revision is, in words, where the page tells it better than the feed."""
    is_news: bool = False
    """Whether that is a revision of its own: what no feed tells, such as that the page was withdrawn."""
