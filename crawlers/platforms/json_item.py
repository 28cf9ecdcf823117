"""JSON answers that describe offers in plain words: one item, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawlers.money import fen, price, price_range, sold
from crawlers.page import Extractor, Page, Reading, clean
from crawlers.platforms.embedded import dig, json_value
from crawlers.platforms.labels import Pairs, pairs, places
from leads.model import Listing, Price, Seller, Verdict

_TITLE = (
    "title",
    "itemTitle",
    "goodsName",
    "goods_name",
    "productName",
    "skuName",
    "subject",
    "name",
)
_REF = (
    "itemId",
    "item_id",
    "goodsId",
    "goods_id",
    "productId",
    "skuId",
    "sku",
    "offerId",
    "ref",
    "id",
)
_PRICE = ("priceText", "price", "salePrice", "sale_price", "currentPrice", "finalPrice", "minPrice")
_SHOP = ("shop", "seller", "store", "mall", "merchant")
_PROPS = ("props", "attributes", "attrs", "properties", "params", "specs")
_IMAGES = (
    "images",
    "imageList",
    "pictures",
    "pics",
    "image",
    "picUrl",
    "pic_url",
    "imageUrl",
    "thumb",
)
_SOLD = ("soldText", "sales", "soldCount", "sold", "salesTip", "vagueSellCount")
_DEEPEST = 5
_MOST = 10_000


class JsonItem(Extractor):
    """Any JSON in which an object has a title beside a number, a price or a shop."""

    name = "json-item"
    order = 93

    def claims(self, page: Page) -> bool:
        """Tell whether the text is JSON or JSONP rather than markup."""
        return is_json(page)

    def read(self, page: Page) -> Reading:
        """Return a listing for each such object; ``unsupported`` if there is none."""
        found = list(_items(json_value(page.text), _DEEPEST))[:_MOST]
        if not found:
            return Reading(Verdict.UNSUPPORTED, reason="JSON 数据中没有商品")
        return Reading(Verdict.OK, tuple(_listing(page, item) for item in found))


def is_json(page: Page) -> bool:
    """Tell whether the page is JSON or JSONP rather than markup."""
    start = page.text[:200].lstrip()
    said = "json" in (page.content_type or "") or "javascript" in (page.content_type or "")
    return start.startswith(("{", "[")) or (said and "(" in start and not start.startswith("<"))


def _items(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    """The outermost objects that look like an offer."""
    if levels == 0:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _items(entry, levels - 1)
    elif isinstance(value, dict):
        if _get(value, _TITLE) and any(_has(value, keys) for keys in (_PRICE, _SHOP, _PROPS)):
            yield value
            return
        for entry in value.values():
            yield from _items(entry, levels - 1)


def _listing(page: Page, item: dict[str, Any]) -> Listing:
    attributes = _attributes(item)
    said = places(attributes)
    return Listing(
        ref=clean(_get(item, _REF)),
        url=page.absolute(clean(_get(item, ("url", "detailUrl", "itemUrl", "link")))),
        title=clean(_get(item, _TITLE)) or "",
        description=clean(item.get("description")),
        attributes=attributes,
        brand=_name(item.get("brand")) or said.brand,
        price=_price(item),
        sold=sold(_get(item, _SOLD)),
        seller=_seller(page, item),
        origin=clean(item.get("origin")) or said.origin,
        ships_from=clean(item.get("ships_from")) or said.ships_from,
        factory=clean(item.get("factory")) or said.factory,
        category=tuple(_texts(item.get("category"))),
        pictures=page.pictures(*_images(item)),
    )


def _price(item: dict[str, Any]) -> Price | None:
    named = item.get("price")
    if isinstance(named, dict):
        span = price_range(named.get("min"), named.get("max"), clean(named.get("currency")))
        return span or fen(named.get("priceMoney")) or price(_get(named, ("priceText", *_PRICE)))
    return price(_get(item, _PRICE), clean(item.get("currency")))


def _seller(page: Page, item: dict[str, Any]) -> Seller | None:
    shop = _get(item, _SHOP)
    name = _name(shop) or clean(_get(item, ("shopName", "shop_name", "sellerName", "nick")))
    ref = dig(shop, "shopId") or dig(shop, "id") or dig(shop, "ref") or item.get("shopId")
    if not name and not clean(ref):
        return None
    return Seller(
        ref=clean(ref),
        name=name,
        url=page.absolute(clean(dig(shop, "url"))),
        company=clean(dig(shop, "company")),
        uscc=clean(dig(shop, "uscc")),
        location=clean(dig(shop, "location")),
    )


def _attributes(item: dict[str, Any]) -> Pairs:
    found = _get(item, _PROPS)
    if isinstance(found, dict):
        return pairs(found.items())
    return pairs(_pair(entry) for entry in found) if isinstance(found, list) else ()


def _pair(entry: Any) -> tuple[object, object]:
    if isinstance(entry, dict):
        return _get(entry, ("name", "key", "label")), _get(entry, ("value", "text"))
    if isinstance(entry, list) and len(entry) == 2:
        return entry[0], entry[1]
    return None, None


def _images(item: dict[str, Any]) -> Iterator[str]:
    found = _get(item, _IMAGES)
    for entry in found if isinstance(found, list) else [found]:
        text = clean(dig(entry, "url")) or clean(entry)
        if text:
            yield text


def _texts(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        text = clean(entry)
        if text:
            yield text


def _name(value: Any) -> str | None:
    return (
        clean(_get(value, ("name", "shopName", "title")))
        if isinstance(value, dict)
        else clean(value)
    )


def _get(item: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((item[key] for key in keys if item.get(key) not in (None, "", [], {})), None)


def _has(item: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return _get(item, keys) is not None
