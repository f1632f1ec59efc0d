"""What DNS says of a sender's domain, asked of a name server on loopback."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from monitor.deliver.advice import addresses, mail_advice

SENDER, DESK = "monitor@desk.org.uk", "desk@desk.org.uk"
HOST = "mail.desk.org.uk"
GOOD = {
    ("desk.org.uk.", "TXT"): ['"site-verification=1"', '"v=spf1 include:_spf.relay.net " "-all"'],
    ("_dmarc.desk.org.uk.", "TXT"): ['"v=DMARC1; p=quarantine; rua=mailto:d@desk.org.uk"'],
    ("desk.org.uk.", "MX"): ["20 b.desk.org.uk.", "10 a.desk.org.uk."],
}

Records = dict[tuple[str, str], list[str]]


class NameServer:
    """A name server on a UDP port of loopback. It has `records`, and knows names only that are in them.

    `rcode` is what it answers to everything, where given; with `silent` it answers nothing.
    """

    def __init__(self, records: Records, *, rcode: str = "", silent: bool = False) -> None:
        self._records = records
        self._rcode = rcode
        self._silent = silent
        self.asked: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    @property
    def resolver(self) -> dns.resolver.Resolver:
        """Asks this server alone."""
        return resolver_at(self._socket.getsockname()[1])

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4_096)
            if not data:
                return
            query = dns.message.from_wire(data)
            self.asked.append((query.question[0].name.to_text(), self._kind(query)))
            if not self._silent:
                self._socket.sendto(self._answer(query).to_wire(), client)

    @staticmethod
    def _kind(query: dns.message.Message) -> str:
        return dns.rdatatype.to_text(query.question[0].rdtype)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        name, kind = self.asked[-1]
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self._rcode:
            answer.set_rcode(dns.rcode.from_text(self._rcode))
        elif found := self._records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
        elif name not in {known for known, _ in self._records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def resolver_at(port: int) -> dns.resolver.Resolver:
    made = dns.resolver.Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    made.port = port
    return made


def advice(
    records: Records, sender: str = SENDER, answers_to: str = DESK, host: str = HOST
) -> dict[str, str]:
    """What is said, by the word before the colon; other sentences under ""."""
    with NameServer(records) as server:
        found = mail_advice(sender, answers_to, host, resolver=server.resolver)
    return {what if says else "": says or what for what, _, says in (one.partition(": ") for one in found)}


def txt(name: str, *texts: str) -> Records:
    return {(name, "TXT"): [f'"{text}"' for text in texts]}


def test_a_domain_that_is_set_up_has_its_records_shown() -> None:
    assert advice(GOOD) == {
        "SPF": "desk.org.uk says “v=spf1 include:_spf.relay.net -all”. Whether that covers mail.desk.org.uk, "
        "or the relay behind it, is for you to see.",
        "DMARC": "by _dmarc.desk.org.uk (“v=DMARC1; p=quarantine; rua=mailto:d@desk.org.uk”), mail of this "
        "domain that neither SPF nor a signature (DKIM) of the same domain vouches for is mail that a "
        "receiver treats with suspicion: mostly it lands in spam.",
        "MX": "answers to desk@desk.org.uk go to a.desk.org.uk.",
    }


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([], "desk.org.uk has no record of who may send for it. Have one added"),
        (["v=spf10 -all"], "has no record"),
        (["v=spf1 a -all", "v=spf1 mx -all"], "has 2 records, which is as bad as none"),
        (["v=spf1 -all"], "says that it sends no mail at all (“v=spf1 -all”): take another mail.from"),
        (["V=SPF1 mx"], "says “V=SPF1 mx”"),
    ],
)
def test_spf_says_who_may_send(texts: list[str], says: str) -> None:
    records = {**GOOD, **txt("desk.org.uk.", "other", *texts)}

    assert says in advice(records)["SPF"]


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ({}, "desk.org.uk has no policy at _dmarc.desk.org.uk."),
        (txt("_dmarc.desk.org.uk.", "v=spf1 -all"), "has no policy"),
        (txt("_dmarc.desk.org.uk.", "v=DMARC1; p=none"), "takes all the same"),
        (txt("_dmarc.desk.org.uk.", "v=DMARC1"), "takes all the same"),
        (txt("_dmarc.desk.org.uk.", "v = DMARC1 ; P = Reject"), "refuses"),
        (txt("_dmarc.desk.org.uk.", "v=DMARC1; p=none; sp=reject"), "takes all the same"),
        (txt("_dmarc.desk.org.uk.", "v=DMARC1; p=none", "v=DMARC1; p=reject"), "has 2 records"),
        (txt("_dmarc.org.uk.", "v=DMARC1; p=quarantine"), "by _dmarc.org.uk (“v=DMARC1; p=quarantine”)"),
        (txt("_dmarc.org.uk.", "v=DMARC1; p=none; sp=reject"), "refuses"),
    ],
)
def test_dmarc_is_told_in_words_and_looked_for_at_the_parents_too(records: Records, says: str) -> None:
    others = {key: value for key, value in GOOD.items() if not key[0].startswith("_dmarc")}

    assert says in advice(others | records)["DMARC"]


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ({("desk.org.uk.", "MX"): ["0 ."]}, "takes no mail (RFC 7505)"),
        ({("desk.org.uk.", "A"): ["192.0.2.1"]}, "go to the machine of that name"),
        ({("desk.org.uk.", "AAAA"): ["2001:db8::1"]}, "go to the machine of that name"),
        (txt("desk.org.uk.", "x"), "has no server that takes mail"),
        ({}, "desk.org.uk is not in DNS: servers refuse its mail, and answers to desk@desk.org.uk are lost"),
    ],
)
def test_whether_answers_arrive_is_told(records: Records, says: str) -> None:
    assert says in advice(records)["MX"]


def test_answers_that_go_elsewhere_are_looked_up_there() -> None:
    records = {**GOOD, ("desk.net.", "MX"): ["5 in.desk.net."]}

    assert advice(records, answers_to="a@desk.net")["MX"] == "answers to a@desk.net go to in.desk.net."


@pytest.mark.parametrize(
    ("domain", "host", "is_forged"),
    [
        ("gmail.com", "mail.desk.org.uk", True),
        ("gmail.com", "smtp.gmail.com", False),
        ("hotmail.co.uk", "smtp-mail.outlook.com", False),
        ("yahoo.co.uk", "localhost", True),
        ("qq.com", "smtp.qq.com", False),
        ("gmail.com", "smtp.notgmail.com", True),
        ("desk.org.uk", "smtp.gmail.com", False),
    ],
)
def test_mail_from_a_provider_by_another_server_is_called_forged(
    domain: str, host: str, is_forged: bool
) -> None:
    found = mail_advice(f"me@{domain}", DESK, host, resolver=resolver_at(9), seconds=0)

    warnings = [one for one in found if "looks forged" in one]
    assert [domain in one and host in one for one in warnings] == [True] * is_forged


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("example.org", "is a domain for examples and belongs to nobody"),
        ("news.desk.example", "is a domain for examples and belongs to nobody"),
        ("localhost", "is known in your own network only"),
        ("printer.lan", "is known in your own network only"),
        ("intranet", "is known in your own network only"),
        ("[192.0.2.1]", "is known in your own network only"),
    ],
)
def test_of_a_domain_that_is_not_public_nothing_is_asked(domain: str, says: str) -> None:
    with NameServer(GOOD) as server:
        found = mail_advice(f"a@{domain}", f"b@{domain}", HOST, resolver=server.resolver)

    assert len(found) == 1
    assert f"{domain} {says}" in found[0]
    assert server.asked == []


def test_a_name_server_that_says_nothing_is_waited_for_once_and_not_long() -> None:
    began = time.monotonic()
    with NameServer({}, silent=True) as server:
        found = mail_advice(SENDER, DESK, HOST, resolver=server.resolver, seconds=0.3)

    assert time.monotonic() - began < 5
    why = "DNS could not be asked about desk.org.uk: no answer within 0.3 seconds."
    assert found == (f"SPF: {why}", f"DMARC: {why}", f"MX: {why}")


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
def test_a_name_server_that_fails_is_told(rcode: str) -> None:
    with NameServer({}, rcode=rcode) as server:
        found = mail_advice(SENDER, DESK, HOST, resolver=server.resolver, seconds=3)

    assert [one.partition(" about ")[0] for one in found] == [
        f"{what}: DNS could not be asked" for what in ("SPF", "DMARC", "MX")
    ]
    assert "no name server gave an answer that can be used" in found[0]


def test_no_name_server_at_all_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    found = mail_advice(SENDER, DESK, HOST, resolver=resolver_at(port), seconds=0.5)

    assert len(found) == 3
    assert all("DNS could not be asked about desk.org.uk: no " in one for one in found)


def test_a_record_of_a_stranger_is_shown_on_one_line_and_not_whole() -> None:
    records = {**GOOD, ("desk.org.uk.", "TXT"): [rf'"v=spf1 \027[31m\010" "{"x" * 200}" "{"y" * 200}"']}

    said = advice(records)["SPF"]

    assert said.isprintable()
    assert "v=spf1 [31m xxx" in said
    assert "yyy" not in said


def test_a_very_long_name_is_not_asked_about_at_every_parent() -> None:
    domain = ".".join("abcdefghijklmnop") + ".desk.org.uk"
    with NameServer(GOOD) as server:
        mail_advice(f"a@{domain}", DESK, HOST, resolver=server.resolver)

    asked = [name for name, _ in server.asked if name.startswith("_dmarc")]
    assert asked[0] == f"_dmarc.{domain}."
    assert asked[-1] == "_dmarc.desk.org.uk."
    assert len(asked) < 8


def test_a_host_has_the_addresses_that_this_machine_finds() -> None:
    assert "127.0.0.1" in addresses("localhost")
    assert addresses("192.0.2.1") == ("192.0.2.1",)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_host_that_is_no_name_has_no_addresses(host: str) -> None:
    assert addresses(host) == ()
