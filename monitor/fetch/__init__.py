"""I/O: one conditional GET, under a deadline, a size limit and an address policy. The only user of httpx."""

import monitor.fetch.abridged  # noqa: F401 - before httpx
from monitor.fetch.addresses import check_allow_private
from monitor.fetch.client import Fetcher
from monitor.fetch.errors import FetchError
from monitor.fetch.ping import Signal, ping

__all__ = ["FetchError", "Fetcher", "Signal", "check_allow_private", "ping"]
