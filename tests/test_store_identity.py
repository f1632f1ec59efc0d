"""One page is one item, whatever publishers do to ids, addresses and dates; two pages never become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from monitor.models import Assessed, Fetched, Item, Recorded, Source, SourceOutcome
from monitor.parse import parse_feed
from monitor.store import Store

from .conftest import NOW, make_item, make_source
from .storing import RELEVANT, govuk, later, open_store, outcome, record

COLUMN = "What the ministries said this morning."


def column(number: int, **changes: object) -> Item:
    """A piece under the same title and with the same summary as all others of its column."""
    values = {
        "key": f"https://gazette.example/{number}",
        "url": f"https://gazette.example/{number}",
        "guid": f"g{number}",
        "summary": COLUMN,
        "published": later(days=number, hours=-1),
    }
    return make_item("Morning briefing", **(values | changes))


def titles(store: Store) -> list[str]:
    return [judged.item.title for judged in store.each_item()]


# Guids and addresses


def test_a_feed_that_gives_new_guids_at_every_poll_has_its_pages_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for poll in range(4):
            record(
                store, *(make_item(f"Page {n}", guid=f"{poll}-{n}") for n in range(3)), at=later(hours=poll)
            )

        assert titles(store) == ["Page 0", "Page 1", "Page 2"]


def test_a_page_whose_address_changed_under_its_guid_is_one_item_though_the_feed_has_no_dates(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item(published=None))

        moved = make_item(
            published=None, key="https://gazette.example/new", url="https://gazette.example/new"
        )
        assert record(store, moved, at=later(hours=1)) == Recorded()


def test_another_page_under_the_guid_of_a_vanished_one_is_an_item_of_its_own_though_nothing_is_dated(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Monday's news", guid="latest", published=None))

        assert record(store, make_item("Tuesday's news", guid="latest", published=None)).new == 1


def test_another_page_of_the_same_day_under_the_guid_of_a_vanished_one_is_an_item_of_its_own(
    tmp_path: Path,
) -> None:
    day = NOW.replace(hour=0, minute=0)
    with open_store(tmp_path) as store:
        record(store, make_item("First news", guid="latest", published=day))

        assert record(store, make_item("Second news", guid="latest", published=day)).new == 1


def test_a_column_under_one_guid_gives_an_item_for_each_of_its_pieces(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0, guid="column", summary="On steel."))

        assert record(store, column(1, guid="column", summary="On ships."), at=later(days=1)).new == 1


def test_pages_that_share_an_address_stay_apart_when_one_is_left_alone(tmp_path: Path) -> None:
    page = "https://gazette.example/live"
    one = make_item("Talks begin", guid="1", key=f"{page}#1", url=page)
    two = make_item("Ships collide", guid="2", key=f"{page}#2", url=page)
    with open_store(tmp_path) as store:
        record(store, one, two)
        record(store, replace(one, key=page), at=later(hours=1))

        assert record(store, replace(two, key=page), at=later(hours=2)) == Recorded()
        assert record(store, one, two, at=later(hours=3)) == Recorded()
        assert titles(store) == ["Talks begin", "Ships collide"]


# Publishers that rebuild their feeds


def rebuilt(item: Item, **changes: object) -> Item:
    """A page as the publisher's new system gives it."""
    address = item.key.replace("gazette.example", "www.gazette.example/articles")
    return replace(item, key=address, url=address, guid=f"new-{item.guid}", **changes)


def test_a_page_with_a_new_guid_and_a_new_address_is_the_vanished_one_with_its_words_and_date(
    tmp_path: Path,
) -> None:
    other = make_item("Still there")
    with open_store(tmp_path) as store:
        record(store, column(0), other)

        assert record(store, rebuilt(column(0)), other, at=later(hours=1)) == Recorded()

        assert (titles(store), store.find("1").item) == (
            ["Morning briefing", "Still there"],
            rebuilt(column(0)),
        )  # type: ignore[union-attr]  # it is stored
        assert store.find(column(0).key) == store.find("1")


def test_a_page_with_a_new_guid_and_a_new_address_may_have_moved_within_three_days(tmp_path: Path) -> None:
    def new_after(days: float) -> int:
        shifted = rebuilt(column(0), published=later(days=-days))
        with open_store(tmp_path / str(days)) as store:
            record(store, column(0), make_item("Still there"))
            return record(store, shifted, make_item("Still there"), at=later(hours=1)).new

    assert (new_after(2), new_after(4)) == (0, 1)


