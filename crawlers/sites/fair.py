"""A trade fair: a list of exhibitors over pages, each with a page of its own and its exhibits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawlers.spider import SiteSpider
from leads.model import Listing, Visit


class FairSpider(SiteSpider):
    """Exhibitor list -> exhibitor -> exhibits."""

    name = "fair"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of the exhibitor list."""
        yield Request(
            urljoin(str(self.site.url), self.site.search or ""),
            self.parse_exhibitors,
            errback=self.failed,
            cb_kwargs={"page": 1},
        )

    async def parse_exhibitors(
        self, response: Response, page: int
    ) -> AsyncIterator[Request | Listing | Visit]:
        """Follow every exhibitor, then the next page of the list."""
        reading, visits = await self.read(response)
        for visit in visits:
            yield visit
        if not reading.follow:  # a list without pages of its own is all there is
            for listing in reading.listings:
                yield listing
        for url in reading.follow:
            yield Request(url, self.parse_exhibitor, errback=self.failed)
        if reading.next_page and page != self.plan.max_pages:
            yield Request(
                reading.next_page,
                self.parse_exhibitors,
                errback=self.failed,
                cb_kwargs={"page": page + 1},
            )

    async def parse_exhibitor(self, response: Response) -> AsyncIterator[Listing | Visit]:
        """Yield an exhibitor's exhibits."""
        reading, visits = await self.read(response)
        for visit in visits:
            yield visit
        for listing in reading.listings:
            yield listing
