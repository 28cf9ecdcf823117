"""The command that finds leads: leads."""

from __future__ import annotations

from pathlib import Path

import click

from console.options import config_option, store_option
from console.tables import FORMATS, write
from leads import registry
from leads.query import parse
from leads.store import open_store


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


COMMANDS = (leads,)
