"""Commands that take in what recipients send back: receipt, receipts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from console.judging import moment_of, record_all
from console.options import Day, Text, now, store_option, vault_option
from evidence.vault import Vault
from leads.model import Judgement, State
from leads.states import CODES
from leads.store import open_store

_MOST = 64 << 20
"""Bytes of a receipt's file."""

RECEIPTS = {"签收": State.SIGNED, "退回": State.RETURNED, "反馈": State.FED_BACK}
"""Kinds of receipt and the state each moves a lead to."""


class Receipt(NamedTuple):
    """What a recipient sent back."""

    kind: str
    by: str
    note: str = ""
    day: date | None = None
    code: str | None = None

    def check(self) -> None:
        """Refuse a receipt that lacks what it must say.

        Raises:
            click.UsageError: with what is missing.
        """
        if self.kind not in RECEIPTS:
            raise click.UsageError(f"没有回执种类 {self.kind!r}；可用：{'、'.join(RECEIPTS)}")
        if not self.by.strip():
            raise click.UsageError("签收或反馈的人不能为空")
        if self.kind != "签收" and not self.note.strip():
            what = "理由" if self.kind == "退回" else "办理结果"
            raise click.UsageError(f"{self.kind}须写明{what}")

    def judgement(self, lead: str, file: str | None = None) -> Judgement:
        """Return it as a judgement of today."""
        return Judgement(
            lead=lead,
            state=RECEIPTS[self.kind],
            reason=self.note.strip() or self.kind,
            by=self.by.strip(),
            at=now(),
            code=self.code,
            happened_at=moment_of(self.day),
            file=file,
        )


@click.command(short_help="登记回执")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option("--kind", type=click.Choice(list(RECEIPTS)), required=True, help="回执种类。")
@click.option("--by", "person", required=True, type=Text(), help="签收或反馈的人（单位）。")
@click.option("--at", "day", type=Day(), help="签收或反馈的日期（默认今天）。")
@click.option("--note", type=Text(), help="办理结果或退回理由；反馈和退回必须写明。")
@click.option("--code", type=Text(), help=f"退回原因码：{'、'.join(CODES[State.RETURNED])}。")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="回执的扫描件或文件，存入证据库。",
)
@store_option
@vault_option
def receipt(
    ids: tuple[str, ...],
    kind: str,
    person: str,
    day: date | None,
    note: str | None,
    code: str | None,
    path: Path | None,
    store: str,
    vault: str,
) -> int:
    """登记收件单位的签收、退回或反馈，线索状态随之改变。

    例：  markwatch receipt L0123456789ab --kind 签收 --by 太原市局王五 --at 2026-11-25
    """
    said = Receipt(kind, person, note or "", day, code)
    said.check()
    digest = _kept(path, Vault(vault)) if path else None
    with open_store(store, create=False) as kept:
        return record_all(kept, [said.judgement(one, digest) for one in ids])


def _kept(path: Path, vault: Vault) -> str:
    if path.stat().st_size > _MOST:
        raise click.UsageError(f"{path} 超过 {_MOST >> 20} MB")
    return vault.put(path.read_bytes())


_COLUMNS = ("线索编号", "回执", "签收人", "日期", "说明", "原因码")


@click.command(short_help="导入回执表")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_option
def receipts(path: Path, store: str) -> int:
    """导入收件单位返回的回执表（CSV，列：线索编号,回执,签收人,日期,说明,原因码）。

    有错的行会指出，其余照常登记。

    例：  markwatch receipts 回执.csv
    """
    wanted, wrong = [], 0
    for line, row in _rows(path):
        try:
            wanted.append(_from_row(row))
        except click.UsageError as fault:
            click.echo(f"{path} 第 {line} 行：{fault.message}", err=True)
            wrong = 1
    with open_store(store, create=False) as kept:
        return record_all(kept, wanted) or wrong


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    body = path.read_bytes()
    if len(body) > _MOST:
        raise click.UsageError(f"{path} 超过 {_MOST >> 20} MB")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise click.UsageError(f"{path}：不是可读的 CSV（应为 UTF-8 或 GBK 编码）")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if absent := [name for name in _COLUMNS[:3] if name not in (reader.fieldnames or ())]:
            raise click.UsageError(f"{path}：缺少列 {'、'.join(absent)}")
        for row in reader:
            cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as broken:
        raise click.UsageError(f"{path} 第 {reader.line_num} 行：不是合法的 CSV") from broken


def _from_row(row: Mapping[str, str]) -> Judgement:
    day = Day().convert(row["日期"], None, None) if row["日期"] else None
    said = Receipt(row["回执"], row["签收人"], row["说明"], day, row["原因码"] or None)
    said.check()
    return said.judgement(row["线索编号"])


COMMANDS = (receipt, receipts)
