"""`monitor sources add`, `import`, `export` and `test`, as their users meet them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from monitor import config
from monitor.models import Source

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config

NOW = ("--now", "2026-01-29T12:00Z")
FEED = rss(
    (
        "UK minister meets Chinese envoy over embassy",
        "Talks in London.",
        datetime(2026, 1, 29, 6, tzinfo=UTC),
    ),
    ("Beijing raises tariffs", "Steel is hit.", datetime(2026, 1, 28, 6, tzinfo=UTC)),
    ("British weather", "Rain.", datetime(2026, 1, 27, 6, tzinfo=UTC)),
    title="Gazette",
)
ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>News and communications</title><id>tag:www.gov.uk</id>
<updated>2026-01-28T10:00:00Z</updated>
<entry><id>https://www.gov.uk/government/news/a</id><updated>2026-01-28T10:00:00Z</updated>
<link rel="alternate" type="text/html" href="https://www.gov.uk/government/news/a"/>
<title>Minister visits Beijing</title><summary>A visit.</summary></entry></feed>"""
ONE = "{id: herald, name: The Herald, url: '{site}/herald', kind: uk-media}   # the first"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        server.serve("/feed", FEED, content_type="application/rss+xml", etag='"1"')
        server.serve("/herald", FEED)
        yield server


def page(*links: str) -> bytes:
    head = "<!doctype html><html><head><title>Gazette</title>"
    return f"{head}{''.join(links)}</head><body>Hi</body></html>".encode()


