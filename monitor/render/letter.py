"""Core: a mail's bytes. The only user of the standard library's `email` for what is sent.

The library makes the body. Header lines are made here, because what it makes of them on Python 3.11 fails in
silence: a List-Unsubscribe of more than 76 characters becomes `=?utf-8?…?=`, which no mail program follows;
a title that holds `=?…?=` becomes a header of its own (CVE-2024-6923); a name loses its quotes where it is
folded. Every line ends in CRLF, and the same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import Header
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from ..models import Addressed, Edition, Mail, MailSpec, Message
from ..text import ascii_domain, mailbox
from . import words
from .encoding import transfer_encoding
from .inert import clean, safe_url

__all__ = ["addressed", "letter", "mailbox", "plain_letter", "relevance_address", "unsubscribe_address"]

LINE = 76
"""Characters: the most in a line of quoted-printable or base64 (RFC 2045, 6.7 and 6.8) and in one that has an
encoded word (RFC 2047, 2)."""
SUBJECT = 200
"""Characters."""
NAME = 100
"""Characters of a sender's or a list's name."""
MESSAGE_ID = 70
"""Characters, with its brackets: older mail programs spoil longer ones when they answer."""
_SHORTEST_ID_NAME = 12
_LIST_LABEL = 64

# A library default of 78 would make quoted-printable lines of 78, two more than there may be.
_BODY = SMTP.clone(max_line_length=LINE)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
"""Words that make a name without quotes (RFC 5322, 3.2.3)."""
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]+")

Field = tuple[str, str]
"""A header's name and its value as it travels, not yet folded."""


def letter(message: Message, edition: Edition, spec: MailSpec, *, site: str | None, now: datetime) -> Mail:
    """An edition → the mail that all its recipients get. `addressed` makes what is each one's own.

    `site` is the output folder's address on the web, where it has one. `now` becomes the Date: a retry sends
    these bytes again, it does not make them anew. Raises ValueError where an address in `spec` is none.
    """
    sender = mailbox(spec.sender)[1]
    list_id = f"<{_label(edition.digest)}.{_home(site, sender)}>"
    title = clean(edition.title)[:NAME]
    fields = [
        *_from_and_subject(message.subject, spec, now, otherwise=edition.title),
        ("List-Id", f"{_phrase(title, 'List-Id')} {list_id}" if title.isascii() else list_id),
        ("List-Unsubscribe", f"<{unsubscribe_address(spec)}>"),
    ]
    archive = safe_url(f"{site.rstrip('/')}/{quote(edition.digest)}/") if site else ""
    if archive:
        fields.append(("List-Archive", f"<{quote(archive, safe=string.punctuation)}>"))
    body = _alternative(_part(message.mail_text, "plain"), _part(message.mail_html, "html"))
    return Mail(sender, _content([*fields, *_automatic()], body))


def plain_letter(subject: str, text: str, spec: MailSpec, *, now: datetime) -> Mail:
    """A mail of plain text from the monitor itself. Raises ValueError as `letter` does."""
    sender = mailbox(spec.sender)[1]
    fields = [*_from_and_subject(subject, spec, now), *_automatic()]
    return Mail(sender, _content(fields, _part(text, "plain")))


def addressed(
    mail: Mail, recipient: str, *, name: str, revision: int = 1, site: str | None = None
) -> Addressed:
    """What is one recipient's own: To and Message-ID (RFC 5322, 3.6.4).

    `name` says which mail it is: "daily.2026-01-29". The Message-ID has it, the revision, and a hash of both,
    the content and the recipient, so that no two mails share one; its domain is the host of `site`, or else
    the sender's. Raises ValueError where the recipient is no mail address.
    """
    address = mailbox(recipient)[1]
    domain = _home(site, mail.sender)
    about = "\0".join((name, recipient, str(revision), "")).encode("utf-8")
    own = f"r{revision}.{hashlib.sha256(about + mail.content).hexdigest()[:8]}"
    room = max(_SHORTEST_ID_NAME, MESSAGE_ID - len(f"<.{own}@{domain}>"))
    message_id = f"<{_id_name(name, room)}.{own}@{domain}>"
    head = _line("Message-ID", message_id) + _line("To", _mailbox_as_sent(recipient, "To"))
    return Addressed(recipient, address, message_id, head.encode("utf-8"))


def unsubscribe_address(spec: MailSpec) -> str:
    """Where a reader asks for no more mails: a person, for nothing here serves one-click (RFC 8058)."""
    return _mailto(spec, "unsubscribe")


def relevance_address(spec: MailSpec, edition: Edition) -> str:
    """Where a reader says that something in an edition should not have been there."""
    return _mailto(spec, f"not relevant {edition.digest} {edition.name}".strip())


