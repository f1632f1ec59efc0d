"""`monitor poll` reads the config where it has changed, and else what the last poll has left of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from monitor.store import Store

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config
from .test_startup import imported

NOW = "2026-01-29T08:30:00Z"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(("UK and China talk", "In London.")), etag='"1"')
        running.serve("/other", rss(("Another", "Tale.")))
        yield running


@pytest.fixture
def desk(tmp_path: Path, site: Loopback) -> Path:
    """A folder whose config has been polled."""
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed', name: Gazette}")
    assert poll(tmp_path).json["relevant"] == 1
    return tmp_path


def poll(folder: Path, **env: str) -> Ran:
    return monitor("--now", NOW, "poll", "--all", "--json", cwd=folder, env=env)


def statuses(ran: Ran) -> dict[str, str]:
    assert ran.code == 0, ran.err
    return {source["id"]: source["status"] for source in ran.json["sources"]}


def kept(folder: Path) -> str | None:
    with Store.open(folder / "data/monitor.db", read_only=True) as store:
        return store.polled()


def forget(folder: Path, text: str = "") -> None:
    with Store.open(folder / "data/monitor.db") as store:
        store.note_polled(text)


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "config.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_second_poll_reads_no_config_and_says_the_same(desk: Path) -> None:
    again = imported("poll", "--all", cwd=desk)
    forget(desk)
    anew = imported("poll", "--all", cwd=desk)

    assert {"yaml", "pydantic"} & again == set()
    assert {"yaml", "pydantic"} <= anew
    assert statuses(poll(desk)) == {"gazette": "unchanged"}


def test_a_new_item_is_judged_by_the_rules_that_were_kept(desk: Path, site: Loopback) -> None:
    site.serve("/feed", rss(("Trade of Britain and Beijing", "Tariffs."), ("Nothing", "At all.")))
    assert statuses(poll(desk)) == {"gazette": "ok"}
    with Store.open(desk / "data/monitor.db", read_only=True) as store:
        found = {judged.item.title: judged.verdict for judged in store.each_item()}

    assert found["Trade of Britain and Beijing"].topics == ("trade",)
    assert not found["Nothing"].relevant
    assert len({verdict.rules_version for verdict in found.values()}) == 1


def test_an_edit_is_noticed_at_once(desk: Path, site: Loopback) -> None:
    before = kept(desk)
    edit(desk, "sources:\n", f"sources:\n  - {{id: other, url: '{site.url('/other')}'}}\n")

    assert statuses(poll(desk)) == {"other": "ok", "gazette": "unchanged"}
    assert kept(desk) != before
    assert statuses(poll(desk)) == {"other": "unchanged", "gazette": "unchanged"}


def test_an_edit_that_cannot_be_used_is_refused_at_once(desk: Path) -> None:
    edit(desk, "name: Gazette", "nmae: Gazette")

    ran = poll(desk)

    assert ran.code == 2
    assert 'unknown key "nmae"' in ran.err


def test_a_rule_that_is_edited_judges_the_next_item(desk: Path, site: Loopback) -> None:
    edit(desk, "Beijing", "Peking")
    site.serve("/feed", rss(("Britain and Peking", "They talk.")))

    assert poll(desk).json["relevant"] == 1


def test_a_copy_of_the_database_under_another_config_polls_what_that_one_says(
    desk: Path, site: Loopback, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(desk / "data", elsewhere / "data")
    shutil.copy2(desk / "config.yaml", elsewhere)
    edit(elsewhere, site.url("/feed"), site.url("/other"))

    assert statuses(poll(elsewhere)) == {"gazette": "ok"}


def test_a_config_whose_sources_hold_secrets_is_read_each_time_and_not_kept(desk: Path) -> None:
    forget(desk)
    edit(desk, "name: Gazette", "headers: {X-Key: '${KEY}'}")

    assert statuses(poll(desk, KEY="sesame")) == {"gazette": "unchanged"}
    assert poll(desk).code == 2
    assert kept(desk) == ""
    assert b"sesame" not in b"".join(path.read_bytes() for path in (desk / "data").iterdir())


def test_a_password_for_mail_is_not_kept(desk: Path) -> None:
    edit(desk, "polling:", "mail: {from: d@example.org, password: 'hunter2 ${KEY:-}', username: d}\npolling:")

    assert statuses(poll(desk, KEY="sesame")) == {"gazette": "unchanged"}
    assert "gazette" in (kept(desk) or "")
    stored = b"".join(path.read_bytes() for path in (desk / "data").iterdir())
    assert b"sesame" not in stored
    assert b"hunter2" not in stored


def test_in_a_folder_whose_name_is_no_text_it_works_as_well(tmp_path: Path, site: Loopback) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    write_config(folder, site, "{id: gazette, url: '{site}/feed'}")

    assert statuses(poll(folder)) == {"gazette": "ok"}
    assert statuses(poll(folder)) == {"gazette": "unchanged"}


def test_a_config_that_is_gone_by_the_end_of_a_poll_takes_nothing_from_its_report(
    desk: Path, site: Loopback
) -> None:
    forget(desk)

    def vanish(request: BaseHTTPRequestHandler) -> None:
        (desk / "config.yaml").rename(desk / "away.yaml")
        request.send_error(500)

    site.handle("/feed", vanish)
    ran = poll(desk)

    assert ran.code == 1
    assert ran.json["failed"] == 1


@pytest.mark.parametrize("damage", ["", "{", "x\n{}"])
def test_what_is_kept_and_damaged_is_passed_over(desk: Path, damage: str) -> None:
    good = kept(desk)
    forget(desk, damage)

    assert statuses(poll(desk)) == {"gazette": "unchanged"}
    assert kept(desk) == good
