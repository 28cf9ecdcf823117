"""Commands around the watched sites: site new, queue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import click

from console.options import config_option, store_option
from evidence.shown import one_line
from leads import registry
from leads.beijing import told
from leads.model import Verdict, Visit
from leads.store import open_store

ENTRY = """\
# {name}：先填写下列各项，再运行 markwatch check。各字段的含义见 docs/adding-a-site.md。
name = "{name}"
kind = "market"                 # market 网络市场，fair 展会
spider = "market"               # crawlers/sites 中的文件名
url = "https://www.example.com/"
search = "search?q={{query}}"
expect = 0                      # 一次完整采集至少应有的商品数，少于此数视为失败

# 没有 [terms] 则只能导入文件，不会访问网站（网络数据安全管理条例第十八条）。
# [terms]
# contact = "联系方式，会写入 User-Agent"
# impact_assessment = "影响评估的文号或标题"
# approver = "批准人"
# window = [01:30:00, 06:00:00]  # 北京时间
# daily_pages = 2000
# delay = 2.0                   # 两次访问间隔秒数，不得小于 1
"""


@click.group(short_help="所监测的网站")
def site() -> None:
    """管理所监测的网站。"""


@site.command(short_help="新建网站条目")
@click.argument("name", metavar="代号")
@click.option("--fixtures", type=click.Path(path_type=Path), default=Path("tests/fixtures/pages"))
@config_option
def new(name: str, fixtures: Path, config: str | None) -> None:
    """新建网站条目和样例目录，列出接下来要做的事。

    例：  markwatch site new my-market
    """
    root = registry.find_config(config)
    entry = root / "sites" / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise click.UsageError(f"代号只能用小写字母、数字和连字符：{name!r}")
    if entry.exists():
        raise click.UsageError(f"{entry} 已存在")
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(ENTRY.format(name=name), encoding="utf-8")
    folder = fixtures / f"{name}-item"
    folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"已建立 {entry} 和 {folder}/")
    click.echo("接下来：一、填写条目；二、把自拟的样例网页放入样例目录；三、运行 markwatch check")


@click.command(short_help="待人工处理的网页")
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table")
@store_option
def queue(form: str, store: str) -> None:
    """列出被拦截或无法自动读取、等待人工处理的网页；之后读到了的不再列出。

    例：  markwatch queue
    """
    with open_store(store, create=False) as kept:
        waiting = pending(kept.visits())
    for visit in waiting:
        if form == "jsonl":
            click.echo(json.dumps(visit.model_dump(mode="json"), ensure_ascii=False))
        else:
            what = one_line(f"{told(visit.at)} {visit.site} {visit.reason}")
            click.echo(f"{what}\n  {one_line(visit.url)}")
    click.echo(f"共 {len(waiting)} 个网页", err=True)


def pending(visits: Iterable[Visit]) -> list[Visit]:
    """Return the last visit of each page that a person must open, oldest first.

    What a person's file holds beside listings (a HAR has all that the browser fetched) waits for
    nobody, and answers for nothing.
    """
    last = {
        visit.url: visit
        for visit in visits
        if visit.door != "file" or visit.verdict is not Verdict.UNSUPPORTED
    }
    return [
        visit for visit in last.values() if visit.verdict in (Verdict.BLOCKED, Verdict.UNSUPPORTED)
    ]


COMMANDS = (site, queue)
