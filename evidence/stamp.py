"""Time stamps from an authority (RFC 3161), asked for over HTTP and checked at once."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from evidence.sealing import Authority
from evidence.verify.tokens import SealError, Stamp, check_stamp
from leads.faults import why

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

_LARGEST = 1 << 20
"""Bytes of an answer."""
TOLERATED = 60.0
"""Seconds between our clock and the authority's that nobody need hear of."""


class StampError(Exception):
    """No authority has stamped; the message says in Chinese what each of them did."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamp with all that proves it."""

    request: bytes
    reply: bytes
    facts: Stamp
    authority: Authority
    roots: bytes
    """Certificates (PEM) by which it was checked."""
    ahead: float
    """Seconds by which the authority's clock was ahead of ours."""


def stamp(data: bytes, authorities: Sequence[Authority]) -> Stamped:
    """Have ``data`` stamped by the first authority that does so properly.

    Raises:
        StampError: none does.
    """
    reasons = []
    for authority in authorities:
        try:
            return _stamp(data, authority)
        except SealError as refused:
            reasons.append(f"{authority.name}：{refused}")
    raise StampError("；".join(reasons) or "没有配置时间戳机构")


def _stamp(data: bytes, authority: Authority) -> Stamped:
    request = _request(data)
    try:
        roots = authority.certificates.read_bytes()
    except OSError as error:
        raise SealError(f"无法读取证书 {authority.certificates}（{why(error)}）") from error
    reply = _post(authority, request.as_bytes())
    facts = check_stamp(reply, data, roots)
    ahead = (facts.time - datetime.now(UTC)).total_seconds()
    return Stamped(request.as_bytes(), reply, facts, authority, roots, ahead)


def _request(data: bytes) -> TimeStampRequest:
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as missing:
        raise SealError("缺少组件，请安装：pip install 'markwatch[papers]'") from missing
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def _post(authority: Authority, body: bytes) -> bytes:
    """Send a request and return the answer, in the time the authority has for it."""
    parts = urlsplit(str(authority.url))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=authority.timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    end = time.monotonic() + authority.timeout
    watch = threading.Timer(authority.timeout, _cut, (connection,))
    watch.start()
    try:
        headers = {"Content-Type": "application/timestamp-query"}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        if response.status != 200:
            raise SealError(f"机构返回 HTTP {response.status}")
        answer = response.read(_LARGEST + 1)
        if len(answer) > _LARGEST:
            raise SealError("机构的应答过大")
        if time.monotonic() < end:  # what was cut off may look like an end
            return answer
        raise TimeoutError
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or time.monotonic() >= end:
            raise SealError(f"机构在 {authority.timeout:g} 秒内没有应答") from error
        reason = why(error) if isinstance(error, OSError) else type(error).__name__
        raise SealError(f"无法连接机构（{reason}）") from error
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection whose time is up, however busily the other side drips."""
    with suppress(OSError):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)
