"""What a file says, row by row, as the lists it holds; what is wrong in it is told cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from console.archive.lists import KINDS, Column, Kind
from console.archive.sheets import Grid, Row, Slip, Unusable, read

_HEADING_ROWS = 10
"""Rows at the top in which the headings are looked for: sheets have titles above them."""


class Entry(NamedTuple):
    """One row: where it stands and what it says, by field; a blank cell says None."""

    sheet: str
    row: int
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """A file as understood."""

    entries: Mapping[str, list[Entry]]
    """By title of the list."""
    notes: list[str] = field(default_factory=list)
    """What was not read, and does no harm."""
    slips: list[Slip] = field(default_factory=list)


def understood(body: bytes) -> Book:
    """Return what a CSV or XLSX file says.

    Raises:
        Unusable: the file as a whole cannot be read, or holds none of the lists.
    """
    slips: list[Slip] = []
    book = Book({kind.title: [] for kind in KINDS}, slips=slips)
    grids = [grid for grid in read(body, slips) if grid.rows]
    known = 0
    for grid in grids:
        found = _headings(grid)
        if found is None:
            book.notes.append(f"工作表“{grid.name or '表格'}”不是名单，未读取")
            continue
        known += 1
        _read(grid, *found, book)
    if not known and not slips:
        needed = "；".join(f"{kind.title}须有{_needed(kind)}" for kind in KINDS)
        raise Unusable(f"没有找到名单的表头：{needed}")
    return book


def _needed(kind: Kind) -> str:
    return "、".join(c.heading for c in kind.columns if c.field in kind.needed)


def _headings(grid: Grid) -> tuple[Kind, Row, dict[int, Column]] | None:
    for row in grid.rows[:_HEADING_ROWS]:
        fitting = [(kind, kind.meant(row.cells)) for kind in KINDS]
        fitting = [(kind, meant) for kind, meant in fitting if kind.fits(meant)]
        if fitting:
            kind, meant = max(fitting, key=lambda one: len(one[1]))
            return kind, row, meant
    return None


def _read(grid: Grid, kind: Kind, head: Row, meant: dict[int, Column], book: Book) -> None:
    slips = book.slips
    unread = [cell for place, cell in enumerate(head.cells) if cell and place not in meant]
    if unread:
        book.notes.append(f"{kind.title}中未读取的列：{'、'.join(unread)}")
    for last, first in grid.merged:
        if last > head.number:
            column = f"{get_column_letter(first)} 列"
            slips.append(Slip(grid.name, last, column, "是合并的单元格，请取消合并并逐行填写"))
    for row in grid.rows:
        if row.number > head.number:
            book.entries[kind.title].append(_entry(grid, kind, head, meant, row, slips))


def _entry(
    grid: Grid, kind: Kind, head: Row, meant: dict[int, Column], row: Row, slips: list[Slip]
) -> Entry:
    given: dict[str, Any] = {}
    for place, column in meant.items():
        cell = row.cells[place] if place < len(row.cells) else ""
        where = f"{get_column_letter(place + 1)} 列（{head.cells[place]}）"
        try:
            given[column.field] = column.read(cell) if cell else None
        except ValueError as wrong:
            slips.append(Slip(grid.name, row.number, where, str(wrong)))
        if cell == "" and column.field in kind.needed:
            slips.append(Slip(grid.name, row.number, where, "不能为空"))
    beyond = [cell for cell in row.cells[len(head.cells) :] if cell]
    if beyond:
        slips.append(Slip(grid.name, row.number, "", "有单元格在表头各列之外"))
    return Entry(grid.name, row.number, given)
