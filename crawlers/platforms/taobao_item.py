"""Taobao item pages of 2015 to 2022: the markup, and ``g_config`` for the numbers."""

from __future__ import annotations

import re

from crawlers.money import price, sold
from crawlers.page import Extractor, Page, Reading, attribute, words
from crawlers.platforms.labels import listed, places
from leads.model import Listing, Seller, Verdict

_ITEM = re.compile(r"itemId\s*:\s*['\"](\d{1,20})['\"]")
_SHOP = re.compile(r"shopId\s*:\s*['\"](\d{1,20})['\"]")
_LINKED = re.compile(r"[?&]id=(\d{1,20})")
_THUMBNAIL = re.compile(r"_\d+x\d+[^/]*$")


class TaobaoItem(Extractor):
    """``item.taobao.com/item.htm``. 发货 (``#J-From``) is the place of dispatch.

    The price is the shop's own; a promotion, which scripts add for the viewer, comes after it.
    """

    name = "taobao-item"
    site = "taobao"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page has the item title's own class."""
        return "tb-main-title" in page.text and page.tree.css_first(".tb-main-title") is not None

    def read(self, page: Page) -> Reading:
        """Return the one listing."""
        tree = page.tree
        heading = tree.css_first(".tb-main-title")
        attributes = listed(tree.css("ul.attributes-list li"))
        said = places(attributes)
        number = _ITEM.search(page.text) or _LINKED.search(page.home or "")
        root = tree.css_first("[data-item-id], #root[data-id]")
        asked = page.first(".tb-rmb-num")
        counter = page.first("#J_SellCounter")
        listing = Listing(
            ref=number[1] if number else attribute(root, "data-item-id", "data-id"),
            url=page.home,
            title=attribute(heading, "data-title") or words(heading) or "",
            attributes=attributes,
            brand=said.brand,
            price=price(asked),
            sold=sold(f"{counter} 交易成功") if counter and counter != "-" else None,
            seller=_seller(page),
            origin=said.origin,
            ships_from=page.first("#J-From") or said.ships_from,
            factory=said.factory,
            pictures=page.pictures(*_pictures(page)),
        )
        return Reading(Verdict.OK, (listing,))


def _seller(page: Page) -> Seller | None:
    link = page.tree.css_first(".tb-shop-name a")
    number = _SHOP.search(page.text)
    name = attribute(link, "title") or words(link) or page.first(".tb-seller-name")
    if not name and not number:
        return None
    return Seller(
        ref=number[1] if number else None,
        name=name,
        url=page.absolute(attribute(link, "href")),
    )


def _pictures(page: Page) -> list[str]:
    images = page.tree.css("#J_UlThumb img") or page.tree.css("#J_ImgBooth")
    sources = (attribute(image, "data-src", "src") for image in images)
    return [_THUMBNAIL.sub("", source) for source in sources if source]
