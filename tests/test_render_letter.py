"""A mail's bytes: what a strict parser reads out of them, and what must not stand in them.

D1 to D6 are the traps of headers and transport: each passes in silence with the standard library alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.message import Message as AnyMessage
from email.parser import BytesParser
from email.policy import SMTP, compat32
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.models import Addressed, Edition, Mail, MailSpec, Message
from monitor.render.inert import clean
from monitor.render.letter import MESSAGE_ID, addressed, letter, plain_letter, unsubscribe_address

from . import editions
from .conftest import NOW, PROJECT
from .test_render_mail import EDITIONS, MAIL, SITE, every_edition, render

TO = "Analyst <analyst@example.org>"
NAME = "daily.2026-01-29"
EDITION = Edition(
    "daily", "UK-China daily", NOW - timedelta(days=1), NOW, date(2026, 1, 29), name="2026-01-29"
)
SUBJECT = "UK-China daily, 29 Jan: Starmer meets Xi in Beijing (+3)"
TEXT = "  The words of an edition.\n  £5 for 汉字.\n"
PAGE = "<!doctype html>\n<html><body><p>The words of an edition. £5 for 汉字.</p></body></html>\n"

ADDRESSES = ("From", "Reply-To", "To")
TOKENS = ("List-Id", "List-Unsubscribe", "List-Archive", "Message-ID", "Date", "Auto-Submitted")
HEADERS = {
    *(
        "Message-ID",
        "To",
        "From",
        "Reply-To",
        "Subject",
        "Date",
        "List-Id",
        "List-Unsubscribe",
        "List-Archive",
    ),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"),
}


def write(subject: str = SUBJECT, *, text: str = TEXT, page: str = PAGE, **changes: Any) -> Mail:
    arguments: dict[str, Any] = {"edition": EDITION, "spec": MAIL, "site": SITE, "now": NOW}
    return letter(Message(subject, "", "", "", page, text), **(arguments | changes))


def to(mail: Mail, recipient: str = TO, **changes: Any) -> Addressed:
    return addressed(mail, recipient, **({"name": NAME, "site": SITE} | changes))


def travelling(mail: Mail, recipient: str = TO) -> bytes:
    return to(mail, recipient).head + mail.content


def read(raw: bytes) -> EmailMessage:
    """The mail as the standard library's newer parser has it; any defect, of any part or header, fails."""
    parsed = BytesParser(EmailMessage, policy=SMTP.clone(raise_on_defect=True)).parsebytes(raw)
    assert [defect for part in parsed.walk() for defect in part.defects] == []
    assert [h.name for part in parsed.walk() for h in part.values() if h.defects] == []
    return parsed


def read_otherwise(raw: bytes) -> AnyMessage:
    """As the older parser has it, which shares no code with the newer one in what it makes of headers."""
    return BytesParser(policy=compat32).parsebytes(raw)


def headers_of(raw: bytes) -> dict[str, str]:
    """Header → its value as it travels, unfolded; read without any library. A second of a name fails."""
    unfolded = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode("utf-8")
    pairs = [line.partition(": ")[::2] for line in unfolded.split("\r\n")]
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def parts_of(parsed: EmailMessage) -> list[str]:
    return [part.get_content().replace("\r\n", "\n") for part in parsed.iter_parts()]


def is_sound(raw: bytes, expected: frozenset[str] = frozenset(HEADERS)) -> None:
    """What holds for the bytes of every mail; with no header but those expected."""
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw) is None
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert max(map(len, head.split(b"\r\n"))) <= 998
    headers = headers_of(raw)
    assert set(headers) <= expected
    assert [name for name in TOKENS if "=?" in headers.get(name, "")] == []


# ---------------------------------------------------------------------------------------------- its headers


