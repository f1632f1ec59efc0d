from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.deliver import DeliveryError, write_edition
from monitor.models import Edition, Message, Published

from .conftest import NOW

MESSAGE = Message(
    subject="UK-China daily", text="  Text: 习近平\n", html="<!doctype html>\n", json='{"a": 1}\n'
)


def published(name: str = "2026-01-29", *, digest: str = "daily", message: Message = MESSAGE) -> Published:
    edition = Edition(digest, "UK-China daily", NOW - timedelta(days=1), NOW, date(2026, 1, 29), name=name)
    return Published(1, edition, message, stories=1, items=1, written=False)


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_edition_is_three_files_in_its_own_folder_and_a_copy_of_the_page_as_latest(tmp_path: Path) -> None:
    paths = write_edition(tmp_path, published())

    assert paths.html == tmp_path / "daily/2026-01-29/index.html"
    assert files(tmp_path) == {
        "daily/2026-01-29/index.html": b"<!doctype html>\n",
        "daily/2026-01-29/digest.txt": "  Text: 习近平\n".encode(),
        "daily/2026-01-29/digest.json": b'{"a": 1}\n',
        "daily/latest/index.html": b"<!doctype html>\n",
    }
    assert (paths.text.read_text("utf-8"), paths.json.read_text("utf-8")) == (MESSAGE.text, MESSAGE.json)


def test_writing_an_edition_again_writes_the_same_bytes(tmp_path: Path) -> None:
    write_edition(tmp_path, published())
    first = files(tmp_path)

    write_edition(tmp_path, published())

    assert files(tmp_path) == first


def test_the_output_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    paths = write_edition(tmp_path / "data/site", published())

    assert paths.html.is_file()


def test_latest_is_the_newest_edition_also_when_an_older_one_is_written_after_it(tmp_path: Path) -> None:
    newest = replace(MESSAGE, html="newest")
    write_edition(tmp_path, published("2026-01-29-2"))
    write_edition(tmp_path, published("2026-01-29-10", message=newest))

    write_edition(tmp_path, published("2026-01-29-2"))
    write_edition(tmp_path, published("2026-01-29"))

    assert (tmp_path / "daily/latest/index.html").read_text() == "newest"


def test_digests_do_not_share_a_latest(tmp_path: Path) -> None:
    write_edition(tmp_path, published("2026-01-30", message=replace(MESSAGE, html="daily")))
    write_edition(tmp_path, published("2026-01-29", digest="weekly", message=replace(MESSAGE, html="weekly")))

    assert (tmp_path / "weekly/latest/index.html").read_text() == "weekly"
    assert (tmp_path / "daily/latest/index.html").read_text() == "daily"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../out", "a/b", "/etc", "a\x00b", "latest", "a\n", "-" * 200]
)
def test_a_name_that_is_no_folder_name_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    output = tmp_path / "site"

    with pytest.raises(DeliveryError, match="is no folder name"):
        write_edition(output, published(name))
    with pytest.raises(DeliveryError, match="is no folder name"):
        write_edition(output, published(digest=name))

    assert files(tmp_path) == {}


def test_output_that_cannot_be_written_is_told_with_the_path_and_what_to_do(tmp_path: Path) -> None:
    blocker = tmp_path / "site"
    blocker.write_text("a file where the folder should be")

    with pytest.raises(
        DeliveryError, match=r"Cannot write .*site.*: Not a directory.*`output` in config\.yaml"
    ):
        write_edition(blocker, published())


def test_where_writing_fails_the_edition_before_stays_whole(tmp_path: Path) -> None:
    write_edition(tmp_path, published())
    before = files(tmp_path)
    (tmp_path / "daily/2026-01-29/.digest.txt.draft").mkdir()  # stands in the way of the next draft

    with pytest.raises(DeliveryError):
        write_edition(tmp_path, published(message=replace(MESSAGE, text="other", html="other", json="other")))

    assert files(tmp_path) == before


def test_the_files_can_be_read_by_a_web_server_of_another_user(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        paths = write_edition(tmp_path, published())
    finally:
        os.umask(mask)

    assert paths.html.stat().st_mode & 0o777 == 0o644


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    write_edition(tmp_path, published())

    assert [name for name in files(tmp_path) if ".draft" in name] == []
