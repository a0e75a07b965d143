"""Who may come, and from where: what a treasurer declares when the book is served, and what is refused at the start."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from coopbooks.errors import CoopbooksError
from coopbooks.rows import NamedTuple

__all__ = ["LOOPBACK", "Access", "ServeRefused", "address_of", "is_loopback", "network_of"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SESSION_HOURS = 12
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")
# What a proxy, a browser or the server itself already means something by.
_TAKEN = frozenset("authorization connection content-length content-type cookie date forwarded host origin".split())

Network = IPv4Network | IPv6Network


class ServeRefused(CoopbooksError):
    """The open book cannot be served: Fava is missing, the port is taken, or strangers could read it."""


class Access(NamedTuple):
    """What is declared about the visitors of a book.

    `host_names` are the names under which it may be asked for beside those of this machine; `proxy_header` is the header
    in which a reverse proxy names who signed in there, believed from the networks in `proxies` alone; `https` says that
    every visitor comes over HTTPS. `clock` gives the time in seconds, for the end of sessions.
    """

    members_file: Path | None = None
    host_names: tuple[str, ...] = ()
    proxy_header: str | None = None
    proxies: tuple[Network, ...] = ()
    https: bool = False
    whole_ledger: bool = False
    clock: Callable[[], float] | None = None

    def beyond(self, host: str) -> bool:
        """Whether somebody who does not sit at this machine could ask for the book."""
        return bool(self.host_names or self.proxies) or not is_loopback(host)

    def checked(self, host: str) -> Access:
        """The same with names in small letters. Raises ServeRefused for what cannot be meant."""
        if host != "localhost":
            address_of(host)
        names = tuple(name.lower().rstrip(".") for name in self.host_names)
        for name in names:
            if not _HOST_NAME.fullmatch(name):
                raise ServeRefused(
                    f'"{name}" is no host name: write it as books.example.org, without https:// or a port'
                )
        header = self.proxy_header
        if header is not None and not self.proxies:
            raise ServeRefused(
                f"anybody could send the header {header}: name the proxy's address with --proxy-from, as 127.0.0.1"
            )
        if header is not None and (not _HEADER.fullmatch(header) or _is_taken(header)):
            raise ServeRefused(f'"{header}" cannot carry a member\'s id: choose a header of its own, as X-Coop-Member')
        return self._replace(host_names=names)

    def check_open(self, host: str, *, members: bool, audience: str | None, ledger: str | Path) -> None:
        """Raise ServeRefused where strangers could read the book, or more could be read than an audience may."""
        if not self.beyond(host):
            return
        if audience is None and not self.whole_ledger:
            raise ServeRefused(
                f"{ledger} is the whole ledger, with every name and text in it: "
                f"`coopbooks publish {ledger} --for members -o members.beancount` makes the one to serve; "
                "--whole-ledger serves this one all the same"
            )
        if members or self.proxy_header is not None:
            return
        if audience == "public":
            raise ServeRefused(
                f"{ledger} is for the public and holds nobody who could sign in: `coopbooks publish main.beancount --for "
                "public -o page.html` makes a page of it for any web site"
            )
        raise ServeRefused(
            f"beyond this machine the book needs a log-in: `coopbooks serve {ledger} --add-member ID` makes one, "
            "or --proxy-header and --proxy-from declare a reverse proxy's"
        )


def is_loopback(host: str) -> bool:
    """Whether an address is one of this machine alone."""
    return host in LOOPBACK or address_of(host).is_loopback


def address_of(host: str) -> IPv4Address | IPv6Address:
    """The address that a text means. Raises ServeRefused for a name, which could mean several."""
    try:
        return ip_address(host)
    except ValueError:
        raise ServeRefused(
            f'"{host}" is no address to listen on: give one of this machine, as 127.0.0.1 or 0.0.0.0, '
            "and the book's name with --host-name"
        ) from None


def network_of(text: str) -> Network:
    """The address or range that --proxy-from means. Raises ServeRefused where it is none, or everything."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ServeRefused(f'"{text}" is no address: give the proxy\'s, as 127.0.0.1 or 10.0.0.0/24') from None
    if not network.prefixlen:
        raise ServeRefused(f"{text} is every address there is: give the proxy's alone, as 127.0.0.1")
    return network


def among(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of these networks; no address is in none."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _is_taken(header: str) -> bool:
    name = header.lower()
    return name in _TAKEN or name.startswith(("x-forwarded-", "sec-", "accept", "if-"))
