"""证据清单: every captured file with its digests, as a paper and as a workbook."""

from __future__ import annotations

from evidence.exhibit import Exhibit
from evidence.papers import facts
from evidence.papers.blocks import Cell, Paper, Piece, cell, para, said, table
from evidence.papers.case import Case
from leads.beijing import told
from leads.model import DOOR_ZH

COLUMNS = (
    "证据编号", "线索编号", "名称", "文件", "网址", "采集时间（北京时间）", "采集方式",
    "服务器地址", "字节数", "SHA-256", "SM3",
)  # fmt: skip


def rows(case: Case) -> list[tuple[str, ...]]:
    """Return the cells of :data:`COLUMNS` for every captured file."""
    return [_row(exhibit) for exhibit in case.exhibits]


def _row(exhibit: Exhibit) -> tuple[str, ...]:
    record = exhibit.record
    return (
        exhibit.number,
        exhibit.lead,
        exhibit.name,
        exhibit.file,
        said(record.url),
        told(record.captured_at),
        DOOR_ZH[record.how],
        record.peer or "未载明",
        str(record.size),
        record.sha256,
        record.sm3,
    )


def _about(exhibit: Exhibit) -> str:
    record = exhibit.record
    when = f"{told(record.captured_at)} {DOOR_ZH[record.how]}"
    return f"{exhibit.name}\n{exhibit.file}\n{when}"


def inventory(case: Case, role: str) -> Paper:
    """Return the list as a paper that can be signed."""
    grid = table(
        ("编号", "证据", "校验值"),
        [
            (
                cell(exhibit.number),
                Cell((Piece(_about(exhibit)),)),
                facts.digests(exhibit),
            )
            for exhibit in case.exhibits
        ],
        (4, 12, 25),
    )
    count = para(
        f"共 {len(case.exhibits)} 件。核验方法见证据包内的核验说明；"
        "未随附的文件由本机关保存，以所列校验值为准。"
    )
    return Paper(role, case.sender.name, "证据清单", facts.number(case), (grid, count))
