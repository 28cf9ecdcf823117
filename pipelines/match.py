"""Keep what was seen; what stands out becomes a lead: the one step that touches the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from evidence.vault import Vault
from leads import registry
from leads.beijing import BEIJING
from leads.exhibitors import plain
from leads.ledger import Glimpse
from leads.model import Lead, Listing, Visit
from leads.seasonal import watched_names
from leads.sight import Sight
from matchers.engine import Engine
from pipelines.crowds import Crowds
from pipelines.looking import Eyes, Wanted, eyes_of, missing, sights_of, wanted
from pipelines.work import work_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger("markwatch.pictures")

MOST_WAITING = 5000
"""Listings that wait for their pictures to be looked at; the rest is left for a later rematch."""


@lru_cache(maxsize=1)
def _engine_of(config: str) -> Engine:
    """Return the engine over a config folder; all sites of a night share it."""
    return Engine(registry.load(config))


def _sellers(
    shown: Mapping[str, Mapping[str, str | None]],
) -> Iterator[tuple[str, Iterable[str]]]:
    for source, where in shown.items():
        yield source, filter(None, where.values())


class Match:
    """Stores every listing and visit, matches listings, writes their leads.

    A listing is matched by its text at once, and again when its pictures were looked at, which
    happens beside the crawl. What a crawl that is broken off leaves is taken up when its run is;
    what one that is too fast leaves, the ledger knows, and ``markwatch rematch --pictures`` does.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.work = work_of(crawler)
        self.store = self.work.store
        self.engine = _engine_of(settings["MARKWATCH_CONFIG"]).excluding(self.store.exclusions())
        today = datetime.now(BEIJING).date()
        self.campaigns = watched_names(self.work.site, today, self.engine.registry)
        """Names that a campaign watches now: listings that bear one are looked at again sooner."""
        self.met: dict[str, set[str]] = {}
        """By exclusion the listings it met."""
        self.shown = {source: dict(where) for source, where in self.work.shown().items()}
        self.crowds = Crowds(before=_sellers(self.shown))
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
        """Take up the pictures that an earlier process of this run did not come to."""
        for ref in self.work.unlooked():
            if known := self.store.known(self.work.site, ref):
                self._look_later(known.listing, set(), whatever=True)

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
            self._weigh_again(source)
        for exclusion, refs in self.met.items():
            self.crawler.stats.set_value(f"excluded/{exclusion}", len(refs))

    def process_item(self, item: Listing | Visit | Glimpse) -> Listing | Visit | Glimpse:
        """Store the item; match it if it is a listing."""
        if isinstance(item, Visit):
            self.store.visit(item)
        elif isinstance(item, Glimpse):
            (self.store.still if item.there else self.store.missed)(item.site, item.refs, item.at)
            self.work.glimpsed(item)
        else:
            self._take(item)
        return item

    def _take(self, listing: Listing) -> None:
        self.store.see(listing)
        leads = self._leads(listing, sights_of(listing, self.store))
        self.store.put(leads)
        self.crawler.stats.inc_value("leads", len(leads))
        at = listing.captured_at or datetime.now(UTC)
        waits = self._look_later(listing, {lead.id for lead in leads})
        title = plain(listing.title)
        watched = any(name in title for name in self.campaigns)
        self.work.took(listing, at, len(leads), looked=not waits, campaign=watched)

    def _look_later(self, listing: Listing, told: set[str], *, whatever: bool = False) -> bool:
        """Have a listing's pictures looked at beside the crawl; tell whether there is need.

        ``whatever`` is known of them, it is then matched: a kill may have come in between.
        """
        if self.eyes is None:
            return False
        asked = wanted(listing, sights_of(listing, self.store), self.eyes.version)
        if (asked or whatever) and len(self._waiting) < MOST_WAITING:
            task = asyncio.ensure_future(self._look(listing, asked, self.eyes, told))
            self._waiting.add(task)
            task.add_done_callback(self._done)
        elif asked:
            self.crawler.stats.inc_value("pictures/left", len(asked))
        return bool(asked)

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
        self.work.looked(listing, len(leads))
        self.crawler.stats.inc_value("leads", len({lead.id for lead in leads} - told))

    def _leads(self, listing: Listing, sights: Mapping[str, Sight]) -> tuple[Lead, ...]:
        weighed = self.crowds.weighed(listing, sights)
        sources = {match.source for sight in sights.values() for match in sight.matches}
        self.work.shows(listing, sources)
        for source in sources:
            self.shown.setdefault(source, {})[listing.key[1]] = listing.seller_key
        matched = self.engine.match(listing, datetime.now(UTC), weighed)
        for exclusion in matched.exclusions:
            self.met.setdefault(exclusion, set()).add(listing.key[1])
        return matched.leads

    def _weigh_again(self, source: str) -> None:
        """Match again what shows a crowded reference: the first were matched as if it were not."""
        for ref in list(self.shown[source]):
            if known := self.store.known(self.work.site, ref):
                self.store.put(self._leads(known.listing, sights_of(known.listing, self.store)))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._waiting.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("图片识别出错", exc_info=error)
            self.crawler.stats.inc_value("errors")
