"""Core: mails as they travel, and the ledger of what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

DeliveryStatus = Literal["pending", "sending", "sent", "refused", "unknown", "expired"]
"""pending: to be sent; sending: being handed over at this moment; sent: the server has taken it; refused: the
server will never take it; unknown: all of it was handed over and no answer came, so it may have arrived;
expired: given up after days of trying."""

MAIL = "mail"
"""The channel of mails; others are named as in `deliver.channel_name`."""


@dataclass(frozen=True, slots=True)
class MailSpec:
    """How mail leaves: `mail` of config.yaml."""

    sender: str
    """As in "Name <address>" or the address alone."""
    reply_to: str | None
    host: str
    port: int
    security: Literal["starttls", "implicit", "none"]
    username: str = ""
    password: str = field(default="", repr=False)
    auth_command: tuple[str, ...] = ()
    """A program and its arguments that prints an access token for XOAUTH2; then there is no password."""
    ca_file: str = ""
    """A file of certificates (PEM) that are trusted besides those of the system; "" for none."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What all recipients of an edition get alike: bytes that are made once (RFC 5322, lines end in CRLF)."""

    sender: str
    """The address alone, for the envelope."""
    content: bytes
    """All header lines but the recipient's own, the empty line, the body."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What is one recipient's own. `head` followed by the content of the Mail is what travels."""

    recipient: str
    """As in config.yaml."""
    address: str
    """The address alone, for the envelope; its domain in ASCII (RFC 5891)."""
    message_id: str
    head: bytes
    """The lines To and Message-ID, each with its CRLF."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try to hand something over."""

    status: Literal["sent", "deferred", "refused", "unknown"]
    """deferred: surely not taken, and a later try may work; the other words as in DeliveryStatus."""
    reason: str = ""
    """In words, with the server's own; without secrets. "" for sent."""
    whole_server: bool = False
    """Whether the matter is the server and not this recipient: the next ones need not be tried now."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient of one edition: a line of the ledger."""

    recipient: str
    status: DeliveryStatus
    id: int = 0
    channel: str = MAIL
    revision: int = 1
    """1, and more for each time that it was sent again on purpose."""
    attempts: int = 0
    queued: datetime | None = None
    changed: datetime | None = None
    next_try: datetime | None = None
    """None where no try will follow."""
    message_id: str = ""
    reason: str = ""
    """What the last try that failed met with."""
