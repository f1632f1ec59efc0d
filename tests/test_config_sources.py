"""The forms of a source: an address, what of GOV.UK, what of Parliament; and mirrors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.config import load
from monitor.models import Source
from tests.conftest import PROJECT
from tests.test_config import read
from tests.test_config_problems import problems_of, shown

GOVUK = "https://www.gov.uk"
NEWS = f"{GOVUK}/search/news-and-communications.atom"
ONE = "sources:\n  - id: a\n"


def source(form: str) -> Source:
    return read(f"{ONE}    {form}\n").sources[0]


# What a form stands for


def test_govuk_makes_the_address_and_implies_who_publishes_and_which_side() -> None:
    made = source("govuk: {keywords: China, organisations: [hm-treasury]}")

    assert made.url == f"{NEWS}?keywords=%22China%22&organisations%5B%5D=hm-treasury"
    assert (made.kind, made.outlet, made.side, made.name) == ("official-uk", "GOV.UK", "uk", "a")
    assert (made.format, made.window) == ("feed", None)


@pytest.mark.parametrize(
    ("form", "side"),
    [
        ("world_locations: [china]", "both"),
        ("world_locations: [france, hong-kong]", "both"),
        ("world_locations: [macao], finder: guidance-and-regulation", "both"),
        ("travel_advice: china", "both"),
        ("travel_advice: hong-kong", "both"),
        ("world_locations: [taiwan]", "uk"),
        ("travel_advice: france", "uk"),
        ("organisations: [home-office]", "uk"),
        ("finder: news-and-communications", "uk"),
    ],
)
def test_what_is_tagged_with_china_is_about_both_sides(form: str, side: str) -> None:
    assert source(f"govuk: {{{form}}}").side == side


@pytest.mark.parametrize(
    ("wanted", "days"),
    [("written-questions", 28), ("written-statements", 14), ("committee-publications", 14), ("hansard", 7)],
)
def test_parliament_makes_the_address_format_and_window(wanted: str, days: int) -> None:
    made = source(f"parliament: {{list: {wanted}, search: China}}")

    assert ".parliament.uk/" in made.url
    assert "{from}" in made.url
    assert (made.format, made.window) == (wanted, timedelta(days=days))
    assert (made.kind, made.outlet, made.side) == ("parliament", "UK Parliament", "uk")


def test_what_is_given_goes_before_what_a_form_implies() -> None:
    given = "\n    kind: business\n    outlet: Treasury\n    side: china\n    name: The Treasury"
    made = source(f"govuk: {{organisations: [hm-treasury]}}{given}")

    assert (made.kind, made.outlet, made.side, made.name) == ("business", "Treasury", "china", "The Treasury")
    assert source("parliament: {list: hansard, search: China}\n    side: both").side == "both"


@pytest.mark.parametrize("form", ["govuk: {keywords: China}", "parliament: {list: hansard, search: China}"])
def test_null_says_that_a_form_implies_no_side(form: str) -> None:
    assert source(f"{form}\n    side: null").side is None


def test_an_address_implies_nothing() -> None:
    made, unsided = source(f"url: {GOVUK}/x.atom"), source("url: https://x.example/\n    side: null")

    assert (made.kind, made.outlet, made.side, made.format) == ("other", "a", None, "feed")
    assert unsided.side is None


def test_a_value_of_a_form_may_come_from_the_environment() -> None:
    text = f"{ONE}    govuk: {{world_locations: ['${{PLACE}}'], keywords: '${{WORD:-trade}}'}}\n"

    assert read(text, PLACE="china").sources[0].url == (
        f"{NEWS}?keywords=%22trade%22&world_locations%5B%5D=china"
    )


# Mistakes


@pytest.mark.parametrize(
    ("form", "start", "fragment"),
    [
        # which form
        ("enabled: true", '2:5 "url" is missing here', "or govuk: or parliament:"),
        ("url: https://x.example/\n    govuk: {keywords: x}", "4:5 a source has one of", "keep one"),
        ("govuk: {keywords: x}\n    parliament: {list: hansard, search: x}", "4:5 a source has one of", ""),
        ("url:", '3:5 "url" is empty', "give it a value"),
        ("govuk:", '3:5 "govuk" is empty', "give it a value"),
        ("parliament: null", '3:5 "parliament" is empty', ""),
        ("govuk: china", '3:12 expected keys with values, found "china"', ""),
        ("govk: {keywords: x}", '3:5 unknown key "govk"', 'did you mean "govuk"?'),
        # GOV.UK
        ("govuk: {}", "3:12 this asks GOV.UK for nothing", "world_locations"),
        ("govuk: {organisations: []}", "3:12 this asks GOV.UK for nothing", ""),
        ("govuk: {world_location: [x]}", '3:13 unknown key "world_location"', '"world_locations"?'),
        ("govuk: {finder: all}", "3:21 GOV.UK's robots.txt does not let", "news-and-communications"),
        ("govuk: {finder: https://www.gov.uk/search/all}", "3:21 GOV.UK's robots.txt", ""),
        ("govuk: {finder: news}", '3:21 GOV.UK has no finder "news"', 'mean "news-and-communications"?'),
        ("govuk: {finder: Transparency}", "3:21 GOV.UK has no finder", "freedom-of-information-releases"),
        ("govuk: {finder: guidence-and-regulation}", "3:21 GOV.UK has no finder", "guidance-and-regulation"),
        (
            "govuk: {finder: https://www.gov.uk/search/research-and-statistics?x=y}",
            "3:21 GOV.UK has no finder",
            'did you mean "research-and-statistics"?',
        ),
        ("govuk: {finder: weather}", '3:21 GOV.UK has no finder "weather"', "write one of: news-and-"),
        (
            "govuk: {finder: research-and-statistics, people: [x]}",
            "3:46 research-and-statistics cannot be narrowed by people",
            "news-and-communications can",
        ),
        ("govuk: {travel_advice: china, keywords: x}", "3:35 travel advice is a feed of its own", "two"),
        ("url: https://www.gov.uk/search/all.atom", "3:10 GOV.UK's robots.txt does not", "news-and-comm"),
        ("url: 'http://GOV.UK/search/all.atom?keywords=China'", "3:10 GOV.UK's robots.txt", "govuk: with a"),
        ("url: https://www.gov.uk/search/%61ll?q=x", "3:10 GOV.UK's robots.txt does not", ""),
        ("govuk: {keywords: '\"'}", "3:23 there is no word in what is searched for", "Hong Kong"),
        ("govuk: {keywords: '\" - \"'}", "3:23 there is no word in what is searched for", ""),
        ("parliament: {list: hansard, search: '\"'}", "3:41 there is no word in what", ""),
        ("url: https://x.example/\n    every: 0s", "4:12 must be from 1s to 366d", ""),
        ("govuk: {keywords: ' '}", "3:23 the text is empty", "write something"),
        ("govuk: {keywords: [x]}", "3:23 expected a single text", ""),
        ("govuk: {organisations: hm-treasury}", "3:28 expected a list of words", "[word]"),
        ("govuk: {world_locations: [Hong Kong]}", '3:31 "Hong Kong" is not a name', 'write "hong-kong"'),
        ("govuk: {travel_advice: China}", '3:28 "China" is not a name', 'write "china"'),
        ("govuk: {world_locations: [https://www.gov.uk/world/china/news]}", "3:31", 'write "china"'),
        (
            "govuk: {organisations: ['https://www.gov.uk/government/organisations/home-office.atom']}",
            "3:29",
            'write "home-office"',
        ),
        (
            'govuk: {organisations: ["Prime Minister\'s Office, 10 Downing Street"]}',
            "3:29",
            'write "prime-ministers-office-10-downing-street"',
        ),
        ("govuk: {people: [香港]}", "3:22", 'as in "hong-kong"'),
        # Parliament
        ("parliament: {}", '3:17 "list" is missing here', ""),
        ("parliament: {list: bills, search: x}", '3:24 "bills" is not known here', "written-questions"),
        ("parliament: {list: written-question, search: x}", "3:24", 'did you mean "written-questions"?'),
        ("parliament: {list: hansard}", '3:17 "search" is missing here', "search: China"),
        ("parliament: {list: written-questions, search: ''}", "3:51 the text is empty", ""),
        ("parliament: {list: hansard, search: x, house: peers}", '3:51 "peers" is not known', "lords"),
        (
            "parliament: {list: committee-publications, house: lords}",
            "3:48 committee-publications cannot be asked for one House",
            "delete the line",
        ),
        (
            "kind: official-uk\n    parliament: {list: hansard, search: x}",
            "3:11 what comes from Parliament's interfaces is of the kind parliament",
            "delete the line",
        ),
    ],
)
def test_a_mistake_in_a_form_is_told_with_its_place_and_what_to_do(
    form: str, start: str, fragment: str
) -> None:
    (problem,) = problems_of(f"{ONE}    {form}\n")

    assert shown(problem).startswith(start)
    assert fragment in shown(problem)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("govuk: {keywords: China}", f"url: '{NEWS}?keywords=%22China%22'"),
        ("govuk: {keywords: China}", "govuk: {finder: news-and-communications, keywords: China}"),
        ("parliament: {list: hansard, search: Xi}", "parliament: {list: hansard, search: ' Xi '}"),
    ],
)
def test_two_forms_of_one_address_are_a_double(first: str, second: str) -> None:
    warnings = read(f"{ONE}    {first}\n  - id: b\n    {second}\n").warnings

    doubles = [warning for warning in warnings if "the same address as at line 3" in warning.message]
    assert [(warning.line, warning.hint) for warning in doubles] == [(5, "it would be asked twice")]


# Mirrors


def test_mirrors_arrive_without_a_slash_at_the_end() -> None:
    config = read("network:\n  mirrors: {www.gov.uk: 'http://127.0.0.1:8123/', x: 'https://y.example'}\n")

    assert config.mirrors == (("www.gov.uk", "http://127.0.0.1:8123"), ("x", "https://y.example"))
    assert read("{}").mirrors == ()


@pytest.mark.parametrize(
    ("entry", "start", "fragment"),
    [
        ("WWW.gov.uk: 'http://x.example'", "2:13 what is mirrored is a host", 'write "www.gov.uk"'),
        ("'www.gov.uk:443': 'http://x.example'", "2:13 what is mirrored is a host", 'write "www.gov.uk"'),
        ("'https://www.gov.uk/': 'http://x.example'", "2:13", 'write "www.gov.uk"'),
        ("'www gov uk': 'http://x.example'", "2:13", "write it like www.gov.uk"),
        ("www.gov.uk: 'http://x.example/a'", "2:25 a mirror is a scheme", 'write "http://x.example"'),
        ("www.gov.uk: 'http://x.example?a=b'", "2:25 a mirror is a scheme", 'write "http://x.example"'),
        ("www.gov.uk: 'ftp://x.example'", "2:25 only http and https are read", ""),
        ("www.gov.uk: x.example", '2:25 "x.example" is not a web address', "https://"),
        ("www.gov.uk: 80", "2:25 expected text, found the number 80", ""),
        ("www.gov.uk: ", '2:13 "www.gov.uk" is empty', ""),
    ],
)
def test_a_mistake_in_a_mirror_is_told_with_its_place(entry: str, start: str, fragment: str) -> None:
    (problem,) = problems_of(f"network:\n  mirrors: {{{entry}}}\n")

    assert shown(problem).startswith(start)
    assert fragment in shown(problem)


def test_a_login_in_a_mirror_is_refused_and_not_shown() -> None:
    (problem,) = problems_of("network:\n  mirrors: {www.gov.uk: 'http://desk:hunter2@x.example'}\n")

    assert problem.hint == 'write "http://x.example"'
    assert "hunter2" not in repr(problem)


# The shipped config

GOVUK_SOURCES = {
    "govuk-news-location": (
        f"{NEWS}?world_locations%5B%5D=china&world_locations%5B%5D=hong-kong&world_locations%5B%5D=macao",
        "both",
    ),
    "govuk-policy-location": (
        f"{GOVUK}/search/policy-papers-and-consultations.atom"
        "?world_locations%5B%5D=china&world_locations%5B%5D=hong-kong",
        "both",
    ),
    "govuk-guidance-location": (
        f"{GOVUK}/search/guidance-and-regulation.atom"
        "?world_locations%5B%5D=china&world_locations%5B%5D=hong-kong",
        "both",
    ),
    "govuk-research-location": (
        f"{GOVUK}/search/research-and-statistics.atom"
        "?world_locations%5B%5D=china&world_locations%5B%5D=hong-kong",
        "both",
    ),
    "govuk-news-keyword": (f"{NEWS}?keywords=%22China%22", "uk"),
    "govuk-policy-keyword": (
        f"{GOVUK}/search/policy-papers-and-consultations.atom?keywords=%22China%22",
        "uk",
    ),
    "govuk-research-keyword": (f"{GOVUK}/search/research-and-statistics.atom?keywords=%22China%22", "uk"),
    "govuk-transparency-keyword": (
        f"{GOVUK}/search/transparency-and-freedom-of-information-releases.atom?keywords=%22China%22",
        "uk",
    ),
    "govuk-fcdo": (f"{GOVUK}/government/organisations/foreign-commonwealth-development-office.atom", "uk"),
    "govuk-dbt": (f"{GOVUK}/government/organisations/department-for-business-and-trade.atom", "uk"),
    "govuk-hmt": (f"{GOVUK}/government/organisations/hm-treasury.atom", "uk"),
    "govuk-no10": (f"{GOVUK}/government/organisations/prime-ministers-office-10-downing-street.atom", "uk"),
    "govuk-home-office": (f"{GOVUK}/government/organisations/home-office.atom", "uk"),
    "govuk-mod": (f"{GOVUK}/government/organisations/ministry-of-defence.atom", "uk"),
    "govuk-tra": (f"{GOVUK}/government/organisations/trade-remedies-authority.atom", "uk"),
    "govuk-travel-china": (f"{GOVUK}/foreign-travel-advice/china.atom", "both"),
}


def test_the_shipped_sources_of_govuk_keep_their_addresses_to_which_stored_states_belong() -> None:
    shipped = [one for one in load(PROJECT / "config.yaml", {}).sources if one.id.startswith("govuk-")]

    assert {one.id: (one.url, one.side) for one in shipped} == GOVUK_SOURCES
    assert {(one.kind, one.outlet) for one in shipped} == {("official-uk", "GOV.UK")}


def test_parliaments_lists_are_shipped_and_debates_come_from_one_source_only() -> None:
    shipped = {one.id: one for one in load(PROJECT / "config.yaml", {}).sources}
    listed = [one for one in shipped.values() if one.format != "feed"]

    assert [(one.id, one.format, one.enabled) for one in listed] == [
        ("parliament-written-questions", "written-questions", True),
        ("parliament-written-statements", "written-statements", True),
        ("parliament-committees", "committee-publications", True),
        ("parliament-hansard", "hansard", False),
    ]
    assert shipped["hansard-china"].enabled
    assert "hansard-china" in shipped["parliament-hansard"].note
