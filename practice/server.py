"""Serves the practice market and fair on loopback.

========================================  ====================================================
address                                   answers
========================================  ====================================================
``/robots.txt``                           disallows ``/market/private/``, asks for a small delay
``/market/search?q=WORDS&page=N``         results, 20 a page; all listings without words
``/market/item/REF.html``                 an item in JD's shape
``/market/item.htm?id=REF``               an item in Taobao's shape, or in Tmall's (GBK)
``/market/goods/REF``                     an item of an independent shop, or one made by scripts
``/market/api/item/REF``                  the data of an item made by scripts
``/market/shop/REF``                      a shop with its business licence
``/market/img/REF_N.jpg``                 a picture; ``/market/img/shared/STEM.jpg`` one of many
``/market/login``                         the log-in page that some items send to
``/market/private/favourites``            what robots may not see
``/walled/``                              a site of its own: a CAPTCHA, whatever is asked for
``/fair/exhibitors?page=N``               exhibitor list, 8 a page
``/fair/exhibitor/REF``                   an exhibitor with its exhibits (``#exhibit-REF``)
``/fair/img/REF_N.jpg``                   a picture of an exhibit
========================================  ====================================================

Extra parameters of an address change nothing. Some items ask for a CAPTCHA (200), send to the
log-in (302), take a second, answer 503 at the first visit, or 500 always; one picture is missing
(404), one is a web page. The first result of each search page is an advertisement: a result of the
same page once more, at an address with tracking parameters.

On later nights an item that is gone is not found (404), or taken down (200). Items bear ETag and
Last-Modified, and are answered with 304 where they are the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from aiohttp import web

from practice import pictures
from practice.case import Door, Shape
from practice.catalogue import DEFAULT_SEED, DEFAULT_SIZE, EXHIBITORS_PER_PAGE, Market, TakenDown
from practice.offer import Offer
from practice.pages import fair, jd, live, search, shop, store, taobao, tmall, walls
from practice.pages.markup import Body

SLOW = 1.0
"""Seconds that the slow page takes."""
_FIRST_NIGHT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""When the items of the first night were last changed; each night is a day."""

SHAPES: dict[Shape, Callable[[Offer], Body]] = {
    Shape.JD: jd.page,
    Shape.TAOBAO: taobao.page,
    Shape.TMALL: tmall.page,
    Shape.STORE: store.page,
    Shape.LIVE: live.page,
}

_MARKET = web.AppKey("market", Market)
_VISITS = web.AppKey("visits", Counter[str])
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Served:
    """A practice market that is being served."""

    url: str
    """http://127.0.0.1:PORT, without a slash at the end."""
    market: Market
    visits: Counter[str]
    """How often each path was asked for, query left out."""


def make_app(market: Market) -> web.Application:
    """Return the application that serves a market and its fair."""
    app = web.Application(middlewares=[_count])
    app[_MARKET] = market
    app[_VISITS] = Counter()
    app.add_routes(
        [
            web.get("/robots.txt", _fixed(walls.ROBOTS)),
            web.get("/market/search", _search),
            web.get(r"/market/item/{ref}.html", _item),
            web.get("/market/item.htm", _item),
            web.get("/market/goods/{ref}", _item),
            web.get("/market/api/item/{ref}", _item_data),
            web.get("/market/shop/{ref}", _shop),
            web.get(r"/{site:market|fair}/img/{stem:.+}.jpg", _picture),
            web.get("/market/login", _fixed(walls.LOGIN)),
            web.get("/market/private/favourites", _fixed(walls.PRIVATE)),
            web.get("/walled/{rest:.*}", _fixed(walls.CAPTCHA)),
            web.get("/fair/exhibitors", _exhibitors),
            web.get("/fair/exhibitor/{ref}", _exhibitor),
        ]
    )
    return app


