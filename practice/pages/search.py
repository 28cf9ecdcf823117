"""A search page in the shape of Taobao's: everything in ``g_page_config``, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from practice.case import Shape
from practice.catalogue import PAGE_SIZE, Results
from practice.offer import Offer
from practice.pages.markup import Body, fill, script_json

_PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>$query - 演练搜索</title>
</head>
<body>
<div class="site-nav"><a href="/market/private/favourites">收藏夹</a>
<a href="/market/login">登录</a>
<a href="/fair/exhibitors">展会</a></div>
<form action="/market/search"><input name="q" value="$query"></form>
<div id="main"></div>
<script>
    g_page_config = $config;
    g_srp_loadCss();
    g_srp_init();
</script>
</body>
</html>
"""


def page(results: Results) -> Body:
    """Return a page of results; the first place is an advertisement for the last of them."""
    auctions = [_auction(offer, results.query, advertised=False) for offer in results.offers]
    if results.offers:
        auctions.insert(0, _auction(results.offers[-1], results.query, advertised=True))
    status = "show" if auctions else "hide"
    query = quote(results.query)
    config = {
        "pageName": "mainsrp",
        "mods": {
            "itemlist": {
                "status": status,
                "data": {"query": results.query, "auctions": auctions, "recommendAuctions": []},
            },
            "pager": {
                "status": status,
                "data": {
                    "pageSize": PAGE_SIZE,
                    "totalPage": results.pages,
                    "currentPage": results.page,
                    "totalCount": results.total,
                },
            },
            "noresult": {"status": "hide" if auctions else "show"},
        },
        "mainInfo": {
            "currentUrl": f"/market/search?q={query}&page={results.page}",
            "modLinks": {"pager": f"/market/search?q={query}"},
        },
        "feature": {"retinaOff": True},
    }
    if not auctions:
        config["mods"] = {"noresult": {"status": "show", "data": {"query": results.query}}}
    return Body(fill(_PAGE, query=results.query, config=script_json(config)).encode())


def _auction(offer: Offer, query: str, *, advertised: bool) -> dict[str, Any]:
    listing, seller = offer.listing, offer.listing.seller
    return {
        "nid": offer.ref,
        "category": "",
        "title": listing.title.replace(query, f"<span class=H>{query}</span>")
        if query
        else listing.title,
        "raw_title": listing.title,
        "pic_url": listing.pictures[0].url,
        "detail_url": _tracked(offer) if advertised else listing.url,
        "view_price": f"{listing.price.min:.2f}" if listing.price else "",
        "view_fee": "0.00",
        "item_loc": seller.location if seller else "",
        "view_sales": listing.sold.text if listing.sold else "",
        "comment_count": "",
        "user_id": seller.ref if seller else "",
        "nick": seller.name if seller else "",
        "shopcard": {"isTmall": offer.shape is Shape.TMALL, "levelClasses": []},
        "icon": [],
        "shopLink": seller.url if seller else "",
        **({"p4p": 1} if advertised else {}),
    }


def _tracked(offer: Offer) -> str:
    url = offer.listing.url or ""
    tracking = {
        "spm": "a230r.1.14.1",
        "ali_trackid": f"2:mm_{offer.ref[-4:]}",
        "clk1": offer.ref[3:9],
    }
    return f"{url}{'&' if '?' in url else '?'}{urlencode(tracking)}"
