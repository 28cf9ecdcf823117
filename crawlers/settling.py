"""From time to time what the crawl has brought is made safe, and only then noted as done."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import Request, signals
from twisted.python.failure import Failure

from crawlers.frontier import TASK, Frontier
from crawlers.spider import SiteSpider
from leads.ledger import Stage
from leads.store import StoreError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

log = logging.getLogger("markwatch.crawl")

EVERY = 1.0
"""Seconds of work that a kill, a power cut or a stop may have done again."""


class Settling:
    """Extension that settles the finished requests of a site in the ledger.

    A stop (Ctrl-C, the end of the window) is as good as a kill: what was still under way is done
    again when the run is taken up, for its pictures or its shop may have been refused.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._over = asyncio.Event()
        self._reason: str | None = None
        self._idle = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to beginning and end, to pages, and to what went wrong."""
        settling = cls(crawler)
        crawler.signals.connect(settling.opened, signals.spider_opened)
        crawler.signals.connect(settling.idle, signals.spider_idle)
        crawler.signals.connect(settling.closed, signals.spider_closed)
        crawler.signals.connect(settling.received, signals.response_received)
        crawler.signals.connect(settling.unread, signals.spider_error)
        crawler.signals.connect(settling.unkept, signals.item_error)
        return settling

    def opened(self, spider: SiteSpider) -> None:
        """Settle from now on."""
        self.work = spider.work
        self._settling = asyncio.ensure_future(self._settle_again())

    def idle(self) -> None:
        """Remember that nothing is left to ask for; pictures may still be looked at."""
        self._idle = True

    async def closed(self, reason: str) -> None:
        """Settle a last time, if the crawl came to its end; note why it ended."""
        self._reason = reason if self.crawler.engine.running else "shutdown"
        self._over.set()
        await self._settling
        await asyncio.to_thread(os.sync)
        self.work.finish(self._reason)
        self.crawler.stats.set_value("markwatch/finish", self._reason)

    def received(self, request: Request) -> None:
        """Note that a page came."""
        if TASK in request.meta:
            self.work.fetched(request.meta[TASK])

    def unread(self, response: Response | Failure | None) -> None:
        """Note that a page could not be read to its end, for a fault of ours."""
        self._broke(response, Stage.FETCHED)

    def unkept(self, response: Response | Failure | None) -> None:
        """Note that something of a page could not be kept."""
        self._broke(response, Stage.PARSED)

    def _broke(self, response: Any, stage: Stage) -> None:
        if response is not None and TASK in response.request.meta:  # else of spider.start()
            self.work.broken(response.request.meta[TASK], stage)

    async def _settle_again(self) -> None:
        while self._reason is None:
            try:
                await asyncio.wait_for(self._over.wait(), EVERY)
            except TimeoutError:
                if self._idle or self._slot.closing is None:
                    await self._settle()
        if self._idle:
            await self._settle()

    async def _settle(self) -> None:
        under_way = {request.meta.get(TASK) for request in self._slot.inprogress}
        frontier = cast(Frontier, self._slot.scheduler)
        batch = self.work.batch(frontier.finished(under_way))
        if not batch.writes:
            return
        try:
            self.work.store.flush()
            await asyncio.to_thread(os.sync)
            self.work.write(batch)
        except StoreError as error:  # kept for the next time
            self.work.restore(batch)
            self.crawler.stats.inc_value("errors")
            log.error("%s：%s", self.work.site, error)

    @property
    def _slot(self) -> Any:
        return self.crawler.engine._slot  # no public name tells what is still under way
