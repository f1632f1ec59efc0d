"""Border: one entry of `sources` → its Source: the address that a form stands for, and what it implies."""

from __future__ import annotations

from datetime import timedelta

from .. import govuk, parliament
from ..models import Format, Kind, Side, Source
from .schema import GovukSection, ParliamentSection, PollingSection, SourceSection

_OF_CHINA = {"china", "hong-kong", "macao"}


def source(section: SourceSection, polling: PollingSection) -> Source:
    """The source with all defaults filled in. `section` has exactly one form, and one that can be asked."""
    url, format_, window = _address(section)
    name = section.name or section.id
    return Source(
        id=section.id,
        name=name,
        url=url,
        kind=section.kind or _kind(section),
        outlet=section.outlet or _outlet(section) or name,
        every=section.every or polling.every,
        max_bytes=section.max_bytes or polling.max_bytes,
        timeout=(section.timeout or polling.timeout).total_seconds(),
        side=section.side if "side" in section.model_fields_set else _side(section),
        enabled=section.enabled,
        headers=tuple(section.headers.items()),
        strip=tuple(section.strip),
        full_text=section.full_text,
        lang=section.lang,
        note=section.note,
        format=format_,
        window=window,
    )


def govuk_feed(section: GovukSection) -> str:
    """The Atom address that the form stands for. Raises ValueError where there is none."""
    return govuk.feed_url(
        finder=section.finder,
        world_locations=section.world_locations,
        organisations=section.organisations,
        keywords=section.keywords or "",
        people=section.people,
        topical_events=section.topical_events,
        travel_advice=section.travel_advice,
    )


def parliament_list(section: ParliamentSection) -> str:
    """The address, with `{from}`, that the form stands for. Raises ValueError where there is none."""
    return parliament.address(section.list, section.search or "", section.house)


def _address(section: SourceSection) -> tuple[str, Format, timedelta | None]:
    if section.parliament:
        wanted = section.parliament.list
        return parliament_list(section.parliament), wanted, parliament.window(wanted)
    return govuk_feed(section.govuk) if section.govuk else section.url or "", "feed", None


def _kind(section: SourceSection) -> Kind:
    if section.parliament:
        return "parliament"
    return "official-uk" if section.govuk else "other"


def _outlet(section: SourceSection) -> str:
    if section.parliament:
        return "UK Parliament"
    return "GOV.UK" if section.govuk else ""


def _side(section: SourceSection) -> Side | None:
    """What the form alone implies: all of it is British, and what is tagged with China is about both."""
    if section.govuk:
        places = {*section.govuk.world_locations, section.govuk.travel_advice}
        return "both" if places & _OF_CHINA else "uk"
    return "uk" if section.parliament else None
