"""`monitor health` reads the config where it has changed, and else what the database has kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config

SOURCES = "{id: gazette, url: '{site}/feed', name: Gazette}\n{id: gone, url: '{site}/gone', every: 2h}"
NOW = "2026-01-29T08:30:00Z"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(("UK and China talk", "In London.")))
        yield running


@pytest.fixture
def desk(tmp_path: Path, site: Loopback) -> Path:
    """A folder whose config has been polled, and asked for its health once."""
    write_config(tmp_path, site, SOURCES)
    monitor("--now", NOW, "poll", cwd=tmp_path)
    health(tmp_path)
    return tmp_path


def health(folder: Path, **env: str) -> Ran:
    return monitor("--now", NOW, "health", "--json", cwd=folder, env=env)


def kept(folder: Path) -> str | None:
    """The mark of the config of which the database has kept something."""
    with Store.open(folder / "data/monitor.db", read_only=True) as store:
        watched = store.watched()
    return watched.mark if watched else None


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "config.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_kept_says_the_same_as_the_config(desk: Path) -> None:
    remembered = health(desk)
    with Store.open(desk / "data/monitor.db") as store:
        watched = store.watched()
        assert watched is not None
        store.note_watched(type(watched)("other", watched.database, watched.timezone, ()))
    read = health(desk)

    assert remembered == read
    assert read.json["sources"] == {"ok": 1, "failing": 1}


def test_an_edit_is_noticed_at_once(desk: Path) -> None:
    before = kept(desk)
    edit(desk, "every: 2h", "enabled: false")
    after = health(desk)

    assert after.json["sources"] == {"ok": 1, "off": 1}
    assert kept(desk) != before
    assert health(desk) == after


def test_an_edit_that_cannot_be_used_is_noticed_at_once(desk: Path) -> None:
    edit(desk, "every: 2h", "every: often")
    run = health(desk)

    assert run.code == 2
    assert "config.yaml:" in run.err


def test_a_variable_that_makes_the_config_unusable_is_noticed(desk: Path) -> None:
    edit(desk, "polling:", "ping_url: ${PING:-}\npolling:")
    without = health(desk)
    good = health(desk, PING="https://ping.example/1")
    bad = health(desk, PING="no address")

    assert (without.code, good.code, bad.code) == (0, 0, 2)
    assert "ping_url" in bad.err


def test_a_variable_that_names_another_database_is_heard(desk: Path) -> None:
    edit(desk, "polling:", "database: ${DATA:-data}/monitor.db\npolling:")
    here = [health(desk), health(desk)]
    elsewhere = health(desk, DATA=str(desk / "elsewhere"))

    assert [run.code for run in here] == [0, 0]
    assert elsewhere.code == 1
    assert elsewhere.json["problems"] == [
        f"{desk}/elsewhere/monitor.db does not exist yet: run `monitor poll` first"
    ]


def test_nothing_secret_is_kept(desk: Path, site: Loopback) -> None:
    edit(desk, f"{site.url('/gone')}", site.url("/gone?key=${KEY}").replace("//", "//ann:hunter2@"))
    assert health(desk, KEY="sesame").code == 0

    stored = b"".join(path.read_bytes() for path in (desk / "data").iterdir())
    assert b"gazette" in stored
    assert b"hunter2" not in stored
    assert b"sesame" not in stored


def test_what_is_kept_and_damaged_is_passed_over(desk: Path) -> None:
    good = health(desk)
    with Store.open(desk / "data/monitor.db") as store:
        store._db.execute("UPDATE meta SET value = '{' WHERE name = 'watched'")

    assert health(desk) == good
