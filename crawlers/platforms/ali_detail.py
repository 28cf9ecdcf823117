"""Taobao and Tmall items as data: pages since 2023, older H5 pages, and the interface's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawlers.money import fen, price, sold
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dig, json_value, literal_after, record, search
from crawlers.platforms.json_item import is_json
from crawlers.platforms.labels import Pairs, pairs, places
from leads.model import Listing, Price, Seller, Verdict

_LOADED = re.compile(r"[\"']?loaderData[\"']?\s*:\s*(?=\{)")
_H5 = re.compile(r"_DATA_Detail\s*=\s*(?=\{)")
_H5_PRICE = re.compile(r"_DATA_Mdskip\s*=\s*(?=\{)")


class AliDetail(Extractor):
    """``loaderData`` of ``__ICE_APP_CONTEXT__``, ``_DATA_Detail``, mtop ``pcdetail``/``getdetail``.

    ``priceMoney`` is a string of fen. A variant's price under key 0 is a lower bound, not a price.
    """

    name = "ali-detail"
    site = "taobao"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page or the answer carries such data."""
        text = page.text
        inline = "__ICE_APP_CONTEXT__" in text or "_DATA_Detail" in text
        return inline or (
            is_json(page) and '"itemId"' in text and '"seller"' in text and '"item"' in text
        )

    def read(self, page: Page) -> Reading:
        """Return the one listing."""
        data = (
            json_value(page.text)
            if is_json(page)
            else literal_after(page.text, _LOADED) or literal_after(page.text, _H5)
        )
        detail = next(_details(data, 8), None)
        if detail is None:
            raise Unreadable(Verdict.DAMAGED, "商品数据不完整，或需登录后才有")
        skip = None if is_json(page) else literal_after(page.text, _H5_PRICE)
        return Reading(Verdict.OK, (_listing(page, detail, skip),))


def _details(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    """The objects that hold an item with a title beside its seller."""
    if levels == 0 or not isinstance(value, dict):
        return
    if clean(dig(value, "item", "title")):
        yield value
        return
    for entry in value.values():
        yield from _details(entry, levels - 1)


def _listing(page: Page, detail: dict[str, Any], skip: Any) -> Listing:
    item, parts = record(detail, "item"), record(detail, "componentsVO")
    attributes = _attributes(detail)
    said = places(attributes)
    ref = clean(item.get("itemId"))
    tmall = "tmall" in page.host or clean(dig(detail, "seller", "sellerType")) in ("B", "tmall")
    stack = _stacked(detail)
    images = item.get("images")
    sent = search(parts, "deliveryFromAddr", "deliveryFrom") or dig(stack, "delivery", "from")
    return Listing(
        site="tmall" if tmall else "taobao",
        ref=ref,
        url=page.home or _url(ref, tmall),
        title=clean(item.get("title")) or "",
        attributes=attributes,
        brand=said.brand,
        price=_price(parts, stack, skip),
        sold=sold(item.get("vagueSellCount") or dig(stack, "item", "sellCount")),
        seller=_seller(page, detail),
        origin=said.origin,
        ships_from=said.ships_from or clean(sent),
        factory=said.factory,
        pictures=page.pictures(*map(clean, images if isinstance(images, list) else [])),
    )


def _url(ref: str | None, tmall: bool) -> str | None:
    host = "detail.tmall.com" if tmall else "item.taobao.com"
    return f"https://{host}/item.htm?id={ref}" if ref else None


def _price(parts: dict[str, Any], stack: Any, skip: Any) -> Price | None:
    shown = record(parts, "priceVO", "extraPrice") or record(parts, "priceVO", "price")
    plain = record(parts, "priceVO", "price")
    nested = dig(stack, "price", "price", "priceText") or dig(skip, "price", "price", "priceText")
    return (
        price(shown.get("priceText"))
        or fen(shown.get("priceMoney"))
        or price(plain.get("priceText"))
        or fen(plain.get("priceMoney"))
        or price(nested)
        or price(search(skip, "priceText", "price"))
    )


def _stacked(detail: dict[str, Any]) -> Any:
    """What ``getdetail`` answers as a JSON text within its JSON."""
    text = dig(detail, "apiStack", 0, "value")
    try:
        return json_value(text) if isinstance(text, str) and text else None
    except Unreadable:
        return None


def _seller(page: Page, detail: dict[str, Any]) -> Seller | None:
    seller = record(detail, "seller")
    name = clean(seller.get("shopName")) or clean(seller.get("sellerNick"))
    ref = (
        clean(seller.get("shopId")) or clean(seller.get("sellerId")) or clean(seller.get("userId"))
    )
    if name is None and ref is None:
        return None
    link = clean(seller.get("pcShopUrl")) or clean(seller.get("shopUrl"))
    return Seller(ref=ref, name=name, url=page.absolute(link))


def _attributes(detail: dict[str, Any]) -> Pairs:
    found = (
        search(detail, "baseProps", "groupProps", "propsList")
        or dig(detail, "componentsVO", "extensionInfoVO")
        or detail.get("extensionInfo")
    )
    return pairs(_pairs(found, 6))


def _pairs(value: Any, levels: int) -> Iterator[tuple[object, object]]:
    """Name and value, in each of the shapes that builds have had."""
    if levels == 0:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _pairs(entry, levels - 1)
    elif isinstance(value, dict):
        label = next(
            (value[k] for k in ("propertyName", "name", "key", "title") if k in value), None
        )
        worth = next((value[k] for k in ("valueName", "value", "text") if k in value), None)
        if isinstance(label, str) and worth is not None:
            yield label, ",".join(map(str, worth)) if isinstance(worth, list) else worth
            return
        for key, entry in value.items():
            if isinstance(entry, str) and key not in ("title", "name", "type"):
                yield key, entry
            else:
                yield from _pairs(entry, levels - 1)
