"""Tables as data: CSV (XLSX becomes CSV) and JSON lists of flat objects, a row a listing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms import columns
from crawlers.platforms.embedded import json_value
from crawlers.platforms.json_item import is_json
from leads.model import Listing, Verdict

_DELIMITERS = ",\t;"
_TYPES = ("text/csv", "text/tab-separated-values")
_HEADING_ROWS = 10
"""Rows at the top in which the headings are looked for: sheets have titles above them."""
_NAMES = ("title", "company", "shop")
_FAULTS_TOLD = 20
_LONGEST_CELL = 1_000_000

Row = tuple[int, list[str | None]]
"""Number of the row as a person counts it, and its cells."""


class Records(Extractor):
    """Any CSV or JSON table whose headings name offers or exhibitors."""

    name = "records"
    order = 60

    def __init__(self, fixed: Mapping[str, str] | None = None) -> None:
        self.fixed = fixed
        """What columns mean, by heading, before anything is guessed."""

    def claims(self, page: Page) -> bool:
        """Tell whether the text is a table whose headings are understood."""
        return is_table(page) and _headings(page, self.fixed) is not None

    def read(self, page: Page) -> Reading:
        """Return a listing for each row; faulty rows are told by row and column, the rest is kept.

        Raises:
            Unreadable: the headings name neither offers nor companies.
        """
        return _table(page, self.fixed)


def meanings(page: Page, fixed: Mapping[str, str] | None = None) -> dict[str, str | None] | None:
    """Return what the headings of a table are taken to mean, None for those that mean nothing.

    None where the page is no table whose headings are understood.
    """
    found = _headings(page, fixed) if is_table(page) else None
    if found is None:
        return None
    headings, meant, _ = found
    return {heading: meant.get(n) for n, heading in enumerate(headings) if heading}


def is_table(page: Page) -> bool:
    """Tell whether the page is CSV or a JSON list of flat objects."""
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    if kind in _TYPES:
        return True
    start = page.text[:4000].lstrip()
    if not start.startswith(("<", "{", "[")):
        line = start.partition("\n")[0]
        return "<" not in line and max(map(line.count, _DELIMITERS)) > 0
    flat = start.startswith("[") and start[1:].lstrip().startswith("{")
    return is_json(page) and flat and not any(mark in start for mark in (": {", ":{", '[{"@'))


def _table(page: Page, fixed: Mapping[str, str] | None) -> Reading:
    found = _headings(page, fixed)
    if found is None:
        raise Unreadable(Verdict.UNSUPPORTED, "表头中没有商品名称、店铺名称或企业名称列")
    headings, meant, rows = found
    listings: list[Listing] = []
    faults: list[str] = []
    for number, cells in rows:
        if not any(cells):
            continue
        fault = _fault(headings, meant, cells)
        if fault:
            faults.append(f"第 {number} 行{fault}")
        else:
            listings.append(columns.listing(page, headings, meant, cells))
    if not faults:
        return Reading(Verdict.OK, tuple(listings))
    told = "；".join(faults[:_FAULTS_TOLD]) + ("……" if len(faults) > _FAULTS_TOLD else "")
    verdict = Verdict.PARTIAL if listings else Verdict.DAMAGED
    return Reading(verdict, tuple(listings), reason=f"{len(faults)} 行未收录：{told}")


def _fault(
    headings: Sequence[str | None], meant: columns.Columns, cells: list[str | None]
) -> str | None:
    if len(cells) > len(headings):
        return f"有 {len(cells)} 格，表头只有 {len(headings)} 列"
    named = next(n for field in _NAMES for n, meaning in meant.items() if meaning == field)
    if named >= len(cells) or not cells[named]:
        return f"“{headings[named]}”列为空"
    return None


def _headings(
    page: Page, fixed: Mapping[str, str] | None
) -> tuple[list[str | None], columns.Columns, Iterator[Row]] | None:
    rows = _rows(page)
    for _, cells in zip(range(_HEADING_ROWS), rows, strict=False):
        meant = columns.guess(cells[1], fixed)
        if meant:
            return cells[1], meant, rows
    return None


def _rows(page: Page) -> Iterator[Row]:
    if is_json(page):
        yield from _objects(page)
        return
    sample = page.text[:4000]
    delimiter = max(_DELIMITERS, key=sample.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(page.text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [clean(cell) for cell in cells]
    except csv.Error as broken:
        raise Unreadable(Verdict.DAMAGED, f"第 {reader.line_num} 行无法按表格读取") from broken


def _objects(page: Page) -> Iterator[Row]:
    entries = json_value(page.text)
    objects = [entry for entry in entries if isinstance(entry, dict)]
    headings = list(dict.fromkeys(key for entry in objects for key in entry))
    yield 0, [clean(heading) for heading in headings]
    for number, entry in enumerate(objects, start=1):
        yield number, [_text(entry.get(heading)) for heading in headings]


def _text(value: object) -> str | None:
    if isinstance(value, list | dict):
        return clean(json.dumps(value, ensure_ascii=False))
    return clean(value)
