"""The command that finds leads: in order, as a table or a file, counted by value."""

from __future__ import annotations

from pathlib import Path

import click

from console.options import config_option, store_option
from console.tables import FORMATS, write
from evidence.shown import one_line
from leads import registry
from leads.fields import CHOICES, FACETS, FACETS_ZH, Field
from leads.query import parse
from leads.store import Facets, Sort, open_store

SORTS = {
    "最该先看": Sort.STRENGTH,
    "最新发现": Sort.NEWEST,
    "最早发现": Sort.OLDEST,
    "价格从低到高": Sort.CHEAPEST,
    "价格从高到低": Sort.DEAREST,
}


class Order(click.ParamType[Sort]):
    """An order by its Chinese name or its English code."""

    name = "顺序"

    def convert(
        self, value: str | Sort, param: click.Parameter | None, ctx: click.Context | None
    ) -> Sort:
        """Return the order, or fail with all there are."""
        named = {**SORTS, **{sort.value: sort for sort in Sort}}
        if value not in named:
            self.fail(f"没有顺序 {value!r}；可用：{'、'.join(named)}", param, ctx)
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
    "--sort", type=Order(), default="最该先看", show_default=True, help="顺序，如 最新发现。"
)
@click.option("--facets", is_flag=True, help="只列出各字段取值的线索数，不列线索。")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写入文件（xlsx 必须给出）。",
)
@config_option
@store_option
def leads(
    query: str,
    form: str,
    limit: int | None,
    sort: Sort,
    facets: bool,
    output: Path | None,
    config: str | None,
    store: str,
) -> None:
    """查找线索，最该先看的排在前面。

    \b
    例：  markwatch leads '标题:"老陈醋" AND 城市:太原 AND NOT 状态:排除'
          markwatch leads 分级:优先核查 --sort 最新发现 --format xlsx -o 线索.xlsx
          markwatch leads 状态:新发现 --facets
    """
    if form == "xlsx" and output is None and not facets:
        raise click.UsageError("xlsx 需要用 -o 给出文件名")
    watched = registry.load(config)
    wanted = parse(query, watched.cities)
    if limit is None and form == "table":
        limit = 50
    with open_store(store, create=False) as kept:
        if facets:
            tell_facets(kept.facets(wanted, FACETS), watched)
            return
        write(kept.find(wanted, sort, limit), form, output)
        if form == "table":
            total = kept.count(wanted)
            listed = f"，列出 {limit} 条" if limit and limit < total else ""
            click.echo(f"共 {total} 条{listed}", err=True)


def tell_facets(found: Facets, watched: registry.Registry) -> None:
    """Print how leads spread, a field a paragraph; of many leads it is an estimate and says so."""
    about = "" if found.exact else "约 "
    for field, counts in found.counts.items():
        click.echo(FACETS_ZH[field])
        for value, leads in counts.items():
            click.echo(f"  {about}{leads:>8}  {named(field, value, watched)}")
    estimated = "" if found.exact else "，各项为抽样估计；缩小范围到 1 万条以内则为准确数"
    click.echo(f"共 {about}{found.total} 条{estimated}", err=True)


def named(field: Field, value: str, watched: registry.Registry) -> str:
    """Return a value as officers know it, with its code where that differs."""
    name = CHOICES.get(field, {}).get(value, (value,))[-1]
    if field is Field.BUREAU and value in watched.bureaus:
        name = watched.bureaus[value].city
    if field is Field.RIGHT_ID and value in watched.rights:
        name = watched.rights[value].name
    return one_line(value if name == value else f"{name}（{value}）")


COMMANDS = (leads,)
