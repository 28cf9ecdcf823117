"""Fairs whose exhibits stand as cards: an exhibitor's page, or a trade platform's product list."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawlers.money import price
from crawlers.page import Extractor, Page, Reading, attribute, words
from crawlers.platforms.fair_tables import next_page
from crawlers.platforms.labels import defined, listed, places
from crawlers.platforms.licence import seller_of
from leads.model import Listing, Seller, Verdict

_CARD = '.exhibit, .exhibit-item, .exhibit-card, [class*="index__ProductCard--"]'
_TITLE = '.exhibit-name, .exhibit-title, [class*="index__title--"], h3, h4'
_COMPANY = '.exhibitor, .exhibit-company, [class*="index__company--"]'
_PRICE = '.exhibit-price, [class*="index__price--"]'
_NUMBER = re.compile(r"/(?:products?|exhibits?)/(\w[\w-]*)")
_SHOP = re.compile(r"/shops?/(\w[\w-]*)")


class FairCards(Extractor):
    """Cards of class ``exhibit``, and those of Canton Fair in 2025 by their stable prefixes."""

    name = "fair-cards"
    order = 91

    def claims(self, page: Page) -> bool:
        """Tell whether such a class is in the markup."""
        return 'class="exhibit' in page.text or "index__ProductCard--" in page.text

    def read(self, page: Page) -> Reading:
        """Return a listing for each card, offered by the exhibitor whose page it is."""
        cards = page.tree.css(_CARD)
        if not cards:
            return Reading(Verdict.UNSUPPORTED, reason="没有展品")
        own = seller_of(page)
        listings = tuple(_listing(page, card, own) for card in cards)
        follow = tuple(
            dict.fromkeys(
                listing.url for listing in listings if listing.url and "#" not in listing.url
            )
        )
        return Reading(Verdict.OK, listings, seller=own, follow=follow, next_page=next_page(page))


def _listing(page: Page, card: LexborNode, own: Seller | None) -> Listing:
    attributes = (*defined(card.css("dl")), *listed(card.css("li, p")))
    said = places(attributes)
    anchor = attribute(card, "id")
    link = attribute(card.css_first("h3 a, h4 a, a"), "href") or (f"#{anchor}" if anchor else None)
    number = _NUMBER.search(link or "")
    return Listing(
        ref=attribute(card, "data-id", "data-exhibit-id", "data-sku") or (number and number[1]),
        url=page.absolute(link) if page.url or (link and "//" in link) else None,
        kind="exhibit",
        title=words(card.css_first(_TITLE)) or "",
        attributes=attributes,
        brand=said.brand,
        price=price(words(card.css_first(_PRICE))),
        seller=own or _seller(page, card),
        origin=said.origin,
        ships_from=said.ships_from,
        factory=said.factory,
        pictures=page.pictures(*(attribute(i, "data-src", "src") for i in card.css("img"))),
    )


def _seller(page: Page, card: LexborNode) -> Seller | None:
    company = card.css_first(_COMPANY)
    name = words(company)
    if not name:
        return None
    url = page.absolute(attribute(company, "href"))
    number = _SHOP.search(url or "")
    return Seller(ref=number[1] if number else None, name=name, url=url, company=name)
