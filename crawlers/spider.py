"""What every spider shares: reading a response with the extractors, noting what came of a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.capture import evidence_of
from crawlers.extract import extract
from crawlers.guard import Refused
from crawlers.page import Page, Reading
from crawlers.unpack import Packed
from leads.model import Listing, Seller, Verdict, Visit
from leads.site import Site

FAILURES_ZH: dict[type[Exception], str] = {
    DownloadTimeoutError: "超时未应答",
    DownloadConnectionRefusedError: "连接被拒绝",
    CannotResolveHostError: "主机名无法解析",
    DownloadCancelledError: "内容超过大小上限，已中止",
    ResponseDataLossError: "内容不完整",
    DownloadFailedError: "下载失败",
    IgnoreRequest: "重定向次数过多，未跟随",  # the one refusal of Scrapy's own that is left
}
"""What an officer reads; what an engineer needs of it is in the log."""
NOT_FETCHED: tuple[type[Exception], ...] = tuple(FAILURES_ZH)


class SiteSpider(Spider):
    """A spider for one entry of ``config/sites``; knows listings, sellers and visits, no markup."""

    name = "site"

    def __init__(self, site: Site, queries: Sequence[str] = (), max_pages: int = 0) -> None:
        super().__init__(self.name)
        self.site = site
        self.queries = tuple(queries)
        self.max_pages = max_pages
        """Pages of one result list; 0 for all."""
        self._shops: dict[str, asyncio.Task[tuple[Seller | None, Visit]]] = {}

    def read(self, response: Response) -> Reading:
        """Read a response; its listings carry the capture they were read from."""
        evidence = evidence_of(response)
        reading = extract(
            Page(response.body, url=response.url, content_type=evidence.media_type),
            site=self.site.id,
        )
        stamped = tuple(
            listing.model_copy(update={"captured_at": evidence.captured_at, "capture": evidence.id})
            for listing in reading.listings
        )
        return Reading(**{**vars(reading), "listings": stamped})

    def visit(self, url: str, reading: Reading) -> Visit:
        """Note what came of a page that was read."""
        return Visit(
            site=self.site.id,
            url=url,
            verdict=reading.verdict,
            reason=reading.reason,
            listings=len(reading.listings),
            at=datetime.now(UTC),
        )

    def failure(self, error: BaseException | None, url: str) -> Visit:
        """Note a page that could not be fetched."""
        verdict, reason = _why(error)
        return Visit(
            site=self.site.id, url=url, verdict=verdict, reason=reason, at=datetime.now(UTC)
        )

    def failed(self, failure: Failure) -> Iterator[Visit]:
        """Errback of a request that leads to nothing else."""
        yield self.failure(failure.value, asked(failure.request))  # type: ignore[attr-defined]  # set by Scrapy

    async def with_shop(self, listing: Listing) -> tuple[Listing, Visit | None]:
        """Return the listing with what its shop's own page says of the seller.

        Each shop page is fetched once; the visit is returned to who asked first. A shop page that
        cannot be had leaves the listing as it was.
        """
        url = listing.seller.url if listing.seller else None
        if listing.seller is None or url is None:
            return listing, None
        first = url not in self._shops
        if first:
            self._shops[url] = asyncio.ensure_future(self._shop(url))
        shop, visit = await self._shops[url]
        if shop is not None:
            listing = listing.model_copy(update={"seller": merged(listing.seller, shop)})
        return listing, visit if first else None

    async def _shop(self, url: str) -> tuple[Seller | None, Visit]:
        try:
            response = await self.crawler.engine.download_async(Request(url))
        except NOT_FETCHED as error:
            return None, self.failure(error, url)
        reading = self.read(response)
        return reading.seller, self.visit(url, reading)


def merged(outline: Any, detail: Any) -> Any:
    """Return ``detail`` with what only ``outline`` knows; both are records of one type."""
    missing = {
        name: value
        for name in type(detail).model_fields
        if getattr(detail, name) in (None, ()) and (value := getattr(outline, name))
    }
    return detail.model_copy(update=missing)


def asked(request: Request) -> str:
    """Return the address that was asked for first, before redirects led elsewhere."""
    return cast(str, request.meta.get("redirect_urls", [request.url])[0])


def _why(error: BaseException | None) -> tuple[Verdict, str]:
    if isinstance(error, HttpError):
        status = error.response.status
        if status in (401, 403, 429):
            return Verdict.BLOCKED, f"网站拒绝访问（HTTP {status}），已停止该页，待人工处理"
        if 300 <= status < 400:
            return Verdict.FAILED, f"网页转向不允许访问的地址，未跟随（HTTP {status}）"
        return Verdict.FAILED, f"网站返回错误（HTTP {status}）"
    if isinstance(error, Refused | Packed):
        return Verdict.FAILED, str(error)
    for kind, reason in FAILURES_ZH.items():
        if isinstance(error, kind):
            return Verdict.FAILED, reason
    return Verdict.FAILED, f"{type(error).__name__}: {error}"
