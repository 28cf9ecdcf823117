"""What every spider shares: reading a response with the extractors, noting what came of a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import Any, TypeVar, cast

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

from crawlers.browser import Unrendered
from crawlers.capture import evidence_of
from crawlers.conditional import page_of
from crawlers.extract import extract
from crawlers.frontier import TASK
from crawlers.guard import Refused
from crawlers.page import Page, Reading
from crawlers.unpack import Packed
from crawlers.wire import asked
from leads.beijing import BEIJING
from leads.ledger import ITEM, Glimpse, Plan, Work
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
PAGES_LEFT = "pages/left"
"""Statistic: pages of the day's budget that are not spent; None for a site without."""
PAUSE = 0.2
"""Seconds between two looks at whether the lists are done."""
NOT_FETCHED: tuple[type[Exception], ...] = tuple(FAILURES_ZH)


class SiteSpider(Spider):
    """A spider for one entry of ``config/sites``; knows listings, sellers and visits, no markup."""

    name = "site"

    def __init__(self, site: Site, work: Work, plan: Plan) -> None:
        super().__init__(self.name)
        self.site = site
        self.work = work
        self.plan = plan
        self._shops: dict[str, asyncio.Task[tuple[Seller | None, tuple[Visit, ...]]]] = {}
        self._browsed = 0
        self._turn = asyncio.Lock()
        """The browser opens one page at a time."""

    async def recrawls(self) -> AsyncIterator[Request]:
        """Ask for the known listings that are due.

        Lists go first, for they may bring them: until nothing else is left, or just the pages that
        these need. Then they come before what the lists have named.
        """
        while self._busy() and self._pages_left() > len(self.plan.recrawls):
            await asyncio.sleep(PAUSE)
        for due in self.plan.recrawls:
            yield Request(
                due.url,
                self.parse_again,
                errback=self.not_there,
                cb_kwargs={"ref": due.ref},
                priority=2,
            )

    def _pages_left(self) -> float:
        """Return for how many pages the site's terms have room today."""
        if self.site.terms is None:
            return inf
        in_time = self.site.terms.seconds_left(datetime.now(BEIJING)) / self.site.terms.delay
        pages: int = self.crawler.stats.get_value(PAGES_LEFT)
        return min(pages, in_time)

    async def parse_again(
        self, response: Response, ref: str
    ) -> AsyncIterator[Listing | Visit | Glimpse]:
        """Yield a known listing as its page has it now, or that it is gone."""
        reading, visits = await self.read(response)
        for visit in visits:
            yield visit
        own = [listing for listing in reading.listings if ref in (listing.ref, listing.url)]
        if reading.gone:
            yield self.glimpse(ref, there=False)
        elif not own:
            self.work.memory.unseen(ref)
        for listing in own:
            whole, visits = await self.with_shop(merged(self._known(ref, listing), listing))
            for visit in visits:
                yield visit
            yield whole

    def not_there(self, failure: Failure) -> Iterator[Visit | Glimpse]:
        """Note a known listing whose page is not found; any other failure says nothing of it."""
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        yield self.failure(failure.value, request)
        ref = request.cb_kwargs["ref"]
        if isinstance(failure.value, HttpError) and failure.value.response.status in (404, 410):
            yield self.glimpse(ref, there=False)
        else:
            self.work.memory.unseen(ref)

    def glimpse(self, *refs: str, there: bool) -> Glimpse:
        """Note listings that were seen in a list as they were, or that are gone."""
        return Glimpse(site=self.site.id, refs=refs, at=datetime.now(UTC), there=there)

    def _known(self, ref: str, now: Listing) -> Listing:
        """Return what a list told of a listing and some item pages do not: seller and price.

        A price that a page leaves out has not changed.
        """
        known = self.work.store.known(self.site.id, ref)
        told = {name: getattr(known.listing, name) for name in ("seller", "price") if known}
        return Listing(site=self.site.id, ref=now.ref, url=now.url, title=now.title, **told)

    def _busy(self) -> bool:
        slot: Any = self.crawler.engine._slot  # no public name tells what is under way
        return bool(slot.inprogress) or slot.scheduler.has_pending_requests()

    async def read(self, response: Response) -> tuple[Reading, tuple[Visit, ...]]:
        """Read a response, and once more through the browser where its scripts make the page.

        The listings carry the capture they were read from. Each way to the page is a visit.
        """
        reading = self._read(response)
        visit = self.visit(response, reading)
        if not reading.needs_browser:
            return reading, (visit,)
        asked_for = [asked(cast(Request, response.request))]  # one page, whichever way it is read
        meta = {"playwright": True, "dont_retry": True, "redirect_urls": asked_for}
        request = Request(response.url, meta=meta)
        async with self._turn:
            if not self._may_browse():
                return reading, (visit,)
            try:
                rendered = await self._fetch(request)
            except NOT_FETCHED as error:
                return reading, (visit, self.failure(error, request))
        reading = self._read(rendered)
        if reading.needs_browser:
            reading = replace(reading, reason="用浏览器打开后仍没有商品信息")
        return reading, (visit, self.visit(rendered, reading))

    def _may_browse(self) -> bool:
        """Take one page from the browser's budget, if there is a browser and a page left."""
        slot = self.crawler.engine._slot  # no public name tells that a crawl is ending
        if slot is None or slot.closing is not None:
            return False
        if (
            not self.settings.getbool("MARKWATCH_BROWSER")
            or self._browsed == self.site.browser_pages
        ):
            self.crawler.stats.inc_value("browser/left")
            return False
        self._browsed += 1
        return True

    async def _fetch(self, request: Request) -> Response:
        response = await self.crawler.engine.download_async(request)
        if not 200 <= response.status < 300:
            raise HttpError(response)
        return response

    def _read(self, response: Response) -> Reading:
        evidence = evidence_of(response)
        reading = extract(
            Page(response.body, url=response.url, content_type=evidence.media_type),
            site=self.site.id,
        )
        stamped = tuple(
            listing.model_copy(update={"captured_at": evidence.captured_at, "capture": evidence.id})
            for listing in reading.listings
        )
        if reading.verdict is Verdict.OK and _item_at_its_address(response):
            page = page_of(response, evidence.sha256, evidence.media_type)
            if page:
                self.work.memory.keep_page(page)
        return replace(reading, listings=stamped)

    def visit(self, response: Response, reading: Reading) -> Visit:
        """Note what came of a page that was read, at the address asked for: not at the log-in."""
        return Visit(
            site=self.site.id,
            url=asked(cast(Request, response.request)),
            verdict=reading.verdict,
            reason=reading.reason,
            listings=len(reading.listings),
            door="browser" if response.meta.get("playwright") else "http",
            at=datetime.now(UTC),
        )

    def failure(self, error: BaseException | None, request: Request) -> Visit:
        """Note a page that could not be fetched."""
        verdict, reason = _why(error)
        return Visit(
            site=self.site.id,
            url=asked(request),
            verdict=verdict,
            reason=reason,
            door="browser" if request.meta.get("playwright") else "http",
            at=datetime.now(UTC),
        )

    def failed(self, failure: Failure) -> Iterator[Visit]:
        """Errback of a request that leads to nothing else."""
        yield self.failure(failure.value, failure.request)  # type: ignore[attr-defined]  # set by Scrapy

    async def with_shop(self, listing: Listing) -> tuple[Listing, tuple[Visit, ...]]:
        """Return the listing with what its shop's own page says of the seller.

        Each shop page is fetched once; its visits are returned to who asked first. A shop page that
        cannot be had leaves the listing as it was.
        """
        url = listing.seller.url if listing.seller else None
        if listing.seller is None or url is None:
            return listing, ()
        first = url not in self._shops
        if first:
            self._shops[url] = asyncio.ensure_future(self._shop(url))
        shop, visits = await self._shops[url]
        if shop is not None:
            listing = listing.model_copy(update={"seller": merged(listing.seller, shop)})
        return listing, visits if first else ()

    async def _shop(self, url: str) -> tuple[Seller | None, tuple[Visit, ...]]:
        request = Request(url)
        try:
            response = await self._fetch(request)
        except NOT_FETCHED as error:
            return None, (self.failure(error, request),)
        reading, visits = await self.read(response)
        return reading.seller, visits


