"""Border: what `monitor check` advises about mail and channels. It has no codes: `# lint: ok` silences it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ...models import Problem
from ..hosts import is_loopback
from ..values import Document, FromEnv, Loc, Value
from .findings import is_silenced


def delivering(document: Document) -> Iterator[Problem]:
    """Warnings about mails that nobody gets, secrets in the file, addresses that not every server takes."""
    for problem in (*_not_mailed(document), *_secrets(document), *_addresses(document)):
        if not is_silenced(document, (problem.line,), ""):
            yield problem


def channels(document: Document) -> Iterator[tuple[Loc, str]]:
    """Every channel of every digest with its place; those that are no text, or empty, are left out."""
    for digest in _digests(document):
        for loc, url in _entries(document, (*digest, "channels")):
            if isinstance(url, str) and url.strip():
                yield loc, url


def _not_mailed(document: Document) -> Iterator[Problem]:
    if document.at(("mail",)) is not None:
        return
    for digest in _digests(document):
        if _entries(document, (*digest, "to")):
            message = "this digest has recipients, and the file does not say how mail leaves: nobody gets it"
            hint = "add mail: with at least from: and host:, or delete the recipients"
            yield document.warning((*digest, "to"), message, hint, key=True)


def _secrets(document: Document) -> Iterator[Problem]:
    password: Loc = ("mail", "password")
    if _is_written(document.at(password)):
        hint = 'write "${MONITOR_SMTP_PASSWORD}" and set that variable, or MONITOR_SMTP_PASSWORD_FILE'
        yield document.warning(password, "whoever reads this file has the password of the mail server", hint)
    for loc, url in channels(document):
        if _is_written(url) and not _is_here(url):
            message = "whoever reads this file can write to this channel"
            hint = 'write "${CHANNEL_URL}" and set that variable, or CHANNEL_URL_FILE'
            yield document.warning(loc, message, hint)


def _is_written(value: Value) -> bool:
    return isinstance(value, str) and bool(value) and not isinstance(value, FromEnv)


def _is_here(url: str) -> bool:
    """Whether the URL leads to this machine."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _addresses(document: Document) -> Iterator[Problem]:
    """RFC 6531: what is not ASCII before the @ needs a server with the extension SMTPUTF8."""
    recipients = [entry for digest in _digests(document) for entry in _entries(document, (*digest, "to"))]
    others: list[Loc] = [("mail", "from"), ("mail", "reply_to")]
    for loc, address in (*recipients, *((loc, document.at(loc)) for loc in others)):
        if isinstance(address, str) and not _local_part(address).isascii():
            message = "before the @ stands more than plain ASCII: only mail servers with SMTPUTF8 take that"
            yield document.warning(loc, message, "`monitor mail check` says whether yours does")


def _local_part(address: str) -> str:
    return address.rpartition("<")[2].rpartition("@")[0]


def _digests(document: Document) -> list[Loc]:
    found = document.at(("digests",))
    return [("digests", name) for name in found] if isinstance(found, dict) else []


def _entries(document: Document, loc: Loc) -> list[tuple[Loc, Value]]:
    found = document.at(loc)
    return [((*loc, at), entry) for at, entry in enumerate(found)] if isinstance(found, list) else []