def link(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def sources_of(folder: Path) -> tuple[Source, ...]:
    return config.load(folder / "config.yaml", {}).sources


def add(folder: Path, *args: str) -> Ran:
    return monitor(*NOW, "sources", "add", *args, cwd=folder)


# ------------------------------------------------------------------------------------ add


def test_a_feed_is_shown_judged_and_added_as_one_line_more(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site, ONE)
    before = path.read_bytes()

    ran = add(tmp_path, site.url("/feed"), "--kind", "uk-media", "--side", "uk", "--every", "15m")

    assert ran.code == 0, ran.err
    assert "Gazette: 3 entries." in ran.out
    lines = ran.out.splitlines()
    assert [line.split()[:5] for line in lines[2:5]] == [
        ["29", "Jan", "2026", "yes", "diplomacy"],
        ["28", "Jan", "2026", "yes", "trade"],
        ["27", "Jan", "2026", "no", "-"],
    ]
    assert "2 of 3 would match under today's rules (side: uk); 1 without a side" in ran.out
    assert ran.out.endswith("Next: monitor poll gazette\n")
    written = "{id: gazette, name: Gazette, kind: uk-media, side: uk, every: 15m, url: "
    entry = f'  - {written}"{site.url("/feed")}"}}\n'
    assert entry in ran.out
    at = before.index(b"# the first\n") + len(b"# the first\n")
    assert path.read_bytes() == before[:at] + entry.encode() + before[at:]
    added = sources_of(tmp_path)[-1]
    assert (added.id, added.name, added.side, added.kind) == ("gazette", "Gazette", "uk", "uk-media")
    assert monitor("check", cwd=tmp_path).code == 0


def test_what_was_added_can_be_polled_at_once(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site)
    assert add(tmp_path, site.url("/feed"), "--id", "gazette").code == 0

    assert monitor(*NOW, "poll", "gazette", "--json", cwd=tmp_path).json["new"] == 3


def test_a_dry_run_writes_nothing_and_says_what_it_would(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site, ONE)
    before = path.read_bytes()

    ran = add(tmp_path, site.url("/feed"), "--dry-run")

    assert (ran.code, path.read_bytes()) == (0, before)
    assert f"Would add gazette to {path}, line " in ran.out
    assert ran.out.endswith("Next: the same without --dry-run\n")


def test_json_has_the_verdicts_for_each_side(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site)

    said = add(tmp_path, site.url("/feed"), "--name", "My: feed #1", "--json").json

    assert (said["schema_version"], said["id"], said["name"]) == (1, "my-feed-1", "My: feed #1")
    assert (said["entries"], said["matching"]) == (3, 1)
    assert said["matching_by_side"] == {"none": 1, "uk": 2, "china": 2, "both": 3}
    assert [one["relevant"] for one in said["latest"]] == [True, False, False]
    assert (said["written"], said["config"]) == (True, str(path))
    assert path.read_text(encoding="utf-8").splitlines()[said["line"] - 1] == said["text"].splitlines()[0]
    assert sources_of(tmp_path)[0].name == "My: feed #1"


def test_the_one_feed_of_a_page_is_taken(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site)
    site.serve("/", page(link("/feed", "All &amp; sundry")), content_type="text/html")

    ran = add(tmp_path, site.url("/"))

    assert ran.code == 0, ran.err
    assert f"The feed that the page names is {site.url('/feed')}." in ran.out
    assert sources_of(tmp_path)[0].url == site.url("/feed")


def test_of_several_feeds_one_is_to_be_chosen_comments_come_last(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site, ONE)
    before = path.read_bytes()
    links = (link("/comments/feed", "Comments"), link("/feed", "News"), link("/herald", "Herald"))
    site.serve("/", page(*links), content_type="text/html; charset=utf-8")

    ran, said = add(tmp_path, site.url("/")), add(tmp_path, site.url("/"), "--json")

    assert (ran.code, said.code) == (2, 2)
    assert ran.err == f"monitor: choose one of the 3 feeds: monitor sources add {site.url('/feed')}\n"
    assert [line.split()[1] for line in ran.out.splitlines()[2:]] == ["News", "Herald", "Comments"]
    assert "a source already: herald" in ran.out
    assert [(one["title"], one["source"]) for one in said.json["feeds"]] == [
        ("News", None),
        ("Herald", "herald"),
        ("Comments", None),
    ]
    assert path.read_bytes() == before


@pytest.mark.parametrize("spelling", ["{site}/herald", "{site}/herald/", "{site}/herald#top", "{page}"])
def test_what_is_a_source_already_is_not_added_again(spelling: str, tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site, ONE)
    before = path.read_bytes()
    site.serve("/", page(link("/herald")), content_type="text/html")

    ran = add(tmp_path, spelling.format(site=site.url(""), page=site.url("/")))

    assert (ran.code, ran.out, path.read_bytes()) == (1, "", before)
    assert "is a source already: herald; nothing was added" in ran.err


def test_a_feed_that_moved_for_good_is_added_where_it_is_now(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site)
    site.redirect("/old", "/feed", status=301)

    ran = add(tmp_path, site.url("/old"))

    assert f"It has moved for good to {site.url('/feed')}." in ran.out
    assert sources_of(tmp_path)[0].url == site.url("/feed")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/plain", "It names no feed either; nothing was added. Look on the site for"),
        ("/missing", "answered 404"),
        ("/empty", "an empty answer"),
        ("/broken", "names {site}/plain as its feed, but that is a web page"),
        ("/entities", "declares XML entities"),
        ("/picture", "a picture"),
    ],
)
def test_an_address_without_a_feed_is_told_what_it_is_and_what_to_do(
    path: str, says: str, tmp_path: Path, site: Loopback
) -> None:
    file = write_config(tmp_path, site, ONE)
    before = file.read_bytes()
    site.serve("/plain", page(), content_type="text/html")
    site.serve("/empty", b"")
    site.serve("/broken", page(link("/plain")), content_type="text/html")
    site.serve("/entities", b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rss>&a;</rss>')
    site.serve("/picture", b"\x89PNG\r\n\x1a\n")

    ran = add(tmp_path, site.url(path))

    assert (ran.code, ran.out, file.read_bytes()) == (1, "", before)
    assert says.format(site=site.url("")) in ran.err
    assert "nothing was added" in ran.err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nonsense"], '"nonsense" is not a web address'),
        (["ftp://a.example/feed"], "only http and https are read, not ftp"),
        (
            ["https://a.example/", "--kind", "uk-medium"],
            "there is no kind 'uk-medium'; did you mean uk-media?",
        ),
        (["https://a.example/", "--side", "eu"], "there is no side 'eu'; known: uk, china, both"),
        (["https://a.example/", "--every", "30"], "write a number and s, m, h, d or w"),
        (["https://a.example/", "--every", "0s"], "must be from 1s to 366d"),
        (["https://www.gov.uk/search/all?keywords=China"], "GOV.UK's robots.txt does not let programs read"),
        (["www.gov.uk/search/all.atom"], "GOV.UK's robots.txt does not let programs read the finder"),
        (["https://a.example/", "--id", "My Feed"], 'small letters, digits and hyphens: "my-feed"'),
        (["https://a.example/", "--id", "herald"], "there is a source herald already"),
        ([], "the following arguments are required: URL"),
    ],
)
def test_what_cannot_be_a_source_is_refused_before_anything_is_asked(
    args: list[str], says: str, tmp_path: Path, site: Loopback
) -> None:
    path = write_config(tmp_path, site, ONE)
    before = path.read_bytes()

    ran = add(tmp_path, *args)

    assert (ran.code, ran.out, path.read_bytes()) == (2, "", before)
    assert says in ran.err
    assert site.count() == 0


