"""A site that brings less than it should is an error, and a long crawl says how far it is."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import signals

from crawlers.spider import SiteSpider
from leads.model import Listing, Verdict, Visit
from leads.nights import ENDINGS_ZH

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger("markwatch.crawl")

EVERY = 5.0
"""Seconds between two lines of progress."""


class Health:
    """Extension that counts listings and verdicts into the stats, and tells progress."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._told = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to every item that went through the pipelines."""
        health = cls(crawler)
        crawler.signals.connect(health.scraped, signals.item_scraped)
        crawler.signals.connect(health.broke, signals.spider_error)
        crawler.signals.connect(health.broke, signals.item_error)
        crawler.signals.connect(health.closed, signals.spider_closed)
        return health

    def scraped(self, item: Any) -> None:
        """Count, and from time to time say so."""
        stats = self.crawler.stats
        if isinstance(item, Listing):
            stats.inc_value("listings")
        elif isinstance(item, Visit):
            stats.inc_value(f"visits/{item.door}/{item.verdict}")
            if item.verdict is not Verdict.OK:
                log.info("%s：%s（%s）", item.url, item.reason, item.verdict)
        if time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            self._tell("进行中")

    def broke(self) -> None:
        """Count what should not happen: an exception in a spider or a pipeline."""
        self.crawler.stats.inc_value("errors")

    def closed(self, reason: str) -> None:
        """Say how the crawl of this site ended."""
        self._tell(ENDINGS_ZH.get(reason, reason))

    def _tell(self, how: str) -> None:
        stats = self.crawler.stats
        log.info(
            "%s：%s，已取 %d 页，%d 条商品，%d 条线索",
            cast(SiteSpider, self.crawler.spider).site.name,
            how,
            stats.get_value("downloader/response_count", 0),
            stats.get_value("listings", 0),
            stats.get_value("leads", 0),
        )
