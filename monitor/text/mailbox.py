"""Core: mail addresses as people write them."""

from __future__ import annotations

import re
import unicodedata

_WITH_NAME = re.compile(r"([^<>]*)<([^<>]+)>")
_QUOTED_NAME = re.compile(r'"(.*)"')
_PLAIN_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
"""A dot-atom (RFC 5322, 3.2.3), with letters of any script in it (RFC 6532, 3.2)."""
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[a-z0-9.:-]+\]")
_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST = 64, 253, 254
"""Octets: RFC 5321, 4.5.3.1, and the path of 256 with its brackets."""


def mailbox(text: str) -> tuple[str, str]:
    """`Name <a@b>` or `a@b` → (name, or "" where there is none; address as mail servers take it).

    The domain comes out in ASCII and small letters (IDNA 2008, RFC 5891); it may be an address in brackets.
    The part before the @ stays as it is, in quotes where it needs them (RFC 5321, 4.1.2); one that is not
    ASCII is for servers that offer SMTPUTF8 alone. Raises ValueError with what is wrong.
    """
    if not text.isprintable():
        raise ValueError(f"{text!r} is not a mail address: it holds characters that do not print")
    found = _WITH_NAME.fullmatch(text.strip())
    name, address = found.groups() if found else ("", text)
    local, at, domain = address.strip().rpartition("@")
    if not (at and local and domain):
        raise ValueError(f"{text!r} is not a mail address: write analyst@example.org, alone or after a name")
    whole = f"{_local(local, text)}@{ascii_domain(domain)}"
    if len(whole.encode("utf-8")) > _LONGEST:
        raise ValueError(f"{text!r} is not a mail address: it is longer than {_LONGEST} bytes")
    return _name(name), whole


def ascii_domain(domain: str) -> str:
    """A host's name in any script → in ASCII and small letters. Raises ValueError where it is none."""
    ascii_ = domain.lower() if domain.isascii() else _idna(domain)
    ascii_ = ascii_.removesuffix(".")
    if len(ascii_) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(ascii_):
        raise ValueError(f"{domain!r} is not a domain")
    return ascii_


def _idna(domain: str) -> str:
    import idna  # noqa: PLC0415 - its tables are large, and most domains are ASCII

    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise ValueError(f"{domain!r} is not a domain: {error}") from None


def _name(written: str) -> str:
    name = " ".join(written.split())
    quoted = _QUOTED_NAME.fullmatch(name)
    return re.sub(r"\\(.)", r"\1", quoted[1]).strip() if quoted else name


def _local(written: str, text: str) -> str:
    local = unicodedata.normalize("NFC", written)
    if not (_PLAIN_LOCAL.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local)):
        local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    if len(local.encode("utf-8")) > _LONGEST_LOCAL:
        raise ValueError(f"{text!r} is not a mail address: more than {_LONGEST_LOCAL} bytes before the @")
    return local