def test_a_private_address_is_only_asked_where_the_config_allows_it(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path)

    ran = add(tmp_path, site.url("/feed"))

    assert ran.code == 1
    assert "network.allow_private" in ran.err
    assert site.count() == 0


def test_a_config_with_errors_is_not_touched(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site, "{id: herald}")
    before = path.read_bytes()

    ran = add(tmp_path, site.url("/feed"))

    assert (ran.code, path.read_bytes()) == (2, before)
    assert "the config; nothing was done" in ran.err


def test_mode_and_symbolic_link_of_the_config_stay(tmp_path: Path, site: Loopback) -> None:
    path = write_config(tmp_path, site)
    path.chmod(0o640)
    (tmp_path / "elsewhere").mkdir()
    path.rename(tmp_path / "elsewhere" / "real.yaml")
    path.symlink_to("elsewhere/real.yaml")

    assert add(tmp_path, site.url("/feed")).code == 0

    assert path.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(sources_of(tmp_path)) == 1
    assert [file.name for file in (tmp_path / "elsewhere").iterdir()] == ["real.yaml"]


def test_a_hostile_feed_title_is_a_name_and_nothing_else(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, ONE)
    title = "x\", side: both}\n  - {id: evil}\x1b[31m ${HOME} 'q' 中文 " + "long " * 40
    site.serve("/feed", rss(("A", "b"), title=title))

    ran = add(tmp_path, site.url("/feed"))

    added = sources_of(tmp_path)
    assert ran.code == 0, ran.err
    assert len(added) == 2
    assert added[1].name.startswith('x", side: both} - {id: evil}')
    assert "${HOME}" in added[1].name
    assert (len(added[1].name), added[1].side) == (80, None)
    assert "\x1b" not in ran.out


# ------------------------------------------------------------------------------------ GOV.UK


@pytest.mark.parametrize("moved", [False, True])
def test_no_page_leads_to_the_feed_that_gov_uk_forbids(tmp_path: Path, site: Loopback, moved: bool) -> None:
    path = mirrored(tmp_path, site)
    before = path.read_bytes()
    forbidden = "https://www.gov.uk/search/all.atom?keywords=China"
    site.serve("/search/all.atom", ATOM)
    if moved:
        site.redirect("/page", forbidden, status=301)
    else:
        site.serve("/page", page(link(forbidden)), content_type="text/html")

    ran = add(tmp_path, "https://www.gov.uk/page")

    assert (ran.code, path.read_bytes()) == (1, before)
    assert "GOV.UK's robots.txt does not let programs read the finder of everything" in ran.err
    assert moved or not site.count("/search/all.atom?keywords=China")


