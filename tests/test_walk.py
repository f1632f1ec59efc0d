"""The walk of an item, end to end, with the real program, real HTTP and a real database."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .loopback import Loopback
from .program import monitor, rss, started, write_config

THURSDAY = "2026-01-29T08:30:00Z"
FRIDAY = "2026-01-30T08:30:00Z"
MEETING = (
    "Starmer meets Xi Jinping in Beijing",
    "The visit is the first by a British leader in eight years.",
)
STEEL = ("Tariffs on Chinese steel", "The UK keeps its trade remedy on plate from China.")
TEA = ("Tea prices fall", "A cup of tea costs less in Kenya.")


def gazette(site: Loopback, *, more: str = "") -> str:
    return f"{{id: gazette, url: '{site.url('/feed')}', kind: uk-media{more}}}"


def titles(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "data" / "monitor.db") as db:
        return sorted(title for (title,) in db.execute("SELECT title FROM items"))


def test_a_feed_becomes_an_edition(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING, STEEL, TEA))
        write_config(tmp_path, site, gazette(site))
        polled = started("--now", THURSDAY, "poll", "--json", cwd=tmp_path)
    made = started("--now", THURSDAY, "digest", "--json", cwd=tmp_path)

    assert polled.code == 0
    assert polled.json["sources"][0] == {
        "id": "gazette",
        "status": "ok",
        "http_status": 200,
        "items": 3,
        "new": 3,
        "updated": 0,
        "relevant": 2,
        "error": None,
        "seconds": polled.json["sources"][0]["seconds"],
    }
    assert {key: polled.json[key] for key in ("schema_version", "new", "updated", "relevant", "failed")} == {
        "schema_version": 1,
        "new": 3,
        "updated": 0,
        "relevant": 2,
        "failed": 0,
    }
    assert made.code == 0
    assert list(made.json) == [
        "schema_version",
        "digest",
        "edition_id",
        "window",
        "stories",
        "items",
        "html",
        "text",
        "json",
        "deliveries",
    ]
    assert made.json["stories"] == 2
    text = Path(made.json["text"]).read_text(encoding="utf-8")
    assert "Starmer meets Xi Jinping in Beijing" in text
    assert "Tea prices" not in text
    assert "https://gazette.example/tariffs-on-chinese-steel" in Path(made.json["html"]).read_text("utf-8")
    written = json.loads(Path(made.json["json"]).read_text(encoding="utf-8"))
    assert {story["topic"] for story in written["stories"]} == {"diplomacy", "trade"}
    assert written["counts"] == {
        "stories": 2,
        "items": 2,
        "outlets": 1,
        "sources_read": 1,
        "sources_total": 1,
    }


def test_a_second_poll_asks_conditionally_and_stores_nothing_new(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING, TEA), etag='W/"one"')
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
        again = monitor("--now", THURSDAY, "poll", "--all", "--json", cwd=tmp_path)

    assert site.requests[1].headers["If-None-Match"] == 'W/"one"'
    assert again.json["sources"][0]["status"] == "unchanged"
    assert again.json["sources"][0]["http_status"] == 304
    assert again.json["new"] == 0
    assert len(titles(tmp_path)) == 2


def test_the_same_bytes_without_validators_are_not_parsed_again(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
        again = monitor("--now", THURSDAY, "poll", "--all", "--json", cwd=tmp_path)

    assert again.json["sources"][0]["status"] == "unchanged"
    assert again.json["sources"][0]["http_status"] == 200


def test_a_source_is_asked_when_it_is_due_or_named_and_not_before(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
        early = monitor("--now", "2026-01-29T08:40:00Z", "poll", "--json", cwd=tmp_path)
        named = monitor("--now", "2026-01-29T08:40:00Z", "poll", "gazette", "--json", cwd=tmp_path)
        later = monitor("--now", "2026-01-29T10:00:00Z", "poll", "--json", cwd=tmp_path)

    assert [r.json["sources"][0]["status"] for r in (early, named, later)] == [
        "skipped",
        "unchanged",
        "unchanged",
    ]


def test_nothing_new_makes_no_edition_unless_asked(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
        monitor("--now", THURSDAY, "digest", cwd=tmp_path)
    again = monitor("--now", FRIDAY, "digest", cwd=tmp_path)
    empty = monitor("--now", FRIDAY, "digest", "--empty", "--json", cwd=tmp_path)

    assert again.code == 0
    assert "nothing is new" in again.out
    assert empty.json["stories"] == 0
    assert "no new items" in Path(empty.json["text"]).read_text(encoding="utf-8").lower()


def test_each_relevant_item_is_in_exactly_one_edition_of_a_digest(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        first = monitor("--now", THURSDAY, "once", "--json", cwd=tmp_path)
        site.serve("/feed", rss(MEETING, STEEL))
        second = monitor("--now", FRIDAY, "once", "--json", cwd=tmp_path)
        third = monitor("--now", FRIDAY, "once", cwd=tmp_path)

    shown = [
        [story["title"] for story in json.loads(Path(run.json["digests"][0]["json"]).read_text())["stories"]]
        for run in (first, second)
    ]
    assert shown == [[MEETING[0]], [STEEL[0]]]
    assert "No digest is due" in third.out


def test_a_changed_headline_is_an_update_and_not_news(tmp_path: Path) -> None:
    def renamed(title: str) -> bytes:
        return rss(("Chinese embassy plan", "The UK decides.")).replace(
            b"<title>Chinese embassy plan</title>", f"<title>{title}</title>".encode()
        )

    with Loopback() as site:
        site.serve("/feed", renamed("UK delays Chinese embassy plan"))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "once", cwd=tmp_path)
        site.serve("/feed", renamed("UK approves Chinese embassy plan"))
        run = monitor("--now", FRIDAY, "once", "--json", cwd=tmp_path)

    (story,) = json.loads(Path(run.json["digests"][0]["json"]).read_text(encoding="utf-8"))["stories"]
    assert run.json["poll"]["updated"] == 1
    assert story["title"] == "UK approves Chinese embassy plan"
    assert story["updated"]["old_title"] == "UK delays Chinese embassy plan"


def test_one_bad_source_never_stops_the_others(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/good", rss(MEETING))
        site.serve("/login", b"<html><title>Sign in</title><form></form></html>", content_type="text/html")
        site.serve("/empty", b"")
        site.serve("/pdf", b"%PDF-1.7 not a feed")
        site.serve("/gone", status=410)
        site.serve("/busy", status=429, headers={"Retry-After": "7200"})
        site.serve("/huge", b"<rss>" + b" " * 11_000_000)
        site.redirect("/loop", "/loop2")
        site.redirect("/loop2", "/loop")
        site.redirect("/file", "file:///etc/passwd")
        write_config(
            tmp_path,
            site,
            "\n".join(
                f"{{id: {name}, url: '{{site}}/{name}', kind: other}}"
                for name in (
                    "login",
                    "empty",
                    "pdf",
                    "gone",
                    "busy",
                    "huge",
                    "loop",
                    "file",
                    "missing",
                    "good",
                )
            ),
        )
        run = monitor("--now", THURSDAY, "poll", "--json", cwd=tmp_path)
    made = monitor("--now", THURSDAY, "digest", "--json", cwd=tmp_path)

    errors = {source["id"]: source["error"] for source in run.json["sources"]}
    assert run.code == 0
    assert errors.pop("good") is None
    assert all(errors.values())
    assert "Sign in" in errors["login"]
    assert "empty" in errors["empty"].lower()
    assert "PDF" in errors["pdf"]
    assert "MB" in errors["huge"] or "bytes" in errors["huge"]
    assert "circle" in errors["loop"]
    assert "file" in errors["file"]
    assert titles(tmp_path) == [MEETING[0]]
    text = Path(made.json["text"]).read_text(encoding="utf-8")
    assert "1 of 10" in text
    assert "Sign in" in text


def test_when_every_source_fails_the_poll_says_so_with_its_exit_code(tmp_path: Path) -> None:
    with Loopback() as site:
        write_config(tmp_path, site, gazette(site))
        run = monitor("poll", cwd=tmp_path)

    assert run.code == 1
    assert "404" in run.out


def test_a_private_address_is_refused_unless_it_is_listed(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, None, gazette(site))
        run = monitor("poll", "--json", cwd=tmp_path)

    assert run.code == 1
    assert "network.allow_private" in run.json["sources"][0]["error"]
    assert site.requests == []


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_poll_that_is_killed_loses_nothing_and_doubles_nothing(tmp_path: Path, after: int) -> None:
    """The child is killed while one source is still being answered and `after` others have been stored."""
    asked, release = threading.Event(), threading.Event()
    with Loopback() as site:
        for number in range(after):
            site.serve(f"/{number}", rss((f"British visit {number} to Beijing", "")), etag='"1"')
        body = rss(MEETING, STEEL)

        def slowly(request: object) -> None:
            asked.set()
            release.wait(20)

        site.handle("/slow", slowly)
        sources = [f"{{id: s{n}, url: '{{site}}/{n}', kind: other}}" for n in range(after)]
        sources.append("{id: slow, url: '{site}/slow', kind: other}")
        write_config(tmp_path, site, "\n".join(sources))
        child = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--now", THURSDAY, "poll"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert asked.wait(30)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        release.set()
        site.serve("/slow", body)
        again = monitor("--now", THURSDAY, "poll", "--all", "--json", cwd=tmp_path)

    assert again.code == 0
    assert len(titles(tmp_path)) == len(set(titles(tmp_path))) == after + 2


def test_the_service_polls_publishes_and_stops_at_sigterm(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        child = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--now", THURSDAY, "run"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stderr is not None
        log = []
        for line in child.stderr:
            log.append(line)
            if "written=" in line:
                break
        child.terminate()
        out, err = child.communicate(timeout=10)

    assert child.returncode == 0, "".join(log) + err
    assert (tmp_path / "data" / "site" / "daily" / "2026-01-29" / "index.html").exists()
    assert "source=gazette status=ok" in "".join(log)
    assert out == ""


def test_the_service_stops_while_a_server_keeps_it_waiting(tmp_path: Path) -> None:
    asked = threading.Event()
    with Loopback() as site:

        def never(request: object) -> None:
            asked.set()
            site.closing.wait()

        site.handle("/feed", never)
        write_config(tmp_path, site, gazette(site))
        config = tmp_path / "config.yaml"
        config.write_text(config.read_text().replace("timeout: 5s", "timeout: 120s"), encoding="utf-8")
        child = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(30)
        child.terminate()
        _, err = child.communicate(timeout=10)

    assert child.returncode == 0, err
    assert "Traceback" not in err
    assert not (tmp_path / "data" / "site").exists()


def test_the_service_goes_on_when_another_program_holds_the_database(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", "2026-01-20T08:00:00Z", "poll", cwd=tmp_path)
        db = sqlite3.connect(tmp_path / "data" / "monitor.db", isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        child = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--now", THURSDAY, "run", "--tick", "1"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stderr is not None
        seen = []
        for line in child.stderr:
            seen.append(line)
            if "will_try_again" in line:
                db.execute("ROLLBACK")
                db.close()
            if "written=" in line:
                break
        child.terminate()
        _, err = child.communicate(timeout=10)

    assert child.returncode == 0, "".join(seen) + err
    assert any("will_try_again" in line for line in seen)


def test_entries_that_are_left_out_are_told(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(*[(f"British visit {n} to Beijing", "") for n in range(2_100)]))
        write_config(tmp_path, site, gazette(site))
        run = monitor("--now", THURSDAY, "poll", cwd=tmp_path)

    assert "2,000" in run.out
    assert len(titles(tmp_path)) == 2_000


def test_a_new_database_begins_with_one_edition_of_today(tmp_path: Path) -> None:
    digests = """
