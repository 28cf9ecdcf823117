"""Commands that fill the store: crawl, rematch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, time

import click

from console.night.shards import Shard, ShardType
from console.options import (
    Day,
    Text,
    config_option,
    ledger_option,
    now,
    open_ledger,
    store_option,
    vault_option,
)
from crawlers.browser import missing
from crawlers.queries import queries as derived
from crawlers.run import Result, SitePlan, plans_of
from crawlers.run import crawl as run_crawl
from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING, told
from leads.model import DOOR_ZH
from leads.store import open_store
from matchers.engine import Engine
from pipelines.crowds import Crowds
from pipelines.looking import eyes_of, look_again, sights_of


@click.command(short_help="采集、比对、入库")
@click.argument("sites", nargs=-1)
@click.option(
    "--query",
    "queries",
    multiple=True,
    type=Text(),
    help="搜索词，可多次给出；默认为所监测权利的名称。",
)
@click.option("--max-pages", type=click.IntRange(min=1), help="每个搜索结果最多翻几页。")
@click.option("--shard", type=ShardType(), help="只采集分给本机的网站，如 2/5：五台中的第二台。")
@click.option("--resume", is_flag=True, help="接着上次没有做完的采集，而不是重新开始。")
@config_option
@store_option
@vault_option
@ledger_option
def crawl(
    sites: tuple[str, ...],
    queries: tuple[str, ...],
    max_pages: int | None,
    shard: Shard | None,
    resume: bool,
    config: str | None,
    store: str,
    vault: str,
    ledger: str | None,
) -> int:
    """采集一个或多个网站（不写则为全部备齐采集条件的），比对并存入线索库。

    已知、未到再看之日、搜索结果中也没有变化的商品，只记下仍在，不重新读取。

    中断（Ctrl-C、断电）不丢失已保存的内容，加 --resume 接着做完。采集数量不足时退出码为 1。

    例：  markwatch crawl practice-market --query 老陈醋 --max-pages 2
    """
    watched = registry.load(config)
    if resume and (sites or queries or max_pages or shard):
        raise click.UsageError("--resume 按上次的安排继续，不能同时另写网站、搜索词、页数或分片")
    with open_ledger(ledger, store) as noted:
        last = noted.unfinished() if resume else None
        if resume and last is None:
            click.echo("没有未做完的采集", err=True)
            return 0
        if last:
            click.echo(f"接着 {told(last.began)} 开始的采集", err=True)
            plans = plans_of(noted, last.id, watched.sites)
        else:
            plans = _plans(watched, sites, queries, shard, whole=not (queries or max_pages))
        results = run_crawl(
            plans,
            config=str(registry.find_config(config)),
            store=store,
            vault=vault,
            ledger=noted,
            run=last.id if last else new_run(),
            max_pages=max_pages or 0,
            schedule=watched.schedule,
        )
    return report(results)


def new_run() -> str:
    """Return the id of a crawl that begins now."""
    return f"crawl-{now():%Y%m%dT%H%M%S.%fZ}"


def _plans(
    watched: registry.Registry,
    sites: Sequence[str],
    queries: Sequence[str],
    shard: Shard | None,
    *,
    whole: bool,
) -> list[SitePlan]:
    """Return what each site is asked for; of a part no more is expected than something."""
    unknown = [site for site in sites if site not in watched.sites]
    if unknown:
        raise click.UsageError(
            f"没有配置网站 {'、'.join(unknown)}；已配置：{'、'.join(watched.sites) or '无'}"
        )
    ready = [site for site in watched.sites.values() if site.practice or site.terms]
    chosen = [watched.sites[site] for site in dict.fromkeys(sites)] or ready
    if not chosen:
        raise click.UsageError(
            "config/sites 中没有备齐采集条件 [terms] 的网站；可先运行 markwatch practice night"
        )
    if shard:
        chosen = [site for site in chosen if shard.has(site.url.host or "")]
    if not whole:
        chosen = [site.model_copy(update={"expect": min(1, site.expect)}) for site in chosen]
    usual = derived(watched.rights.values())
    return [SitePlan(site, queries or site.queries or usual) for site in chosen]


def report(results: Sequence[Result]) -> int:
    """Say what each site brought; return the exit code.

    Raises:
        click.Abort: the crawl was interrupted.
    """
    for result in results:
        same = f"，另有 {result.unchanged} 条未变未重读" if result.unchanged else ""
        click.echo(f"{result.site.name}：{result.listings} 条商品{same}，{result.leads} 条线索")
        for door, name in DOOR_ZH.items():
            pages = [
                f"{verdict} {count}"
                for (way, verdict), count in sorted(result.visits.items())
                if way == door
            ]
            if pages:
                click.echo(f"  {name}的页面：{'、'.join(pages)}")
    waiting = sum(result.for_browser for result in results)
    if waiting:
        why = missing() or "浏览器页数已用完"
        click.echo(f"{waiting} 个页面须用浏览器打开，已列入 markwatch queue：{why}", err=True)
    shortfalls = [result.shortfall for result in results if result.shortfall]
    for shortfall in shortfalls:
        click.echo(shortfall, err=True)
    if any(result.finish == "shutdown" for result in results):
        raise click.Abort
    return 1 if shortfalls else 0


@click.command(short_help="对已存商品重新比对")
@click.option("--right", "rights", multiple=True, help="只看这些权利（代号），可多次给出。")
@click.option("--since", type=Day(), help="只看这一天及以后采集的商品。")
@click.option(
    "--pictures",
    is_flag=True,
    help="先识别尚未识别的图片；参照图片库有改动时，全部图片重新识别。",
)
@config_option
@store_option
@vault_option
def rematch(
    rights: tuple[str, ...],
    since: date | None,
    pictures: bool,
    config: str | None,
    store: str,
    vault: str,
) -> None:
    """用现在的权利和规则重新比对全部已存商品；人工结论不会被改动。

    例：  markwatch rematch --right gi-shanxi-laochencu --since 2026-11-01
    """
    watched = registry.load(config)
    unknown = [right for right in rights if right not in watched.rights]
    if unknown:
        raise click.UsageError(f"没有这些权利：{'、'.join(unknown)}")
    engine = Engine(watched)
    eyes = eyes_of(str(registry.find_config(config)), vault) if pictures else None
    blobs, crowds = Vault(vault), Crowds()
    seen = found = removed = 0
    start = datetime.combine(since, time.min, BEIJING) if since else None
    with open_store(store, create=False) as leads:
        total = leads.totals()["listings"]
        with click.progressbar(
            leads.listings(start), length=total, label="比对", file=sys.stderr
        ) as listings:
            for listing in listings:
                if eyes:
                    look_again(listing, leads, blobs, eyes)
                sights = crowds.weighed(listing, sights_of(listing, leads))
                found_now = engine.leads(listing, now(), sights)
                kept = [lead for lead in found_now if not rights or lead.right in rights]
                leads.put(kept)
                site, ref = listing.key
                removed += leads.drop([(site, ref)], [lead.id for lead in kept], rights or None)
                seen += 1
                found += len(kept)
    for source in crowds.crowded:
        click.echo(
            f"参照图片 {source} 见于过多店铺，请核对是否为公开素材，其命中仅供复核", err=True
        )
    click.echo(f"重新比对 {seen} 条商品（库中共 {total} 条）：{found} 条线索，撤下 {removed} 条")


COMMANDS = (crawl, rematch)
