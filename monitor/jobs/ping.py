"""Shell: fetch: tells the dead-man's switch of the config how a run goes."""

from __future__ import annotations

import logging

from .. import fetch
from ..config import Config

log = logging.getLogger("monitor")


def ping(config: Config, signal: fetch.Signal) -> None:
    """Sends a signal where the config has a `ping_url`. That it cannot be sent is logged and nothing more."""
    if config.ping_url is None:
        return
    trouble = fetch.ping(config.ping_url, signal, proxy=config.proxy, user_agent=config.user_agent)
    if trouble:
        log.warning('ping=%s failed="%s"', signal, trouble)
