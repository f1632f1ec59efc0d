"""Stories that outlive their editions: who belongs to which, for ever, and where each was shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.models import Earlier, Judged, Story
from monitor.store import BEGAN, AlreadyPublished, Member, Store

from .conftest import NOW, make_item
from .storing import IRRELEVANT, MESSAGE, RELEVANT, later, make_edition, open_store, record

WITH_ONE = "with One (Gazette): Xi in common"


def items(store: Store) -> dict[str, Judged]:
    """All items by their titles."""
    return {judged.item.title: judged for judged in store.each_item()}


def publish(
    store: Store,
    *stories: Story,
    name: str = "2026-01-29",
    digest: str = "daily",
    grouped: tuple[Story, ...] = (),
    days: int = 0,
) -> int:
    """An edition so many days after NOW; its id."""
    day = timedelta(days=days)
    edition = make_edition(name, slot=name, digest=digest)
    edition = replace(
        edition, start=edition.start + day, end=edition.end + day, local_date=edition.local_date + day
    )
    published = store.publish(
        edition, MESSAGE, stories, now=NOW + day, rules_version="rules1", looked_at=3, grouped=grouped
    )
    return published.id


def ids(story: Story | None) -> list[int]:
    assert story is not None
    return [judged.id for judged in story.items]


def test_a_story_comes_back_with_its_reports_the_lead_first_and_why_they_are_in_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two", published=later(hours=-9)))
        one, two = items(store).values()
        publish(store, Story("s1", (one, two), (WITH_ONE,)))

        # The older of the two leads now; the one that led the story then has nothing that says why.
        assert store.story("s1") == Story("s1", (two, one), (BEGAN,))
        assert store.memberships([1, 2, 3]) == {1: Member("s1", ""), 2: Member("s1", WITH_ONE)}


def test_a_story_goes_on_with_what_joins_it_later(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"))
        publish(store, Story("s1", tuple(items(store).values())))
        record(store, make_item("Two", published=later(hours=1)), at=later(hours=2))
        two = items(store)["Two"]

        publish(store, Story("s1", (two,), why_joined=WITH_ONE), name="2026-01-30", days=1)

        story = store.story("s1")
        assert ids(story) == [1, 2]
        assert story is not None
        assert story.why_together == (WITH_ONE,)


def test_what_was_grouped_for_another_digest_is_kept_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"), make_item("Three"))
        one, two, three = items(store).values()

        publish(
            store, Story("s1", (two,)), grouped=(Story("s1", (one, two), (WITH_ONE,)), Story("s3", (three,)))
        )

        assert store.without_story() == ()
        assert {id_: member.story_id for id_, member in store.memberships([1, 2, 3]).items()} == {
            1: "s1",
            2: "s1",
            3: "s3",
        }
        assert [judged.id for judged in store.unclaimed("daily")] == [1, 3]


def test_relevant_items_that_no_edition_grouped_have_no_story(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        record(store, make_item("Three"), verdict=IRRELEVANT)
        assert [judged.id for judged in store.without_story()] == [1, 2]

        publish(store, Story("s1", (items(store)["One"],)))

        assert [judged.id for judged in store.without_story()] == [2]


def test_an_item_keeps_its_first_story(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"))
        one, two = items(store).values()
        publish(store, Story("s1", (one, two), (WITH_ONE,)))

        with pytest.raises(AlreadyPublished, match="1 of the items into other stories meanwhile"):
            publish(store, Story("s2", (two,)), digest="weekly")
        publish(store, Story("s1", (one,)), digest="weekly", grouped=(Story("s2", (two,)),))

        assert ids(store.story("s1")) == [1, 2]
        assert store.story("s2") is None


def test_open_stories_are_those_with_a_report_since_then_whole(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"), at=later(days=-20))
        record(store, make_item("Three"), at=NOW)
        one, two, three = items(store).values()
        publish(store, Story("s1", (one, three), ("…",)), Story("s2", (two,)))

        assert [(story.id, ids(story)) for story in store.open_stories(later(days=-14))] == [("s1", [1, 3])]
        assert [story.id for story in store.open_stories(later(days=-20))] == ["s1", "s2"]
        assert store.open_stories(later(hours=1)) == ()


def test_what_grouping_gets_to_see_has_all_that_it_looks_at_and_no_more(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", summary="Sum.", text="Text."), make_item("Two", text="Text. " * 2000))
        one, two = store.without_story()
        assert (one.item.summary, one.item.text, one.verdict.matches) == ("Sum.", "", ())
        assert two.item.text == ("Text. " * 2000)[:4000]
        full = items(store)["One"]
        assert one.date == full.date
        assert (one.kind, one.outlet, one.first_seen, one.verdict.topics) == (
            full.kind,
            full.outlet,
            full.first_seen,
            full.verdict.topics,
        )

        publish(store, *(Story(f"s{judged.id}", (judged,)) for judged in items(store).values()))

        assert [story.items for story in store.open_stories(NOW)] == [(one,), (two,)]


def test_a_digest_has_shown_what_it_has_shown_and_another_has_not(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"), make_item("Three"))
        one, two, three = items(store).values()
        publish(store, Story("s1", (one,)), Story("s3", (three,)))
        first = Earlier("2026-01-29", date(2026, 1, 29), "One", 1)
        assert store.shown("daily", ["s1", "s2"]) == {"s1": first}
        assert store.shown("weekly", ["s1"]) == {}

        publish(store, Story("s1", (two,), why_joined=WITH_ONE), name="2026-01-30", days=1)

        assert store.shown("daily", ["s1"]) == {"s1": Earlier("2026-01-30", date(2026, 1, 30), "Two", 2)}


def test_what_was_shown_before_a_time_leaves_out_what_came_then(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), at=later(hours=-5))
        record(store, make_item("Two"), at=NOW)
        one, two = items(store).values()
        publish(store, Story("s1", (one,)), Story("s2", (two,)))
        publish(store, Story("s1", (one,)), name="w5", digest="weekly", days=1)

        assert set(store.shown("daily", ["s1", "s2"], before=NOW)) == {"s1"}
        assert store.shown("daily", ["s1", "s2"], before=later(minutes=-1)) == {}
        assert store.shown("weekly", ["s1"], before=NOW) == {}


def test_a_report_that_is_irrelevant_now_stays_in_its_story_only_where_it_was_shown(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One"), make_item("Two"), make_item("Three"))
        one, two, three = items(store).values()
        story = Story("s1", (one, two, three), ("…", "…"))
        publish(store, Story("s1", (one, two), ("…",)), grouped=(story,))

        store.rejudge([(2, IRRELEVANT), (3, IRRELEVANT)])

        assert ids(store.story("s1")) == [1, 2]


def test_a_storys_row_says_what_it_is_for_people_who_look_into_the_file(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "embassy") as store:
        record(store, make_item("One"), verdict=replace(RELEVANT, topics=("trade", "rights")))
        record(store, make_item("Two", published=later(days=-1)), at=later(hours=1))
        publish(store, Story("s1", tuple(items(store).values()), ("…",)))
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
        assert db.execute(
            "SELECT id, title, topic, topics, first_seen, last_seen FROM stories"
        ).fetchall() == [
            (
                "s1",
                "Two",
                "diplomacy",
                '["diplomacy","trade","rights"]',
                "2026-01-29T08:30:00Z",
                "2026-01-29T09:30:00Z",
            )
        ]


def test_relevant_items_are_counted_by_topic_and_week(tmp_path: Path) -> None:
    sunday, monday = later(days=-4, hours=15), later(days=-3, hours=-8)
    with open_store(tmp_path) as store:
        record(store, make_item("One"), at=sunday)
        record(store, make_item("Two"), make_item("Three"), at=monday)
        record(store, make_item("Four"), verdict=replace(RELEVANT, topics=("trade", "diplomacy")))
        record(store, make_item("Five"), verdict=replace(RELEVANT, topics=()))
        record(store, make_item("Six"), verdict=IRRELEVANT)

        assert store.topic_weeks(sunday) == {
            ("diplomacy", date(2026, 1, 19)): 1,
            ("diplomacy", date(2026, 1, 26)): 2,
            ("trade", date(2026, 1, 26)): 1,
        }
        assert store.topic_weeks(later(days=-1)) == {("trade", date(2026, 1, 26)): 1}


def test_relevant_items_between_two_times_have_their_matches_and_no_texts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("One", summary="Sum.", text="Long."), at=later(hours=-2))
        record(store, make_item("Two"), verdict=IRRELEVANT)
        record(store, make_item("Three"))

        (one,) = store.relevant_between(later(hours=-3), later(hours=-2))
        (three,) = store.relevant_between(later(hours=-2), NOW)

        assert (one.item.title, one.item.text, one.verdict.matches) == ("One", "", RELEVANT.matches)
        assert three.item.title == "Three"


def test_the_closest_are_the_irrelevant_with_the_most_points(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Before"), verdict=IRRELEVANT)
        for number, score in enumerate((0.0, 2.0, 1.0, 2.0)):
            record(
                store,
                make_item(f"Number {number}"),
                at=later(hours=1),
                verdict=replace(IRRELEVANT, score=score),
            )
        record(store, make_item("Relevant"), at=later(hours=1))

        assert [judged.item.title for judged in store.closest(NOW, 2)] == ["Number 1", "Number 3"]
        assert [judged.item.title for judged in store.closest(NOW, 9)] == ["Number 1", "Number 3", "Number 2"]
