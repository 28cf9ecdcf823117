"""A marketplace with search, item and shop pages, on any software the extractors know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from urllib.parse import quote, urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.spider import SiteSpider, merged
from leads.ledger import Glimpse
from leads.model import Listing, Visit


class MarketSpider(SiteSpider):
    """Search -> item -> shop. What the search page says stands where an item page fails."""

    name = "market"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of every query, in the order given, then for what is due."""
        for number, query in enumerate(self.plan.queries):
            address = (self.site.search or "").replace("{query}", quote(query, safe=""))
            yield Request(
                urljoin(str(self.site.url), address),
                self.parse_search,
                errback=self.failed,
                cb_kwargs={"number": number, "page": 1},
                priority=-number,  # what a query found is read before the next is asked
            )
        async for request in self.recrawls():
            yield request

    async def parse_search(
        self, response: Response, number: int, page: int
    ) -> AsyncIterator[Request | Listing | Visit | Glimpse]:
        """Follow the results of query ``number`` that are not known or due, then the next page."""
        reading, visits = await self.read(response)
        for visit in visits:
            yield visit
        listed = once(reading.listings)
        current = [one for one in listed if one.url and self.work.memory.current(one)]
        if current:
            yield self.glimpse(*(one.key[1] for one in current), there=True)
        for listing in listed:
            if listing in current:
                continue
            if listing.url is None:
                yield listing
                continue
            yield Request(
                listing.url,
                self.parse_item,
                errback=self.item_failed,
                cb_kwargs={"outline": listing},
                priority=1,
            )
        if reading.next_page and page != self.plan.max_pages:
            yield Request(
                reading.next_page,
                self.parse_search,
                errback=self.failed,
                cb_kwargs={"number": number, "page": page + 1},
                priority=-number,
            )

    async def parse_item(
        self, response: Response, outline: Listing
    ) -> AsyncIterator[Listing | Visit]:
        """Yield the listing as its own page has it, with the seller as the shop page has it."""
        reading, visits = await self.read(response)
        for visit in visits:
            yield visit
        for listing in reading.listings or (outline,):
            same = outline.ref is None or listing.ref in (None, outline.ref)
            whole, visits = await self.with_shop(merged(outline, listing) if same else listing)
            for visit in visits:
                yield visit
            yield whole

    def item_failed(self, failure: Failure) -> Iterator[Listing | Visit]:
        """Keep what the search page said of an item whose own page cannot be had."""
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        yield self.failure(failure.value, request)
        yield request.cb_kwargs["outline"]


def once(listings: Iterable[Listing]) -> Collection[Listing]:
    """Return each listing of a list once, at the shortest of its addresses, in their order.

    The longer ones are advertisements', which count clicks: whichever came first, the same is kept.
    """
    found: dict[str, Listing] = {}
    for one in listings:
        name = one.ref or one.url or one.title
        known = found.setdefault(name, one)
        if one.url and len(one.url) < len(known.url or one.url + " "):
            found[name] = one
    return found.values()
