"""The service: what it does at each tick, and what edits of its files do to it."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.cli.context import Context
from monitor.cli.service import Service, take_leave
from monitor.config import ConfigError
from monitor.store import Store

from .loopback import Loopback
from .program import RULES, Ran, monitor, rss, write_config
from .test_startup import imported

MEETING = ("Starmer meets Xi Jinping in Beijing", "The visit is the first by a British leader in years.")
STEEL = ("Tariffs on Chinese steel", "The UK keeps its trade remedy on plate from China.")
GAZETTE = "{id: gazette, url: '{site}/feed', kind: uk-media, every: 15m}"
LEDGER = "{id: ledger, url: '{site}/ledger', kind: uk-media}"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(MEETING))
        running.serve("/ledger", rss(STEEL, title="Ledger"))
        yield running


class Clocked:
    """A service whose time is what the test says."""

    def __init__(self, folder: Path) -> None:
        self.args = argparse.Namespace(config=str(folder / "config.yaml"), now="2026-01-29T08:00:00Z")
        self.service = Service(Context(self.args, os.environ, folder))

    def at(self, time: str, *, noticed: bool = True) -> None:
        """One tick at a time of 29 January."""
        self.args.now = f"2026-01-29T{time}Z" if "T" not in time else time
        if noticed:
            self.service.live.notice()
        self.service.tick(lambda: False)


@pytest.fixture
def clocked(tmp_path: Path, site: Loopback) -> Iterator[Clocked]:
    write_config(tmp_path, site, GAZETTE)
    made = Clocked(tmp_path)
    with made.service:
        yield made


def text_of(folder: Path) -> str:
    """The last edition. The first tick makes one too, because nothing was there before."""
    *_, last = sorted((folder / "data" / "site" / "daily").glob("2026-*/digest.txt"))
    return " ".join(last.read_text("utf-8").split())


def test_what_the_service_has_read_no_other_command_reads_again(tmp_path: Path, clocked: Clocked) -> None:
    clocked.at("08:15:00")
    searched = imported("search", "steel OR visit", cwd=tmp_path)
    polled = imported("poll", cwd=tmp_path)
    (tmp_path / "config.yaml").write_text("sources: {", encoding="utf-8")
    clocked.at("08:16:00")
    refused = monitor("search", "visit", cwd=tmp_path)

    assert {"yaml", "pydantic"} & (searched | polled) == set()
    assert refused.code == 2


def test_an_edit_between_the_reading_of_the_config_and_the_first_tick_is_seen(
    tmp_path: Path, site: Loopback
) -> None:
    write_config(tmp_path, site, GAZETTE)
    args = argparse.Namespace(config=str(tmp_path / "config.yaml"), now="2026-01-29T08:00:00Z")
    context = Context(args, os.environ, tmp_path)
    assert len(context.config.sources) == 1
    write_config(tmp_path, site, f"{GAZETTE}\n{LEDGER}")
    with Service(context) as service:
        service.live.notice()
        service.tick(lambda: False)

    assert len(service.live.config.sources) == 2
    assert len(Context(args, os.environ, tmp_path).polled.sources) == 2


def test_a_config_that_cannot_be_used_is_not_passed_over_for_the_one_that_was_left(
    tmp_path: Path, site: Loopback
) -> None:
    write_config(tmp_path, site, GAZETTE)
    args = argparse.Namespace(config=str(tmp_path / "config.yaml"), now="2026-01-29T08:00:00Z")
    context = Context(args, os.environ, tmp_path)
    assert context.config.sources
    (tmp_path / "config.yaml").write_text("nonsense: 1", encoding="utf-8")
    with Service(context) as service:
        service.live.notice()
        service.tick(lambda: False)

    with pytest.raises(ConfigError, match="nonsense"):
        _ = Context(args, os.environ, tmp_path).polled


def test_an_edit_is_used_from_the_next_tick_on(tmp_path: Path, site: Loopback, clocked: Clocked) -> None:
    clocked.at("08:00:00")
    write_config(tmp_path, site, f"{GAZETTE}\n{LEDGER}")
    clocked.at("08:01:00")
    clocked.at("08:31:00")

    assert [request.path for request in site.requests] == ["/feed", "/ledger", "/feed"]
    assert "Tariffs on Chinese steel" in text_of(tmp_path)
    assert "Not used" not in text_of(tmp_path)


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        ("digests: [", "config.yaml:"),
        (RULES.replace("sides", "sidse"), "config.yaml:3:3"),
        ("", "config.yaml:1:1. The file is empty"),
        ("sources: []\n", "config.yaml. It has no source that is switched on."),
        ("\x00\x01", "config.yaml:1:1"),
    ],
    ids=["half-written", "a typo", "empty", "without sources", "no text"],
)
def test_an_edit_that_cannot_be_used_changes_nothing_and_is_told_with_its_place(
    tmp_path: Path, clocked: Clocked, edit: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    clocked.at("08:00:00")
    (tmp_path / "config.yaml").write_text(edit, "utf-8")
    with caplog.at_level(logging.INFO, logger="monitor"):
        clocked.at("08:16:00")
        clocked.at("08:31:00")

    assert clocked.service.live.config.sources[0].id == "gazette"
    text = text_of(tmp_path)
    assert f"Not used: {where.partition(' — ')[0]}" in text
    assert "The last good one is used." in text
    told = [record.getMessage() for record in caplog.records if "used=no" in record.getMessage()]
    assert len(told) == 1
    assert where.partition(" — ")[0].partition(". ")[0] in told[0]


def test_health_tells_of_an_edit_that_is_not_used_and_stays_good_while_the_service_goes_on(
    tmp_path: Path, clocked: Clocked
) -> None:
    def health(time: str) -> Ran:
        return monitor("--now", f"2026-01-29T{time}Z", "health", "--json", cwd=tmp_path)

    clocked.at("08:00:00")
    (tmp_path / "config.yaml").write_text(RULES.replace("sides", "sidse"), "utf-8")
    clocked.at("08:01:00")
    at_work = health("08:15:00")
    killed_since = health("08:45:00")

    assert at_work.code == 0
    assert at_work.json["ok"]
    assert at_work.json["remarks"][0].startswith("config.yaml:3:3: ")
    assert "The last good one is used." in at_work.json["remarks"][0]
    assert killed_since.code == 2
    assert "config.yaml:3:3" in killed_since.err


def test_health_says_of_a_config_that_is_good_that_the_service_does_not_use_it(
    tmp_path: Path, site: Loopback, clocked: Clocked
) -> None:
    clocked.at("08:00:00")
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed', kind: uk-media, enabled: false}")
    clocked.at("08:01:00")
    write_config(tmp_path, site, GAZETTE)
    before = monitor("--now", "2026-01-29T08:02:00Z", "health", cwd=tmp_path)
    clocked.at("08:03:00")
    after = monitor("--now", "2026-01-29T08:04:00Z", "health", cwd=tmp_path)

    assert (before.code, after.code) == (0, 0)
    assert "config.yaml: It has no source that is switched on." in before.out
    assert after.out == "ok: last poll 4 min ago, database writable\n"


def test_health_without_a_service_does_not_pass_over_a_config_that_cannot_be_used(
    tmp_path: Path, site: Loopback
) -> None:
    write_config(tmp_path, site, GAZETTE)
    monitor("poll", cwd=tmp_path)
    (tmp_path / "config.yaml").write_text("sources: [", "utf-8")

    run = monitor("health", cwd=tmp_path)

    assert run.code == 2
    assert "config.yaml:1:" in run.err


def test_a_mended_config_is_used_and_the_trouble_forgotten(
    tmp_path: Path, site: Loopback, clocked: Clocked
) -> None:
    clocked.at("08:00:00")
    (tmp_path / "config.yaml").write_text("nonsense: [", "utf-8")
    clocked.at("08:01:00")
    in_trouble = clocked.service.live.trouble
    write_config(tmp_path, site, LEDGER)
    clocked.at("08:31:00")

    assert in_trouble is not None
    assert clocked.service.live.trouble is None
    assert [source.id for source in clocked.service.live.config.sources] == ["ledger"]
    assert "Not used" not in text_of(tmp_path)


def test_a_file_that_is_away_for_a_moment_is_no_edit_that_ends_the_service(
    tmp_path: Path, clocked: Clocked
) -> None:
    clocked.at("08:00:00")
    (tmp_path / "config.yaml").rename(tmp_path / "config.yaml~")
    clocked.at("08:01:00")
    away = clocked.service.live.trouble
    (tmp_path / "config.yaml~").rename(tmp_path / "config.yaml")
    clocked.at("08:31:00")

    assert away is not None
    assert "Not used" not in text_of(tmp_path)


def test_a_file_in_the_middle_of_being_written_is_left_alone(tmp_path: Path, clocked: Clocked) -> None:
    clocked.at("08:00:00")
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text("utf-8")[:40], "utf-8")
    clocked.at("08:01:00", noticed=False)
    young = clocked.service.live.trouble
    os.utime(path, (1_000_000_000, 1_000_000_000))
    clocked.at("08:02:00", noticed=False)

    assert young is None
    assert clocked.service.live.trouble is not None


def test_what_the_service_writes_itself_wakes_it_not_but_an_edit_does(
    tmp_path: Path, clocked: Clocked
) -> None:
    clocked.at("08:00:00")
    woken: list[str] = []
    edited = threading.Event()

    def wake() -> None:
        woken.append((tmp_path / "config.yaml").read_text("utf-8")[-8:])
        edited.set()

    with clocked.service.watching_files(wake):
        (tmp_path / "monitor.db-wal").write_text("not the config")
        clocked.at("08:15:00", noticed=False)
        with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
            file.write("# edited")
        assert edited.wait(30)

    assert {*woken} == {"# edited"}


def test_an_edited_template_is_used_and_a_broken_one_leaves_the_last_good_one(
    tmp_path: Path, site: Loopback, clocked: Clocked
) -> None:
    template = tmp_path / "templates" / "digest" / "body.txt"
    template.parent.mkdir(parents=True)
    template.write_text("Ours: {{ title }}\n{{ config_notes }}", "utf-8")
    clocked.at("08:31:00")
    first_trouble = clocked.service.live.trouble_told
    template.write_text("Ours, once more: {{ title }}", "utf-8")
    clocked.at("08:32:00")
    template.write_text("{% if %}", "utf-8")
    clocked.at("08:33:00")
    trouble = clocked.service.live.trouble_told
    health = monitor("--now", "2026-01-29T08:34:00Z", "health", "--json", cwd=tmp_path)
    template.unlink()
    clocked.at("08:35:00")

    assert first_trouble.startswith("templates/digest/body.txt:2: ")
    assert "The built-in ones are used." in first_trouble
    assert trouble.startswith("templates/digest/body.txt:1: ")
    assert health.code == 0
    assert health.json["remarks"] == [trouble]
    assert clocked.service.live.troubles == ()


def test_a_template_that_is_no_text_is_named_without_the_folders_above(
    tmp_path: Path, clocked: Clocked
) -> None:
    template = tmp_path / "templates" / "digest" / "body.txt"
    template.parent.mkdir(parents=True)
    template.write_bytes(b"\xff\xfe")
    clocked.at("08:31:00")
    no_text = clocked.service.live.trouble_told
    template.unlink()
    # A part of the user's that lacks what the built-in templates ask of it.
    template.with_name("parts.txt").write_text("nothing", "utf-8")
    clocked.at("08:32:00")
    no_part = clocked.service.live.trouble_told

    assert no_text == "templates/digest/body.txt: It is not UTF-8 text. The built-in ones are used."
    assert no_part.startswith("templates/digest/")
    assert str(tmp_path) not in no_part


def test_the_end_does_not_wait_for_a_database_that_is_held(
    tmp_path: Path, clocked: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    clocked.at("08:00:00")
    database = tmp_path / "data" / "monitor.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        take_leave(database)
        held = caplog.text
        other.execute("ROLLBACK")
    take_leave(database)

    assert "is in use by another process" in held
    with Store.open(database) as store:
        assert store.own_word() is None


def test_a_database_that_is_gone_is_not_made_anew(
    tmp_path: Path, clocked: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    clocked.at("08:00:00")
    for file in (tmp_path / "data").glob("monitor.db*"):
        file.unlink()
    clocked.at("08:31:00")

    assert not (tmp_path / "data" / "monitor.db").exists()
    assert "monitor.db is gone: put it back" in caplog.text


def test_addresses_and_passwords_in_the_wrong_place_are_not_told_to_everybody(
    tmp_path: Path, clocked: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    clocked.at("08:00:00")
    good = (tmp_path / "config.yaml").read_text("utf-8")
    told = []
    for more in (
        "mail: {from: a@desk.example, host: h, port: hunter2secret}\n",
        "mail: {from: boss.secret@@desk.example, host: h}\n",
        "mail: {boss.secret@desk.example: 1, host: h}\n",
    ):
        (tmp_path / "config.yaml").write_text(good + more, "utf-8")
        clocked.at("08:01:00")
        told.append(clocked.service.live.trouble_told)

    assert all("config.yaml:" in one for one in told)
    assert "secret" not in "".join(told) + caplog.text


def test_a_new_database_waits_for_a_restart(tmp_path: Path, clocked: Clocked) -> None:
    clocked.at("08:00:00")
    path = tmp_path / "config.yaml"
    path.write_text("database: other.db\n" + path.read_text("utf-8"), "utf-8")
    clocked.at("08:31:00")

    assert not (tmp_path / "other.db").exists()
    assert clocked.service.live.config.database == tmp_path / "data" / "monitor.db"
    assert (
        "An edit of database is used when the service is started again." in clocked.service.live.trouble_told
    )


def test_a_template_that_fails_is_told_in_the_edition(tmp_path: Path, clocked: Clocked) -> None:
    (tmp_path / "templates" / "digest").mkdir(parents=True)
    (tmp_path / "templates" / "digest" / "body.txt").write_text("{{ nothing.like.this }}", "utf-8")
    clocked.at("08:31:00")

    assert "Not used: templates/digest/body.txt:1." in text_of(tmp_path)
    assert "The built-in ones are used." in text_of(tmp_path)


def test_two_services_do_not_work_on_one_database(tmp_path: Path, clocked: Clocked) -> None:
    with clocked.service._context.open_store() as store, store.only_service() as is_alone:
        second = monitor("run", cwd=tmp_path)
        by_hand = monitor("--now", "2026-01-29T09:00:00Z", "poll", cwd=tmp_path)

    assert is_alone
    assert second.code == 75
    assert "another `monitor run` is at work" in second.err
    assert by_hand.code == 0


def test_a_running_service_sees_an_edit_at_once_and_ends_when_told(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, GAZETTE)
    service = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run", "--tick", "3600"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = iter(service.stderr or ())
    try:
        assert any("poll" in line or "source=gazette" in line or "started" in line for line in lines)
        (tmp_path / "config.yaml.new").write_text("sources: [", "utf-8")
        shutil.move(tmp_path / "config.yaml.new", tmp_path / "config.yaml")
        bad = next(line for line in lines if "config=changed" in line)
        write_config(tmp_path, site, f"{GAZETTE}\n{LEDGER}")
        good = next(line for line in lines if "used=yes" in line)
        (tmp_path / "config.yaml").write_text("sources: [", "utf-8")
        assert any("used=no" in line for line in lines)
        at_work = monitor("health", cwd=tmp_path)
        service.send_signal(signal.SIGTERM)
        rest = list(lines)
        assert service.wait(10) == 0
    finally:
        service.kill()
        service.wait()
        if service.stderr:
            service.stderr.close()

    assert "used=no where=config.yaml:1:" in bad
    assert "sources=2" in good
    assert "service=stopped" in rest[-1]
    assert at_work.code == 0
    assert "The last good one is used." in at_work.out
    assert monitor("health", cwd=tmp_path).code == 2
