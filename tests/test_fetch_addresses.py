"""Which addresses are asked: public ones, and private ones only where network.allow_private lists them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from monitor.fetch import Fetcher, FetchError, check_allow_private
from monitor.fetch.addresses import AddressPolicy, is_public, plain
from monitor.models import FeedState
from tests.conftest import PROJECT, make_source
from tests.loopback import Loopback

FEED = b"<rss/>"
AGENT = "uk-china-monitor/0 (test)"
NOTHING_KNOWN = FeedState("gazette")


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        server.serve("/feed", FEED)
        yield server


def fetch(url: str, *allow_private: str, proxy: str | None = None) -> bytes | None:
    with Fetcher(user_agent=AGENT, allow_private=allow_private, proxy=proxy) as fetcher:
        return fetcher.fetch(make_source(url=url, timeout=10.0), NOTHING_KNOWN).body


def refusal(url: str, *allow_private: str, proxy: str | None = None) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, *allow_private, proxy=proxy)
    return caught.value.message


def allows(address: str, *entries: str, host: str = "feeds.example", port: int = 80) -> bool:
    try:
        AddressPolicy(entries).acceptable(host, port, [ip_address(address)])
    except FetchError:
        return False
    return True


# What is public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "151.101.0.144", "2606:4700::1111", "2a04:4e42::144", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_asked(address: str) -> None:
    assert allows(address)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.5", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
        *("172.16.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
        *("203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *(
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.5",
            "::ffff:0:127.0.0.1",
        ),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1"),
        *(
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fe80::1%1",
            "fec0::1",
        ),
        *("ff02::1", "ff0e::1"),
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not allows(address)
    assert not is_public(plain(ip_address(address)))


def test_of_a_name_with_both_kinds_only_the_public_addresses_are_dialled() -> None:
    answers = [ip_address("10.0.0.5"), ip_address("8.8.8.8"), ip_address("::1")]

    assert AddressPolicy().acceptable("feeds.example", 80, answers) == (ip_address("8.8.8.8"),)


def test_a_refusal_names_the_host_the_address_and_the_setting() -> None:
    with pytest.raises(FetchError) as caught:
        AddressPolicy().acceptable("feeds.example", 80, [ip_address("::ffff:10.0.0.5")])

    for words in ("feeds.example", "10.0.0.5", "network.allow_private"):
        assert words in caught.value.message


@pytest.mark.parametrize(
    ("address", "entry"),
    [("10.0.0.5", "10.0.0.5:8080"), ("::ffff:10.0.0.5", "10.0.0.5:8080"), ("fd12::1", "[fd12::1]:8080")],
)
def test_a_refusal_advises_an_entry_that_opens_what_was_dialled_and_no_other_port(
    address: str, entry: str
) -> None:
    with pytest.raises(FetchError) as caught:
        AddressPolicy().acceptable("feeds.example", 8080, [ip_address(address)])

    assert f'add "{entry}" to network.allow_private' in caught.value.message
    assert allows(address, entry, port=8080)
    assert not allows(address, entry, port=8081)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::ffff:169.254.169.254", "169.254.7.7", "fe80::1%1", "fd00:ec2::254"]
)
def test_nobody_is_told_how_to_open_a_clouds_metadata_or_a_link_local_address(address: str) -> None:
    with pytest.raises(FetchError) as caught:
        AddressPolicy().acceptable("feeds.example", 80, [ip_address(address)])

    assert caught.value.message.endswith("not a public address, so it is not asked")


# What network.allow_private opens


@pytest.mark.parametrize(
    ("entry", "address", "port", "allowed"),
    [
        ("10.0.0.5/32", "10.0.0.5", 80, True),
        ("10.0.0.5/32", "10.0.0.6", 80, False),
        ("10.0.0.5", "::ffff:10.0.0.5", 8080, True),
        ("10.0.0.0/24", "10.0.0.77", 443, True),
        ("10.0.0.0/24", "10.0.1.77", 443, False),
        ("127.0.0.1:8123", "127.0.0.1", 8123, True),
        ("127.0.0.1:8123", "127.0.0.1", 8124, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("[::1]:80", "::1", 80, True),
        ("[::1]:80", "::1", 81, False),
        ("::1", "::1", 81, True),
        ("[::1]", "::1", 81, True),
        ("fe80::/10", "fe80::1%1", 80, True),
        ("feeds.example", "192.168.1.1", 80, True),
        ("Feeds.Example.", "192.168.1.1", 80, True),
        ("feeds.example:80", "192.168.1.1", 80, True),
        ("feeds.example:8080", "192.168.1.1", 80, False),
        ("other.example", "192.168.1.1", 80, False),
        ("example", "192.168.1.1", 80, False),
        ("64:ff9b::/96", "64:ff9b::808:808", 80, True),
    ],
)
def test_an_entry_opens_what_it_says_and_no_more(entry: str, address: str, port: int, allowed: bool) -> None:
    assert allows(address, entry, port=port) is allowed


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        ("169.254.0.0/16", False),
        ("0.0.0.0/0", False),
        ("169.254.169.254/31", False),
        ("feeds.example", False),
        ("169.254.169.254/32", True),
        ("169.254.169.254", True),
        ("169.254.169.254:80", True),
    ],
)
def test_a_clouds_metadata_is_opened_only_by_its_very_address(entry: str, allowed: bool) -> None:
    assert allows("169.254.169.254", entry) is allowed
    assert allows("::ffff:169.254.169.254", entry) is allowed


@pytest.mark.parametrize(("entry", "allowed"), [("fd00:ec2::/32", False), ("fd00:ec2::254", True)])
def test_the_metadata_address_of_ipv6_is_opened_only_by_itself_too(entry: str, allowed: bool) -> None:
    assert allows("fd00:ec2::254", entry) is allowed
    assert allows("fd00:ec2::253", entry) is not allowed


@pytest.mark.parametrize(
    "entry",
    [
        *("", " ", "10.0.0.5/24", "10.0.0.0/33", "10.0.0.0/8:80", "300.1.1.1", "127.1", "2130706433"),
        *(
            "host:0",
            "host:65536",
            "host:http",
            "host:",
            ":80",
            "http://host",
            "host/path",
            "[host]:80",
            "[::1",
            "*",
        ),
        *("a b", "-:80", "user@host", "::1:80:x", "h\u00f6st"),
    ],
)
def test_an_entry_that_cannot_be_read_is_refused_with_a_sentence(entry: str) -> None:
    with pytest.raises(ValueError, match=r"write it like"):
        check_allow_private(entry)


def test_a_fetcher_is_not_made_with_an_entry_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match=r"127\.1"):
        Fetcher(user_agent=AGENT, allow_private=["127.1"])


# On the wire


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "localhost",
        ),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "0", "[::]", "[::1]", "[::127.0.0.1]"),
        *("\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021", "%31%32%37.0.0.1", "user@127.0.0.1"),
    ],
)
def test_no_way_of_writing_this_machine_is_asked_unless_it_is_listed(site: Loopback, host: str) -> None:
    message = refusal(f"http://{host}:{site.port}/feed")

    assert "not a public address" in message or "was not found" in message or "cannot be read" in message
    assert site.count() == 0


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1:{port}"])
def test_a_listed_address_is_asked(site: Loopback, entry: str) -> None:
    assert fetch(site.url("/feed"), entry.format(port=site.port)) == FEED


def test_a_listed_name_is_asked_wherever_it_leads(site: Loopback) -> None:
    assert fetch(f"http://localhost:{site.port}/feed", f"localhost:{site.port}") == FEED
    assert "localhost has the address" in refusal(f"http://localhost:{site.port}/feed", "localhost:1")


def test_a_listed_address_on_ipv6_is_asked() -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    with Loopback(host="::1") as site:
        site.serve("/feed", FEED)

        assert fetch(site.url("/feed"), site.host) == FEED
        assert "::1 is not a public address" in refusal(site.url("/feed"), "127.0.0.1")


def test_a_redirect_from_a_listed_port_to_another_is_refused(site: Loopback) -> None:
    with Loopback() as inside:
        inside.serve("/secret", b"secret")
        site.redirect("/feed", inside.url("/secret"))

        message = refusal(site.url("/feed"), site.host)

        assert message == "127.0.0.1 is not a public address, so the redirect to it is not followed"
        assert (site.count(), inside.count()) == (1, 0)


# By a proxy


def test_a_proxy_is_asked_for_everything_and_is_itself_the_trusted_hop(site: Loopback) -> None:
    site.serve("http://feeds.example/feed", FEED)

    body = fetch("http://feeds.example/feed", proxy=f"http://anna:secret@{site.host}")

    assert body == FEED
    assert site.requests[0].headers["Host"] == "feeds.example"
    assert site.requests[0].headers["Proxy-Authorization"] == "Basic YW5uYTpzZWNyZXQ="


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "[::1]", "10.0.0.5", "localhost", "a.localhost"]
)
def test_a_proxy_is_not_asked_for_what_is_private_by_its_name(site: Loopback, host: str) -> None:
    assert "not a public address" in refusal(f"http://{host}/feed", proxy=site.url())
    assert site.count() == 0


def test_a_redirect_to_a_private_name_is_refused_before_the_proxy_is_asked(site: Loopback) -> None:
    site.redirect("http://feeds.example/feed", "http://10.0.0.5/secret")

    message = refusal("http://feeds.example/feed", proxy=site.url())

    assert message == "10.0.0.5 is not a public address, so the redirect to it is not followed"
    assert site.count() == 1


def test_a_proxy_may_be_asked_for_a_listed_address(site: Loopback) -> None:
    site.serve("http://10.0.0.5/feed", FEED)

    assert fetch("http://10.0.0.5/feed", "10.0.0.5", proxy=site.url()) == FEED


def test_a_proxy_that_will_not_connect_is_named(site: Loopback) -> None:
    assert "the proxy would not connect to feeds.example" in refusal(
        "https://feeds.example/", proxy=site.url()
    )


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "proxy.example:3128", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_refused_with_a_sentence(proxy: str) -> None:
    with pytest.raises(ValueError, match=r"network\.proxy"):
        Fetcher(user_agent=AGENT, proxy=proxy)


def test_a_proxy_in_the_environment_is_not_used(site: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert fetch(site.url("/feed"), site.host) == FEED


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command, "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True
    )
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Loopback]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Loopback(tls=context) as server:
        server.serve("/feed", FEED)
        server.redirect("/down", "http://localhost/feed")
        yield server


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(secure: Loopback) -> None:
    message = refusal(f"https://localhost:{secure.port}/feed", "localhost")

    assert "the TLS certificate of localhost is not accepted" in message
    assert secure.count() == 0


ASK_SECURELY = """
import json
import sys
from monitor.fetch import Fetcher, FetchError
from tests.conftest import make_source