def test_a_mail_has_the_headers_of_the_model() -> None:
    assert headers_of(travelling(write())) == {
        "Message-ID": to(write()).message_id,
        "To": "Analyst <analyst@example.org>",
        "From": "UK-China Monitor <monitor@example.org>",
        "Reply-To": "desk@example.org",
        "Subject": "UK-China daily, 29 Jan: Starmer meets Xi in Beijing (+3)",
        "Date": "Thu, 29 Jan 2026 08:30:00 +0000",
        "List-Id": "UK-China daily <daily.monitor.example.org>",
        "List-Unsubscribe": "<mailto:desk@example.org?subject=unsubscribe>",
        "List-Archive": "<https://monitor.example.org/daily/>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": read(travelling(write()))["Content-Type"],
    }


def test_lines_of_headers_are_short() -> None:
    raw = travelling(write("Starmer und König Müller " * 9))

    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 76


def test_nothing_claims_a_one_click_unsubscription_that_nobody_serves() -> None:
    assert b"list-unsubscribe-post" not in write().content.lower()


def test_without_an_address_on_the_web_the_ids_are_the_senders() -> None:
    mail = write(site=None)
    headers = headers_of(travelling(mail))

    assert "List-Archive" not in headers
    assert headers["List-Id"] == "UK-China daily <daily.example.org>"
    assert to(mail, site=None).message_id.endswith("@example.org>")


@pytest.mark.parametrize("site", ["http://localhost:8080", "http://127.0.0.1:8080/a/", "http://[::1]/"])
def test_a_host_that_the_world_does_not_know_is_in_no_id(site: str) -> None:
    assert headers_of(write(site=site).content)["List-Id"] == "UK-China daily <daily.example.org>"
    assert to(write(), site=site).message_id.endswith("@example.org>")


def test_a_site_in_another_script_is_named_in_ascii() -> None:
    headers = headers_of(write(site="https://监测.example/日报").content)

    assert headers["List-Id"] == "UK-China daily <daily.xn--0zw16r.example>"
    assert headers["List-Archive"].isascii()


def test_the_date_is_the_moment_that_is_passed_in() -> None:
    in_beijing = NOW.astimezone(timezone(timedelta(hours=8)))

    assert write(now=in_beijing) == write()
    assert read(travelling(write(now=in_beijing)))["Date"].datetime == NOW


def test_a_list_whose_title_is_not_ascii_has_only_an_id() -> None:
    mail = write(edition=replace(EDITION, title="英中每日"))

    assert headers_of(mail.content)["List-Id"] == "<daily.monitor.example.org>"


def test_a_long_unsubscribe_address_is_neither_encoded_nor_broken() -> None:
    """D1: the standard library makes =?utf-8?q?…?= of it, and then no mail program shows the button."""
    reply_to = f"{'u' * 60}@{'.'.join(['d' * 62] * 3)}.org"
    raw = travelling(write(spec=replace(MAIL, reply_to=reply_to)))

    is_sound(raw)
    assert len(unsubscribe_address(replace(MAIL, reply_to=reply_to))) > 200
    assert f"\r\nList-Unsubscribe: <mailto:{reply_to}?subject=unsubscribe>\r\n".encode() in raw
    assert read(raw)["List-Unsubscribe"] == f"<mailto:{reply_to}?subject=unsubscribe>"


@pytest.mark.parametrize(
    ("reply_to", "address"),
    [
        (None, "mailto:monitor@example.org?subject=unsubscribe"),
        ("Desk <desk+uk@Example.org>", "mailto:desk+uk@example.org?subject=unsubscribe"),
        ("a&b?c=d%@example.org", "mailto:a%26b%3Fc%3Dd%25@example.org?subject=unsubscribe"),
        ("李@中国.example", "mailto:%E6%9D%8E@xn--fiqs8s.example?subject=unsubscribe"),
    ],
)
def test_whoever_wants_no_more_mails_writes_to_a_person(reply_to: str | None, address: str) -> None:
    assert unsubscribe_address(replace(MAIL, reply_to=reply_to)) == address


# -------------------------------------------------------------------------------------------- its addresses

