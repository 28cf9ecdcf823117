"""Web archives as pages: WARC (plain or gzip), WACZ and ZIP, read as a stream within bounds.

Nothing is ever written to disk. Formats: ISO 28500:2017 (WARC/1.1), WACZ 1.1.1.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

import brotli  # type: ignore[import-untyped]  # ships no types

from crawlers.page import Page, Unreadable
from leads.model import Verdict

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST_PAGE = 32 * 1024 * 1024
"""Bytes of one page, unpacked."""
MOST_UNPACKED = 4 * 1024 * 1024 * 1024
"""Bytes of everything in one archive, unpacked."""
HIGHEST_RATIO = 200
"""Unpacked to packed, beyond the first 32 MiB: more is a bomb, not a page."""
MOST_MEMBERS = 100_000
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)
"""What reading a damaged ZIP raises, besides OSError."""
_FREE = 32 * 1024 * 1024
_LONGEST_LINE = 16 * 1024
_TEXT_TYPES = re.compile(r"text/(?:html|plain|csv)|application/(?:xhtml\+xml|json|\w+\+json)", re.I)
_SCRIPT_TYPES = re.compile(r"(?:text|application)/(?:x-)?javascript", re.I)
_JSONP = re.compile(rb"\s*(?:/\*\*/)?\s*(?!define\b|require\b|webpack)[\w$.]{1,64}\(\s*[\[{]")


class _Counted(io.RawIOBase):
    """A stream that refuses to unpack more than the bounds allow."""

    def __init__(self, packed: IO[bytes], unpacked: gzip.GzipFile) -> None:
        self.packed = packed
        self.unpacked = unpacked
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        data = self.unpacked.read(len(buffer))
        buffer[: len(data)] = data
        self.seen += len(data)
        if self.seen > MOST_UNPACKED or self.seen > _FREE + HIGHEST_RATIO * self.packed.tell():
            raise Unreadable(Verdict.UNSUPPORTED, "压缩比异常，疑为压缩炸弹，已停止解压")
        return len(data)


def warc(stream: IO[bytes]) -> Iterator[Page]:
    """Yield the text responses in a WARC, in their order, with address and content type.

    Raises:
        Unreadable: damaged (after the whole records before it), or a bomb.
    """
    start = stream.read(2)
    stream.seek(0)
    lines: IO[bytes] | io.BufferedReader = stream
    if start == b"\x1f\x8b":
        lines = io.BufferedReader(_Counted(stream, gzip.GzipFile(fileobj=stream)), 1 << 16)
    number = 1
    try:
        while (headers := _headers(lines)) is not None:
            page = _record(lines, headers)
            if page:
                yield page
            number += 1
    except (EOFError, OSError, ValueError, zlib.error) as broken:
        raise Unreadable(Verdict.DAMAGED, f"归档文件在第 {number} 条记录处损坏或不完整") from broken


def opened_zip(stream: IO[bytes]) -> zipfile.ZipFile:
    """Return a ZIP of which every member has been looked at.

    Raises:
        Unreadable: damaged, encrypted, a bomb, or a member that points out of the archive; the
            whole archive is refused before anything of it is read.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN_ZIP as broken:
        raise Unreadable(Verdict.DAMAGED, "压缩包损坏或不完整") from broken
    _refuse_bad_members(archive.infolist())
    return archive


def read_page(stream: IO[bytes]) -> bytes:
    """Return a page's bytes, one more than allowed if it is too large (extract then says so)."""
    return stream.read(LARGEST_PAGE + 1)


def inflated(data: bytes, coding: str) -> bytes:
    """Return a body without its content coding.

    Raises:
        ValueError: unknown coding, damaged, or larger than a page may be.
    """
    room = LARGEST_PAGE + 1
    try:
        if coding in ("gzip", "x-gzip", "deflate"):
            raw = coding == "deflate" and data[:1] != b"\x78"
            found = zlib.decompressobj(-15 if raw else 47).decompress(data, room)
        elif coding == "br":
            found = brotli.Decompressor().process(data, output_buffer_limit=room)
        elif coding == "zstd":
            found = zstd.ZstdDecompressor().decompress(data, room)
        else:
            raise ValueError(f"unknown content coding {coding!r}")
    except (zlib.error, brotli.error, zstd.ZstdError) as broken:
        raise ValueError("damaged body") from broken
    return bytes(found)


