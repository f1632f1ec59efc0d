"""Asks a server of the tests as plainly as can be: redirects are not followed, nothing is kept."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any

from .loopback import Loopback


def get(
    site: Loopback, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (their names in small letters) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def get_json(site: Loopback, path: str) -> Any:
    """The body, read as JSON, whatever the status."""
    return json.loads(get(site, path)[2])