def test_the_next_piece_of_a_column_is_an_item_of_its_own_though_the_one_before_has_gone(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        for day in range(4):
            assert record(store, column(day), at=later(days=day)).new == 1


def test_a_page_of_the_same_title_alone_is_an_item_of_its_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0, summary=""), make_item("Still there"))

        found = record(store, rebuilt(column(0, summary="")), make_item("Still there"), at=later(hours=1))
        assert found.new == 1


def test_a_page_without_a_date_is_not_taken_for_a_vanished_one(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0, published=None), make_item("Still there"))

        found = record(store, rebuilt(column(0, published=None)), make_item("Still there"), at=later(hours=1))
        assert found.new == 1


def test_a_page_with_the_words_of_one_that_still_stands_is_an_item_of_its_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0))

        assert record(store, column(0), rebuilt(column(0)), at=later(hours=1)).new == 1


def test_a_page_that_might_be_either_of_two_vanished_ones_is_an_item_of_its_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0), column(0, key="k", guid="k"), make_item("Still there"))

        assert record(store, rebuilt(column(0)), make_item("Still there"), at=later(hours=1)).new == 1


def test_two_pages_that_might_be_one_vanished_one_are_items_of_their_own(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0), make_item("Still there"))
        twice = rebuilt(column(0)), column(0, key="k", guid="k")

        assert record(store, *twice, make_item("Still there"), at=later(hours=1)).new == 2


def test_a_page_that_vanished_long_ago_is_not_looked_for(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, column(0), make_item("Still there"))
        record(store, make_item("Still there"), at=later(days=4))

        assert record(store, rebuilt(column(0)), make_item("Still there"), at=later(days=5)).new == 1


def test_the_words_of_another_source_s_page_are_no_identity(tmp_path: Path) -> None:
    with open_store(tmp_path, "gazette", "herald") as store:
        record(store, column(0))
        record(store, make_item("Still there", source_id="herald"), source="herald")

        copy = rebuilt(column(0), source_id="herald")
        assert record(store, copy, source="herald", at=later(hours=1)).new == 1


@pytest.mark.parametrize("published", [None, later(hours=1)], ids=["without dates", "dated anew"])
def test_a_feed_made_anew_with_all_its_pages_brings_no_news(
    tmp_path: Path, published: datetime | None
) -> None:
    before = [make_item(f"Headline {n}", published=published and later(hours=-3 * n)) for n in range(5)]
    with open_store(tmp_path) as store:
        record(store, *before)
        after = [rebuilt(item, published=published) for item in before[1:]]

        found = record(store, make_item("Breaking"), *after, at=later(hours=1))

        assert (found.new, found.updated, len(titles(store))) == (1, 0, 6)


def test_a_feed_that_holds_the_same_titles_each_day_has_an_item_for_each_piece(tmp_path: Path) -> None:
    def rates(day: int) -> list[Item]:
        dates = later(days=day, hours=-1)
        return [
            make_item(f"Today's rate: {name}", key=f"{name}/{day}", guid=f"{name}/{day}", published=dates)
            for name in ("pound", "yuan", "dollar")
        ]

    with open_store(tmp_path) as store:
        assert [record(store, *rates(day), at=later(days=day)).new for day in range(4)] == [3, 3, 3, 3]


def test_two_columns_in_a_feed_of_new_pages_are_no_feed_made_anew(tmp_path: Path) -> None:
    def issue(week: int) -> list[Item]:
        titles = ["Letters", "Cartoon", *(f"Report {week}-{n}" for n in range(6))]
        return [
            make_item(title, key=f"{title}/{week}", guid=f"{title}/{week}", published=None)
            for title in titles
        ]

    with open_store(tmp_path) as store:
        assert [record(store, *issue(week), at=later(days=7 * week)).new for week in range(3)] == [8, 8, 8]


def test_what_fills_a_gap_is_not_taken_for_pages_that_stand_in_the_feed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, *(column(0, summary=f"On {n}.", key=f"k{n}", guid=f"k{n}") for n in range(3)))
        found = [rebuilt(column(0, summary=f"On {n}.", key=f"j{n}", guid=f"j{n}")) for n in range(3)]

        assert store.record(replace(outcome(*found), windowed=False), later(hours=1)).new == 3


