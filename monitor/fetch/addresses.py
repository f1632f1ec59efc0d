"""I/O: which addresses may be dialled. The decision alone: no name is resolved and no socket opened here."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from monitor.fetch.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `is_global` follows the IANA registries, but not all of them in each Python, and it takes these for public:
# they are shared, reserved, or lead through a translator or tunnel to an IPv4 address nobody has checked.
_NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network": Linux dials the host itself
        "100.64.0.0/10",  # shared by a provider's customers, RFC 6598
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "224.0.0.0/3",  # multicast and reserved
        "::/96",  # IPv4-compatible, RFC 4291: ::127.0.0.1
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 for local use, RFC 8215
        "100::/64",  # discard, RFC 6666
        "2001::/23",  # Teredo and other IETF protocols, RFC 2928
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
        "ff00::/8",  # multicast
    )
)
# A cloud machine's own credentials are served here. A range is too easily written too wide to open them.
_METADATA = frozenset({ip_address("169.254.169.254"), ip_address("fd00:ec2::254")})

_HOST_AND_PORT = re.compile(r"(?:\[(?P<literal>[^\[\]]+)\]|(?P<host>[^\s:/\[\]]+))(?::(?P<port>[0-9]{1,5}))?")
_HOST_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*(?=[A-Za-z0-9_-]*[A-Za-z_])[A-Za-z0-9_-]{1,63}\.?")


@dataclass(frozen=True, slots=True)
class Permission:
    """One entry of `network.allow_private`: a network, or a host wherever it is; on one port or all."""

    network: Network | None = None
    host: str = ""
    port: int | None = None

    def covers(self, host: str, port: int, address: Address) -> bool:
        """Whether this entry lets `address`, the answer for `host`, be dialled on `port`."""
        if self.port not in (None, port):
            return False
        if self.network is None:
            return self.host == _canonical(host) and address not in _METADATA
        exact = self.network.prefixlen == self.network.max_prefixlen
        return address in self.network and (exact or address not in _METADATA)


def permission(entry: str) -> Permission:
    """Read one entry of `network.allow_private`: CIDR, address, [address]:port, host or host:port.

    Raises ValueError with a sentence that says what is wrong with it.
    """
    text = entry.strip()
    if "/" in text:
        return Permission(network=_network(text))
    if bare := _literal(text):
        return Permission(network=ip_network(bare))
    parts = _HOST_AND_PORT.fullmatch(text)
    port = int(parts["port"]) if parts and parts["port"] else None
    if not parts or (port is not None and not 0 < port < 65536):
        raise ValueError(_not_an_entry(entry))
    if literal := _literal(parts["literal"] or parts["host"]):
        return Permission(network=ip_network(literal), port=port)
    if not parts["host"] or not _HOST_NAME.fullmatch(parts["host"]):
        raise ValueError(_not_an_entry(entry))
    return Permission(host=_canonical(parts["host"]), port=port)


def check_allow_private(entry: str) -> None:
    """Raise ValueError, with a sentence, where `entry` cannot stand in `network.allow_private`."""
    permission(entry)


def is_public(address: Address) -> bool:
    """Whether anyone on the internet would reach the same machine at this address."""
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


def plain(address: Address) -> Address:
    """The address that is really reached: unmapped (::ffff:10.0.0.1 is 10.0.0.1) and without a zone."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


class AddressPolicy:
    """Public addresses, and the private ones that `network.allow_private` lists.

    Takes the entries as written; raises ValueError at the first that cannot be read.
    """

    def __init__(self, allow_private: Sequence[str] = ()) -> None:
        self._permissions = tuple(permission(entry) for entry in allow_private)

    def acceptable(
        self, host: str, port: int, answers: Iterable[Address], *, redirected: bool = False
    ) -> tuple[Address, ...]:
        """The answers for `host` that may be dialled on `port`, in their order.

        A name with public and private answers is dialled at the public ones only. Raises FetchError, naming
        host and address, where none is left. It names the setting that would open the address as well, unless
        it was a server that sent us there (`redirected`).
        """
        found = tuple(answers)
        allowed = tuple(address for address in found if self._allows(host, port, plain(address)))
        if not allowed:
            raise FetchError(_refusal(host, port, plain(found[0]), redirected))
        return allowed

    def check_unresolved(self, host: str, port: int, *, redirected: bool = False) -> None:
        """Refuse what is private by its name alone, for a target that the proxy is going to resolve.

        Raises FetchError as `acceptable` does. Any other name is left to the proxy, which alone resolves it.
        """
        address = _private_by_name(host)
        if address:
            self.acceptable(host, port, (address,), redirected=redirected)

    def _allows(self, host: str, port: int, address: Address) -> bool:
        if is_public(address):
            return True
        return any(entry.covers(host, port, address) for entry in self._permissions)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not an address range: {error}; write it like "10.0.0.0/24"') from None


def _literal(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _canonical(host: str) -> str:
    return host.lower().removesuffix(".")


def _not_an_entry(entry: str) -> str:
    return (
        f'"{entry}" is neither an address range, an address nor host[:port]; '
        'write it like "10.0.0.5/32", "127.0.0.1:8123", "[::1]:80" or "intranet.example:8080"'
    )


def _refusal(host: str, port: int, address: Address, redirected: bool) -> str:
    who = f"{host} is" if host == str(address) else f"{host} has the address {address},"
    if redirected:
        return f"{who} not a public address, so the redirect to it is not followed"
    refused = f"{who} not a public address, so it is not asked"
    # No feed lives here, but a cloud machine's credentials may: nobody is told how to open it.
    if address.is_link_local or address in _METADATA:
        return refused
    entry = f"[{address}]:{port}" if isinstance(address, IPv6Address) else f"{address}:{port}"
    return (
        f"{refused}; if this source is meant to be inside your network, "
        f'add "{entry}" to network.allow_private in the config'
    )


def _private_by_name(host: str) -> Address | None:
    name = _canonical(host)
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, 6.3
        return ip_address("127.0.0.1")
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:  # The forms a resolver takes besides: 127.1, 0x7f.1, 2130706433.
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None
