"""The command that fills the store: crawl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from console.night.shards import Shard, ShardType
from console.options import (
    Text,
    config_option,
    ledger_option,
    now,
    open_ledger,
    store_option,
    vault_option,
)
from console.seasons import asked_for, season_options
from crawlers.browser import missing
from crawlers.queries import queries as derived
from crawlers.run import Result, SitePlan, plans_of
from crawlers.run import crawl as run_crawl
from leads import registry
from leads.beijing import BEIJING, told
from leads.ledger import Ledger
from leads.model import DOOR_ZH


@click.command(short_help="采集、比对、入库")
@click.argument("sites", nargs=-1)
@click.option(
    "--query",
    "queries",
    multiple=True,
    type=Text(),
    help="搜索词，可多次给出；默认为所监测权利的名称。",
)
@season_options
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
    campaign: str | None,
    fair: str | None,
    max_pages: int | None,
    shard: Shard | None,
    resume: bool,
    config: str | None,
    store: str,
    vault: str,
    ledger: str | None,
) -> int:
    """采集一个或多个网站（不写则为全部备齐采集条件的），比对并存入线索库。

    已知、未到再看之日、搜索结果中也没有变化的商品，只记下仍在，不重新读取；到期的都再看一次。

    中断（Ctrl-C、断电）不丢失已保存的内容，加 --resume 接着做完。采集数量不足时退出码为 1。

    \b
    例：  markwatch crawl practice-market --query 老陈醋 --max-pages 2
          markwatch crawl --campaign spring-festival
    """
    watched = registry.load(config)
    if resume and (sites or queries or campaign or fair or max_pages or shard):
        raise click.UsageError("--resume 按上次的安排继续，不能同时另写网站、搜索词、页数或分片")
    if queries and (campaign or fair):
        raise click.UsageError("专项和展会有自己的搜索词，不能同时写 --query")
    if season := asked_for(campaign, fair, watched, store):
        sites, queries = sites or season.sites, season.queries
    with open_ledger(ledger, store) as noted:
        last = noted.unfinished() if resume else None
        if resume and last is None:
            click.echo("没有未做完的采集", err=True)
            return 0
        if last:
            click.echo(f"接着 {told(last.began)} 开始的采集", err=True)
            plans = plans_of(noted, last.id, watched.sites)
        else:
            whole = not (queries or max_pages)
            plans = _plans(watched, sites, queries, shard, whole=whole)
            if whole:
                share = watched.schedule.recrawl.share
                plans = [_with_due(plan, noted, share) for plan in plans]
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


def _with_due(plan: SitePlan, ledger: Ledger, share: float) -> SitePlan:
    """Add the known listings that are due, as many as may take their share of the site's pages."""
    due = ledger.due(plan.site.id, now().astimezone(BEIJING).date())
    most = int(share * plan.site.terms.daily_pages) if plan.site.terms else len(due)
    return replace(plan, recrawls=due[:most])


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


COMMANDS = (crawl,)
