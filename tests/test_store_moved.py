"""A page of GOV.UK that got a new address is one item, with the history of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.models import Label, Page, PageOutcome, Story
from monitor.store import Store

from .conftest import NOW
from .storing import MESSAGE, RELEVANT, govuk, later, make_edition, open_store, record, stories_of

OLD, NEW = "https://www.gov.uk/government/news/china-vist", "https://www.gov.uk/government/news/china-visit"
PAGE = Page(title="Minister to visit China", content_id="5e9ef857", public_updated=NOW)


def seen(store: Store, url: str, *, page: Page = PAGE, days: float = 0, **changes: Any) -> None:
    """A page stands in the feed under this address, and is looked up."""
    item = govuk("Minister to visit China", key=url, url=url, guid=url, text="", **changes)
    record(store, item, at=later(days=days))
    (wanted,) = store.wanted_pages(later(days=days), limit=1)
    state = replace(wanted.state, asked=later(days=days), asked_for=wanted.content_hash, page=page)
    store.record_page(PageOutcome(state, replace(wanted.item, text="They talk."), RELEVANT), later(days=days))


def test_a_renamed_page_stays_the_item_it_was_under_its_new_address(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1)

        (one,) = store.seen_since(later(days=-1))

        assert (one.id, one.item.url, one.item.key, one.first_seen) == (1, NEW, NEW, NOW)
        assert store.find(OLD) == store.find(NEW) == store.item(1)
        assert store.item(2) is None
        assert store.revisions(1) == ()


def test_the_next_poll_finds_the_page_under_either_address(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1)

        for url in (OLD, NEW):
            again = govuk("Minister to visit China", key=url, url=url, guid=url)
            assert record(store, again, at=later(days=2)).new == 0
        assert store.count_items() == 1


def test_its_words_are_found_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1)

        assert [hit.judged.id for hit in store.search("visit")] == [1]
        store.check_intact()


def test_where_it_was_seen_is_known_for_both(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1)

        (sighting,) = store.where_seen(1)

        assert (sighting.guid, sighting.first_seen, sighting.last_seen) == (NEW, NOW, later(days=1))


def test_a_major_update_that_came_with_the_new_address_is_an_update(tmp_path: Path) -> None:
    updated = replace(PAGE, title="Minister visits China", public_updated=later(days=1))
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1, page=updated, updated=later(days=1))

        (revision,) = store.revisions(1)

        assert (revision.number, revision.update.what, revision.update.at) == (2, "updated", later(days=1))


def test_an_item_that_an_edition_has_shown_or_that_has_a_label_keeps_its_number(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD, page=replace(PAGE, content_id=""))
        seen(store, NEW, days=1)
        (shown,) = (one for one in store.seen_since(later(days=-1)) if one.item.url == NEW)
        store.publish(
            make_edition(), MESSAGE, stories_of(shown), now=later(days=1), rules_version="r", looked_at=1
        )
        store.set_label(Label(1, True, None, NOW))

        seen(store, OLD, days=2, summary="A few words more.")  # now its id is known, too

        assert {one.id for one in store.seen_since(later(days=-1))} == {1, 2}


@pytest.mark.parametrize("ending", [".zh", ".zh-hk", ".cy", ".es-419"])
def test_translations_of_a_page_are_items_of_their_own(tmp_path: Path, ending: str) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, OLD + ending, days=1)
        assert store.count_items() == 2

        seen(store, NEW, days=2)
        seen(store, NEW + ending, days=3)

        assert {one.item.key for one in store.seen_since(later(days=-1))} == {NEW, NEW + ending}
        store.check_intact()


def test_pages_without_an_id_of_their_own_are_never_joined(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD, page=replace(PAGE, content_id=""))
        seen(store, NEW, days=1, page=replace(PAGE, content_id=""))

        assert store.count_items() == 2


def test_the_story_of_a_renamed_page_is_that_of_its_older_item(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        record(store, govuk("Other", key=f"{OLD}-2", url=f"{OLD}-2", guid="2"))
        seen(store, NEW, days=1, page=replace(PAGE, content_id=""))
        old, other, new = store.seen_since(later(days=-1))
        grouped = (Story("s1", (old,)), Story("s3", (new,)))
        store.publish(
            make_edition(),
            MESSAGE,
            stories_of(other),
            now=NOW,
            rules_version="r",
            looked_at=1,
            grouped=grouped,
        )

        seen(store, NEW, days=2, summary="A few words more.")  # now its id is known, too

        assert store.item(3) is None
        assert {id_: member.story_id for id_, member in store.memberships([1, 2, 3]).items()} == {
            1: "s1",
            2: "s2",
        }
        assert store.story("s3") is None
        store.check_intact()


def test_an_older_item_without_a_story_takes_that_of_the_newer(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen(store, OLD)
        seen(store, NEW, days=1, page=replace(PAGE, content_id=""))
        _, new = store.seen_since(later(days=-1))
        store.publish(
            make_edition(),
            MESSAGE,
            (),
            now=NOW,
            rules_version="r",
            looked_at=1,
            grouped=(Story("s2", (new,)),),
        )

        seen(store, NEW, days=2, summary="A few words more.")

        assert {id_: member.story_id for id_, member in store.memberships([1, 2]).items()} == {1: "s2"}
