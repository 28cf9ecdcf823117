"""The command that a timer runs every night: nightly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from console.night import stages
from console.night.agenda import jsonl, table
from console.night.course import Course, Place, planned
from console.night.lock import Taken, locked
from console.night.planning import Tonight, day_of, span_of
from console.night.review import next_night
from console.night.shards import Shard, ShardType
from console.options import (
    Day,
    config_option,
    ledger_option,
    nights_option,
    now,
    open_ledger,
    store_option,
    vault_option,
)
from leads import registry
from leads.beijing import BEIJING, open_at
from leads.ledger import Ledger
from leads.nights import FILE, Night, read_night
from leads.registry import Registry


@click.command(short_help="一整夜：计划、采集、比对、核对、报告")
@click.option("--dry-run", is_flag=True, help="只列出下一夜的计划，不采集。")
@click.option("--on", "day", type=Day(), help="只与 --dry-run 同用：列出那一天的计划。")
@click.option("--shard", type=ShardType(), help="只做分给本机的网站，如 2/5：五台中的第二台。")
@click.option("--only", multiple=True, metavar="网站", help="只做这个网站，可多次给出；不记整夜。")
@click.option(
    "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", help="计划的格式。"
)
@nights_option
@ledger_option
@config_option
@store_option
@vault_option
def nightly(
    dry_run: bool,
    day: date | None,
    shard: Shard | None,
    only: tuple[str, ...],
    form: str,
    nights: Path,
    ledger: str | None,
    config: str | None,
    store: str,
    vault: str,
) -> int:
    """夜间无人值守地运行：按权利、网站、搜索词和到期商品作出计划，采集、比对、入库，补送未送达的
    内容，核对平台通知和办理期限，为保管链加盖时间戳，暂缓命中过多的规则，写出这一夜的报告。

    同一时间只能运行一次。中断（Ctrl-C、断电、systemd 停止）不丢失内容，再运行即接着做。
    有网站或环节未达到要求的，退出码为 1，原因写在报告中。

    \b
    例：  markwatch nightly
          markwatch nightly --dry-run --on 2027-01-20
          markwatch nightly --shard 2/5 --store http://127.0.0.1:9200
    """
    if day and not dry_run:
        raise click.UsageError("--on 只能与 --dry-run 同用")
    watched = registry.load(config)
    unknown = [site for site in only if site not in watched.sites]
    if unknown:
        raise click.UsageError(
            f"没有配置网站 {'、'.join(unknown)}；已配置：{'、'.join(watched.sites) or '无'}"
        )
    hours, at = watched.schedule.window, now().astimezone(BEIJING)
    if day or (dry_run and not open_at(hours, at)):
        at = span_of(hours, day)[0] if day else next_night(hours, at)
    tonight = Tonight(day_of(hours, at), at, shard, frozenset(only))
    place = Place(registry.find_config(config), store, Path(vault), nights)
    with open_ledger(ledger, store) as noted:
        if dry_run:
            plans = planned(tonight, watched, place, noted)
            for line in jsonl(plans) if form == "jsonl" else table(plans, tonight):
                click.echo(line)
            return 0
        try:
            with locked(lock_of(noted), "夜间采集", at):
                return _run(tonight, watched, place, noted)
        except Taken as taken:
            click.echo(str(taken), err=True)
            return 1


def lock_of(ledger: Ledger) -> Path:
    """Return the lock of a ledger: two nights must not work from one."""
    return Path(ledger.path).with_suffix(".lock")


def _run(tonight: Tonight, watched: Registry, place: Place, ledger: Ledger) -> int:
    """Go through a night, or say that it has been.

    Raises:
        click.Abort: it was interrupted; run again, it goes on.
    """
    record = place.nights / tonight.id
    if not tonight.only and (short := _over(place.nights, tonight.id)) is not None:
        click.echo(f"{tonight.id} 这一夜已经做完，记录在 {record}", err=True)
        return _told(short)
    only = " ".join([*sorted(tonight.only), f"{tonight.at:%H%M%S}"]) if tonight.only else ""
    run = f"{tonight.id} {only}".strip()
    course = Course(tonight, watched, place, ledger, run, tonight.at)
    stages.go_through(course, stages.SITES if only else stages.WHOLE)
    if course.night:
        _sum_up(course.night, record)
    return told_short(course)


def told_short(course: Course) -> int:
    """Say in what a night fell short; return the exit code."""
    if course.night:
        return _told(course.night.shortfalls)
    sites = [result.shortfall for result in course.results]
    return _told([*course.shortfalls, *filter(None, sites)])


def _over(nights: Path, name: str) -> Sequence[str] | None:
    """Return why a night that is over fell short; None if it is not, or nothing was visited."""
    if not (nights / name / FILE).exists():
        return None
    try:
        night = read_night(nights, name)
    except ValueError as damaged:
        return [str(damaged)]
    return night.shortfalls if night.sites else None


def _sum_up(night: Night, record: Path) -> None:
    minutes = (night.ended - night.began).total_seconds() / 60
    click.echo(
        f"{night.id}：{len(night.sites)} 个网站，{night.listings} 条商品，新线索 {night.found} 条，"
        f"待人工打开 {night.waiting} 页，{minutes:.0f} 分钟"
    )
    for flood in night.quarantined:
        click.echo(f"暂缓：{flood.reason}")
    for notice in night.notices:
        click.echo(notice)
    click.echo(f"报告：{record}")


def _told(shortfalls: Sequence[str]) -> int:
    """Say what fell short; return the exit code."""
    for shortfall in shortfalls:
        click.echo(f"未达到要求：{shortfall}", err=True)
    return int(bool(shortfalls))


COMMANDS = (nightly,)