digests:
  daily: {title: Daily, schedule: "30 8 * * mon-fri"}
  weekly: {title: Weekly, schedule: "30 7 * * mon"}
"""
    sunday = "2026-02-01T10:00:00Z"
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site), digests=digests)
        first = monitor("--now", sunday, "once", "--json", cwd=tmp_path)
        monday = monitor("--now", "2026-02-02T09:00:00Z", "once", "--json", cwd=tmp_path)

    assert [Path(made["html"]).parent.name for made in first.json["digests"]] == ["2026-02-01"]
    assert [(made["digest"], made["stories"]) for made in monday.json["digests"]] == [
        ("daily", 0),
        ("weekly", 1),
    ]


def test_an_item_reaches_its_digest_however_late_the_first_edition_comes(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", "2025-12-01T08:30:00Z", "poll", cwd=tmp_path)
        site.serve("/feed", rss(MEETING, STEEL))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
    made = monitor("--now", THURSDAY, "digest", "--json", cwd=tmp_path)
    later = monitor("--now", FRIDAY, "digest", "--empty", "--json", cwd=tmp_path)

    assert made.json["items"] == 2
    assert made.json["window"] == ["2025-12-01T08:30:00Z", THURSDAY]
    assert later.json["items"] == 0


def test_an_empty_edition_that_is_skipped_answers_its_run_and_shows_nothing(tmp_path: Path) -> None:
    digests = '\ndigests:\n  daily: {title: Daily, schedule: "30 8 * * *", when_empty: skip}\n'
    with Loopback() as site:
        site.serve("/feed", rss(TEA))
        write_config(tmp_path, site, gazette(site), digests=digests)
        first = monitor("--now", THURSDAY, "once", cwd=tmp_path)
        again = monitor("--now", THURSDAY, "once", cwd=tmp_path)

    assert "when_empty: skip" in first.out
    assert "No digest is due" in again.out
    assert not (tmp_path / "data" / "site").exists()


def test_a_page_of_one_repeated_word_costs_little(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(*[(f"UK China {n}", "UK China " * 2_200) for n in range(40)]))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "data" / "monitor.db") as db:
        (largest,) = db.execute("SELECT max(length(matches)) FROM items").fetchone()
    db.close()

    assert largest < 20_000


@pytest.mark.parametrize("command", ["once", "poll"])
def test_a_command_that_is_terminated_leaves_at_once(tmp_path: Path, command: str) -> None:
    asked = threading.Event()
    with Loopback() as site:

        def never(request: object) -> None:
            asked.set()
            site.closing.wait()

        site.handle("/feed", never)
        write_config(tmp_path, site, gazette(site))
        child = subprocess.Popen(
            [sys.executable, "-m", "monitor", command],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(30)
        child.terminate()
        _, err = child.communicate(timeout=4)

    assert child.returncode == 143
    assert err == ""


def test_an_edition_that_could_not_be_written_is_written_by_the_next_run_though_nothing_is_due(
    tmp_path: Path,
) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(MEETING))
        write_config(tmp_path, site, gazette(site))
        monitor("--now", THURSDAY, "poll", cwd=tmp_path)
        (tmp_path / "data" / "site").write_text("in the way", encoding="utf-8")
        blocked = monitor("--now", THURSDAY, "once", cwd=tmp_path)
        (tmp_path / "data" / "site").unlink()
        later = monitor("--now", THURSDAY, "once", cwd=tmp_path)

    assert blocked.code == 1
    assert "No digest is due" in later.out
    assert (tmp_path / "data" / "site" / "daily" / "2026-01-29" / "index.html").exists()
