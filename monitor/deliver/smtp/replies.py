"""I/O: what a mail server answers, made fit to be shown, and explained where its meaning is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_CHARS = 200
CLOSING = 421
"""The server closes the connection (RFC 5321, 3.8)."""
LOGIN_TROUBLE = frozenset((530, 534, 535, 538))
"""Replies about the login (RFC 4954, 6): mending it needs no other mail."""

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")  # RFC 3463
_MODERN = "set mail.auth_command to a program that prints an access token (XOAUTH2)"
_BASIC_OFF = f"Microsoft 365 no longer takes passwords here: {_MODERN}, or let its administrator allow them"
_APP_PASSWORD = f"Google wants an app password in mail.password instead of the account's own; or {_MODERN}"
# Microsoft: learn.microsoft.com, "Fix NDR error" pages; Google: support.google.com/a/answer/3726730.
_KNOWN = {
    "5.7.3": "the user name, password or token is wrong",
    "5.7.8": "the user name, password or token is wrong",
    "5.7.9": _APP_PASSWORD,
    "5.7.14": _APP_PASSWORD,
    "5.7.30": _BASIC_OFF,
    "5.7.57": f"the server wants a login; with Microsoft 365, {_MODERN}",
    "5.7.60": "the login may not send as mail.from: use the address of the login, or let it send as this one",
    "5.7.139": _BASIC_OFF,
}
_BY_CODE = {
    530: "the server wants a login first: set mail.username, and mail.password or mail.auth_command",
    534: "the server does not take this way of logging in: see what it asks for",
    535: "the user name, password or token is wrong: mend mail.username, mail.password or mail.auth_command",
    538: "the server takes no login without encryption: set mail.security to starttls or implicit",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its number and its text, which is a stranger's."""

    code: int
    text: str
    """Cleaned: one line, printable, at most 200 characters, without secrets."""
    raw: bytes = field(default=b"", repr=False)

    @property
    def positive(self) -> bool:
        """Whether the command was carried out."""
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        """Whether the same may work later (RFC 5321, 4.2.1)."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """Whether the same will not work later either."""
        return 500 <= self.code < 600

    def __str__(self) -> str:
        return f"“{self.code} {self.text}”" if self.text else f"“{self.code}”"


def refuses_to_relay(reply: Reply) -> bool:
    """Whether it is us that the server will not serve, and not the recipient that it does not know."""
    return reply.permanent and re.search(r"\brelay", reply.text, re.IGNORECASE) is not None


def explained(reply: Reply) -> str:
    """The reply in quotation marks, followed by what it means and what to do, where that is known."""
    enhanced = _ENHANCED.match(reply.text)
    if "STARTTLS" in reply.text.upper() and reply.code == 530:
        meaning = "the server wants encryption: set mail.security to starttls"
    elif refuses_to_relay(reply):
        meaning = (
            "the server sends nothing on for us: set mail.username and mail.password, or let it take our mail"
        )
    else:
        meaning = _KNOWN.get(enhanced[1] if enhanced else "") or _BY_CODE.get(reply.code, "")
    return f"{reply} ({meaning})" if meaning else str(reply)


def cleaned(raw: bytes, hidden: Iterable[str] = ()) -> str:
    """A server's words on one line: printable, at most 200 characters, without any of `hidden`.

    An enhanced status code (RFC 3463) that is repeated on each line is kept once.
    """
    lines = raw.decode("utf-8", "replace").splitlines()
    first = _ENHANCED.match(lines[0]) if lines else None
    if first:
        lines[1:] = [line.removeprefix(first[1]) for line in lines[1:]]
    text = " ".join(lines)
    for secret in sorted(filter(None, hidden), key=len, reverse=True):
        text = text.replace(secret, "…")
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
