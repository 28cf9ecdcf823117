"""The other doors: saved HTML, MHTML, HAR, WARC, WACZ, ZIP, API JSON, CSV and XLSX as pages."""

from __future__ import annotations

import base64
import binascii
import csv
import email
import email.message
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crawlers import archives
from crawlers.archives import LARGEST_PAGE
from crawlers.page import Page, Unreadable
from crawlers.platforms.embedded import dicts, text_at
from leads.faults import why
from leads.model import Verdict

LARGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes of a HAR, MHTML or XLSX file, which have to be read whole."""
LARGEST_SHEET = 256 * 1024 * 1024
"""Bytes of what an XLSX file unpacks to."""
MOST_ROWS = 200_000

_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
_WACZ_INDEXES = ("datapackage", "pages/", "indexes/")
_KNOWN_AS = {
    b"%PDF": "PDF 文件，请另存为网页、CSV 或 XLSX",
    b"\xd0\xcf\x11\xe0": "旧版 Office 文件（.xls/.doc），请另存为 .xlsx",
    b"Rar!": "RAR 压缩包，请改用 ZIP",
    b"7z\xbc\xaf": "7z 压缩包，请改用 ZIP",
}
BROKEN_SHEET = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    SyntaxError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    zlib.error,
)
"""What openpyxl raises on workbooks that are none; it has no error of its own for most of them."""


def open_file(path: Path) -> Iterator[Page]:
    """Yield the pages in a file, in their order; the kind is told by content first, then by name.

    A page of an archive has the address it was fetched from. A file that is no archive is one page.

    Raises:
        Unreadable: a folder or no ordinary file, not readable, too large, damaged, or a bomb; what
            was read before the damage has been yielded.
    """
    try:
        if not path.exists():
            raise Unreadable(Verdict.DAMAGED, "没有这个文件")
        if path.is_dir():
            raise Unreadable(Verdict.UNSUPPORTED, "是文件夹，请指定其中的文件")
        if not path.is_file():
            raise Unreadable(Verdict.UNSUPPORTED, "不是普通文件")
        with path.open("rb") as file:
            yield from _pages(file, path.suffix.lower())
    except OSError as unreadable:
        raise Unreadable(Verdict.DAMAGED, f"无法读取：{why(unreadable)}") from unreadable


def _pages(file: IO[bytes], suffix: str) -> Iterator[Page]:
    head = file.read(4096)
    file.seek(0)
    for magic, reason in _KNOWN_AS.items():
        if head.startswith(magic):
            raise Unreadable(Verdict.UNSUPPORTED, reason)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _sheets(file) if _is_workbook(file) else _members(file)
    elif head.startswith(b"WARC/") or (head.startswith(b"\x1f\x8b") and _holds_warc(head)):
        yield from archives.warc(file)
    elif head.startswith(b"\x1f\x8b"):
        yield Page(_gunzipped(file), content_type=_TYPES.get(suffix))
    elif suffix in (".mht", ".mhtml") or b"multipart/related" in head[:2000].lower():
        yield from _mhtml(_whole(file))
    elif suffix in (".jsonl", ".ndjson"):
        yield from _lines(file)
    elif suffix == ".har" or (head.lstrip(b"\xef\xbb\xbf \r\n\t{").startswith(b'"log"')):
        yield from _har(_whole(file))
    else:
        yield Page(archives.read_page(file), content_type=_TYPES.get(suffix))


def _lines(file: IO[bytes]) -> Iterator[Page]:
    """JSON lines: a page a line."""
    while line := file.readline(LARGEST_PAGE + 1):
        if len(line) > LARGEST_PAGE:
            raise Unreadable(Verdict.UNSUPPORTED, "一行过长，不是 JSON Lines 文件")
        if line.strip():
            yield Page(line, content_type=_TYPES[".json"])


def _whole(file: IO[bytes]) -> bytes:
    body = file.read(LARGEST_DOCUMENT + 1)
    if len(body) > LARGEST_DOCUMENT:
        raise Unreadable(Verdict.UNSUPPORTED, "文件过大（上限 256 MiB），请分成多个文件")
    return body


def _members(file: IO[bytes]) -> Iterator[Page]:
    """The pages of a ZIP: those of the WARCs in it (WACZ), else every file that looks like one."""
    with archives.opened_zip(file) as archive:
        for name in archive.namelist():
            try:
                with archive.open(name) as member:
                    yield from _member(name, member)
            except archives.BROKEN_ZIP as broken:
                reason = f"压缩包内“{name[:200]}”损坏，无法解压"
                raise Unreadable(Verdict.DAMAGED, reason) from broken


def _member(name: str, member: IO[bytes]) -> Iterator[Page]:
    suffix = Path(name).suffix.lower()
    if name.lower().endswith((".warc", ".warc.gz")):
        yield from archives.warc(member)
    elif suffix in _TYPES and not name.startswith(_WACZ_INDEXES):
        yield Page(archives.read_page(member), content_type=_TYPES[suffix])
    elif suffix in (".mht", ".mhtml"):
        yield from _mhtml(_whole(member))
    elif suffix == ".har":
        yield from _har(_whole(member))


def _holds_warc(head: bytes) -> bool:
    try:
        return zlib.decompressobj(47).decompress(head, 64).startswith(b"WARC/")
    except zlib.error:
        return False


def _gunzipped(file: IO[bytes]) -> bytes:
    try:
        return gzip.GzipFile(fileobj=file).read(LARGEST_PAGE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise Unreadable(Verdict.DAMAGED, "压缩文件损坏或不完整") from broken


def _har(body: bytes) -> Iterator[Page]:
    """The text responses of a browser's record (HAR 1.2)."""
    try:
        log = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as broken:
        raise Unreadable(Verdict.DAMAGED, "HAR 文件不完整或已损坏") from broken
    if not isinstance(log, dict) or not isinstance(log.get("log"), dict):
        raise Unreadable(Verdict.DAMAGED, "HAR 文件中没有 log")
    for entry in dicts(log, "log", "entries"):
        content = next(dicts(entry, "response", "content"), {})
        text, url = content.get("text"), text_at(next(dicts(entry, "request"), {}), "url")
        kind = text_at(content, "mimeType")
        if not isinstance(text, str):
            continue
        if content.get("encoding") == "base64":
            found = _unbase64(text)
        else:
            found = text.encode("utf-8", "replace")
            kind = f"{(kind or 'text/html').partition(';')[0]}; charset=utf-8"
        if archives.is_page(kind, found):
            yield Page(found, url, kind)


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _mhtml(body: bytes) -> Iterator[Page]:
    """The HTML parts of a page that a browser saved as one file (RFC 2557)."""
    try:
        message = email.message_from_bytes(body)
        parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    except (RecursionError, ValueError, LookupError) as broken:
        raise Unreadable(Verdict.DAMAGED, "MHTML 文件已损坏") from broken
    if not parts:
        raise Unreadable(Verdict.DAMAGED, "MHTML 文件中没有网页")
    for part in parts:
        payload = part.get_payload(decode=True)
        address = part.get("Content-Location") or message.get("Snapshot-Content-Location") or ""
        if isinstance(payload, bytes):
            url = str(address) if str(address).startswith(("http://", "https://")) else None
            yield Page(payload, url, _type(part))


