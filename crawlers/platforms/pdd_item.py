"""Pinduoduo goods pages: ``window.rawData`` in yuan, or the interface's answer in fen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from crawlers.money import fen, lowest_to_highest, price, sold
from crawlers.page import Extractor, Page, Reading, clean
from crawlers.platforms.embedded import dicts, dig, literal_after, record, search, text_at
from crawlers.platforms.labels import pairs, places
from leads.model import Listing, Price, Seller, Verdict

_RAW = re.compile(r"window\.rawData\s*=\s*(?=\{)")


class PddItem(Extractor):
    """``mobile.yangkeduo.com/goods.html``; builds that encrypt it are unsupported, not empty."""

    name = "pdd-item"
    site = "pdd"
    promises = ("ref", "price")

    def claims(self, page: Page) -> bool:
        """Tell whether the page sets ``rawData``."""
        return "rawData" in page.text and _RAW.search(page.text) is not None

    def read(self, page: Page) -> Reading:
        """Return the one listing, or the list's, if the page is one."""
        data = literal_after(page.text, _RAW)
        goods = next((g for g in _candidates(data) if text_at(g, "goodsName", "goods_name")), None)
        if goods is None:
            return Reading(
                Verdict.UNSUPPORTED,
                reason="页面数据已加密或由应用加载，需用浏览器打开或导入接口数据",
            )
        return Reading(Verdict.OK, (_listing(page, goods, data),))


def _candidates(data: Any) -> Iterator[dict[str, Any]]:
    for path in (("store", "initDataObj", "goods"), ("store", "goods"), ("goods",)):
        yield record(data, *path)
    yield record({"goods": search(data, "goods", levels=6)}, "goods")


def _listing(page: Page, goods: dict[str, Any], data: Any) -> Listing:
    attributes = pairs(
        (entry.get("key"), _joined(entry.get("values")))
        for entry in dicts(goods.get("goodsProperty") or goods.get("goods_property"))
    )
    said = places(attributes)
    ref = text_at(goods, "goodsID", "goodsId", "goods_id")
    pictures = goods.get("topGallery") or goods.get("viewImageData") or goods.get("gallery")
    return Listing(
        ref=ref,
        url=page.home
        or (f"https://mobile.yangkeduo.com/goods.html?goods_id={ref}" if ref else None),
        title=text_at(goods, "goodsName", "goods_name") or "",
        attributes=attributes,
        brand=said.brand,
        price=_price(goods),
        sold=sold(text_at(goods, "sideSalesTip", "salesTip", "sales_tip")),
        seller=_seller(goods, data),
        origin=said.origin,
        ships_from=said.ships_from,
        factory=said.factory,
        pictures=page.pictures(*_urls(pictures)),
    )


def _price(goods: dict[str, Any]) -> Price | None:
    """The page's own fields are yuan; those named as the interface names them are fen."""
    found = _lowest_to_highest(goods, ("minGroupPrice", "maxGroupPrice"), price)
    if found is None:
        skus = [price(sku.get("groupPrice")) for sku in dicts(goods, "skus")]
        found = lowest_to_highest([asked for asked in skus if asked])
    fields = ("min_group_price", "max_group_price", "group_price")
    return found or _lowest_to_highest(goods, fields, fen)


def _lowest_to_highest(
    goods: dict[str, Any], fields: tuple[str, ...], unit: Callable[[object], Price | None]
) -> Price | None:
    return lowest_to_highest([asked for field in fields if (asked := unit(goods.get(field)))])


def _seller(goods: dict[str, Any], data: Any) -> Seller | None:
    mall = record(data, "store", "initDataObj", "mall") or record(
        {"mall": search(data, "mall", levels=6)}, "mall"
    )
    ref = text_at(mall, "mallId", "mallID", "mall_id") or text_at(
        goods, "mallID", "mallId", "mall_id"
    )
    name = text_at(mall, "mallName", "mall_name")
    if ref is None and name is None:
        return None
    return Seller(ref=ref, name=name, company=clean(dig(mall, "companyName")))


def _urls(value: Any) -> list[str | None]:
    entries = value if isinstance(value, list) else []
    return [clean(entry) or clean(dig(entry, "url")) for entry in entries]


def _joined(value: Any) -> str | None:
    if isinstance(value, list):
        return ",".join(text for entry in value if (text := clean(entry))) or None
    return clean(value)