def _mailto(spec: MailSpec, subject: str) -> str:
    """An address that opens a new mail (RFC 6068): to whom answers go. In ASCII."""
    local, _, domain = mailbox(spec.reply_to or spec.sender)[1].rpartition("@")
    to = f"{quote(local, safe='+')}@{quote(domain, safe=':')}"
    return f"mailto:{to}?subject={quote(subject, safe='')}"


# ------------------------------------------------------------------------------------------------- headers


def _from_and_subject(subject: str, spec: MailSpec, now: datetime, otherwise: str = "") -> Iterator[Field]:
    yield "From", _mailbox_as_sent(spec.sender, "From")
    if spec.reply_to:
        yield "Reply-To", _mailbox_as_sent(spec.reply_to, "Reply-To")
    yield "Subject", _encoded(_subject(subject) or _subject(otherwise), "Subject")
    yield "Date", format_datetime(now.astimezone(UTC))


def _automatic() -> Iterator[Field]:
    """What keeps absence notes from being sent back (RFC 3834; the second is Exchange's)."""
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "MIME-Version", "1.0"


def _subject(text: str) -> str:
    return words.shortened(clean(text), SUBJECT)


def _mailbox_as_sent(written: str, field: str) -> str:
    """A display name is encoded; an address that is not ASCII stands as it is (RFC 6532, 3.2)."""
    name, address = mailbox(written)
    phrase = _phrase(name[:NAME], field)
    return f"{phrase} <{address}>" if phrase else address


def _phrase(name: str, field: str) -> str:
    """A name before an address, in quotes where it has commas and the like (RFC 5322, 3.2.5)."""
    text = clean(name)
    if not text.isascii() or _ATOMS.fullmatch(text):
        return _encoded(text, field)
    return '"' + re.sub(r'(["\\])', r"\\\1", _unlike_encoded(text)) + '"'


def _encoded(text: str, field: str) -> str:
    """ASCII as it is, other text in encoded words (RFC 2047), the first short enough for the field's name."""
    harmless = _unlike_encoded(text)
    if harmless.isascii():
        return harmless
    return Header(harmless, "utf-8", maxlinelen=LINE, header_name=field).encode(linesep="")


def _unlike_encoded(text: str) -> str:
    """Parts `=?`, so that nobody on the way takes a stranger's words for encoded ones and decodes them."""
    return text.replace("=?", "= ?")


def _line(name: str, value: str) -> str:
    """A header, folded at spaces alone, never right after its name. Nothing in the value can end it."""
    first, *others = clean(value).split(" ")
    lines = [f"{name}: {first}"]
    for word in others:
        if len(lines[-1]) + 1 + len(word) > LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return "".join(f"{line}\r\n" for line in lines)


def _home(site: str | None, sender: str) -> str:
    """Whose names the ids are made under: the site's host where the world may know it, or the sender's."""
    host = urlsplit(site).hostname if site else None
    if host and re.search(r"\.[^.:]*[^.:\d][^.:]*$", host):  # neither "localhost" nor an IP address
        try:
            return ascii_domain(host)
        except ValueError:
            pass  # no name that the world could know
    domain = sender.rpartition("@")[2]
    return "localhost" if domain.startswith("[") else domain  # RFC 2919, 3


def _label(digest: str) -> str:
    return _NOT_IN_ID.sub("-", digest)[:_LIST_LABEL].strip("-") or "list"


def _id_name(name: str, room: int) -> str:
    """daily.2026-01-29, with the part before the date cut where that is too long."""
    digest, _, edition = (_NOT_IN_ID.sub("-", part) for part in name.rpartition("."))
    digest = digest[: max(0, room - len(edition) - 1)]
    return ".".join(filter(None, (digest, edition[:room]))) or "mail"


# ---------------------------------------------------------------------------------------------------- body


def _part(text: str, subtype: str) -> MIMEPart:
    whole = text.encode("utf-8", "replace").decode("utf-8")  # without the halves that UTF-8 cannot hold
    part = MIMEPart(policy=_BODY)
    part.set_content(whole, subtype=subtype, charset="utf-8", cte=transfer_encoding(whole))
    return part


def _alternative(*parts: MIMEPart) -> MIMEPart:
    """The parts, the plainest first (RFC 2046, 5.1.4).

    The boundary follows from them. None can hold it: "=_" stands neither in quoted-printable nor in base64.
    """
    digest = hashlib.sha256(b"\0".join(part.as_bytes() for part in parts)).hexdigest()
    whole = MIMEPart(policy=_BODY)
    whole.make_alternative(boundary=f"=_{digest[:24]}")
    for part in parts:
        whole.attach(part)
    return whole


def _content(fields: list[Field], body: MIMEPart) -> bytes:
    return "".join(_line(name, value) for name, value in fields).encode("utf-8") + body.as_bytes()
