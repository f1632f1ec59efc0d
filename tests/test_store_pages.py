"""What pages say of themselves: which are wanted, what a look-up writes, and what readers get of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from monitor.models import (
    ChangeNote,
    Item,
    Judged,
    Match,
    Page,
    PageOutcome,
    PageState,
    PageStatus,
    PageWanted,
    Update,
)
from monitor.store import Store

from .conftest import NOW, make_item
from .storing import (
    IRRELEVANT,
    MESSAGE,
    RELEVANT,
    govuk,
    later,
    make_edition,
    open_store,
    record,
    stories_of,
)

BODY = "The licences that are needed, with an annex on quantum computers."
NOTE = ChangeNote(later(days=-1), "Added an annex.")
PAGE = Page(
    title="China: export guidance",
    document_type="Guidance",
    organisations=("Export Control Joint Unit", "Department for Business and Trade"),
    first_published=later(days=-400),
    public_updated=later(days=-1),
    history=(NOTE, ChangeNote(later(days=-400), "First published.")),
    content_id="5e9ef857-7706-11e4-a3cb-005056011aef",
)
WITH_TEXT = replace(RELEVANT, score=7.0, topics=("technology",))


def wanted(store: Store, at: datetime = NOW, *, limit: int = 10, **which: Any) -> tuple[PageWanted, ...]:
    return store.wanted_pages(at, limit=limit, **which)


def titles(found: Collection[PageWanted]) -> list[str]:
    return [one.item.title for one in found]


def stored(store: Store, id_: int = 1) -> Judged:
    judged = store.item(id_)
    assert judged is not None
    return judged


def read(one: PageWanted, page: Page = PAGE, *, text: str = BODY, **state: Any) -> PageOutcome:
    """A look-up that brought the page."""
    asked = replace(
        one.state,
        asked=NOW,
        asked_for=one.content_hash,
        failures=0,
        error="",
        next_try=None,
        body_hash=str(hash(text)),
        page=replace(page, text=""),
        **state,
    )
    item = replace(one.item, text=text, published=page.first_published or one.item.published)
    return PageOutcome(asked, item, WITH_TEXT)


def failed(one: PageWanted, *, until: datetime) -> PageOutcome:
    count = one.state.failures + 1
    return PageOutcome(replace(one.state, failures=count, error="timed out", next_try=until))


def look_up(store: Store, page: Page = PAGE, **changes: Any) -> None:
    """Look the one wanted page up."""
    (one,) = wanted(store)
    store.record_page(read(one, page, **changes), NOW)


# Which pages are wanted


def test_relevant_pages_of_govuk_are_wanted_newest_first(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Older", key="https://www.gov.uk/a", guid="a"), make_item("Of a paper"))
        record(store, govuk("Newer", key="https://www.gov.uk/b", guid="b"), at=later(hours=1))
        record(store, govuk("Beside it", key="https://www.gov.uk/c", guid="c"), verdict=IRRELEVANT)

        newer, older = wanted(store)

        assert titles([newer, older]) == ["Newer", "Older"]
        assert (newer.item_id, newer.source_id, newer.state) == (3, "gazette", PageState(3))
        assert newer.item == govuk("Newer", key="https://www.gov.uk/b", guid="b")
        assert titles(wanted(store, limit=1)) == ["Newer"]
        assert wanted(store, govuk=False) == ()


def test_a_page_that_was_read_is_wanted_again_once_the_feed_brings_a_change(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        assert wanted(store) == ()

        record(store, govuk(), at=later(hours=1))
        assert wanted(store) == ()
        record(store, govuk(updated=later(hours=2)), at=later(hours=2))

        (one,) = wanted(store)
        assert (one.state.page, one.item.text) == (PAGE, BODY)


def test_a_page_that_failed_is_wanted_when_its_time_has_come(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        (one,) = wanted(store)
        store.record_page(failed(one, until=later(minutes=30)), NOW)

        assert wanted(store, later(minutes=29)) == ()
        (again,) = wanted(store, later(minutes=30))
        assert (again.state.failures, again.state.error, again.state.page) == (1, "timed out", None)
        assert stored(store).page is None


def test_articles_are_wanted_of_candidates_without_a_text_in_the_named_sources(tmp_path: Path) -> None:
    china = replace(IRRELEVANT, matches=(Match("china", "Beijing", "title", "Beijing", 0),))
    with open_store(tmp_path, "gazette", "herald") as store:
        record(
            store, make_item("Beijing teaser"), make_item("Beijing whole", text="It is here."), verdict=china
        )
        record(store, make_item("Leeds teaser"), verdict=IRRELEVANT)
        topic = replace(IRRELEVANT, matches=(Match("topic", "tariff", "title", "tariff", 0, topic="trade"),))
        record(store, make_item("Tariff teaser"), verdict=topic)
        record(store, make_item("In", source_id="herald"), source="herald", at=later(hours=1))

        assert titles(wanted(store, full_text=["gazette"])) == ["Beijing teaser"]
        assert titles(wanted(store, full_text=["gazette", "herald"])) == ["In", "Beijing teaser"]
        assert wanted(store) == ()


def test_an_article_is_read_once_unless_its_teaser_changes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        (one,) = wanted(store, full_text=["gazette"])
        store.record_page(read(one, Page(title="Talks")), NOW)
        assert wanted(store, full_text=["gazette"]) == ()

        record(store, make_item("Starmer met Xi", key=make_item().key), at=later(hours=1))

        assert titles(wanted(store, full_text=["gazette"])) == ["Starmer met Xi"]
        assert stored(store).item.text == BODY


def test_an_article_that_fails_three_times_or_is_old_is_given_up(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        for _ in range(3):
            (one,) = wanted(store, full_text=["gazette"])
            store.record_page(failed(one, until=NOW), NOW)
        assert wanted(store, full_text=["gazette"]) == ()

        record(store, make_item("Later"), at=later(hours=1))
        assert titles(wanted(store, later(days=14), full_text=["gazette"])) == ["Later"]
        assert wanted(store, later(days=15), full_text=["gazette"]) == ()


def test_pages_of_govuk_come_before_articles_within_the_limit(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("A page"))
        record(store, make_item("A teaser"), make_item("Another"), at=later(hours=1))

        assert titles(wanted(store, full_text=["gazette"], limit=2)) == ["A page", "Another"]
        assert titles(wanted(store, full_text=["gazette"], limit=1)) == ["A page"]


# What a look-up writes


def test_a_page_comes_back_as_it_was_read_with_its_text_in_the_item(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        judged = stored(store)

        assert judged.page == PAGE
        assert judged.item == govuk(text=BODY, published=PAGE.first_published)
        assert judged.verdict == WITH_TEXT
        assert store.find(judged.item.key) == judged
        assert store.seen_since(NOW) == store.unclaimed("daily") == tuple(store.each_item()) == (judged,)


def test_all_that_is_remembered_of_a_look_up_comes_back(tmp_path: Path) -> None:
    state = PageState(
        1,
        etag='W/"1"',
        last_modified="Thu, 29 Jan 2026 08:00:00 GMT",
        asked=NOW,
        asked_for="another",
        next_try=later(hours=1),
        failures=2,
        error="timed out",
        body_hash="f00d",
        page=replace(PAGE, status="withdrawn", moved_to="/elsewhere", explanation="It was replaced."),
        news="reissued",
        note="Added an annex.",
        note_at=NOTE.at,
    )
    with open_store(tmp_path) as store:
        record(store, govuk())
        store.record_page(PageOutcome(state), NOW)

        (one,) = wanted(store, later(hours=1))

        assert one.state == state


def test_the_text_of_a_page_is_searched(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        assert store.search("quantum") == ()
        look_up(store)
        (hit,) = store.search("quantum")
        assert (hit.judged.id, hit.judged.page) == (1, PAGE)

        record(store, govuk(updated=later(hours=1)), at=later(hours=1))
        look_up(store, text="Nothing of that is left.")

        assert (store.search("quantum"), len(store.search("nothing"))) == ((), 1)
        Database(store.path).execute("INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)")


def test_a_look_up_that_brought_nothing_leaves_the_item_as_it_is(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        (one,) = wanted(store)
        outcome = read(one)
        store.record_page(outcome, NOW)
        before, gone = stored(store), replace(PAGE, status="gone")

        store.record_page(PageOutcome(replace(outcome.state, page=gone)), later(hours=1))

        assert stored(store) == replace(before, page=gone)


def test_a_page_tells_what_the_update_of_its_item_was(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        record(store, govuk(updated=later(hours=1)), at=later(hours=1))
        (one,) = wanted(store)
        outcome = read(one, news="updated", note="Added an annex.", note_at=NOTE.at)

        store.record_page(replace(outcome, what="updated"), NOW)

        assert [revision.update for revision in store.revisions(1)] == [
            Update(later(hours=1), "updated", "China: export guidance", "Added an annex.", NOTE.at)
        ]


def test_what_a_page_says_of_a_copy_that_a_poll_has_replaced_meanwhile_is_not_said_of_the_new_one(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        (one,) = wanted(store)
        fresh = replace(RELEVANT, reason="of the new copy")
        record(store, govuk("New title", updated=later(hours=1)), at=later(hours=1), verdict=fresh)

        store.record_page(replace(read(one), what="updated"), NOW)

        assert stored(store).verdict == fresh
        assert [revision.update.what for revision in store.revisions(1)] == ["published again, new title"]
        assert titles(wanted(store)) == ["New title"]


def test_the_page_of_an_item_that_was_joined_with_another_meanwhile_is_passed_over(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.record_page(PageOutcome(PageState(7)), NOW)

        assert list(Database(store.path).query("SELECT * FROM pages")) == []


def test_the_words_of_a_page_s_editors_can_be_faceted_and_read_in_datasette(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
    db = Database(tmp_path / "monitor.db")

    (row,) = db.query(
        "SELECT organisations, document_type, json_extract(history, '$[0].note') AS note FROM pages"
    )

    assert row == {
        "organisations": '["Export Control Joint Unit","Department for Business and Trade"]',
        "document_type": "Guidance",
        "note": "Added an annex.",
    }
    assert [(key.column, key.other_table) for key in db.table("pages").foreign_keys] == [("item_id", "items")]
    db.close()


# Later polls


def again(**changes: Any) -> Item:
    return govuk(**({"updated": later(hours=1)} | changes))


def test_an_update_keeps_the_text_and_the_date_of_the_page(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        assert record(store, again(title="New title"), at=later(hours=1)).updated == 1

        item = stored(store).item
        assert (item.title, item.text, item.published) == ("New title", BODY, PAGE.first_published)
        assert len(store.search("quantum")) == len(store.search('"New title"')) == 1


def test_a_small_edit_keeps_the_text_and_the_date_of_the_page(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        assert record(store, govuk(summary="In other words."), at=later(hours=1)).updated == 0

        item = stored(store).item
        assert (item.summary, item.text, item.published) == ("In other words.", BODY, PAGE.first_published)


def test_the_same_copy_changes_nothing_of_an_item_whose_page_was_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        before = stored(store)

        record(store, govuk(), at=later(hours=1), verdict=replace(RELEVANT, score=3.0))

        assert stored(store) == before


def test_an_update_judged_without_the_text_of_the_page_takes_nothing_out(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        found = record(store, again(), at=later(hours=1), verdict=IRRELEVANT)

        assert (found.updated, found.relevant) == (1, 1)
        assert stored(store).verdict == WITH_TEXT
        assert titles(wanted(store)) == ["China: export guidance"]


def test_an_update_judged_in_without_the_text_of_the_page_has_its_verdict(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        record(store, again(), at=later(hours=1))

        assert stored(store).verdict == RELEVANT


def test_an_update_of_a_page_that_was_not_read_may_take_it_out(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())

        record(store, again(), at=later(hours=1), verdict=IRRELEVANT)

        assert stored(store).verdict == IRRELEVANT


def test_a_feed_that_carries_the_text_itself_replaces_the_article_s(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        (one,) = wanted(store, full_text=["gazette"])
        store.record_page(read(one, Page()), NOW)

        record(store, make_item(text="As the feed has it."), at=later(hours=1))

        assert stored(store).item.text == "As the feed has it."


def test_a_verdict_of_new_rules_on_a_text_that_a_look_up_replaces_meanwhile_is_dropped(
    tmp_path: Path,
) -> None:
    new = replace(RELEVANT, rules_version="rules2")
    with open_store(tmp_path) as store, Store.open(store.path) as looking:
        record(store, govuk(), make_item("Another"))

        def verdicts() -> Any:
            for one in store.each_item():
                yield one.id, new
            look_up(looking)

        assert store.rejudge(verdicts()) == 1
        assert [one.verdict for one in store.each_item()] == [WITH_TEXT, new]


# What readers are told


def test_a_page_that_its_publisher_says_is_an_old_one_with_changes_is_shown_as_an_update(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store, news="updated", note=NOTE.note, note_at=NOTE.at)
        expected = Update(later(days=-1), "updated", None, "Added an annex.", NOTE.at)

        assert [judged.update for judged in store.unclaimed("daily")] == [expected]
        assert [judged.update for judged in store.seen_since(NOW)] == [expected]
        assert stored(store).update == expected


def test_a_page_dated_anew_without_a_word_is_shown_as_reissued(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store, replace(PAGE, public_updated=None), news="reissued")

        assert stored(store).update == Update(NOW, "re-issued unchanged")


def test_a_new_page_is_no_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        assert stored(store).update is None


def test_a_digest_that_has_shown_a_page_says_what_changed_since_with_the_latest_note(tmp_path: Path) -> None:
    def update(hours: int, note: str, what: str) -> None:
        record(store, again(updated=later(hours=hours)), at=later(hours=hours))
        (one,) = wanted(store)
        at = later(hours=hours) if note else None
        store.record_page(replace(read(one, news="updated", note=note, note_at=at), what=what), NOW)

    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        shown = stories_of(*store.unclaimed("daily"))
        store.publish(make_edition(), MESSAGE, shown, now=NOW, rules_version="rules1", looked_at=1)
        update(1, "Added an annex.", "updated")
        update(2, "Added a form.", "updated")
        update(3, "", "re-issued unchanged")

        (judged,) = store.unclaimed("daily")

        assert judged.update == Update(
            later(hours=3), "updated, re-issued unchanged", None, "Added a form.", later(hours=2)
        )


# What no feed tells


def test_that_a_page_was_withdrawn_is_a_revision_of_its_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        (again,) = wanted(store, later(days=3))
        ended = replace(PAGE, status="withdrawn", explanation="The rules have ended.")
        outcome = read(again, ended, note=ended.explanation)

        store.record_page(replace(outcome, what="withdrawn", is_news=True), later(days=3))

        (revision,) = store.revisions(1)
        assert (revision.number, revision.update.what, revision.update.note) == (
            2,
            "withdrawn",
            "The rules have ended.",
        )
        assert revision.update.old_title == revision.title
        assert stored(store).revision == 2


def test_a_page_is_checked_again_after_two_days_and_no_longer_than_a_month(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)

        found = {days: len(wanted(store, later(days=days))) for days in (1, 2, 30, 31)}

        assert found == {1: 0, 2: 1, 30: 1, 31: 0}


@pytest.mark.parametrize("status", ["withdrawn", "gone"])
def test_a_page_that_is_live_no_more_is_checked_again_after_a_week(
    tmp_path: Path, status: PageStatus
) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store, replace(PAGE, status=status))

        found = {days: len(wanted(store, later(days=days))) for days in (3, 7, 31)}

        assert found == {3: 0, 7: 1, 31: 0}


def test_a_check_that_failed_is_made_again_when_its_time_has_come(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        (one,) = wanted(store, later(days=2))
        outcome = failed(one, until=later(days=2, minutes=30))
        store.record_page(replace(outcome, state=replace(outcome.state, asked=later(days=2))), later(days=2))

        assert wanted(store, later(days=2, minutes=29)) == ()
        assert len(wanted(store, later(days=2, minutes=30))) == 1


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_an_update_that_its_page_told_first_is_no_news_when_the_feed_catches_up(
    tmp_path: Path, seconds: int
) -> None:
    updated = replace(PAGE, public_updated=later(days=2))
    with open_store(tmp_path) as store:
        record(store, govuk())
        look_up(store)
        (one,) = wanted(store, later(days=2))
        outcome = read(one, updated, note="Added a form.")
        item = replace(wanted(store, later(days=2))[0].item, text=BODY, updated=later(days=2))
        store.record_page(replace(outcome, item=item, what="updated", is_news=True), later(days=2))

        for hours, fresh in ((1, govuk()), (2, govuk(updated=later(days=2, seconds=seconds), summary="!"))):
            assert record(store, fresh, at=later(days=2, hours=hours)).updated == 0

        (revision,) = store.revisions(1)
        assert (revision.update.what, revision.update.note) == ("updated", "Added a form.")
        assert stored(store).item.summary == "!"


def test_pages_of_govuk_are_never_read_as_articles(tmp_path: Path) -> None:
    china = replace(IRRELEVANT, matches=RELEVANT.matches)
    with open_store(tmp_path) as store:
        record(store, govuk("In", text=""))
        record(store, govuk("Beside", key="https://www.gov.uk/b", guid="b", text=""), verdict=china)

        assert wanted(store, govuk=False, full_text=["gazette"]) == ()
