"""Border: hosts, ports and networks as a config writes them."""

from __future__ import annotations

import ipaddress
import re

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_PORT = re.compile(r"[0-9]{1,5}")


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address, without brackets or port."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Whether `text` is an address or a host name. Digits and dots that are no address are no name either."""
    return is_address(text) or bool(_NAME.fullmatch(text) and not re.fullmatch(r"[\d.]+", text))


def is_host_and_port(text: str) -> bool:
    """Whether `text` is name:port, 10.0.0.5:port or [fd00::1]:port."""
    host, _, port = text.rpartition(":")
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65_536:
        return False
    if host.startswith("[") and host.endswith("]"):
        return ":" in host and is_address(host[1:-1])
    return ":" not in host and is_host(host)


def is_loopback(text: str) -> bool:
    """Whether a host is this machine, going by what is written."""
    return text.lower().rstrip(".") == "localhost" or (
        is_address(text) and ipaddress.ip_address(text).is_loopback
    )


def enclosing_network(text: str) -> str | None:
    """The CIDR around an address in a network: "10.0.0.0/8" for "10.0.0.5/8"; None where it is neither."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None


def is_network(text: str) -> bool:
    """Whether `text` is CIDR with no bit of a host set: "10.0.0.0/8", "10.0.0.5/32"."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
