"""Whether a packet is whole and unchanged, byte by byte; shares no code with what wrote it.

A packet is a zip file of one plain form: stored files in order of name, dated 1980-01-01, nothing
before, between or after them. Every byte of the container is compared with what it must be, so
that a change is found wherever it hits; the files are held against the manifest, and captured
files against their records. Nothing is unpacked to disk, and nothing is read twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from evidence.container import BrokenError, Entry, directory, local_header
from leads.faults import why

_MANIFEST = "manifest-sha256.txt"
_REQUIRED = (
    "evidence/E001-page.bin",
    "evidence/E001-page.json",
    "judgements.json",
    "lead.json",
    "listing.json",
    _MANIFEST,
    "recipient.json",
    "核验说明.txt",
    "线索摘要.html",
)
_CAPTURED = re.compile(
    r"(evidence/E[0-9]{3,5}-(?:page|picture))\.(json|bin|jpg|png|gif|bmp|webp|avif)", re.ASCII
)
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_CHUNK = 1 << 20
_MAX_TEXT = 32 << 20
"""Bytes of the manifest or of one record."""
_MAX_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file in a packet; ``file`` is the packet's own name for the whole."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}：{self.reason}"


@dataclass(slots=True)
class _Findings:
    """Problems found so far, and what is known of the files that are sound as such."""

    problems: list[Problem] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 by name."""
    sizes: dict[str, int] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    """Content of the manifest and of every JSON file, by name."""
    present: set[str] = field(default_factory=set)

    def add(self, file: str, reason: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(_shown(file), reason))


def verify(path: Path) -> list[Problem]:
    """Return every problem of the packet at ``path``; none means whole and unchanged.

    Never raises for what the file holds, nor for a file that cannot be read.
    """
    found = _Findings()
    try:
        with path.open("rb") as file:
            entries = directory(file)
            for entry in entries:
                _read(file, entry, found)
    except BrokenError as broken:
        found.add(path.name, str(broken))
        return found.problems
    except OSError as error:
        found.add(path.name, f"无法读取（{why(error)}）")
        return found.problems
    if [entry.raw for entry in entries] != sorted(entry.raw for entry in entries):
        found.add(path.name, "文件未按名称排序，证据包已被改动或重新压缩")
    for name in _REQUIRED:
        if name not in found.present:
            found.add(name, "缺少此文件")
    _check_manifest(found)
    _check_captures(found)
    return found.problems


def _read(file: IO[bytes], entry: Entry, found: _Findings) -> None:
    """Check one file's place and headers, hash it, and note what is wrong with it."""
    name = entry.name
    if name in found.present:
        found.add(name, "同名文件出现多次")
    found.present.add(name)
    if not (name in _REQUIRED or name == "right.json" or _CAPTURED.fullmatch(name)):
        found.add(name, "多出的文件，名称不在规定之列")
    if entry.fault:
        found.add(name, entry.fault)
        return
    file.seek(entry.offset)
    expected = local_header(entry)
    if file.read(len(expected)) != expected:
        found.add(name, "压缩包中的文件头已改动")
    text = name == _MANIFEST or name.endswith(".json")
    if text and entry.size > _MAX_TEXT:
        found.add(name, f"文件过大（{entry.size} 字节）")
        return
    sha256, crc, left, parts = hashlib.sha256(), 0, entry.size, []
    while left and (chunk := file.read(min(left, _CHUNK))):
        sha256.update(chunk)
        crc = zlib.crc32(chunk, crc)
        left -= len(chunk)
        if text:
            parts.append(chunk)
    if crc != entry.crc:
        found.add(name, "内容已改动，与压缩包中的校验和不符")
        return
    found.digests[name] = sha256.hexdigest()
    found.sizes[name] = entry.size
    if text:
        found.texts[name] = b"".join(parts)


def _check_manifest(found: _Findings) -> None:
    """Hold every file against the manifest, and the manifest against the files."""
    if _MANIFEST not in found.texts:
        return
    listed = _listed(found)
    if list(listed) != sorted(listed):
        found.add(_MANIFEST, "文件未按名称排序")
    for name, digest in listed.items():
        if name not in found.present:
            found.add(name, "清单中有，证据包中缺少")
        elif name in found.digests and found.digests[name] != digest:
            found.add(name, "内容已改动，与清单中的哈希值不符")
    for name in sorted(found.present - listed.keys() - {_MANIFEST}):
        found.add(name, "多出的文件，清单中没有")


def _listed(found: _Findings) -> dict[str, str]:
    """Return digests by name as the manifest gives them."""
    listed: dict[str, str] = {}
    try:
        text = found.texts[_MANIFEST].decode()
    except UnicodeDecodeError:
        found.add(_MANIFEST, "不是 UTF-8 文本")
        return listed
    *lines, rest = text.split("\n")
    if rest:
        found.add(_MANIFEST, "最后一行不完整")
    for number, line in enumerate(lines, 1):
        written = _LINE.fullmatch(line)
        if written is None:
            found.add(_MANIFEST, f"第 {number} 行格式不符")
        elif written[2] in listed:
            found.add(_MANIFEST, f"第 {number} 行重复")
        else:
            listed[written[2]] = written[1]
    return listed


def _check_captures(found: _Findings) -> None:
    """Hold captured files against their records, and the first record against the lead."""
    names = filter(None, map(_CAPTURED.fullmatch, sorted(found.present)))
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name[1], []).append(name[2])
    for stem, endings in files.items():
        bodies = [ending for ending in endings if ending != "json"]
        if "json" not in endings:
            found.add(f"{stem}.{bodies[0]}", "缺少采集记录")
        elif len(bodies) != 1:
            found.add(f"{stem}.json", f"应有一个证据文件，实有 {len(bodies)} 个")
        else:
            _check_capture(f"{stem}.json", f"{stem}.{bodies[0]}", found)
    lead, listing = _json(found, "lead.json"), _json(found, "listing.json")
    if lead is None or listing is None:
        return
    if lead.get("listing") != listing:
        found.add("listing.json", "与 lead.json 中的商品不符")
    page = _json(found, "evidence/E001-page.json")
    if page is not None and page.get("id") != listing.get("capture"):
        found.add("evidence/E001-page.json", "不是该商品的采集记录")


def _check_capture(record: str, body: str, found: _Findings) -> None:
    said = _json(found, record)
    if said is None or body not in found.digests:
        return
    if (said.get("sha256"), said.get("size")) != (found.digests[body], found.sizes[body]):
        found.add(body, "与采集记录中的哈希值或大小不符")


def _json(found: _Findings, name: str) -> Mapping[str, object] | None:
    """Return the object in a JSON file; None where it was found unsound, which is noted once."""
    if name not in found.texts:
        return None
    try:
        value = json.loads(found.texts[name])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        del found.texts[name]
        found.add(name, "不是有效的 JSON 记录")
        return None
    return value


def _shown(name: str) -> str:
    safe = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in name)
    return safe if len(safe) <= 120 else f"{safe[:120]}…"
