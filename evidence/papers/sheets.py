"""Workbooks that hold text only: nothing in them is ever computed, and the bytes are the same."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from evidence.shown import spelt

_LONGEST = 32_767
"""Characters Excel takes in one cell."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")


def workbook(
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    at: datetime,
    note: str | None = None,
) -> bytes:
    """Return a workbook of one sheet, its first row the columns; ``note`` stands below.

    Args:
        name: of the sheet.
        columns: names of the columns.
        rows: texts, one for each column; what hides is spelt out.
        at: what the file says about its time; never the time of making.
        note: a line below the table, such as 草稿.
    """
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise TypeError("openpyxl gave no sheet")
    sheet.title = name
    sheet.freeze_panes = "A2"
    for at_row, row in enumerate([columns, *rows, *([[note]] if note else [])], 1):
        for at_column, text in enumerate(row, 1):
            cell = sheet.cell(at_row, at_column)
            if text and isinstance(cell, Cell):
                _text(cell, text, bold=at_row == 1)
    for at_column, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(at_column)].width = max(12, 2 * len(column) + 4)
    book.properties.creator = "markwatch"
    moment = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = moment
    file = io.BytesIO()
    book.save(file)
    return _fixed(file.getvalue(), moment)


def _text(cell: Cell, text: str, bold: bool) -> None:
    cell.value = _NO_XML.sub("", spelt(text))[:_LONGEST]
    cell.data_type = "s"  # a title that starts with = stays a title
    cell.number_format = "@"
    cell.font = Font(bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def _fixed(body: bytes, at: datetime) -> bytes:
    """Return the same workbook, its parts dated 1980 and saved at ``at``."""
    saved = f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in sorted(made.namelist()):
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + saved + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            fixed.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
