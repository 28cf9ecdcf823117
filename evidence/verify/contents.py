"""The files of a packet, read once each: their digests, and what is written in the small ones."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from evidence.verify.container import BrokenError, Entry, directory, local_header
from evidence.verify.findings import Report

_CHUNK = 1 << 20
_MAX_TEXT = 32 << 20
"""Bytes of a file whose content is looked at."""
_MAX_TEXTS = 256 << 20
"""Bytes of all of them."""
_TEXTS = (".json", ".jsonl", ".txt", ".head", ".tsr", ".tsq", ".p7s", ".pem")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is what the container says it is."""

    size: int
    sha256: str
    sm3: str
    text: bytes | None
    """Its content, where that is looked at."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a bag by name, without the folder that holds them all."""

    files: Mapping[str, File]
    """Those that could be read."""
    names: frozenset[str]
    """All."""

    def text(self, name: str) -> bytes | None:
        """Return the content of a file, or None where it is missing or could not be read."""
        file = self.files.get(name)
        return file.text if file else None

    def json(self, name: str, report: Report) -> Mapping[str, object] | None:
        """Return the object in a JSON file, or None where it has none, which is noted."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
        report.add(name, "不是有效的 JSON 记录")
        return None


def read(path: Path, report: Report) -> Contents:
    """Read a packet and note what is wrong with its container.

    Raises:
        BrokenError: it is no packet. OSError: it cannot be read.
    """
    with path.open("rb") as file:
        entries = directory(file)
        if [entry.raw for entry in entries] != sorted(entry.raw for entry in entries):
            report.add(path.name, "文件未按名称排序，证据包已被改动或重新压缩")
        base = entries[0].name.partition("/")[0] + "/" if entries else ""
        if not all(entry.name.startswith(base) for entry in entries):
            report.add(path.name, "文件不在同一个文件夹内")
            base = ""
        handle = file.fileno()
        if sum(entry.size for entry in entries if entry.name.endswith(_TEXTS)) > _MAX_TEXTS:
            raise BrokenError("其中的文本文件过大")
        sound = [entry for entry in entries if _sound(handle, entry, base, report)]
        return Contents(
            files=_hashed(handle, sound, base, report),
            names=frozenset(entry.name.removeprefix(base) for entry in entries),
        )


def _sound(handle: int, entry: Entry, base: str, report: Report) -> bool:
    """Tell whether a file may be read: its place and its headers are right, its name is its own."""
    name = entry.name.removeprefix(base)
    if entry.fault:
        report.add(name, entry.fault)
        return False
    expected = local_header(entry)
    if os.pread(handle, len(expected), entry.offset) != expected:
        report.add(name, "压缩包中的文件头已改动")
    if name.endswith(_TEXTS) and entry.size > _MAX_TEXT:
        report.add(name, f"文件过大（{entry.size} 字节）")
        return False
    return True


def _hashed(handle: int, entries: Iterable[Entry], base: str, report: Report) -> dict[str, File]:
    """Hash every file; the slow digest of one beside the others of the next."""
    with ThreadPoolExecutor(os.cpu_count()) as hands:
        begun: list[tuple[Entry, Future[tuple[str, int]], Future[str]]] = [
            (entry, hands.submit(_quick, handle, entry), hands.submit(_sm3, handle, entry))
            for entry in sorted(entries, key=lambda entry: -entry.size)
        ]
    files: dict[str, File] = {}
    for entry, quick, slow in begun:
        name = entry.name.removeprefix(base)
        sha256, crc = quick.result()
        if name in files:
            report.add(name, "同名文件出现多次")
        elif crc != entry.crc:
            report.add(name, "内容已改动，与压缩包中的校验和不符")
        else:
            text = _content(handle, entry) if name.endswith(_TEXTS) else None
            files[name] = File(entry.size, sha256, slow.result(), text)
    return files


def _quick(handle: int, entry: Entry) -> tuple[str, int]:
    sha256, crc = hashlib.sha256(), 0

    def both(chunk: bytes) -> None:
        nonlocal crc
        sha256.update(chunk)
        crc = zlib.crc32(chunk, crc)

    _each_chunk(handle, entry, both)
    return sha256.hexdigest(), crc


def _sm3(handle: int, entry: Entry) -> str:
    sm3 = hashlib.new("sm3")
    _each_chunk(handle, entry, sm3.update)
    return sm3.hexdigest()


def _content(handle: int, entry: Entry) -> bytes:
    return os.pread(handle, entry.size, _start(entry))


def _each_chunk(handle: int, entry: Entry, use: Callable[[bytes], object]) -> None:
    at, end = _start(entry), _start(entry) + entry.size
    while at < end and (chunk := os.pread(handle, min(_CHUNK, end - at), at)):
        use(chunk)
        at += len(chunk)


def _start(entry: Entry) -> int:
    return entry.offset + len(local_header(entry))
