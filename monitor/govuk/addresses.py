"""Core: where GOV.UK's feeds and interfaces are: what is wanted, or a page somebody pasted → its address.

Sources: alphagov/search-api `config/finders/*.yml` (what each finder lists and can be narrowed by) and
`docs/using-the-search-api.md`; alphagov/finder-frontend `lib/search/query_builder.rb`; alphagov/collections
`app/models/feed_content.rb` (organisations, topical events).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from ..text.urls import clean_url
from .pages import identity, is_govuk

ROOT = "https://www.gov.uk"
DEFAULT_FINDER = "news-and-communications"
SEARCHED_ROWS = 1_000
"""How many results a `search_url` asks for; the Search API gives 1,500 at most."""

_COMMON = frozenset({"keywords", "organisations", "world_locations"})
FINDERS: Mapping[str, frozenset[str]] = {
    "news-and-communications": _COMMON | {"people", "topical_events"},
    "policy-papers-and-consultations": _COMMON | {"topical_events"},
    "guidance-and-regulation": _COMMON,
    "research-and-statistics": _COMMON,
    "transparency-and-freedom-of-information-releases": _COMMON,
}
"""Each finder with a feed, and what it can be narrowed by. It ignores anything else, so that it lists all."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ALL = re.compile(r"/+search/+all(?:[./].*)?")
_LOCALE = re.compile(r"\.[a-z]{2}(?:-[a-z0-9]{2,4})?$")
_NO_PLACES = {"embassies", "organisations"}
"""Pages below /world that are no world location."""
_LISTS = ("organisations", "people", "roles", "world_locations", "topical_events")
_TAXONS = ("topic", "level_one_taxon", "level_two_taxon")
_KINDS = "content_store_document_type"
_KEPT = {"keywords", *_LISTS, *_TAXONS, _KINDS, "public_timestamp[from]", "public_timestamp[to]"}

Pairs = list[tuple[str, str]]

_ALL_OF_FINDER: Mapping[str, tuple[str, ...]] = {
    "news-and-communications": ("content_purpose_subgroup", "news", "speeches_and_statements"),
    "policy-papers-and-consultations": ("content_purpose_supergroup", "policy_and_engagement"),
    "guidance-and-regulation": ("content_purpose_supergroup", "guidance_and_regulation"),
    "transparency-and-freedom-of-information-releases": ("content_purpose_supergroup", "transparency"),
}
"""The Search API's field, and its values, that stand for a finder as such."""
_STATISTICS = ("national_statistics", "official_statistics", "statistical_data_set", "statistics")
_RESEARCH = ("independent_report", "research", "research_for_development_output")
_DOCUMENT_TYPES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "policy-papers-and-consultations": {
        "policy_papers": ("impact_assessment", "case_study", "policy_paper"),
        "open_consultations": ("open_consultation",),
        "closed_consultations": ("closed_consultation", "consultation_outcome"),
        "open_calls_for_evidence": ("open_call_for_evidence",),
        "closed_calls_for_evidence": ("closed_call_for_evidence", "call_for_evidence_outcome"),
    },
    "research-and-statistics": {
        "all_research_and_statistics": (*_RESEARCH, *_STATISTICS, "statistics_announcement"),
        "statistics_published": _STATISTICS,
        "research": _RESEARCH,
    },
    "transparency-and-freedom-of-information-releases": {
        name: (name,) for name in ("corporate_report", "foi_release", "transparency")
    },
}
"""What a finder's own choices of document types stand for."""
_FIELDS = (
    "title",
    "link",
    "description",
    "public_timestamp",
    "organisations",
    "world_locations",
    "content_store_document_type",
    "content_id",
)


