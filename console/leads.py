"""Commands over the leads that are there: leads, judge."""

from __future__ import annotations

from pathlib import Path

import click

from console.options import Text, config_option, now, store_option
from console.tables import FORMATS, write
from leads import registry
from leads.model import Judgement, State
from leads.query import parse
from leads.store import open_store


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


@click.command(short_help="查找线索")
@click.argument("query", default="")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="输出格式。",
)
@click.option("--limit", type=click.IntRange(min=1), help="最多几条；表格默认 50 条，其余不限。")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写入文件（xlsx 必须给出）。",
)
@config_option
@store_option
def leads(
    query: str, form: str, limit: int | None, output: Path | None, config: str | None, store: str
) -> None:
    """查找线索，最该先看的排在前面。

    \b
    例：  markwatch leads '标题:"老陈醋" AND 城市:太原 AND NOT 状态:排除'
          markwatch leads 分级:优先核查 --format xlsx -o 线索.xlsx
    """
    if form == "xlsx" and output is None:
        raise click.UsageError("xlsx 需要用 -o 给出文件名")
    wanted = parse(query, registry.load(config).cities)
    if limit is None and form == "table":
        limit = 50
    with open_store(store) as kept:
        total = kept.count(wanted)
        write(kept.find(wanted, limit=limit), form, output)
    if form == "table":
        listed = f"，列出 {limit} 条" if limit and limit < total else ""
        click.echo(f"共 {total} 条{listed}", err=True)


@click.command(short_help="记录人工结论")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option(
    "--as", "state", type=StateName(), required=True, help="结论，如 待研判、排除、已交办。"
)
@click.option("--reason", required=True, type=Text(), help="理由。")
@click.option("--by", "person", required=True, type=Text(), help="作出结论的人。")
@store_option
def judge(ids: tuple[str, ...], state: State, reason: str, person: str, store: str) -> int:
    """为一条或多条线索记录结论。结论只追加，从不覆盖；重新比对也不会改动它。

    例：  markwatch judge L0123456789ab --as 排除 --reason 授权经销商 --by 张三
    """
    if not reason.strip() or not person.strip():
        raise click.UsageError("理由和姓名不能为空")
    missing = []
    with open_store(store) as kept:
        for lead in ids:
            judgement = Judgement(
                lead=lead, state=state, reason=reason.strip(), by=person.strip(), at=now()
            )
            try:
                kept.judge(judgement)
            except KeyError:
                missing.append(lead)
    click.echo(f"已记录 {len(ids) - len(missing)} 条：{state}")
    for lead in missing:
        click.echo(f"没有线索 {lead}", err=True)
    return 1 if missing else 0


COMMANDS = (leads, judge)
