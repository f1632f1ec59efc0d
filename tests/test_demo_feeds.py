"""The demo's feeds are what they claim to be, and its server behaves like the servers out there."""

from __future__ import annotations

import gzip
import io
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from ruamel.yaml import YAML

from monitor import config as configuration
from monitor import demo, resources
from monitor.demo import server, settings

from .conftest import shared

EXPECTED = json.loads((Path(__file__).parent / "data" / "demo_expected.json").read_text(encoding="utf-8"))
FAILING = set(EXPECTED["failed"])
FEEDS = sorted(path for path, route in server.ROUTES.items() if Path(route.file).stem not in FAILING)
DIALECTS = {
    "govuk-news": "atom10",
    "govuk-policy": "atom10",
    "govuk-dbt": "atom10",
    "strand": "atom10",
    "asia-markets": "rss10",
    "pennine": "json11",
}


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def get(site: demo.DemoSite, path: str, **headers: str) -> Answer:
    """One GET without any help from a client library; header names with underscores for dashes."""
    connection = HTTPConnection(site.base_url.removeprefix("http://"), timeout=10)
    try:
        connection.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        response = connection.getresponse()
        return Answer(response.status, response.read(), {k.lower(): v for k, v in response.getheaders()})
    finally:
        connection.close()


Served = dict[int, dict[str, Answer]]


@pytest.fixture(scope="module")
def site() -> Iterator[demo.DemoSite]:
    with demo.DemoSite() as running:
        yield running


@pytest.fixture(autouse=True)
def first_day(site: demo.DemoSite) -> None:
    site.day = 1


@pytest.fixture(scope="module")
def served(site: demo.DemoSite) -> Served:
    """Every answer of both days by day and path, asked for once: one source is slow on purpose."""
    answers = {}
    for day in (1, 2):
        site.day = day
        answers[day] = {path: get(site, path) for path in server.ROUTES}
    return answers


def source(path: str) -> str:
    return Path(server.ROUTES[path].file).stem


def entries(path: str, body: bytes) -> list[dict[str, Any]]:
    """Title and link of each item, by a tolerant parser that is not ours."""
    if path.endswith(".json"):
        return [{"title": item["title"], "link": item["url"]} for item in json.loads(body)["items"]]
    return list(feedparser.parse(io.BytesIO(body)).entries)


def without_tracking(link: str) -> str:
    return re.sub(r"\?(at_medium|utm_source)=.*", "", link)


def without_label(title: str) -> str:
    return re.sub(r"^(Policy paper|Guidance|Transparency data): ", "", title)


# -- the server ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [1, 2])
@pytest.mark.parametrize("path", sorted(server.ROUTES))
def test_every_address_answers_with_its_own_content_type(served: Served, path: str, day: int) -> None:
    answer = served[day][path]

    assert (answer.status, answer.headers["content-type"]) == (200, server.ROUTES[path].content_type)
    assert len(answer.body) == int(answer.headers["content-length"]) > 0


def test_one_feed_is_sent_with_a_content_type_that_says_nothing(site: demo.DemoSite) -> None:
    assert get(site, "/supply-lines/rss.xml").headers["content-type"] == "application/octet-stream"


def test_the_feed_that_moved_answers_404(site: demo.DemoSite) -> None:
    answer = get(site, "/bulletin/rss.xml")

    assert (answer.status, answer.body) == (404, b"not here\n")


def test_the_query_of_an_address_does_not_matter(site: demo.DemoSite) -> None:
    assert get(site, "/ledger/world?format=rss").body == get(site, "/ledger/world").body


@pytest.mark.parametrize("path", sorted(server.ROUTES))
def test_what_the_client_has_already_is_not_sent_again(
    site: demo.DemoSite, served: Served, path: str
) -> None:
    etag = served[1][path].headers["etag"]

    again = get(site, path, If_None_Match=f'"another", {etag}')

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)


def test_only_the_feeds_that_changed_are_sent_on_the_second_day(served: Served) -> None:
    same = {source(path) for path, answer in served[1].items() if answer.body == served[2][path].body}
    same_tag = {
        source(path)
        for path, answer in served[1].items()
        if answer.headers["etag"] == served[2][path].headers["etag"]
    }

    assert same == same_tag == {*EXPECTED["unchanged_on_day_2"], "bomb", "members"}


