"""The GOV.UK that tests play against keeps to the shapes and habits that the real one is known for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from .client import get, get_json
from .conftest import shared
from .govuk_site import Document, GovukSite

WINTER = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
SUMMER = datetime(2026, 4, 2, 10, 0, 45, tzinfo=UTC)
CHINA = ("china",)
FINDER = "/search/news-and-communications.atom"
NS = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def site() -> Iterator[GovukSite]:
    with GovukSite() as running:
        yield running


def feed(site: GovukSite, path: str) -> ElementTree.Element:
    status, headers, body = get(site, path)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
    return ElementTree.fromstring(body)


def entries(site: GovukSite, path: str) -> list[dict[str, str]]:
    found = feed(site, path).iterfind("a:entry", NS)
    return [{child.tag.partition("}")[2]: child.text or "" for child in entry} for entry in found]


def titles(site: GovukSite, path: str) -> list[str]:
    return [entry["title"] for entry in entries(site, path)]


def news(name: str, **fields: Any) -> Document:
    slug = name.lower().replace(" ", "-")
    return Document(f"/government/news/{slug}", name, **({"world_locations": CHINA} | fields))


def same(body: bytes) -> list[tuple[str, dict[str, str], str]]:
    """A document's elements in order, with what they say: two that differ in spaces alone are the same."""
    whole = ElementTree.fromstring(body)
    return [(e.tag, e.attrib, " ".join((e.text or "").split())) for e in whole.iter()]


