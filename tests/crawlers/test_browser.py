"""The browser door, with a real Chromium on loopback servers: what it reads, and what it refuses.

Pages with scripts are ``shell``s: empty until a script has fetched their data.
"""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawlers.browser import find_chromium, missing
from evidence.vault import Vault
from leads.model import Verdict

needs_chromium = pytest.mark.skipif(missing() is not None, reason=str(missing()))
DATA = "/market/data"
BAIT = Path(__file__).parent.parent / "fixtures" / "scripts" / "every_way_in.js"


def shell(ref: str, before: str = "", after: str = "") -> str:
    """Write a page whose script fetches its data; more script may run before and after."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><script>
(async () => {{
  {before}
  const data = await (await fetch('{DATA}?ref={ref}')).json();
  const node = document.createElement('script');
  node.type = 'application/ld' + '+json';
  node.textContent = JSON.stringify({{...data, name: data.name + document.cookie}});
  document.head.append(node);
  {after}
}})();
</script></body></html>"""


def product(request: BaseHTTPRequestHandler) -> None:
    """Answer with the data of the item that is asked for."""
    ref = request.path.rpartition("=")[2]
    data = {"@type": "Product", "name": f"演练商品{ref}", "sku": ref, "offers": {"price": "12.50"}}
    body = json.dumps(data).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


# ------------------------------------------------------------------ without one