def test_some_feeds_travel_packed_where_the_client_can_unpack(site: demo.DemoSite) -> None:
    plain = get(site, "/home-service/news/rss.xml")
    packed = get(site, "/home-service/news/rss.xml", Accept_Encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body


def test_there_are_two_days_only(site: demo.DemoSite) -> None:
    with pytest.raises(ValueError, match="day 1 and day 2"):
        site.day = 3


def test_the_port_is_free_again_when_the_site_has_closed() -> None:
    with demo.DemoSite() as passing:
        port = int(passing.base_url.rpartition(":")[2])
        assert get(passing, "/ledger/world").status == 200

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_server_writes_no_log(site: demo.DemoSite, capfd: pytest.CaptureFixture[str]) -> None:
    get(site, "/ledger/world")
    get(site, "/bulletin/rss.xml")

    assert capfd.readouterr() == ("", "")


# -- the feeds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [1, 2])
@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_sound_in_its_dialect(served: Served, path: str, day: int) -> None:
    answer = served[day][path]

    if path.endswith(".json"):
        assert json.loads(answer.body)["version"] == "https://jsonfeed.org/version/1.1"
        return
    parsed = feedparser.parse(io.BytesIO(answer.body))
    assert (parsed.bozo, parsed.version) == (False, DIALECTS.get(source(path), "rss20"))
    assert len(parsed.entries) >= 2


@pytest.mark.parametrize("day", [1, 2])
def test_every_item_has_its_row_in_the_table_of_expectations(served: Served, day: int) -> None:
    items = {
        (source(path), without_tracking(entry["link"]))
        for path in FEEDS
        for entry in entries(path, served[day][path].body)
    }

    rows = {(row["source"], row["url"]) for row in EXPECTED["items"] if row["day"] <= day}

    assert rows == items


def test_titles_are_those_of_the_table(served: Served) -> None:
    titles = {
        (source(path), without_tracking(entry["link"])): without_label(unescape(entry["title"]))
        for path in FEEDS
        for entry in entries(path, served[2][path].body)
    }
    renamed = {row["url"]: row["now"] for row in EXPECTED["updated_on_day_2"]}

    rows = [row for row in EXPECTED["items"] if row["title"]]

    assert {row["id"]: titles[row["source"], row["url"]] for row in rows} == {
        row["id"]: renamed.get(row["url"], row["title"]) for row in rows
    }


def test_the_page_that_changes_keeps_its_address_and_gets_a_later_time(served: Served) -> None:
    path = "/search/policy-papers-and-consultations.atom"
    change = EXPECTED["updated_on_day_2"][0]

    before, after = (
        next(entry for entry in entries(path, served[day][path].body) if entry["link"] == change["url"])
        for day in (1, 2)
    )

    assert (before["title"], after["title"]) == (change["was"], change["now"])
    assert before["id"] == after["id"]
    assert before["updated"] < after["updated"]
    assert before["summary"] != after["summary"]


def test_a_page_in_two_govuk_feeds_has_an_identity_of_each_dialect(served: Served) -> None:
    page = EXPECTED["updated_on_day_2"][0]["url"]
    found = {
        entry["id"]: entry["title"]
        for path in FEEDS
        if path.startswith(("/search/", "/government/"))
        for entry in entries(path, served[1][path].body)
        if entry["link"] == page
    }

    assert found == {
        "tag:www.gov.uk,2005:/government/publications/uk-china-vehicle-standards-working-group": (
            "UK-China vehicle standards working group: terms of reference"
        ),
        f"{page}#2026-01-28T09:00:00Z": (
            "Policy paper: UK-China vehicle standards working group: terms of reference"
        ),
    }


def test_the_chinese_feed_is_gb2312_and_not_utf_8(site: demo.DemoSite) -> None:
    body = get(site, "/dongfang/rss/world.xml").body

    assert "英国首相斯塔默" in body.decode("gb2312")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_hostile_feed_carries_what_it_should_and_hides_none_of_it_from_a_reader_of_the_file() -> None:
    text = (demo.feeds_folder() / "friday" / "hostile.xml").read_text(encoding="utf-8")

    assert text.isascii()
    for trap in ("&lt;script&gt;", "<link>javascript:", "&#8238;", "{{ 7 * 7 }}", "=?UTF-8?Q?=0D=0ABcc:"):
        assert trap in text
    assert max(map(len, re.findall("<title>(.*?)</title>", text))) > 3000


def test_the_bomb_would_grow_to_a_thousand_million_copies(site: demo.DemoSite) -> None:
    body = get(site, "/bomb/feed.xml").body.decode()

    levels = re.findall(r'<!ENTITY (\w) "((?:&\w;){10})">', body)
    assert len(body) < 1000
    assert [(name, set(re.findall(r"&(\w);", inner))) for name, inner in levels] == [
        (name, {below}) for below, name in zip("abcdefghi", "bcdefghij", strict=True)
    ]


# -- the table of expectations ------------------------------------------------------------------------------


def test_the_second_day_has_a_story_for_every_topic_of_the_starter_config() -> None:
    new = [row for row in EXPECTED["items"] if row["day"] == 2 and row["relevant"]]

    assert {topic for row in new for topic in row["topics"]} == {
        "diplomacy", "trade", "security", "science", "technology", "rights",
        "migration", "climate", "finance", "culture", "health", "geopolitics",
    }  # fmt: skip


def test_the_meeting_is_told_by_four_outlets_in_words_of_their_own() -> None:
    titles = [row["title"] for row in EXPECTED["items"] if row["story"] == "starmer-xi"]

    assert len(titles) == len(set(titles)) == 4


def test_rows_have_distinct_ids_and_topics_exactly_where_they_are_relevant() -> None:
    rows = EXPECTED["items"]

    assert len({row["id"] for row in rows}) == len(rows)
    assert all(bool(row["topics"]) == bool(row["relevant"]) for row in rows)


# -- nothing borrowed ---------------------------------------------------------------------------------------


def phrases(text: str, length: int = 8) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9£$%]+", text.lower())
    return set(zip(*(words[start:] for start in range(length)), strict=False))


