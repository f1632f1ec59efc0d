"""What is particular to GOV.UK."""

from __future__ import annotations

import pytest

from monitor.govuk import identity, is_ended, is_govuk, page_title, strip_type_prefix


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.gov.uk/government/news/a", True),
        ("http://gov.uk/a", True),
        ("https://WWW.GOV.UK:443/a", True),
        ("https://www.gov.uk.evil.example/a", False),
        ("https://www.gov.uk@evil.example/a", False),
        ("https://blogs.gov.uk/a", False),
        ("https://www.gov.wales/a", False),
        ("/government/news/a", False),
        ("", False),
    ],
)
def test_only_pages_of_the_site_itself_are_govuk(url: str, expected: bool) -> None:
    assert is_govuk(url) is expected


@pytest.mark.parametrize(
    "link",
    [
        "https://www.gov.uk/government/news/a",
        "http://gov.uk/government/news/a/",
        "https://www.gov.uk/government/news/a?utm_source=rss&step-by-step-nav=1",
        "https://www.gov.uk/government/news/a#2026-04-02T10:00:45Z",
        "https://www.gov.uk/government/news/a#2026-04-02 10:00:45 +0100",
    ],
)
def test_a_page_is_told_by_its_path(link: str) -> None:
    assert identity(link) == "https://www.gov.uk/government/news/a"


def test_the_home_page_is_no_page() -> None:
    assert identity("https://www.gov.uk/") == ""


@pytest.mark.parametrize(
    ("title", "categories", "expected"),
    [
        ("Policy paper: China audit", (), "China audit"),
        ("policy Paper : China audit", (), "China audit"),
        ("Research: a: b", (), "Research: a: b"),
        ("Lantern licence: China", ("lantern licence",), "China"),
        ("China: travel advice", (), "China: travel advice"),
        ("Notice:", (), "Notice:"),
        ("No prefix", ("No prefix",), "No prefix"),
    ],
)
def test_a_display_type_before_a_title_is_taken_away(
    title: str, categories: tuple[str, ...], expected: str
) -> None:
    assert strip_type_prefix(title, categories) == expected


def test_travel_advice_has_one_title_in_both_of_its_feeds() -> None:
    link = "https://www.gov.uk/foreign-travel-advice/china"

    assert page_title("China", link) == page_title("China travel advice", link) == "China travel advice"
    assert page_title("China", "https://www.gov.uk/world/china") == "China"


@pytest.mark.parametrize(
    ("entry_id", "title", "expected"),
    [
        ("tag:www.gov.uk,2005:search/x/feed-ended", "Anything", True),
        ("tag:www.gov.uk,2005:/x", "This feed has ended", True),
        ("https://blog.example/feed-ended", "This feed has ended", False),
        ("tag:www.gov.uk,2005:/government/news/x", "This feud has ended", False),
    ],
)
def test_the_notice_of_a_retired_feed_is_known(entry_id: str, title: str, expected: bool) -> None:
    assert is_ended(entry_id, title) is expected
