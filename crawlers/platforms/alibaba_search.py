"""1688 search results: the list of offers that the page's configuration or its answer carries."""

from __future__ import annotations

import re
from typing import Any

from crawlers.money import count, fen, price
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dicts, dig, literal_after, record, search, text_at
from crawlers.platforms.labels import pairs, places
from leads.model import Listing, Price, Seller, Sold, Verdict

_LIST = re.compile(r"[\"']?(?:listOffer|offerList)[\"']?\s*:\s*(?=\[)")
_TAG = re.compile(r"</?\w[^<>]{0,200}>")


class AlibabaSearch(Extractor):
    """``s.1688.com``: company and its place, and apart from it the place of dispatch."""

    name = "1688-search"
    site = "1688"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page carries a list of offers."""
        named = "listOffer" in page.text or ("offerList" in page.text and "1688" in page.text)
        return named and _LIST.search(page.text) is not None

    def read(self, page: Page) -> Reading:
        """Return a listing for each offer."""
        offers = literal_after(page.text, _LIST)
        if not isinstance(offers, list):
            raise Unreadable(Verdict.DAMAGED, "搜索结果数据不完整")
        listings = tuple(_listing(page, offer) for offer in dicts(offers))
        follow = tuple(dict.fromkeys(listing.url for listing in listings if listing.url))
        return Reading(Verdict.OK, listings, follow=follow)


def _listing(page: Page, offer: dict[str, Any]) -> Listing:
    facts = record(offer, "attr") or offer
    information = record(facts, "information")
    attributes = pairs((entry.get("p"), entry.get("v")) for entry in dicts(offer, "cpv"))
    said = places(attributes)
    ref = clean(offer.get("offerid") or offer.get("offerId") or offer.get("id") or facts.get("id"))
    title = text_at(information, "subject") or text_at(offer, "title", "subject", "simpleSubject")
    brand = clean(dig(facts, "brand", "name"))
    image = text_at(offer, "imgUrl", "imageUrl") or text_at(offer.get("image"), "imgUrl")
    return Listing(
        ref=ref,
        url=f"https://detail.1688.com/offer/{ref}.html" if ref and ref.isdigit() else None,
        title=clean(_TAG.sub("", title or "")) or "",
        attributes=attributes,
        brand=brand or said.brand,
        price=_price(offer, facts),
        sold=_sold(record(facts, "tradeQuantity")),
        seller=_seller(page, offer, record(facts, "company")),
        origin=said.origin,
        ships_from=_joined(information.get("sendProvince"), information.get("sendCity")),
        pictures=page.pictures(image),
    )


def _seller(page: Page, offer: dict[str, Any], company: dict[str, Any]) -> Seller | None:
    name = clean(company.get("name"))
    ref = clean(offer.get("memberId")) or clean(offer.get("loginId"))
    if name is None and ref is None:
        return None
    shop = search(offer, "wangpuUrl", "shopUrl", levels=4)
    return Seller(
        ref=ref,
        name=name,
        url=page.absolute(clean(shop)),
        company=name,
        location=_joined(company.get("province"), company.get("city")),
    )


def _price(offer: dict[str, Any], facts: dict[str, Any]) -> Price | None:
    """The price asked now; the parts of a split amount are whole yuan and hundredths."""
    asked = fen(dig(offer, "priceMoney", "cent")) or price(offer.get("strPriceMoney"))
    shown = record(facts, "tradePrice", "offerPrice")
    parts = record(shown, "value") or record(shown, "originalValue")
    whole, hundredths = parts.get("integer"), parts.get("decimals")
    if asked is None and isinstance(whole, int) and isinstance(hundredths, int):
        asked = fen(whole * 100 + hundredths)
    return asked or price(shown.get("valueString")) or price(offer.get("price"))


def _sold(quantity: dict[str, Any]) -> Sold | None:
    shown = clean(quantity.get("quantitySumMonthDisplay"))
    number = count(shown) if shown else quantity.get("saleQuantity")
    if shown is None and not isinstance(number, int):
        return None
    return Sold(count=number if isinstance(number, int) else None, text=shown)


def _joined(province: object, city: object) -> str | None:
    parts = dict.fromkeys(part for part in (clean(province), clean(city)) if part)
    return " ".join(parts) or None
