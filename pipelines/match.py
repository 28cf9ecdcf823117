"""Keep what was seen; what stands out becomes a lead: the one step that touches the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from leads import registry
from leads.model import Listing, Visit
from leads.store import open_store
from matchers.engine import Engine

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Match:
    """Stores every listing and visit, matches listings, writes their leads."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.engine = Engine(registry.load(crawler.settings["MARKWATCH_CONFIG"]))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Load what is watched."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the store for the length of the crawl."""
        self.store = open_store(self.crawler.settings["MARKWATCH_STORE"])

    def close_spider(self) -> None:
        """Finish writing."""
        self.store.close()

    def process_item(self, item: Listing | Visit) -> Listing | Visit:
        """Store the item; match it if it is a listing."""
        if isinstance(item, Visit):
            self.store.visit(item)
            return item
        self.store.see(item)
        leads = self.engine.leads(item, datetime.now(UTC))
        self.store.put(leads)
        self.crawler.stats.inc_value("leads", len(leads))
        return item
