"""Core: how a text travels in a mail, and how many bytes it is on the way.

Short lines of ASCII would travel as they are, but a mail that holds one “ or one 汉 must be encoded, because
relays without 8BITMIME exist (RFC 6152). Quoted-printable leaves ASCII readable and triples every other byte;
base64 makes everything a third longer. The shorter one is taken: base64 where a seventh or so is Chinese.
"""

from __future__ import annotations

import string
from typing import Literal

TransferEncoding = Literal["quoted-printable", "base64"]

# RFC 2045, 6.7 (1) and (2): these stand for themselves, "=" does not.
_AS_THEY_ARE = (string.ascii_letters + string.digits + string.punctuation + " \t").replace("=", "").encode()
_LINE = 73
"""Characters of a line in quoted-printable before "=" breaks it: 76, less one "=E6" that stays whole."""
_BYTES_IN_BASE64_LINE = 57


def transfer_encoding(text: str) -> TransferEncoding:
    """The encoding (RFC 2045, 6) in which a mail's part is sent: the shorter one."""
    return "quoted-printable" if _quoted(text) <= _base64(text) else "base64"


def encoded_size(text: str) -> int:
    """Bytes of a mail's part in its `transfer_encoding`, with line ends: never too few, hardly too many."""
    return min(_quoted(text), _base64(text))


def _quoted(text: str) -> int:
    total = 0
    for line in text.encode("utf-8").split(b"\n"):
        size = len(line) + 2 * len(line.translate(None, _AS_THEY_ARE))
        # A space at the end of a line must be encoded too.
        total += size + 3 * (size // _LINE) + 2 + 2 * line.endswith((b" ", b"\t"))
    return total


def _base64(text: str) -> int:
    # Line ends become two bytes, and the last line has one too.
    size = len(text.encode("utf-8")) + text.count("\n") + 2
    lines = -(-size // _BYTES_IN_BASE64_LINE)
    return -(-size // 3) * 4 + 2 * lines