@contextmanager
def serve(
    seed: int = DEFAULT_SEED, size: int = DEFAULT_SIZE, port: int = 0, night: int = 1
) -> Iterator[Served]:
    """Serve a market from a thread of its own on 127.0.0.1; port 0 takes a free one.

    On each ``night`` it is what became of it since the first.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.new_event_loop()
    app = make_app(Market(seed, size, night))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return int(runner.addresses[0][1])

    try:
        bound = loop.run_until_complete(start())
        thread = threading.Thread(target=loop.run_forever, name="practice", daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{bound}", app[_MARKET], app[_VISITS])
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
    finally:
        loop.run_until_complete(runner.cleanup())
        loop.close()


@web.middleware
async def _count(request: web.Request, handler: _Handler) -> web.StreamResponse:
    request.app[_VISITS][request.path] += 1
    return await handler(request)


def _fixed(body: Body) -> _Handler:
    async def handler(_: web.Request) -> web.Response:
        return _answer(body)

    return handler


def _answer(
    body: Body, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    headers = {"Content-Type": body.content_type, **(headers or {})}
    return web.Response(body=body.data, status=status, headers=headers)


def _not_found() -> web.HTTPNotFound:
    return web.HTTPNotFound(text="<h1>404 页面不存在</h1>", content_type="text/html")


def _page_number(request: web.Request) -> int:
    number = request.query.get("page", "1")
    return int(number) if number.isdecimal() and 0 < int(number) < 10**9 else 1


async def _search(request: web.Request) -> web.Response:
    market = request.app[_MARKET]
    return _answer(search.page(market.search(request.query.get("q", ""), _page_number(request))))


async def _item(request: web.Request) -> web.StreamResponse:
    ref = request.match_info.get("ref") or request.query.get("id", "")
    offer = _offer(request, ref)
    if offer.door is Door.CAPTCHA:
        return _answer(walls.CAPTCHA)
    if offer.door is Door.LOGIN:
        raise web.HTTPFound(f"/market/login?redirectURL={quote(request.path_qs, safe='')}")
    if offer.door is Door.BROKEN:
        return _answer(Body("<h1>500 系统繁忙</h1>".encode()), 500)
    if offer.door is Door.FLAKY and request.app[_VISITS][request.path] == 1:
        return _answer(Body("<h1>503 服务暂不可用</h1>".encode()), 503, {"Retry-After": "1"})
    if offer.door is Door.SLOW:
        await asyncio.sleep(SLOW)
    body = SHAPES[offer.shape](offer)
    if offer.shape is Shape.LIVE:  # the shell stays the same whatever its data say
        return _answer(body)
    touched = _FIRST_NIGHT + timedelta(days=request.app[_MARKET].touched(ref) - 1)
    return _conditional(request, body, {"Last-Modified": format_datetime(touched, usegmt=True)})


async def _item_data(request: web.Request) -> web.Response:
    offer = _offer(request, request.match_info["ref"])
    if offer.shape is not Shape.LIVE:
        raise _not_found()
    return _answer(live.data(offer))


def _offer(request: web.Request, ref: str) -> Offer:
    try:
        return request.app[_MARKET].by_ref(ref)
    except TakenDown:
        page = walls.TAKEN_DOWN.data.decode()
        raise web.HTTPOk(text=page, content_type="text/html") from None
    except KeyError:
        raise _not_found() from None


async def _shop(request: web.Request) -> web.Response:
    ref = request.match_info["ref"]
    try:
        return _answer(shop.page(ref, request.app[_MARKET].shop(ref)))
    except KeyError:
        raise _not_found() from None


async def _exhibitors(request: web.Request) -> web.Response:
    market, page = request.app[_MARKET], _page_number(request)
    pages = -(-market.exhibitors // EXHIBITORS_PER_PAGE)
    rows = market.exhibitor_page(page)
    return _answer(fair.exhibitors(rows, page, pages, market.exhibitors))


async def _exhibitor(request: web.Request) -> web.Response:
    try:
        return _answer(fair.exhibitor(request.app[_MARKET].exhibitor(request.match_info["ref"])))
    except KeyError:
        raise _not_found() from None


async def _picture(request: web.Request) -> web.StreamResponse:
    try:
        drawing = request.app[_MARKET].drawing(request.match_info["stem"])
    except KeyError:
        raise _not_found() from None
    if drawing.fault == "missing":
        raise _not_found()
    if drawing.fault == "html":
        return _answer(Body("<html><body>图片已失效</body></html>".encode(), "image/jpeg"))
    body = Body(pictures.render(drawing), "image/jpeg")
    return _conditional(request, body, {"Cache-Control": "public, max-age=86400"})


def _conditional(
    request: web.Request, body: Body, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer with a body, or that nothing changed (RFC 9110, 13.1: the ETag goes first)."""
    etag = f'"{sha256(body.data).hexdigest()[:20]}"'
    headers = {**headers, "ETag": etag}
    known, since = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
    if known == etag if known else since is not None and since == headers.get("Last-Modified"):
        return web.Response(status=304, headers=headers)
    return _answer(body, headers=headers)
