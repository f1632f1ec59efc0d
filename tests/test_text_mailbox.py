"""Mail addresses as people write them."""

from __future__ import annotations

from email.utils import parseaddr

import pytest

from monitor.text import ascii_domain, mailbox

UNDERSTOOD = {
    "analyst@example.org": ("", "analyst@example.org"),
    " analyst@example.org ": ("", "analyst@example.org"),
    "<analyst@example.org>": ("", "analyst@example.org"),
    "UK-China Monitor <monitor@example.org>": ("UK-China Monitor", "monitor@example.org"),
    '"Li, Wei" <li@example.org>': ("Li, Wei", "li@example.org"),
    "Li, Wei <li@example.org>": ("Li, Wei", "li@example.org"),
    r'"The \"Desk\" \\ two" <desk@example.org>': (r'The "Desk" \ two', "desk@example.org"),
    "李薇 <li@example.org>": ("李薇", "li@example.org"),
    "desk+daily@Example.ORG": ("", "desk+daily@example.org"),
    "desk@example.org.": ("", "desk@example.org"),
    "desk@localhost": ("", "desk@localhost"),
    "desk@[127.0.0.1]": ("", "desk@[127.0.0.1]"),
    "desk@mail_1.example": ("", "desk@mail_1.example"),
    "desk@münchen.example": ("", "desk@xn--mnchen-3ya.example"),
    "desk@straße.example": ("", "desk@xn--strae-oqa.example"),  # IDNA 2003 would make it strasse.example
    "desk@例子。测试": ("", "desk@xn--fsqu00a.xn--0zwm56d"),
    "李薇@example.org": ("", "李薇@example.org"),
    '"odd"@example.org': ("", '"odd"@example.org'),
    "a..b@example.org": ("", '"a..b"@example.org'),
    "two@signs@example.org": ("", '"two@signs"@example.org'),
}


@pytest.mark.parametrize("written", UNDERSTOOD)
def test_a_mailbox_is_taken_apart(written: str) -> None:
    assert mailbox(written) == UNDERSTOOD[written]


@pytest.mark.parametrize("written", [one for one in UNDERSTOOD if UNDERSTOOD[one][1].isascii()])
def test_an_address_is_one_to_the_standard_library_too(written: str) -> None:
    address = mailbox(written)[1]

    assert parseaddr(f"<{address}>") == ("", address)


@pytest.mark.parametrize(
    "written",
    [
        *("", "analyst", "@example.org", "analyst@", "Name <analyst>", "<>", "a@b <c@d> e"),
        *(
            "a@example..org",
            "a@-example.org",
            "a@exa mple.org",
            "a@[::1",
            f"a@{'x' * 64}.org",
            "a@\u2024\u2024",
        ),
        *("a@b\r\nBcc: v@example.org", "Name\n <a@b>", "a\0@b", "a\ud800@b", "a\u202eb@example.org"),
        *(f"{'x' * 65}@example.org", f"{'汉' * 22}@example.org", f"x@{'a.' * 130}org"),
        f"{'x' * 60}@{'.'.join(['y' * 60] * 4)}",
    ],
)
def test_what_is_no_mailbox_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (mail address|domain)"):
        mailbox(written)


@pytest.mark.parametrize(
    ("domain", "in_ascii"),
    [("Example.ORG", "example.org"), ("中国.example", "xn--fiqs8s.example"), ("xn--fiqs8s.example", None)],
)
def test_a_domain_comes_out_in_ascii(domain: str, in_ascii: str | None) -> None:
    assert ascii_domain(domain) == (in_ascii or domain)
