"""Commands that move a lead from state to state: judge, receipt, receipts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import click

from console.options import Day, Text, config_option, now, store_option, vault_option
from console.proving import recipient_named
from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING
from leads.fields import Field
from leads.model import Judgement, State
from leads.states import CODES, MoveError, check, check_whole_seller, state_of
from leads.store import Overtaken, Store, open_store
from leads.tree import Term

_MOST = 64 << 20
"""Bytes of a receipt's file."""


class StateName(click.ParamType[State]):
    """A state by its Chinese name or its English code."""

    name = "状态"

    def convert(
        self, value: str | State, param: click.Parameter | None, ctx: click.Context | None
    ) -> State:
        """Return the state, or fail with all there are."""
        named = {name: state for state in State for name in (state.value, state.name.lower())}
        if value not in named:
            self.fail(f"没有状态 {value!r}；可用：{'、'.join(State)}", param, ctx)
        return named[value]


@click.command(short_help="记录人工结论")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option(
    "--as", "state", type=StateName(), required=True, help="结论，如 待研判、排除、已交办。"
)
@click.option("--reason", required=True, type=Text(), help="理由。")
@click.option("--by", "person", required=True, type=Text(), help="作出结论的人。")
@click.option(
    "--code",
    type=Text(),
    help="原因码：排除、退回、不予立案的原因；或 暂停、恢复、延期（只记录期限，状态不变）。",
)
@click.option("--second", type=Text(), help="共同决定或批准的另一人。")
@click.option("--to", "name", type=Text(), help="交给哪个单位：同 packet --to。")
@click.option("--at", "day", type=Day(), help="发生日期，与记录日期不同时写明，如 2026-11-22。")
@click.option("--whole-seller", is_flag=True, help="该线索卖家的全部线索一并处理，须两人决定。")
@config_option
@store_option
def judge(
    ids: tuple[str, ...],
    state: State,
    reason: str,
    person: str,
    code: str | None,
    second: str | None,
    name: str | None,
    day: date | None,
    whole_seller: bool,
    config: str | None,
    store: str,
) -> int:
    """为一条或多条线索记录结论。结论只追加，从不覆盖；重新比对也不会改动它。

    只能按规定的顺序改变状态，审批须由提请人以外的人作出；不合规定的会说明可以怎样改。

    \b
    例：  markwatch judge L0123456789ab --as 排除 --code 授权使用 --reason 授权经销商 --by 张三
          markwatch judge L0123456789ab --as 已交办 --to 太原 --reason 证据充分 --by 李四
    """
    if not reason.strip() or not person.strip():
        raise click.UsageError("理由和姓名不能为空")
    with open_store(store, create=False) as kept:
        to = _recipient(kept, ids, name, config)
        wanted = [
            Judgement(
                lead=lead,
                state=state,
                reason=reason.strip(),
                by=person.strip(),
                at=now(),
                second=second.strip() if second and second.strip() else None,
                code=code,
                to=to,
                happened_at=_moment(day),
            )
            for lead in (_of_sellers(kept, ids) if whole_seller else dict.fromkeys(ids))
        ]
        return _record_all(kept, wanted, whole_seller)


def _recipient(
    store: Store, ids: Sequence[str], name: str | None, config: str | None
) -> str | None:
    if name is None:
        return None
    leads = [standing.lead for one in ids if (standing := store.get(one))]
    return recipient_named(registry.load(config), name, leads).id


def _moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), BEIJING) if day else None


def _of_sellers(store: Store, ids: Sequence[str]) -> Iterator[str]:
    """Yield every lead of the sellers of ``ids`` that is still to be decided on."""
    sellers = [standing.lead.listing.seller_key for one in ids if (standing := store.get(one))]
    for seller in dict.fromkeys(sellers):
        if seller is None:
            raise click.UsageError("线索没有卖家信息，不能按卖家处理")
        for lead, state in store.find(Term(Field.SELLER, seller)):
            if state in (State.NEW, State.PENDING, State.SUPPLEMENT):
                yield lead.id


def _record_all(store: Store, wanted: Sequence[Judgement], whole_seller: bool = False) -> int:
    refused = 0
    for judgement in wanted:
        try:
            if whole_seller:
                check_whole_seller(judgement)
            record(store, judgement)
        except KeyError:
            click.echo(f"没有线索 {judgement.lead}", err=True)
            refused += 1
        except (MoveError, Overtaken) as wrong:
            click.echo(f"{judgement.lead}：{wrong}", err=True)
            refused += 1
    told = "、".join(dict.fromkeys(judgement.state for judgement in wanted))
    click.echo(f"已记录 {len(wanted) - refused} 条：{told}")
    return int(bool(refused))


def record(store: Store, wanted: Judgement) -> None:
    """Append a judgement that may follow those there are.

    Raises:
        KeyError: no such lead.
        MoveError: the states do not allow it.
        Overtaken: somebody else moved the lead meanwhile.
    """
    if store.get(wanted.lead) is None:
        raise KeyError(wanted.lead)
    history = store.judgements(wanted.lead)
    check(history, wanted)
    store.judge(wanted, expected=state_of(history))


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
            happened_at=_moment(self.day),
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
        return _record_all(kept, [said.judgement(one, digest) for one in ids])


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
        return _record_all(kept, wanted) or wrong


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


COMMANDS = (judge, receipt, receipts)
