"""One crawl of several sites in this process, and what each of them brought."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from leads.beijing import BEIJING
from leads.model import Verdict
from leads.nights import ENDINGS_ZH
from leads.registry import ConfigError, Fault
from leads.site import Site
from leads.store import open_store

READ = {Verdict.OK, Verdict.PARTIAL, Verdict.EMPTY}
"""Verdicts of pages that told what they have, be it nothing."""


@dataclass(frozen=True)
class Result:
    """What the crawl of one site brought."""

    site: Site
    listings: int
    leads: int
    visits: Mapping[tuple[str, str], int]
    """Pages by door and verdict."""
    for_browser: int
    """Pages made by scripts that no browser opened: there is none, or its pages are used up."""
    errors: int
    """Exceptions in a spider or a pipeline: each is in the log with its traceback."""
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
        if self.listings < self.site.expect:
            return (
                f"{self.site.name}：只取得 {self.listings} 条商品，应不少于 {self.site.expect} 条"
            )
        return None


def crawl(
    sites: Sequence[Site],
    *,
    config: str,
    store: str,
    vault: str,
    queries: Sequence[str],
    max_pages: int = 0,
) -> list[Result]:
    """Crawl ``sites`` side by side, match and store; one call per process (Twisted's rule).

    Args:
        sites: entries of ``config/sites``.
        config: config folder. store: store address. vault: folder of the vault.
        queries: what to search for on marketplaces without queries of their own.
        max_pages: pages of one result list, 0 for all.

    Raises:
        ConfigError: a site names a spider that is not there, or has no terms of visit.
        StoreError, VaultError: what is fetched cannot be kept.
    """
    _may_visit(sites)
    settings = hardened()
    settings.setdict(
        {
            "MARKWATCH_CONFIG": config,
            "MARKWATCH_STORE": store,
            "MARKWATCH_VAULT": vault,
            "MARKWATCH_PRACTICE_HOSTS": [
                f"{site.url.host}:{site.url.port}" for site in sites if site.practice
            ],
        },
        priority="cmdline",
    )
    spiders = spiders_of(sites)
    process = AsyncCrawlerProcess(settings)
    now = datetime.now(BEIJING)
    spent = _pages_today(store, now)
    begun: dict[str, tuple[Crawler, asyncio.Task[None]]] = {}
    for site in sites:
        pace = _pace(site, now, spent[site.id])
        if pace is None:
            continue
        own = settings.copy()
        own.setdict(pace, priority="cmdline")
        crawler = Crawler(spiders[site.id], own)
        wanted = site.queries or tuple(queries)
        task = process.crawl(crawler, site=site, queries=wanted, max_pages=max_pages)
        begun[site.id] = crawler, task
    if begun:
        process.start()
    return [_result(site, *begun[site.id]) if site.id in begun else _left(site) for site in sites]


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


def _pages_today(store: str, now: datetime) -> Counter[str]:
    """Count the pages and pictures that each site has sent since midnight in Beijing."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with open_store(store) as kept:
        pages = Counter(visit.site for visit in kept.visits(midnight) if visit.door != "file")
        pictures = {
            (listing.site, picture.url)
            for listing in kept.listings(midnight)
            for picture in listing.pictures
            if picture.sha256
        }
    return pages + Counter(site for site, _ in pictures if site)


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


def _left(site: Site) -> Result:
    return Result(site, listings=0, leads=0, visits={}, for_browser=0, errors=0, finish="not now")


def _result(site: Site, crawler: Crawler, task: asyncio.Task[None]) -> Result:
    if task.done():
        task.result()  # raises what kept it from starting
    stats = crawler.stats.get_stats()
    return Result(
        site=site,
        listings=stats.get("listings", 0),
        leads=stats.get("leads", 0),
        visits={
            (door, verdict): count
            for key, count in stats.items()
            if key.startswith("visits/")
            for _, door, verdict in [key.split("/")]
        },
        for_browser=stats.get("browser/left", 0),
        errors=stats.get("errors", 0),
        finish=stats.get("finish_reason", "shutdown"),  # interrupted before it had begun
    )
