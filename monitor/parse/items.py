"""Core: raw entries → items: plain text without boilerplate, within limits, absolute links, UTC dates."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import urlsplit

from .. import govuk
from ..models import Item, ParsedFeed, Source
from ..text.boilerplate import strip_boilerplate, strip_phrases
from ..text.html import paragraphs, plain
from ..text.urls import clean_url, identity_url
from ..text.words import is_han
from .dates import parse_date
from .identity import Draft, keyed
from .raw import ParseError, RawEntry, RawFeed

MAX_ITEMS = 2_000
MAX_TITLE = 500
MAX_GUID = 1_024
MAX_SUMMARY = 20_000
MAX_TEXT = 100_000
"""Characters, as the limits before it."""

_MARKUP_FACTOR = 5
"""How much longer than the limit a text is cut before its markup is taken away."""
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


def to_items(raw: RawFeed, source: Source, feed_url: str) -> ParsedFeed:
    """The items of a document, keyed; the first `MAX_ITEMS` entries, since feeds list the newest first.

    `feed_url` is the address that answered, for relative links. Raises ParseError for a retired GOV.UK feed.
    """
    ended = next((entry for entry in raw.entries if govuk.is_ended(entry.guid, entry.title)), None)
    if ended:
        raise ParseError(
            f"GOV.UK says that this feed has ended; {ended.link or 'www.gov.uk'} stands in its place. "
            "Look there for a new feed and change the source's url"
        )
    home = clean_url(raw.link, feed_url)
    drafts, skipped = [], []
    for number, entry in enumerate(raw.entries[:MAX_ITEMS], start=1):
        draft = _draft(entry, raw, source, home or feed_url)
        if draft:
            drafts.append(draft)
        else:
            skipped.append(f"entry {number} has neither link nor title nor guid")
    if len(raw.entries) > MAX_ITEMS:
        skipped.append(
            f"{len(raw.entries) - MAX_ITEMS} more entries than the {MAX_ITEMS} that are read at a time"
        )
    return ParsedFeed(
        title=_clip(plain(raw.title[: MAX_TITLE * _MARKUP_FACTOR]), MAX_TITLE) or source.name,
        items=keyed(drafts, identity_url(home)),
        skipped=tuple(skipped),
    )


def _draft(entry: RawEntry, raw: RawFeed, source: Source, base: str) -> Draft | None:
    if not (entry.link or entry.title or entry.guid):
        return None
    url = clean_url(entry.link, base)
    summary, text = _texts(entry, source)
    title = _title(entry, source, url) or _title_from(summary, url, entry.guid)
    lang = _language(title, source.lang or "", entry.lang, raw.lang)
    chinese = lang == "zh" or source.kind in _CHINESE_SOURCES
    item = Item(
        key="",
        source_id=source.id,
        guid=_guid(entry.guid),
        url=url,
        title=_clip(title, MAX_TITLE),
        summary=summary,
        text=text,
        lang=lang,
        published=parse_date(entry.published, chinese),
        updated=parse_date(entry.updated, chinese),
    )
    return Draft(item, identity_url(entry.link, base))


def _title(entry: RawEntry, source: Source, url: str) -> str:
    whole = plain(entry.title[: MAX_TITLE * _MARKUP_FACTOR])
    title = strip_boilerplate(whole, source.strip)
    if 2 * len(title) < len(whole):  # the title is about what else is boilerplate
        title = strip_phrases(whole, source.strip)
    return govuk.page_title(title, url, entry.categories) if govuk.is_govuk(url) else title


def _title_from(summary: str, url: str, guid: str) -> str:
    """A name for an entry without title."""
    parts = urlsplit(url)
    return (
        _clip(summary, _MADE_TITLE) or (parts.path if parts.path != "/" else url) or plain(guid[:MAX_TITLE])
    )


def _texts(entry: RawEntry, source: Source) -> tuple[str, str]:
    """Summary and longer text; where there is only one long text, the summary is its beginning."""
    summary = _readable(entry.summary, source, MAX_SUMMARY)
    text = _readable(entry.content, source, MAX_TEXT)
    if not summary:
        summary = _beginning(text)
    return summary, text if len(text) > len(summary) else ""


def _readable(html: str, source: Source, limit: int) -> str:
    text = strip_boilerplate(paragraphs(html[: limit * _MARKUP_FACTOR]), source.strip)
    return _clip(_in_one_line(text), limit)


def _in_one_line(text: str) -> str:
    """The paragraphs of a text one after the other, each closed: a standfirst often has no full stop."""
    *before, last = text.split("\n")
    return " ".join([*map(_closed, before), last])


def _closed(line: str) -> str:
    if not line or not (line[-1].isalnum() or line[-1] in ")]’”\"'"):
        return line
    return f"{line}。" if is_han(line[-1]) else f"{line}."


def _beginning(text: str) -> str:
    """Whole sentences of at most `_MADE_SUMMARY` characters, or as many words."""
    if len(text) <= _MADE_SUMMARY:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, _MADE_SUMMARY)]
    return text[: ends[-1]] if ends else _clip(text, _MADE_SUMMARY)


def _clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut after a word where one ends near the limit."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ", limit * 4 // 5)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def _guid(guid: str) -> str:
    """An id without what changes in it: tracking, and the place on the page that BBC's end in.

    GOV.UK's travel advice has ids with blanks: those are no addresses, whatever they begin with.
    """
    if guid.startswith(("http://", "https://")) and not any(character.isspace() for character in guid):
        guid = clean_url(guid) or guid
    guid = plain(guid[: MAX_GUID * _MARKUP_FACTOR])
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
