"""How far the machine's clock is off, asked of a time server (SNTP, RFC 4330)."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from datetime import UTC, datetime

from leads.faults import why
from leads.model import Clock

_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""
_PORT = 123
_FORM = struct.Struct(">B B 2x 20x 8s 8s 8s")
"""Mode, stratum, and the times at which the question was sent, came in, and was answered."""


def check(server: str | None, seconds: float = 3) -> Clock:
    """Ask ``server`` (``host`` or ``host:port``) what time it is; never raises.

    An answer that is none, or none to this question, is a fault as well.
    """
    now = datetime.now(UTC)
    if server is None:
        return Clock(checked_at=now, fault="没有配置时间服务器")
    try:
        return Clock(checked_at=now, source=server, offset=round(_offset(server, seconds), 6))
    except TimeoutError:
        fault = f"时间服务器在 {seconds:g} 秒内没有应答"
    except OSError as error:
        fault = f"时间服务器无法访问（{why(error)}）"
    except ValueError:
        fault = "时间服务器的应答不合规则"
    return Clock(checked_at=now, source=server, fault=fault)


def _offset(server: str, seconds: float) -> float:
    host, _, port = server.partition(":")
    question = secrets.token_bytes(8)  # in place of our time, which is nobody's business
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(seconds)
        line.connect((host, int(port or _PORT)))
        sent = time.time()
        line.send(b"\x23" + bytes(39) + question)
        answer = line.recv(512)
        back = time.time()
    if len(answer) < 48:
        raise ValueError
    first, stratum, originate, received, transmitted = _FORM.unpack(answer[:48])
    if first & 7 != 4 or not 0 < stratum < 16 or originate != question:
        raise ValueError
    return ((_seconds(received) - sent) + (_seconds(transmitted) - back)) / 2


def _seconds(stamp: bytes) -> float:
    whole, part = struct.unpack(">LL", stamp)
    return float(whole - _EPOCH + part / 2**32)
