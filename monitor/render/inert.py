"""Core: makes strangers' text and addresses harmless before a template sees them.

Escaping is the template's (autoescape). Here is what escaping leaves alone: control characters, marks that
turn the reading direction round, half characters that no file can hold, and addresses that are not links.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

# Left-to-right and right-to-left marks, embeddings, overrides and isolates (Unicode UAX #9, 2.1 to 2.6): with
# them a headline can show its letters in another order than it has them.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_IN_URL = re.compile(r'[\s<>"`\\^{|}]')


def clean(text: str) -> str:
    """Any text → one line of printable text: white space squeezed, controls and direction marks taken out.

    A lone surrogate becomes U+FFFD, because UTF-8 cannot hold it.
    """
    if text.isprintable():  # which no control, direction mark, half or non-character is
        return " ".join(text.split())
    # White space first: some of it is among the controls, and is a gap before it is anything else.
    spaced = " ".join(text.split())
    return " ".join("".join(map(_printable, spaced)).split())


def _printable(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cc" or char in _DIRECTION or _is_noncharacter(ord(char)) else char


def _is_noncharacter(code: int) -> bool:
    """Code points that are never text (Unicode 23.7); HTML calls each a parse error."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def safe_url(url: str) -> str:
    """An address that may become a link: http or https with a host, no white space or quotes; else ""."""
    address = clean(url)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return _NOT_IN_URL.sub(lambda found: quote(found.group()), address)
