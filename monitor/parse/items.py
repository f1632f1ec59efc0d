"""Core: raw entries → items: plain text without boilerplate, within limits, absolute links, UTC dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from urllib.parse import urlsplit

from .. import govuk
from ..models import Item, ParsedFeed, Source
from ..text.boilerplate import strip_boilerplate, strip_phrases
from ..text.html import plain
from ..text.urls import clean_url, identity_url
from . import google_news
from .dates import CHINA, parse_date
from .identity import Draft, keyed
from .prose import MAX_SUMMARY, MAX_TEXT, MAX_TITLE, clip, readable, short, uncut
from .raw import MAX_ENTRIES, ParseError, RawEntry, RawFeed

MAX_GUID = 1_024
"""Characters."""

_MADE_TITLE = 100
_MADE_SUMMARY = 600
_SENTENCE_END = re.compile(r"(?:[.!?…][\"'”’)]{0,2}(?=\s)|[。！？][”’」』]?)")

_CHINESE_SOURCES = {"official-china", "state-media"}
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_CHINESE_SHARE = 0.25
"""Of a title's letters: one character says what English needs a word for."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?![a-z])")


@dataclass(frozen=True, slots=True)
class Entries:
    """What the entries of a document became."""

    feed: ParsedFeed
    keys: tuple[str, ...]
    """For each entry that could be read, the key of its item: two may be one."""
    addresses: tuple[str, ...]
    """For each, the address that it is compared by; "" for none, and for the home page of the feed."""


def to_items(raw: RawFeed, source: Source, feed_url: str) -> Entries:
    """The items of a document, keyed: those of its first `MAX_ENTRIES` entries.

    `feed_url` is the address that answered, for relative links. Raises ParseError for a retired GOV.UK feed.
    """
    ended = next((entry for entry in raw.entries if govuk.is_ended(entry.guid, entry.title)), None)
    if ended:
        raise ParseError(
            f"GOV.UK says that this feed has ended; {ended.link or 'www.gov.uk'} stands in its place. "
            "Look there for a new feed and change the source's url",
            ended=True,
        )
    home = clean_url(raw.link, feed_url)
    drafts, skipped = [], []
    for number, entry in enumerate(raw.entries[:MAX_ENTRIES], start=1):
        draft = _draft(entry, raw, source, home or feed_url)
        if draft:
            drafts.append(draft)
        else:
            skipped.append(f"entry {number} has neither link nor title nor guid")
    beyond = len(raw.entries[MAX_ENTRIES:]) + raw.unread
    if beyond:
        skipped.append(f"{beyond} more entries than the {MAX_ENTRIES} that are read at a time")
    site = identity_url(home)
    items, keys = keyed(drafts, site)
    feed = ParsedFeed(
        title=short(raw.title) or source.name,
        items=items,
        skipped=tuple(skipped),
        rows=raw.rows,
        total=raw.total,
    )
    return Entries(feed, keys, tuple("" if draft.address == site else draft.address for draft in drafts))


def _draft(entry: RawEntry, raw: RawFeed, source: Source, base: str) -> Draft | None:
    if not entry.is_readable:
        return None
    url = clean_url(entry.link, base)
    is_second_hand = google_news.is_google_news(url)
    publisher = short(entry.publisher) if is_second_hand else ""
    summary, text = ("", "") if is_second_hand else _texts(entry, source)
    title = _title(entry, source, url, publisher) or _title_from(summary, url, entry.guid)
    if not title:  # nothing is left of its link, title and guid
        return None
    lang = _language(title, source.lang or "", entry.lang, raw.lang)
    clock = raw.clock or (CHINA if lang == "zh" or source.kind in _CHINESE_SOURCES else UTC)
    item = Item(
        key="",
        source_id=source.id,
        guid=_guid(entry.guid),
        url=url,
        title=clip(title, MAX_TITLE),
        summary=summary,
        text=text,
        lang=lang,
        published=parse_date(entry.published, clock),
        updated=parse_date(entry.updated, clock),
        outlet=google_news.outlet(publisher),
    )
    return Draft(item, identity_url(entry.link, base))


def _title(entry: RawEntry, source: Source, url: str, publisher: str) -> str:
    whole = google_news.own_title(uncut(entry.title, MAX_TITLE), publisher)
    title = strip_boilerplate(whole, source.strip)
    if 2 * len(title) < len(whole):  # the title is about what else is boilerplate
        title = strip_phrases(whole, source.strip)
    return govuk.page_title(title, url, entry.categories) if title and govuk.is_govuk(url) else title


def _title_from(summary: str, url: str, guid: str) -> str:
    """A name for an entry without title."""
    parts = urlsplit(url)
    return clip(summary, _MADE_TITLE) or (parts.path if parts.path != "/" else url) or plain(guid[:MAX_TITLE])


def _texts(entry: RawEntry, source: Source) -> tuple[str, str]:
    """Summary and longer text; where there is only one long text, the summary is its beginning."""
    summary = readable(entry.summary, MAX_SUMMARY, source.strip)
    text = readable(entry.content, MAX_TEXT, source.strip)
    if not summary:
        summary = _beginning(text)
    return summary, text if len(text) > len(summary) else ""


def _beginning(text: str) -> str:
    """Whole sentences of at most `_MADE_SUMMARY` characters, or as many words."""
    if len(text) <= _MADE_SUMMARY:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, _MADE_SUMMARY)]
    return text[: ends[-1]] if ends else clip(text, _MADE_SUMMARY)


def _guid(guid: str) -> str:
    """An id without what changes in it: tracking, and the place on the page that BBC's end in.

    GOV.UK's travel advice has ids with blanks: those are no addresses, whatever they begin with.
    """
    if guid.startswith(("http://", "https://")) and not any(character.isspace() for character in guid):
        guid = clean_url(guid) or guid
    guid = uncut(guid, MAX_GUID)
    return guid if len(guid) <= MAX_GUID else sha256(guid.encode()).hexdigest()


def _language(title: str, *named: str) -> str:
    """The primary language subtag (RFC 5646): by the title's script, else the first named that can be."""
    letters = sum(character.isalpha() for character in title) or 1
    if _HANGUL.search(title):
        return "ko"
    if _KANA.search(title):
        return "ja"
    if len(_HAN.findall(title)) / letters >= _CHINESE_SHARE:
        return "zh"
    for name in named:
        found = _LANGUAGE.match(name.strip().lower())
        if found and (found[0] != "zh" or _HAN.search(title)):
            return found[0]
    return "en"
