"""The archive of a real store: what an edition changes, what a crash leaves, what is written anew."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest

from monitor import deliver, render, resources
from monitor.deliver.site import PROGRESS
from monitor.jobs.archive import Archived
from monitor.jobs.archive import rebuild as rebuild_archive
from monitor.jobs.archive import update as update_archive

from .archiving import TOPICS, Newsroom, built_in
from .conftest import PROJECT

THURSDAY = date(2025, 12, 25)
"""From here eight days pass the turn of the year, and one weekly edition."""
LONG_AGO = 1_000_000_000


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """One in which nothing has happened yet."""
    made = Newsroom.open(tmp_path)
    with made.store:
        yield made


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """The one that `grown` gives copies of. Its store is closed."""
    made = Newsroom.open(tmp_path_factory.mktemp("model"))
    with made.store:
        lived(made)
    return made


@pytest.fixture
def grown(model: Newsroom, tmp_path: Path) -> Iterator[Newsroom]:
    """One in which eight days have gone by, with the archive updated after each."""
    copied = model.copy(tmp_path)
    with copied.store:
        yield copied


def lived(room: Newsroom, first: date = THURSDAY, days: int = 8, events: int = 5) -> None:
    """Lets days go by, with the archive updated after each."""
    for _ in room.days(first, days, events):
        updated(room)


def updated(room: Newsroom) -> Archived | None:
    return update_archive(room.config, room.store, built_in())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def aged(folder: Path) -> None:
    """All files as if they had been written long ago."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))


def written_since(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_mtime > LONG_AGO
    }


def rebuilt(room: Newsroom, folder: Path) -> dict[str, bytes]:
    """What writing all anew makes of an empty folder."""
    rebuild_archive(replace(room.config, output=folder), room.store, built_in())
    return files(folder)


def test_written_anew_the_archive_is_the_same_bytes_as_it_grew_edition_by_edition(
    grown: Newsroom, tmp_path: Path
) -> None:

    before = files(grown.config.output)

    assert rebuilt(grown, tmp_path / "anew") == before
    assert {path.partition("/")[0] for path in before} == {
        *("daily", "weekly", "feeds", "story", "topic", "year"),
        *("index.html", PROGRESS),
    }


def test_an_edition_touches_its_stories_and_the_lists_and_nothing_else(grown: Newsroom) -> None:
    aged(grown.config.output)

    (daily,) = grown.day(date(2026, 1, 2), 3)
    updated(grown)

    touched = grown.store.archive.touched(daily.id - 1)
    pages = written_since(grown.config.output)
    assert {path.split("/")[1] for path in pages if path.startswith("story/")} == touched
    assert len(touched) < len(grown.store.archive.filed()) / 2
    assert {path for path in pages if not path.startswith(("story/", "topic/", "feeds/"))} == {
        "index.html",
        "year/2026/index.html",
        "daily/index.html",
        "daily/2026-01-02/index.html",
        "daily/2026-01-02/digest.txt",
        "daily/2026-01-02/digest.json",
        "daily/latest/index.html",
        PROGRESS,
    }


def test_where_nothing_came_out_nothing_is_done(room: Newsroom) -> None:
    assert updated(room) is None
    assert not room.config.output.exists()
    lived(room, days=1)
    aged(room.config.output)

    assert updated(room) is None

    assert written_since(room.config.output) == set()


def test_what_a_crash_between_edition_and_archive_left_undone_is_done_by_the_next_run(
    room: Newsroom, tmp_path: Path
) -> None:
    lived(room, days=4)
    room.day(date(2025, 12, 29), 4)
    room.day(date(2025, 12, 30), 4)  # two editions of which the archive was not told

    updated(room)

    assert files(room.config.output) == rebuilt(room, tmp_path / "anew")


def test_a_crash_while_the_archive_is_written_is_made_good(room: Newsroom, tmp_path: Path) -> None:
    lived(room, days=4)
    before = (room.config.output / PROGRESS).read_bytes()
    room.day(date(2025, 12, 29), 4)
    updated(room)
    whole = files(room.config.output)
    # As if it had been cut short: some pages are old or lacking, and so is the note, which is written last.
    (room.config.output / PROGRESS).write_bytes(before)
    (room.config.output / "index.html").write_text("old")
    newest = room.store.archive.filed()[0]
    (room.config.output / f"story/{newest.id}/index.html").unlink()

    updated(room)

    assert files(room.config.output) == whole


