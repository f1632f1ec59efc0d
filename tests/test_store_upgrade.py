"""Files of every version before: brought to the present schema whole, with all that was in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monitor.models import Earlier, FeedState, Label, PageOutcome, Update
from monitor.store import Store
from monitor.store.schema import VERSION

from .conftest import NOW, PROJECT, make_source
from .storing import govuk, later, outcome, record

FILES = sorted((PROJECT / "tests" / "data" / "store").glob("version-*.sql"))
LICENCES = "https://www.gov.uk/guidance/export-controls-china"


def write(script: Path, path: Path) -> Path:
    """A file as that version of this program left it, written without its code."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def fourth(tmp_path: Path) -> Path:
    return write(PROJECT / "tests" / "data" / "store" / "version-4.sql", tmp_path / "monitor.db")


@pytest.fixture
def third(tmp_path: Path) -> Path:
    return write(PROJECT / "tests" / "data" / "store" / "version-3.sql", tmp_path / "monitor.db")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write(PROJECT / "tests" / "data" / "store" / "version-2.sql", tmp_path / "monitor.db")


def contents(path: Path) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, by column."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "_sqlite", "items_fts"))
        ]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
            for name in names
            if name != "sightings"
        }


def schema_of(path: Path) -> dict[str, str]:
    """Each table, index and view as it was written, without the layout."""
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        written = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    assert version == VERSION
    return {name: " ".join(sql.split()) for name, sql in written if "sqlite_migrations" not in name}


def test_there_is_a_file_of_every_version_before() -> None:
    assert [path.stem for path in FILES] == [f"version-{number}" for number in range(1, VERSION)]


@pytest.mark.parametrize("script", FILES, ids=[path.stem for path in FILES])
def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path, script: Path) -> None:
    old = write(script, tmp_path / "old.db")
    Store.open(old).close()
    Store.open(tmp_path / "new.db").close()

    assert schema_of(old) == schema_of(tmp_path / "new.db")


@pytest.mark.parametrize("script", FILES, ids=[path.stem for path in FILES])
def test_an_upgraded_file_has_every_value_it_had(tmp_path: Path, script: Path) -> None:
    old = write(script, tmp_path / "old.db")
    before = contents(old)
    with Store.open(old) as store:
        store.check_intact()

    after = contents(old)

    assert len(before["items"]) >= 3
    had_no_ledger = "outgoing" not in before
    for rows in (before["deliveries"], after["deliveries"]) if had_no_ledger else ():
        for row in rows:
            # No version before 5 sent any: see the test of mails that were never sent.
            del row["status"], row["next_try"], row["message_id"]
            row.pop("error", None)
    for name, rows in before.items():
        assert len(after[name]) >= len(rows)
        assert [{column: row[column] for column in rows[0]} for row in after[name]] == rows or not rows


def test_a_file_of_version_2_reads_as_it_did(second: Path) -> None:
    with Store.open(second) as store:
        assert store.labels() == {4: Label(4, True, ("trade",), later(minutes=30))}
        assert [(judged.id, judged.page, judged.item.outlet) for judged in store.unclaimed("daily")] == [
            (4, None, ""),
            (3, None, ""),
            (5, None, ""),
        ]
        assert [revision.update for revision in store.revisions(4)] == [
            Update(later(minutes=-30), "published again", "Export controls: China")
        ]
        assert store.feed_states()["fcdo"] == FeedState(
            "fcdo", last_polled=later(minutes=-30), last_ok=later(minutes=-30)
        )
        assert store.arrivals()["gazette"] == (
            later(hours=-2, minutes=-30),
            later(days=-1, hours=-2, minutes=-30),
        )
        assert (store.notices(None), store.open_faults()) == ((), {})


def test_an_upgraded_file_takes_pages_and_polls_as_a_new_one(second: Path) -> None:
    page = govuk("Export controls: China", key=LICENCES, url=LICENCES, source_id="fcdo")
    with Store.open(second) as store:
        store.sync_sources([make_source("fcdo"), make_source("gazette")])
        wanted = store.wanted_pages(NOW, limit=10)
        assert [one.item_id for one in wanted] == [5, 4]

        state = replace(wanted[1].state, asked_for=wanted[1].content_hash, news="updated", note="A form.")
        store.record_page(PageOutcome(state, what="updated"), NOW)
        assert store.revisions(4)[0].update.note == "A form."
        # As its feed had it, to the second: nothing new.
        same = replace(page, updated=later(hours=-1, minutes=-30), summary="What needs a licence.")
        assert record(store, same, source="fcdo", at=later(hours=1)).updated == 0
        assert record(store, replace(same, updated=NOW), source="fcdo", at=later(hours=2)).updated == 1


