"""Commands over whole stores: store copy, store status."""

from __future__ import annotations

import sys
from functools import partial

import click

from console.options import store_option
from leads.copying import Compared, carry, compare
from leads.fields import Field
from leads.store import Part, open_store
from leads.tree import All

PART_ZH = {
    Part.LISTINGS: "商品",
    Part.SIGHTINGS: "商品变动",
    Part.LEADS: "线索",
    Part.JUDGEMENTS: "人工结论",
    Part.VISITS: "采集记录",
    Part.SIGHTS: "图片识别",
    Part.EXCLUSIONS: "排除决定",
}


@click.group(short_help="线索库的复制与概况")
def store() -> None:
    """复制线索库，或查看其中有什么。"""


@store.command(short_help="复制线索库")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def copy(source: str, target: str) -> int:
    """把一个线索库的全部内容复制到另一个，最后逐条核对；中断后再运行即可继续。

    复制期间请勿写入这两个库。目标库原有的其他内容保留；两边都有的以来源为准，但人工结论从不覆盖。

    例：  markwatch store copy sqlite:///var/markwatch.db http://127.0.0.1:9200
    """
    if source == target:
        raise click.UsageError("来源和目标是同一个线索库")
    short = 0
    with open_store(source, create=False) as ours, open_store(target) as theirs:
        totals = ours.totals()
        for part in Part:
            label = PART_ZH[part]
            with click.progressbar(length=totals[part], label=label, file=sys.stderr) as bar:
                carry(ours, theirs, part, partial(bar.update, 1))
        for part in Part:
            short |= _tell(compare(ours, theirs, part))
    return short


def _tell(found: Compared) -> int:
    """Say how a part was copied; return 1 if something is missing or differs."""
    name = PART_ZH[found.part]
    if found.whole:
        click.echo(f"{name}：{found.same} 条，一致（SHA-256 {found.digest[:16]}…）")
        return 0
    lacking = [*found.missing, *found.different]
    shown = "、".join(lacking[:5]) + ("等" if len(lacking) > 5 else "")
    advice = "请再运行一次"
    if found.part is Part.JUDGEMENTS and found.different:
        advice = "目标库对这些线索已有另外的人工结论，未覆盖"
    if found.part is Part.EXCLUSIONS and found.different:
        advice = "这些排除决定在目标库已解除，未恢复"
    click.echo(
        f"{name}：{found.same} 条一致，缺 {len(found.missing)} 条，"
        f"不同 {len(found.different)} 条：{shown}；{advice}",
        err=True,
    )
    return 1


@store.command(short_help="线索库概况")
@store_option
def status(store: str) -> None:
    """列出线索库中各类记录的数量，以及各状态的线索数。

    例：  markwatch store status
    """
    with open_store(store, create=False) as kept:
        totals = kept.totals()
        states = kept.facets(All(), [Field.STATE]).counts[Field.STATE]
    for part, name in PART_ZH.items():
        click.echo(f"{name}：{totals[part]}")
    if states:
        click.echo("线索状态：" + "、".join(f"{state} {leads}" for state, leads in states.items()))


COMMANDS = (store,)
