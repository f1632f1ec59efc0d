from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.deliver import DeliveryError, Progress, archive_progress, keep_progress, write_site
from monitor.deliver.site import PROGRESS

LONG_AGO = 1_000_000_000


def aged(path: Path) -> Path:
    """The file, as if it had been written long ago."""
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_pages_are_written_under_the_output_folder_and_counted(tmp_path: Path) -> None:
    done = write_site(tmp_path / "site", [("index.html", "习"), ("story/s1/index.html", "page")])

    assert (tmp_path / "site/index.html").read_text("utf-8") == "习"
    assert (tmp_path / "site/story/s1/index.html").read_text() == "page"
    assert (done.changed, done.unchanged, done.bytes) == (2, 0, 7)


def test_a_page_with_the_same_bytes_is_not_touched(tmp_path: Path) -> None:
    write_site(tmp_path, [("a.html", "same"), ("b.html", "old!")])
    a, b = aged(tmp_path / "a.html"), aged(tmp_path / "b.html")

    done = write_site(tmp_path, [("a.html", "same"), ("b.html", "new!")])

    assert (done.changed, done.unchanged) == (1, 1)
    assert a.stat().st_mtime == LONG_AGO
    assert b.stat().st_mtime > LONG_AGO
    assert b.read_text() == "new!"


@pytest.mark.parametrize(
    "path",
    [
        "../index.html",
        "story/../../x",
        "/etc/passwd",
        "story//x",
        "",
        ".archive.json",
        "a\x00",
        "t/" + "a" * 200,
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(DeliveryError, match="is no folder name"):
        write_site(tmp_path / "site", [(path, "page")])

    assert not list(tmp_path.rglob("*"))


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "story").write_text("a file where a folder should be")

    with pytest.raises(DeliveryError, match=r"Cannot write .*story.*`output` in config\.yaml"):
        write_site(tmp_path, [("story/s1/index.html", "page")])


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    write_site(tmp_path, [("index.html", "page")])
    keep_progress(tmp_path, Progress(1))

    assert {path.name for path in tmp_path.iterdir()} == {"index.html", PROGRESS}


def test_how_far_the_archive_tells_is_kept_beside_it(tmp_path: Path) -> None:
    assert archive_progress(tmp_path) is None

    keep_progress(tmp_path, Progress(7))
    keep_progress(tmp_path, Progress(8))

    assert archive_progress(tmp_path) == Progress(8)


@pytest.mark.parametrize("noted", ["", "{", "[]", "{}", '{"edition_id": "many"}', '{"edition_id": null}'])
def test_a_note_that_cannot_be_read_counts_as_none(tmp_path: Path, noted: str) -> None:
    (tmp_path / PROGRESS).write_text(noted)

    assert archive_progress(tmp_path) is None
