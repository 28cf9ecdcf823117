"""The spider that everybody writes: Scrapy as it comes, parsel, ten fields by CSS, nothing kept."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

FIELDS = {
    "title": ".sku-name::text",
    "price": ".p-price .price::text",
    "shop": ".goodshop a::text",
    "shop_url": ".goodshop a::attr(href)",
    "category": ".crumb .item a::text",
    "picture": "#spec-img::attr(data-origin)",
    "pictures": "#spec-list img::attr(src)",
    "brand": "#parameter-brand a::text",
    "facts": ".p-parameter-list li::text",
    "more": ".Ptable-item dd::text",
}


class Bare(scrapy.Spider):
    """Search -> item."""

    name = "bare"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the first page of results."""
        yield scrapy.Request(f"{sys.argv[1]}/market/search?q=&page=1", self.parse_search)

    def parse_search(self, response: Response) -> Iterator[scrapy.Request]:
        """Follow every result, then the next page."""
        config = json.loads(response.text.partition("g_page_config = ")[2].partition(";</")[0])
        for auction in config["mods"]["itemlist"]["data"]["auctions"]:
            yield response.follow(auction["detail_url"], self.parse_item)
        pager = config["mods"]["pager"]["data"]
        if pager["currentPage"] < pager["totalPage"]:
            following = f"/market/search?q=&page={pager['currentPage'] + 1}"
            yield response.follow(following, self.parse_search)

    def parse_item(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yield ten fields."""
        yield {name: response.css(selector).getall() for name, selector in FIELDS.items()}


if __name__ == "__main__":
    process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False})
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    process.start()
    if crawler.stats.get_value("item_scraped_count", 0) != int(sys.argv[2]):
        sys.exit("not every listing came")
