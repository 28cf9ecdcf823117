"""Fetches pages through Chromium, each in a context of its own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page
from playwright.async_api import Request as BrowserRequest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy_playwright.handler import Config, ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawlers.browser import Unrendered, domains, is_root
from crawlers.egress import Egress
from crawlers.wire import Recorded

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger("markwatch.browser")

WANTED = {"document", "script", "stylesheet", "xhr", "fetch"}
"""Kinds of files a page is given; pictures are fetched by the pipeline, if at all."""
SETTLED = 10_000
"""Milliseconds that scripts get to fall silent (no request for half a second)."""

CLOSING = 10
"""Seconds that closing a page may take, whatever its scripts are doing."""


def unwanted(request: BrowserRequest) -> bool:
    """Tell whether the browser is to go without a file; where it may go is the egress's matter."""
    return request.resource_type not in WANTED


class Walled(PlaywrightBrowserProvider):  # type: ignore[misc]  # scrapy-playwright is untyped
    """Starts nothing until the first page asks, then Chromium with the egress as its only way."""

    def __init__(self, config: Config, egress: Egress) -> None:
        super().__init__(config)
        self.egress = egress
        self.proxy: str | None = None

    async def start(self) -> None:
        """Wait for the first page: most crawls need no browser."""

    async def launch_browser(self) -> Browser:
        """Start the browser, or start it anew after a crash."""
        if self.proxy is None:
            if is_root():
                log.warning("以 root 身份运行，Chromium 无法启用沙箱；请改用普通用户采集")
            self.proxy = await self.egress.open()
            await super().start()
        proxy = {"server": self.proxy, "bypass": "<-loopback>"}  # loopback too goes to the proxy
        browser: Browser = await self.browser_type.launch(proxy=proxy, **self.config.launch_options)
        return browser

    async def close(self) -> None:
        """End the browser, then the proxy."""
        await super().close()
        if self.proxy is not None:
            await self.egress.close()


class Rendering(ScrapyPlaywrightDownloadHandler, Recorded):  # type: ignore[misc]  # scrapy-playwright is untyped
    """Download handler that hands requests with ``meta["playwright"]`` to the browser.

    They come one at a time: :meth:`crawlers.spider.SiteSpider.read` sees to it.
    Their response is the DOM when the scripts fell silent. Whatever goes wrong in the browser is
    :class:`crawlers.browser.Unrendered`: a matter of that page, never of the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self.egress = Egress(
            domains(crawler.spider.site),  # type: ignore[union-attr]
            settings.getlist("MARKWATCH_PRACTICE_HOSTS"),
        )
        self.browser_provider_cls = partial(Walled, egress=self.egress)
        self._largest = settings.getint("DOWNLOAD_MAXSIZE")
        self._context = {
            "user_agent": settings["USER_AGENT"],
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "service_workers": "block",
            "accept_downloads": False,
        }

    async def download_request(self, request: Request) -> Response:
        """Fetch a page, in the browser if it is asked for."""
        if not request.meta.get("playwright"):
            return await self._fetch(request)
        seconds = request.meta["download_timeout"]
        self.egress.denied.clear()
        try:
            async with asyncio.timeout(seconds):
                response = await self._render(request)
        except TimeoutError as late:
            raise Unrendered(f"浏览器在 {seconds:.0f} 秒内未能读完") from late
        except Exception as error:
            raise Unrendered(self._told(error)) from error
        finally:
            self.stats.inc_value("browser/pages")
            self.stats.inc_value("browser/denied", len(self.egress.denied))
        if len(response.body) > self._largest:
            raise Unrendered("浏览器中的页面超过大小上限")
        return response

    async def _fetch(self, request: Request) -> Response:
        response: Response = await super().download_request(request)
        return response

    async def _render(self, request: Request) -> Response:
        request.meta.update(
            playwright_context_kwargs=self._context,
            playwright_page_goto_kwargs={"wait_until": "domcontentloaded"},
            playwright_page_methods=[PageMethod(_settled)],
            playwright_include_page=True,  # or every failure is logged with a traceback
        )
        try:
            response = await self._fetch(request)
        finally:
            request.meta.pop("playwright_page", None)
            async with asyncio.timeout(CLOSING):
                for held in tuple(self.context_wrappers.values()):
                    await held.context.close()
        if not response.url.startswith(("http://", "https://")):
            raise ValueError(f"页面转向 {response.url}")  # such as Chromium's own page of an error
        # The DOM was written out anew, and the browser only knows the proxy's address.
        headers = {
            **response.headers,
            "Content-Type": f"text/html; charset={cast(TextResponse, response).encoding}",
        }
        return response.replace(headers=headers, ip_address=self._peer(response.url))

    def _peer(self, url: str) -> IPv4Address | IPv6Address | None:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self.egress.peers.get(f"{parts.hostname}:{port}")
        return ip_address(address) if address else None

    def _told(self, error: Exception) -> str:
        first = str(error).partition("\n")[0] or type(error).__name__
        denied = dict.fromkeys(self.egress.denied[:3])
        return "；".join([f"浏览器未能打开该页（{first}）", *denied])


async def _settled(page: Page) -> None:
    with suppress(PlaywrightTimeoutError):  # a page that never falls silent is taken as it is
        await page.wait_for_load_state("networkidle", timeout=SETTLED)