@pytest.mark.night
def test_without_a_browser_the_outline_is_kept_and_a_person_is_asked(
    loopback: Callable[[], Any], crawl: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = loopback()
    market.page("/market/7001", shell("7001"))
    market.results("7001")
    monkeypatch.setenv("MARKWATCH_CHROMIUM", "")
    done = crawl(market)
    assert done.code == 0
    assert done.listings["7001"].title == "演练商品7001"
    assert done.visits["/market/7001"].verdict is Verdict.UNSUPPORTED
    assert done.visits["/market/7001"].door == "http"
    assert "1 个页面须用浏览器打开" in done.stderr
    assert str(missing()) in done.stderr


# ------------------------------------------------------------------ the inside


@dataclass
class Inside:
    """A port that nothing may reach: IPv4, IPv6 where there is any, and UDP."""

    sockets: list[socket.socket]

    @property
    def port(self) -> int:
        return int(self.sockets[0].getsockname()[1])

    def reached(self) -> list[str]:
        """Return by which protocols somebody came; connections wait until they are asked for."""
        found = []
        for listening in self.sockets:
            udp = listening.type == socket.SOCK_DGRAM
            try:
                if udp:
                    listening.recv(1)
                else:
                    listening.accept()[0].close()
            except BlockingIOError:
                continue
            found.append(f"{'UDP' if udp else 'TCP'} {listening.getsockname()[0]}")
        return found


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    first = socket.create_server(("127.0.0.1", 0), backlog=64)
    port = first.getsockname()[1]
    sockets = [first, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
    sockets[1].bind(("127.0.0.1", port))
    if socket.has_ipv6:
        with suppress(OSError):  # no IPv6 on this machine's loopback: nothing to reach there
            sockets.append(socket.create_server(("::1", port), family=socket.AF_INET6))
    for listening in sockets:
        listening.setblocking(False)
    yield Inside(sockets)
    for listening in sockets:
        listening.close()


def every_way_in(port: int) -> str:
    """Return a script that tries to reach the inside in every way a page has."""
    return BAIT.read_text(encoding="utf-8").replace("PORT", str(port))


def slow(request: BaseHTTPRequestHandler) -> None:
    time.sleep(2)
    request.send_response(204)
    request.end_headers()


@needs_chromium
@pytest.mark.night
def test_without_the_wall_the_page_would_reach_the_inside(
    inside: Inside, loopback: Callable[[], Any]
) -> None:
    """Shows that the bait below is one: the same browser, started without a proxy."""
    from playwright.async_api import async_playwright

    market = loopback()
    market.answers["/market/slow"] = slow
    market.answers[DATA] = product
    market.page("/market/wild", shell("wild", every_way_in(inside.port)))

    async def visit() -> None:
        async with async_playwright() as playwright:
            program = str(find_chromium())
            browser = await playwright.chromium.launch(executable_path=program)
            page = await browser.new_page()
            await page.goto(f"{market.url}/market/wild", wait_until="commit")
            await page.wait_for_selector("head > script", state="attached")
            await browser.close()

    asyncio.run(visit())
    assert {"TCP 127.0.0.1", "UDP 127.0.0.1"} <= set(inside.reached())
    while inside.reached():  # as it was
        pass


# ------------------------------------------------------------------ with one

TRAPS: dict[str, tuple[Verdict, str]] = {
    "bounced": (Verdict.FAILED, "拒绝访问：不允许的端口"),
    "decimal": (Verdict.FAILED, "拒绝访问：不是公网地址 127.0.0.1"),
    "metadata": (Verdict.FAILED, "拒绝访问：不是公网地址 169.254.169.254"),
    "by-name": (Verdict.FAILED, "localhost 不在本站允许的范围内"),
    "elsewhere": (Verdict.FAILED, "elsewhere.example 不在本站允许的范围内"),
    "jumped": (Verdict.FAILED, "拒绝访问：不允许的端口"),
    "download": (Verdict.FAILED, "浏览器未能打开该页"),
    "busy": (Verdict.FAILED, "秒内未能读完"),
    "greedy": (Verdict.FAILED, "浏览器未能打开该页"),
    "large": (Verdict.FAILED, "超过大小上限"),
    "closed": (Verdict.BLOCKED, "HTTP 403"),
    "hollow": (Verdict.UNSUPPORTED, "用浏览器打开后仍没有商品信息"),
}
"""Name of the item page to the verdict of its visit by browser, and what the reason says."""

HURRY = """from crawlers.settings import *
DOWNLOAD_TIMEOUT = 15
"""
"""Settings of the trial: a page that hangs may hang for so many seconds."""


@pytest.fixture(scope="module")
def crawled(
    loopback: Callable[[], Any],
    crawl: Callable[..., Any],
    inside: Inside,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """One crawl of a market made by scripts: the crawl, the server, the folder."""
    market, folder = loopback(), tmp_path_factory.mktemp("browser")
    market.answers[DATA] = product
    market.answers["/market/slow"] = slow
    market.page("/market/inward", "", 302, Location=f"http://127.0.0.1:{inside.port}/redirect")
    market.page("/market/worker.js", "", Content_Type="text/javascript")
    market.page("/market/7001", shell("7001", after="document.cookie = 'seen=7001; path=/'"))
    market.page("/market/7002", shell("7002"))
    market.page(
        "/market/gbk", shell("gbk").replace("utf-8", "gbk"), Content_Type="text/html; charset=gbk"
    )
    market.page("/market/wild", shell("wild", every_way_in(inside.port)))
    market.page("/market/jumped", shell("jumped", f"location = 'http://127.0.0.1:{inside.port}/'"))
    market.page("/market/busy", shell("busy", "setTimeout(() => { for (;;); })"))
    market.page(
        "/market/greedy",
        shell("greedy", "for (const all = []; ;) all.push(Array(1e6).fill(Math.random()))"),
    )
    market.page("/market/large", shell("large", "document.body.title = 'x'.repeat(17 * 2 ** 20)"))
    market.page("/market/hollow", "<html><body><script>let nothing = 1;</script></body></html>")
    later(market, "bounced", 302, Location=f"http://127.0.0.1:{inside.port}/")
    later(market, "decimal", 302, Location="http://2130706433/")
    later(market, "metadata", 302, Location="http://169.254.169.254/latest/meta-data/")
    later(market, "by-name", 302, Location="http://localhost/")
    later(market, "elsewhere", 302, Location="https://elsewhere.example/")
    later(market, "download", 200, Content_Type="application/octet-stream")
    later(market, "closed", 403, "<h1>403</h1>")
    market.results("7001", "7002", "gbk", "wild", *TRAPS)
    with pytest.MonkeyPatch.context() as patched:
        (folder / "hurry.py").write_text(HURRY)
        patched.setenv("PYTHONPATH", str(folder))
        patched.setenv("SCRAPY_SETTINGS_MODULE", "hurry")
        patched.setenv("PYTHONWARNINGS", "error")
        patched.setenv("MARKWATCH_CHROMIUM", str(find_chromium()))
        return crawl(market, folder=folder), market, folder


def later(market: Any, ref: str, status: int, body: str = "", **headers: str) -> None:
    """Answer the first request for an item with a shell, the browser's otherwise."""
    path = f"/market/{ref}"
    market.page(path, body, status, **headers)
    second = market.answers[path]
    market.page(path, shell(ref))
    first = market.answers[path]
    market.answers[path] = lambda request: (first if len(market.times(path)) == 1 else second)(
        request
    )


@needs_chromium
@pytest.mark.night
def test_a_page_made_by_scripts_is_read_and_its_bytes_are_kept(crawled: Any) -> None:
    done, _, folder = crawled
    assert done.code == 0, done.stderr
    visit, listing = done.visits["/market/7001"], done.listings["7001"]
    assert (visit.verdict in (Verdict.OK, Verdict.PARTIAL), visit.door) == (True, "browser")
    vault = Vault(folder / "vault")
    record = vault.record(listing.capture)
    assert (record.how, record.peer, record.media_type) == (
        "browser",
        "127.0.0.1",
        "text/html; charset=utf-8",
    )
    assert "演练商品7001" in vault.bytes(record).decode()


@needs_chromium
@pytest.mark.night
def test_the_kept_bytes_are_in_the_charset_that_the_record_names(crawled: Any) -> None:
    done, _, folder = crawled
    assert done.listings["gbk"].title == "演练商品gbk"
    record = Vault(folder / "vault").record(done.listings["gbk"].capture)
    charset = record.media_type.rpartition("=")[2]
    assert "演练商品gbk" in Vault(folder / "vault").bytes(record).decode(charset)


@needs_chromium
@pytest.mark.night
def test_no_page_sees_what_another_has_left(crawled: Any) -> None:
    done, _, _ = crawled
    assert done.listings["7002"].title == "演练商品7002"  # its script adds the cookies


@needs_chromium
@pytest.mark.night
def test_no_way_of_a_page_leads_inside(crawled: Any, inside: Inside) -> None:
    done, market, _ = crawled
    assert done.visits["/market/wild"].door == "browser"
    assert done.listings["wild"].title == "演练商品wild"
    assert market.times("/market/slow")  # its script ran to the end
    assert inside.reached() == []


@needs_chromium
@pytest.mark.night
@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_costs_its_page_only_and_is_told(crawled: Any, trap: str) -> None:
    done, _, _ = crawled
    visit = done.visits[f"/market/{trap}"]
    verdict, reason = TRAPS[trap]
    assert (visit.verdict, visit.door, reason in visit.reason) == (verdict, "browser", True), visit
    assert done.listings[trap].title == f"演练商品{trap}"  # what the search page said of it


@needs_chromium
@pytest.mark.night
def test_the_pages_of_the_browser_are_counted_and_limited(
    loopback: Callable[[], Any], crawl: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKWATCH_CHROMIUM", str(find_chromium()))
    market = loopback()
    market.answers[DATA] = product
    for ref in ("7001", "7002", "7003"):
        market.page(f"/market/{ref}", shell(ref))
    market.results("7001", "7002", "7003")
    done = crawl(market, "browser_pages = 1\n")
    doors = sorted(done.visits[f"/market/{ref}"].door for ref in ("7001", "7002", "7003"))
    assert doors == ["browser", "http", "http"]
    assert "浏览器访问的页面：" in done.stdout
    assert "2 个页面须用浏览器打开，已列入 markwatch queue：浏览器页数已用完" in done.stderr
