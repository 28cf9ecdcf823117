"""Pictures are fetched once each into the vault; a picture that fails never costs a listing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.utils.datatypes import LocalCache

from evidence.exhibit import picture_type
from evidence.vault import Vault
from leads.ledger import Glimpse
from leads.model import Evidence, Listing, Picture, Visit
from pipelines.work import work_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger("markwatch.pictures")

MAX_BYTES = 10 * 1024 * 1024
"""No shop photo is larger; what is, is refused while it downloads."""

# As crawlers.spider has it; pipelines and crawlers do not import each other.
NOT_FETCHED = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)


class Pictures:
    """Adds to each picture of a listing the digest of its captured bytes.

    Listings that share an address share one download; Scrapy's duplicate filter, which would
    swallow the second request and its listing with it, is not in the way here. What was fetched on
    an earlier night and lies in the vault is not fetched again while the schedule trusts it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.memory = work_of(crawler).memory
        self.vault = Vault(crawler.settings["MARKWATCH_VAULT"])
        self._digests: LocalCache[str, asyncio.Task[str | None]] = LocalCache(limit=10_000)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler, whose downloader and middlewares fetch the pictures."""
        return cls(crawler)

    async def process_item(self, item: Listing | Visit | Glimpse) -> Listing | Visit | Glimpse:
        """Return the listing with the digest of each picture that came."""
        if not isinstance(item, Listing) or not item.pictures:
            return item
        pictures = await asyncio.gather(*map(self._with_digest, item.pictures))
        return item.model_copy(update={"pictures": tuple(pictures)})

    async def _with_digest(self, picture: Picture) -> Picture:
        url = picture.url
        if not url or not url.startswith(("http://", "https://")):
            return picture
        if url not in self._digests:
            self._digests[url] = asyncio.ensure_future(self._fetch(url))
        return picture.model_copy(update={"sha256": await self._digests[url]})

    async def _fetch(self, url: str) -> str | None:
        """Return the digest of what lies at ``url``, or None if no picture is to be had."""
        known = self.memory.picture(url)
        if known and self.vault.has(known):
            return known
        request = Request(url, meta={"download_maxsize": MAX_BYTES})
        try:
            response = await self.crawler.engine.download_async(request)
        except NOT_FETCHED as error:
            fault: str | None = str(error) or type(error).__name__
        else:
            fault = None if response.status == 200 else f"HTTP {response.status}"
            if fault is None and picture_type(response.body):
                evidence: Evidence = response.meta["evidence"]
                self.memory.keep_picture(url, evidence.sha256)
                self.crawler.stats.inc_value("pictures/ok")
                return evidence.sha256
        self.crawler.stats.inc_value("pictures/failed")
        log.info("%s：图片未取得（%s）", url, fault or "内容不是图片")
        return None
