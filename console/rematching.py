"""The command that matches the archive again: rematch."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal

import click

from console.options import Day, config_option, now, store_option, vault_option
from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING, told
from leads.excluding import excessive
from leads.registry import Registry
from leads.store import Part, Store, open_store
from matchers.engine import RULES
from pipelines.looking import eyes_of, look_again
from pipelines.rematch.cluster import Cluster
from pipelines.rematch.crew import Alone, Crew, CrewError, Processes
from pipelines.rematch.drive import SIZE
from pipelines.rematch.drive import rematch as match_again
from pipelines.rematch.progress import Begin, Progress, progress_file
from pipelines.rematch.task import Task, crowded


@click.command(short_help="对已存商品重新比对")
@click.option("--right", "rights", multiple=True, help="只看这些权利（代号），可多次给出。")
@click.option("--since", type=Day(), help="只看这一天及以后采集的商品。")
@click.option(
    "--pictures",
    is_flag=True,
    help="先识别尚未识别的图片；参照图片库有改动时，全部图片重新识别。",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="由本机的多个进程，还是由 Dask 集群比对；结果相同。",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="处理器数",
    help="本机的进程数。",
)
@click.option("--scheduler", help="Dask 调度器地址，如 tcp://10.0.0.5:8786；默认在本机另起集群。")
@click.option("--resume", is_flag=True, help="接着上次没有做完的重新比对。")
@config_option
@store_option
@vault_option
def rematch(
    rights: tuple[str, ...],
    since: date | None,
    pictures: bool,
    engine: Literal["local", "dask"],
    workers: int,
    scheduler: str | None,
    resume: bool,
    config: str | None,
    store: str,
    vault: str,
) -> int:
    """用现在的权利和规则重新比对全部已存商品；人工结论不会被改动。

    以采集之日的法律和权利为准：权利生效前采集的商品不会成为线索。中断不丢失已完成的部分。

    例：  markwatch rematch --right gi-shanxi-laochencu --since 2026-11-01
    """
    if scheduler and engine != "dask":
        raise click.UsageError("--scheduler 须与 --engine dask 同用")
    watched = registry.load(config)
    unknown = [right for right in rights if right not in (*watched.rights, *RULES)]
    if unknown:
        raise click.UsageError(f"没有这些权利：{'、'.join(unknown)}")
    start = datetime.combine(since, time.min, BEIJING) if since else None
    with open_store(store, create=False) as leads:
        if pictures:
            _look(leads, start, str(registry.find_config(config)), vault)
        task = _task(store, leads, watched, rights, start)
        total = leads.totals()[Part.LISTINGS]
        try:
            with (
                Progress(progress_file(store), task.digest, now(), resume=resume) as progress,
                _crew(engine, workers, scheduler, total) as crew,
            ):
                _say(progress)
                with click.progressbar(length=total, label="比对", file=sys.stderr) as bar:
                    bar.update(progress.counts.seen)
                    for counts in match_again(task, leads, crew, progress):
                        bar.update(counts.seen)
        except CrewError as error:
            click.echo(f"{error}；已完成的部分可用 --resume 接着做", err=True)
            return 2
    for source in task.sellers:
        click.echo(
            f"参照图片 {source} 见于过多店铺，请核对是否为公开素材，其命中仅供复核", err=True
        )
    for line in excessive(progress.excluded, task.exclusions, watched.schedule.floods.exclusion):
        click.echo(line, err=True)
    seen, found, removed = progress.counts
    click.echo(f"重新比对 {seen} 条商品（库中共 {total} 条）：{found} 条线索，撤下 {removed} 条")
    return 0


def _look(leads: Store, start: datetime | None, config: str, vault: str) -> None:
    """Look at the pictures that were not looked at, or not with this bank."""
    eyes, blobs = eyes_of(config, vault), Vault(vault)
    length = leads.totals()[Part.LISTINGS]
    with click.progressbar(
        leads.listings(start), length=length, label="识图", file=sys.stderr
    ) as listings:
        for listing in listings:
            look_again(listing, leads, blobs, eyes)


def _task(
    store: str, leads: Store, watched: Registry, rights: Sequence[str], start: datetime | None
) -> Task:
    scheme, _, file = store.partition(":///")
    address = f"{scheme}:///{Path(file).resolve()}" if scheme == "sqlite" else store
    return Task(
        address,
        watched,
        now(),
        exclusions=leads.exclusions(),
        rights=tuple(sorted(set(rights))),
        since=start,
        sellers=crowded(leads.sellers_showing()),
    )


def _crew(engine: str, workers: int, scheduler: str | None, total: int) -> Crew:
    if engine == "dask":
        return Cluster(scheduler, workers)
    return Processes(workers) if workers > 1 and total > SIZE else Alone()


def _say(progress: Progress) -> None:
    if progress.begin is Begin.RESUMED:
        click.echo(f"{progress.begin}（{told(progress.began)} 开始）", err=True)
    elif progress.begin:
        click.echo(progress.begin, err=True)


COMMANDS = (rematch,)
