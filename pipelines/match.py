"""Keep what was seen; what stands out becomes a lead: the one step that touches the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from evidence.vault import Vault
from leads import registry
from leads.model import Lead, Listing, Visit
from leads.sight import Sight
from leads.store import open_store
from matchers.engine import Engine
from pipelines.crowds import Crowds
from pipelines.looking import Eyes, Wanted, eyes_of, missing, sights_of, wanted

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger("markwatch.pictures")

MOST_WAITING = 5000
"""Listings that wait for their pictures to be looked at; the rest is left for a later rematch."""


@lru_cache(maxsize=1)
def _engine_of(config: str) -> Engine:
    """Return the engine over a config folder; all sites of a night share it."""
    return Engine(registry.load(config))


class Match:
    """Stores every listing and visit, matches listings, writes their leads.

    A listing is matched by its text at once, and again when its pictures were looked at, which
    happens beside the crawl. What a crawl that is broken off, or too fast, leaves is in the store
    and the vault: ``markwatch rematch --pictures`` takes it up.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.engine = _engine_of(settings["MARKWATCH_CONFIG"])
        self.crowds = Crowds()
        self.vault = Vault(settings["MARKWATCH_VAULT"])
        self.eyes = None
        if why := missing():
            log.warning("图片未作识别：%s", why)
        else:
            self.eyes = eyes_of(settings["MARKWATCH_CONFIG"], settings["MARKWATCH_VAULT"])
        self._waiting: set[asyncio.Task[None]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Load what is watched."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the store for the length of the crawl."""
        self.store = open_store(self.crawler.settings["MARKWATCH_STORE"])

    async def close_spider(self) -> None:
        """Wait until the pictures were looked at, unless the crawl is stopped; then finish."""
        if self._waiting:
            log.info("%d 条商品的图片尚在识别", len(self._waiting))
        while self._waiting and self.crawler.engine.running:
            await asyncio.wait(self._waiting, timeout=0.5)
        for task in self._waiting:
            task.cancel()
        for source in self.crowds.crowded:
            log.warning("参照图片 %s 见于过多店铺，请核对是否为公开素材，其命中仅供复核", source)
        self.store.close()

    def process_item(self, item: Listing | Visit) -> Listing | Visit:
        """Store the item; match it if it is a listing."""
        if isinstance(item, Visit):
            self.store.visit(item)
            return item
        self.store.see(item)
        sights = sights_of(item, self.store)
        leads = self._leads(item, sights)
        self.store.put(leads)
        self.crawler.stats.inc_value("leads", len(leads))
        if self.eyes and (asked := wanted(item, sights, self.eyes.version)):
            self._look_later(item, asked, self.eyes, {lead.id for lead in leads})
        return item

    def _look_later(
        self, listing: Listing, asked: Sequence[Wanted], eyes: Eyes, told: set[str]
    ) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self.crawler.stats.inc_value("pictures/left", len(asked))
            return
        task = asyncio.ensure_future(self._look(listing, asked, eyes, told))
        self._waiting.add(task)
        task.add_done_callback(self._done)

    async def _look(
        self, listing: Listing, asked: Sequence[Wanted], eyes: Eyes, told: set[str]
    ) -> None:
        """Look at pictures, keep what they show and match the listing again."""
        looks = [
            asyncio.wrap_future(eyes.look(one.sha256, self.vault.blob(one.sha256), one.depth))
            for one in asked
        ]
        for look in looks:
            self.store.keep_sight(await look)
        leads = self._leads(listing, sights_of(listing, self.store))
        self.store.put(leads)
        self.crawler.stats.inc_value("leads", len({lead.id for lead in leads} - told))

    def _leads(self, listing: Listing, sights: Mapping[str, Sight]) -> tuple[Lead, ...]:
        weighed = self.crowds.weighed(listing, sights)
        return self.engine.leads(listing, datetime.now(UTC), weighed)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._waiting.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("图片识别出错", exc_info=error)
            self.crawler.stats.inc_value("errors")
