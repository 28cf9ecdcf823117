"""Reads a sheet that somebody sent, CSV or XLSX, as plain cells; what hides or computes is told."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string, range_boundaries

from console.tables import inert
from crawlers.archives import opened_zip
from crawlers.decode import decode
from crawlers.files import BROKEN_SHEET
from crawlers.page import Unreadable
from evidence.shown import spelt

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 64
LONGEST_CELL = 2000
"""Characters."""
_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_TAGS = 500_000
"""Elements of XML in a workbook; each costs some hundred bytes while it is read."""
_MOST_SLIPS = 1000
_BLANK = {"-", "—", "——", "－", "/", "无"}
"""What people write where there is nothing."""
_MERGED = re.compile(
    rb"<(?:[\w.-]+:)?mergeCell\s[^>]{0,200}?ref=[\"']([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"
)
_PLACE = re.compile(
    rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr=[\"'](?:([0-9]{1,10})|([A-Z]{1,3})[0-9]+)[\"'])?"
)
"""Where rows and cells say they stand."""


class Slip(NamedTuple):
    """One thing that is wrong in a sheet: where, as a person counts, and why."""

    sheet: str
    row: int
    """0: the whole sheet."""
    column: str
    """Letter and heading; "": the whole row."""
    reason: str

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row else ""
        return "：".join(
            part for part in (f"{self.sheet} {place}".strip(), self.column) if part
        ) + (f"：{self.reason}")


class Unusable(Exception):
    """The whole file cannot be read; the message says why, in Chinese."""


class Row(NamedTuple):
    """A row that is not empty: its number and its cells as text, blank ones as ""."""

    number: int
    cells: list[str | None]
    """None where something was told of the cell already."""


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands, before anybody knows what its columns mean."""

    name: str
    rows: list[Row]
    merged: list[tuple[int, int]]
    """Last row and first column of each merged area."""


def read(body: bytes, slips: list[Slip]) -> list[Grid]:
    """Return the visible sheets of a file; cells that cannot be taken as they are go to ``slips``.

    Raises:
        Unusable: no table, damaged, too large, or made to exhaust whoever reads it.
    """
    if len(body) > MOST_BYTES:
        raise Unusable(f"文件超过 {MOST_BYTES >> 20} MB")
    if not body.strip():
        raise Unusable("文件是空的")
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unusable("旧版 Office 文件（.xls），请另存为 .xlsx")
    if body.startswith(b"PK"):
        try:
            return list(_workbook(body, slips))
        except Unreadable as refused:
            raise Unusable(str(refused.reason)) from refused
        except (*BROKEN_SHEET, NotImplementedError, OSError) as broken:  # all of it in memory
            raise Unusable("XLSX 文件损坏或不完整") from broken
    return [_csv(body, slips)]


# ---------------------------------------------------------------------------- CSV


def _csv(body: bytes, slips: list[Slip]) -> Grid:
    text = decode(body, "text/csv")
    if "\ufffd" in text:
        raise Unusable("文字编码无法识别，请另存为 UTF-8 或 GBK 的 CSV，或 XLSX")
    lines = text.splitlines()
    top = "\n".join(lines[:10])
    delimiter = next((sign for sign in "\t,;" if sign in top), ",")  # ; stands within cells
    if any(line.count(delimiter) > 1000 for line in lines):
        raise Unusable(f"列数过多（上限 {MOST_COLUMNS} 列）")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            _take(rows, "", reader.line_num, [_Cell(cell, "s") for cell in cells], slips)
    except csv.Error as broken:
        raise Unusable(
            f"第 {reader.line_num} 行无法按表格读取（引号没有配对或单元格过长）"
        ) from broken
    return Grid("", rows, [])


# ---------------------------------------------------------------------------- XLSX


class _Cell(NamedTuple):
    value: Any
    data_type: str


