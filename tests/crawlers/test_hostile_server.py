"""A server that misbehaves in every way we know: each page is refused with a clear line in Chinese,
and the crawl goes on to store what honest pages show."""

import gzip
import socket
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from leads.model import Verdict

pytestmark = pytest.mark.night

MIB = 1024 * 1024
MOST_MEMORY = 400 * MIB
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
HONEST = [f"9{n:03d}" for n in range(12)]


def bomb(head: bytes) -> bytes:
    """Compress ``head`` and 2 GiB of zeros, as members of 64 MiB."""
    return gzip.compress(head) + gzip.compress(bytes(64 * MIB)) * 32


def endless(request: BaseHTTPRequestHandler) -> None:
    """Send a body that never ends, without a length."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b"<p>" + b"x" * 65536)


def enormous(request: BaseHTTPRequestHandler) -> None:
    """Announce 2 GB, and begin to send them."""
    request.send_response(200)
    request.send_header("Content-Length", str(2 * 1024 * MIB))
    request.end_headers()
    while True:
        request.wfile.write(bytes(65536))


def dropped(request: BaseHTTPRequestHandler) -> None:
    """Send half of a page and reset the connection."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b"<html>" * 1000)
    request.wfile.flush()
    linger = struct.pack("ii", 1, 0)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    request.connection.close()


