"""I/O: what holds for every answer: the name it was asked under, and headers that keep a browser safe."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("monitor")

POLICY = "; ".join(
    (
        "default-src 'none'",
        # Pages carry their style with them, also those of a user's own templates: no hash can be known.
        "style-src 'unsafe-inline'",
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNKNOWN_HOST = (
    "This server does not know itself by that name. "
    "To reach it under a name of your own, set public_url in config.yaml.\n"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::[0-9]{1,5})?")


class Guard:
    """Stands before an application (ASGI)."""

    def __init__(self, app: ASGIApp, hosts: Callable[[], Collection[str]]) -> None:
        """`hosts` gives the names in the DNS under which it may be asked just now."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 400 where it is asked under another name, else lets the application answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
                path = scope["raw_path"].decode("ascii", "replace")
                log.debug("served method=%s path=%s status=%d", scope["method"], path, message["status"])
            await send(message)

        asked = Headers(scope=scope).getlist("host")
        if len(asked) == 1 and self._knows(asked[0]):
            await self._app(scope, receive, with_headers)
        else:
            await PlainTextResponse(UNKNOWN_HOST, 400)(scope, receive, with_headers)

    def _knows(self, asked: str) -> bool:
        """Whether a Host header names us.

        A page of a stranger can make a browser ask us under a name of the stranger's, whose address is
        then changed to ours (DNS rebinding). It cannot with a bare address, nor with a name without a dot,
        such as a neighbouring container has: nobody can register those.
        """
        found = _HOST.fullmatch(asked)
        if not found:
            return False
        name = found[1].lower().rstrip(".")
        known = {host.lower().rstrip(".") for host in self._hosts()}
        return name in known or "." not in name.strip("[]") or _is_address(name.strip("[]"))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