def _workbook(body: bytes, slips: list[Slip]) -> Iterator[Grid]:
    with opened_zip(io.BytesIO(body)) as archive:
        _refuse_bombs(archive)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False)
        for sheet in book.worksheets:
            name = spelt(sheet.title)[:31]
            if sheet.sheet_state != "visible":
                slips.append(Slip(name, 0, "", "是隐藏的工作表，请取消隐藏或删除后再导入"))
                continue
            path: str = sheet._worksheet_path  # type: ignore[attr-defined]  # stubs lack it
            xml = archive.read(path)
            _refuse_far_cells(xml)
            rows: list[Row] = []
            sheet.reset_dimensions()  # what a file says of its own size may be wrong
            shown = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
            for number, cells in enumerate(shown, start=1):
                _take(rows, name, number, cells, slips)
            yield Grid(name, rows, _merged(xml))


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if sum(member.file_size for member in members) > _MOST_UNPACKED:
        raise Unusable(f"表格解压后超过 {_MOST_UNPACKED >> 20} MB，请分成多个文件")
    tags = 0
    for member in members:
        if not member.filename.endswith((".xml", ".rels")):
            continue
        xml = archive.read(member)
        tags += xml.count(b"<")
        if tags > _MOST_TAGS:
            raise Unusable("表格内容过多，请只留名单，或分成多个文件")
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise Unusable("XLSX 文件内含实体定义，已拒绝")


def _refuse_far_cells(xml: bytes) -> None:
    """Refuse what would not be read; openpyxl fills every gap before a far cell, so it must not."""
    rows = columns = 0
    for tag, number, letters in _PLACE.findall(xml):
        if tag == b"row":
            rows, columns = int(number or rows + 1), 0
        else:
            columns = column_index_from_string(letters.decode()) if letters else columns + 1
        if rows > MOST_ROWS:
            raise Unusable(f"超过 {MOST_ROWS} 行，请删去多余的空行，或分成多个文件")
        if columns > MOST_COLUMNS:
            raise Unusable(f"第 {rows} 行超过 {MOST_COLUMNS} 列，请删去多余的空列")


def _merged(xml: bytes) -> list[tuple[int, int]]:
    areas = (range_boundaries(found.decode()) for found in _MERGED.findall(xml))
    return [(int(last or 0), int(first or 0)) for first, _, _, last in areas]


# ---------------------------------------------------------------------------- cells


def _take(rows: list[Row], sheet: str, number: int, cells: Any, slips: list[Slip]) -> None:
    """Add a row, unless it is empty, with everything in it that cannot be taken told."""
    texts: list[str | None] = []
    for place, cell in enumerate(cells, start=1):
        text, reason = _text(cell)
        if reason:
            slips.append(Slip(sheet, number, f"{get_column_letter(place)} 列", reason))
        texts.append(None if reason else text)
    while texts and texts[-1] == "":
        texts.pop()
    if not texts:
        return
    if number > MOST_ROWS:
        raise Unusable(f"超过 {MOST_ROWS} 行，请分成多个文件")
    if len(texts) > MOST_COLUMNS:
        raise Unusable(f"第 {number} 行有 {len(texts)} 列（上限 {MOST_COLUMNS} 列）")
    if len(slips) > _MOST_SLIPS:
        raise Unusable(f"超过 {_MOST_SLIPS} 处错误，请先整理表格。第一处：{slips[0]}")
    rows.append(Row(number, texts))


def _text(cell: Any) -> tuple[str, str | None]:
    """Return a cell as a person reads it, and why it cannot be taken."""
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type == "f":
        return "", "是公式，请粘贴为数值"
    if cell.data_type == "e":
        return "", f"是出错的公式（{str(value)[:20]}）"
    if isinstance(value, datetime):
        value = value.date() if not (value.hour or value.minute or value.second) else value
    if isinstance(value, date):
        return value.isoformat(), None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value).strip()
    if text in _BLANK:
        return "", None
    if len(text) > LONGEST_CELL:
        return "", f"有 {len(text)} 个字符（上限 {LONGEST_CELL}）"
    if cell.data_type == "s" and inert(text) != text:
        return "", "以 = + - @ 等开头，会被表格软件当作公式"
    if spelt(text) != text:
        return "", f"含换行或不可见字符：{spelt(text)[:60]}"
    return text, None
