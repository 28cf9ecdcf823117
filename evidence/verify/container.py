"""The one plain form of zip file a packet has, read strictly (APPNOTE.TXT 6.3.10)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

MAX_SIZE = 2 << 30
"""Bytes of a packet."""
MAX_FILES = 10_000

# Sections 4.3.7, 4.3.12 and 4.3.16.
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UNIX = 20, 3
_STORED, _TIME, _DAY = 0, 0, 0x21  # 1980-01-01 00:00
_MODE = 0o100644 << 16
_MAX_ROW = _CENTRAL.size + 255


class BrokenError(Exception):
    """The directory of the container cannot be read; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file by the container's directory; with a ``fault`` its bytes are not to be read."""

    name: str
    raw: bytes
    crc: int
    size: int
    offset: int
    """Where its local header starts."""
    fault: str | None


def directory(file: IO[bytes]) -> list[Entry]:
    """Return the files of the container, as many bytes in all as it has.

    Raises:
        BrokenError: it is no zip file of this form, or its directory was changed.
        OSError: it cannot be read.
    """
    size = file.seek(0, 2)
    if size > MAX_SIZE:
        raise BrokenError(f"文件过大（{size} 字节，上限 {MAX_SIZE}）")
    if size < _END.size:
        raise BrokenError("不是证据包，或内容不完整")
    end = size - _END.size
    file.seek(end)
    tail = file.read(_END.size)
    _, _, _, count, _, length, start, _ = _END.unpack(tail)
    if tail != _END.pack(b"PK\x05\x06", 0, 0, count, count, length, start, 0):
        raise BrokenError("不是证据包，或结尾的目录信息已改动")
    if start + length != end or count > MAX_FILES or length > count * _MAX_ROW:
        raise BrokenError("结尾的目录信息已改动")
    file.seek(start)
    return _entries(file.read(length), count, start)


def local_header(entry: Entry) -> bytes:
    """Return the bytes that must stand before the content of ``entry``."""
    head = _LOCAL.pack(
        b"PK\x03\x04", _VERSION, _flags(entry.raw), _STORED, _TIME, _DAY,
        entry.crc, entry.size, entry.size, len(entry.raw), 0,
    )  # fmt: skip
    return head + entry.raw


def _entries(table: bytes, count: int, start: int) -> list[Entry]:
    """Return the files of the directory ``table``, which stands at ``start``, just after them."""
    rows: list[tuple[bytes, bytes, int, int, int]] = []
    at = 0
    for number in range(1, count + 1):
        head = table[at : at + _CENTRAL.size]
        if len(head) < _CENTRAL.size or head[:4] != b"PK\x01\x02":
            raise BrokenError(f"目录第 {number} 项已改动")
        values = _CENTRAL.unpack(head)
        crc, size, length, offset = values[7], values[9], values[10], values[16]
        raw = table[at + _CENTRAL.size : at + _CENTRAL.size + length]
        rows.append((head, raw, crc, size, offset))
        at += _CENTRAL.size + length
    if at != len(table):
        raise BrokenError("目录长度已改动")
    if rows and rows[0][-1] != 0:
        raise BrokenError("第一个文件之前有多余内容，或目录已改动")
    offsets = [*(row[-1] for row in rows), start]
    return [_entry(row, following) for row, following in zip(rows, offsets[1:], strict=True)]


def _entry(row: tuple[bytes, bytes, int, int, int], following: int) -> Entry:
    head, raw, crc, size, offset = row
    expected = _CENTRAL.pack(
        b"PK\x01\x02", _UNIX << 8 | _VERSION, _VERSION, _flags(raw), _STORED, _TIME, _DAY,
        crc, size, size, len(raw), 0, 0, 0, 0, _MODE, offset,
    )  # fmt: skip
    fault = None
    if head != expected:
        fault = "压缩包目录中的记载已改动，或证据包被重新压缩"
    elif offset + _LOCAL.size + len(raw) + size != following:
        fault = "压缩包目录中的位置或长度已改动"
    return Entry(raw.decode(errors="backslashreplace"), raw, crc, size, offset, fault)


def _flags(raw: bytes) -> int:
    return 0 if raw.isascii() else 0x800
