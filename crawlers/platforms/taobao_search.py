"""Taobao search results up to 2023: ``g_page_config``, strict JSON in the page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.money import price, sold
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dicts, dig, json_after, json_value
from crawlers.platforms.json_item import is_json
from leads.model import Listing, Seller, Verdict

_CONFIG = re.compile(r"g_page_config\s*=\s*(?=\{)")
_ADVERT = "click.simba.taobao.com"
_TAG = re.compile(r"<[^<>]{0,200}>")


class TaobaoSearch(Extractor):
    """``s.taobao.com/search``. ``item_loc`` is the seller's place; adverts point to their item."""

    name = "taobao-search"
    site = "taobao"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page sets ``g_page_config``."""
        inline = "g_page_config" in page.text and _CONFIG.search(page.text) is not None
        return inline or (is_json(page) and '"auctions"' in page.text)

    def read(self, page: Page) -> Reading:
        """Return a listing for each auction; ``empty`` if the search found nothing."""
        config = json_value(page.text) if is_json(page) else json_after(page.text, _CONFIG)
        mods = dig(config, "mods")
        if not isinstance(mods, dict):
            raise Unreadable(Verdict.DAMAGED, "搜索结果数据不完整（缺少 mods）")
        auctions = dicts(mods, "itemlist", "data", "auctions")
        listings = tuple(_listing(page, auction) for auction in auctions)
        if not listings and dig(mods, "shoplist"):
            return Reading(Verdict.UNSUPPORTED, reason="店铺搜索结果页，没有商品")
        if not listings:
            return Reading(Verdict.EMPTY, reason="没有搜索结果")
        follow = tuple(dict.fromkeys(listing.url for listing in listings if listing.url))
        return Reading(Verdict.OK, listings, follow=follow, next_page=_next(page, config))


def _listing(page: Page, auction: dict[str, Any]) -> Listing:
    tmall = dig(auction, "shopcard", "isTmall") is True
    ref = clean(auction.get("nid"))
    title = clean(auction.get("raw_title")) or clean(auction.get("title"))
    return Listing(
        site="tmall" if tmall else "taobao",
        ref=ref,
        url=_url(page, clean(auction.get("detail_url")), ref, tmall),
        title=_TAG.sub("", title or ""),
        price=price(auction.get("view_price")),
        sold=sold(auction.get("view_sales")),
        seller=_seller(page, auction),
        pictures=page.pictures(clean(auction.get("pic_url"))),
    )


def _url(page: Page, link: str | None, ref: str | None, tmall: bool) -> str | None:
    if link and _ADVERT not in link and (own := page.absolute(link)):
        return own
    if not ref:
        return None
    host = "detail.tmall.com" if tmall else "item.taobao.com"
    return f"https://{host}/item.htm?id={ref}"


def _seller(page: Page, auction: dict[str, Any]) -> Seller | None:
    ref, name = clean(auction.get("user_id")), clean(auction.get("nick"))
    if ref is None and name is None:
        return None
    link = clean(auction.get("shopLink"))
    return Seller(
        ref=ref,
        name=name,
        url=page.absolute(link) if link and _ADVERT not in link else None,
        location=clean(auction.get("item_loc")),
    )


def _next(page: Page, config: Any) -> str | None:
    pager = dig(config, "mods", "pager", "data")
    size, current, total = (dig(pager, key) for key in ("pageSize", "currentPage", "totalPage"))
    if not all(isinstance(number, int) for number in (size, current, total)) or current >= total:
        return None
    base = page.absolute(clean(dig(config, "mainInfo", "currentUrl"))) or page.url
    if base is None:
        return None
    parts = urlsplit(base)
    query = dict(parse_qsl(parts.query))
    step = {"page": str(current + 1)} if "page" in query else {"s": str(size * current)}
    query.update(step)
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
