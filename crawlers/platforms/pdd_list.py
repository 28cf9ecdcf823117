"""Pinduoduo lists as the app's interface answers them: whole numbers of fen."""

from __future__ import annotations

from typing import Any

from crawlers.money import fen, sold
from crawlers.page import Extractor, Page, Reading, clean
from crawlers.platforms.embedded import dicts, dig, json_value, record
from leads.model import Listing, Seller, Verdict

_GOODS = "https://mobile.yangkeduo.com/goods.html?goods_id="


class PddList(Extractor):
    """``goods_list`` (2018) and ``items[].item_data.goods_model`` (since 2020).

    The price runs from the group's to the single buyer's; ``market_price`` is what nobody asks.
    """

    name = "pdd-list"
    site = "pdd"
    promises = ("ref", "price")

    def claims(self, page: Page) -> bool:
        """Tell whether the text is such an answer."""
        start = page.text[:2000].lstrip()
        return start.startswith("{") and (
            '"goods_list"' in page.text or '"goods_model"' in page.text
        )

    def read(self, page: Page) -> Reading:
        """Return a listing for each of the goods."""
        answer = json_value(page.text)
        goods = list(dicts(answer, "goods_list")) or list(dicts(answer, "result", "goods_list"))
        models = [record(entry, "item_data", "goods_model") for entry in dicts(answer, "items")]
        listings = tuple(_listing(page, one) for one in (*goods, *models) if one)
        follow = tuple(listing.url for listing in listings if listing.url)
        return Reading(Verdict.OK, listings, follow=follow)


def _listing(page: Page, goods: dict[str, Any]) -> Listing:
    ref = clean(goods.get("goods_id"))
    group = dig(goods, "group", "price") or goods.get("group_price") or goods.get("price")
    mall = clean(goods.get("mall_id")) or clean(dig(goods, "ad", "mall_id"))
    shop = clean(goods.get("mall_name"))
    image = next((goods[k] for k in ("hd_thumb_url", "hd_url", "thumb_url") if goods.get(k)), None)
    number = goods.get("cnt")
    told = goods.get("sales_tip") or (number if isinstance(number, int) and number else None)
    return Listing(
        ref=ref,
        url=f"{_GOODS}{ref}" if ref and ref.isdigit() else None,
        title=clean(goods.get("goods_name")) or "",
        price=fen(group, goods.get("normal_price")),
        sold=sold(told),
        seller=Seller(ref=mall, name=shop) if shop or mall not in (None, "0") else None,
        pictures=page.pictures(clean(image)),
    )
