"""Whether a page of GOV.UK is new, changed, or only dated anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.govuk import read_news
from monitor.models import ChangeNote, Page

FIRST = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 1, 28, 16, 0, tzinfo=UTC)
FIRST_NOTE = ChangeNote(FIRST, "First published.")
SECOND_NOTE = ChangeNote(LATER, "Added the list of licensed goods.")


def page(updated: datetime = FIRST, *history: ChangeNote, first: datetime | None = FIRST) -> Page:
    return Page(title="Export licences", first_published=first, public_updated=updated, history=history)


def test_a_page_with_one_note_that_was_published_just_now_is_new() -> None:
    assert read_news(page(FIRST + timedelta(hours=2), FIRST_NOTE)).news == "new"


def test_a_page_without_a_history_that_was_published_just_now_is_new() -> None:
    assert read_news(page()).news == "new"


def test_a_page_without_a_first_date_counts_as_new() -> None:
    assert read_news(page(LATER, first=None)).news == "new"


def test_an_old_page_that_is_met_with_a_second_note_is_updated_and_the_note_is_quoted() -> None:
    reading = read_news(page(LATER, SECOND_NOTE, FIRST_NOTE))

    assert (reading.news, reading.note) == ("updated", SECOND_NOTE)


def test_the_newest_note_counts_in_whatever_order_they_stand() -> None:
    assert read_news(page(LATER, FIRST_NOTE, SECOND_NOTE)).note == SECOND_NOTE


def test_a_note_that_editors_dated_to_midnight_belongs_to_the_update_of_that_day() -> None:
    midnight = ChangeNote(LATER.replace(hour=0), "Added the list of licensed goods.")

    assert read_news(page(LATER, midnight, FIRST_NOTE)).note == midnight


@pytest.mark.parametrize("history", [(), (FIRST_NOTE,)], ids=["no note", "the first note"])
def test_an_old_page_with_a_new_date_and_no_note_of_it_is_reissued(history: tuple[ChangeNote, ...]) -> None:
    assert read_news(page(LATER, *history)).news == "reissued"


def test_a_new_date_without_a_note_is_reissued_also_where_there_are_old_notes() -> None:
    old = ChangeNote(FIRST + timedelta(days=3), "Corrected a figure.")

    assert read_news(page(LATER, old, FIRST_NOTE)).news == "reissued"


def test_a_page_known_before_with_one_note_more_is_updated() -> None:
    before = page(FIRST, FIRST_NOTE)

    reading = read_news(page(LATER, SECOND_NOTE, FIRST_NOTE), before, same_text=True)

    assert (reading.news, reading.note) == ("updated", SECOND_NOTE)


def test_a_page_known_before_with_the_same_text_and_notes_is_reissued() -> None:
    before = page(FIRST, FIRST_NOTE)

    assert read_news(page(LATER, FIRST_NOTE), before, same_text=True).news == "reissued"


def test_a_page_known_before_whose_text_changed_without_a_note_is_updated() -> None:
    before = page(FIRST, FIRST_NOTE)

    reading = read_news(page(LATER, FIRST_NOTE), before, same_text=False)

    assert (reading.news, reading.note) == ("updated", None)