PEOPLE = {
    "Analyst <analyst@example.org>": b"To: Analyst <analyst@example.org>\r\n",
    "analyst@example.org": b"To: analyst@example.org\r\n",
    "Li, Wei <li@example.org>": b'To: "Li, Wei" <li@example.org>\r\n',
    r'"The \"Desk\" \\ two" <d@example.org>': rb'To: "The \"Desk\" \\ two" <d@example.org>' + b"\r\n",
    "St. James's <d@example.org>": b'To: "St. James\'s" <d@example.org>\r\n',
    "X =?UTF-8?Q?=0ABcc:_v@pub.test?= <d@example.org>": (
        b'To: "X = ?UTF-8?Q?=0ABcc:_v@pub.test?=" <d@example.org>\r\n'
    ),
    "李薇 <li@example.org>": b"To: =?utf-8?b?5p2O6JaH?= <li@example.org>\r\n",
    "Müller, Jürgen <m@example.org>": b"To: =?utf-8?b?TcO8bGxlciwgSsO8cmdlbg==?= <m@example.org>\r\n",
}


@pytest.mark.parametrize("person", PEOPLE)
def test_a_name_is_quoted_or_encoded_as_it_needs(person: str) -> None:
    mail = write()
    raw = travelling(mail, person)
    [seen] = read(raw)["To"].addresses
    name = person.rpartition(" <")[0].replace("=?UTF", "= ?UTF")

    assert PEOPLE[person] in to(mail, person).head
    assert seen.addr_spec == to(mail, person).address
    assert seen.display_name == (r'The "Desk" \ two' if name.startswith('"') else name)


@pytest.mark.parametrize(
    "name", ["Ω, " * 60, "a, " * 60, "汉" * 99, "word " * 40, '"' * 80, "x" * 500, "Ü" + "=?" * 40]
)
def test_a_long_name_is_folded_and_stays_one_address(name: str) -> None:
    spec = replace(MAIL, sender=f"{name} <monitor@example.org>")
    raw = travelling(write(spec=spec), f"{name} <li@example.org>")
    parsed = read(raw)

    is_sound(raw)
    assert [parsed[field].addresses[0].addr_spec for field in ("From", "To")] == [
        "monitor@example.org",
        "li@example.org",
    ]
    assert all(len(parsed[field].addresses) == 1 for field in ("From", "To"))


def test_an_address_that_is_not_ascii_stands_as_it_is() -> None:
    """RFC 6532: there is no encoding for it. It travels where the server offers SMTPUTF8, and else not."""
    mail = write()
    own = to(mail, "李薇 <李@中国.example>")

    assert own.address == "李@xn--fiqs8s.example"
    assert own.head.endswith("To: =?utf-8?b?5p2O6JaH?= <李@xn--fiqs8s.example>\r\n".encode())
    assert mail.content.isascii()


def test_the_envelope_has_the_address_alone() -> None:
    assert write().sender == "monitor@example.org"
    assert (to(write()).recipient, to(write()).address) == (TO, "analyst@example.org")


@pytest.mark.parametrize("where", ["sender", "reply_to"])
def test_an_address_that_is_none_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match="is not a domain"):
        write(spec=replace(MAIL, **{where: "a@b..org"}))
    with pytest.raises(ValueError, match="is not a mail address"):
        to(write(), "analyst\r\nBcc: v@example.org")


# ------------------------------------------------------------------------------------------------ its subject


@pytest.mark.parametrize(
    "subject",
    [
        "Starmer’s visit",
        "习近平会见斯塔默，双方寻求更紧密的贸易关系" * 5,
        "é" * 199,
        "😀 " * 60 + "x",
        "a?=_b=E2 “",
    ],
)
def test_a_subject_in_any_script_is_read_as_it_was_written(subject: str) -> None:
    raw = travelling(write(subject))
    travels = headers_of(raw)["Subject"]

    assert max(map(len, travels.split(" "))) <= 75
    assert read(raw)["Subject"] == subject
    assert str(make_header(decode_header(read_otherwise(raw)["Subject"].replace("\r\n", "")))) == subject


