"""Core: a source, what is remembered of it, its answer, and the items in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .hidden import address_mark, without_secrets

Side = Literal["uk", "china", "both"]
Kind = Literal[
    "official-uk",
    "parliament",
    "official-china",
    "state-media",
    "uk-media",
    "world-media",
    "trade-press",
    "think-tank",
    "business",
    "university",
    "other",
]
PollStatus = Literal["ok", "unchanged", "failed", "skipped"]
Format = Literal[
    "feed",
    "govuk-search",
    "written-questions",
    "written-statements",
    "committee-publications",
    "hansard",
]
"""What a source answers with: "feed" is RSS, RDF, Atom or JSON Feed, told apart by its bytes; else an API."""


@dataclass(frozen=True, slots=True)
class Source:
    """One address that is polled, as `config.yaml` describes it. Never changes while running."""

    id: str
    name: str
    url: str
    kind: Kind
    outlet: str
    """The publisher's name as readers see it; several sources may share it."""
    every: timedelta
    """The shortest time between two polls."""
    max_bytes: int
    """The largest body accepted, counted after decompression."""
    timeout: float
    """Seconds for the whole request, redirects and body included."""
    side: Side | None = None
    """What the source alone implies: `uk` and `china` need a term of the other side, `both` one of either."""
    enabled: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    strip: tuple[str, ...] = ()
    """Boilerplate to cut from titles and summaries, besides what is always cut."""
    full_text: bool = False
    """Whether the articles behind a feed of teasers are fetched, for items that name at least one side."""
    lang: str | None = None
    note: str = ""
    format: Format = "feed"
    window: timedelta | None = None
    """How far back an API is asked at each poll; None for feeds, which decide that themselves."""

    @property
    def shown_url(self) -> str:
        """`url` as it may be stored and shown: without a login and without keys."""
        return without_secrets(self.url)

    @property
    def url_mark(self) -> str:
        """What is remembered of `url`, to know whether it is still the same."""
        return address_mark(self.url)


@dataclass(frozen=True, slots=True)
class Outline:
    """What is remembered of a document's entries, so that only what is new in the next one is read."""

    marks: bytes
    """`ParsedFeed.outline`."""
    items: tuple[int, ...]
    """For each entry, the id of its item."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a source between two polls."""

    source_id: str
    url: str = ""
    """The `Source.url_mark` of the address that the validators below belong to."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """Digest of the last body that was parsed, so that the same bytes are not parsed again."""
    next_due: datetime | None = None
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None
    """When an item of this source was last seen for the first time."""
    failures: int = 0
    """Failed polls in a row."""
    failing_since: datetime | None = None
    error: str | None = None
    http_status: int | None = None
    ended: bool = False
    """Whether the publisher says that the feed is no more: GOV.UK's notice, or 410."""
    moved_to: str | None = None
    """Where a permanent redirect leads, as long as it stands."""
    newest: datetime | None = None
    """The latest date in the last document that was read: a feed may answer for years after its last item."""
    gap_from: datetime | None = None
    """Set with `gap_to` where a document held nothing that was known: items between may have been missed."""
    gap_to: datetime | None = None
    gap_filled: bool = False
    """Whether what was missed has been fetched by other means since."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source's answer. `body` is None where the server said that nothing changed (304)."""

    source_id: str
    url: str
    """The address that answered, after redirects."""
    status: int
    body: bytes | None
    content_type: str = ""
    etag: str | None = None
    """Verbatim, weak marker and quotes included (RFC 9110, 8.8.3)."""
    last_modified: str | None = None
    """Verbatim (RFC 9110, 8.8.2)."""
    moved_to: str | None = None
    """The new address, where every redirect on the way was permanent (301 or 308)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One page that a feed points at, as plain text."""

    key: str
    """The identity over all feeds: see `parse`."""
    source_id: str
    guid: str
    url: str
    title: str
    summary: str = ""
    text: str = ""
    """Longer text, where the feed carries it. Searched and classified, never shown whole."""
    lang: str = "en"
    published: datetime | None = None
    updated: datetime | None = None
    outlet: str = ""
    """The publisher, where an aggregator's feed names one for each item; else the source's outlet holds."""

    @property
    def date(self) -> datetime | None:
        """The time that readers are shown: published, else updated."""
        return self.published or self.updated


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """The items of one document, in its order."""

    title: str
    items: tuple[Item, ...]
    skipped: tuple[str, ...] = ()
    """Why each entry that could not be read was left out."""
    rows: int = 0
    """How many results an interface's answer holds: several may make one item. 0 for feeds."""
    total: int | None = None
    """How many results the interface says there are; None for feeds, and where it does not say."""
    entries: tuple[str | int, ...] = ()
    """Of a feed that can be read in parts, for each entry: the key of its item, which is in `items`; of one
    that stands here unchanged and was not read again, its place in the outline before."""
    outline: bytes = b""
    """By this the entries are known next time. Only `parse` knows what is in it; empty for others."""
    newest: datetime | None = None
    """The latest date of the items, those included that were not read again."""
