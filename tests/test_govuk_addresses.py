"""Where GOV.UK's feeds and interfaces are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.govuk import FINDERS, atom_of_page, content_url, feed_url, search_url

ROOT = "https://www.gov.uk"
NEWS = f"{ROOT}/search/news-and-communications.atom"
SINCE = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ({"world_locations": ["china"]}, f"{NEWS}?world_locations%5B%5D=china"),
        (
            {"world_locations": ["hong-kong", "china", "hong-kong"]},
            f"{NEWS}?world_locations%5B%5D=hong-kong&world_locations%5B%5D=china",
        ),
        ({"keywords": "China"}, f"{NEWS}?keywords=%22China%22"),
        ({"keywords": " Hong  Kong "}, f"{NEWS}?keywords=%22Hong%20Kong%22"),
        ({"keywords": '"steel" OR "tariff"'}, f"{NEWS}?keywords=%22steel%22%20OR%20%22tariff%22"),
        ({"people": ["keir-starmer"]}, f"{NEWS}?people%5B%5D=keir-starmer"),
        (
            {"world_locations": ["china"], "keywords": "trade", "organisations": ["hm-treasury"]},
            f"{NEWS}?keywords=%22trade%22&organisations%5B%5D=hm-treasury&world_locations%5B%5D=china",
        ),
        ({"organisations": ["hm-treasury"]}, f"{ROOT}/government/organisations/hm-treasury.atom"),
        (
            {"organisations": ["hm-treasury", "home-office"]},
            f"{NEWS}?organisations%5B%5D=hm-treasury&organisations%5B%5D=home-office",
        ),
        (
            {"organisations": ["hm-treasury"], "finder": "research-and-statistics"},
            f"{ROOT}/search/research-and-statistics.atom?organisations%5B%5D=hm-treasury",
        ),
        ({"topical_events": ["g7"]}, f"{ROOT}/government/topical-events/g7.atom"),
        ({"topical_events": ["g7", "cop"]}, f"{NEWS}?topical_events%5B%5D=g7&topical_events%5B%5D=cop"),
        ({"finder": "guidance-and-regulation"}, f"{ROOT}/search/guidance-and-regulation.atom"),
        ({"travel_advice": "china"}, f"{ROOT}/foreign-travel-advice/china.atom"),
    ],
)
def test_what_is_wanted_has_an_address(wanted: dict[str, Any], address: str) -> None:
    assert feed_url(**wanted) == address


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({}, "nothing is asked for"),
        ({"finder": "all"}, 'no finder "all"'),
        ({"finder": "guidance-and-regulation", "people": ["x"]}, "cannot be narrowed by people"),
        ({"finder": "research-and-statistics", "topical_events": ["x"]}, "narrowed by topical_events"),
        ({"travel_advice": "china", "keywords": "visa"}, "a feed of its own"),
    ],
)
def test_what_no_feed_answers_is_refused(wanted: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        feed_url(**wanted)


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (f"{ROOT}/world/china", f"{NEWS}?world_locations%5B%5D=china"),
        ("http://gov.uk/world/hong-kong/news/", f"{NEWS}?world_locations%5B%5D=hong-kong"),
        (f"{ROOT}/world/china/news.zh", f"{NEWS}?world_locations%5B%5D=china"),
        (f"{ROOT}/world/china.atom", f"{NEWS}?world_locations%5B%5D=china"),
        (f"{ROOT}/world/china/news.atom", f"{NEWS}?world_locations%5B%5D=china"),
        (
            f"{ROOT}/search/news-and-communications?world_locations[]=china&order=updated-newest&page=2",
            f"{NEWS}?world_locations%5B%5D=china",
        ),
        (
            f"{ROOT}/search/news-and-communications?people=x&roles[]=y&q=steel&parent=z&organisations[]=",
            f"{NEWS}?people%5B%5D=x&roles%5B%5D=y&keywords=steel",
        ),
        (
            f"{ROOT}/search/policy-papers-and-consultations?content_store_document_type[]=policy_papers"
            "&public_timestamp[from]=2026-01-01",
            f"{ROOT}/search/policy-papers-and-consultations.atom"
            "?content_store_document_type%5B%5D=policy_papers&public_timestamp%5Bfrom%5D=2026-01-01",
        ),
        (
            f"{ROOT}/search/research-and-statistics?content_store_document_type=research",
            f"{ROOT}/search/research-and-statistics.atom?content_store_document_type=research",
        ),
        (f"{NEWS}?keywords=%22China%22", f"{NEWS}?keywords=%22China%22"),
        (f"{ROOT}/government/organisations/home-office", f"{ROOT}/government/organisations/home-office.atom"),
        (
            f"{ROOT}/government/organisations/home-office/about",
            f"{ROOT}/government/organisations/home-office.atom",
        ),
        (
            f"{ROOT}/government/organisations/wales-office.cy",
            f"{ROOT}/government/organisations/wales-office.atom",
        ),
        (f"{ROOT}/government/topical-events/g7", f"{ROOT}/government/topical-events/g7.atom"),
        (f"{ROOT}/government/people/keir-starmer", f"{NEWS}?people%5B%5D=keir-starmer"),
        (f"{ROOT}/government/people/keir-starmer.atom", f"{NEWS}?people%5B%5D=keir-starmer"),
        (f"{ROOT}/government/ministers/foreign-secretary", f"{NEWS}?roles%5B%5D=foreign-secretary"),
        (f"{ROOT}/foreign-travel-advice/china", f"{ROOT}/foreign-travel-advice/china.atom"),
        (
            f"{ROOT}/foreign-travel-advice/china/entry-requirements",
            f"{ROOT}/foreign-travel-advice/china.atom",
        ),
        (f"{ROOT}/foreign-travel-advice", f"{ROOT}/foreign-travel-advice.atom"),
        (f"{ROOT}/foreign-travel-advice.atom", f"{ROOT}/foreign-travel-advice.atom"),
        (f"{ROOT}/government/feed", f"{ROOT}/government/feed"),
    ],
)
def test_a_pasted_page_gives_its_feed(page: str, feed: str) -> None:
    assert atom_of_page(page) == feed


@pytest.mark.parametrize(
    "page",
    [
        f"{ROOT}/search/all?keywords=China",
        f"{ROOT}/search/all.atom?keywords=China",
        f"{ROOT}/government/news/a-visit",
        f"{ROOT}/government/organisations",
        f"{ROOT}/world",
        f"{ROOT}/world/embassies",
        f"{ROOT}/world/organisations/british-embassy-beijing",
        ROOT,
        "https://blog.example/world/china",
        "https://www.gov.uk.evil.example/world/china",
        "",
    ],
)
def test_a_page_without_a_feed_gives_none(page: str) -> None:
    assert atom_of_page(page) is None


def searched(feed: str) -> dict[str, list[str]]:
    address = search_url(feed, SINCE)
    assert address is not None
    assert address.startswith(f"{ROOT}/api/search.json?")
    return parse_qs(urlsplit(address).query)


def filters(feed: str) -> dict[str, list[str]]:
    """What narrows the search, without what every search has."""
    every = {"filter_public_timestamp", "order", "count", "fields"}
    return {key: values for key, values in searched(feed).items() if key not in every}


def test_a_search_for_what_a_feed_has_lost_is_newest_first_and_begins_a_day_early() -> None:
    asked = searched(feed_url(keywords="China"))

    assert asked["filter_public_timestamp"] == ["from:2026-01-28"]
    assert (asked["order"], asked["count"]) == (["-public_timestamp"], ["1000"])
    assert {"title", "link", "description", "public_timestamp", "content_id"} <= {
        *asked["fields"][0].split(",")
    }


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (
            f"{NEWS}?keywords=%22China%22",
            {"q": ['"China"'], "filter_content_purpose_subgroup": ["news", "speeches_and_statements"]},
        ),
        (
            f"{ROOT}/search/guidance-and-regulation.atom?world_locations%5B%5D=china&world_locations[]=macao",
            {
                "filter_world_locations": ["china", "macao"],
                "filter_content_purpose_supergroup": ["guidance_and_regulation"],
            },
        ),
        (
            f"{NEWS}?people=a&roles[]=b&organisations[]=c&topical_events[]=d&level_one_taxon=e&page=3",
            {
                "filter_people": ["a"],
                "filter_roles": ["b"],
                "filter_organisations": ["c"],
                "filter_topical_events": ["d"],
                "filter_all_part_of_taxonomy_tree": ["e"],
                "filter_content_purpose_subgroup": ["news", "speeches_and_statements"],
            },
        ),
        (
            f"{ROOT}/search/policy-papers-and-consultations.atom"
            "?content_store_document_type[]=closed_consultations&content_store_document_type[]=policy_papers",
            {
                "filter_content_purpose_supergroup": ["policy_and_engagement"],
                "filter_content_store_document_type": [
                    *("closed_consultation", "consultation_outcome"),
                    *("impact_assessment", "case_study", "policy_paper"),
                ],
            },
        ),
        (
            f"{ROOT}/search/transparency-and-freedom-of-information-releases.atom"
            "?content_store_document_type[]=foi_release",
            {
                "filter_content_purpose_supergroup": ["transparency"],
                "filter_content_store_document_type": ["foi_release"],
            },
        ),
        (
            f"{ROOT}/government/organisations/hm-treasury.atom",
            {"filter_organisations": ["hm-treasury"], "reject_content_purpose_supergroup": ["other"]},
        ),
        (
            f"{ROOT}/government/topical-events/g7.atom",
            {"filter_topical_events": ["g7"], "reject_content_purpose_supergroup": ["other"]},
        ),
    ],
)
def test_a_search_means_what_its_feed_means(feed: str, expected: dict[str, list[str]]) -> None:
    assert filters(feed) == expected


def test_the_finder_of_research_names_its_document_types() -> None:
    finder = f"{ROOT}/search/research-and-statistics.atom"

    everything = filters(finder)["filter_content_store_document_type"]
    research = filters(f"{finder}?content_store_document_type=research")["filter_content_store_document_type"]

    assert {"official_statistics", "statistics_announcement"} < {*everything}
    assert set(research) == {"independent_report", "research", "research_for_development_output"}
    assert set(research) < set(everything)


def test_a_filter_that_a_finder_ignores_is_no_filter_of_the_search() -> None:
    assert filters(f"{ROOT}/search/guidance-and-regulation.atom?people[]=a&roles[]=b&x=y") == {
        "filter_content_purpose_supergroup": ["guidance_and_regulation"]
    }


@pytest.mark.parametrize(
    "feed",
    [
        f"{ROOT}/search/research-and-statistics.atom?content_store_document_type=upcoming_statistics",
        f"{ROOT}/search/services.atom",
        f"{ROOT}/search/all.atom",
        f"{ROOT}/foreign-travel-advice/china.atom",
        f"{ROOT}/government/feed",
        "https://gazette.example/search/news-and-communications.atom",
    ],
)
def test_other_feeds_cannot_be_searched_for(feed: str) -> None:
    assert search_url(feed, SINCE) is None


@pytest.mark.parametrize("finder", FINDERS)
def test_every_finder_has_a_feed_and_a_search(finder: str) -> None:
    feed = feed_url(finder=finder, world_locations=["china"])

    assert feed.startswith(f"{ROOT}/search/{finder}.atom?")
    assert filters(feed)["filter_world_locations"] == ["china"]
    assert len(filters(feed)) == 2


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (f"{ROOT}/government/news/a-visit", f"{ROOT}/api/content/government/news/a-visit"),
        ("http://gov.uk/world/china/?utm_source=x#top", f"{ROOT}/api/content/world/china"),
        (ROOT, f"{ROOT}/api/content/"),
    ],
)
def test_a_page_has_its_content_at_the_content_api(page: str, address: str) -> None:
    assert content_url(page) == address
