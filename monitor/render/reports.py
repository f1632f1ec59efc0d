"""Core: one item in words, as editions, story pages and topic pages show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..models import Judged, Page
from . import words
from .inert import clean, safe_url
from .words import When

TITLE_CHARS = 120
ORGANISATIONS_SHOWN = 2
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Report:
    """One item of a story."""

    id: str
    title: str
    url: str
    outlet: str
    kind: str
    """In words: "UK media"."""
    lang: str
    """BCP 47 tag where the text is not English, else ""."""
    when: When | None
    """When it was published; None where the publisher gives no date."""
    first_seen: When
    status: str = ""
    """Withdrawn or Removed, where its publisher has done so."""
    about: str = ""
    """What its publisher calls it: "Guidance · Department for Business and Trade"."""
    same_text: bool = False
    """Whether it carries word for word what an earlier report of the story carries."""
    together: str = ""
    """What it shares with the story it is folded into, where that is known."""


def report(judged: Judged, zone: ZoneInfo, year: int) -> Report:
    """One item in words. `year` is the edition's: dates of other years say theirs."""
    return Report(
        id=str(judged.id),
        title=words.shortened(clean(judged.item.title), TITLE_CHARS) or "(no title)",
        url=safe_url(judged.item.url),
        outlet=clean(judged.outlet),
        kind=words.KINDS[judged.kind],
        lang=lang_of(judged.item.lang, judged.item.title),
        when=words.moment(judged.date, zone, year) if judged.date else None,
        first_seen=words.moment(judged.first_seen, zone, year),
        status=words.PAGE_STATUSES.get(judged.page.status, "") if judged.page else "",
        about=_about(judged.page) if judged.page else "",
    )


def _about(page: Page) -> str:
    """Guidance · HM Treasury, Department for Business and Trade and 2 others."""
    names = [name for name in map(clean, page.organisations) if name]
    shown, others = names[:ORGANISATIONS_SHOWN], len(names) - ORGANISATIONS_SHOWN
    if others > 0:
        shown.append(words.count(others, "other"))
    return " · ".join(filter(None, (clean(page.document_type), words.listing(shown))))


def lang_of(lang: str, title: str) -> str:
    """The language of a headline where it is not the page's own, so that a voice and a font can be chosen."""
    if lang.lower().startswith("en") and len(_HAN.findall(title)) * 2 > len(title.replace(" ", "")):
        return "zh"
    return lang if _LANG.fullmatch(lang) and not lang.lower().startswith("en") else ""
