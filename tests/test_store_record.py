"""Recording a poll: one page is one item, and an update is told from a copy and from a small edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.models import Assessed, FeedState, Item, Judged, Recorded, SourceOutcome, Update
from monitor.store import Store

from .conftest import NOW, make_item
from .storing import IRRELEVANT, MATCHES, RELEVANT, govuk, later, open_store, record


def everything(store: Store) -> tuple[Judged, ...]:
    return store.seen_since(NOW - timedelta(days=365))


def only(store: Store) -> Judged:
    (judged,) = everything(store)
    return judged


def test_an_item_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    item = make_item(summary="Talks with Xi.", text="Longer.", lang="zh", updated=NOW)
    with open_store(tmp_path) as store:
        assert record(store, item) == Recorded(new=1, updated=0, relevant=1)

        assert store.item(1) == Judged(1, item, RELEVANT, NOW, "Gazette", "uk-media")


def test_an_item_that_does_not_match_is_stored_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert record(store, make_item(published=None), verdict=IRRELEVANT) == Recorded(new=1)

        assert only(store).verdict == IRRELEVANT
        assert store.unclaimed("daily") == ()


def test_times_are_kept_in_whole_seconds_of_utc(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(published=NOW.replace(microsecond=999_999)), at=NOW.replace(microsecond=1))

        assert (only(store).item.published, only(store).first_seen) == (NOW, NOW)


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with pytest.raises(ValueError, match="no time zone"):
            record(store, make_item(published=NOW.replace(tzinfo=None)))

        assert everything(store) == ()


def test_the_same_document_again_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        before = everything(store)

        assert record(store, make_item("One"), make_item("Two"), at=later(hours=1)) == Recorded()

        assert everything(store) == before


def test_a_page_that_stands_twice_in_a_document_is_one_item(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        twice = make_item("One"), make_item("One", guid="other", summary="again")

        assert record(store, *twice).new == 1
        assert only(store).item == make_item("One")


def test_one_page_in_two_feeds_is_one_item_seen_in_both(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item())

        found = record(store, make_item(source_id="herald", guid="h1"), source="herald", at=later(minutes=5))

        assert found == Recorded()
        assert only(store).item.source_id == "gazette"
        assert [(s.source_id, s.guid, s.first_seen) for s in store.where_seen(1)] == [
            ("gazette", "starmer-meets-xi-in-beijing", NOW),
            ("herald", "h1", later(minutes=5)),
        ]


# Identity


def moved(**changes: Any) -> Item:
    return replace(
        make_item(), key="https://gazette.example/new", url="https://gazette.example/new", **changes
    )


def test_a_page_whose_address_changed_keeps_its_id_and_can_be_found_by_both(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert record(store, moved(), at=later(hours=1)) == Recorded()

        assert (only(store).id, only(store).item) == (1, moved())
        assert store.find("https://gazette.example/new") == store.find(make_item().key) == store.item(1)


def test_the_old_address_of_a_page_in_another_feed_makes_no_second_item(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item())
        record(store, moved())

        assert record(store, make_item(source_id="herald"), source="herald") == Recorded()
        assert only(store).item == moved()


def test_a_page_may_move_to_and_fro(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for item in (make_item(), moved(), make_item(), moved()):
            record(store, item)

            assert only(store).item == item


def test_a_page_that_stands_under_its_old_and_new_address_keeps_the_new_one(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        record(store, moved())

        assert record(store, moved(), make_item(guid="old")) == Recorded()
        assert only(store).item == moved()


def test_a_page_that_moved_and_has_a_new_title_is_an_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert record(store, moved(title="Starmer and Xi agree")) == Recorded(updated=1, relevant=1)
        assert (only(store).id, only(store).item.title) == (1, "Starmer and Xi agree")


def test_an_address_that_only_a_second_feed_uses_leads_to_the_same_item(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald", "times") as store:
        record(store, make_item())
        record(store, make_item(source_id="herald", guid="h1"), source="herald")

        record(store, moved(source_id="herald", guid="h1"), source="herald")
        record(store, moved(source_id="times", guid="t1"), source="times")

        assert only(store).item == make_item()


def test_pages_that_share_a_guid_in_one_document_are_items_of_their_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert record(store, make_item("One", guid="home"), make_item("Two", guid="home")).new == 2

        assert record(store, make_item("Two", guid="home"), make_item("Three", guid="home")).new == 1
        assert record(store, make_item("Four", guid="home")).new == 1


def test_a_known_guid_that_stands_twice_in_a_document_is_no_identity(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", guid="home"))

        assert record(store, make_item("Two", guid="home"), make_item("Three", guid="home")).new == 2


def test_a_guid_that_went_over_to_another_page_is_no_identity(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", guid="top"))

        assert record(store, make_item("Two", guid="top"), make_item("One", guid="second")).new == 1


def test_a_guid_whose_page_still_stands_in_the_document_is_no_identity(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", guid="home"))

        assert record(store, make_item("One", guid="home"), make_item("Two", guid="home")).new == 1


def test_a_feed_that_gives_each_latest_page_the_same_guid_loses_none(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Monday's news", guid="latest", published=NOW))

        found = record(
            store, make_item("Tuesday's news", guid="latest", published=later(days=1)), at=later(days=1)
        )

        assert found.new == 1


def test_new_guids_for_known_pages_make_no_new_items(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", guid="1"), make_item("Two", guid="2"))

        assert record(store, make_item("One", guid="1001"), make_item("Two", guid="1002")) == Recorded()
        assert [sighting.guid for sighting in store.where_seen(1)] == ["1001"]


def test_the_guid_of_another_source_is_no_identity(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item("One", guid="1"))

        assert record(store, make_item("Two", guid="1", source_id="herald"), source="herald").new == 1


# Updates


def test_a_new_title_is_an_update_with_a_fresh_verdict(tmp_path: Path) -> None:
    fresh = replace(RELEVANT, score=9.0, topics=("trade", "diplomacy"), rules_version="rules2")
    with open_store(tmp_path) as store:
        record(store, make_item("Talks begin", guid="1", key="k", summary="Before."))

        found = record(store, make_item("Talks end", guid="1", key="k"), at=later(hours=1), verdict=fresh)

        assert found == Recorded(updated=1, relevant=1)
        assert (only(store).revision, only(store).verdict, only(store).first_seen) == (2, fresh, NOW)
        (revision,) = store.revisions(1)
        assert (revision.number, revision.title, revision.old_summary) == (2, "Talks end", "Before.")
        assert (revision.update.at, revision.update.what) == (later(hours=1), "new title")
        assert revision.update.old_title == "Talks begin"


def test_capitals_and_spaces_make_no_new_title_but_are_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Talks begin", key="k"))

        assert record(store, make_item("TALKS  Begin", key="k")) == Recorded()
        assert (only(store).item.title, only(store).revision) == ("TALKS  Begin", 1)


def test_another_feed_that_words_the_same_page_differently_is_no_update(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item("Talks begin", key="k"))
        other = make_item(
            "Talks: live", key="k", source_id="herald", summary="Other.", updated=later(hours=1)
        )

        assert record(store, other, source="herald", at=later(hours=1)) == Recorded()
        assert only(store).item == make_item("Talks begin", key="k")


def test_a_later_date_with_another_summary_is_an_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(summary="Before.", updated=NOW))

        assert record(store, make_item(summary="After.", updated=later(hours=1))).updated == 1
        assert [revision.update.what for revision in store.revisions(1)] == ["text changed"]


def test_a_later_date_alone_is_no_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(updated=NOW))

        assert record(store, make_item(updated=later(hours=1))) == Recorded()
        assert (only(store).item.updated, only(store).revision) == (later(hours=1), 1)


def test_a_date_that_differs_in_fractions_of_a_second_is_the_same_date(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk(updated=NOW.replace(microsecond=500_000)))

        assert record(store, govuk(updated=NOW.replace(microsecond=500_000))) == Recorded()


def test_a_small_edit_of_the_summary_is_taken_over_silently_and_can_be_searched(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(summary="Before the ambassador."))

        assert record(store, make_item(summary="After the embassy.")) == Recorded()

        assert (only(store).item.summary, only(store).revision) == ("After the embassy.", 1)
        assert [len(store.search(word)) for word in ("ambassador", "embassy")] == [0, 1]


def test_a_small_edit_under_other_rules_keeps_the_verdict(tmp_path: Path) -> None:
    fresh = replace(RELEVANT, topics=("trade",), rules_version="rules2")
    with open_store(tmp_path) as store:
        record(store, make_item())

        record(store, make_item(summary="Now with a summary."), verdict=fresh)

        assert only(store).verdict == RELEVANT


def test_a_small_edit_under_the_same_rules_brings_the_places_of_its_matches(tmp_path: Path) -> None:
    fresh = replace(RELEVANT, matches=(replace(MATCHES[0], start=5),))
    with open_store(tmp_path) as store:
        record(store, make_item())

        record(store, make_item(summary="Now with a summary."), verdict=fresh)

        assert only(store).verdict == fresh


def test_a_small_edit_takes_no_item_out(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        record(store, make_item(summary="Nothing of it."), verdict=IRRELEVANT)

        assert only(store).verdict == RELEVANT


def test_a_small_edit_that_makes_an_item_relevant_counts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(), verdict=IRRELEVANT)

        record(store, make_item(summary="China is in it."))

        assert [judged.verdict for judged in store.unclaimed("daily")] == [RELEVANT]


def test_rules_that_changed_do_not_rewrite_an_unchanged_item(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(), verdict=IRRELEVANT)

        record(store, make_item(), verdict=replace(RELEVANT, rules_version="rules2"))

        assert only(store).verdict == IRRELEVANT


def test_headlines_that_go_to_and_fro_are_news_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        titles = ["Talks begin", "Talks under way", "Talks begin", "Talks under way", "Talks begin"]
        updates = [record(store, make_item(title, key="k", guid="1")).updated for title in titles]

        assert updates == [0, 1, 0, 0, 0]
        assert (only(store).item.title, only(store).revision) == ("Talks begin", 2)
        assert record(store, make_item("Talks end", key="k", guid="1")).updated == 1


def test_a_copy_older_than_the_stored_one_changes_nothing(tmp_path: Path) -> None:
    new = make_item("Talks end", key="k", guid="1", summary="After.", updated=later(hours=1))
    old = make_item("Talks begin", key="k", guid="1", summary="Before.", updated=NOW)
    with open_store(tmp_path) as store:
        record(store, new)

        assert record(store, old) == Recorded()
        assert only(store).item == new


def test_a_copy_older_than_the_stored_one_does_not_move_the_page_back(tmp_path: Path) -> None:
    new = moved(updated=later(hours=1))
    with open_store(tmp_path) as store:
        record(store, make_item(updated=NOW))
        record(store, new)

        assert record(store, make_item(updated=NOW)) == Recorded()
        assert only(store).item == new


def test_the_address_of_a_copy_older_than_the_stored_one_leads_to_the_page(tmp_path: Path) -> None:
    stored = make_item(updated=later(hours=1))
    with open_store(tmp_path) as store:
        record(store, stored)
        record(store, moved(updated=NOW))

        assert record(store, moved(updated=NOW, guid="another")) == Recorded()
        assert only(store).item == stored


def test_a_source_whose_side_makes_a_page_relevant_brings_text_and_verdict(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "embassy") as store:
        record(store, make_item(), verdict=IRRELEVANT)
        copy = make_item(source_id="embassy", summary="As the embassy words it.")

        assert record(store, copy, source="embassy") == Recorded()

        assert (only(store).item, only(store).verdict, only(store).outlet) == (copy, RELEVANT, "Embassy")
        assert record(store, make_item(), verdict=IRRELEVANT) == Recorded()
        assert only(store).verdict == RELEVANT


def test_a_source_whose_side_makes_a_page_irrelevant_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, make_item())

        record(store, make_item(source_id="herald"), source="herald", verdict=IRRELEVANT)

        assert only(store).verdict == RELEVANT


# GOV.UK


def test_a_govuk_page_published_again_is_an_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk())

        assert record(store, govuk(updated=later(days=1)), at=later(days=1)) == Recorded(
            updated=1, relevant=1
        )
        assert [revision.update.what for revision in store.revisions(1)] == ["published again"]


def test_a_govuk_page_published_again_under_a_new_title_says_both(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Old title"))

        record(store, govuk("New title", updated=later(days=1)))

        assert [r.update.what for r in store.revisions(1)] == ["published again, new title"]


def test_a_govuk_page_published_again_is_an_update_in_whichever_feed_it_comes_first(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "office") as store:
        record(store, govuk())
        again = govuk(source_id="office", updated=later(days=1), summary="The office's words.")

        assert record(store, again, source="office").updated == 1
        assert record(store, govuk(updated=later(days=1))) == Recorded()
        assert only(store).item == again


def test_a_govuk_title_that_changed_without_a_new_date_is_a_small_edit(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Old title"))

        assert record(store, govuk("New title")) == Recorded()
        assert (only(store).item.title, only(store).revision) == ("New title", 1)


def test_a_govuk_page_of_unknown_date_is_no_update(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk(updated=None))

        assert record(store, govuk(updated=later(days=1))) == Recorded()
        assert record(store, govuk(updated=None)) == Recorded()


def test_a_govuk_page_that_a_stale_copy_took_back_for_one_poll_is_updated_once(tmp_path: Path) -> None:
    new = govuk("New title", updated=later(hours=1), summary="After.")
    with open_store(tmp_path) as store:
        polls = [govuk("Old title"), new, govuk("Old title"), new]

        assert [record(store, copy).updated for copy in polls] == [0, 1, 0, 0]
        assert (only(store).item, only(store).revision) == (new, 2)


def test_a_govuk_page_whose_date_was_left_out_for_one_poll_keeps_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        polls = [govuk(), govuk(updated=None), govuk(), govuk(updated=None), govuk(updated=later(hours=1))]

        assert [record(store, copy).updated for copy in polls] == [0, 0, 0, 0, 1]


def test_a_stale_copy_in_the_feed_that_makes_a_govuk_page_relevant_is_no_later_update(tmp_path: Path) -> None:
    new = govuk(updated=later(hours=1))
    with open_store(tmp_path, "gazette", "office") as store:
        record(store, new, verdict=IRRELEVANT)
        record(store, govuk(source_id="office"), source="office")
        assert only(store).verdict == RELEVANT

        assert record(store, new, verdict=IRRELEVANT) == Recorded()
        assert (only(store).item.updated, only(store).revision) == (later(hours=1), 1)


def test_new_and_updated_items_that_are_relevant_are_counted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", key="1", guid="1"))
        pairs = [
            Assessed(make_item("One, again", key="1", guid="1"), RELEVANT),
            Assessed(make_item("Two"), RELEVANT),
            Assessed(make_item("Three"), IRRELEVANT),
        ]

        found = store.record(SourceOutcome(FeedState("gazette"), "ok", tuple(pairs)), NOW)

        assert found == Recorded(new=2, updated=1, relevant=2)


def test_a_thousand_items_are_recorded_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        items = [make_item(f"Headline {n}") for n in range(2000)]

        assert record(store, *items).new == 2000
        assert record(store, *items) == Recorded()
        assert len(store.search("headline", limit=5000)) == 2000


# Looking


def test_an_edition_counts_what_its_own_run_polled_and_not_what_the_one_before_did(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), at=NOW)
        record(store, make_item("Two"), at=later(hours=1), verdict=IRRELEVANT)
        record(store, make_item("Three"), at=later(hours=2))

        assert store.seen_between(None, NOW) == (1, 1)
        assert store.seen_between(NOW, later(hours=2)) == (2, 1)
        assert store.seen_between(later(hours=2), later(hours=3)) == (0, 0)


def test_a_preview_looks_at_any_window(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), at=NOW)
        record(store, make_item("Two"), at=later(hours=1), verdict=IRRELEVANT)
        record(store, make_item("Three"), at=later(hours=2))

        assert [j.item.title for j in store.seen_since(later(hours=1))] == ["Two", "Three"]
        assert [j.item.title for j in store.seen_since(later(hours=1), relevant_only=True)] == ["Three"]
        assert [j.item.title for j in store.seen_since(NOW, until=later(hours=2))] == ["One", "Two"]


def test_a_preview_may_show_what_was_seen_before_and_updated_since(tmp_path: Path) -> None:
    def titled(title: str) -> Item:
        return make_item(title, key="k", guid="1")

    with open_store(tmp_path) as store:
        record(store, titled("Talks planned"), make_item("Untouched"), at=NOW)
        record(store, titled("Talks begin"), at=later(hours=1))
        record(store, make_item("New", key="n", guid="2"), at=later(hours=2))
        record(store, make_item("Newer", key="n", guid="2"), at=later(hours=3))
        record(store, titled("Talks end"), at=later(hours=4))

        assert [j.item.title for j in store.seen_since(later(hours=2))] == ["Newer"]
        talks, new = store.seen_since(later(hours=2), or_updated=True)
        assert (talks.item.title, talks.update) == (
            "Talks end",
            Update(later(hours=4), "new title", "Talks begin"),
        )
        assert (new.item.title, new.update) == ("Newer", None)
        assert store.seen_since(later(hours=4), or_updated=True) == (talks,)
        assert store.seen_since(later(hours=5), or_updated=True) == ()
        bounded = store.seen_since(later(hours=2), until=later(hours=4), or_updated=True)
        assert [j.item.title for j in bounded] == ["Newer"]


def test_a_preview_leaves_out_an_update_that_is_not_relevant(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Before", key="k", guid="1"), verdict=IRRELEVANT)
        record(store, make_item("After", key="k", guid="1"), at=later(hours=1), verdict=IRRELEVANT)

        assert store.seen_since(later(hours=1), relevant_only=True, or_updated=True) == ()
        assert len(store.seen_since(later(hours=1), or_updated=True)) == 1


@pytest.mark.parametrize("ref", ["1", "https://gazette.example/one", "https://gazette.example/one?from=feed"])
def test_an_item_is_found_by_id_identity_and_link(tmp_path: Path, ref: str) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", url="https://gazette.example/one?from=feed"))

        found = store.find(ref)
        assert found is not None
        assert found.item.title == "One"


@pytest.mark.parametrize("ref", ["2", "99999999999999999999999", "٣", "https://gazette.example/other", ""])
def test_what_is_not_stored_is_not_found(tmp_path: Path, ref: str) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))

        assert store.find(ref) is None
