"""A listing opened again by two officers: a real browser, its way out walled in, every step noted.

What is kept: the DOM, a picture of the whole page, MHTML, the listing's pictures, and the record of
steps and requests. A page that is blocked or gone is kept just so: that is what the officers saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.browser import domains, find_chromium, is_root, launch_options, missing, registrable
from crawlers.circumstances import environment
from crawlers.compared import changes, first_on_page, same
from crawlers.egress import Egress
from crawlers.extract import extract
from crawlers.notebook import Notebook
from crawlers.page import Page, Reading
from evidence import sealing
from evidence.canonical import canonical
from evidence.clock import check
from evidence.exhibit import picture_type
from evidence.recapture import Recapture, keep
from evidence.vault import Vault
from leads.model import Clock, Exchange, Lead, Listing, Picture, Session, Verdict
from leads.site import Site

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Response
    from playwright.async_api import Page as Tab

WHOLE = 180
"""Seconds for everything."""
_SETTLED = 10_000
"""Milliseconds that scripts get to fall silent."""
_SIZE = (1366, 900)
"""Width and height of the window, in pixels."""
_TALLEST = 15_000
"""Pixels of a page that a picture of it can show."""
_MOST_PICTURES = 30
_LARGEST = 16 << 20
"""Bytes of one file."""


class Unopened(Exception):
    """The browser could not be started or did not end in time; the message says why, in Chinese."""


def recapture(
    lead: Lead, site: Site, officers: Sequence[str], vault: Vault, config: Path
) -> Recapture:
    """Open the lead's listing again and keep what is seen.

    Raises:
        Unopened: the browser could not be used. VaultError: what was seen cannot be kept.
    """
    return asyncio.run(_Visit(lead, site, officers, vault).make(config))


class _Visit:
    """One visit to one listing."""

    def __init__(self, lead: Lead, site: Site, officers: Sequence[str], vault: Vault) -> None:
        self.lead = lead
        self.url = lead.listing.url or ""
        self.site = site
        self.officers = tuple(officers)
        self.vault = vault
        hosts = {urlsplit(picture.url or "").hostname for picture in lead.listing.pictures}
        self.egress = Egress(
            domains(site) | {registrable(host) for host in hosts if host},
            practice_hosts(site),
        )
        self.notes = Notebook(vault, self.egress)
        self.first, self.door = first_on_page(lead.listing, site.id, vault)

    async def make(self, config: Path) -> Recapture:
        """Go there, look, keep, compare."""
        from playwright.async_api import Error, async_playwright

        chromium = find_chromium()
        if chromium is None:
            raise Unopened(missing() or "没有浏览器")
        began = datetime.now(UTC)
        clock = await asyncio.to_thread(check, sealing.load(config).ntp)
        try:
            async with asyncio.timeout(WHOLE), async_playwright() as playwright:
                proxy = {"server": await self.egress.open(), "bypass": "<-loopback>"}
                browser = await playwright.chromium.launch(
                    proxy=proxy,  # type: ignore[arg-type]  # a TypedDict of these keys
                    **launch_options(chromium),
                )
                session = self._session(browser, config, began, clock)
                self.notes.session = self.vault.put(canonical(session))
                try:
                    reading, listing = await self._look(browser)
                finally:
                    await browser.close()
                    await self.egress.close()
        except TimeoutError as late:
            raise Unopened(f"浏览器在 {WHOLE} 秒内未能完成") from late
        except Error as error:
            raise Unopened(f"浏览器未能完成（{_first_line(error)}）") from error
        self.notes.close(self.url)
        record = Recapture(
            lead=self.lead.id,
            began=began,
            ended=datetime.now(UTC),
            officers=self.officers,
            url=self.url,
            verdict=reading.verdict,
            reason=reading.reason,
            session=self.notes.session,
            steps=tuple(self.notes.steps),
            files=tuple(self.notes.files),
            listing=listing,
            changes=changes(self.first, self.door, listing, reading),
        )
        keep(self.vault, record)
        return record

    def _session(self, browser: Browser, config: Path, began: datetime, clock: Clock) -> Session:
        contact = self.site.terms.contact if self.site.terms else "practice"
        return Session(
            mode="officer",
            officers=self.officers,
            purpose=f"复核固证：线索 {self.lead.id}",
            begun_at=began,
            clock=clock,
            environment=(
                *environment(("markwatch", "playwright"), config),
                ("浏览器", f"Chromium {browser.version}"),
                ("访问者标识", _agent(contact)),
                ("窗口大小", "×".join(map(str, _SIZE))),
                ("语言与时区", "zh-CN，Asia/Shanghai"),
                ("清洁环境", "新建的浏览器环境，无扩展、无 Cookie、无缓存，未登录"),
                ("沙箱", "未启用（以 root 身份运行）" if is_root() else "启用"),
                ("网络出口", f"本机代理，只准访问：{'、'.join(sorted(self.egress.domains))}"),
            ),
        )

    # ------------------------------------------------------------------ looking

    async def _look(self, browser: Browser) -> tuple[Reading, Listing | None]:
        from playwright.async_api import Error

        contact = self.site.terms.contact if self.site.terms else "practice"
        context = await browser.new_context(
            viewport={"width": _SIZE[0], "height": _SIZE[1]},
            user_agent=_agent(contact),
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="block",
            accept_downloads=False,
        )
        tab = await context.new_page()
        tab.on("response", self.notes.heard)
        self.notes.step(f"打开网址 {self.url}")
        try:
            response = await tab.goto(self.url, wait_until="domcontentloaded", timeout=60_000)
        except Error as error:
            reason = "；".join([_first_line(error), *dict.fromkeys(self.egress.denied[:3])])
            self.notes.step(f"网页未能打开：{reason}")
            return Reading(Verdict.FAILED, reason=f"网页未能打开（{reason}）"), None
        await self._settle(tab)
        reading = await self._dom(tab, response)
        try:
            await self._shots(tab)
        except Error as error:
            self.notes.step(f"未能截图或存档：{_first_line(error)}")
        listing = same(self.lead.listing, reading)
        if listing is not None:
            listing = await self._with_pictures(listing, context)
        return reading, listing

    async def _settle(self, tab: Tab) -> None:
        """Wait for scripts, and scroll once through the page so that its pictures come."""
        from playwright.async_api import TimeoutError as Late

        with suppress(Late):
            await tab.wait_for_load_state("networkidle", timeout=_SETTLED)
        height = await self._height(tab)
        for _ in range(0, min(height, _TALLEST), _SIZE[1]):
            await tab.mouse.wheel(0, _SIZE[1])
            await tab.wait_for_timeout(100)
        await tab.mouse.wheel(0, -_TALLEST)
        with suppress(Late):
            await tab.wait_for_load_state("networkidle", timeout=_SETTLED)
        self.notes.step(f"等待网页加载完毕，自上而下滚动一遍（页高 {height} 像素）")

    async def _height(self, tab: Tab) -> int:
        """Return the height of the page in pixels, by the browser's own word, not the page's."""
        devtools = await tab.context.new_cdp_session(tab)
        metrics = await devtools.send("Page.getLayoutMetrics")
        await devtools.detach()
        return int(metrics["cssContentSize"]["height"])

    async def _dom(self, tab: Tab, response: Response | None) -> Reading:
        """Keep the page as its scripts have made it, and read it."""
        status = response.status if response else None
        headers = await response.all_headers() if response else {}
        self.notes.step(f"网页应答 HTTP {status}，最终网址 {tab.url}")
        body = (await tab.content()).encode()
        self.notes.keep(
            "dom",
            "网页内容（脚本运行后）",
            body,
            "text/html; charset=utf-8",
            tab.url,
            status=status,
            headers=tuple(headers.items()),
            exchange=await self._way(response),
        )
        if status in (401, 403, 429):
            return Reading(Verdict.BLOCKED, reason=f"网站拒绝访问（HTTP {status}）")
        if status is not None and not 200 <= status < 300:
            return Reading(Verdict.FAILED, reason=f"网站返回错误（HTTP {status}），商品可能已下架")
        return extract(Page(body, tab.url, "text/html; charset=utf-8"), site=self.site.id)

    async def _way(self, response: Response | None) -> Exchange:
        """Return the way to the page: the address that was opened, and every redirect."""
        hops: list[tuple[int, str]] = []
        before = response.request.redirected_from if response else None
        while before is not None:
            answer = await before.response()
            hops.insert(0, (answer.status if answer else 0, before.url))
            before = before.redirected_from
        return Exchange(requested=self.url, redirects=tuple(hops))

    async def _shots(self, tab: Tab) -> None:
        """Keep a picture of the page and the page as MHTML."""
        height = await self._height(tab)
        clip = {"x": 0, "y": 0, "width": _SIZE[0], "height": min(height, _TALLEST)}
        shot = await tab.screenshot(
            full_page=True,
            clip=clip,  # type: ignore[arg-type]  # a TypedDict of these keys
            animations="disabled",
            timeout=30_000,
        )
        cut = f"（页高 {height} 像素，只截至 {_TALLEST} 像素）" if height > _TALLEST else ""
        self.notes.keep("screenshot", "整页截图", shot, "image/png", tab.url)
        self.notes.step(f"截取整页图片{cut}")
        devtools = await tab.context.new_cdp_session(tab)
        snapshot = await devtools.send("Page.captureSnapshot", {"format": "mhtml"})
        whole = str(snapshot["data"]).encode()
        self.notes.keep("mhtml", "网页存档（MHTML）", whole, "multipart/related", tab.url)
        self.notes.step("保存网页存档（MHTML）")

    async def _with_pictures(self, listing: Listing, context: BrowserContext) -> Listing:
        """Open every picture of the listing on its own; the wall is the same."""
        from playwright.async_api import Error

        tab = await context.new_page()
        tab.on("response", self.notes.heard)
        found: list[Picture] = []
        for picture in listing.pictures[:_MOST_PICTURES]:
            body, response = b"", None
            with suppress(Error):
                response = await tab.goto(picture.url or "", timeout=20_000)
                body = await response.body() if response and response.status == 200 else b""
            if response is None or not picture_type(body) or len(body) > _LARGEST:
                self.notes.step(f"图片未取得：{picture.url}")
                found.append(picture.model_copy(update={"sha256": None}))
                continue
            kind = (await response.all_headers()).get("content-type", "application/octet-stream")
            name = f"商品图片 {len(found) + 1}"
            kept = self.notes.keep("picture", name, body, kind, response.url, status=200)
            found.append(picture.model_copy(update={"sha256": kept.sha256}))
        self.notes.step(f"逐一打开并保存商品图片，共 {sum(1 for one in found if one.sha256)} 张")
        return listing.model_copy(update={"pictures": tuple(found)})


def practice_hosts(site: Site) -> tuple[str, ...]:
    """Return the ``host:port`` of a practice site, which may be private; none of any other."""
    return (f"{site.url.host}:{site.url.port}",) if site.practice else ()


def _agent(contact: str) -> str:
    return f"markwatch/{version('markwatch')} (+{contact})"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