def test_a_govuk_page_that_got_a_new_path_is_one_item(tmp_path: Path) -> None:
    page = govuk(summary="What needs a licence.")
    path = "https://www.gov.uk/guidance/export-controls-china"
    renamed = replace(page, key=path, url=path, guid=f"{path}#1")
    with open_store(tmp_path) as store:
        record(store, page, govuk("Another", key="https://www.gov.uk/another", guid="2"))

        assert record(store, renamed, at=later(hours=1)) == Recorded()
        assert store.find(path) == store.find(page.key)


def test_next_month_s_statistics_are_no_renamed_page(tmp_path: Path) -> None:
    def month(name: str, at: datetime) -> Item:
        path = f"https://www.gov.uk/government/statistics/trade-{name}"
        return govuk("UK trade in numbers", key=path, url=path, guid=path, updated=at, summary="A summary.")

    with open_store(tmp_path) as store:
        record(store, month("january", NOW))

        assert record(store, month("february", later(days=2)), at=later(days=2)).new == 1


# Titles and dates


def test_pages_with_one_title_stay_apart_in_one_document_and_over_the_polls(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert record(store, column(0), column(1), column(2)).new == 3
        assert record(store, column(1), column(2), column(3), at=later(days=3)).new == 1
        assert record(store, *(column(n) for n in range(4)), at=later(days=4)) == Recorded()


def test_a_page_dated_anew_is_no_update_and_keeps_the_date_it_was_first_given(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        shown = store.find("1")

        for hour in (1, 2):
            assert record(store, make_item(published=later(hours=hour)), at=later(hours=hour)) == Recorded()

        assert store.find("1") == shown


def test_a_date_that_is_corrected_to_an_earlier_one_is_taken_over_silently(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())

        assert record(store, make_item(published=later(days=-9))) == Recorded()
        assert store.find("1").item.published == later(days=-9)  # type: ignore[union-attr]  # it is stored


def test_a_date_that_is_left_out_for_one_poll_is_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item())
        shown = store.find("1")

        assert record(store, make_item(published=None)) == Recorded()
        assert store.find("1") == shown


def test_an_old_report_that_is_put_back_into_the_feed_after_months_is_no_news(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Old"), make_item("Other"))
        record(store, make_item("Other"), make_item("New"), at=later(days=90))

        again = make_item("Old", published=later(days=91))
        assert record(store, again, make_item("New"), at=later(days=91)) == Recorded()
        assert store.arrivals() == {"gazette": (later(days=90), NOW)}


# As they come from documents


def feed(*entries: tuple[str, str, str], source: Source) -> SourceOutcome:
    """What a poll of `source` brings where it answers with entries of (title, link, guid)."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(guid)}</guid>"
        "<pubDate>Thu, 29 Jan 2026 05:30:00 GMT</pubDate></item>"
        for title, link, guid in entries
    )
    body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    parsed = parse_feed(source, Fetched(source.id, source.url, 200, body))
    return replace(
        outcome(source=source.id), assessed=tuple(Assessed(item, RELEVANT) for item in parsed.items)
    )


@pytest.mark.parametrize(
    "variant",
    [
        "http://news.example/story/",
        "https://news.example/story?utm_source=rss_feed&utm_medium=syndication",
        "https://news.example/story?at_medium=RSS&at_campaign=rss",
        "https://amp.news.example/story",
        "https://www.news.example/story/amp",
        "https://www.news.example/story?amp=1",
        "https://www.news.example/story#comments",
        "https://www.google.com/url?rct=j&url=https://www.news.example/story&ct=ga",
    ],
)
def test_one_page_under_an_amp_or_tracking_address_in_a_second_feed_is_one_item(
    tmp_path: Path, variant: str
) -> None:
    plain = (
        "https://www.news.example/story"
        if "amp." in variant or "www." in variant
        else ("https://news.example/story")
    )
    with open_store(tmp_path, "gazette", "herald") as store:
        store.record(feed(("Talks", plain, "1"), source=make_source("gazette")), NOW)

        found = store.record(
            feed(("Talks: live", variant, "h-1"), source=make_source("herald")), later(hours=1)
        )

        assert found == Recorded()
        assert [seen.source_id for seen in store.where_seen(1)] == ["gazette", "herald"]


def test_a_bbc_report_whose_guid_follows_its_place_on_the_page_is_one_item(tmp_path: Path) -> None:
    link, bbc = "https://www.bbc.co.uk/news/articles/c1", make_source("bbc")
    with open_store(tmp_path, "bbc") as store:
        for poll, place in enumerate((0, 2, 1)):
            store.record(feed(("Talks", link, f"{link}#{place}"), source=bbc), later(hours=poll))

        assert titles(store) == ["Talks"]


# GOV.UK through several doors

WHOLE = (
    "The government has published guidance on what exporters need for " + "China, Hong Kong, Macao and " * 8
)
DESCRIPTION = f"{WHOLE}other places."
FINDER = govuk(summary=f"{DESCRIPTION[:225]}…", guid="tag:www.gov.uk,2005:/guidance/china")
OFFICE = govuk(summary=DESCRIPTION, guid="https://www.gov.uk/guidance/china#2026-01-29T08:30:00Z")
SEARCH = govuk(summary=DESCRIPTION, guid="tag:www.gov.uk,2005:/guidance/china", published=None)


def polls(store: Store, *copies: tuple[Item, str], since: int = 0) -> list[Recorded]:
    """Copies of a page as they come from sources, an hour after each other."""
    return [
        record(store, replace(copy, source_id=source), source=source, at=later(hours=since + hour))
        for hour, (copy, source) in enumerate(copies)
    ]


def test_a_page_seen_through_a_finder_and_an_organisation_feed_does_not_go_to_and_fro(tmp_path: Path) -> None:
    with open_store(tmp_path, "finder", "office") as store:
        found = polls(store, *[(FINDER, "finder"), (OFFICE, "office")] * 3)

        assert found == [Recorded(new=1, relevant=1), *[Recorded()] * 5]
        assert store.find("1").item == replace(FINDER, source_id="finder")  # type: ignore[union-attr]  # it is stored


def test_a_finder_feed_and_the_search_that_fills_its_gaps_give_one_copy_the_whole_one(tmp_path: Path) -> None:
    with open_store(tmp_path, "finder") as store:
        (new, *others) = polls(store, *[(FINDER, "finder"), (SEARCH, "finder")] * 3)

        assert (new.new, others) == (1, [Recorded()] * 5)
        assert store.find("1").item.summary == DESCRIPTION  # type: ignore[union-attr]  # it is stored
        (wanted,) = store.wanted_pages(later(days=1), limit=10)
        polls(store, (FINDER, "finder"), (SEARCH, "finder"), since=9)
        assert store.wanted_pages(later(days=1), limit=10)[0].content_hash == wanted.content_hash


def test_words_around_a_keyword_never_take_the_place_of_the_whole_description(tmp_path: Path) -> None:
    around = replace(FINDER, summary="…what needs a licence for China and…")
    with open_store(tmp_path, "finder") as store:
        polls(store, (SEARCH, "finder"), (around, "finder"))

        assert store.find("1").item.summary == DESCRIPTION  # type: ignore[union-attr]  # it is stored


def test_a_cut_description_of_a_page_published_again_is_kept_whole_where_it_is_the_same(
    tmp_path: Path,
) -> None:
    cut, other = (
        replace(FINDER, updated=later(hours=1)),
        replace(FINDER, summary="In other words…", updated=later(hours=2)),
    )
    with open_store(tmp_path, "finder") as store:
        polls(store, (SEARCH, "finder"), (cut, "finder"))
        assert store.find("1").item.summary == DESCRIPTION  # type: ignore[union-attr]  # it is stored

        polls(store, (other, "finder"), since=2)
        assert store.find("1").item.summary == "In other words…"  # type: ignore[union-attr]  # it is stored
        assert len(store.revisions(1)) == 2


def test_a_page_published_again_is_one_update_through_whatever_doors_it_comes(tmp_path: Path) -> None:
    def later_copy(copy: Item) -> Item:
        return replace(copy, updated=later(hours=3))

    with open_store(tmp_path, "finder", "office") as store:
        polls(store, (FINDER, "finder"), (OFFICE, "office"))

        doors = (OFFICE, "office"), (FINDER, "finder"), (SEARCH, "finder"), (FINDER, "finder")
        found = polls(store, *((later_copy(copy), source) for copy, source in doors), since=4)

        assert [one.updated for one in found] == [1, 0, 0, 0]
