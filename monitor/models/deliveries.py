"""Core: mails as they travel, and the ledger of what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
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
class Next:
    """What the ledger is to say of a delivery from now on."""

    status: DeliveryStatus
    next_try: datetime | None = None
    """None where no try will follow."""
    doubts: int = 0
    """Tries of which nobody knows how they ended."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes out with an edition: kept with it, so that nothing later changes a byte."""

    mail: Mail | None = None
    to: tuple[Addressed, ...] = ()
    short_title: str = ""
    short_text: str = ""
    """What channels other than mail get."""
    channels: tuple[str, ...] = ()
    """Their names in the ledger, which hold no secrets."""


NOTHING_GOES_OUT = Outgoing()


@dataclass(frozen=True, slots=True)
class Handover:
    """One delivery that is being tried, with the bytes that travel."""

    delivery: Delivery
    digest: str
    """The id of the digest, for logs and for finding a channel's address."""
    sender: str = ""
    address: str = ""
    """The recipient's, for the envelope."""
    content: bytes = b""
    """The whole mail, head and all."""
    short_title: str = ""
    short_text: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A line of the ledger with the edition it belongs to."""

    delivery: Delivery
    edition_id: int
    digest: str
    edition: str
    """The edition's name."""
    subject: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What has become known lately of an edition's mails that did not arrive."""

    title: str
    """The digest's."""
    local_date: date
    """The edition's day, in the config's time zone."""
    sent_to: int
    """How many were to get it."""
    refused: int = 0
    expired: int = 0
    unknown: int = 0
    waiting: int = 0
    """Still tried again, though they should have gone long ago."""
    ids: tuple[int, ...] = ()
    """Of the deliveries that are lost: an edition tells of each once."""


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
    doubts: int = 0
    """Tries of which nobody knows how they ended; there are never more than two."""
    queued: datetime | None = None
    changed: datetime | None = None
    next_try: datetime | None = None
    """None where no try will follow."""
    message_id: str = ""
    reason: str = ""
    """What the last try that failed met with."""
