"""I/O: what DNS says of the domain that mails come from: whether they are believed, and answers arrive.

The only user of dnspython: the standard library cannot ask for TXT or MX records. All of it is advice: a mail
server may know of routes and signatures that DNS does not show.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Literal

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

SECONDS = 5.0
"""For all questions together."""
MAX_CHARS = 200
"""Of a record that is shown."""
MAX_ASKED = 8
"""Names that may be asked for a DMARC record (RFC 9989, the tree walk)."""

_NOBODY = ("example", "test", "invalid", "example.com", "example.net", "example.org")
"""RFC 2606 and RFC 6761."""
_HERE = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")
_GOOGLE = ("gmail.com", "googlemail.com", "google.com")
_MICROSOFT = ("outlook.com", "hotmail.com", "live.com", "office365.com", "office.com")
_YAHOO = ("yahoo.com", "aol.com")
_APPLE = ("me.com", "icloud.com")
_GMX = ("gmx.net", "gmx.com", "web.de")
# Whose mail leaves by servers under which names.
_PROVIDERS = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GOOGLE),
    **dict.fromkeys(
        ("outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com"), _MICROSOFT
    ),
    **dict.fromkeys(("yahoo.com", "yahoo.co.uk", "ymail.com", "rocketmail.com", "aol.com"), _YAHOO),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    **dict.fromkeys(("gmx.com", "gmx.co.uk", "gmx.net", "gmx.de", "web.de"), _GMX),
    **{domain: (domain,) for domain in ("163.com", "126.com", "sina.com", "sohu.com")},
    **dict.fromkeys(("qq.com", "foxmail.com"), ("qq.com",)),
}
_POLICIES = {
    "none": "takes all the same; its owner only wants reports",
    "quarantine": "treats with suspicion: mostly it lands in spam",
    "reject": "refuses",
}
_SPF = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)  # RFC 7208, 4.5
_DMARC = re.compile(r"v\s*=\s*DMARC1\s*(?:;|$)")

RecordType = Literal["TXT", "MX", "A", "AAAA"]


class _Unanswered(Exception):  # noqa: N818 - what a question is
    """DNS did not say; the message is why."""


def mail_advice(
    sender: str,
    answers_to: str,
    host: str,
    *,
    resolver: dns.resolver.Resolver | None = None,
    seconds: float = SECONDS,
) -> tuple[str, ...]:
    """Sentences about mails from `sender` that leave by the mail server `host`; answers go to `answers_to`.

    The addresses are bare, their domains in ASCII. `resolver` is the system's where none is given; all of its
    questions take `seconds` at most. Never raises for what DNS does: then a sentence says so.
    """
    return tuple(_advice(sender, answers_to, host, _Questions(resolver, seconds)))


def _advice(sender: str, answers_to: str, host: str, asked: _Questions) -> Iterator[str]:
    domain, back = _domain(sender), _domain(answers_to)
    private = {name: words for name in (domain, back) if (words := _not_public(name))}
    yield from (f"{name} {words}" for name, words in private.items())
    yield from _forged(domain, host)
    if domain not in private:
        yield from _told("SPF", domain, _spf(domain, host, asked))
        yield from _told("DMARC", domain, _dmarc(domain, asked))
    if back not in private:
        yield from _told("MX", back, _mx(back, answers_to, asked))


def _told(what: str, domain: str, sentences: Iterator[str]) -> Iterator[str]:
    try:
        for sentence in sentences:
            yield f"{what}: {sentence}"
    except _Unanswered as error:
        yield f"{what}: DNS could not be asked about {domain}: {error}."


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _within(name: str, domains: Iterable[str]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _not_public(domain: str) -> str:
    """Why there is nothing to ask DNS about a domain; "" where there is."""
    if _within(domain, _NOBODY):
        return "is a domain for examples and belongs to nobody: put addresses of your own into mail."
    if domain.startswith("[") or "." not in domain or _within(domain, _HERE):
        return (
            "is known in your own network only: fine for mail within it, refused by other people's servers."
        )
    return ""


def _forged(domain: str, host: str) -> Iterator[str]:
    servers = _PROVIDERS.get(domain)
    if servers and not _within(host.lower().rstrip("."), servers):
        yield (
            f"Mail from {domain} that {host} sends looks forged: Gmail and others refuse it or file it as "
            f"spam. Set mail.from to a domain of your own, or mail.host to the server of {domain}."
        )


def _spf(domain: str, host: str, asked: _Questions) -> Iterator[str]:
    records = [text for text in asked.texts(domain) if _SPF.match(text)]
    if len(records) > 1:
        yield f"{domain} has {len(records)} records, which is as bad as none: there may be one (RFC 7208)."
    elif not records:
        yield (
            f"{domain} has no record of who may send for it. Have one added that names the servers of your "
            "mail, or have them sign it (DKIM): without either, Gmail and others refuse it."
        )
    elif re.fullmatch(r"v=spf1\s+-all", records[0].strip(), re.IGNORECASE):
        yield f"{domain} says that it sends no mail at all (“{_shown(records[0])}”): take another mail.from."
    else:
        yield (
            f"{domain} says “{_shown(records[0])}”. Whether that covers {host}, or the relay behind it, "
            "is for you to see."
        )


def _dmarc(domain: str, asked: _Questions) -> Iterator[str]:
    """The policy that receivers go by: the domain's, or that of the nearest parent that has one."""
    for name in _upwards(domain):
        records = [text for text in asked.texts(f"_dmarc.{name}") if _DMARC.match(text)]
        if len(records) > 1:
            yield f"_dmarc.{name} has {len(records)} records, which is as bad as none: there may be one."
            return
        if records:
            yield _policy(name, records[0], inherited=name != domain)
            return
    yield (
        f"{domain} has no policy at _dmarc.{domain}. A few readers get their mail without; "
        "large providers want one, p=none at least, from whoever writes to many."
    )


