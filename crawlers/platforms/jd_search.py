"""JD search results, 2016 to 2024: one card an item."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from crawlers.money import price
from crawlers.page import Extractor, Page, Reading, attribute, words
from leads.model import Listing, Seller, Verdict

_SHOP = re.compile(r"index-(\d+)")
_PAGE = re.compile(r"page\s*:\s*[\"'](\d{1,4})[\"']\s*,\s*page_count\s*:\s*[\"'](\d{1,4})[\"']")
_QUERY = re.compile(r"SEARCH\.base_url\s*=\s*\"([^\"]{1,2000})\"")


class JdSearch(Extractor):
    """``search.jd.com/Search``. It names no place and no attributes; review counts are no sales."""

    name = "jd-search"
    site = "jd"
    promises = ("ref", "price", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page is made of result cards."""
        text = page.text
        return "J_goodsList" in text or (
            "gl-item" in text and page.tree.css_first("li.gl-item") is not None
        )

    def read(self, page: Page) -> Reading:
        """Return a listing for each card; ``empty`` if the search found nothing."""
        listings = tuple(_listing(page, card) for card in page.tree.css("li.gl-item"))
        if not listings:
            return Reading(Verdict.EMPTY, reason="没有搜索结果")
        follow = tuple(dict.fromkeys(listing.url for listing in listings if listing.url))
        return Reading(Verdict.OK, listings, follow=follow, next_page=_next(page))


def _listing(page: Page, card: LexborNode) -> Listing:
    ref = attribute(card, "data-sku", "data-pid") or attribute(
        card.css_first(".j-sku-item"), "data-sku"
    )
    title = words(card.css_first(".p-name em")) or words(card.css_first(".p-name a"))
    link = card.css_first(".p-name a") or card.css_first(".p-img a")
    image = card.css_first(".p-img img")
    source = attribute(image, "source-data-lazy-img", "data-lazy-img", "src")
    if source == "done":
        source = attribute(image, "src")
    amount = words(card.css_first(".p-price i")) or words(card.css_first(".p-price strong"))
    return Listing(
        ref=ref,
        url=page.absolute(attribute(link, "href")),
        title=title or "",
        price=price(amount) or price(attribute(card.css_first(".p-price strong"), "data-price")),
        seller=_seller(page, card),
        pictures=page.pictures(source),
    )


def _seller(page: Page, card: LexborNode) -> Seller | None:
    shop = card.css_first(".p-shop")
    link = card.css_first(".p-shop a")
    url = page.absolute(attribute(link, "href"))
    ref = attribute(shop, "data-shopid") or ((m := _SHOP.search(url or "")) and m[1])
    name = attribute(link, "title") or words(link) or attribute(shop, "data-shop_name")
    return Seller(ref=ref or None, name=name, url=url) if ref or name else None


def _next(page: Page) -> str | None:
    """JD counts half pages: what a person calls page 2 is ``page=3``."""
    link = page.tree.css_first("a.pn-next")
    href = attribute(link, "href")
    if href and page.url and not href.lower().startswith("javascript"):
        return page.absolute(href)
    found = _PAGE.search(page.text)
    if not found or int(found[1]) + 2 > int(found[2]):
        return None
    number = str(int(found[1]) + 2)
    if page.url:
        parts = urlsplit(page.url)
        query = {**dict(parse_qsl(parts.query)), "page": number}
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
    base = _QUERY.search(page.text)
    query_text = base[1].replace("\\x26", "&") if base else ""
    return f"https://search.jd.com/Search?{query_text}&page={number}" if query_text else None
