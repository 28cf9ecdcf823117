"""No request of ours reaches an address that is not public, whatever a page links to.

Two walls: :class:`Guard` reads the address as written, :class:`GuardedResolver` the answer a name
resolves to, and Twisted connects to that very answer, so re-binding a name gains nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

log = logging.getLogger("markwatch.crawl")

PORTS = {80, 443}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?!.{{254}}){_LABEL}(?:\.{_LABEL})*\.?")
"""Names as resolvers take them (RFC 1035, 2.3.4; some hosts bear an underscore)."""


class Refused(IgnoreRequest):
    """A request that is not made; the message says why, in Chinese."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is globally routable unicast, looking through IPv4-mapped forms.

    Ranges: IANA special-purpose address registries, as kept by :mod:`ipaddress`.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if embedded:
            return is_public(str(embedded))
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 hides an IPv4 address
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def literal(host: str) -> str | None:
    """Return the address that ``host`` spells in any way a resolver accepts, or None for a name.

    2130706433, 0x7f.1, 017700000001 and 127.1 are all 127.0.0.1 to ``inet_aton``.
    """
    try:
        return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def refuse(url: str, practice_hosts: Iterable[str] = ()) -> str | None:
    """Return why ``url`` must not be fetched, in Chinese, or None.

    ``practice_hosts`` are exact ``host:port`` pairs that may be private.
    """
    try:
        parts = urlsplit(url)
        port = {"http": 80, "https": 443}.get(parts.scheme) if parts.port is None else parts.port
    except ValueError as malformed:
        return f"网址无法解析（{malformed}）"
    if parts.scheme not in ("http", "https"):
        return f"不允许的协议 {parts.scheme!r}"
    if not parts.hostname:
        return "网址没有主机名"
    if f"{parts.hostname}:{port}" in practice_hosts:
        return None
    if parts.username or parts.password:
        return "网址中带有用户名或口令"
    if port not in PORTS:
        return f"不允许的端口 {port}"
    address = literal(parts.hostname)
    if address is None and not _named(parts.hostname):
        return f"主机名无效 {parts.hostname[:80]!r}"
    if address is not None and not is_public(address):
        return f"不是公网地址 {address}"
    return None


def _named(host: str) -> bool:
    try:
        return _NAME.fullmatch(host.encode("idna").decode()) is not None
    except UnicodeError:
        return False


class Guard:
    """Downloader middleware that refuses what :func:`refuse` names, redirects included."""

    def __init__(self, practice_hosts: Sequence[str]) -> None:
        self.practice_hosts = frozenset(practice_hosts)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the practice hosts from the settings."""
        return cls(crawler.settings.getlist("MARKWATCH_PRACTICE_HOSTS"))

    def process_request(self, request: Request) -> None:
        """Raise :class:`Refused` for an address that must not be fetched."""
        reason = refuse(request.url, self.practice_hosts)
        if reason:
            raise Refused(f"拒绝访问：{reason}")


class GuardedResolver(CachingThreadedResolver):
    """Resolver that answers only with public addresses, and practice hosts' own."""

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, hosts: Iterable[str] = ()
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.hosts = frozenset(host.rpartition(":")[0] for host in hosts)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Read cache size, time-out (seconds) and practice hosts from the settings."""
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE"),
            settings.getfloat("DNS_TIMEOUT"),
            settings.getlist("MARKWATCH_PRACTICE_HOSTS"),
        )

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Resolve ``name``; a private answer is as good as none."""
        return super().getHostByName(name, timeout).addCallback(self._public, name)

    def _public(self, address: str, name: str) -> str:
        if is_public(address) or name in self.hosts:
            return address
        reason = f"{name} 解析到非公网地址 {address}"
        log.info("拒绝访问：%s", reason)  # what is raised gets no farther than Twisted's resolver
        raise DNSLookupError(reason)
