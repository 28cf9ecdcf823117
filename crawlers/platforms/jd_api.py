"""JD's interface: an item (``wareBusiness``), and lists of the app and the search."""

from __future__ import annotations

from typing import Any

from crawlers.money import price
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dicts, dig, json_value, record, search, text_at
from crawlers.platforms.json_item import is_json, offers
from crawlers.platforms.labels import Pairs, pairs, places
from leads.model import Listing, Price, Seller, Verdict

_ITEMS = ("wareInfoReadMap", "basicInfo", "wareInfo")
_LISTS = ("wareList", "wname", "wareId", "warename")
_TITLE = ("sku_name", "skuName", "wname", "name")
_PICTURES = "//img1x.360buyimg.com/n1/"


class JdApi(Extractor):
    """``api.m.jd.com``, ``functionId=pc_detailpage_wareBusiness`` and ``search``."""

    name = "jd-api"
    site = "jd"
    promises = ("ref", "price")

    def claims(self, page: Page) -> bool:
        """Tell whether the text is such an answer."""
        return is_json(page) and any(f'"{mark}"' in page.text for mark in (*_ITEMS, *_LISTS))

    def read(self, page: Page) -> Reading:
        """Return the one listing, or one for each of a list."""
        answer = json_value(page.text)
        wares = (search(answer, key) for key in _ITEMS)
        ware = next((one for one in wares if text_at(one, *_TITLE)), None)
        if ware is not None:
            return Reading(Verdict.OK, (_listing(page, answer, ware),))
        listings = tuple(_in_jd(one) for one in offers(page, answer))
        if not listings and text_at(answer, "code") not in (None, "0"):
            raise Unreadable(Verdict.BLOCKED, "接口拒绝应答，待人工处理")
        if not listings:
            return Reading(Verdict.EMPTY, reason="应答中没有商品")
        return Reading(Verdict.OK, listings)


def _in_jd(listing: Listing) -> Listing:
    pictures = tuple(
        picture.model_copy(
            update={"url": (picture.url or "").replace("//jfs/", f"{_PICTURES}jfs/")}
        )
        for picture in listing.pictures
    )
    url = listing.url or (f"https://item.jd.com/{listing.ref}.html" if listing.ref else None)
    return listing.model_copy(update={"url": url, "pictures": pictures})


def _listing(page: Page, answer: Any, ware: dict[str, Any]) -> Listing:
    attributes = _attributes(search(answer, "productAttributeVO"))
    said = places(attributes)
    ref = text_at(ware, "sku_id", "skuId", "sku", "wareId")
    images = search(ware, "imageList", "image_list", "wareImage", levels=2)
    entries = images if isinstance(images, list) else [images]
    paths = [clean(entry) or text_at(entry, "big", "small", "url") for entry in entries]
    return Listing(
        ref=ref,
        url=f"https://item.jd.com/{ref}.html" if ref else page.home,
        title=text_at(ware, *_TITLE) or "",
        attributes=attributes,
        brand=said.brand or text_at(ware, "brand_name", "cn_brand"),
        price=_price(answer),
        seller=_seller(answer, ware),
        origin=said.origin,
        ships_from=said.ships_from,
        factory=said.factory,
        pictures=page.pictures(*(p if "//" in p else _PICTURES + p for p in paths if p)),
    )


def _price(answer: Any) -> Price | None:
    """What is to be paid after coupons, else the price shown."""
    asked = record({"price": search(answer, "price", "priceInfo")}, "price")
    paid = price(dig(asked, "finalPrice", "price")) or price(text_at(asked, "p", "op"))
    return paid or price(search(answer, "jprice", "jdPrice", "jPrice"))


def _seller(answer: Any, ware: dict[str, Any]) -> Seller | None:
    page_config = search(answer, "pageConfigVO")
    ref = text_at(page_config, "shopId") or text_at(ware, "shop_id", "shopId")
    shop = search(search(answer, "shopInfo"), "shop") or search(answer, "shopInfo")
    name = text_at(ware, "shop_name", "shopName") or text_at(shop, "name", "shopName")
    ref = ref or text_at(shop, "shopId")
    return Seller(ref=ref, name=name) if ref or name else None


def _attributes(value: Any) -> Pairs:
    entries = dicts(dig(value, "attributes") or dig(value, "attrList"))
    return pairs(
        (
            text_at(e, "labelName", "attrName", "name"),
            text_at(e, "labelValue", "attrValue", "value"),
        )
        for e in entries
    )
