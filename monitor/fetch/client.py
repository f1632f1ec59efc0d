"""I/O: one conditional GET of a source, redirects followed, as a Fetched or a FetchError."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from monitor.fetch.addresses import AddressPolicy
from monitor.fetch.answers import FAILURES, broken, error_answer
from monitor.fetch.body import read_body
from monitor.fetch.errors import FetchError, quoted
from monitor.fetch.wire import Deadline, GuardedTransport, port_of
from monitor.models import FeedState, Fetched, Source

MAX_REDIRECTS = 5
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
ACCEPT_DATA = "application/json"
"""From an interface: some give XML or a page for people to whoever takes those too."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_LONGEST_VALIDATOR = 1024  # sent back each time: a longer one could make every later request too large

SPACING: Mapping[str, float] = {
    "www.gov.uk": 0.2,
    "questions-statements-api.parliament.uk": 0.2,
    "hansard-api.parliament.uk": 0.2,
    "committees-api.parliament.uk": 0.2,
}
"""Seconds between the starts of two requests to a host that many sources are asked of. GOV.UK allows ten
requests a second; we take five."""

Origin = tuple[str, str, int]
Headers = tuple[tuple[bytes, bytes], ...]


class Fetcher:
    """Fetches sources; a context manager, to be shared by threads.

    `user_agent` should name the program and a contact. `allow_private` are the entries of
    network.allow_private. `proxy` is `http://[user:password@]host:port`, the only proxy ever used: the
    environment is not read. `mirrors` gives hosts a base address that is asked in their place; everything but
    the request itself, and why it could not be made, goes by the real address. At most `per_host` requests
    run against one host and port at a time, and they start as far apart as `spacing` (seconds) says for the
    real host, also where a mirror is asked.
    Raises ValueError, with a sentence, for an entry, a proxy or a mirror that cannot be used.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: Sequence[str] = (),
        proxy: str | None = None,
        per_host: int = 4,
        mirrors: Mapping[str, str] | None = None,
        spacing: Mapping[str, float] = SPACING,
    ) -> None:
        self._mirrors = {host: _mirror(host, base) for host, base in (mirrors or {}).items()}
        self._places = _Places(per_host, spacing)
        # A transport alone, without httpx.Client: that would keep cookies, log addresses with the keys in
        # them, and read a redirect's target although told not to follow, over which a hostile one trips it.
        self._transport = GuardedTransport(AddressPolicy(allow_private), _proxy(proxy))
        self._headers = httpx.Headers(
            {
                "User-Agent": user_agent,
                "Accept": ACCEPT,
                "Accept-Encoding": "gzip",  # no br, zstd or the like: see body
                "Connection": "close",  # see wire
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the transport; a fetch that is running ends by its own deadline."""
        self._transport.close()

    def fetch(self, source: Source, state: FeedState | None = None) -> Fetched:
        """Ask `source` for what is new since `state`, within its `timeout` (seconds) and `max_bytes`.

        The validators of `state` are sent as they came, and only where they belong to the source's present
        address (RFC 9110, 13.1). Waiting for a place or a turn at a busy host does not count against the
        time. Raises FetchError.
        """
        request = _Request.of(source, state)
        deadline = Deadline(source.timeout)
        url, permanent, seen = request.url, True, {request.url}
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(url, request, deadline)
            if isinstance(answer, Fetched):
                moved = permanent and url != request.url
                return replace(answer, moved_to=str(url) if moved else None)
            if answer.url in seen:
                raise FetchError(
                    f"{url.host} redirects in a circle; the site may want cookies, which are not kept"
                )
            if request.is_secret and url.scheme == "https" and answer.url.scheme == "http":
                raise FetchError(
                    f"{url.host} redirects from https to http, which this source's `headers` must not follow"
                )
            url, permanent = answer.url, permanent and answer.permanent
            seen.add(url)
        raise FetchError(
            f"more than {MAX_REDIRECTS} redirects, the last to {url.host}; look for the feed's own address"
        )

    def _ask(self, url: httpx.URL, request: _Request, deadline: Deadline) -> Fetched | _Redirect:
        """One request to one address, or to the mirror of its host."""
        mirror = self._mirrors.get(url.raw_host.decode("ascii"))
        wire = mirror or url
        headers = self._headers.copy()
        if request.source.format != "feed":
            headers["Accept"] = ACCEPT_DATA
        headers.update(request.headers_for(url))
        if mirror:
            headers["Host"] = mirror.netloc.decode("ascii")
        # A mirror is named by the config, also where a redirect has led to its host.
        told = {"deadline": deadline, "redirected": not mirror and url != request.url, "wire": wire}
        asked = httpx.Request("GET", url, headers=headers, extensions=told)
        response: httpx.Response | None = None
        try:
            with (
                self._places.held((wire.host, port_of(wire)), url.host, deadline),
                closing(self._sent(asked, mirror)) as response,
            ):
                answer = _understood(response, request)
        except FAILURES as error:
            received = None if response is None else response.num_bytes_downloaded
            who = f"{url.host} (by its mirror {wire.netloc.decode('ascii')})" if mirror else url.host
            raise broken(error, who, deadline.spent(), received) from error
        if mirror and isinstance(answer, _Redirect) and _origin(answer.url) == _origin(mirror):
            return replace(answer, url=_moved_to_host_of(url, answer.url))
        return answer

    def _sent(self, asked: httpx.Request, mirror: httpx.URL | None) -> httpx.Response:
        """The answer to a request; where an address is refused or unknown, whose mirror it is."""
        try:
            return self._transport.handle_request(asked)
        except FetchError as error:
            if mirror is None:
                raise
            raise FetchError(f"the mirror of {asked.url.host}: {error.message}") from error


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, and what may be said to whom."""

    source: Source
    url: httpx.URL
    validators: Headers
    credentials: Headers
    """The source's own headers and login: for its own origin only."""

    @classmethod
    def of(cls, source: Source, state: FeedState | None) -> _Request:
        url = _address(source.url)
        login = _login(source.url) if "@" in source.url else ()
        credentials = tuple((name.encode(), value.encode()) for name, value in source.headers)
        return cls(source, url, _validators(source, state), login + credentials)

    @property
    def is_secret(self) -> bool:
        return bool(self.credentials)

    def headers_for(self, url: httpx.URL) -> list[tuple[bytes, bytes]]:
        own = self.credentials if _origin(url) == _origin(self.url) else ()
        return [*self.validators, *own]


