"""Commands around the schedule of nights: schedule status."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from console.night.lock import holder
from console.night.planning import day_of
from console.night.review import Ending, Passed, next_night, passed
from console.night.shards import Shard, ShardType
from console.nightly import lock_of
from console.options import (
    config_option,
    ledger_option,
    nights_option,
    now,
    open_ledger,
    store_option,
)
from console.tables import aligned
from evidence.shown import one_line
from leads import registry
from leads.beijing import BEIJING, told
from leads.nights import night_id

COLUMNS = ("日期", "结果", "网站", "商品", "新线索", "分钟", "原因")


@click.group(short_help="夜间采集的安排")
def schedule() -> None:
    """夜间采集的安排（config/schedule.toml）和执行情况。"""


@schedule.command(short_help="最近各夜的情况")
@click.option(
    "--days", type=click.IntRange(min=1, max=366), default=14, show_default=True, help="看几天。"
)
@click.option("--shard", type=ShardType(), help="多台机器分工时，看哪一台的，如 2/5。")
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table")
@nights_option
@ledger_option
@config_option
@store_option
def status(
    days: int,
    shard: Shard | None,
    form: str,
    nights: Path,
    ledger: str | None,
    config: str | None,
    store: str,
) -> int:
    """列出最近各夜是否运行、结果如何，以及下一次的时间；最近一夜没有运行或未达要求的，退出码为 1。

    例：  markwatch schedule status --days 30
    """
    hours = registry.load(config).schedule.window
    at, part = now().astimezone(BEIJING), str(shard) if shard else None
    with open_ledger(ledger, store) as noted:
        busy = holder(lock_of(noted))
        tonight = night_id(day_of(hours, at), part)
        found = passed(
            nights, part, hours, at, days,
            begun=noted.number, running=tonight if busy else None,
        )  # fmt: skip
    for line in map(_jsonl, found) if form == "jsonl" else aligned([COLUMNS, *map(_row, found)]):
        click.echo(line)
    if busy:
        click.echo(busy, err=True)
    if not found:
        click.echo(f"{nights} 中没有夜间采集的记录：定时器是否已启用，见 docs/nightly.md", err=True)
    click.echo(f"下一夜：{told(next_night(hours, at))}（北京时间）起", err=True)
    over = [one for one in found if one.ending is not Ending.RUNNING]
    return int(not over or over[-1].ending is not Ending.WHOLE)


def _row(one: Passed) -> tuple[str, ...]:
    night = one.night
    if night is None:
        return (str(one.day), one.ending, "", "", "", "", one_line(one.fault or ""))
    return (
        str(one.day),
        one.ending,
        str(len(night.sites)),
        str(night.listings),
        str(night.found),
        _minutes(night.began, night.ended),
        one_line("；".join(night.shortfalls)),
    )


def _minutes(began: datetime, ended: datetime) -> str:
    return f"{(ended - began).total_seconds() / 60:.0f}"


def _jsonl(one: Passed) -> str:
    night = one.night
    record = {
        "day": str(one.day),
        "ending": one.ending.name.lower(),
        "listings": night.listings if night else None,
        "found": night.found if night else None,
        "began": night.began.isoformat() if night else None,
        "ended": night.ended.isoformat() if night else None,
        "shortfalls": list(night.shortfalls) if night else [one.fault] if one.fault else [],
    }
    return json.dumps(record, ensure_ascii=False)


COMMANDS = (schedule,)
