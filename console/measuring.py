"""The command on how often people upheld what was found: quality."""

from __future__ import annotations

import json

import click

from console.options import config_option, store_option
from console.tables import aligned
from evidence.shown import one_line
from leads import registry
from leads.fields import MATCHER_ZH
from leads.quality import Quality, by_matcher, by_rule
from leads.store import open_store

_HEAD = ("规则", "权利", "认可", "不认可", "准确率", "95% 区间")


@click.command(short_help="各匹配规则的准确率")
@click.option("--rights", "by_right", is_flag=True, help="每种规则再按权利分开。")
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table")
@config_option
@store_option
def quality(by_right: bool, form: str, config: str | None, store: str) -> None:
    """按人工结论统计各匹配规则的准确率；交办、立案等为认可，排除、不予立案为不认可。

    例：  markwatch quality --rights
    """
    watched = registry.load(config)
    names = watched.scoring.matchers
    with open_store(store, create=False) as kept:
        found = list(by_rule(kept, names)) if by_right else by_matcher(kept, names)
    if form == "jsonl":
        for one in found:
            click.echo(json.dumps(_record(one), ensure_ascii=False))
        return
    titles = {right.id: right.name for right in watched.rights.values()}
    for line in aligned([_HEAD, *(_row(one, titles) for one in found)]):
        click.echo(line)


def _record(one: Quality) -> dict[str, object]:
    return {**one._asdict(), "share": one.share, "interval": one.interval}


def _row(one: Quality, titles: dict[str, str]) -> tuple[str, ...]:
    share = "尚无结论" if one.share is None else f"{one.share:.0%}"
    between = f"{one.interval[0]:.0%}–{one.interval[1]:.0%}" if one.judged else ""
    right = one_line(titles.get(one.right, one.right)) if one.right else "全部"
    method = f"{MATCHER_ZH.get(one.matcher, one.matcher)}（{one.matcher}）"
    return method, right, str(one.upheld), str(one.refuted), share, between


COMMANDS = (quality,)
