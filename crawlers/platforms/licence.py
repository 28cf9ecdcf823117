"""A shop's or exhibitor's own page: the business licence it must show (电子商务法第十五条)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawlers.page import Extractor, Page, Reading, attribute, clean, words
from crawlers.platforms.labels import Pairs, defined, licence, listed
from leads.model import Seller, Verdict

_SHOWN = ("统一社会信用代码", "营业执照", "企业名称", "证照信息")
_NUMBER = re.compile(
    r"(?:shopLevel|showLicence|index|shop|store|exhibitors?)[-/_]?(\d{3,20})|[?&]id=(\d{3,20})"
)
_HEADING = ".shop-name, .shopname, .store-name, .slogo-shopname, .exhibitor-name"
_SITE_SUFFIX = re.compile(r"[-–|_—].*$|(?:的)?(?:店铺|证照|营业执照)(?:信息|首页)?$")


class Licence(Extractor):
    """Any page that shows a licence's labels; it gives the seller, and the offers it links to."""

    name = "licence"
    order = 95

    def claims(self, page: Page) -> bool:
        """Tell whether a licence's labels are in the text."""
        return any(label in page.text for label in _SHOWN)

    def read(self, page: Page) -> Reading:
        """Return the seller; ``unsupported`` if no licence can be read."""
        seller = seller_of(page)
        if seller is None:
            return Reading(Verdict.UNSUPPORTED, reason="没有可读的营业执照信息")
        return Reading(Verdict.OK, seller=seller)


def seller_of(page: Page) -> Seller | None:
    """Return the seller whose licence the page shows, under the shop's name and number.

    A shop of a natural person has no licence to show: its page gives name and number only.
    """
    shown = shown_pairs(page)
    said = licence(shown)
    heading = page.tree.css_first(_HEADING)
    if said is None and heading is None:
        return None
    said = said or Seller()
    number = _NUMBER.search(page.home or "")
    return said.model_copy(
        update={
            "name": _shop_name(page, heading) or said.company,
            "ref": attribute(heading, "data-shop-id", "data-shopid")
            or ((number[1] or number[2]) if number else None),
            "url": page.home,
        }
    )


def shown_pairs(page: Page) -> Pairs:
    """Return every labelled fact in the page's lists and tables."""
    tree = page.tree
    together = (*defined(tree.css("dl, table")), *listed(tree.css("li, p, td, dd")))
    return tuple(dict.fromkeys(together))


def _shop_name(page: Page, heading: LexborNode | None) -> str | None:
    title = words(heading) or page.first("h1") or page.first("title")
    return clean(_SITE_SUFFIX.sub("", title)) if title else None
