"""Finds what must not leave: phones, identity numbers and e-mails in files that are exported."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from evidence.masks import EMAIL, IDENTITY, PHONE, masked, narrow

_KINDS = (("身份证号", IDENTITY), ("电话号码", PHONE), ("电子邮箱", EMAIL))
_TEXT = (".txt", ".json", ".jsonl", ".csv", ".html", ".xml", ".md")
_OFFICE = (".docx", ".xlsx")
# End of a paragraph or cell in WordprocessingML and SpreadsheetML.
_END = re.compile(r"</(?:w:p|si|c|row)>")
# Eleven digits in a row are frequent in SHA-256 and mean nothing.
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_TAG = re.compile(r"<[^>]*>")
_MAX_PART = 64 << 20
"""Bytes a part of a document may take unpacked."""


class Leak(NamedTuple):
    """Something personal in an exported file."""

    file: str
    place: str
    """Line or paragraph, and for documents the part."""
    kind: str
    shown: str
    """What it is, masked."""

    def __str__(self) -> str:
        return f"{self.file}，{self.place}：{self.kind} {self.shown}"


def leaks(files: Mapping[str, bytes], allowed: Collection[str] = ()) -> list[Leak]:
    """Return every leak in the texts and documents among ``files``.

    PDFs and pictures are not read; a PDF of ours says what the DOCX beside it says.

    Args:
        files: name -> bytes.
        allowed: what may stand there, such as the office's own phone number.
    """
    return [
        Leak(name, place, kind, masked(found))
        for name in sorted(files)
        for place, text in _texts(name, files[name])
        for kind, found in _found(text)
        if found not in allowed
    ]


def _texts(name: str, body: bytes) -> Iterator[tuple[str, str]]:
    if name.endswith(_OFFICE):
        yield from _parts(body)
    elif name.endswith(_TEXT):
        text = body.decode("utf-8-sig", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            yield f"第 {number} 行", line


def _parts(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            parts = [part for part in packed.infolist() if part.filename.endswith(".xml")]
            for part in parts:
                if part.file_size > _MAX_PART:
                    yield f"{part.filename}（过大，未检查）", ""
                    continue
                text = packed.read(part).decode("utf-8", errors="replace")
                for number, piece in enumerate(_END.split(text), 1):
                    yield f"{part.filename} 第 {number} 段", html.unescape(_TAG.sub("", piece))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as broken:
        raise ValueError(f"不是可读的文档：{broken}") from broken


def _found(text: str) -> Iterator[tuple[str, str]]:
    text = _DIGEST.sub("", narrow(text))
    for kind, pattern in _KINDS:
        for found in pattern.finditer(text):
            yield kind, found.group()