def _type(part: email.message.Message) -> str:
    charset = part.get_content_charset()
    return f"text/html; charset={charset}" if charset else "text/html"


def _is_workbook(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.startswith("xl/") for name in archive.namelist()[:50])
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    finally:
        file.seek(0)


def _sheets(file: IO[bytes]) -> Iterator[Page]:
    """Each sheet of a workbook as CSV; formulas by the values they had when it was saved."""
    with archives.opened_zip(file) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > LARGEST_SHEET:
        raise Unreadable(Verdict.UNSUPPORTED, "表格解压后过大（上限 256 MiB），请分成多个文件")
    file.seek(0)
    try:
        workbook = load_workbook(io.BytesIO(_whole(file)), read_only=True, data_only=True)
        for sheet in workbook.worksheets:
            text = io.StringIO()
            writer = csv.writer(text)
            for number, row in enumerate(sheet.iter_rows(values_only=True)):
                if number >= MOST_ROWS:
                    raise Unreadable(Verdict.UNSUPPORTED, f"工作表超过 {MOST_ROWS} 行，请分开导入")
                writer.writerow([_cell(value) for value in row])
            if text.getvalue().strip(",\r\n"):
                yield Page(text.getvalue().encode(), content_type="text/csv; charset=utf-8")
    except BROKEN_SHEET as broken:
        raise Unreadable(Verdict.DAMAGED, "XLSX 文件损坏或不完整") from broken


def _cell(value: object) -> str:
    """A cell as a person reads it: a whole number without the .0 that Excel keeps."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
