"""Leads as a table to read, as JSON lines, CSV or a workbook; cells never become formulas."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path

import click

from console.workbooks import Sheet, workbook
from evidence.shown import one_line
from leads.beijing import told
from leads.model import FINDING_ZH, TRIAGE_ZH
from leads.store import Standing

COLUMNS = (
    "编号", "分级", "分数", "状态", "权利", "发现", "平台", "店铺", "标题", "理由", "可参考的抗辩",
    "建议市局", "网址", "采集时间",
)  # fmt: skip
TABLE = ("编号", "分级", "分数", "状态", "权利", "发现", "店铺", "标题")
WIDTHS = {"权利": 16, "发现": 24, "店铺": 20, "标题": 200}
"""Columns of the terminal a cell may take, a Chinese character two; the title gets what is left."""
NARROWEST_TITLE = 20

# OWASP CSV injection: these first characters, and their full-width forms, start a formula.
_FORMULA = re.compile(r"\s*[=+\-@|＝＋－＠｜]")


def cells(standing: Standing) -> dict[str, str]:
    """Return a lead as column -> text on one line, without hidden characters."""
    lead = standing.lead
    listing = lead.listing
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
        lead.hits[0].reason,
        "；".join(dict.fromkeys(str(d) for hit in lead.hits for d in hit.defences)),
        "；".join(f"{route.bureau}（{route.reason}）" for route in lead.routes),
        listing.url or "",
        told(listing.captured_at) if listing.captured_at else "",
    )
    return {name: one_line(text) for name, text in zip(COLUMNS, row, strict=True)}


def inert(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if _FORMULA.match(text) else text


def write(leads: Iterable[Standing], form: str, output: Path | None) -> None:
    """Write leads in one of :data:`FORMATS` to a file, or all but a workbook to stdout.

    Raises:
        OSError: the file cannot be written.
    """
    if output is None:
        for text in _TEXTS[form](leads):
            click.echo(text, nl=False)
    elif form == "xlsx":
        output.write_bytes(_workbook(leads))
    else:
        encoding = "utf-8-sig" if form == "csv" else "utf-8"  # Excel needs the mark
        with output.open("w", encoding=encoding, newline="") as file:
            file.writelines(_TEXTS[form](leads))


def _table(leads: Iterable[Standing]) -> Iterator[str]:
    shown = [cells(one) for one in leads]
    if not shown:
        return
    rows = [
        [_cut(row[name], WIDTHS.get(name, 20)) for name in TABLE]
        for row in (dict(zip(COLUMNS, COLUMNS, strict=True)), *shown)
    ]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    before_title = sum(width + 2 for width in widths[:-1])
    room = max(shutil.get_terminal_size((160, 0)).columns, before_title + NARROWEST_TITLE)
    for line in aligned(rows):
        yield _cut(line, room) + "\n"


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows of cells as lines, columns below each other; a Chinese character takes two."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _jsonl(leads: Iterable[Standing]) -> Iterator[str]:
    for lead, state in leads:
        record = {"state": state.value, **lead.model_dump(mode="json")}
        yield json.dumps(record, ensure_ascii=False) + "\n"


def _csv(leads: Iterable[Standing]) -> Iterator[str]:
    for row in chain([COLUMNS], (map(inert, cells(one).values()) for one in leads)):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


_TEXTS = {"table": _table, "jsonl": _jsonl, "csv": _csv}
FORMATS = (*_TEXTS, "xlsx")


def _workbook(leads: Iterable[Standing]) -> bytes:
    return workbook([Sheet("线索", COLUMNS, ([*cells(one).values()] for one in leads))])


def _cut(text: str, width: int) -> str:
    """Return ``text``, shortened where it takes more than ``width`` columns of the terminal."""
    ends = list(accumulate(map(_columns, text)))
    if not ends or ends[-1] <= width:
        return text
    return text[: sum(end <= width - 2 for end in ends)] + "…"


def _width(text: str) -> int:
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
