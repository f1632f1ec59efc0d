"""Addresses, once for showing and once for comparing."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.urls import MAX_URL, clean_url, identity_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?utm_source=rss&id=5&utm_medium=b", "https://a.example/x?id=5"),
        ("http://A.Example:80/X", "http://a.example/X"),
        ("https://a.example:443", "https://a.example/"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        (" \n https://a.example/x\t", "https://a.example/x"),
        ("https://www.bbc.co.uk/news/1?at_medium=RSS&at_campaign=KARANGA", "https://www.bbc.co.uk/news/1"),
        ("https://www.bbc.co.uk/news/1#0", "https://www.bbc.co.uk/news/1"),
        ("https://a.example/x#tk.rss_all", "https://a.example/x"),
        ("https://a.example/x#xtor=RSS-3208", "https://a.example/x"),
        ("https://a.example/x#chapter-2", "https://a.example/x#chapter-2"),
        (
            "https://a.example/?fbclid=1&gclid=2&CMP=3&cmpid=4&ns_mchannel=5&traffic_source=6&maca=7&ocid=8",
            "https://a.example/",
        ),
        ("https://a.example/?mc_cid=1&mc_eid=2&xtor=3&utm%5Fsource=4&b=2&a=1", "https://a.example/?b=2&a=1"),
        ("https://a.example/?cmpx=1&at=2&format=amp", "https://a.example/?cmpx=1&at=2&format=amp"),
        ("https://a.example/?tag%5B%5D=x&y[]=%e4", "https://a.example/?tag%5B%5D=x&y[]=%e4"),
        ('https://a.example/茶 壶?名=x"<>', "https://a.example/%E8%8C%B6%20%E5%A3%B6?%E5%90%8D=x%22%3C%3E"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://user:secret@a.example/x", "https://a.example/x"),
        ("https://[2001:DB8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
        (
            "https://www.google.com/url?rct=j&url=https://b.example/y%3Fid%3D1%26utm_source%3Dg&ct=ga",
            "https://b.example/y?id=1",
        ),
        ("https://www.google.co.uk/url?q=https://b.example/y", "https://b.example/y"),
        (
            "https://www.google.com/url?url=javascript:alert(1)",
            "https://www.google.com/url?url=javascript:alert(1)",
        ),
    ],
)
def test_an_address_is_shown_without_what_only_tracks(url: str, shown: str) -> None:
    assert clean_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@b.example",
        "ftp://a.example/",
        "relative/path",
        "http://",
        "http:///path",
        "http://[",
        "http://a.example:port/",
        "http://a.example:99999/",
        "http://a b.example/",
        "http://a<b.example/",
        f"https://{'茶' * 80}.example/",
    ],
)
def test_what_is_no_web_address_is_nothing(url: str) -> None:
    assert clean_url(url) == identity_url(url) == ""


@pytest.mark.parametrize(
    ("url", "base", "shown"),
    [
        ("b/c", "https://a.example/x/y.xml", "https://a.example/x/b/c"),
        ("/b", "https://a.example/x/y.xml", "https://a.example/b"),
        ("//c.example/b", "http://a.example/", "http://c.example/b"),
        ("?id=1", "https://a.example/x", "https://a.example/x?id=1"),
        ("", "https://a.example/x", ""),
        ("javascript:x", "https://a.example/x", ""),
    ],
)
def test_a_relative_address_is_resolved(url: str, base: str, shown: str) -> None:
    assert clean_url(url, base) == shown


@pytest.mark.parametrize(
    "spellings",
    [
        ("http://a.example/x/", "https://A.example:443/x?utm_medium=y#comments"),
        ("https://a.example", "http://a.example/"),
        ("https://gov.uk/a", "https://www.gov.uk/a"),
        (
            "https://www.bbc.com/news/articles/c1",
            "http://bbc.co.uk/news/articles/c1",
            "https://www.bbc.co.uk/news/articles/c1.amp",
        ),
        ("https://amp.a.example/x", "https://www.a.example/x"),
        (
            "https://a.example/x/amp/",
            "https://a.example/x?amp=1",
            "https://a.example/x?outputType=amp",
            "https://a.example/x",
        ),
    ],
)
def test_all_spellings_of_a_page_are_one_identity(spellings: tuple[str, ...]) -> None:
    assert len({identity_url(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/#!/news/1", "https://a.example/#!/news/2"),
        ("https://a.example/amp", "https://a.example/"),
        ("https://a.example/" + "x" * 3_000, "https://a.example/" + "x" * 3_001),
    ],
)
def test_different_pages_have_different_identities(one: str, other: str) -> None:
    assert identity_url(one) != identity_url(other)


def test_an_address_that_is_too_long_is_compared_but_not_shown() -> None:
    long = "https://a.example/" + "x" * MAX_URL

    assert clean_url(long) == ""
    assert identity_url(long).startswith("sha256:")


@given(st.one_of(st.text(), st.text().map("https://a.example/".__add__), st.text().map("http://".__add__)))
def test_any_text_gives_an_ascii_web_address_or_nothing(text: str) -> None:
    shown, identity = clean_url(text), identity_url(text)

    assert shown.isascii()
    assert not set(shown) & set(' "<>\n\t')
    assert not shown or urlsplit(shown).scheme in {"http", "https"}
    assert identity == identity_url(shown) or not shown
    assert clean_url(shown) == shown