def mirrored(folder: Path, site: Loopback, sources: str = "") -> Path:
    path = write_config(folder, site, sources)
    text = path.read_text(encoding="utf-8")
    allowed = f'network: {{allow_private: ["{site.host}"]'
    path.write_text(
        text.replace(allowed, f'{allowed}, mirrors: {{www.gov.uk: "{site.url("")}"}}'), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("pasted", "asked", "written", "name", "side"),
    [
        (
            "https://www.gov.uk/world/china/news",
            "/search/news-and-communications.atom",
            "govuk: {world_locations: [china]}",
            "govuk-china",
            "both",
        ),
        (
            "www.gov.uk/government/organisations/hm-treasury",
            "/government/organisations/hm-treasury.atom",
            "govuk: {organisations: [hm-treasury]}",
            "govuk-hm-treasury",
            "uk",
        ),
        (
            "https://www.gov.uk/search/policy-papers-and-consultations?keywords=%22steel+tariffs%22&order=updated-newest",
            "/search/policy-papers-and-consultations.atom",
            "govuk: {finder: policy-papers-and-consultations, keywords: steel tariffs}",
            "govuk-policy-papers-and-consultations",
            "uk",
        ),
        (
            "https://www.gov.uk/foreign-travel-advice/china/safety-and-security",
            "/foreign-travel-advice/china.atom",
            "govuk: {travel_advice: china}",
            "govuk-travel-china",
            "both",
        ),
        (
            "https://www.gov.uk/government/ministers/minister-of-state-trade",
            "/search/news-and-communications.atom",
            'url: "https://www.gov.uk/search/news-and-communications.atom?roles%5B%5D=minister-of-state-trade"',
            "govuk-minister-of-state-trade",
            None,
        ),
    ],
)
def test_a_page_of_govuk_becomes_its_atom_feed_in_the_form_that_says_it(
    pasted: str, asked: str, written: str, name: str, side: str | None, tmp_path: Path, site: Loopback
) -> None:
    mirrored(tmp_path, site, "{id: herald, url: 'https://herald.example/feed'}")
    site.serve(asked, ATOM)

    ran = add(tmp_path, pasted)

    assert ran.code == 0, ran.err
    assert "The feed of this page is https://www.gov.uk" + asked in ran.out
    assert f"{written}}}\n" in ran.out
    source = sources_of(tmp_path)[-1]
    assert (source.id, source.kind, source.outlet, source.side) == (name, "official-uk", "GOV.UK", side)
    assert source.url.startswith("https://www.gov.uk" + asked)
    assert add(tmp_path, pasted).code == 1


def test_one_feed_of_govuk_in_two_spellings_is_one_source(tmp_path: Path, site: Loopback) -> None:
    url = "https://www.gov.uk/search/news-and-communications.atom?world_locations[]=china"
    mirrored(tmp_path, site, f"{{id: china-news, url: '{url}'}}")

    ran = add(tmp_path, "https://www.gov.uk/world/china")

    assert (ran.code, site.count()) == (1, 0)
    assert "is a source already: china-news" in ran.err


# ------------------------------------------------------------------------------------ OPML

FORMS = """
{id: herald, name: "Herald & <Son>", outlet: Herald, url: 'https://herald.example/?a=1&b=2', kind: uk-media}
{id: strip, url: 'https://s.example/f', side: uk, every: 15m, strip: ["Sign up, \\"now\\""], note: 'a note'}
{id: paused, url: 'https://paused.example/feed', enabled: false, lang: zh, full_text: true, every: 90s}
{id: big, url: 'https://big.example/feed', max_bytes: 2MB, timeout: 10s}
{id: govuk-china, name: On China, govuk: {world_locations: [china, hong-kong], keywords: steel tariffs}}
{id: govuk-none, side: null, govuk: {organisations: [hm-treasury]}}
{id: questions, parliament: {list: written-questions, search: China}}
"""


