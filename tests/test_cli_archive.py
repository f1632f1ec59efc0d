"""`monitor archive`, and the pages that `monitor digest` brings with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .loopback import Loopback
from .program import monitor, rss, write_config

THURSDAY, FRIDAY = "2026-01-29T08:30:00Z", "2026-01-30T08:30:00Z"
MEETING = ("Starmer meets Xi Jinping in Beijing", "The visit is the first in eight years.")
TARIFF = ("UK keeps its tariff on Chinese steel", "The duty stays for five years.")


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and two stored items; no edition has been made."""
    folder = tmp_path_factory.mktemp("polled")
    with Loopback() as site:
        site.serve("/feed", rss(MEETING, TARIFF))
        write_config(folder, site, "{id: gazette, url: '{site}/feed', kind: uk-media}")
        assert monitor("--now", THURSDAY, "poll", cwd=folder).code == 0
    return folder


@pytest.fixture
def stored(polled: Path, tmp_path: Path) -> Path:
    """The same, a copy for each test."""
    shutil.copytree(polled, tmp_path, dirs_exist_ok=True)
    return tmp_path


def site_of(folder: Path) -> dict[str, bytes]:
    site = folder / "data/site"
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_an_edition_brings_the_archive_with_it(stored: Path) -> None:
    assert monitor("--now", THURSDAY, "digest", cwd=stored).code == 0

    pages = site_of(stored)
    assert b"Starmer meets Xi Jinping in Beijing" in pages["story/s1/index.html"]
    assert {"index.html", "daily/index.html", "topic/trade/index.html", "feeds/stories.atom"} <= {*pages}


def test_written_anew_nothing_changes_and_it_says_how_much_there_is(stored: Path) -> None:
    monitor("--now", THURSDAY, "digest", cwd=stored)
    before = site_of(stored)

    done = monitor("archive", "--rebuild", cwd=stored)
    as_json = monitor("archive", "--rebuild", "--json", cwd=stored).json

    assert done.code == 0
    assert done.out.startswith("1 edition, 2 stories in ")
    assert as_json["schema_version"] == 1
    assert (as_json["editions"], as_json["stories"], as_json["changed"]) == (1, 2, 0)
    assert as_json["pages"] == len(before) - 1  # its own note is no page
    assert site_of(stored) == before


def test_a_folder_that_was_deleted_is_written_again_with_its_editions(stored: Path) -> None:
    monitor("--now", THURSDAY, "digest", cwd=stored)
    before = site_of(stored)
    (stored / "data/site").rename(stored / "elsewhere")

    assert monitor("archive", "--rebuild", cwd=stored).code == 0

    assert site_of(stored) == before


def test_without_rebuild_it_does_only_what_is_lacking(stored: Path) -> None:
    monitor("--now", THURSDAY, "digest", cwd=stored)
    (stored / "data/site/.archive.json").unlink()
    (stored / "data/site/index.html").unlink()

    lacking = monitor("archive", "--json", cwd=stored)
    nothing = monitor("archive", cwd=stored)

    assert (lacking.code, lacking.json["changed"]) == (0, 1)
    assert nothing.code == 0
    assert nothing.out.startswith("Nothing to do: ")
    assert "monitor archive --rebuild" in nothing.out


def test_what_an_edition_could_not_do_the_next_run_does(stored: Path) -> None:
    monitor("--now", THURSDAY, "digest", cwd=stored)
    whole = site_of(stored)
    (stored / "data/site/.archive.json").unlink()
    (stored / "data/site/story/s1/index.html").unlink()

    assert monitor("--now", THURSDAY, "digest", cwd=stored).code == 0  # nothing is new

    assert site_of(stored) == whole


def test_before_the_first_edition_the_way_to_one_is_named(stored: Path) -> None:
    refused = monitor("archive", "--rebuild", cwd=stored)

    assert refused.code == 2
    assert "monitor digest" in refused.err
    assert not (stored / "data/site").exists()


def test_a_template_at_fault_is_told_and_the_built_in_one_is_used(stored: Path) -> None:
    (stored / "templates/page").mkdir(parents=True)
    (stored / "templates/page/topic.html").write_text("{{ nothing }}", encoding="utf-8")
    monitor("--now", THURSDAY, "digest", cwd=stored)

    done = monitor("archive", "--rebuild", cwd=stored)
    checked = monitor("check", cwd=stored)

    assert done.code == 1
    assert "topic.html:1:1: error: 'nothing' is undefined" in done.err
    assert b"<!doctype html>" in site_of(stored)["topic/trade/index.html"]
    assert "topic.html:1" in checked.out


def test_a_folder_that_cannot_be_written_is_told_and_the_next_run_makes_it_good(stored: Path) -> None:
    (stored / "data/site").mkdir()
    (stored / "data/site/story").write_text("a file where a folder should be", encoding="utf-8")

    failed = monitor("--now", THURSDAY, "digest", cwd=stored)
    (stored / "data/site/story").unlink()
    again = monitor("--now", FRIDAY, "digest", cwd=stored)

    assert failed.code == 1
    assert "Cannot write" in failed.err
    assert again.code == 0
    assert "story/s1/index.html" in site_of(stored)