R = TypeVar("R", Listing, Seller)


def merged(outline: R, detail: R) -> R:
    """Return ``detail`` with what only ``outline`` knows, of the seller too."""
    known: dict[str, Any] = {
        name: value
        for name in type(detail).model_fields
        if getattr(detail, name) in (None, ()) and (value := getattr(outline, name))
    }
    if isinstance(detail, Listing) and isinstance(outline, Listing) and detail.seller:
        known["seller"] = merged(outline.seller or detail.seller, detail.seller)
    return detail.model_copy(update=known)


def _item_at_its_address(response: Response) -> bool:
    request = cast(Request, response.request)
    item = request.meta.get(TASK, "").startswith(ITEM)
    return bool(item and request.url == response.url == asked(request))


def _why(error: BaseException | None) -> tuple[Verdict, str]:
    if isinstance(error, HttpError):
        status = error.response.status
        if status in (401, 403, 429):
            return Verdict.BLOCKED, f"网站拒绝访问（HTTP {status}），已停止该页，待人工处理"
        if 300 <= status < 400:
            return Verdict.FAILED, f"网页转向不允许访问的地址，未跟随（HTTP {status}）"
        return Verdict.FAILED, f"网站返回错误（HTTP {status}）"
    if isinstance(error, Refused | Packed | Unrendered):
        return Verdict.FAILED, str(error)
    for kind, reason in FAILURES_ZH.items():
        if isinstance(error, kind):
            return Verdict.FAILED, reason
    return Verdict.FAILED, f"{type(error).__name__}: {error}"