HOSTILE = {
    "CVE-2024-6923": ("x =?UTF-8?Q?=0ABcc:_v@pub.test?=", "x = ?UTF-8?Q?=0ABcc:_v@pub.test?="),
    "encoded words within non-ASCII": (
        "é =?UTF-8?Q?=0ABcc:_v@pub.test?=",
        "é = ?UTF-8?Q?=0ABcc:_v@pub.test?=",
    ),
    "hidden by a mark": ("x =\u202e?utf-8?q?a?=", "x = ?utf-8?q?a?="),
    "line ends": ("Title\r\nBcc: v@pub.test\r\n\r\nBody", "Title Bcc: v@pub.test Body"),
    "trailing line end": ("Title\n", "Title"),
    "other line ends": ("a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g", "a b c d e f g"),
    "NUL and ESC": ("a\0b\x1b[31mc\x9bd", "ab[31mcd"),
    "lone surrogate": ("half \ud83d of it", "half \ufffd of it"),
    "direction marks": ("abc\u202egnp.exe\u2069", "abcgnp.exe"),
    "nothing left": ("\0\u202e \n", "UK-China daily"),
    "nothing": ("", "UK-China daily"),
    "long": ("word " * 100, "word " * 38 + "word…"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_title_stays_a_title(kind: str) -> None:
    subject, seen = HOSTILE[kind]
    raw = travelling(write(subject))

    is_sound(raw)
    assert read(raw)["Subject"] == seen
    assert set(headers_of(raw)) == HEADERS


@given(st.text(max_size=300) | st.text(alphabet="=?QBqbutf-8_\r\n\t :éﬀ汉\u2028\ud800", max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_title_ends_its_line_or_is_taken_for_encoded_words(title: str) -> None:
    raw = travelling(write(title))
    parsed = read(raw)

    is_sound(raw)
    assert set(parsed.keys()) == HEADERS
    assert len(parsed["Subject"]) <= 200 + title.count("=?")
    assert parts_of(parsed) == [TEXT, PAGE]
    if len(title) <= 200 and clean(title):
        assert parsed["Subject"] == clean(title).replace("=?", "= ?")


# --------------------------------------------------------------------------------------------------- its ids


def test_a_message_id_names_the_edition_and_its_revision() -> None:
    mail = write()

    assert re.fullmatch(r"<daily\.2026-01-29\.r1\.[0-9a-f]{8}@monitor\.example\.org>", to(mail).message_id)
    assert re.fullmatch(r"<daily\.2026-01-29\.r12\.[0-9a-f]{8}@.*>", to(mail, revision=12).message_id)


def test_no_two_mails_share_a_message_id() -> None:
    """D5: Exchange drops a second mail with the same one."""
    ids = [
        to(write()).message_id,
        to(write(), "other@example.org").message_id,
        to(write(), revision=2).message_id.replace(".r2.", ".r1."),
        to(write(), name="weekly.2026-01-29").message_id.replace("weekly", "daily"),
        to(write(text="Other words.\n")).message_id,
        to(write(now=NOW + timedelta(seconds=1))).message_id,
    ]

    assert len({*ids}) == len(ids)


@pytest.mark.parametrize(
    "name", ["d" * 80 + ".2026-01-29-2", "daily." + "9" * 80, "x" * 90, "a b<c>@d.2026-01-29", "汉.汉", ""]
)
@pytest.mark.parametrize("site", [None, SITE, f"https://{'h' * 28}.example.org"])
def test_a_message_id_is_short_and_well_formed_whatever_the_name(name: str, site: str | None) -> None:
    own = to(write(), name=name, site=site)

    assert len(own.message_id) <= MESSAGE_ID == 70
    assert re.fullmatch(r"<[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+@[a-z0-9.-]+>", own.message_id)
    assert read(own.head + write().content)["Message-ID"] == own.message_id


def test_a_long_name_loses_its_begin_and_not_its_date() -> None:
    assert re.fullmatch(
        r"<a{12,}\.2026-01-29-2\.r1\.[0-9a-f]{8}@monitor.example.org>",
        to(write(), name="a" * 80 + ".2026-01-29-2").message_id,
    )


# -------------------------------------------------------------------------------------------------- its body


@every_edition
def test_an_edition_arrives_as_it_was_rendered(name: str) -> None:
    digest = EDITIONS[name]()
    message = render(digest)
    raw = travelling(letter(message, digest.edition, MAIL, site=SITE, now=editions.NOW))
    parsed = read(raw)

    is_sound(raw)
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert {part.get_content_charset() for part in parsed.iter_parts()} == {"utf-8"}
    assert parts_of(parsed) == [message.mail_text, message.mail_html]
    assert parsed["Subject"] == message.subject
    assert raw.isascii()
    assert len(raw) < 160_000


def test_an_older_parser_reads_the_same_parts() -> None:
    _, text, page = read_otherwise(travelling(write())).walk()

    for part, written in ((text, TEXT), (page, PAGE)):
        decoded = part.get_payload(decode=True)
        assert isinstance(decoded, bytes)
        assert decoded.decode("utf-8").replace("\r\n", "\n") == written


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("All but “this” is ASCII, as it mostly is.\n" * 9, "quoted-printable"),
        ("汉字" * 200 + "\n", "base64"),
    ],
)
def test_each_part_travels_in_the_shorter_encoding(text: str, encoding: str) -> None:
    """D3: the standard library would take 8bit, which not every relay passes on."""
    parts = list(read(travelling(write(text=text, page=text))).iter_parts())

    assert [part["Content-Transfer-Encoding"] for part in parts] == [encoding, encoding]
    assert [len(part.values()) for part in parts] == [2, 2]


@given(st.text(max_size=400), st.text(alphabet="=_-. \tFrom\n£汉", max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_ends_its_part(text: str, page: str) -> None:
    """D5: the boundary has "=_" in it, which neither encoding can make."""
    text, page = (re.sub(r"[\r\ud800-\udfff]", "", one).rstrip("\n") + "\n" for one in (text, page))
    parsed = read(travelling(write(text=text, page=page)))

    assert parts_of(parsed) == [text, page]
    assert (parsed.get_boundary() or "").startswith("=_")


def test_a_text_with_half_a_character_is_sent_all_the_same() -> None:
    assert parts_of(read(travelling(write(text="a \ud83d b\n")))) == ["a ? b\n", PAGE]


# ---------------------------------------------------------------------------------------------- its sameness

PRINTS_A_HASH = """
import hashlib
from tests.test_render_letter import travelling, write
print(hashlib.sha256(travelling(write("Starmer’s visit"))).hexdigest())
"""


def test_another_process_makes_the_same_bytes() -> None:
    """D5: a boundary or an id made by chance would differ."""
    seen = {
        subprocess.run(
            [sys.executable, "-c", PRINTS_A_HASH],
            cwd=PROJECT,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }

    assert len(seen) == 1


def test_everything_but_to_and_message_id_is_the_same_for_all() -> None:
    assert headers_of(to(write()).head.removesuffix(b"\r\n")).keys() == {"Message-ID", "To"}
    assert b"analyst@" not in write().content


# ---------------------------------------------------------------------------------------------- plain letters


def test_a_plain_letter_is_text_alone() -> None:
    of_no_list = {name for name in HEADERS if not name.startswith("List-")}
    of_text = frozenset(of_no_list | {"Content-Transfer-Encoding"})
    mail = plain_letter(
        "Testing “mail”\r\nBcc: v@pub.test", TEXT, MAIL, now=datetime(2026, 1, 29, tzinfo=UTC)
    )
    raw = travelling(mail)
    parsed = read(raw)

    is_sound(raw, of_text)
    assert parsed["Subject"] == "Testing “mail” Bcc: v@pub.test"
    assert parsed.get_content_type() == "text/plain"
    assert parsed.get_content().replace("\r\n", "\n") == TEXT
    assert parsed["To"].addresses == (Address("Analyst", addr_spec="analyst@example.org"),)
    assert set(parsed.keys()) == of_text


def test_a_sender_with_an_address_that_is_not_ascii_can_write() -> None:
    spec = MailSpec("监测 <监测@example.org>", None, "localhost", 587, "starttls")
    mail = plain_letter("Test", TEXT, spec, now=NOW)

    assert mail.sender == "监测@example.org"
    assert "From: =?utf-8?b?55uR5rWL?= <监测@example.org>\r\n".encode() in mail.content
