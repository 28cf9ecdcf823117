"""JSON answers that describe offers in plain words: one item, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawlers.money import fen, price, price_range, sold
from crawlers.page import Extractor, Page, Reading, clean
from crawlers.platforms.embedded import dig, json_value, text_at
from crawlers.platforms.labels import Pairs, pairs, places, without_contacts
from leads.model import Listing, Price, Seller, Verdict

_TITLE = (
    *("title", "itemTitle", "raw_title", "goodsName", "goods_name", "productName", "product_name"),
    *("skuName", "sku_name", "wname", "warename", "wareName", "subject", "offerTitle", "itemName"),
    *("item_name", "spuName", "name", "商品标题", "商品名称", "标题"),
)
_REF = (
    *("itemId", "item_id", "goodsId", "goods_id", "productId", "product_id", "skuId", "sku_id"),
    *("wareId", "wareid", "offerId", "sku", "nid", "num_iid", "ref", "id", "商品ID", "商品编号"),
)
_URL = (
    *("url", "detailUrl", "detail_url", "itemUrl", "item_url", "offerUrl", "link", "href"),
    *("商品链接", "链接"),
)
_PRICE = (
    *("priceText", "price", "jdPrice", "dredisprice", "salePrice", "sale_price", "currentPrice"),
    *("finalPrice", "minPrice", "view_price", "priceDisplay", "promotionPrice", "价格", "售价"),
)
_SHOP = ("shop", "seller", "store", "mall", "merchant", "company", "shopInfo", "sellerInfo")
_SHOP_NAME = (
    *("shopName", "shop_name", "sellerName", "sellerNick", "companyName", "nick", "mallName"),
    *("店铺名称", "店铺"),
)
_SHOP_REF = ("shopId", "shop_id", "id", "ref", "sellerId", "mallId", "memberId")
_PROPS = (
    *("props", "attributes", "attrs", "properties", "params", "specs", "features", "cpv"),
    *("featureAttributes", "商品参数", "参数"),
)
_IMAGES = (
    *("images", "imageList", "pictures", "pics", "image", "imageUrl", "imageurl", "imgUrl"),
    *("picUrl", "pic_url", "mainPic", "thumb", "img", "pic"),
)
_SOLD = ("soldText", "sold", "sales", "soldCount", "salesTip", "vagueSellCount", "saleQuantity")
_OFFERS = (_PRICE, _SHOP, _SHOP_NAME, _PROPS)
_DEEPEST = 8
_MOST = 10_000


class JsonItem(Extractor):
    """Any JSON in which an object has title, number or address, and a price, shop or properties."""

    name = "json-item"
    order = 93

    def claims(self, page: Page) -> bool:
        """Tell whether the text is JSON or JSONP rather than markup."""
        return is_json(page)

    def read(self, page: Page) -> Reading:
        """Return a listing for each such object; ``unsupported`` if there is none."""
        listings = offers(page, json_value(page.text))
        if not listings:
            return Reading(Verdict.UNSUPPORTED, reason="JSON 数据中没有商品")
        return Reading(Verdict.OK, listings)


def is_json(page: Page) -> bool:
    """Tell whether the page is JSON or JSONP rather than markup."""
    start = page.text[:200].lstrip()
    said = "json" in (page.content_type or "") or "javascript" in (page.content_type or "")
    return start.startswith(("{", "[")) or (said and "(" in start and not start.startswith("<"))


def offers(page: Page, value: Any) -> tuple[Listing, ...]:
    """Return the outermost objects of a JSON value that look like an offer, as listings."""
    found = [_listing(page, item) for item in _items(value, _DEEPEST)]
    return tuple(found[:_MOST])


def _items(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    if levels == 0:
        return
    if isinstance(value, list):
        for entry in value[:_MOST]:
            yield from _items(entry, levels - 1)
    elif isinstance(value, dict):
        named = text_at(value, *_TITLE) and text_at(value, *_REF, *_URL)
        if named and any(_get(value, keys) is not None for keys in _OFFERS):
            yield value
            return
        for entry in value.values():
            yield from _items(entry, levels - 1)


def _listing(page: Page, item: dict[str, Any]) -> Listing:
    attributes = _attributes(item)
    said = places(attributes)
    return Listing(
        ref=text_at(item, *_REF),
        url=page.absolute(text_at(item, *_URL)),
        title=text_at(item, *_TITLE) or "",
        description=without_contacts(text_at(item, "description", "desc")),
        attributes=attributes,
        brand=text_at(item, "brand", "brandName")
        or text_at(item.get("brand"), "name")
        or said.brand,
        price=_price(item),
        sold=sold(_get(item, _SOLD)),
        seller=_seller(page, item),
        origin=text_at(item, "origin", "产地") or said.origin,
        ships_from=text_at(item, "ships_from", "shipsFrom", "sendAddress") or said.ships_from,
        factory=text_at(item, "factory") or said.factory,
        category=tuple(_texts(item.get("category"))),
        pictures=page.pictures(*_images(item)),
    )


def _price(item: dict[str, Any]) -> Price | None:
    named = item.get("price")
    if isinstance(named, dict):
        span = price_range(named.get("min"), named.get("max"), clean(named.get("currency")))
        return span or fen(named.get("priceMoney")) or price(text_at(named, *_PRICE))
    return price(_get(item, _PRICE), clean(item.get("currency")))


def _seller(page: Page, item: dict[str, Any]) -> Seller | None:
    shop = _get(item, _SHOP)
    name = text_at(shop, "name", "title", *_SHOP_NAME) or clean(shop) or text_at(item, *_SHOP_NAME)
    ref = text_at(shop, *_SHOP_REF) or text_at(item, "shopId", "shop_id", "sellerId", "memberId")
    if not name and not ref:
        return None
    return Seller(
        ref=ref,
        name=name,
        url=page.absolute(text_at(shop, "url", "shopUrl")),
        company=text_at(shop, "company") or text_at(item, "companyName"),
        uscc=text_at(shop, "uscc"),
        location=text_at(shop, "location") or text_at(item, "item_loc", "location"),
    )


def _attributes(item: dict[str, Any]) -> Pairs:
    found = _get(item, _PROPS)
    if isinstance(found, dict):
        return pairs(found.items())
    return pairs(_pair(entry) for entry in found) if isinstance(found, list) else ()


def _pair(entry: Any) -> tuple[object, object]:
    if isinstance(entry, dict):
        label = text_at(entry, "name", "key", "label", "attrName", "labelName", "p", "title")
        return label, _worth(
            _get(entry, ("value", "text", "attrValue", "labelValue", "values", "v"))
        )
    if isinstance(entry, list) and len(entry) == 2:
        return entry[0], entry[1]
    return None, None


def _worth(value: Any) -> str | None:
    return ",".join(_texts(value)) if isinstance(value, list) else clean(value)


def _images(item: dict[str, Any]) -> Iterator[str]:
    found = _get(item, _IMAGES)
    for entry in found if isinstance(found, list) else [found]:
        text = text_at(entry, "url", "src") or clean(entry)
        if text:
            yield text


def _texts(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        text = clean(dig(entry, "name")) or clean(entry)
        if text:
            yield text


def _get(item: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((item[key] for key in keys if item.get(key) not in (None, "", [], {})), None)
