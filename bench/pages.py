"""A market of pages as heavy as real ones, served compressed from a process of its own.

The items are the practice market's; what makes a real page large is added: a long list of
recommendations and a script full of data, 80 kB in all. What is served has one shape, JD's, so that
a spider of ten selectors can read it; one shop sells everything, and an item has one picture or
none, so that a listing is one page and at most one picture.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from random import Random
from zlib import crc32

from aiohttp import web

from leads.model import Picture
from practice import pictures
from practice.case import Door, Shape
from practice.catalogue import Market
from practice.offer import Offer
from practice.pages.markup import Body
from practice.server import SHAPES

PAGE = 80_000
"""Bytes of an item page before compression."""
RESULTS = 50
"""Items on a page of results."""
DRAWINGS = 200
"""Different pictures; every item has one at an address of its own."""


@dataclass(frozen=True)
class Stall:
    """A served market."""

    url: str
    size: int
    served: Synchronized[int]
    """How many item pages were served."""


@contextmanager
def serve(size: int, *, picture: bool) -> Iterator[Stall]:
    """Serve a market of ``size`` items from another process on 127.0.0.1."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    served: Synchronized[int] = spawn.Value("q", 0)
    process = spawn.Process(target=_run, args=(size, picture, there, served), daemon=True)
    process.start()
    try:
        yield Stall(f"http://127.0.0.1:{here.recv()}", size, served)
    finally:
        process.terminate()
        process.join()


def _run(size: int, picture: bool, ready: Connection, served: Synchronized[int]) -> None:
    asyncio.run(_serve(Counter(size, picture, served), ready))


async def _serve(counter: Counter, ready: Connection) -> None:
    app = web.Application()
    app.add_routes(
        [
            web.get("/market/search", counter.results),
            web.get("/market/shop/1", counter.shop),
            web.get(r"/market/img/{number:\d+}.jpg", counter.picture),
            web.get(r"/market/item/{ref:\d+}.html", counter.item),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ready.send(runner.addresses[0][1])
    await asyncio.Event().wait()


class Counter:
    """The counter that the goods go over: one market's handlers."""

    def __init__(self, size: int, picture: bool, served: Synchronized[int]) -> None:
        self.market = Market(size=size)
        self.with_picture = picture
        self.served = served
        self._drawn = [
            pictures.render(self.market.offer(number % size).drawings[0])
            for number in range(DRAWINGS)
        ]

    async def results(self, request: web.Request) -> web.Response:
        """Answer with a page of results in the shape of Taobao's."""
        page = int(request.query["page"])
        first = (page - 1) * RESULTS
        numbers = range(first, min(first + RESULTS, len(self.market)))
        pages = -(-len(self.market) // RESULTS)
        auctions = [_auction(one_shop(self.market.offer(n), self.with_picture)) for n in numbers]
        pager = {"pageSize": RESULTS, "totalPage": pages, "currentPage": page}
        config = {
            "mods": {"itemlist": {"data": {"auctions": auctions}}, "pager": {"data": pager}},
            "mainInfo": {"currentUrl": f"/market/search?q=&page={page}"},
        }
        text = json.dumps(config, ensure_ascii=False)
        return _packed(Body(f"<script>g_page_config = {text};</script>".encode()))

    async def item(self, request: web.Request) -> web.Response:
        """Answer with the page of an item."""
        self.served.value += 1
        made = self.market.by_ref(request.match_info["ref"])
        return _packed(heavy(one_shop(made, self.with_picture)))

    async def picture(self, request: web.Request) -> web.Response:
        """Answer with a picture; the end makes each a file of its own."""
        number = request.match_info["number"]
        body = self._drawn[int(number) % DRAWINGS] + number.encode()
        return web.Response(body=body, content_type="image/jpeg")

    async def shop(self, _: web.Request) -> web.Response:
        """Answer with the one shop."""
        return _packed(Body('<h1 class="shop-name" data-shop-id="1">演练店</h1>'.encode()))


def one_shop(made: Offer, picture: bool) -> Offer:
    """Return the offer in JD's shape, open to visitors, of the one shop, with a picture or none."""
    seller = made.listing.seller
    listing = made.listing.model_copy(
        update={
            "url": f"/market/item/{made.ref}.html",
            "seller": seller.model_copy(update={"url": "/market/shop/1"}) if seller else None,
            "pictures": (Picture(url=f"/market/img/{made.ref}.jpg" if picture else ""),),
        }
    )
    return replace(made, listing=listing, shape=Shape.JD, door=Door.OPEN)


def heavy(made: Offer) -> Body:
    """Return an item's page, made as large as real ones."""
    page = SHAPES[made.shape](made)
    charset = page.content_type.partition("charset=")[2] or "utf-8"
    ballast = _ballast(crc32(made.ref.encode()) % 20).encode(charset, "replace")
    ballast = ballast[: max(0, PAGE - len(page.data))]
    whole, end = ballast.rpartition(b"</li>")[0], b"</ul></body></html>"
    return Body(page.data.replace(b"</body>\n</html>", whole + end), page.content_type)


@lru_cache(maxsize=20)
def _ballast(kind: int) -> str:
    """A script full of data, then a list of recommendations: more than a page needs."""
    rng = Random(kind)  # noqa: S311  # not for secrets
    goods = [next(iter(Market(kind, 1))).listing.title for _ in range(3)]
    data = [{"id": rng.randrange(10**12), "t": rng.choice(goods), "p": 9.9} for _ in range(350)]
    script = f"<script>window.__side = {json.dumps(data, ensure_ascii=False)};</script>"
    rows = [
        f'<li class="side-rec" data-n="{n}"><div class="box"><a class="pic" href="/market/go/{n}">'
        f'<img class="lazy" data-src="/market/static/{rng.randrange(10**9)}.jpg" width="160"></a>'
        f'<p class="name"><a href="/market/go/{n}">{rng.choice(goods)}</a></p>'
        f'<p class="cost"><em>￥</em><strong>{rng.randrange(1, 900)}</strong>'
        f"<span>{rng.randrange(1, 9000)}人付款</span></p></div></li>"
        for n in range(400)
    ]
    return f'{script}<ul class="side">{"".join(rows)}'


def _auction(made: Offer) -> dict[str, object]:
    listing, seller = made.listing, made.listing.seller
    return {
        "nid": made.ref,
        "raw_title": listing.title,
        "detail_url": listing.url,
        "view_price": str(listing.price.min) if listing.price else "",
        "view_sales": listing.sold.text if listing.sold else "",
        "item_loc": seller.location if seller else "",
        "user_id": seller.ref if seller else "",
        "nick": seller.name if seller else "",
        "shopLink": "/market/shop/1",
        "pic_url": listing.pictures[0].url,
    }


def _packed(page: Body) -> web.Response:
    headers = {"Content-Type": page.content_type, "Content-Encoding": "gzip"}
    return web.Response(body=gzip.compress(page.data, 1), headers=headers)
