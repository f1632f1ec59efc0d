"""Core: what is particular to Google News: a report whose own address it does not give.

Link, id and description of an entry all lead to news.google.com, where a script redirects; since 2024 the
identifiers no longer hold the address, and they differ from feed to feed. What stays is the headline, with
" - Publisher" behind it, and the publisher's name in `<source>`. The description repeats the headline, or
lists those of other reports, so that it says nothing of this one.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from ..text.urls import clean_url

_HOST = "news.google.com"


def is_google_news(link: str) -> bool:
    """Whether a link leads to Google News instead of to the report itself."""
    return urlsplit(clean_url(link)).hostname == _HOST


def own_title(title: str, publisher: str) -> str:
    """The headline as its publisher wrote it."""
    return (publisher and title.removesuffix(f" - {publisher}").rstrip()) or title


def outlet(publisher: str) -> str:
    """Whose report it is, for readers; "" where that is not known."""
    return f"{publisher} (via Google News)" if publisher else ""


def key(title: str, outlet: str) -> str:
    """The identity of a report over all feeds of Google News: its headline and its publisher."""
    words = " ".join(title.casefold().split())
    return "google-news:" + sha256(f"{words}\n{outlet}".encode("utf-8", "replace")).hexdigest()[:32]
