"""`monitor backup`, `prune` and `completion`, as the keeper of a machine meets them."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .loopback import Loopback
from .mail_server import MailServer
from .program import Ran, monitor, rss, write_config

THURSDAY, FRIDAY, JUNE = "2026-01-29T08:30:00Z", "2026-01-30T08:30:00Z", "2026-06-01T08:30:00Z"
MEETING = ("Starmer meets Xi Jinping in Beijing", "The visit is the first in eight years.")
STEEL = ("UK keeps its tariff on Chinese steel", "The duty stays for five years.")
TEA = ("Tea in Kenya", "A cup costs less.")
COFFEE = ("Coffee in Leeds", "A cup costs more.")


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as running:
        running.serve("/feed", rss(MEETING, TEA))
        yield running


def configure(folder: Path, site: Loopback, *, mail: str = "", retention: str = "") -> None:
    to = ", to: [ann@desk.example]" if mail else ""
    path = write_config(
        folder,
        site,
        "{id: gazette, url: '{site}/feed', kind: uk-media}",
        digests=f'digests:\n  daily: {{title: UK-China daily, schedule: "30 8 * * *"{to}}}\n{mail}',
    )
    with path.open("a", encoding="utf-8") as file:
        file.write(retention)


def at(now: str, folder: Path, *args: str) -> Ran:
    return monitor("--now", now, *args, cwd=folder)


# backup, and back again


def test_a_restored_backup_has_everything_and_sends_nothing_twice(tmp_path: Path, site: Loopback) -> None:
    with MailServer("none") as server:
        mail = f"mail: {{from: monitor@desk.example, host: localhost, port: {server.port}, security: none}}\n"
        configure(tmp_path, site, mail=mail)
        at(THURSDAY, tmp_path, "once", "--force")
        at(THURSDAY, tmp_path, "label", "2", "irrelevant")
        assert server.recipients() == ["ann@desk.example"]
        asked = ("search China OR Beijing", "show 1", "deliveries", "label", "sources")
        before = {question: at(THURSDAY, tmp_path, *question.split()).out for question in asked}

        made = at(THURSDAY, tmp_path, "backup", "copy.db")
        shutil.rmtree(tmp_path / "data")
        (tmp_path / "data").mkdir()
        (tmp_path / "copy.db").rename(tmp_path / "data" / "monitor.db")

        assert made.code == 0
        assert "read through and whole" in made.out
        assert "stop the service, delete monitor.db-wal and monitor.db-shm" in made.out
        assert {question: at(THURSDAY, tmp_path, *question.split()).out for question in asked} == before
        # The same run once more, then the next day's.
        again = at(THURSDAY, tmp_path, "once")
        site.serve("/feed", rss(MEETING, STEEL, TEA))
        next_day = at(FRIDAY, tmp_path, "once")

        assert (again.code, next_day.code) == (0, 0)
        assert [subject for _, subject in subjects(server)] == ["Starmer meets Xi", "UK keeps its tariff"]


def subjects(server: MailServer) -> list[tuple[str, str]]:
    """To whom each mail went, and which of the two headlines it has."""
    headlines = ("Starmer meets Xi", "UK keeps its tariff")
    return [
        (to, next(words for words in reversed(headlines) if words.encode() in content))
        for to, content in server.taken
    ]


def test_a_backup_never_overwrites_a_file_unasked(tmp_path: Path, site: Loopback) -> None:
    configure(tmp_path, site)
    at(THURSDAY, tmp_path, "poll")
    first = at(THURSDAY, tmp_path, "backup", "copy.db", "--json")

    refused = at(THURSDAY, tmp_path, "backup", "copy.db")
    forced = at(THURSDAY, tmp_path, "backup", "copy.db", "--force")

    size = (tmp_path / "copy.db").stat().st_size
    assert first.json == {
        "schema_version": 1,
        "database": str(tmp_path / "data" / "monitor.db"),
        "file": str(tmp_path / "copy.db"),
        "bytes": size,
    }
    assert (refused.code, refused.out) == (2, "")
    assert "copy.db is there already; --force overwrites it" in refused.err
    assert forced.code == 0


@pytest.mark.parametrize("command", ["backup copy.db", "prune", "prune --dry-run"])
def test_before_the_first_poll_there_is_nothing_to_do(tmp_path: Path, command: str) -> None:
    write_config(tmp_path)

    refused = monitor(*command.split(), cwd=tmp_path)

    assert refused.code == 2
    assert "does not exist yet: there is nothing to" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


# prune


def test_prune_deletes_what_is_old_and_says_what_stays(tmp_path: Path, site: Loopback) -> None:
    configure(tmp_path, site)
    at(THURSDAY, tmp_path, "once", "--force")
    site.serve("/feed", rss(STEEL, COFFEE))
    at(JUNE, tmp_path, "poll", "--all")

    would = at(JUNE, tmp_path, "prune", "--dry-run")
    done = at(JUNE, tmp_path, "prune")
    again = at(JUNE, tmp_path, "prune", "--vacuum", "--json")

    assert would.out.startswith("Would delete 1 unmatched item, 0 matched items and the bytes of 0 mails.\n")
    assert done.out.startswith("Deleted 1 unmatched item, 0 matched items and the bytes of 0 mails.\n")
    assert (would.code, done.code, again.code) == (0, 0, 0)
    size = (tmp_path / "data" / "monitor.db").stat().st_size
    assert again.json == {
        "schema_version": 1,
        "dry_run": False,
        "unmatched": 0,
        "matched": 0,
        "mails": 0,
        "kept": 0,
        "database": str(tmp_path / "data" / "monitor.db"),
        "bytes": size,
        "free_bytes": 0,
    }
    assert titles(tmp_path) == [MEETING[0], STEEL[0], COFFEE[0]]


def test_a_page_that_comes_again_after_it_was_pruned_is_not_new(tmp_path: Path, site: Loopback) -> None:
    configure(tmp_path, site)
    at(THURSDAY, tmp_path, "poll")
    site.serve("/feed", rss(COFFEE))
    at(JUNE, tmp_path, "poll", "--all")
    at(JUNE, tmp_path, "prune")
    site.serve("/feed", rss(STEEL, COFFEE, TEA))

    found = at("2026-06-02T08:30:00Z", tmp_path, "poll", "--all", "--json").json

    assert (found["new"], found["updated"]) == (1, 0)
    assert TEA[0] not in titles(tmp_path)


def test_what_an_edition_has_shown_stays_beyond_its_retention_and_that_is_said(
    tmp_path: Path, site: Loopback
) -> None:
    configure(tmp_path, site, retention="retention: {unmatched: 1h, matched: 30d}\n")
    at(THURSDAY, tmp_path, "once", "--force")
    site.serve("/feed", rss(COFFEE))
    at(JUNE, tmp_path, "poll", "--all")

    done = at(JUNE, tmp_path, "prune")

    assert "1 older item kept: an edition" in done.out
    assert "retention.unmatched is less than 14 days, which are kept in any case." in done.out
    assert titles(tmp_path) == [MEETING[0], COFFEE[0]]


def titles(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "monitor.db")) as db:
        return [title for (title,) in db.execute("SELECT title FROM items ORDER BY id")]


# A database that cannot be used


@pytest.mark.parametrize("command", ["poll", "backup copy.db", "prune", "search tea"])
def test_a_damaged_database_is_refused_in_words_and_not_touched(tmp_path: Path, command: str) -> None:
    write_config(tmp_path)
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "monitor.db"
    damaged = b"SQLite format 3\x00" + b"\xa5" * 8192
    database.write_bytes(damaged)

    refused = monitor(*command.split(), cwd=tmp_path)

    assert (refused.code, refused.out) == (2, "")
    assert "monitor.db is" in refused.err
    assert database.read_bytes() == damaged
    assert not (tmp_path / "copy.db").exists()


# completion

ASK = """
source /dev/stdin <<< "$SCRIPT"
COMP_WORDS=($WORDS "$LAST")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_monitor
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "last", "completed"),
    [
        ("", "pr", {"prune"}),
        ("prune", "--", {"--help", "--dry-run", "--vacuum", "--json"}),
        ("export --format", "j", {"jsonl", "jsonfeed"}),
        ("sources", "im", {"import"}),
        ("completion", "", {"bash", "zsh", "fish"}),
        ("diff --rules", "dra", {"draft.yaml"}),
    ],
)
def test_bash_completes_commands_options_values_and_files(
    tmp_path: Path, words: str, last: str, completed: set[str]
) -> None:
    (tmp_path / "draft.yaml").touch()
    script = monitor("completion", "bash", cwd=tmp_path)
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")

    done = subprocess.run(
        [bash, "--norc", "-c", ASK],
        env={"SCRIPT": script.out, "WORDS": f"monitor {words}", "LAST": last},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (script.code, script.err) == (0, "")
    assert set(done.stdout.split()) == completed


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_with_every_command(tmp_path: Path, shell: str) -> None:
    script = monitor("completion", shell, cwd=tmp_path)

    assert script.code == 0
    assert all(command in script.out for command in ("backup", "prune", "completion", "dry-run"))
    if path := shutil.which(shell):
        subprocess.run([path, "-n", "/dev/stdin"], input=script.out, text=True, check=True)


def test_an_unknown_shell_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    refused = monitor("completion", "tcsh", cwd=tmp_path)

    assert refused.code == 2
    assert "bash" in refused.err