def is_page(content_type: str | None, body: bytes) -> bool:
    """Tell whether a response can hold listings: markup, JSON, a table, or JSONP among scripts."""
    if not body.strip():
        return False
    if _SCRIPT_TYPES.match(content_type or ""):
        return _JSONP.match(body) is not None
    return not content_type or _TEXT_TYPES.match(content_type) is not None


def _refuse_bad_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise Unreadable(Verdict.UNSUPPORTED, f"压缩包内文件过多（{len(members)} 个）")
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Unreadable(Verdict.UNSUPPORTED, "压缩包解压后过大，已拒绝")
    for member in members:
        name = member.filename[:200]
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
            raise Unreadable(Verdict.UNSUPPORTED, f"压缩包内“{name}”指向包外，已拒绝整个文件")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable(Verdict.UNSUPPORTED, f"压缩包内“{name}”是符号链接，已拒绝整个文件")
        if member.flag_bits & 1:
            raise Unreadable(Verdict.UNSUPPORTED, "压缩包已加密，请解密后再导入")
        if member.file_size > _FREE + HIGHEST_RATIO * member.compress_size:
            raise Unreadable(
                Verdict.UNSUPPORTED, f"压缩包内“{name}”压缩比异常，疑为压缩炸弹，已拒绝"
            )


def _headers(lines: IO[bytes] | io.BufferedReader) -> dict[str, str] | None:
    """The next record's headers in lower case; None at the end."""
    line = lines.readline(_LONGEST_LINE)
    while line in (b"\r\n", b"\n"):
        line = lines.readline(_LONGEST_LINE)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        raise ValueError("no record here")
    headers: dict[str, str] = {}
    while (line := lines.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line or len(headers) > 200:
            raise EOFError
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _record(lines: IO[bytes] | io.BufferedReader, headers: dict[str, str]) -> Page | None:
    """Read the record to its end; None unless it is a page."""
    left = int(headers.get("content-length", "-1"))
    if left < 0:
        raise ValueError("record without length")
    kind, named = headers.get("warc-type"), headers.get("warc-target-uri", "").strip("<>")
    wanted = kind in ("response", "resource") and named.startswith(("http://", "https://"))
    block = _exactly(lines, min(left, LARGEST_PAGE + _LONGEST_LINE)) if wanted else b""
    left -= len(block)
    while left > 0:
        left -= len(_exactly(lines, min(left, 1 << 20)))
    if not wanted:
        return None
    if kind == "resource":
        return _page(named, headers.get("content-type"), block)
    return _response(named, block)


def _exactly(lines: IO[bytes] | io.BufferedReader, size: int) -> bytes:
    data = lines.read(size)
    if data is None or len(data) < size:
        raise EOFError
    return data


def _response(url: str, block: bytes) -> Page | None:
    head, _, body = block.partition(b"\r\n\r\n")
    parted = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    fields = {name.strip().lower(): value.strip() for name, _, value in parted}
    kind = fields.get(b"content-type", b"").decode("latin-1") or None
    try:
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = _dechunked(body)
        for coding in fields.get(b"content-encoding", b"").decode("latin-1").lower().split(","):
            if coding.strip() not in ("", "identity"):
                body = inflated(body, coding.strip())
    except ValueError:
        return Page(body, url, kind) if "html" in (kind or "") else None
    return _page(url, kind, body)


def _dechunked(body: bytes) -> bytes:
    """Undo chunked transfer coding; a body that many archives store without it is left alone."""
    parts: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        size = body[at:end].partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            return body if not parts else b"".join(parts)
        if int(size, 16) == 0:
            break
        parts.append(body[end + 2 : end + 2 + int(size, 16)])
        at = end + 4 + int(size, 16)
    return b"".join(parts) if parts else body


def _page(url: str, content_type: str | None, body: bytes) -> Page | None:
    return Page(body, url, content_type) if is_page(content_type, body) else None
