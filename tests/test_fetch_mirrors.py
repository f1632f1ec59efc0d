"""A mirror is asked in place of a host; everything else goes by the real address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.fetch import Fetcher, FetchError
from monitor.models import FeedState, Fetched, Source
from tests.conftest import make_source
from tests.loopback import Loopback

FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"
REAL = (
    "https://www.gov.uk/search/news-and-communications.atom?world_locations%5B%5D=china&keywords=%22China%22"
)
PATH = "/search/news-and-communications.atom?world_locations%5B%5D=china&keywords=%22China%22"


@pytest.fixture
def mirror() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def fetch(mirror: Loopback, source: Source, state: FeedState | None = None, **settings: Any) -> Fetched:
    options: dict[str, Any] = {"allow_private": ["127.0.0.1"], "mirrors": {"www.gov.uk": mirror.url("")}}
    with Fetcher(user_agent="test/1", **(options | settings)) as fetcher:
        return fetcher.fetch(source, state)


def failure(mirror: Loopback, source: Source, **settings: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(mirror, source, **settings)
    return caught.value


def source_at(url: str = REAL, **changes: Any) -> Source:
    return make_source(url=url, timeout=10.0, **changes)


def test_the_request_goes_to_the_mirror_and_the_answer_has_the_real_address(mirror: Loopback) -> None:
    mirror.serve(PATH, FEED, etag='"1"')

    fetched = fetch(mirror, source_at())

    assert (fetched.body, fetched.url, fetched.etag, fetched.moved_to) == (FEED, REAL, '"1"', None)
    assert [request.path for request in mirror.requests] == [PATH]
    assert mirror.requests[0].headers["Host"] == mirror.host


def test_validators_belong_to_the_real_address(mirror: Loopback) -> None:
    mirror.serve(PATH, FEED, etag='"1"')

    fetched = fetch(mirror, source_at(), FeedState("gazette", REAL, etag='"1"'))

    assert (fetched.status, fetched.url) == (304, REAL)


def test_headers_and_login_of_a_source_go_to_the_mirror_of_its_host(mirror: Loopback) -> None:
    mirror.serve("/feed", FEED)

    fetch(mirror, source_at("https://desk:pw@www.gov.uk/feed", headers=(("X-Desk", "7"),)))

    assert mirror.requests[0].headers["X-Desk"] == "7"
    assert mirror.requests[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("target", ["/new", "https://www.gov.uk/new", "{mirror}/new"])
def test_a_redirect_within_a_mirror_leads_to_the_real_address(mirror: Loopback, target: str) -> None:
    """Relative, absolute, or by a mirror that gives its own name."""
    mirror.redirect("/old", target.replace("{mirror}", mirror.url("")), status=301)
    mirror.serve("/new", FEED)

    fetched = fetch(mirror, source_at("https://www.gov.uk/old"))

    assert (fetched.url, fetched.moved_to) == ("https://www.gov.uk/new", "https://www.gov.uk/new")


def test_a_redirect_to_a_mirrored_host_goes_to_its_mirror_and_takes_no_secrets_along(
    mirror: Loopback,
) -> None:
    with Loopback() as origin:
        origin.redirect("/feed", "https://www.gov.uk/feed")
        mirror.serve("/feed", FEED)

        fetched = fetch(mirror, source_at(origin.url("/feed"), headers=(("X-Desk", "7"),)))

    assert fetched.url == "https://www.gov.uk/feed"
    assert "X-Desk" not in mirror.requests[0].headers


def test_only_the_very_host_is_mirrored(mirror: Loopback) -> None:
    with Loopback() as other:
        other.serve("/feed", FEED)

        fetch(mirror, source_at(other.url("/feed")))

    assert mirror.count() == 0


def test_a_host_is_mirrored_whatever_its_letters_and_port(mirror: Loopback) -> None:
    mirror.serve("/feed", FEED)

    fetched = fetch(mirror, source_at("http://WWW.GOV.UK:8080/feed"))

    assert fetched.url == "http://www.gov.uk:8080/feed"
    assert mirror.count("/feed") == 1


def test_a_private_mirror_must_be_allowed_like_any_private_address(mirror: Loopback) -> None:
    error = failure(mirror, source_at(), allow_private=())

    assert error.message.startswith("the mirror of www.gov.uk: 127.0.0.1 is not a public address")
    assert f'add "{mirror.host}" to network.allow_private' in error.message
    assert mirror.count() == 0


def test_a_redirect_to_a_mirrored_host_is_not_blamed_on_the_server(mirror: Loopback) -> None:
    with Loopback() as origin:
        origin.redirect("/feed", "https://www.gov.uk/feed")

        error = failure(mirror, source_at(origin.url("/feed")), allow_private=[origin.host])

    assert f'add "{mirror.host}" to network.allow_private' in error.message


def test_a_proxy_does_not_open_the_way_to_a_private_mirror(mirror: Loopback) -> None:
    error = failure(mirror, source_at(), allow_private=(), proxy="http://127.0.0.1:9")

    assert error.message.startswith("the mirror of www.gov.uk: 127.0.0.1 is not a public address")


def test_leave_for_the_real_host_is_none_for_its_mirror(mirror: Loopback) -> None:
    error = failure(mirror, source_at(), allow_private=["www.gov.uk"])

    assert "not a public address" in error.message


def test_an_answer_of_a_mirror_is_told_as_the_hosts(mirror: Loopback) -> None:
    mirror.serve("/feed", b"", status=404)

    assert failure(mirror, source_at("https://www.gov.uk/feed")).message.startswith("www.gov.uk answered 404")


def test_a_mirror_that_is_down_is_named_beside_the_host(mirror: Loopback) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        down = {"www.gov.uk": f"http://127.0.0.1:{port}"}

        error = failure(mirror, source_at(), mirrors=down)

    assert error.message.startswith(f"www.gov.uk (by its mirror 127.0.0.1:{port}) refused the connection")


def test_a_name_that_is_not_found_is_the_mirrors(mirror: Loopback) -> None:
    error = failure(mirror, source_at(), mirrors={"www.gov.uk": "http://mirror.invalid"})

    assert error.message.startswith("the mirror of www.gov.uk: the name mirror.invalid was not found")


@pytest.mark.parametrize(
    "base",
    [
        *("", "127.0.0.1:8123", "ftp://x.example", "http://", "http://x.example:port"),
        *("http://x.example/a", "http://x.example/?a=1", "http://desk:hunter2@x.example"),
    ],
)
def test_a_mirror_that_cannot_be_asked_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=r"what stands for www\.gov\.uk must be like") as caught:
        Fetcher(user_agent="test/1", mirrors={"www.gov.uk": base})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("format_", "accept"), [("hansard", "application/json"), ("govuk-search", "application/json")]
)
def test_an_interface_is_asked_for_json(mirror: Loopback, format_: Any, accept: str) -> None:
    mirror.serve("/api", b"{}", content_type="application/json")

    fetch(mirror, source_at("https://www.gov.uk/api", format=format_))
    fetch(mirror, source_at("https://www.gov.uk/api"))

    assert mirror.requests[0].headers["Accept"] == accept
    assert mirror.requests[1].headers["Accept"].startswith("application/atom+xml")


def test_a_source_may_say_itself_what_it_accepts(mirror: Loopback) -> None:
    mirror.serve("/api", b"{}")

    fetch(mirror, source_at("https://www.gov.uk/api", format="hansard", headers=(("Accept", "text/json"),)))

    assert mirror.requests[0].headers["Accept"] == "text/json"
