"""What a site asks of its visitors is done: Crawl-delay, Retry-After, and stopping when blocked."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawlers.spider import SiteSpider
from leads.model import Verdict, Visit

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

log = logging.getLogger("markwatch.crawl")

LONGEST_PAUSE = 600.0
"""Seconds; a site that asks for more has blocked us for this night."""
BLOCKED_IN_A_ROW = 5
"""Pages; then the crawl of the site stops and the rest waits for a person."""


class Politeness:
    """Extension: honours Crawl-delay, and stops a crawl that is blocked again and again."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._blocked = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to robots.txt and to visits."""
        politeness = cls(crawler)
        crawler.signals.connect(politeness.robots, signals.robots_parsed)
        crawler.signals.connect(politeness.scraped, signals.item_scraped)
        return politeness

    def robots(self, robotparser: RobotParser, request: Request) -> None:
        """Slow down to the Crawl-delay that robots.txt asks for."""
        agent = self.crawler.settings["ROBOTSTXT_USER_AGENT"]
        wanted = robotparser.crawl_delay(agent)
        slot = downloader(self.crawler).slots.get(urlsplit(request.url).hostname or "")
        if wanted is None or slot is None or wanted <= slot.delay:
            return
        slot.delay, slot.jitter = wanted, 0.0
        throttle = self.crawler.get_extension(AutoThrottle)
        if throttle is not None:
            throttle.mindelay = max(throttle.mindelay, wanted)

    async def scraped(self, item: Any) -> None:
        """Count pages blocked in a row; at :data:`BLOCKED_IN_A_ROW` end the crawl."""
        if not isinstance(item, Visit):
            return
        self._blocked = self._blocked + 1 if item.verdict is Verdict.BLOCKED else 0
        if self._blocked == BLOCKED_IN_A_ROW:
            log.info("%s：连续 %d 页被拦截，停止采集", item.site, self._blocked)
            await self.crawler.engine.close_spider_async(reason="blocked")


class RetryAfter:
    """Downloader middleware: a site that says when to come back is left alone until then."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler, whose downloader waits."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Hold the site's queue for the time that 429 or 503 asks for (RFC 9110, 10.2.3)."""
        pause = seconds(response.headers.get("Retry-After"), datetime.now(UTC))
        if response.status in (429, 503) and pause:
            slot = downloader(self.crawler).slots.get(request.meta.get("download_slot", ""))
            if slot is not None:
                slot.delay = slot.delay or 0.001  # the downloader waits only where there is a delay
                slot.lastseen = monotonic() + min(pause, LONGEST_PAUSE) - slot.delay
                log.info("%s：网站请求 %d 秒后再来", request.url, pause)
        return response


class Robots(RobotsTxtMiddleware):
    """robots.txt is obeyed, but for paths that a decision on record opens."""

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # no spider
        """Ask robots.txt, unless the site's terms say otherwise for this path today."""
        terms = cast(SiteSpider, self.crawler.spider).site.terms
        path = urlsplit(request.url).path
        if terms and terms.may_read(path, datetime.now(UTC).date()):
            log.info(
                "%s：依据 %s（批准人 %s）读取 robots.txt 未开放的路径",
                request.url,
                terms.robots.legal_basis if terms.robots else "",
                terms.robots.approver if terms.robots else "",
            )
            return
        await super().process_request(request)


def seconds(header: bytes | None, now: datetime) -> float:
    """Return the pause that a Retry-After header asks for, 0 for none or a malformed one."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def downloader(crawler: Crawler) -> Downloader:
    """Return the running downloader."""
    return crawler.engine.downloader
