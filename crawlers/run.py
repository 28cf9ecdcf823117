"""One crawl of several sites in this process, and what each of them brought."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, NamedTuple

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from leads.beijing import BEIJING
from leads.ledger import Due, Ledger, Plan, Run, Work
from leads.model import Verdict
from leads.nights import ENDINGS_ZH
from leads.registry import ConfigError, Fault
from leads.schedule import Schedule
from leads.site import Site
from leads.store import Store, open_store

READ = {Verdict.OK, Verdict.PARTIAL, Verdict.EMPTY}
"""Verdicts of pages that told what they have, be it nothing."""


@dataclass(frozen=True)
class SitePlan:
    """What one site is asked for."""

    site: Site
    queries: Sequence[str] = ()
    """What to search for, the most valuable first."""
    recrawls: Sequence[Due] = ()
    """Known listings that are due; asked for after all lists, if none of them brought them."""


@dataclass(frozen=True)
class Result:
    """What the crawl of one site has brought in its run, over all interruptions."""

    site: Site
    listings: int
    """Read from pages."""
    unchanged: int
    """Seen in a result list as they were, and not yet due: not fetched again."""
    leads: int
    visits: Mapping[tuple[str, str], int]
    """Pages by door and verdict."""
    for_browser: int
    """Pages made by scripts that no browser opened: there is none, or its pages are used up."""
    errors: int
    """Exceptions in a spider or a pipeline: each is in the log with its traceback."""
    excluded: Mapping[str, int]
    """How many listings each exclusion met in this process, by its id."""
    finish: str
    """Why it ended: a key of :data:`leads.nights.ENDINGS_ZH`."""

    @property
    def shortfall(self) -> str | None:
        """Why this crawl fell short, in Chinese, or None."""
        if self.errors:
            return f"{self.site.name}：处理中出现 {self.errors} 个错误，见日志"
        if self.finish != "finished":
            why = ENDINGS_ZH.get(self.finish, self.finish)
            return f"{self.site.name}：{why}，取得 {self.listings} 条商品"
        if not {verdict for _, verdict in self.visits} & READ:
            return f"{self.site.name}：没有一页可以读取，见各页原因"
        seen = self.listings + self.unchanged
        if seen < self.site.expect:
            return f"{self.site.name}：只取得 {seen} 条商品，应不少于 {self.site.expect} 条"
        return None


def crawl(
    plans: Sequence[SitePlan],
    *,
    config: str,
    store: str,
    vault: str,
    ledger: Ledger,
    run: str,
    max_pages: int = 0,
    schedule: Schedule = Schedule(),  # noqa: B008  # frozen
) -> list[Result]:
    """Crawl sites side by side, match and store; one call per process (Twisted's rule).

    A ``run`` that the ledger knows is taken up where it was interrupted, with the plans it was
    begun with: see :func:`plans_of`. It ends when every site has finished.

    Args:
        plans: what each site is asked for.
        config: config folder. store: store address. vault: folder of the vault.
        ledger: where every request is noted. run: name of this run.
        max_pages: pages of one result list, 0 for all.
        schedule: when what is seen is due again.

    Raises:
        ConfigError: a site names a spider that is not there, or has no terms of visit.
        StoreError, VaultError: what is fetched cannot be kept.
    """
    _may_visit([plan.site for plan in plans])
    with open_store(store) as kept:
        if not kept.totals()["listings"]:
            ledger.forget()
        begun = ledger.begin(run, [_noted(plan, max_pages) for plan in plans])
        finished = ledger.finished(run)
        left = [plan for plan in plans if plan.site.id not in finished]
        ended = _crawl(left, config, vault, kept, ledger, run, schedule)
        done = {plan.site.id: _Ended({}, "finished") for plan in plans} | ended
        if all(one.finish == "finished" for one in done.values()):
            ledger.end(run)
        return list(_results(plans, done, ledger, begun, kept))


def plans_of(ledger: Ledger, run: str, sites: Mapping[str, Site]) -> list[SitePlan]:
    """Return what a run was begun with, for the sites that are still watched."""
    return [
        SitePlan(
            sites[plan.site].model_copy(update={"expect": plan.expect}), plan.queries, plan.recrawls
        )
        for plan in ledger.plans(run)
        if plan.site in sites
    ]


class _Ended(NamedTuple):
    """How the crawl of a site in this process ended."""

    stats: Mapping[str, Any]
    finish: str


def _noted(plan: SitePlan, max_pages: int) -> Plan:
    return Plan(
        site=plan.site.id,
        queries=tuple(plan.queries),
        recrawls=tuple(plan.recrawls),
        max_pages=max_pages,
        expect=plan.site.expect,
    )


def _crawl(
    plans: Sequence[SitePlan],
    config: str,
    vault: str,
    store: Store,
    ledger: Ledger,
    run: str,
    schedule: Schedule,
) -> dict[str, _Ended]:
    """Crawl what may be visited now; return how each site ended."""
    settings = hardened()
    settings.setdict(
        {
            "MARKWATCH_CONFIG": config,
            "MARKWATCH_VAULT": vault,
            "MARKWATCH_PRACTICE_HOSTS": [
                f"{plan.site.url.host}:{plan.site.url.port}" for plan in plans if plan.site.practice
            ],
        },
        priority="cmdline",
    )
    spiders = spiders_of([plan.site for plan in plans])
    noted = {plan.site: plan for plan in ledger.plans(run)}
    now = datetime.now(BEIJING)
    spent = pages_today(store, ledger, [plan.site for plan in plans], now)
    process = AsyncCrawlerProcess(settings)
    begun: dict[str, tuple[Crawler, asyncio.Task[None]]] = {}
    for site in [plan.site for plan in plans]:
        pace = _pace(site, now, spent[site.id])
        if pace is None:
            continue
        own = settings.copy()
        own.setdict(pace, priority="cmdline")
        crawler = Crawler(spiders[site.id], own)
        work = Work(ledger, run, site.id, store, schedule)
        begun[site.id] = crawler, process.crawl(crawler, site=site, work=work, plan=noted[site.id])
    if begun:
        process.start()
    return {
        plan.site.id: _ended(*begun[plan.site.id])
        if plan.site.id in begun
        else _Ended({}, "not now")
        for plan in plans
    }


def hardened() -> Settings:
    """Return what stands in ``crawlers/settings.py``, wherever the command is run from."""
    settings = Settings()
    settings.setmodule("crawlers.settings", priority="project")
    return settings


def _may_visit(sites: Sequence[Site]) -> None:
    """Refuse a live site without terms, and a practice site that is not on loopback."""
    faults = [
        Fault(
            f"sites/{site.id}.toml",
            "terms",
            "缺少采集条件（影响评估、批准人、时段、页数），不得采集",
        )
        for site in sites
        if not site.practice and site.terms is None
    ] + [
        Fault(f"sites/{site.id}.toml", "url", "练习网站只能在 127.0.0.1 上")
        for site in sites
        if site.practice and site.url.host != "127.0.0.1"
    ]
    if faults:
        raise ConfigError(faults)


def pages_today(store: Store, ledger: Ledger, sites: Iterable[Site], now: datetime) -> Counter[str]:
    """Count the pages and pictures that each site has sent since midnight in Beijing."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    pages = Counter(visit.site for visit in store.visits(midnight) if visit.door != "file")
    return pages + Counter({site.id: ledger.pictures(site.id, midnight) for site in sites})


def _pace(site: Site, now: datetime, spent: int) -> dict[str, Any] | None:
    """Return the settings that keep to a site's terms, or None if it must not be visited now."""
    if site.terms is None:  # the practice server: nobody to be polite to
        return {
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "AUTOTHROTTLE_ENABLED": False,
        }
    pages = site.terms.daily_pages - spent
    if pages <= 0 or not site.terms.open_at(now):
        return None
    return {
        "USER_AGENT": f"markwatch/{version('markwatch')} (+{site.terms.contact})",
        "DOWNLOAD_DELAY": site.terms.delay,
        "MARKWATCH_PAGES_LEFT": pages,
    }


def spiders_of(sites: Collection[Site]) -> dict[str, type[Spider]]:
    """Return the spider of each site by the site's id.

    Raises:
        ConfigError: with every site that names a spider that is not there.
    """
    loader = SpiderLoader.from_settings(hardened())
    faults = [
        Fault(f"sites/{site.id}.toml", "spider", f"crawlers/sites 中没有 {site.spider!r}")
        for site in sites
        if site.spider not in loader.list()
    ]
    if faults:
        raise ConfigError(faults)
    return {site.id: loader.load(site.spider) for site in sites}


def _ended(crawler: Crawler, task: asyncio.Task[None]) -> _Ended:
    if task.done():
        task.result()  # raises what kept it from starting
    stats = crawler.stats.get_stats()
    return _Ended(stats, stats.get("markwatch/finish", "shutdown"))  # before it had begun


def _results(
    plans: Sequence[SitePlan],
    done: Mapping[str, _Ended],
    ledger: Ledger,
    run: Run,
    store: Store,
) -> Iterator[Result]:
    visits: dict[str, Counter[tuple[str, str]]] = {}
    for visit in store.visits(run.began):
        if visit.door != "file":
            visits.setdefault(visit.site, Counter())[visit.door, visit.verdict] += 1
    for site in [plan.site for plan in plans]:
        stats, finish = done[site.id]
        read, unchanged, leads = ledger.brought(run.id, site.id)
        yield Result(
            site=site,
            listings=read,
            unchanged=unchanged,
            leads=leads,
            visits=visits.get(site.id, {}),
            for_browser=stats.get("browser/left", 0),
            errors=stats.get("errors", 0),
            excluded={
                key.removeprefix("excluded/"): met
                for key, met in stats.items()
                if key.startswith("excluded/")
            },
            finish=finish,
        )