def _upwards(domain: str) -> list[str]:
    """The domain and its parents, without the middle of a name that is very long."""
    labels = domain.split(".")
    parents = [".".join(labels[at:]) for at in range(1, len(labels))]
    return [domain, *parents[-(MAX_ASKED - 1) :]]


def _policy(name: str, record: str, *, inherited: bool) -> str:
    tags = {
        key.strip().lower(): value.strip().lower()
        for key, _, value in (part.partition("=") for part in record.split(";"))
    }
    wanted = (inherited and tags.get("sp")) or tags.get("p", "none")
    policy = wanted if wanted in _POLICIES else "none"
    return (
        f"by _dmarc.{name} (“{_shown(record)}”), mail of this domain that neither SPF nor a signature (DKIM) "
        f"of the same domain vouches for is mail that a receiver {_POLICIES[policy]}."
    )


def _mx(domain: str, answers_to: str, asked: _Questions) -> Iterator[str]:
    found = asked.records(domain, "MX")
    if found is None:
        yield f"{domain} is not in DNS: servers refuse its mail, and answers to {answers_to} are lost."
        return
    servers = sorted((record.preference, str(record.exchange)) for record in found if isinstance(record, MX))
    if [name for _, name in servers] == ["."]:
        yield f"{domain} takes no mail (RFC 7505), so answers to {answers_to} are lost: set mail.reply_to."
    elif servers:
        yield f"answers to {answers_to} go to {_shown(servers[0][1].rstrip('.'))}."
    elif asked.records(domain, "A") or asked.records(domain, "AAAA"):
        yield f"{domain} has no record; answers to {answers_to} go to the machine of that name."
    else:
        yield f"{domain} has no server that takes mail: answers to {answers_to} are lost; set mail.reply_to."


def _shown(text: str) -> str:
    """A stranger's record on one line, printable, of bounded length."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAX_CHARS else f"{line[: MAX_CHARS - 1]}…"


class _Questions:
    """DNS, with a deadline for all that is asked."""

    def __init__(self, resolver: dns.resolver.Resolver | None, seconds: float) -> None:
        self._resolver = resolver
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def texts(self, name: str) -> list[str]:
        """The TXT records, each in one piece (RFC 7208, 3.3). Raises _Unanswered."""
        found = self.records(name, "TXT") or []
        return [
            b"".join(record.strings).decode("utf-8", "replace") for record in found if isinstance(record, TXT)
        ]

    def records(self, name: str, kind: RecordType) -> list[object] | None:
        """The records of a kind; None where there is no such name. Raises _Unanswered."""
        left = self._until - time.monotonic()
        late = f"no answer within {self._seconds:g} seconds"
        if left <= 0:
            raise _Unanswered(late)
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
            return [*self._resolver.resolve(name, kind, lifetime=left, search=False)]
        except dns.resolver.NXDOMAIN:
            return None
        except dns.resolver.NoAnswer:
            return []
        except dns.exception.Timeout as error:
            raise _Unanswered(late) from error
        except dns.resolver.NoResolverConfiguration as error:
            raise _Unanswered("this machine knows no name server (/etc/resolv.conf)") from error
        except dns.exception.DNSException as error:
            raise _Unanswered("no name server gave an answer that can be used") from error


def addresses(host: str, *, seconds: float = SECONDS) -> tuple[str, ...]:
    """The addresses that this machine finds for a host, each once; none where it finds none in time.

    As programs find hosts: by /etc/hosts too, not by DNS alone.
    """
    answer: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, ValueError):  # ValueError: a label that is empty or too long
            answer.put(())

    # The system's resolver cannot be interrupted; a daemon thread can be left behind to its own time-out.
    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return ()