def test_what_is_exported_and_imported_elsewhere_gives_the_same_sources(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    write_config(here, sources=FORMS)
    write_config(there).write_text("polling: {every: 2h}\n", encoding="utf-8")

    exported = monitor(*NOW, "sources", "export", cwd=here)
    (there / "list.opml").write_text(exported.out, encoding="utf-8")
    ran = monitor("sources", "import", "list.opml", cwd=there)

    assert (exported.code, exported.err, ran.code, ran.err) == (0, "", 0, "")
    assert "7 sources added" in ran.out
    by_id = {source.id: source for source in sources_of(here)}
    assert {source.id: source for source in sources_of(there)} == by_id
    assert "<dateCreated>Thu, 29 Jan 2026 12:00:00 GMT</dateCreated>" in exported.out


def test_an_import_twice_or_of_the_own_export_changes_nothing(tmp_path: Path) -> None:
    path = write_config(tmp_path, sources=FORMS)
    before = path.read_bytes()
    opml = tmp_path / "list.opml"
    opml.write_text(monitor(*NOW, "sources", "export", cwd=tmp_path).out, encoding="utf-8")

    ran = monitor("sources", "import", opml, cwd=tmp_path)

    assert (ran.code, path.read_bytes()) == (0, before)
    assert ran.out == f"0 sources added to {path}, 7 known already.\n"


def test_another_readers_list_is_taken_folders_and_all(tmp_path: Path) -> None:
    path = write_config(tmp_path, sources="{id: herald, url: 'https://herald.example/feed/'}")
    (tmp_path / "list.opml").write_text(
        """<?xml version="1.0" encoding="UTF-8"?><opml version="1.1"><head><title>mine</title></head><body>
        <outline text="News"><outline text="Asia"><outline text="HKFP" type="rss"
          xmlUrl="https://hongkongfp.com/feed/" htmlUrl="https://hongkongfp.com"/></outline>
          <outline title="HM &amp; Co" text="x" xmlUrl="https://blog.parliament.uk/feed"/></outline>
        <outline text="known" xmlUrl="http://herald.example/feed"/>
        <outline text="twice" xmlUrl="https://hongkongfp.com/feed"/>
        <outline text="Evil ${HOME}" xmlUrl="https://evil.example/${HOME}"/>
        <outline text="script" xmlUrl="javascript:alert(1)"/><outline text="bad" xmlUrl="https://[bad"/>
        <outline text="old" xmlUrl="feed://old.example/rss"/></body></opml>""",
        encoding="utf-8",
    )

    dry = monitor("sources", "import", "list.opml", "--dry-run", cwd=tmp_path)
    untouched = len(sources_of(tmp_path)) == 1
    ran = monitor("sources", "import", "list.opml", cwd=tmp_path)
    after = path.read_bytes()
    again = monitor("sources", "import", "list.opml", "--json", cwd=tmp_path)

    assert (dry.code, ran.code, again.code, untouched) == (1, 1, 1, True)
    assert f"4 sources added to {path}, 2 known already, 2 left out." in ran.out
    assert 'line 8: "javascript:alert(1)" is no web address: left out' in ran.err
    assert '"bad": "https://[bad" is not a web address' in ran.err
    assert [(s.id, s.name, s.kind, s.url) for s in sources_of(tmp_path)[1:]] == [
        ("hongkongfp-hkfp", "HKFP", "other", "https://hongkongfp.com/feed/"),
        ("parliament-hm-co", "HM & Co", "parliament", "https://blog.parliament.uk/feed"),
        ("evil-home", "Evil ${HOME}", "other", "https://evil.example/${HOME}"),
        ("old", "old", "other", "http://old.example/rss"),
    ]
    assert path.read_bytes() == after
    assert (again.json["added"], again.json["known"], again.json["written"]) == ([], 6, False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("not xml", "not well-formed XML: line 1"),
        ("<opml><body><outline xmlUrl='https://a.example/'/>", "not well-formed XML: line 1"),
        ("<rss version='2.0'/>", "its root is <rss>; it is a feed itself"),
        ('<!DOCTYPE o [<!ENTITY a "b">]><opml><body/></opml>', "declares XML entities"),
        (
            "<opml><body>" + '<outline xmlUrl="https://a.example/"/>' * 10_000 + "</body></opml>",
            "has 10,000 feeds",
        ),
    ],
)
def test_a_bad_file_imports_nothing_and_says_why(content: str, says: str, tmp_path: Path) -> None:
    path = write_config(tmp_path, sources=FORMS)
    before = path.read_bytes()
    (tmp_path / "list.opml").write_text(content, encoding="utf-8")

    ran = monitor("sources", "import", "list.opml", cwd=tmp_path)

    assert (ran.code, ran.out, path.read_bytes()) == (2, "", before)
    assert says in ran.err
    assert "othing was imported" in ran.err


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    write_config(tmp_path)

    ran = monitor("sources", "import", "none.opml", cwd=tmp_path)

    assert ran.code == 2
    assert "none.opml cannot be read: No such file or directory" in ran.err


