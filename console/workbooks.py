"""Workbooks whose cells are words and numbers only: nothing in them computes or links."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from evidence.shown import one_line

Value = str | int | float | None
_WIDEST = 60


class Sheet(NamedTuple):
    """One sheet: a row of headings that stays in sight, and the rows below it."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[int] = ()
    """Characters that columns are wide; those not named are as wide as their heading."""


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return an XLSX file; texts lose control and hidden characters, never become formulas."""
    book = Workbook(write_only=True)
    for given in sheets:
        sheet = book.create_sheet(given.title)
        sheet.freeze_panes = "A2"
        for place, name in enumerate(given.headings):
            wide = given.widths[place] if place < len(given.widths) else 2 * len(name) + 4
            sheet.column_dimensions[get_column_letter(place + 1)].width = min(wide, _WIDEST)
        heading = [_cell(sheet, name) for name in given.headings]
        for cell in heading:
            cell.font = Font(bold=True)
        sheet.append(heading)
        for row in given.rows:
            sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    shown = one_line(value)[:32_000] if isinstance(value, str) else value
    cell: Cell = WriteOnlyCell(sheet, value=shown)
    if isinstance(shown, str):
        cell.data_type = "s"  # a title that starts with = stays a title
    return cell
