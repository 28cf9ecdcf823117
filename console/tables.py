"""Leads as a table to read, as JSON lines, CSV or a workbook; cells never become formulas."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import click
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from leads.beijing import told
from leads.model import FINDING_ZH, TRIAGE_ZH
from leads.store import Standing

FORMATS = ("table", "jsonl", "csv", "xlsx")

COLUMNS = (
    "编号",
    "分级",
    "分数",
    "状态",
    "权利",
    "发现",
    "平台",
    "店铺",
    "标题",
    "理由",
    "可参考的抗辩",
    "建议市局",
    "网址",
    "采集时间",
)
TABLE = ("编号", "分级", "分数", "状态", "权利", "发现", "店铺", "标题")
WIDTHS = {"店铺": 20, "标题": 46, "发现": 24, "权利": 16}
"""Columns of the terminal that a cell of the table may take; a Chinese character takes two."""

# OWASP CSV injection: these first characters, and their full-width forms, start a formula.
_FORMULA = re.compile(r"^[\s]*[=+\-@|＝＋－＠｜\t\r]")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def cells(standing: Standing) -> dict[str, str]:
    """Return a lead as column -> text, without control and bidi characters."""
    lead = standing.lead
    listing = lead.listing
    best = lead.hits[0]
    row = (
        lead.id,
        TRIAGE_ZH[lead.triage],
        f"{lead.score:.2f}",
        standing.state.value,
        lead.right_name,
        "、".join(dict.fromkeys(FINDING_ZH[hit.finding] for hit in lead.hits)),
        listing.site or "",
        (listing.seller.name if listing.seller else None) or "",
        listing.title,
        best.reason,
        "；".join(dict.fromkeys(str(d) for hit in lead.hits for d in hit.defences)),
        "；".join(f"{route.bureau}（{route.reason}）" for route in lead.routes),
        listing.url or "",
        told(listing.captured_at) if listing.captured_at else "",
    )
    return {name: _CONTROL.sub("", text) for name, text in zip(COLUMNS, row, strict=True)}


def inert(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if _FORMULA.match(text) else text


def write(leads: Iterable[Standing], form: str, output: Path | None) -> int:
    """Write leads in one of :data:`FORMATS` to a file or stdout; return how many."""
    writer = {"table": _table, "jsonl": _jsonl, "csv": _csv}.get(form)
    if writer is None:
        if output is None:
            raise ValueError("a workbook needs a file")
        return _xlsx(leads, output)
    text, count = writer(leads)
    if output:
        output.write_text(text, encoding="utf-8-sig" if form == "csv" else "utf-8", newline="")
    else:
        click.echo(text, nl=False)
    return count


def _table(leads: Iterable[Standing]) -> tuple[str, int]:
    rows = [_row(cells(one)) for one in leads]
    widths = {
        name: max(_width(row[name]) for row in [*rows, dict(zip(TABLE, TABLE, strict=True))])
        for name in TABLE
    }
    lines = [dict(zip(TABLE, TABLE, strict=True)), *rows]
    text = "".join(
        "  ".join(row[name] + " " * (widths[name] - _width(row[name])) for name in TABLE).rstrip()
        + "\n"
        for row in lines
    )
    return text if rows else "", len(rows)


def _row(texts: dict[str, str]) -> dict[str, str]:
    one_line = {name: " ".join(texts[name].split()) for name in TABLE}
    return {name: _cut(text, WIDTHS.get(name, 99)) for name, text in one_line.items()}


def _jsonl(leads: Iterable[Standing]) -> tuple[str, int]:
    lines = [
        json.dumps(
            {"state": one.state.value, **one.lead.model_dump(mode="json")}, ensure_ascii=False
        )
        for one in leads
    ]
    return "".join(line + "\n" for line in lines), len(lines)


def _csv(leads: Iterable[Standing]) -> tuple[str, int]:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    rows = [[inert(text) for text in cells(one).values()] for one in leads]
    writer.writerows(rows)
    return sheet.getvalue(), len(rows)


def _xlsx(leads: Iterable[Standing], output: Path) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("线索")
    sheet.freeze_panes = "A2"
    heading = [WriteOnlyCell(sheet, value=name) for name in COLUMNS]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    count = 0
    for one in leads:
        count += 1
        row = []
        for text in cells(one).values():
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type = "s"  # a title that starts with = stays a title
            row.append(cell)
        sheet.append(row)
    book.save(output)
    return count


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 2:
        text = text[:-1]
    return text + "…"
