"""One crawl of several sites in this process, and what each of them brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from leads.registry import ConfigError, Fault, Site


@dataclass(frozen=True)
class Result:
    """What the crawl of one site brought."""

    site: Site
    listings: int
    leads: int
    verdicts: Mapping[str, int]
    errors: int
    """Exceptions in a spider or a pipeline: each is in the log with its traceback."""
    finish: str | None
    """Scrapy's reason: ``finished``, ``shutdown`` after Ctrl-C; None if it did not even start."""

    @property
    def shortfall(self) -> str | None:
        """Why this crawl fell short, in Chinese, or None."""
        if self.errors:
            return f"{self.site.name}：处理中出现 {self.errors} 个错误，见日志"
        if self.finish is None:
            return f"{self.site.name}：未能开始，见日志"
        if self.finish != "finished":
            return f"{self.site.name}：已中断，只取得 {self.listings} 条商品"
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
        ConfigError: a site names a spider that is not there.
    """
    settings = get_project_settings()
    settings.setdict(
        {"MARKWATCH_CONFIG": config, "MARKWATCH_STORE": store, "MARKWATCH_VAULT": vault},
        priority="cmdline",
    )
    practice = [f"{site.url.host}:{site.url.port}" for site in sites if site.practice]
    settings.set("MARKWATCH_PRACTICE_HOSTS", practice, priority="cmdline")
    spiders = _spiders(sites, settings)
    process = AsyncCrawlerProcess(settings)
    crawlers = []
    for site in sites:
        crawler = Crawler(spiders[site.id], _at_pace(settings, site))
        process.crawl(
            crawler, site=site, queries=site.queries or tuple(queries), max_pages=max_pages
        )
        crawlers.append(crawler)
    process.start()
    return [_result(site, crawler) for site, crawler in zip(sites, crawlers, strict=True)]


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


def _at_pace(settings: Settings, site: Site) -> Settings:
    own = settings.copy()
    own.set("DOWNLOAD_DELAY", site.delay, priority="cmdline")
    own.set("CONCURRENT_REQUESTS_PER_DOMAIN", site.concurrency, priority="cmdline")
    if site.practice:  # nobody to be polite to; a night must not take a night
        own.set("AUTOTHROTTLE_ENABLED", False, priority="cmdline")
    return own


def _result(site: Site, crawler: Crawler) -> Result:
    stats = crawler.stats.get_stats() if crawler.stats else {}
    return Result(
        site=site,
        listings=stats.get("listings", 0),
        leads=stats.get("leads", 0),
        verdicts={
            key.removeprefix("visits/"): count
            for key, count in stats.items()
            if key.startswith("visits/")
        },
        errors=stats.get("errors", 0),
        finish=stats.get("finish_reason"),
    )