@pytest.mark.parametrize("noted", ["", '{"edition_id": 999}'])
def test_an_archive_of_which_nothing_or_too_much_is_known_is_written_whole(
    room: Newsroom, noted: str
) -> None:
    lived(room, days=4)
    whole = files(room.config.output)
    for path in room.config.output.glob("story/*/index.html"):
        path.unlink()
    (room.config.output / PROGRESS).write_text(noted)

    updated(room)

    assert files(room.config.output) == whole


def test_written_anew_every_edition_is_as_it_came_out(grown: Newsroom) -> None:
    before = files(grown.config.output)
    for name in before:
        (grown.config.output / name).unlink()

    done = rebuild_archive(grown.config, grown.store, built_in())

    assert files(grown.config.output) == before
    assert done.editions == len(grown.store.archive.editions())
    assert done.written.unchanged == 0
    assert rebuild_archive(grown.config, grown.store, built_in()).written.changed == 0


def test_written_anew_other_files_in_the_folder_are_left_alone(room: Newsroom) -> None:
    lived(room, days=1)
    (room.config.output / "robots.txt").write_text("mine")

    rebuild_archive(room.config, room.store, built_in())

    assert (room.config.output / "robots.txt").read_text() == "mine"


def test_the_page_of_a_year_stays_when_the_next_one_begins(grown: Newsroom) -> None:

    index = (grown.config.output / "index.html").read_text("utf-8")
    old = (grown.config.output / "year/2025/index.html").read_text("utf-8")

    assert "<h3>December 2025</h3>" not in index
    assert 'href="year/2025/index.html">2025 (' in index
    assert "<h3>December 2025</h3>" in old
    assert 'href="../../daily/2025-12-31/index.html"' in old
    assert "<h3>January 2026</h3>" in index


def test_a_story_says_which_editions_have_shown_it_and_what_was_new_in_each(grown: Newsroom) -> None:
    filed = grown.store.archive.filed()
    several = next(told for told in grown.store.archive.told(filed) if len(told.showings) > 2)

    page = (grown.config.output / f"story/{several.story.id}/index.html").read_text("utf-8")

    for showing in several.showings:
        edition = showing.edition
        assert f'href="../../{edition.digest}/{edition.name}/index.html#story-{several.story.id}"' in page
    assert "more report" in page or "updated" in page


def test_an_edition_that_is_shown_nowhere_leaves_no_trace(room: Newsroom) -> None:
    lived(room, days=1)
    before = files(room.config.output)
    end = room.store.archive.editions()[0].edition.end + timedelta(days=1)

    room.publish("daily", date(2025, 12, 26), end, (), is_shown=False)
    updated(room)
    rebuild_archive(room.config, room.store, built_in())

    assert files(room.config.output) == before


def test_a_preview_leaves_no_trace(room: Newsroom, tmp_path: Path) -> None:
    lived(room, days=1)
    newest = room.store.archive.editions()[0]
    deliver.write_preview(room.config.output, newest.edition, newest.message)
    (room.config.output / PROGRESS).unlink()

    updated(room)

    assert [name for name, content in files(room.config.output).items() if b"preview" in content] == []


def test_every_link_of_every_page_leads_to_a_page(grown: Newsroom) -> None:
    output = grown.config.output
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    pages = [path for path in output.rglob("*.html") if path.read_text("utf-8") != grown.page]
    links = {
        (path.relative_to(output).as_posix(), link.get("href"))
        for path in pages
        for link in parser.parse(path.read_text("utf-8")).iter()
        if link.get("href")
    }
    ours = {(page, href) for page, href in links if not urlsplit(href).scheme}

    assert [
        (page, href)
        for page, href in ours
        if href.partition("#")[0] and not (output / page).parent.joinpath(href.partition("#")[0]).is_file()
    ] == []
    assert {href for _, href in links - ours if not href.startswith("https://")} == set()
    assert all(href.endswith((".html", ".atom", ".json")) or "#" in href for _, href in ours)


