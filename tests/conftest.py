"""What most tests need: a fixed time, small values, and the folders of real data where they exist."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.models import Item, Judged, Source, Verdict

NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"


def shared(name: str) -> Path:
    """A folder of real data beside the checkout; the test skips where it is absent."""
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"shared/{name} is not beside this checkout")
    return folder


def make_source(id: str = "gazette", **changes: Any) -> Source:  # noqa: A002 - it is the field's name
    """A source with everything filled in."""
    values: dict[str, Any] = {
        "id": id,
        "name": id.title(),
        "url": f"https://{id}.example/feed",
        "kind": "uk-media",
        "outlet": id.title(),
        "every": timedelta(minutes=30),
        "max_bytes": 10_000_000,
        "timeout": 30.0,
    }
    return Source(**(values | changes))


def make_item(title: str = "Starmer meets Xi in Beijing", **changes: Any) -> Item:
    """An item; its address and identity follow from the title unless given."""
    slug = "-".join(title.lower().split())[:60]
    values: dict[str, Any] = {
        "key": f"https://gazette.example/{slug}",
        "source_id": "gazette",
        "guid": slug,
        "url": f"https://gazette.example/{slug}",
        "title": title,
        "published": NOW - timedelta(hours=3),
    }
    return Item(**(values | changes))


def make_judged(title: str = "Starmer meets Xi in Beijing", *, id: int = 1, **changes: Any) -> Judged:  # noqa: A002
    """A stored, relevant item; keyword arguments that only Item knows go to the item."""
    of_item = {*Item.__dataclass_fields__} - {*Judged.__dataclass_fields__}
    item_fields = {name: changes.pop(name) for name in list(changes) if name in of_item}
    values: dict[str, Any] = {
        "id": id,
        "item": make_item(title, **item_fields),
        "verdict": Verdict(True, 6.0, ("diplomacy",), (), "rules1"),
        "first_seen": NOW - timedelta(hours=2),
        "outlet": "Gazette",
        "kind": "uk-media",
    }
    return Judged(**(values | changes))


SLOWEST = (
    *(
        "image",
        "fortnight",
        "seeds",
        "send_kill",
        "walk",
        "hostile_feeds",
        "promises_database",
        "sandbox",
        "cli_sources",
        "cli_posting",
        "docs_tuning",
    ),
    *("render_templates", "cli", "render_mail", "jobs_send", "cli_service", "deliver_smtp", "accessibility"),
    *("promises_processes", "promises_secrets", "parse_differential"),
    *("demo", "memory", "store_kill", "archive_in_browser", "cli_label", "cli_mailing", "cli_upkeep"),
)
"""Files that take longest: begun first, so that at the end no worker is left alone with one of them."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: much of a test is waiting, for a pause to pass or a process to end."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {f"test_{name}.py": number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden-update",
        action="store_true",
        help="write tests/golden/ anew from what is rendered now, instead of comparing; then read the diff",
    )