def cut_short(request: BaseHTTPRequestHandler) -> None:
    """Announce more than is sent."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b"<html>" * 1000)


def no_answer(request: BaseHTTPRequestHandler) -> None:
    """Say something that is not HTTP."""
    request.wfile.write(b"\x00\xff nothing you know\r\n\r\n")


TRAPS: dict[str, tuple[Verdict, str]] = {
    "metadata": (Verdict.FAILED, "不是公网地址 169.254.169.254"),
    "decimal": (Verdict.FAILED, "不是公网地址 127.0.0.1"),
    "neighbour": (Verdict.FAILED, "不允许的端口"),
    "file": (Verdict.FAILED, "转向不允许访问的地址"),
    "loop": (Verdict.FAILED, "重定向次数过多"),
    "endless": (Verdict.FAILED, "内容超过大小上限"),
    "enormous": (Verdict.FAILED, "内容超过大小上限"),
    "gzip-bomb": (Verdict.FAILED, "解压后超过大小上限"),
    "layered-bomb": (Verdict.FAILED, "解压后超过大小上限"),
    "nested": (Verdict.UNSUPPORTED, "标签嵌套过深"),
    "broken-json": (Verdict.DAMAGED, "JSON-LD"),
    "ruined": (Verdict.DAMAGED, "编码错误"),
    "empty": (Verdict.EMPTY, "没有内容"),
    "dropped": (Verdict.FAILED, "内容不完整"),
    "cut-short": (Verdict.FAILED, "内容不完整"),
    "no-answer": (Verdict.FAILED, "下载失败"),
    "bad-gzip": (Verdict.FAILED, "已损坏，无法解压"),
    "broken": (Verdict.FAILED, "HTTP 500"),
    "private": (Verdict.FAILED, "robots.txt"),
    "captcha": (Verdict.BLOCKED, "验证"),
}
"""Name of the item page to the verdict and what the reason says."""


ADDRESSES = [
    "http://a..b/x",
    f"http://{'a' * 70}.example/x",
    "http://shop.example:99999/x",
    "http://shop.example:0/x",
    "http://[fe80::1]/x",
    "http://[::ffff:10.0.0.1]/x",
    "http://[v1.x]/x",
    "http://\u2028/x",
    "http://ex\tample/x",
    "http://user:word@8.8.8.8/x",
    "http://%31%32%37.0.0.1/x",
    "http://１２７.０.０.１/x",
    "http://0x7f.1/x",
    "http://-/x",
    "http://xn--\ud800/x",
    "HTTP://LOCALHOST/x",
]
"""Addresses of items, pictures and shops that lead nowhere or into the inside."""


@pytest.fixture(scope="module")
def crawled(loopback: Callable[[], Any], crawl: Callable[..., Any]) -> Any:
    """One crawl of a market that is half traps, half honest; ``neighbour`` must never be asked."""
    market, neighbour = loopback(), loopback()
    neighbour.page("/inside", "secret")
    lead = market.page
    lead("/robots.txt", "User-agent: *\nDisallow: /market/private", Content_Type="text/plain")
    lead("/market/metadata", "", 302, Location="http://169.254.169.254/latest/meta-data/")
    lead("/market/decimal", "", 307, Location="http://2130706433/inside")
    lead("/market/neighbour", "", 301, Location=f"{neighbour.url}/inside")
    lead("/market/file", "", 302, Location="file:///etc/hostname")
    lead("/market/loop", "", 302, Location="/market/loop?again=1")
    market.answers |= {
        "/market/endless": endless,
        "/market/enormous": enormous,
        "/market/dropped": dropped,
        "/market/cut-short": cut_short,
        "/market/no-answer": no_answer,
    }
    small = bomb(b"<html>")
    assert len(small) < 4 * MIB
    lead("/market/gzip-bomb", small, Content_Encoding="gzip")
    lead("/market/layered-bomb", gzip.compress(small), Content_Encoding="gzip, gzip")
    lead("/market/bad-gzip", b"\x1f\x8b\x08 not compressed at all", Content_Encoding="gzip")
    lead("/market/nested", '<meta property="og:type" content="product">' + "<div>" * 200_000)
    lead("/market/broken-json", '<script type="application/ld+json">{"@type":"Product",</script>')
    ruined = "山西老陈醋酿造基地直供".encode("gbk").decode("latin-1")
    lead("/market/ruined", f"<title>{ruined}</title><p itemprop=name>{ruined * 9}</p>")
    lead("/market/empty", "")
    lead("/market/broken", "<h1>500</h1>", 500)
    lead("/market/captcha", "<title>请完成安全验证</title>")
    lead("/market/private", "nothing for robots")
    lead("/market/img/bomb.jpg", bomb(JPEG), Content_Encoding="gzip")
    lead("/market/img/large.jpg", JPEG + bytes(11 * MIB), Content_Type="image/jpeg")
    lead("/market/img/inside.jpg", "", 302, Location=f"{neighbour.url}/inside")
    lead("/market/img/page.jpg", "<html>no picture</html>", Content_Type="image/jpeg")
    lead("/market/img/good.jpg", JPEG, Content_Type="image/jpeg")
    pictures = ["bomb", "large", "inside", "page", "good"]
    for number, ref in enumerate(HONEST):
        market.item(ref, f"/market/img/{pictures[number % len(pictures)]}.jpg")
    market.results(*(name for pair in zip(TRAPS, HONEST * 2, strict=False) for name in pair))
    return crawl(market), market, neighbour


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_refused_with_a_clear_line(crawled: Any, trap: str) -> None:
    done, _, _ = crawled
    verdict, reason = TRAPS[trap]
    visit = done.visits[f"/market/{trap}"]
    assert (visit.verdict, reason in visit.reason) == (verdict, True), visit
    assert f"{visit.url}：{visit.reason}" in done.stderr


def test_the_crawl_goes_on_and_stores_what_honest_pages_show(crawled: Any) -> None:
    done, _, _ = crawled
    assert done.code == 0, done.stderr
    for ref in HONEST:
        assert done.listings[ref].origin == "演练县", ref  # the item page was read, not the outline


def test_what_the_search_page_says_of_a_trap_is_kept(crawled: Any) -> None:
    done, _, _ = crawled
    assert TRAPS.keys() <= done.listings.keys()


def test_no_request_reaches_the_inside_nor_what_robots_may_not_see(crawled: Any) -> None:
    _, market, neighbour = crawled
    assert neighbour.asked == []
    assert market.times("/market/private") == []
    assert len(market.times("/market/loop")) <= 6


def test_memory_stays_small_whatever_is_sent(crawled: Any) -> None:
    done, _, _ = crawled
    assert done.peak < MOST_MEMORY, f"{done.peak / MIB:.0f} MiB"


def test_a_picture_that_is_a_bomb_too_large_or_none_costs_no_listing(crawled: Any) -> None:
    done, _, _ = crawled
    had = {
        str(picture.url).rpartition("/")[2]: picture.sha256 is not None
        for ref in HONEST
        for picture in done.listings[ref].pictures
    }
    assert had == {
        "bomb.jpg": False, "large.jpg": False, "inside.jpg": False, "page.jpg": False,
        "good.jpg": True,
    }  # fmt: skip


def test_an_address_that_leads_nowhere_costs_no_listing(
    loopback: Callable[[], Any], crawl: Callable[..., Any]
) -> None:
    market = loopback()
    market.page("/bad.jpg", b"\x1f\x8b not compressed", Content_Encoding="gzip")
    pictures = [*ADDRESSES, "/bad.jpg"]
    for number, picture in enumerate(pictures):
        market.item(f"p{number}", picture, shop=picture)
    market.results(
        *(f"p{number}" for number in range(len(pictures))),
        **{f"a{number}": address for number, address in enumerate(ADDRESSES)},
    )
    done = crawl(market)
    assert done.code == 0, done.stderr
    for number in range(len(pictures)):
        assert done.listings[f"p{number}"].origin == "演练县"
    assert {f"a{number}" for number in range(len(ADDRESSES))} <= done.listings.keys()