def feed_url(
    *,
    finder: str | None = None,
    world_locations: Sequence[str] = (),
    organisations: Sequence[str] = (),
    keywords: str = "",
    people: Sequence[str] = (),
    topical_events: Sequence[str] = (),
    travel_advice: str | None = None,
) -> str:
    """The Atom address of what is wanted; all but `keywords` are slugs, as in GOV.UK's own addresses.

    One organisation, or one topical event, and nothing else has a feed of its own; so has a country's travel
    advice. Anything else is a finder's feed. Values of one kind are alternatives, different kinds narrow each
    other. `keywords` are one exact phrase: without quotes any one of the words would do, in any form. Raises
    ValueError, with a sentence, for what no feed answers.
    """
    lists = {
        "organisations": organisations,
        "people": people,
        "world_locations": world_locations,
        "topical_events": topical_events,
    }
    given = {name for name, values in (*lists.items(), ("keywords", keywords)) if values}
    if travel_advice:
        if finder or given:
            raise ValueError("travel advice is a feed of its own, which nothing can narrow")
        return f"{ROOT}/foreign-travel-advice/{travel_advice}.atom"
    if not finder and given == {"organisations"} and len(organisations) == 1:
        return f"{ROOT}/government/organisations/{organisations[0]}.atom"
    if not finder and given == {"topical_events"} and len(topical_events) == 1:
        return f"{ROOT}/government/topical-events/{topical_events[0]}.atom"
    if not finder and not given:
        raise ValueError("nothing is asked for")
    return _finder_feed(finder or DEFAULT_FINDER, keywords, lists)


def _finder_feed(finder: str, keywords: str, lists: Mapping[str, Sequence[str]]) -> str:
    if finder not in FINDERS:
        raise ValueError(f'there is no finder "{finder}"')
    pairs: Pairs = [("keywords", _phrase(keywords))] if keywords else []
    pairs += [(f"{name}[]", value) for name, values in lists.items() for value in dict.fromkeys(values)]
    strange = sorted({name.removesuffix("[]") for name, _ in pairs} - FINDERS[finder])
    if strange:
        raise ValueError(f"{finder} cannot be narrowed by {' or '.join(strange)}")
    return _with_query(f"{ROOT}/search/{finder}.atom", pairs)


def _phrase(keywords: str) -> str:
    """In double quotes, unless somebody has set quotes of their own."""
    words = " ".join(keywords.split())
    return words if '"' in words else f'"{words}"'


def atom_of_page(url: str) -> str | None:
    """The Atom feed that tells of what a GOV.UK page is about; None where there is none.

    Takes the addresses of finders with their filters, organisations, world locations, people, ministers,
    topical events, travel advice, and of feeds themselves, also of those that are dead but have a successor.
    `/search/all` has none: robots.txt forbids its feed.
    """
    if not is_govuk(url):
        return None
    parts = urlsplit(clean_url(url))
    path = parts.path.rstrip("/")
    is_feed = path.endswith(".atom") or path == "/government/feed"
    found = f"{ROOT}{path}" if is_feed else None
    match _LOCALE.sub("", path.removesuffix(".atom")).split("/")[1:]:
        case ["search", finder] if _is_slug(finder):
            kept = _finder_query(parts.query)
            found = _with_query(f"{ROOT}/search/{finder}.atom", kept) if finder != "all" else None
        case ["world", place] | ["world", place, "news"] if _is_slug(place) and place not in _NO_PLACES:
            found = feed_url(world_locations=[place])
        case ["government", "organisations", slug, *_] if _is_slug(slug):
            found = feed_url(organisations=[slug])
        case ["government", "topical-events", slug, *_] if _is_slug(slug):
            found = feed_url(topical_events=[slug])
        case ["government", "people", slug] if _is_slug(slug):
            found = feed_url(people=[slug])
        case ["government", "ministers", slug] if _is_slug(slug):
            found = _with_query(f"{ROOT}/search/{DEFAULT_FINDER}.atom", [("roles[]", slug)])
        case ["foreign-travel-advice"]:
            found = f"{ROOT}/foreign-travel-advice.atom"
        case ["foreign-travel-advice", country, *_] if _is_slug(country):
            found = feed_url(travel_advice=country)
    return found


def is_forbidden(url: str) -> bool:
    """Whether GOV.UK's robots.txt forbids programs this address: that of the finder of everything."""
    if not is_govuk(url):
        return False
    path = unquote(urlsplit(clean_url(url)).path).lower()
    return bool(_ALL.fullmatch(path))


