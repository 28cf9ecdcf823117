"""Commands for the team's dashboards: kibana push, kibana export."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from console.boards.bundle import bundle, ndjson
from console.boards.meanings import check, types, words
from console.boards.push import Kibana
from console.boards.source import load
from console.options import config_option
from leads import registry
from leads.store.elastic.address import PREFIX

NAMES = {"index-pattern": "数据视图", "search": "检索", "lens": "图表", "dashboard": "仪表板"}

prefix_option = click.option(
    "--prefix", default=PREFIX, show_default=True, help="索引前缀，与线索库地址末段一致。"
)


@click.group(short_help="Kibana 仪表板：推送、导出")
def kibana() -> None:
    """把 config/kibana 里的仪表板送到 Kibana；在 Kibana 里改过的同名对象会被覆盖。"""


@kibana.command(short_help="推送到 Kibana")
@click.option(
    "--url", envvar="MARKWATCH_KIBANA_URL", default="http://127.0.0.1:5601", show_default=True
)
@click.option("--space", help="Kibana 空间。")
@click.option("--dry-run", is_flag=True, help="只说会改什么，不改。")
@prefix_option
@config_option
@click.option("--login", envvar="MARKWATCH_KIBANA_LOGIN", hidden=True)
@click.option("--key", envvar="MARKWATCH_KIBANA_KEY", hidden=True)
def push(
    url: str,
    space: str | None,
    dry_run: bool,
    prefix: str,
    config: str | None,
    login: str | None,
    key: str | None,
) -> None:
    """先列出与 Kibana 现有对象的差别，再导入。

    账号写在环境变量里：MARKWATCH_KIBANA_LOGIN=用户:密码，或 MARKWATCH_KIBANA_KEY=API 密钥。

    例：  markwatch kibana push --url https://kibana.example.cn --dry-run
    """
    objects = _objects(config, prefix)
    there = Kibana(url, login, key, space)
    changes = list(there.changes(objects))
    for change in changes:
        if change.what != "相同":
            click.echo(f"{change.what} {NAMES[change.kind]} {change.title}")
    counts = Counter(change.what for change in changes)
    told = "，".join(f"{what} {counts[what]}" for what in ("新增", "更新", "相同"))
    if dry_run:
        click.echo(f"试运行，未改动：{told}", err=True)
    elif counts["新增"] or counts["更新"]:
        click.echo(f"已导入 {there.push(objects)} 个对象：{told}", err=True)
    else:
        click.echo(f"无需改动：{told}", err=True)


@kibana.command(short_help="导出为文件，在 Kibana 里手工导入")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@prefix_option
@config_option
def export(output: Path, prefix: str, config: str | None) -> None:
    """写成 NDJSON 文件：在 Kibana 的“堆栈管理 → 已保存对象 → 导入”里选它。

    例：  markwatch kibana export -o markwatch.ndjson
    """
    objects = _objects(config, prefix)
    output.write_bytes(ndjson(objects))
    click.echo(f"已写入 {output}：{len(objects)} 个对象", err=True)


def _objects(config: str | None, prefix: str) -> list[dict[str, object]]:
    watched = registry.load(config)
    sources = load(registry.find_config(config))
    known = types(sources.views.values())
    check(sources, known)
    return bundle(sources, prefix, known, words(watched))


COMMANDS = (kibana,)