def test_a_first_poll_after_an_upgrade_knows_what_stood_in_the_source(second: Path) -> None:
    shanghai = "https://www.gov.uk/government/news/shanghai"
    known = govuk(
        "Minister in Shanghai", key=shanghai, url=shanghai, source_id="fcdo", updated=later(hours=-1)
    )
    others = [
        govuk(f"Page {n}", key=f"{shanghai}-{n}", guid=f"{n}", source_id="fcdo", updated=later(hours=1))
        for n in range(2)
    ]
    with Store.open(second) as store:
        assert not store.record(outcome(known, *others, source="fcdo"), later(hours=2)).overrun
        more = [
            replace(other, key=f"{other.key}-more", guid=f"{n}-more", title=f"More {n}")
            for n, other in enumerate(others)
        ]
        assert store.record(outcome(*more, source="fcdo"), later(hours=3)).overrun


def test_what_old_editions_have_shown_as_a_story_is_one_for_ever(third: Path) -> None:
    with Store.open(third) as store:
        stories = {
            id_: [judged.id for judged in story.items]
            for id_ in ("s1", "s3", "s4")
            if (story := store.story(id_))
        }
        homes = {id_: member.story_id for id_, member in store.memberships(range(1, 6)).items()}

    # The weekly had put 5 to 1; in the daily, which came first, it leads the story of 3.
    assert stories == {"s1": [1], "s3": [5, 3], "s4": [4]}
    assert homes == {1: "s1", 3: "s3", 4: "s4", 5: "s3"}


def test_an_upgraded_file_knows_where_its_stories_were_shown(third: Path) -> None:
    day = date(2026, 1, 29)
    with Store.open(third) as store:
        assert store.shown("daily", ["s1", "s3", "s4"]) == {
            "s1": Earlier("2026-01-28", date(2026, 1, 28), "Envoy opens the Chinese consulate in Leeds", 1),
            "s3": Earlier("2026-01-29", day, "Minister in Shanghai", 2),
            "s4": Earlier("2026-01-29", day, "Export controls: China", 1),
        }
        assert store.shown("weekly", ["s3"]) == {"s3": Earlier("2026-01-29", day, "Minister in Shanghai", 2)}
        assert [story.id for story in store.open_stories(later(minutes=-30))] == ["s3"]
        assert store.without_story() == ()


def test_the_rows_of_an_upgraded_file_say_what_its_stories_are(third: Path) -> None:
    Store.open(third).close()
    with closing(sqlite3.connect(third)) as connection:
        found = connection.execute("SELECT * FROM stories ORDER BY id").fetchall()
        whys = connection.execute("SELECT item_id, why FROM story_items ORDER BY item_id").fetchall()

    start, seen = "2026-01-28T06:00:00Z", "2026-01-29T08:00:00Z"
    assert found == [
        ("s1", "Envoy opens the Chinese consulate in Leeds", "diplomacy", start, start, '["diplomacy"]'),
        (
            "s3",
            "Minister in Shanghai",
            "diplomacy",
            "2026-01-29T06:00:00Z",
            seen,
            '["diplomacy","trade"]',
        ),
        ("s4", "Export controls: China", "trade", start, start, '["trade"]'),
    ]
    assert whys == [(1, ""), (3, "an earlier edition has shown them together"), (4, ""), (5, "")]


def test_mails_that_no_version_had_sent_are_not_sent_days_later(fourth: Path) -> None:
    with Store.open(fourth) as store:
        assert store.outbox.open() == ()
        assert [
            (one.recipient, one.status, one.reason, one.changed) for one in store.outbox.of_edition(2)
        ] == [
            (to, "expired", "queued by a version of this program that sent no mail", NOW)
            for to in ("a@example.org", "b@example.org")
        ]


def test_a_mail_that_waited_before_the_upgrade_is_still_sent_with_its_bytes(tmp_path: Path) -> None:
    fifth = write(PROJECT / "tests" / "data" / "store" / "version-5.sql", tmp_path / "monitor.db")
    with Store.open(fifth) as store:
        (waiting,) = store.outbox.open()
        handover = store.outbox.begin(waiting.delivery.id, later(minutes=2))

    assert handover is not None
    assert (handover.address, handover.sender) == ("b@example.org", "monitor@example.org")
    assert handover.content == b"To: b@example.org\r\nSubject: Two stories\r\n\r\ntext"