def _is_slug(text: str) -> bool:
    return bool(_SLUG.fullmatch(text))


def _finder_query(query: str) -> Pairs:
    """What of a finder's query narrows it: not the page, the order or where the reader came from."""
    pairs = []
    for key, value in parse_qsl(query):
        name = _name(key)
        if name in _KEPT:
            pairs.append((f"{name}[]" if name in _LISTS or key.endswith("[]") else name, value))
    return pairs


def _name(key: str) -> str:
    """What a key of a finder's query names: `people[]`, `people` and, for keywords, `q` are all in use."""
    name = re.sub(r"\[\d*\]$", "", key)
    return "keywords" if name == "q" else name


def search_url(feed: str, since: datetime) -> str | None:
    """The Search API's address for what the feed at this address would have shown from `since` on.

    For feeds of finders, organisations and topical events; None for others, and for finders of what is still
    to come. It begins a day early, as the API knows only days, and not in which time zone. Newest first,
    `SEARCHED_ROWS` at most.
    """
    if not is_govuk(feed):
        return None
    parts = urlsplit(clean_url(feed))
    match parts.path.removesuffix(".atom").split("/")[1:]:
        case ["search", finder] if finder in FINDERS:
            filters = _as_search(finder, parts.query)
        case ["government", "organisations", slug]:
            filters = [("filter_organisations", slug), ("reject_content_purpose_supergroup", "other")]
        case ["government", "topical-events", slug]:
            filters = [("filter_topical_events", slug), ("reject_content_purpose_supergroup", "other")]
        case _:
            return None
    if filters is None:
        return None
    day = (since - timedelta(days=1)).date()
    rest = [
        ("filter_public_timestamp", f"from:{day.isoformat()}"),
        ("order", "-public_timestamp"),
        ("count", str(SEARCHED_ROWS)),
        ("fields", ",".join(_FIELDS)),
    ]
    return _with_query(f"{ROOT}/api/search.json", [*filters, *rest])


def _as_search(finder: str, query: str) -> Pairs | None:
    """A finder and its filters in the words of the Search API; None where they cannot be said in them."""
    asked = [(_name(key), value) for key, value in parse_qsl(query)]
    pairs = [("q", value) for key, value in asked if key == "keywords"]
    pairs += [(f"filter_{key}", value) for key, value in asked if key in _LISTS and _narrows(finder, key)]
    pairs += [("filter_all_part_of_taxonomy_tree", value) for key, value in asked if key in _TAXONS]
    field, *values = _ALL_OF_FINDER.get(finder, ("",))
    pairs += [(f"filter_{field}", value) for value in values]
    kinds = [value for key, value in asked if key == _KINDS]
    types = _types(finder, kinds)
    return None if types is None else [*pairs, *((f"filter_{_KINDS}", value) for value in types)]


def _narrows(finder: str, key: str) -> bool:
    """Whether the finder heeds the filter; roles go where people go."""
    return ("people" if key == "roles" else key) in FINDERS[finder]


def _types(finder: str, kinds: Iterable[str]) -> list[str] | None:
    """The document types of a finder's choices; all of them are none where the finder needs no naming."""
    known = _DOCUMENT_TYPES.get(finder, {})
    chosen = [kind for kind in kinds if known]
    if not chosen:
        return list(known.get("all_research_and_statistics", ()))
    if any(kind not in known for kind in chosen):
        return None
    return [name for kind in chosen for name in known[kind]]


def content_url(page: str) -> str:
    """The Content API's address for a page of GOV.UK, for which `is_govuk` holds."""
    return f"{ROOT}/api/content{urlsplit(identity(page)).path or '/'}"


def _with_query(address: str, pairs: Pairs) -> str:
    """Percent-encoded as GOV.UK's own links are: `world_locations%5B%5D=china`."""
    return f"{address}?{urlencode(pairs, quote_via=quote, safe=':,')}" if pairs else address