mirrors = json.loads(sys.argv[1])
with Fetcher(user_agent="test", allow_private=["localhost", "127.0.0.1"], mirrors=mirrors) as fetcher:
    for url in sys.argv[2:]:
        try:
            print(fetcher.fetch(make_source(url=url, headers=(("X-Key", "k"),))).body)
        except FetchError as error:
            print(error)
"""


def ask_securely(certificate: Path, *urls: str, **mirrors: str) -> list[str]:
    """What each address gives, or the error, in a process that trusts `certificate`."""
    hosts = {name.replace("_", "."): base for name, base in mirrors.items()}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK_SECURELY, json.dumps(hosts), *urls],
        env=os.environ | {"SSL_CERT_FILE": str(certificate.with_suffix(".crt"))},
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_a_certificate_of_the_systems_own_authority_is_accepted_for_its_name_alone(
    secure: Loopback, certificate: Path
) -> None:
    urls = [
        f"https://localhost:{secure.port}/feed",
        secure.url("/feed"),
        f"https://localhost:{secure.port}/down",
    ]

    by_name, by_address, downgraded = ask_securely(certificate, *urls)
    assert by_name == str(FEED)
    assert "the TLS certificate of 127.0.0.1 is not accepted" in by_address
    assert "redirects from https to http" in downgraded


def test_the_certificate_of_a_mirror_is_that_of_its_own_name(secure: Loopback, certificate: Path) -> None:
    named, unnamed = ask_securely(
        certificate,
        "https://named.example/feed",
        "https://unnamed.example/feed",
        named_example=f"https://localhost:{secure.port}",
        unnamed_example=secure.url(""),
    )

    assert named == str(FEED)
    assert f"certificate of unnamed.example (by its mirror {secure.host}) is not accepted" in unnamed


def test_https_to_a_server_that_speaks_http_says_so(site: Loopback) -> None:
    message = refusal(site.url("/feed").replace("http:", "https:"), site.host)

    assert "127.0.0.1 does not speak TLS as it should" in message


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
