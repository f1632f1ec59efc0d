"""Small values for the tests of the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.models import (
    Addressed,
    Assessed,
    Edition,
    FeedState,
    Item,
    Judged,
    Mail,
    Match,
    Message,
    Outgoing,
    Recorded,
    SourceOutcome,
    Story,
    Verdict,
)
from monitor.store import Store

from .conftest import NOW, make_item, make_source

MATCHES = (
    Match("uk", "Starmer", "title", "Starmer", 0, points=3.0),
    Match("topic", "Xi", "lead", "Xi", 14, topic="diplomacy", points=2.0, where="summary"),
)
RELEVANT = Verdict(True, 6.0, ("diplomacy",), MATCHES, "rules1", (("uk", 3.0), ("china", 2.0)), "both sides")
IRRELEVANT = Verdict(False, 1.0, (), (), "rules1", (("uk", 3.0), ("china", 0.0)), "nothing about China")
MESSAGE = Message(
    "UK-China daily, 29 Jan", "text", "<p>page</p>", '{"schema_version":1}', "<p>mail</p>", "mail"
)


def open_store(folder: Path, *source_ids: str, **changes: Any) -> Store:
    """A new database with these sources, "gazette" unless named."""
    store = Store.open(folder / "monitor.db", **changes)
    store.sync_sources([make_source(source_id) for source_id in source_ids or ("gazette",)])
    return store


def outgoing(*recipients: str, channels: tuple[str, ...] = ()) -> Outgoing:
    """A mail to these, and a short text to these channels."""
    to = tuple(
        Addressed(one, one, f"<1.{one}>", f"To: {one}\r\nMessage-ID: <1.{one}>\r\n".encode())
        for one in recipients
    )
    mail = Mail("monitor@example.org", b"Subject: UK-China daily\r\n\r\nmail\r\n")
    return Outgoing(mail, to, "UK-China daily", "In short.", channels)


def outcome(
    *items: Item, source: str = "gazette", verdict: Verdict = RELEVANT, **state: Any
) -> SourceOutcome:
    """What a poll of one source brought; the items are made to be of that source by the caller."""
    return SourceOutcome(FeedState(source, **state), "ok", tuple(Assessed(item, verdict) for item in items))


def record(
    store: Store, *items: Item, at: datetime = NOW, source: str = "gazette", verdict: Verdict = RELEVANT
) -> Recorded:
    """Record items as seen in one source."""
    return store.record(outcome(*items, source=source, verdict=verdict), at)


def govuk(title: str = "China: export guidance", **changes: Any) -> Item:
    """A page of GOV.UK as a feed of it gives it."""
    url = "https://www.gov.uk/guidance/china"
    return make_item(title, **({"key": url, "url": url, "guid": f"{url}#1", "updated": NOW} | changes))


def later(**passed: float) -> datetime:
    """NOW and so much more."""
    return NOW + timedelta(**passed)


def make_edition(
    name: str = "2026-01-29", *, slot: str | None = "2026-01-29", digest: str = "daily"
) -> Edition:
    """An edition for the day before NOW."""
    return Edition(digest, "UK-China daily", NOW - timedelta(days=1), NOW, NOW.date(), slot, name)


def stories_of(*judged: Judged) -> tuple[Story, ...]:
    """A story for each item."""
    return tuple(Story(f"s{one.id}", (one,)) for one in judged)
