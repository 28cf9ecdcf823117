"""One crawl of several sites in this process, and what each of them brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from leads.beijing import BEIJING
from leads.model import Verdict
from leads.registry import ConfigError, Fault
from leads.site import Site
from leads.store import open_store

ENDINGS_ZH = {
    "shutdown": "已中断",
    "blocked": "连续被网站拦截，已停止，被拦截的网页待人工处理",
    "window": "允许的时段已过",
    "budget": "当日页数已用完",
    "not now": "不在允许的时段内，或当日页数已用完，未采集",
}


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
    finish: str | None
    """Why it ended: a key of :data:`ENDINGS_ZH`, ``finished``, or None if it broke at the start."""

    @property
    def shortfall(self) -> str | None:
        """Why this crawl fell short, in Chinese, or None."""
        if self.errors:
            return f"{self.site.name}：处理中出现 {self.errors} 个错误，见日志"
        if self.finish is None:
            return f"{self.site.name}：未能开始，见日志"
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
    """
    _may_visit(sites)
    settings = get_project_settings()
    settings.setdict(
        {"MARKWATCH_CONFIG": config, "MARKWATCH_STORE": store, "MARKWATCH_VAULT": vault},
        priority="cmdline",
    )
    practice = [f"{site.url.host}:{site.url.port}" for site in sites if site.practice]
    settings.set("MARKWATCH_PRACTICE_HOSTS", practice, priority="cmdline")
    spiders = _spiders(sites, settings)
    process = AsyncCrawlerProcess(settings)
    now = datetime.now(BEIJING)
    spent = _pages_today(store, now)
    crawlers: dict[str, Crawler] = {}
    for site in sites:
        pace = _pace(site, now, spent[site.id])
        if pace is None:
            continue
        own = settings.copy()
        own.setdict(pace, priority="cmdline")
        crawlers[site.id] = Crawler(spiders[site.id], own)
        process.crawl(
            crawlers[site.id],
            site=site,
            queries=site.queries or tuple(queries),
            max_pages=max_pages,
        )
    if crawlers:
        process.start()
    return [_result(site, crawlers.get(site.id)) for site in sites]


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


def _spiders(sites: Sequence[Site], settings: Settings) -> dict[str, type[Spider]]:
    loader = SpiderLoader.from_settings(settings)
    faults = [
        Fault(f"sites/{site.id}.toml", "spider", f"no spider {site.spider!r} in crawlers/sites")
        for site in sites
        if site.spider not in loader.list()
    ]
    if faults:
        raise ConfigError(faults)
    return {site.id: loader.load(site.spider) for site in sites}


def _result(site: Site, crawler: Crawler | None) -> Result:
    if crawler is None:
        return Result(
            site, listings=0, leads=0, visits={}, for_browser=0, errors=0, finish="not now"
        )
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
        finish=stats.get("finish_reason"),
    )
