"""Shell: what a new source is given: an id, a kind, a form; and whether it is new at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from urllib.parse import parse_qsl, urlsplit

from .. import config, govuk
from ..config import edit
from ..config.edit import Draft
from ..config.values import Value
from ..models import Kind, Refusal, Source
from ..text import identity_url
from .context import Context

LONGEST_ID = 40
_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")
# Of a host name, what does not name the publisher.
_COMMON_LABELS = re.compile(r"^(?:(?:www\d?|feeds?\d?|rss|m|en|news|blog)\.)+(?=.*\.)")
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"(?:.*\.)?parliament\.(?:uk|scot|wales)", "parliament"),
    (r"(?:.*\.)?gov\.(?:uk|scot|wales)", "official-uk"),
    (r"(?:.*\.)?gov\.(?:cn|hk|mo)", "official-china"),
    (r".*\.(?:ac\.uk|edu\.cn|edu\.hk|edu)", "university"),
)
_DEFAULT_FINDER = "news-and-communications"
_GOVUK_LISTS = ("organisations", "people", "world_locations", "topical_events")


class NothingAdded(Refusal):
    """The config was left as it is, for a reason that lies with the source."""

    exit_code = 1


def draft_of(context: Context) -> Draft:
    """The config as text to add to; the context then has the same config. Raises ConfigError."""
    file = config.find(context.args.config, context.environ, context.cwd)
    draft = edit.open_draft(file, context.environ)
    context.config = draft.config
    return draft


class Known:
    """Which addresses are sources already."""

    def __init__(self, sources: Collection[Source]) -> None:
        self._by_identity: dict[str, Source] = {}
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """Counts `source` in, by its address and by what of it is told to others."""
        for address in (source.url, source.shown_url):
            self._by_identity.setdefault(_identity(address), source)

    def find(self, url: str) -> Source | None:
        """The source that is asked at this address, however it is spelt."""
        return self._by_identity.get(_identity(url))


def _identity(url: str) -> str:
    return identity_url(govuk.atom_of_page(url) or url)


def free_id(title: str, url: str, is_taken: Callable[[str], bool]) -> str:
    """An id for a feed, of its publisher's host and its title; with a number where there is one like it."""
    host = _COMMON_LABELS.sub("", _host(url))
    is_number = re.fullmatch(r"[\d.]+|.*:.*", host)
    publisher = "" if is_number else "govuk" if host == "gov.uk" else _slug(host.partition(".")[0])
    name = _slug(title)
    if not name:
        name = publisher or "source"
    elif publisher.replace("-", "") not in name.replace("-", ""):
        name = f"{publisher}-{name}"
    name = _clipped(name)
    numbered = (f"{name}-{number}" for number in range(2, 1_000_000))
    return name if not is_taken(name) else next(one for one in numbered if not is_taken(one))


def govuk_names(title: str, url: str) -> tuple[str, str]:
    """(name, words for the id) of a feed of GOV.UK: a finder's feeds have one title, whatever they ask."""
    parts = urlsplit(url)
    *_, last = parts.path.removesuffix(".atom").split("/")
    if not parts.path.startswith("/search/"):
        travel = "travel " if parts.path.startswith("/foreign-travel-advice/") else ""
        return title, f"govuk {travel}{last}"
    asked = [value for _, value in parse_qsl(parts.query)]
    finder = [] if last == _DEFAULT_FINDER and asked else [last]
    return f"{title}: {', '.join(asked)}" if asked else title, " ".join(["govuk", *finder, *asked])


def _host(url: str) -> str:
    """In small letters; "" for what is no address, which the config's own check tells of later."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "").replace("’", "")).strip("-")


def _clipped(name: str) -> str:
    if len(name) <= LONGEST_ID:
        return name
    cut = name[: LONGEST_ID + 1].rpartition("-")[0]
    return cut or name[:LONGEST_ID]


def likely_kind(url: str) -> Kind | None:
    """What a host's name says of its owner; None where it says nothing."""
    host = _host(url)
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, host)), None)


def where(draft: Draft, url: str) -> dict[str, Value]:
    """`url` as the config best says it: as `govuk:` where that means exactly this address, else as it is."""
    form = _govuk_form(url)
    if form:
        try:
            if edit.as_source(draft, {"id": "form", "govuk": form}).url == url:
                return {"govuk": form}
        except edit.EditError:  # GOV.UK has feeds that the form has no words for
            pass
    return {"url": url}


def _govuk_form(url: str) -> dict[str, Value] | None:
    """The words of `govuk:` for an Atom address, as far as there are any."""
    parts = urlsplit(url)
    if not govuk.is_govuk(url) or not parts.path.endswith(".atom"):
        return None
    match parts.path.removesuffix(".atom").split("/")[1:]:
        case ["search", finder]:
            return _finder_form(finder, parse_qsl(parts.query))
        case ["government", "organisations", slug]:
            return {"organisations": [slug]}
        case ["government", "topical-events", slug]:
            return {"topical_events": [slug]}
        case ["foreign-travel-advice", country]:
            return {"travel_advice": country}
    return None


def _finder_form(finder: str, asked: list[tuple[str, str]]) -> dict[str, Value] | None:
    form: dict[str, Value] = {} if finder == _DEFAULT_FINDER else {"finder": finder}
    for name in dict.fromkeys(name for name, _ in asked):
        values: list[Value] = [value for key, value in asked if key == name]
        bare = name.removesuffix("[]")
        if bare in _GOVUK_LISTS:
            form[bare] = values
        elif bare == "keywords" and len(values) == 1:
            phrase = str(values[0])
            is_one = phrase.startswith('"') and phrase.endswith('"') and phrase.count('"') == 2
            form[bare] = phrase[1:-1] if is_one else phrase
        else:
            return None
    if set(form) in ({"organisations"}, {"topical_events"}, set()):
        form["finder"] = finder  # without it they would mean a feed of their own
    return form


def shown(url: str) -> str:
    """An address without the login in it."""
    return _LOGIN.sub("", url)
