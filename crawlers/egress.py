"""The wall around the browser: a forward proxy on loopback, its only way out.

Redirects, frames, scripts, sockets and pop-ups of a page all come through here. A name is resolved
once and the connection goes to the very address that was checked, so re-binding gains nothing.

What is not let through is closed without a word: an answer of ours could be captured as a site's.
"""

from __future__ import annotations

import asyncio
import re
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.guard import Refused, is_public, refuse

LARGEST_HEAD = 32 * 1024
"""Bytes of a request line with its headers."""
LARGEST = 64 * 1024 * 1024
"""Bytes that one connection may bring; the browser loads many files over one."""
IDLE = 30.0
"""Seconds after which a connection that carries nothing is closed."""

ERRANDS = ("google.com", "googleapis.com")
"""Where Chromium calls on its own account, whatever flags say (measured: update checks, account
lists); refused like the rest, but that is no news."""

_OURS_TO_WRITE = {
    "connection",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
}
"""Headers between the browser and a proxy (RFC 9110, 7.6.1), and Host, which is written anew."""


@dataclass(frozen=True)
class _Asked:
    """What the browser asks for."""

    url: str
    host: str
    port: int
    head: bytes
    """Request line and headers for the server; empty where a tunnel is asked for."""
    body: int
    """Bytes of the browser's that follow, at most."""


class Egress:
    """A proxy on 127.0.0.1 that reaches public addresses of some domains, and nothing else.

    Args:
        domains: hosts that may be reached, with all below them.
        practice_hosts: exact ``host:port`` pairs that may be private.
        idle: seconds.
        largest: bytes that one connection may bring.
    """

    def __init__(
        self,
        domains: Iterable[str],
        practice_hosts: Iterable[str] = (),
        *,
        idle: float = IDLE,
        largest: int = LARGEST,
    ) -> None:
        self.domains = tuple(domains)
        self.practice_hosts = frozenset(practice_hosts)
        self.idle = idle
        self.largest = largest
        self.denied: list[str] = []
        """Why connections were not made or were cut, in Chinese, in order of time."""
        self.peers: dict[str, str] = {}
        """The address last reached for a ``host:port``."""
        self._talks: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Listen on a free port; return the proxy's address."""
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0, limit=LARGEST_HEAD)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _meet(self, reader: StreamReader, writer: StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(self.idle) as clock:
                asked = _parsed(await reader.readuntil(b"\r\n\r\n"))
                far_reader, far_writer = await self._reach(asked)
                if asked.head:
                    far_writer.write(asked.head)
                else:
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                sending = asyncio.create_task(self._carry(reader, far_writer, asked.body, clock))
                try:
                    if not await self._carry(far_reader, writer, self.largest, clock):
                        raise Refused(f"{asked.host} 的内容超过大小上限，已中止")
                finally:
                    sending.cancel()
                    far_writer.close()
                    await asyncio.gather(sending, return_exceptions=True)
        except Refused as refusal:
            self.denied.append(str(refusal))
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # one side is gone, silent or long-winded: the browser sees the connection close
        finally:
            writer.close()

    async def _reach(self, asked: _Asked) -> tuple[StreamReader, StreamWriter]:
        """Connect to a checked address, and to no other.

        Raises:
            Refused: there is none.
            ConnectionRefusedError: the same, on an errand of Chromium's own.
        """
        reason = refuse(asked.url, self.practice_hosts)
        if reason:
            raise Refused(f"拒绝访问：{reason}")
        if _within(asked.host, ERRANDS):
            raise ConnectionRefusedError
        if not _within(asked.host, self.domains):
            raise Refused(f"拒绝访问：{asked.host} 不在本站允许的范围内")
        pair = f"{asked.host}:{asked.port}"
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.getaddrinfo(asked.host, asked.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as unknown:
            raise Refused(f"主机名无法解析：{asked.host}") from unknown
        addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        private = [address for address in addresses if not is_public(address)]
        if private and pair not in self.practice_hosts:
            raise Refused(f"拒绝访问：{asked.host} 解析到非公网地址 {private[0]}")
        for address in addresses:
            try:
                streams = await asyncio.open_connection(address, asked.port)
            except OSError:
                continue
            self.peers[pair] = address
            return streams
        raise Refused(f"无法连接 {pair}")

    async def _carry(
        self, source: StreamReader, sink: StreamWriter, most: int, clock: asyncio.Timeout
    ) -> int:
        """Carry ``most`` bytes, or all there are; return how many could still have gone over."""
        now = asyncio.get_running_loop().time
        while most and (chunk := await source.read(min(most, 65536))):
            clock.reschedule(now() + self.idle)
            sink.write(chunk)
            await sink.drain()
            most -= len(chunk)
        if most:
            sink.write_eof()
        return most


def _within(host: str, domains: Iterable[str]) -> bool:
    return any(f".{host}".endswith(f".{domain}") for domain in domains)


def _parsed(head: bytes) -> _Asked:
    """Read a proxy request's head (RFC 9112, 3.2.2 and 3.2.3).

    One request a connection: the server is told to close, so nothing meant for another host can
    follow on the same way.

    Raises:
        Refused: it is none, or its body has no plain length.
    """
    request, *headers = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = request.split(" ")
    if len(words) != 3:
        raise Refused("不是代理请求")
    method, target, _ = words
    url = f"https://{target}/" if method == "CONNECT" else target
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as malformed:
        raise Refused(f"网址无法解析（{malformed}）") from malformed
    if port is None:
        port = 443 if method == "CONNECT" else 80
    if method == "CONNECT":
        return _Asked(url, host, port, head=b"", body=LARGEST)
    if parts.scheme != "http":
        raise Refused(f"不允许的协议 {parts.scheme!r}")

    kept, body = [], 0
    for header in headers:
        name, _, value = header.partition(":")
        match name.lower():
            case "transfer-encoding":
                raise Refused("请求内容没有确定的长度")
            case "content-length":
                body = _length(value)
        if name.lower() not in _OURS_TO_WRITE:
            kept.append(header)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    first = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    passed_on = "\r\n".join([*first, *kept, "", ""]).encode("latin-1")
    return _Asked(url, host, port, passed_on, body)


def _length(value: str) -> int:
    if not re.fullmatch(r"[ \t]*[0-9]{1,9}[ \t]*", value):
        raise Refused("请求内容没有确定的长度")
    return int(value)
