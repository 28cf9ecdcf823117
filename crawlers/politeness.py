"""What a site asks of its visitors is done: Crawl-delay, Retry-After, and stopping when blocked."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.guard import Refused
from crawlers.spider import NOT_FETCHED, PAGES_LEFT, SiteSpider
from leads.beijing import BEIJING
from leads.model import Verdict, Visit

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

log = logging.getLogger("markwatch.crawl")

LONGEST_PAUSE = 600.0
"""Seconds; a site that asks for more has blocked us for this night."""
ENDED = "采集已停止，未访问"
BLOCKED_IN_A_ROW = 5
"""Pages; then the crawl of the site stops and the rest waits for a person."""
LARGEST_ROBOTS = 500 * 1024
"""Bytes of robots.txt that are read (RFC 9309, 2.5)."""


class Politeness:
    """Downloader middleware: keeps to a site's terms, and stops a crawl that is not wanted.

    It comes after robots.txt was asked, so that what it counts is really sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._pages_left: int | None = crawler.settings["MARKWATCH_PAGES_LEFT"]
        crawler.stats.set_value(PAGES_LEFT, self._pages_left)
        self._blocked = 0
        self._ended = False
        self._window: asyncio.TimerHandle | None = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to responses, to visits, and to the beginning and the end."""
        politeness = cls(crawler)
        crawler.signals.connect(politeness.opened, signals.spider_opened)
        crawler.signals.connect(politeness.closed, signals.spider_closed)
        crawler.signals.connect(politeness.downloaded, signals.response_downloaded)
        crawler.signals.connect(politeness.scraped, signals.item_scraped)
        return politeness

    def opened(self) -> None:
        """End the crawl when the site's window closes."""
        terms = cast(SiteSpider, self.crawler.spider).site.terms
        if terms is not None:
            left = terms.seconds_left(datetime.now(BEIJING))
            self._window = asyncio.get_running_loop().call_later(left, self._end, "window")

    def closed(self) -> None:
        """Wait for nothing more."""
        if self._window is not None:
            self._window.cancel()

    def process_request(self, request: Request) -> None:
        """Count a page or picture against the site's daily budget; retries and redirects count.

        Raises:
            Refused: the budget is spent, or the crawl has ended.
        """
        if self._ended:
            raise Refused(ENDED)
        if self._pages_left is None or request.meta.get("robots"):
            return
        if self._pages_left == 0:
            self._close("budget")
            raise Refused("当日页数已用完，未访问")
        self._pages_left -= 1
        self.crawler.stats.set_value(PAGES_LEFT, self._pages_left)

    def downloaded(self, response: Response, request: Request) -> None:
        """Hold the site's queue for the time that 429 or 503 asks for (RFC 9110, 10.2.3).

        The signal comes before the downloader takes the next request from the queue. A site that
        asks for more than :data:`LONGEST_PAUSE` is left alone for this crawl.
        """
        pause = seconds(response.headers.get("Retry-After"), datetime.now(UTC))
        if response.status not in (429, 503) or not pause:
            return
        log.info("%s：网站请求 %d 秒后再来", request.url, pause)
        if pause > LONGEST_PAUSE:
            self._end("blocked")
        slot = downloader(self.crawler).slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.delay = slot.delay or 0.001  # the downloader waits only where there is a delay
            slot.lastseen = monotonic() + pause

    def scraped(self, item: Any) -> None:
        """Count pages blocked in a row; at :data:`BLOCKED_IN_A_ROW` end the crawl."""
        if not isinstance(item, Visit):
            return
        self._blocked = self._blocked + 1 if item.verdict is Verdict.BLOCKED else 0
        if self._blocked == BLOCKED_IN_A_ROW:
            log.info("%s：连续 %d 页被拦截，停止采集", item.site, self._blocked)
            self._end("blocked")

    def _end(self, reason: str) -> None:
        """Send nothing more: what waits for its turn is refused, what is under way is finished."""
        self._ended = True
        for slot in downloader(self.crawler).slots.values():
            while slot.queue:
                slot.queue.popleft()[1].errback(Refused(ENDED))
        self._close(reason)

    def _close(self, reason: str) -> None:
        # Not awaited: closing waits for the very page or item that is being handled.
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))


class Robots:
    """Downloader middleware: robots.txt is obeyed, but for paths that a decision on record opens.

    Rules that cannot be had forbid everything, rules that do not exist nothing (RFC 9309, 2.3.1).
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules: dict[str, asyncio.Task[RobotParser | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler, whose downloader fetches robots.txt."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Ask robots.txt of the host, unless the site's terms say otherwise for this path today.

        Raises:
            Refused: the path is closed to us, or the rules cannot be had.
        """
        if request.meta.get("robots") or self._opened(request.url):
            return
        parts = urlsplit(request.url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._rules:
            self._rules[root] = asyncio.ensure_future(self._fetch(root))
        rules = await self._rules[root]
        if rules is None:
            raise Refused("robots.txt 无法取得，按规定不采集")
        if not rules.allowed(request.url, self._agent):
            raise Refused("robots.txt 不允许访问，未采集")

    def _opened(self, url: str) -> bool:
        terms = cast(SiteSpider, self.crawler.spider).site.terms
        decision = terms.robots if terms else None
        day = datetime.now(BEIJING).date()
        if terms is None or decision is None or not terms.may_read(urlsplit(url).path, day):
            return False
        log.info(
            "%s：依据 %s（批准人 %s）读取 robots.txt 未开放的路径",
            url,
            decision.legal_basis,
            decision.approver,
        )
        return True

    async def _fetch(self, root: str) -> RobotParser | None:
        request = Request(f"{root}/robots.txt", priority=1000, meta={"robots": True})
        try:
            response = await self.crawler.engine.download_async(request)
        except NOT_FETCHED as error:
            log.info("%s：robots.txt 无法取得（%s）", request.url, error or type(error).__name__)
            return None
        if response.status == 429 or response.status >= 500:
            log.info("%s：robots.txt 无法取得（HTTP %d）", request.url, response.status)
            return None
        body = response.body[:LARGEST_ROBOTS] if response.status == 200 else b""
        rules = ProtegoRobotParser.from_crawler(self.crawler, body)
        self._slow_down(urlsplit(root).hostname or "", rules.crawl_delay(self._agent) or 0)
        return rules

    def _slow_down(self, host: str, wanted: float) -> None:
        """Wait as long between two requests to a host as its Crawl-delay asks for (seconds)."""
        machine = downloader(self.crawler)
        slot = machine.slots.get(host)
        if slot is None or wanted <= slot.delay:
            return
        slot.delay, slot.jitter = wanted, 0.0
        machine.per_slot_settings[host] = {"delay": wanted, "jitter": 0.0}  # for a slot made anew
        throttle = self.crawler.get_extension(AutoThrottle)
        if throttle is not None:
            throttle.mindelay = max(throttle.mindelay, wanted)


def seconds(header: bytes | None, now: datetime) -> float:
    """Return the pause that a Retry-After header asks for, 0 for none or a malformed one."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    # The old form of C's asctime names no zone and means UTC (RFC 9110, 5.6.7).
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def downloader(crawler: Crawler) -> Downloader:
    """Return the running downloader."""
    return crawler.engine.downloader
