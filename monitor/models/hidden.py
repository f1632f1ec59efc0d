"""Core: addresses without what is secret in them: fit to be stored, shown and logged."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import unquote, urlsplit

_SECRET = re.compile(
    r"(?:.*[-_.])?(?:key|token|secret|password|passwd|pwd|auth|sig|signature|session|sid)"
    r"|.*(?:apikey|token|password|secret)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def without_secrets(url: str) -> str:
    """An address without login, and without parameters that are named like keys and passwords.

    "" for what cannot be read as an address: nobody knows what in it is secret.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    pairs = [pair for pair in parts.query.split("&") if not _is_secret(pair)]
    netloc = parts.netloc.rpartition("@")[2]
    if netloc == parts.netloc and "&".join(pairs) == parts.query:
        return url  # byte for byte
    return parts._replace(netloc=netloc, query="&".join(pairs)).geturl()


def address_mark(url: str) -> str:
    """What tells one address from another and may be stored: `without_secrets`, which most addresses are.

    Where something was left out, eight bits of a digest of the whole follow. They notice a new password but
    once in 256 times, when nothing worse comes of it than that validators are kept; and whoever has the
    database can rule out guesses, but confirm none.
    """
    shown = without_secrets(url)
    return shown if shown == url else f"{shown}#{blake2b(url.encode(), digest_size=1).hexdigest()}"


def _is_secret(pair: str) -> bool:
    return bool(_SECRET.fullmatch(unquote(pair.partition("=")[0])))