def bones(body: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """A document's elements in order, with the names of their attributes, up to the first entry's end."""
    whole = ElementTree.fromstring(body)
    for later in whole.findall("a:entry", NS)[1:]:
        whole.remove(later)
    return [(e.tag, tuple(e.attrib)) for e in whole.iter()]


# The shapes, against documents made after the templates.


def test_an_organisation_feed_is_that_of_the_template(site: GovukSite) -> None:
    department = ("department-for-business-and-trade",)
    site.publish(
        datetime(2026, 4, 1, 8, 30, tzinfo=UTC),
        Document(
            "/government/publications/example-import-alert",
            "Example trade remedies notice: ceramic tableware originating in China",
            "Example summary of a publication.",
            type="notice",
            organisations=department,
        ),
    )
    site.publish(
        SUMMER,
        Document(
            "/government/news/example-uk-china-trade-commission-meeting",
            "Example: UK & China hold economic and trade commission",
            "Example summary: ministers met in London to discuss trade in food & drink.",
            type="press_release",
            organisations=department,
        ),
    )
    body = get(site, f"/government/organisations/{department[0]}.atom")[2]

    assert same(body) == same((shared("samples") / "constructed-govuk-organisation.xml").read_bytes())


def test_the_feed_of_a_retired_finder_is_that_of_the_template(site: GovukSite) -> None:
    site.retire(SUMMER, "/example-retired-finder", to="/example-destination")
    status, _, body = get(site, "/example-retired-finder.atom")

    assert status == 200
    assert same(body) == same((shared("samples") / "constructed-govuk-feed-ended.xml").read_bytes())


def test_a_travel_advice_feed_is_that_of_the_template(site: GovukSite) -> None:
    page = Document(
        "/foreign-travel-advice/china", "China travel advice", type="travel_advice", parts=("safety",)
    )
    site.publish(WINTER, page)
    note = "Example change note – entry requirements page updated (‘Visa requirements’)."
    site.major_update(datetime(2026, 8, 27, 13, tzinfo=UTC), page, note)
    body = get(site, "/foreign-travel-advice/china.atom")[2]

    assert same(body) == same(
        (shared("samples") / "constructed-govuk-travel-advice-country.xml").read_bytes()
    )
    assert [e["id"] for e in entries(site, "/foreign-travel-advice/china.atom")] == [
        "https://www.gov.uk/foreign-travel-advice/china#2026-08-27 14:00:00 +0100"
    ]


def test_a_finder_feed_is_that_of_the_template(site: GovukSite) -> None:
    site.publish(
        datetime(2026, 3, 30, 8, 30, tzinfo=UTC),
        Document(
            "/government/news/example-uk-china-trade-commission-meeting",
            "Example: UK & China hold economic and trade commission",
            "Ministers met to discuss trade.",
            world_locations=CHINA,
        ),
    )
    body = get(site, f"{FINDER}?world_locations%5B%5D=china&keywords=trade")[2]
    sample = (shared("samples") / "constructed-govuk-finder-1.xml").read_bytes()

    assert bones(body) == bones(sample)
    # All but the summary, which is the last element of the entry.
    assert same(body)[:13] == same(sample)[:13]


def test_results_and_documents_have_the_names_that_the_real_ones_have(site: GovukSite) -> None:
    site.publish(
        WINTER, news("Talks", organisations=("hm-treasury",), description="On trade.", body="<p>Text.</p>")
    )
    row = get_json(site, "/api/search.json")["results"][0]
    item = get_json(site, "/api/content/government/news/talks")
    real_row = json.loads((shared("samples") / "govuk-search-api-results.json").read_bytes())["results"][0]
    real_item = json.loads((shared("samples") / "govuk-content-press-release.json").read_bytes())

    assert {"index", "es_score", "_id", "elasticsearch_type", "document_type", "link"} <= set(row) & set(
        real_row
    )
    assert set(item) <= set(real_item)
    assert set(item["details"]) <= set(real_item["details"])
    assert set(item["links"]["organisations"][0]) <= set(real_item["links"]["organisations"][0])
    redirect = json.loads((shared("samples") / "govuk-content-redirect.json").read_bytes())
    site.redirect_page(WINTER, site.pages["/government/news/talks"], to="/government/news")
    assert set(get_json(site, "/api/content/government/news/talks")) <= set(redirect)


# The habits.


def test_a_finder_keeps_an_id_over_a_major_update_and_moves_the_page_to_its_top(site: GovukSite) -> None:
    first = site.publish(WINTER, news("First"))
    site.publish(WINTER + timedelta(hours=1), news("Second"))
    before = entries(site, FINDER)
    site.major_update(SUMMER, first, "Added a name.", title="First, with a name")
    after = entries(site, FINDER)

    assert [entry["title"] for entry in after] == ["First, with a name", "Second"]
    assert (before[1]["id"], before[1]["updated"]) == (after[0]["id"], "2026-02-02T09:30:00+00:00")
    assert after[0]["updated"] == "2026-04-02T11:00:45+01:00"


def test_an_organisation_gives_an_updated_page_a_new_id(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First", organisations=("home-office",)))
    path = "/government/organisations/home-office.atom"
    before = entries(site, path)[0]["id"]
    site.major_update(SUMMER, page, "Added a name.")

    assert before == "https://www.gov.uk/government/news/first#2026-02-02T09:30:00Z"
    assert entries(site, path)[0]["id"] == "https://www.gov.uk/government/news/first#2026-04-02T10:00:45Z"


def test_a_minor_edit_changes_words_and_no_date_that_readers_see(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First"))
    site.publish(WINTER, news("Second"))
    before = get_json(site, "/api/content/government/news/first")
    site.minor_edit(SUMMER, page, title="First, corrected")
    after = get_json(site, "/api/content/government/news/first")

    assert titles(site, FINDER) == ["First, corrected", "Second"]
    assert entries(site, FINDER)[0]["updated"] == "2026-02-02T09:30:00+00:00"
    assert after["public_updated_at"] == before["public_updated_at"]
    assert after["details"]["change_history"] == before["details"]["change_history"]
    assert after["updated_at"] != before["updated_at"]


def test_a_page_that_is_issued_again_has_a_later_date_and_the_same_notes(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First"))
    site.reissue(SUMMER, page)
    item = get_json(site, "/api/content/government/news/first")

    assert entries(site, FINDER)[0]["updated"] == "2026-04-02T11:00:45+01:00"
    assert item["public_updated_at"] == "2026-04-02T11:00:45.000+01:00"
    assert item["first_published_at"] == "2026-02-02T09:30:00.000+00:00"
    assert item["details"]["change_history"] == [
        {"public_timestamp": "2026-02-02T09:30:00.000+00:00", "note": "First published."}
    ]


def test_the_newest_note_comes_first(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First"))
    site.major_update(SUMMER, page, "Added a name.")

    notes = get_json(site, "/api/content/government/news/first")["details"]["change_history"]
    assert [note["note"] for note in notes] == ["Added a name.", "First published."]


def test_what_is_withdrawn_removed_or_moved_vanishes_from_feeds_and_searches(site: GovukSite) -> None:
    pages = [site.publish(WINTER, news(name)) for name in ("Kept", "Withdrawn", "Gone", "Silent", "Moved")]
    site.withdraw(SUMMER, pages[1], "It is out of date.")
    site.remove(SUMMER, pages[2], "Published in error.")
    site.remove(SUMMER, pages[3])
    site.redirect_page(SUMMER, pages[4], to="/government/news/kept")

    assert titles(site, FINDER) == ["Kept"]
    assert [row["title"] for row in get_json(site, "/api/search.json")["results"]] == ["Kept"]
    withdrawn, gone, moved = (
        get_json(site, f"/api/content/government/news/{slug}") for slug in ("withdrawn", "gone", "moved")
    )
    assert withdrawn["withdrawn_notice"]["withdrawn_at"] == "2026-04-02T11:00:45+01:00"
    assert "out of date" in withdrawn["withdrawn_notice"]["explanation"]
    assert (gone["document_type"], gone["title"]) == ("gone", None)
    assert "in error" in gone["details"]["explanation"]
    assert (moved["document_type"], moved["title"]) == ("redirect", None)
    assert moved["redirects"][0]["destination"] == "/government/news/kept"
    assert get(site, "/api/content/government/news/silent")[0] == 410
    assert get(site, "/api/content/government/news/nothing")[0] == 404


def test_a_renamed_page_is_a_new_entry_with_the_old_dates_and_content_id(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First"))
    before = get_json(site, "/api/content/government/news/first")
    site.rename(SUMMER, page, "/government/news/first-of-all")
    after = get_json(site, "/api/content/government/news/first-of-all")

    assert [e["id"] for e in entries(site, FINDER)] == ["tag:www.gov.uk,2005:/government/news/first-of-all"]
    assert entries(site, FINDER)[0]["updated"] == "2026-02-02T09:30:00+00:00"
    assert after["content_id"] == before["content_id"]
    assert get_json(site, "/api/content/government/news/first")["document_type"] == "redirect"
    assert get(site, "/government/news/first")[:2][0] == 301
    assert get(site, "/government/news/first")[1]["location"] == "/government/news/first-of-all"


def test_feeds_are_as_long_as_they_are(site: GovukSite) -> None:
    for number in range(45):
        minute = timedelta(minutes=number)
        site.publish(
            WINTER + minute, news(f"N{number}", organisations=("home-office",), topical_events=("summit",))
        )

    assert titles(site, FINDER) == [f"N{number}" for number in range(44, 24, -1)]
    assert titles(site, f"{FINDER}?page=3") == ["N4", "N3", "N2", "N1", "N0"]
    assert len(entries(site, "/government/organisations/home-office.atom")) == 20
    assert len(entries(site, "/government/topical-events/summit.atom")) == 10
    assert feed(site, f"{FINDER}?people[]=nobody").find("a:updated", NS) is None


def test_values_of_a_filter_are_alternatives_and_filters_are_conditions(site: GovukSite) -> None:
    site.publish(WINTER, news("Both", organisations=("home-office",)))
    site.publish(WINTER, news("Place"))
    site.publish(WINTER, news("Other place", world_locations=("hong-kong",)))
    site.publish(WINTER, news("No place", world_locations=(), organisations=("home-office",)))
    site.publish(WINTER, news("Paper", type="policy_paper"))

    both = "world_locations[]=china&world_locations%5B%5D=hong-kong"
    assert sorted(titles(site, f"{FINDER}?{both}")) == ["Both", "Other place", "Place"]
    assert titles(site, f"{FINDER}?{both}&organisations[]=home-office") == ["Both"]
    assert sorted(titles(site, f"{FINDER}?organisations=home-office&order=oldest&x=1")) == [
        "Both",
        "No place",
    ]
    assert titles(site, "/search/policy-papers-and-consultations.atom?world_locations[]=china") == ["Paper"]
    assert "in China and Hong Kong" in str(feed(site, f"{FINDER}?{both}").findtext("a:title", "", NS))


def test_keywords_search_the_whole_page_and_in_quotes_are_one_phrase(site: GovukSite) -> None:
    site.publish(WINTER, news("In the text", body="<p>Talks with <b>China</b> on steel.</p>"))
    site.publish(WINTER, news("Steel alone", description="Works on the Humber."))

    assert titles(site, f"{FINDER}?keywords=%22China%22") == ["In the text"]
    assert len(titles(site, f"{FINDER}?keywords=steel%20talks")) == 2
    assert titles(site, f"{FINDER}?q=%22steel%20talks%22") == []


def test_a_summary_is_cut_and_escaped_twice_and_the_word_marked(site: GovukSite) -> None:
    site.publish(WINTER, news("Long", description="Food & drink. " + "x" * 300))
    late = "a" * 300 + " exports to China & Japan " + "b" * 300
    site.publish(SUMMER, news("Late", description=late))
    body = get(site, f"{FINDER}?keywords=%22China%22")[2].decode()
    (marked,) = entries(site, f"{FINDER}?keywords=%22China%22")
    cut = entries(site, FINDER)[1]["summary"]

    assert cut == "Food &amp; drink. " + "x" * 211 + "…"
    assert marked["summary"].startswith("…aaa")
    assert marked["summary"].endswith("<mark>China</mark>…")
    assert "&lt;mark&gt;China&lt;/mark&gt;" in body
    assert "Food &amp;amp; drink." in get(site, FINDER)[2].decode()


def test_a_publication_has_its_type_before_its_title_in_an_organisation_feed_alone(site: GovukSite) -> None:
    paper = news("Strategy", type="policy_paper", organisations=("hm-treasury",))
    site.publish(WINTER, paper)

    assert titles(site, "/government/organisations/hm-treasury.atom") == ["Policy paper: Strategy"]
    assert titles(site, "/search/policy-papers-and-consultations.atom") == ["Strategy"]


def test_feeds_that_are_dead_are_not_there(site: GovukSite) -> None:
    for path in ("/world/china.atom", "/world/china/news.atom", "/government/people/example.atom"):
        assert get(site, path)[0] == 404


def test_a_search_finds_what_a_window_has_lost(site: GovukSite) -> None:
    for number in range(30):
        place = "china" if number % 2 else "hong-kong"
        site.publish(WINTER + timedelta(days=number), news(f"N{number}", world_locations=(place,)))
    found = get_json(
        site,
        "/api/search.json?filter_world_locations=china&filter_world_locations=hong-kong&order=-public_timestamp"
        "&filter_content_purpose_subgroup=news&count=3&start=1&fields=title,link,world_locations"
        "&filter_public_timestamp=from:2026-02-20,to:2026-02-27",
    )

    assert (found["total"], found["start"]) == (8, 1)
    assert [row["title"] for row in found["results"]] == ["N24", "N23", "N22"]
    assert found["results"][0]["world_locations"] == [{"slug": "hong-kong"}]
    assert "organisations" not in found["results"][0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("filter_country=china", '"country" is not a valid filter field'),
        ("count=2000", "count"),
        ("order=-updated", "not a valid sort field"),
        ("fields=title,nonsense", "nonsense"),
        ("keywords=China", "Unexpected parameters: keywords"),
        ("filter_public_timestamp=2026-02-20", "public_timestamp"),
        ("filter_public_timestamp=from:soon", "soon"),
        ("filter_public_timestamp=from:2026-01-01&filter_public_timestamp=to:2026-02-01", "at most once"),
    ],
)
def test_a_search_that_is_wrong_is_refused(site: GovukSite, query: str, said: str) -> None:
    status, headers, body = get(site, f"/api/search.json?{query}")

    assert (status, headers["content-type"].partition(";")[0]) == (422, "application/json")
    assert said in json.loads(body)["error"]


def test_a_moment_in_a_search_is_utc_and_a_day_is_whole(site: GovukSite) -> None:
    site.publish(SUMMER, news("First"))

    def total(span: str) -> int:
        return int(get_json(site, f"/api/search.json?filter_public_timestamp={span}")["total"])

    assert total("from:2026-04-02") == total("to:2026-04-02") == total("from:2026-04-02T10:00:45") == 1
    assert total("from:2026-04-02%2010:01") == total("to:2026-04-02T10:00:44Z") == 0


def test_a_document_that_is_known_is_not_sent_again(site: GovukSite) -> None:
    page = site.publish(WINTER, news("First"))
    path = "/api/content/government/news/first"
    etag = get(site, path)[1]["etag"]

    assert get(site, path, {"If-None-Match": etag})[0] == 304
    site.minor_edit(SUMMER, page, body="<p>More.</p>")
    assert get(site, path, {"If-None-Match": etag})[0] == 200


def test_the_document_of_a_page_below_another_is_the_other_s(site: GovukSite) -> None:
    advice = Document(
        "/foreign-travel-advice/china", "China travel advice", type="travel_advice", parts=("safety",)
    )
    site.publish(WINTER, advice)
    status, headers, _ = get(site, "/api/content/foreign-travel-advice/china/safety")

    assert (status, headers["location"]) == (
        303,
        "https://www.gov.uk/api/content/foreign-travel-advice/china",
    )
    details = get_json(site, "/api/content/foreign-travel-advice/china")["details"]
    assert details["change_description"] == "First published."
    assert "body" not in details


def test_an_outage_is_an_outage_for_all(site: GovukSite) -> None:
    site.down = True

    assert get(site, FINDER)[0] == get(site, "/api/search.json")[0] == 503
    assert [(asked.path, asked.status) for asked in site.asked] == [(FINDER, 503), ("/api/search.json", 503)]


def test_who_asks_too_much_gets_a_page(site: GovukSite) -> None:
    site.most_per_second = 2
    answers = [get(site, FINDER) for _ in range(4)]

    assert [status for status, _, _ in answers] == [200, 200, 429, 429]
    assert answers[-1][1]["content-type"] == "text/html"


def test_each_request_is_noted_with_both_clocks(site: GovukSite) -> None:
    site.pass_to(SUMMER)
    get(site, f"{FINDER}?q=a")

    assert (site.asked[0].path, site.asked[0].at, site.asked[0].status) == (f"{FINDER}?q=a", SUMMER, 200)
    assert site.asked[0].wall > 0
    with pytest.raises(AssertionError):
        site.publish(WINTER, news("Too late"))
