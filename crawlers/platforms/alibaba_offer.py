"""1688 offer pages: ``window.context`` of 2024 to 2026 and ``__INIT_DATA`` before it.

Both carry the account of whoever looked at the page (``buyerModel`` and the like); only named
fields of the offer and the seller are taken, so that nothing of it gets into a listing.
"""

from __future__ import annotations

import re
from typing import Any

from crawlers.money import lowest_to_highest, price
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dicts, dig, json_value, literal_after, record, search
from crawlers.platforms.json_item import is_json
from crawlers.platforms.labels import Pairs, pairs, places
from leads.model import Listing, Price, Seller, Verdict

_CONTEXT = re.compile(r"\}\)\(window\.contextPath,\s{0,99}(?=\{)")
_INIT = re.compile(r"window\.__INIT_DATA\s*=\s*(?=\{)")
_MARKS = ("offerImgList", "tempModel", "productTitle")
_VIEWER = ("buyerModel", "buyerInfo", "userInfo", "userModel", "loginUser", "viewer")


class AlibabaOffer(Extractor):
    """``detail.1688.com/offer/<id>.html``; the literal has bare numeric keys and is not JSON."""

    name = "1688-offer"
    site = "1688"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page sets up either."""
        text = page.text
        inline = "window.contextPath" in text or "__INIT_DATA" in text
        return inline or (is_json(page) and any(f'"{mark}"' in text for mark in _MARKS))

    def read(self, page: Page) -> Reading:
        """Return the one listing."""
        data = (
            json_value(page.text)
            if is_json(page)
            else literal_after(page.text, _CONTEXT) or literal_after(page.text, _INIT)
        )
        if data is None:
            raise Unreadable(Verdict.DAMAGED, "商品数据不完整")
        return Reading(Verdict.OK, (_listing(page, without_viewer(data)),))


def without_viewer(value: Any, levels: int = 20) -> Any:
    """Return the data without the objects that tell who looked at the page."""
    if levels == 0:
        return None
    if isinstance(value, dict):
        return {
            key: without_viewer(entry, levels - 1)
            for key, entry in value.items()
            if key not in _VIEWER
        }
    if isinstance(value, list):
        return [without_viewer(entry, levels - 1) for entry in value]
    return value


def _listing(page: Page, data: Any) -> Listing:
    attributes = _attributes(data)
    said = places(attributes)
    ref = clean(search(data, "offerId"))
    title = clean(dig(data, "result", "data", "productTitle", "fields", "title"))
    return Listing(
        ref=ref,
        url=page.home or (f"https://detail.1688.com/offer/{ref}.html" if ref else None),
        title=title or clean(search(data, "offerTitle", "subject")) or "",
        attributes=attributes,
        brand=said.brand,
        price=_price(data),
        seller=_seller(page, data),
        origin=said.origin,
        ships_from=said.ships_from
        or clean(search(data, "sendAddress", "deliveryFrom", "location")),
        factory=said.factory,
        category=_category(data),
        pictures=page.pictures(*_pictures(data)),
    )


def _attributes(data: Any) -> Pairs:
    found = search(data, "featureAttributes", "productFeatureList", "attributes")
    return pairs((entry.get("name"), _value(entry)) for entry in dicts(found))


def _value(entry: dict[str, Any]) -> str | None:
    values = entry.get("values")
    if isinstance(values, list):
        return ",".join(text for value in values if (text := clean(value))) or None
    return clean(entry.get("value"))


def _price(data: Any) -> Price | None:
    """From the steps by quantity, else from the printed scale, else from the prices of variants."""
    ranges = [price(step.get("price")) for step in dicts(search(data, "offerPriceRanges"))]
    steps = lowest_to_highest([asked for asked in ranges if asked])
    return steps or price(search(data, "skuPriceScale", "priceDisplay", "discountPrice", "price"))


def _seller(page: Page, data: Any) -> Seller | None:
    seller = search(data, "sellerModel")
    seller = seller if isinstance(seller, dict) else {}
    company = clean(search(data, "companyName")) or clean(seller.get("companyName"))
    ref = clean(search(data, "sellerMemberId", "sellerLoginId")) or clean(seller.get("memberId"))
    if company is None and ref is None:
        return None
    return Seller(
        ref=ref,
        name=company,
        url=page.absolute(clean(search(data, "winportUrl", "shopUrl", "sellerWinportUrl"))),
        company=company,
        location=clean(search(data, "companyAddress", "sellerLocation")),
    )


def _category(data: Any) -> tuple[str, ...]:
    named = clean(search(data, "leafCategoryName", "postCategoryName"))
    return (named,) if named else ()


def _pictures(data: Any) -> list[str | None]:
    found = search(data, "offerImgList", "imageList", "images")
    entries = found if isinstance(found, list) else [found]
    keys = ("fullPathImageURI", "originalImageURI", "url")
    return [
        clean(entry) or next((clean(entry[k]) for k in keys if record(entry).get(k)), None)
        for entry in entries
    ]