@dataclass(frozen=True, slots=True)
class _Redirect:
    url: httpx.URL
    permanent: bool


class _Places:
    """A number of places at each host and port, which those who hold them enter one after the other."""

    def __init__(self, places: int, spacing: Mapping[str, float]) -> None:
        self._limit = places
        self._spacing = spacing
        self._free_at: dict[str, float] = {}
        self._taken: Counter[tuple[str, int]] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def held(self, key: tuple[str, int], host: str, deadline: Deadline) -> Iterator[None]:
        """Hold a place; the wait for it is not counted. It ends, since each holder has a deadline.

        The body begins when it is the turn of this request to `host`.
        """
        began = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._taken[key] < self._limit)
            self._taken[key] += 1
            turn = self._turn(host)
        try:
            if (pause := turn - time.monotonic()) > 0:
                time.sleep(pause)
            deadline.set_aside(time.monotonic() - began)
            yield
        finally:
            with self._changed:
                self._taken[key] -= 1
                if not self._taken[key]:
                    del self._taken[key]
                self._changed.notify_all()

    def _turn(self, host: str) -> float:
        """When the next request to `host` may start, by the monotonic clock; the one after it is later."""
        turn = max(time.monotonic(), self._free_at.get(host, 0.0))
        if host in self._spacing:
            self._free_at[host] = turn + self._spacing[host]
        return turn