def test_more_sources_than_a_config_can_hold_are_refused_whole(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    before = path.read_bytes()
    outlines = (
        f'<outline text="{"t" * 190}" xmlUrl="https://a.example/{n}/{"p" * 200}"/>' for n in range(4_900)
    )
    (tmp_path / "list.opml").write_text(f"<opml><body>{''.join(outlines)}</body></opml>", encoding="utf-8")

    ran = monitor("sources", "import", "list.opml", cwd=tmp_path)

    assert (ran.code, path.read_bytes()) == (2, before)
    assert "would be larger than 2,000,000 bytes; nothing was written" in ran.err


def test_an_export_tells_no_secret(tmp_path: Path) -> None:
    secret = "hunter2"
    write_config(
        tmp_path,
        sources=f"""
{{id: a, url: 'https://user:{secret}@a.example/feed', headers: {{Authorization: 'Bearer {secret}'}}}}
{{id: b, url: 'https://b.example/feed?api_key={secret}&page=1'}}
{{id: c, url: "https://c.example/${{TOKEN}}"}}
{{id: d, url: 'https://d.example/feed', note: "${{TOKEN}}"}}
""",
    )
    env = {"TOKEN": secret}

    exported = monitor(*NOW, "sources", "export", cwd=tmp_path, env=env)
    (tmp_path / "list.opml").write_text(exported.out, encoding="utf-8")
    again = monitor("sources", "import", "list.opml", cwd=tmp_path, env=env)

    assert exported.code == 0
    assert secret not in exported.out + exported.err + quote(exported.out)
    assert 'xmlUrl="https://a.example/feed"' in exported.out
    assert 'xmlUrl="https://b.example/feed?page=1"' in exported.out
    assert "c: its address comes from the environment" in exported.err
    assert (again.code, again.out.split(" sources")[0]) == (0, "0")


# ------------------------------------------------------------------------------------ test


def test_each_stage_of_one_source_is_told_and_nothing_is_stored(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed', side: uk, enabled: false}")

    ran = monitor(*NOW, "sources", "test", "gazette", cwd=tmp_path)

    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "gazette  gazette  (switched off)"
    assert lines[1] == f"  asked     {site.url('/feed')}"
    assert f" s: {len(FEED):,} bytes, application/rss+xml" in lines[2]
    assert lines[3].strip() == "ETag"
    assert lines[4:7] == [
        "  read      RSS: 3 entries, 0 left out",
        "            newest 2026-01-29T06:00:00Z, oldest 2026-01-27T06:00:00Z",
        "            in en 3",
    ]
    assert lines[7] == "  judged    2 of 3 relevant (side: uk)"
    assert lines[8].strip().startswith('yes  "UK minister meets Chinese envoy over embassy"  (diplomacy: ')
    assert lines[11] == "  stored    no database yet"
    assert lines[12] == "Next: switch it on in config.yaml (enabled: true), then: monitor poll gazette"
    assert not (tmp_path / "data").exists()


def test_what_a_poll_has_stored_is_known_to_the_test(tmp_path: Path, site: Loopback) -> None:
    write_config(tmp_path, site, "{id: gazette, url: '{site}/feed'}")
    monitor(*NOW, "poll", cwd=tmp_path)
    site.serve("/feed", rss(("British weather", "Rain."), ("UK and China talk", "Now.")))
    database = (tmp_path / "data" / "monitor.db").read_bytes()

    said = monitor(*NOW, "sources", "test", "gazette", "--json", cwd=tmp_path).json

    assert (said["schema_version"], said["ok"], said["enabled"]) == (1, True, True)
    assert said["stages"]["stored"] == {"ok": True, "known": 1, "new": 1}
    assert (said["stages"]["read"]["form"], said["stages"]["judged"]["relevant"]) == ("RSS", 1)
    assert said["next"] == "monitor poll gazette"
    assert (tmp_path / "data" / "monitor.db").read_bytes() == database


@pytest.mark.parametrize(
    ("path", "stage", "says"),
    [
        ("/missing", "answered", "there is no feed at this address; look for its new one"),
        ("/page", "read", "a web page titled “Gazette”, not a feed"),
    ],
)
def test_a_stage_that_fails_says_why_and_what_to_do(
    path: str, stage: str, says: str, tmp_path: Path, site: Loopback
) -> None:
    write_config(tmp_path, site, f"{{id: gazette, url: '{{site}}{path}'}}")
    site.serve("/page", page(), content_type="text/html")

    ran = monitor(*NOW, "sources", "test", "gazette", cwd=tmp_path)
    said = monitor(*NOW, "sources", "test", "gazette", "--json", cwd=tmp_path)

    assert (ran.code, said.code) == (1, 1)
    assert says in ran.out
    assert list(said.json["stages"])[-1] == stage
    assert says in said.json["stages"][stage]["error"]


def test_redirects_mirrors_and_what_was_left_out_are_told(tmp_path: Path, site: Loopback) -> None:
    mirrored(tmp_path, site, "{id: a, url: '{site}/old'}\n{id: b, govuk: {travel_advice: china}}")
    site.redirect("/old", "/feed", status=301)
    site.serve("/foreign-travel-advice/china.atom", ATOM)

    moved = monitor(*NOW, "sources", "test", "a", cwd=tmp_path)
    mirror = monitor(*NOW, "sources", "test", "b", cwd=tmp_path)

    assert f"moved for good to {site.url('/feed')}: write that as its address" in moved.out
    assert f"https://www.gov.uk/foreign-travel-advice/china.atom (by its mirror {site.url('')})" in mirror.out
    assert "Atom: 1 entry, 0 left out" in mirror.out


def test_an_interface_of_parliament_is_asked_for_the_days_of_its_window(
    tmp_path: Path, site: Loopback
) -> None:
    write_config(tmp_path, site, "{id: q, parliament: {list: written-questions, search: China}}")
    (source,) = sources_of(tmp_path)

    said = monitor(*NOW, "sources", "test", "q", "--json", cwd=tmp_path)

    assert "{from}" in source.url
    assert source.window is not None
    first = (datetime(2026, 1, 29, 12, tzinfo=UTC) - source.window).date().isoformat()
    assert said.json["stages"]["asked"]["url"] == source.url.replace("{from}", first)


def test_an_unknown_source_is_met_with_the_nearest_one(tmp_path: Path) -> None:
    write_config(tmp_path, sources="{id: gazette, url: 'https://gazette.example/feed'}")

    ran = monitor("sources", "test", "gazete", cwd=tmp_path)

    assert ran.code == 2
    assert "did you mean gazette?" in ran.err


def test_without_an_action_and_with_list_the_health_table_comes(tmp_path: Path) -> None:
    write_config(tmp_path, sources="{id: gazette, url: 'https://gazette.example/feed'}")

    tables = [monitor(*NOW, "sources", *args, cwd=tmp_path).out for args in ([], ["list"])]
    objects = [
        monitor(*NOW, *args, cwd=tmp_path).json
        for args in (["sources", "--json"], ["sources", "list", "--json"])
    ]

    assert tables[0] == tables[1]
    assert "gazette" in tables[0]
    assert objects[0] == objects[1]
