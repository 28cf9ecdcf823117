"""Item lists in Taobao and Tmall shops (the shop's home and its own search), up to 2022."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawlers.money import price, sold
from crawlers.page import Extractor, Page, Reading, attribute, words
from leads.model import Listing, Seller, Verdict

_ITEM = re.compile(r"[?&]id=(\d{1,20})")
_SHOP = re.compile(r"shopId=(\d{1,20})")
_HEADING = ".shop-name .shop-name-link, .shop-name a, .shop-intro .shop-name, .slogo-shopname"


class TaobaoShop(Extractor):
    """``shop<number>.taobao.com`` and ``/search.htm``: ``dl.item`` with name, price and sales."""

    name = "taobao-shop"
    order = 55
    site = "taobao"
    promises = ("ref", "price")

    def claims(self, page: Page) -> bool:
        """Tell whether the page has such entries."""
        return "item-name" in page.text and page.tree.css_first("dl.item a.item-name") is not None

    def read(self, page: Page) -> Reading:
        """Return a listing for each entry, and the shop."""
        heading = page.tree.css_first(_HEADING)
        number = _SHOP.search(page.text)
        shop = Seller(
            ref=number[1] if number else None,
            name=words(heading),
            url=page.absolute(attribute(heading, "href")) or page.home,
        )
        seller = shop if shop.name or shop.ref else None
        listings = tuple(_listing(page, node, seller) for node in page.tree.css("dl.item"))
        follow = tuple(dict.fromkeys(listing.url for listing in listings if listing.url))
        return Reading(Verdict.OK, listings, seller=seller, follow=follow)


def _listing(page: Page, entry: LexborNode, seller: Seller | None) -> Listing:
    link = entry.css_first("a.item-name")
    url = page.absolute(attribute(link, "href"))
    number = _ITEM.search(url or "")
    image = entry.css_first("dt.photo img, .photo img")
    number_sold = words(entry.css_first(".sale-num"))
    return Listing(
        site="tmall" if "tmall.com" in (url or "") else "taobao",
        ref=attribute(entry, "data-id") or (number[1] if number else None),
        url=url,
        title=words(link) or "",
        price=price(words(entry.css_first(".c-price")) or words(entry.css_first(".s-price"))),
        sold=sold(number_sold),
        seller=seller,
        pictures=page.pictures(attribute(image, "data-ks-lazyload", "data-src", "src")),
    )
