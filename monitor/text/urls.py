"""Core: addresses of pages, once for showing and once for comparing.

`clean_url` is what is stored and linked: the publisher's address without tracking. `identity_url` is what
tells whether two addresses lead to one page; nobody need be able to open it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

MAX_URL = 2_048
"""Characters. Longer addresses are not linked, and compared by their digest."""

_PORTS = {"http": 80, "https": 443}
_EDGES = "".join(map(chr, range(33))) + "\x7f\xa0\u200b\ufeff"
_HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON can carry it, and no encoding takes it
_HOST = re.compile(r"[a-z0-9_.:-]{1,253}")  # what urlsplit hands out, IPv6 without its brackets
# Kept as they are when an address is made ASCII (RFC 3986, 2.2 and 2.3), the percent sign included.
_SAFE = "%/:=&?~+!$,;'@()*[]|"

_TRACKING = re.compile(
    r"(?:utm_|at_|ns_|mc_[ce]id$|_hs|vero_|oly_|wt[._]mc|piano_|pk_|mtm_|guce_).*"
    r"|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|ttclid|li_fat_id|mkt_tok|s_cid|icid|ncid"
    r"|cmp|cmpid|traffic_source|maca|ocid|xtor|ito|ftag|spm|smid|smtyp|sharetype|sr_share|echobox|taid|emc",
    re.IGNORECASE,
)
_TRACKING_FRAGMENT = re.compile(
    r"\d+|(?:tk\.|xtor=|utm_|at_|ns_|cmp=|ref=|echobox=|intcid|myft:).*", re.IGNORECASE | re.DOTALL
)
_AMP_QUERY = re.compile(r"amp(?:=(?:1|true)?)?|outputType=amp", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?<=[^/])(?:/amp|\.amp)$", re.IGNORECASE)
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_SAME_HOST = {
    "gov.uk": "www.gov.uk",
    "bbc.com": "www.bbc.co.uk",
    "www.bbc.com": "www.bbc.co.uk",
    "m.bbc.com": "www.bbc.co.uk",
    "bbc.co.uk": "www.bbc.co.uk",
    "m.bbc.co.uk": "www.bbc.co.uk",
}


def clean_url(url: str, base: str = "") -> str:
    """The address to show: absolute http or https, ASCII, without tracking; "" where there is none.

    `url` may be relative to `base`. Scheme and host are lower case, the default port and user names are
    dropped, Google's redirect (`google.com/url?…&url=…`) gives its target, and a fragment stays unless it
    tracks. Never raises. More than `MAX_URL` characters give "": half an address is worse than none.
    """
    cleaned = _cleaned(url, base)
    return cleaned if len(cleaned) <= MAX_URL else ""


def identity_url(url: str, base: str = "") -> str:
    """The address to compare: like `clean_url`, and one for all spellings of a page; "" where there is none.

    Always https; without fragment (but for `#!` and `#/`, which name pages), closing slash and AMP marks; one
    host for BBC and for GOV.UK. Never raises. More than `MAX_URL` characters give `sha256:` and the digest.
    """
    cleaned = _cleaned(url, base)
    if not cleaned:
        return ""
    parts = urlsplit(cleaned)
    host = _SAME_HOST.get(parts.netloc, parts.netloc)
    if host.startswith("amp."):
        host = "www." + host.removeprefix("amp.")
    path = _AMP_PATH.sub("", parts.path.rstrip("/")) or "/"
    query = "&".join(pair for pair in parts.query.split("&") if not _AMP_QUERY.fullmatch(pair))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    identity = SplitResult("https", host, path, query, fragment).geturl()
    return identity if len(identity) <= MAX_URL else f"sha256:{sha256(identity.encode()).hexdigest()}"


def _cleaned(url: str, base: str) -> str:
    # Each entry's address is asked for several times over. Longer ones are not kept: they might fill memory.
    return (_clean if len(url) <= MAX_URL >= len(base) else _clean.__wrapped__)(url, base)


@lru_cache(256)
def _clean(url: str, base: str) -> str:
    url = _HALF.sub("\ufffd", url).strip(_EDGES)
    if not url:  # which would be the base itself
        return ""
    try:
        parts = urlsplit(urljoin(base, url))
        port, hostname = parts.port, _ascii_host(parts.hostname or "")
    except ValueError:  # "http://[", "http://host:port", a label of more than 63 characters
        return ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(hostname):
        return ""
    target = _redirect_target(hostname, parts)
    if target:
        return _cleaned(target, "")
    host = f"[{hostname}]" if ":" in hostname else hostname.rstrip(".")
    netloc = host if port in {None, _PORTS[parts.scheme]} else f"{host}:{port}"
    fragment = "" if _TRACKING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    ascii_parts = (_ascii(part) for part in (parts.path or "/", _without_tracking(parts.query), fragment))
    return SplitResult(parts.scheme, netloc, *ascii_parts).geturl()


def _redirect_target(host: str, parts: SplitResult) -> str:
    """Where Google's redirect leads, as in the feeds of Google Alerts."""
    if parts.path != "/url" or not _GOOGLE.fullmatch(host):
        return ""
    values = dict(pair.partition("=")[::2] for pair in parts.query.split("&"))
    target = unquote(values.get("url") or values.get("q") or "")
    # Its own address again would have no end.
    return target if target.startswith(("http://", "https://")) and "/url?" not in target else ""


def _without_tracking(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair]
    return "&".join(pair for pair in pairs if not _TRACKING.fullmatch(unquote(pair.partition("=")[0])))


def _ascii_host(host: str) -> str:
    # The codec takes quadratic time, and no name is longer than this (RFC 1035, 2.3.4).
    return host if host.isascii() else host[:254].encode("idna").decode("ascii")


def _ascii(part: str) -> str:
    return quote(part, safe=_SAFE, errors="replace")
