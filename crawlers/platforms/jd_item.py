"""JD item pages of 2015 to 2023: ``pageConfig.product`` and the parameter lists."""

from __future__ import annotations

import re
from typing import Any

from crawlers.money import price
from crawlers.page import Extractor, Page, Reading, attribute, clean, words
from crawlers.platforms.embedded import literal_after, record
from crawlers.platforms.labels import Pairs, defined, listed, places
from leads.model import Listing, Seller, Verdict

_CONFIG = re.compile(r"pageConfig\s{0,9}=\s{0,9}(?=\{[^{}]{0,400}product\s{0,9}:)")
_PICTURES = "//img1x.360buyimg.com/n1/"
_NOT_ATTRIBUTES = ("商品名称", "商品编号", "店铺")


class JdItem(Extractor):
    """``item.jd.com/<sku>.html``. The price is not in the page (it came by XHR): None."""

    name = "jd-item"
    site = "jd"
    promises = ("ref", "seller")

    def claims(self, page: Page) -> bool:
        """Tell whether the page sets up ``pageConfig.product``."""
        return "pageConfig" in page.text and _CONFIG.search(page.text) is not None

    def read(self, page: Page) -> Reading:
        """Return the one listing."""
        product = record(literal_after(page.text, _CONFIG), "product")
        attributes = self._attributes(page)
        said = places(attributes)
        ref = clean(product.get("skuid"))
        title = page.first(".sku-name") or page.first("#name h1") or clean(product.get("name"))
        breadcrumbs = [words(node) for node in page.tree.css(".crumb > .item > a")]
        listing = Listing(
            ref=ref,
            url=page.home or page.absolute(clean(product.get("href"))),
            title=title or "",
            attributes=attributes,
            brand=said.brand,
            price=price(page.first(".p-price .price")),
            seller=self._seller(page, product),
            origin=said.origin,
            ships_from=said.ships_from,
            factory=said.factory,
            category=tuple(text for text in breadcrumbs if text),
            pictures=page.pictures(*_pictures(product)),
        )
        return Reading(Verdict.OK, (listing,))

    def _attributes(self, page: Page) -> Pairs:
        short = listed(page.tree.css("#parameter-brand li, .parameter2 li, #parameter2 li"))
        table = defined(page.tree.css(".Ptable-item dl, .Ptable tr"))
        together = dict.fromkeys((*short, *table))
        return tuple(entry for entry in together if entry[0] not in _NOT_ATTRIBUTES)

    def _seller(self, page: Page, product: dict[str, Any]) -> Seller | None:
        link = page.tree.css_first(
            ".J-hove-wrap .name a, .contact .name a, .popbox-inner .mt h3 a, .seller-infor a"
        )
        ref = clean(product.get("shopId"))
        name = attribute(link, "title") or words(link)
        if ref is None and name is None:
            return None
        return Seller(
            ref=ref, name=name, url=page.absolute(attribute(link, "href")) if link else None
        )


def _pictures(product: dict[str, Any]) -> list[str]:
    images = product.get("imageList")
    paths = [clean(image) for image in images] if isinstance(images, list) else []
    paths = [path for path in paths if path] or [clean(product.get("src"))]
    return [path if path.startswith(("/", "http")) else _PICTURES + path for path in paths if path]
