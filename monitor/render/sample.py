"""Core: small editions that pass through every branch of the templates, to try the templates on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from ..models import (
    Coverage,
    Digest,
    Earlier,
    Edition,
    Item,
    Judged,
    Match,
    NewTerm,
    Notice,
    Page,
    PageStatus,
    Section,
    SourceHealth,
    Story,
    Topic,
    TopicWeek,
    Update,
    Verdict,
    Week,
)

_NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
_EDITION = Edition("daily", "Sample", _NOW - timedelta(days=1), _NOW, date(2026, 1, 29), name="2026-01-29")
_TRADE, _STUDY = Topic("trade", "Trade"), Topic("study", "Study")
_TITLE = "A sample headline about tariffs"
_FOLDED = 13
"""More than a template shows at once, or names."""
_MANY = 30
"""More stories than a section of a mail has room for."""


def full() -> Digest:
    """A story in every block; dates, links and matches there and lacking; every kind of update; a story that
    was told before; a source of every status."""
    plain = _story("a1", _judged(1))
    folded = _story("a2", *(_judged(id_) for id_ in range(10, 11 + _FOLDED)))
    again = replace(plain, id="a8", earlier=Earlier("2026-01-27", date(2026, 1, 27), _TITLE, 2))
    bare = _story(
        "a3", _judged(3, verdict=_verdict(matches=()), url="", summary="", published=None, lang="zh")
    )
    updated = (
        _story("a4", _judged(4, update=Update(_NOW, "new title", "An older headline"))),
        _story(
            "b1", _judged(5, update=Update(_NOW, "updated", None, "Added a form.", _NOW), page=_page("live"))
        ),
        _story("b2", _judged(6, update=Update(_NOW, "updated"), page=_page("withdrawn"))),
        _story("b3", _judged(7, update=Update(_NOW, "re-issued unchanged"), page=_page("live"))),
    )
    return Digest(
        edition=_EDITION,
        topics=(_TRADE, _STUDY),
        top=(folded,),
        sections=(Section(_TRADE, (plain, again)), Section(_STUDY, (replace(bare, id="a5"),))),
        updated=updated,
        late=(bare,),
        brief=(replace(plain, id="a6"), replace(bare, id="a7"), replace(again, id="a9")),
        coverage=replace(
            _coverage("ok", "failing", "ended", "overrun", "quiet", "never"),
            notices=(_notice("fault"), _notice("recovered")),
        ),
    )


def week() -> Digest:
    """A week, in which there is more than a mail has room for."""
    new = NewTerm("tariff*", "trade", 2, _judged(1))
    many = tuple(_story(f"c{n}", _judged(100 + n)) for n in range(_MANY))
    return replace(
        full(),
        edition=replace(_EDITION, start=_NOW - timedelta(days=7)),
        sections=(Section(_TRADE, many),),
        week=Week(
            (TopicWeek(_TRADE, 2, 3, 1), TopicWeek(_STUDY, 0, 0, 0)),
            new_terms=(new, replace(new, term="sample", first=_judged(2, url="", lang="zh"))),
            new_names=("Sample Office",),
            weeks_before=8,
        ),
    )


def empty() -> Digest:
    """No story, two items that came near, an earlier edition to point at."""
    near = (_judged(1), _judged(2, url="", published=None))
    last = replace(_EDITION, name="2026-01-28", local_date=date(2026, 1, 28))
    return _without_stories(_coverage("ok"), near, last)


def fault() -> Digest:
    """No story, because no source could be read."""
    return _without_stories(_coverage("failing", "never"))


def _without_stories(
    coverage: Coverage, near: tuple[Judged, ...] = (), last: Edition | None = None
) -> Digest:
    return Digest(_EDITION, (_TRADE, _STUDY), (), (), (), (), (), coverage, near, last)


def _coverage(*statuses: Any) -> Coverage:
    sources = tuple(
        SourceHealth(
            id=status,
            name=f"Source {status}",
            status=status,
            since=_NOW,
            why="Since 29 Jan, 08:30: timed out.",
            advice="Look at it.",
            last_ok=_NOW,
            last_new=_NOW,
            remark="Has moved for good: change its url to https://gazette.example/new",
            error="timed out",
        )
        for status in statuses
    )
    return Coverage(sources, looked_at=20, matched=9, rules_version="4be1")


def _notice(kind: Literal["fault", "recovered"]) -> Notice:
    return Notice("ok", "Source ok", _NOW, kind, "failing", "Source ok can be read again.")


def _page(status: PageStatus) -> Page:
    return Page(status, document_type="Guidance", organisations=("Sample Office",), first_published=_NOW)


def _story(id_: str, *items: Judged) -> Story:
    return Story(id_, items, tuple("same people and place" for _ in items[1:]))


def _verdict(matches: tuple[Match, ...]) -> Verdict:
    return Verdict(True, 6.0, ("trade", "study"), matches, "4be1", reason="the UK is not named")


def _judged(
    id_: int,
    *,
    verdict: Verdict | None = None,
    update: Update | None = None,
    page: Page | None = None,
    **changes: Any,
) -> Judged:
    tariffs = Match("topic", "tariff*", "title", "tariffs", _TITLE.index("tariffs"), "trade", 3.0)
    sample = Match("topic", "sample", "lead", "sample", 2, "study", 2.0, where="summary")
    values: dict[str, Any] = {
        "key": str(id_),
        "source_id": "gazette",
        "guid": str(id_),
        "url": "https://gazette.example/1",
        "title": _TITLE,
        "summary": "A sample paragraph.",
        "published": _NOW,
    }
    return Judged(
        id=id_,
        item=Item(**(values | changes)),
        verdict=verdict or _verdict((tariffs, sample)),
        first_seen=_NOW,
        outlet="Gazette",
        kind="uk-media",
        update=update,
        page=page,
    )
