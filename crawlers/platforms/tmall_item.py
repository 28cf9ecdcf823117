"""Tmall item pages up to 2022: ``TShop.Setup``, strict JSON in a page that is mostly GBK."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from crawlers.money import price
from crawlers.page import Extractor, Page, Reading, attribute, clean, words
from crawlers.platforms.embedded import dicts, dig, json_after, record
from crawlers.platforms.labels import Pairs, defined, listed, pairs, places
from leads.model import Listing, Seller, Verdict

_SETUP = re.compile(r"TShop\.Setup\(\s*(?=\{)")
_THUMBNAIL = re.compile(r"_\d+x\d+[^/]*$")


class TmallItem(Extractor):
    """``detail.tmall.com/item.htm``. ``prov`` is the seller's place."""

    name = "tmall-item"
    site = "tmall"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page calls ``TShop.Setup``."""
        return "TShop.Setup" in page.text and _SETUP.search(page.text) is not None

    def read(self, page: Page) -> Reading:
        """Return the one listing."""
        setup = json_after(page.text, _SETUP)
        item = record(setup, "itemDO")
        attributes = _attributes(page, item)
        said = places(attributes)
        ref = clean(item.get("itemId"))
        title = clean(item.get("title")) or page.first(".tb-detail-hd h1")
        listing = Listing(
            ref=ref,
            url=page.home or (f"https://detail.tmall.com/item.htm?id={ref}" if ref else None),
            title=title or "",
            attributes=attributes,
            brand=clean(item.get("brand")) or said.brand,
            price=price(item.get("reservePrice"))
            or price(dig(setup, "detail", "defaultItemPrice")),
            seller=_seller(page, setup, item),
            origin=said.origin,
            ships_from=said.ships_from,
            factory=said.factory,
            pictures=page.pictures(*_pictures(page, setup)),
        )
        return Reading(Verdict.OK, (listing,))


def _attributes(page: Page, item: dict[str, Any]) -> Pairs:
    grouped = pairs(
        (attr.get("name"), attr.get("value"))
        for group in dicts(item, "newProGroup")
        for attr in dicts(group, "attrs")
    )
    shown = listed(page.tree.css("#J_AttrUL li"))
    table = defined(page.tree.css(".tm-tableAttr tr"))
    return tuple(dict.fromkeys((*shown, *grouped, *table)))


def _seller(page: Page, setup: Any, item: dict[str, Any]) -> Seller | None:
    link = page.tree.css_first("a.slogo-shopname, .shop-intro a, .hd-shop-name a")
    nick = clean(item.get("sellerNickName"))
    name = words(link) or (unquote(nick) if nick else None)
    ref = clean(dig(setup, "rstShopId"))
    if not name and not ref:
        return None
    return Seller(
        ref=ref,
        name=clean(name),
        url=page.absolute(attribute(link, "href")),
        location=clean(item.get("prov")),
    )


def _pictures(page: Page, setup: Any) -> list[str]:
    sources = [attribute(node, "src", "data-src") for node in page.tree.css("#J_UlThumb img")]
    named = dig(setup, "propertyPics", "default")
    if not any(sources) and isinstance(named, list):
        sources = [clean(source) for source in named]
    return [_THUMBNAIL.sub("", source) for source in sources if source]
