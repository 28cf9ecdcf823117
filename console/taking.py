"""Commands at the desk of a fair: enter, complain, answer, complainant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from console.booth import Complaint, EntryError, FairDesk, Taken, moment_of
from console.options import Text, config_option, now, store_option, vault_option
from evidence.shown import one_line
from leads import registry
from leads.beijing import told
from leads.booths import Entry
from leads.complainants import Complainants
from leads.fair import Fair
from leads.faults import why
from leads.model import FINDING_ZH, Right
from leads.registry import Registry
from leads.states import MoveError
from leads.store import Overtaken, open_store


def _private_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--private DIR``."""
    return click.option(
        "--private",
        envvar="MARKWATCH_PRIVATE",
        default="var/private",
        show_default=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="保存投诉人信息的目录，只有本用户可读。",
    )(command)


def _booth_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of what is seen at a booth."""
    for option in (
        click.option("--photo", "photos", multiple=True, type=click.Path(path_type=Path),
                     help="照片，可多次给出；原样存证并识别。"),
        click.option("--title", required=True, type=Text(), help="展品名称，照展位所写。"),
        click.option("--exhibitor", required=True, type=Text(), help="参展商名称。"),
        click.option("--booth", required=True, type=Text(), help="展位号。"),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(short_help="录入展品")
@click.argument("name", metavar="展会")
@_booth_options
@click.option("--note", type=Text(), help="现场记录；只存证，不参与比对。")
@click.option("--by", "officer", type=Text(), help="录入人。")
@config_option
@store_option
@vault_option
def enter(
    name: str,
    booth: str,
    exhibitor: str,
    title: str,
    photos: tuple[Path, ...],
    note: str | None,
    officer: str | None,
    config: str | None,
    store: str,
    vault: str,
) -> None:
    """录入展位上的一件展品和照片，存证并立即比对。同一展位、参展商、展品再次录入即为补充。

    \b
    例：  markwatch fair enter canton-140 --booth 3A12 --exhibitor 某某食品有限公司 \\
              --title 老陈醋 --photo 1.jpg
    """
    loaded = registry.load(config)
    one = named(name, loaded)
    with open_store(store) as kept:
        desk = FairDesk(one, loaded, registry.find_config(config), kept, Path(vault))
        entry = Entry(
            fair=one.id,
            booth=_filled(booth, "展位号"),
            exhibitor=_filled(exhibitor, "参展商"),
            title=_filled(title, "展品名称"),
            note=note,
            by=officer,
            at=now(),
        )
        try:
            entered = desk.enter(entry, _read(photos))
        except EntryError as refused:
            raise click.UsageError(str(refused)) from refused
    click.echo(f"已录入 {one.name} {booth} {one_line(title)}（{entered.listing.key[1]}）")
    if entered.unseen:
        click.echo(f"照片已存证，未作识别：{entered.unseen}", err=True)
    for lead in entered.leads:
        finding = "、".join(dict.fromkeys(FINDING_ZH[hit.finding] for hit in lead.hits))
        click.echo(f"{lead.id}　{lead.right_name}　{finding}　{one_line(lead.hits[0].reason)}")
    if not entered.leads:
        click.echo("比对未发现线索")


@click.command(short_help="登记展会投诉")
@click.argument("name", metavar="展会")
@_booth_options
@click.option("--right", "right_id", required=True, help="主张的权利（config/rights 中的代号）。")
@click.option("--text", required=True, type=Text(), help="事由；不写投诉人的任何信息。")
@click.option("--complainant", required=True, type=Text(), help="投诉人；单独保存，不随线索导出。")
@click.option("--contact", type=Text(), help="投诉人联系方式；同上。")
@click.option("--by", "officer", required=True, type=Text(), help="登记人。")
@click.option(
    "--at", "received", type=Text(), help="收到投诉的时间，如 2026-11-22T14:05（默认现在）。"
)
@_private_option
@config_option
@store_option
@vault_option
def complain(
    name: str,
    booth: str,
    exhibitor: str,
    title: str,
    photos: tuple[Path, ...],
    right_id: str,
    text: str,
    complainant: str,
    contact: str | None,
    officer: str,
    received: str | None,
    private: Path,
    config: str | None,
    store: str,
    vault: str,
) -> None:
    """登记对一件展品的投诉：形成或附入线索，开始计算参展商二十四小时答复期限。

    \b
    例：  markwatch fair complain canton-140 --booth 3A12 --exhibitor 某某食品有限公司 \\
              --title 老陈醋 --right gi-shanxi-laochencu --text 外包装使用该名称 \\
              --complainant 某公司 --by 张三
    """
    loaded = registry.load(config)
    one, right, at = named(name, loaded), _right(right_id, loaded), now()
    entry = Entry(
        fair=one.id,
        booth=_filled(booth, "展位号"),
        exhibitor=_filled(exhibitor, "参展商"),
        title=_filled(title, "展品名称"),
        by=_filled(officer, "登记人"),
        at=at,
    )
    made = Complaint(
        right=right,
        told=_filled(text, "事由"),
        name=_filled(complainant, "投诉人"),
        contact=contact,
        by=entry.by or "",
        at=_moment(received) or at,
    )
    with open_store(store) as kept:
        desk = FairDesk(one, loaded, registry.find_config(config), kept, Path(vault))
        try:
            taken = desk.complain(entry, _read(photos), made, Complainants(private))
        except (EntryError, MoveError, Overtaken) as refused:
            raise click.UsageError(str(refused)) from refused
    _tell_taken(taken)


@click.command(short_help="登记参展商的答复")
@click.argument("name", metavar="展会")
@click.argument("lead", metavar="线索编号", type=Text())
@click.option("--text", required=True, type=Text(), help="答复要点。")
@click.option("--by", "officer", required=True, type=Text(), help="登记人。")
@click.option("--at", "answered", type=Text(), help="答复时间，如 2026-11-23T10:00（默认现在）。")
@config_option
@store_option
@vault_option
def answer(
    name: str,
    lead: str,
    text: str,
    officer: str,
    answered: str | None,
    config: str | None,
    store: str,
    vault: str,
) -> int:
    """登记参展商对投诉的答复，期限到此为止。

    例：  markwatch fair answer canton-140 L0123456789ab --text 提交授权书 --by 张三
    """
    loaded = registry.load(config)
    one, at = named(name, loaded), now()
    with open_store(store, create=False) as kept:
        desk = FairDesk(one, loaded, registry.find_config(config), kept, Path(vault))
        try:
            when = _moment(answered) or at
            clock = desk.answer(lead, _filled(text, "答复要点"), officer, when, at)
        except KeyError:
            raise click.UsageError(f"没有线索 {lead}") from None
        except (MoveError, Overtaken) as refused:
            raise click.UsageError(str(refused)) from refused
    late = "已超过" if clock.late else "未超过"
    click.echo(f"{lead}　{clock.clock.name}：应于 {clock.due_told} 前，{late}期限")
    return 0


@click.command(short_help="查看投诉人")
@click.argument("number", metavar="投诉编号", type=Text())
@click.option("--by", "officer", required=True, type=Text(), help="查看人。")
@click.option("--reason", required=True, type=Text(), help="查看的理由。")
@_private_option
def complainant(number: str, officer: str, reason: str, private: Path) -> int:
    """查看一件投诉的投诉人；谁在何时因何查看，一并记录。

    例：  markwatch fair complainant canton-140-001 --by 张三 --reason 通知处理结果
    """
    found = Complainants(private).look(
        number, _filled(officer, "查看人"), _filled(reason, "理由"), now()
    )
    if found is None:
        click.echo(f"没有投诉 {number}", err=True)
        return 1
    click.echo(f"{found.number}　{one_line(found.name)}　{one_line(found.contact or '')}")
    click.echo(f"线索 {found.lead}　{told(found.at)}")
    return 0


def _tell_taken(taken: Taken) -> None:
    click.echo(f"投诉 {taken.number} 已登记，线索 {taken.lead.id}（{taken.lead.right_name}）")
    if taken.clock:
        unchecked = "" if taken.clock.clock.verified else "（依据未核对）"
        click.echo(
            f"参展商应于 {taken.clock.due_told}（北京时间）前答复，"
            f"{taken.clock.clock.article}{unchecked}"
        )
    else:
        click.echo("config/clocks 中没有展会投诉的期限，未计时", err=True)


def named(name: str, loaded: Registry) -> Fair:
    """Return a fair by its id.

    Raises:
        click.UsageError: there is none.
    """
    if name not in loaded.fairs:
        known = "、".join(loaded.fairs) or "无"
        raise click.UsageError(f"没有展会 {name}；已配置：{known}")
    return loaded.fairs[name]


def _right(right: str, loaded: Registry) -> Right:
    if right not in loaded.rights:
        raise click.UsageError(f"没有权利 {right}；专利侵权投诉不在此登记，应告知行政裁决途径")
    return loaded.rights[right]


def _filled(text: str, what: str) -> str:
    if not text.strip():
        raise click.UsageError(f"{what}不能为空")
    return text.strip()


def _moment(text: str | None) -> datetime | None:
    try:
        return moment_of(text) if text else None
    except ValueError:
        raise click.UsageError(f"{text!r} 不是时间，应写作 2026-11-22T14:05") from None


def _read(photos: tuple[Path, ...]) -> list[bytes]:
    """Return the bytes of photos.

    Raises:
        click.UsageError: one cannot be read.
    """
    found = []
    for photo in photos:
        try:
            found.append(photo.read_bytes())
        except OSError as refused:
            raise click.UsageError(f"{photo}：{why(refused)}") from refused
    return found


OF_FAIR = (enter, complain, answer, complainant)