def _understood(response: httpx.Response, request: _Request) -> Fetched | _Redirect:
    """What an answer means; its body is read only where it is the document."""
    status = response.status_code
    if status in _REDIRECTS and "location" in response.headers:
        return _Redirect(_address(response.headers["location"], response.url), status in _PERMANENT)
    if status == HTTPStatus.NOT_MODIFIED and request.validators:
        return _fetched(response, request, None)
    if 200 <= status < 300:
        return _fetched(response, request, read_body(response, request.source.max_bytes))
    raise error_answer(response)


def _fetched(response: httpx.Response, request: _Request, body: bytes | None) -> Fetched:
    return Fetched(
        source_id=request.source.id,
        url=str(response.url),
        status=response.status_code,
        body=body,
        content_type=response.headers.get("content-type", ""),
        etag=_validator(response, b"etag"),
        last_modified=_validator(response, b"last-modified"),
    )


def _validators(source: Source, state: FeedState | None) -> Headers:
    if state is None or state.url != source.url_mark:
        return ()
    pairs = ((b"If-None-Match", state.etag), (b"If-Modified-Since", state.last_modified))
    return tuple((name, value.encode("latin-1")) for name, value in pairs if value)


def _validator(response: httpx.Response, wanted: bytes) -> str | None:
    """A validator byte for byte: Latin-1 maps each byte to one character and back."""
    for name, value in response.headers.raw:
        if name.lower() == wanted and value and len(value) <= _LONGEST_VALIDATOR:
            return value.decode("latin-1")
    return None


def _address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address that may be asked, without a login (it is sent apart, and never shown) or a fragment."""
    whose = f"what {base.host} redirects to" if base else "this source's url"
    try:
        url = base.join(text) if base else httpx.URL(text)
        if url.userinfo or url.fragment:
            url = url.copy_with(userinfo=b"", fragment=None)
        host = url.host  # read here, for a bad xn-- label only shows when it is decoded
    except (httpx.InvalidURL, ValueError) as error:  # idna's errors are ValueErrors
        raise FetchError(f"{whose} cannot be read as an address; correct it") from error
    if url.scheme not in {"http", "https"}:
        raise FetchError(f"{whose} begins with {quoted(url.scheme + ':', 20)}; only http and https are read")
    if not host:
        raise FetchError(f"{whose} names no host")
    return url


def _login(text: str) -> Headers:
    """The login that stands in an address as user:password@, as a header (RFC 7617)."""
    url = httpx.URL(text)
    if not url.userinfo:
        return ()
    request = httpx.Request("GET", url)
    next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
    return ((b"Authorization", request.headers["authorization"].encode()),)


def _origin(url: httpx.URL) -> Origin:
    """Who an address belongs to (RFC 6454, 4)."""
    return url.scheme, url.host, port_of(url)


def _moved_to_host_of(url: httpx.URL, target: httpx.URL) -> httpx.URL:
    """`target` at the scheme, host and port of `url`: a mirror that names itself means what it mirrors."""
    return target.copy_with(scheme=url.scheme, host=url.host, port=url.port)


def _mirror(host: str, base: str) -> httpx.URL:
    """The base address that stands for `host`. Raises ValueError."""
    try:
        url = httpx.URL(base)
        is_base = not (url.userinfo or url.query or url.fragment) and url.raw_path in (b"", b"/")
    except (httpx.InvalidURL, ValueError):
        url, is_base = httpx.URL(), False
    if not is_base or url.scheme not in {"http", "https"} or not url.host:
        # Not the address itself: it may hold a password.
        raise ValueError(
            f'network.mirrors: what stands for {host} must be like "http://127.0.0.1:8123", without a path'
        )
    return url


def _proxy(address: str | None) -> httpx.Proxy | None:
    if not address:
        return None
    # TLS inside TLS is read in steps that the deadline could not bound; SOCKS needs another library.
    complaint = 'network.proxy must look like "http://proxy.example:3128"; other kinds are not supported'
    try:
        proxy = httpx.Proxy(address)
    except (httpx.InvalidURL, ValueError):
        raise ValueError(complaint) from None  # its words may quote the password
    if proxy.url.scheme != "http" or not proxy.url.host:
        raise ValueError(complaint)
    return proxy