def texts(document: str) -> list[str]:
    """The titles and descriptions of the items; addresses and the feed's head belong to the dialect."""
    if document.startswith("{"):
        read = json.loads(document)
        if "items" in read:
            return [item[key] for item in read["items"] for key in ("title", "summary")]
        pages = [page["details"] for page in read.values()]
        notes = [change["note"] for details in pages for change in details["change_history"]]
        return [*(page["title"] for page in read.values()), *(details["body"] for details in pages), *notes]
    items = re.split(r"<(?:item|entry)\b", document, maxsplit=1)[-1]
    return re.findall(r"(?s)<(?:title|summary|description|content:encoded)\b[^>]*>(.*?)</", items)


def plain(markup: str) -> str:
    return re.sub("<[^>]*>", " ", unescape(unescape(markup)))


@pytest.mark.parametrize("folder", ["seeds", "corpus", "samples"])
def test_no_eight_words_in_a_row_are_anyone_elses(folder: str) -> None:
    theirs: set[tuple[str, ...]] = set()
    for path in shared(folder).iterdir():
        theirs |= phrases(plain(path.read_text(encoding="utf-8", errors="replace")))

    borrowed = {
        f"{path.parent.name}/{path.name}: {' '.join(phrase)}"
        for path in demo.feeds_folder().glob("*/*")
        for text in texts(path.read_text(encoding="utf-8", errors="replace"))
        for phrase in phrases(plain(text)) & theirs
    }

    assert borrowed == set()


# -- the config ---------------------------------------------------------------------------------------------


def written(folder: Path, base_url: str = "http://127.0.0.1:8123") -> dict[str, Any]:
    return dict(YAML(typ="safe").load(demo.write_config(folder, base_url).read_text(encoding="utf-8")))


def test_the_config_lists_every_address_of_the_site_once(tmp_path: Path) -> None:
    path = demo.write_config(tmp_path / "new" / "folder", "http://127.0.0.1:8123")
    sources = configuration.load(path, {}).sources

    ids = [source.id for source in sources]
    paths = {urlsplit(source.url).path for source in sources}
    assert {urlsplit(source.url).netloc for source in sources} == {"127.0.0.1:8123", "www.gov.uk"}
    assert len(ids) == len(set(ids))
    assert paths == {*server.ROUTES, "/bulletin/rss.xml"}
    assert {source(path) for path in server.ROUTES} | {"bulletin"} == set(ids)


def test_the_config_opens_the_demos_own_port_and_keeps_its_files_in_its_folder(tmp_path: Path) -> None:
    config = written(tmp_path)

    assert config["network"] == {
        "allow_private": ["127.0.0.1:8123"],
        "mirrors": {"www.gov.uk": "http://127.0.0.1:8123"},
    }
    assert (config["database"], config["output"]) == ("monitor.db", "site")


def test_the_config_has_the_shipped_rules_and_topics_to_the_letter(tmp_path: Path) -> None:
    shipped = resources.starter_config().read_text(encoding="utf-8")
    mine = YAML(typ="safe").load(
        demo.write_config(tmp_path, "http://127.0.0.1:8123").read_text(encoding="utf-8")
    )
    theirs = YAML(typ="safe").load(shipped)

    assert {key: mine[key] for key in ("rules", "topics")} == {
        key: theirs[key] for key in ("rules", "topics")
    }
    assert list(mine["digests"]) == ["daily"]


def test_comments_stay_with_the_section_they_stand_above() -> None:
    shipped = (
        "sources: []\n\n# About rules\n\nrules:\n  # inside\n  a: 1\ntopics: {}\n# About mail\nmail: {}\n"
    )

    assert settings.spliced("own: 1\n", shipped) == (
        "own: 1\n\n# About rules\n\nrules:\n  # inside\n  a: 1\n\ntopics: {}\n"
    )


def test_a_shipped_config_without_topics_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=r"starter\.yaml: no section topics"):
        settings.spliced("own: 1\n", "rules: {}\n", "starter.yaml")
