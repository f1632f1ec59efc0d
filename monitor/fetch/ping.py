"""I/O: tells a dead-man's switch how a run goes, so that somebody hears of it when runs stop.

The convention is that of healthchecks.io (healthchecks.io/docs/http_api): the address with /start when a run
begins, as it is when it has succeeded, with /fail when it has not. What comes back matters only as a status.
"""

from __future__ import annotations

import base64
from typing import Final, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from monitor.fetch.addresses import AddressPolicy
from monitor.fetch.answers import FAILURES, broken
from monitor.fetch.errors import FetchError
from monitor.fetch.wire import Deadline, GuardedTransport

Signal = Literal["start", "success", "fail"]

MAX_REDIRECTS = 3

_STEPS: Final = {"start": "/start", "success": "", "fail": "/fail"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The switch may stand in the user's own network: the address is theirs, and no feed has a say in it.
_ANYWHERE = ("0.0.0.0/0", "::/0")


def ping(
    url: str,
    signal: Signal,
    *,
    timeout: float = 10,
    proxy: str | None = None,
    user_agent: str = "uk-china-monitor",
) -> str:
    """Sends a signal with one GET. Gives "", or what was the matter, without the path, which is secret.

    `timeout` are seconds for all of it, the name's look-up and redirects included. `proxy` as for `Fetcher`.
    Raises nothing for what the network or the other side does.
    """
    deadline = Deadline(timeout)
    address = signal_address(url, signal)
    headers = {"User-Agent": user_agent, "Connection": "close"}
    transport = GuardedTransport(AddressPolicy(_ANYWHERE), httpx.Proxy(proxy) if proxy else None)
    try:
        target = httpx.URL(address)
        for _ in range(MAX_REDIRECTS + 1):
            answer = _asked(transport, target, headers | _login(url, target), deadline)
            if isinstance(answer, str):
                return answer
            target = answer
    except FetchError as error:
        return error.message
    except httpx.InvalidURL:
        return "ping_url, or what it redirects to, is no web address"
    finally:
        transport.close()
    return f"{_host(address)} redirects more than {MAX_REDIRECTS} times"


def signal_address(url: str, signal: Signal) -> str:
    """The address to be asked: the signal is the last step of the path, and a query stays behind it."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") + _STEPS[signal] if _STEPS[signal] else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _asked(
    transport: GuardedTransport, url: httpx.URL, headers: dict[str, str], deadline: Deadline
) -> str | httpx.URL:
    """What became of one request, or where it was sent on to. The body is not read."""
    told = {"deadline": deadline, "redirected": False, "wire": url}
    request = httpx.Request("GET", url.copy_with(userinfo=b""), headers=headers, extensions=told)
    try:
        response = transport.handle_request(request)
    except FAILURES as error:
        return broken(error, url.host, deadline.spent(), None).message
    response.close()
    if 200 <= response.status_code < 300:
        return ""
    if response.status_code in _REDIRECTS and "location" in response.headers:
        onward = url.join(response.headers["location"])
        if onward.scheme not in ("http", "https") or not onward.host:
            return f"{url.host} redirects to what is no web address"
        return onward
    return f"{url.host} answered {response.status_code}; check ping_url"


def _login(url: str, target: httpx.URL) -> dict[str, str]:
    """The header for a user and password in `url`: for its own host alone."""
    parts = urlsplit(url)
    if parts.username is None or (target.scheme, target.netloc) != _origin(url):
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _origin(url: str) -> tuple[str, bytes]:
    address = httpx.URL(url)
    return address.scheme, address.netloc


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