def test_every_page_says_that_it_runs_nothing_and_is_in_no_index(grown: Newsroom) -> None:
    for name, content in files(grown.config.output).items():
        page = content.decode()
        if name.endswith(".html") and page != grown.page:
            assert "default-src 'none'" in page
            assert '<meta name="robots" content="noindex">' in page
            assert '<meta name="referrer" content="no-referrer">' in page
            assert 'rel="canonical"' not in page
            assert "og:" not in page
            assert "<script" not in page
            assert 'type="application/atom+xml"' in page


def test_on_the_web_pages_have_addresses_and_may_be_listed_where_that_is_asked_for(tmp_path: Path) -> None:
    more = "public_url: https://monitor.example/uk\nweb: {index: true}"
    with (room := Newsroom.open(tmp_path, more)).store:
        lived(room, days=1)
        story = room.store.archive.filed()[0].id
    index = (room.config.output / "index.html").read_text("utf-8")
    page = (room.config.output / f"story/{story}/index.html").read_text("utf-8")
    feed = (room.config.output / "feeds/stories.atom").read_text("utf-8")

    assert "noindex" not in index
    assert '<link rel="canonical" href="https://monitor.example/uk/">' in index
    assert f'<link rel="canonical" href="https://monitor.example/uk/story/{story}/">' in page
    assert f'<meta property="og:url" content="https://monitor.example/uk/story/{story}/">' in page
    assert (
        '<link rel="self" type="application/atom+xml" href="https://monitor.example/uk/feeds/stories.atom"'
        in feed
    )
    assert f'href="https://monitor.example/uk/story/{story}/"' in feed


def test_a_topic_of_the_config_has_a_page_and_feeds_before_it_has_a_story(room: Newsroom) -> None:
    lived(room, days=1, events=2)

    for topic in TOPICS:
        assert (room.config.output / f"topic/{topic}/index.html").is_file()
        assert (room.config.output / f"feeds/topic-{topic}.atom").is_file()
        assert (room.config.output / f"feeds/topic-{topic}.json").is_file()


def test_a_template_of_the_users_that_fails_costs_the_looks_and_not_the_pages(
    room: Newsroom, tmp_path: Path
) -> None:
    (tmp_path / "mine/page").mkdir(parents=True)
    (tmp_path / "mine/page/story.html").write_text("{{ nothing }}")
    room.day(THURSDAY, 3)

    update_archive(room.config, room.store, render.environment([tmp_path / "mine", resources.templates()]))

    story = room.store.archive.filed()[0].id
    assert "Reports" in (room.config.output / f"story/{story}/index.html").read_text(
        "utf-8"
    ) or "The report" in (room.config.output / f"story/{story}/index.html").read_text("utf-8")


def test_a_template_of_the_users_stands_in_for_the_built_in_one(room: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "mine/page").mkdir(parents=True)
    (tmp_path / "mine/page/archive.css").write_text("body { color: teal }")
    room.day(THURSDAY, 3)

    update_archive(room.config, room.store, render.environment([tmp_path / "mine", resources.templates()]))

    assert "body { color: teal }" in (room.config.output / "index.html").read_text("utf-8")


def test_feeds_name_a_story_again_only_when_an_edition_tells_something_new_of_it(room: Newsroom) -> None:
    lived(room, first=date(2025, 12, 25), days=2)

    # A Monday: the weekly edition tells what the daily ones have told.
    _, weekly = room.day(date(2025, 12, 29), 1)
    updated(room)

    feed = (room.config.output / "feeds/stories.atom").read_text("utf-8")
    told = re.findall(r"<entry[^>]*>.*?<updated>(.*?)</updated>", feed, re.DOTALL)
    assert weekly.stories == len(told) > 5
    assert {at[:13] for at in told} == {"2025-12-25T08", "2025-12-26T08", "2025-12-29T08"}
    assert f"{weekly.edition.end:%Y-%m-%dT%H:%M:%SZ}" not in told


def test_the_pages_of_the_documentation_are_the_pages_that_are_written(room: Newsroom) -> None:
    lived(room, days=1)
    page = (PROJECT / "docs" / "archive.md").read_text("utf-8")

    for folder in {name.split("/")[0] for name in files(room.config.output)} - {PROGRESS, "daily"}:
        assert f"`{folder}" in page
