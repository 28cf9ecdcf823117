"""Where pipelines find the ledger and the store of the crawl they are part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from leads.ledger import Work

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def work_of(crawler: Crawler) -> Work:
    """Return what the spider of a crawl works on."""
    work: Work = cast(Any, crawler.spider).work
    return work
