"""Canton Fair and fairs on the same software (CAEXPO): exhibitors, and the exhibits of 2021."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.money import price_range
from crawlers.page import Extractor, Page, Reading, Unreadable, clean
from crawlers.platforms.embedded import dicts, dig, json_value, literal, record, search, text_at
from crawlers.platforms.json_item import is_json
from crawlers.platforms.labels import pairs, without_contacts
from leads.model import Listing, Seller, Verdict

_SHOPS = "b2b:shops"
_EXHIBIT = ("productNameCN", "companyNameCN")
_CURRENCY = {"1": "CNY", "2": "USD"}
"""Codes of the 2021 fair, as far as prices let one tell; another code stays as it is."""
_TAG = re.compile(r"<[^<>]{0,500}>")
_LONGEST_CELL = 1_000_000
_LONGEST_LIST = 50_000
_HONOURS = (
    ("isBrandEnterprise", "品牌企业"),
    ("isChinatimeHonoredBrand", "中华老字号"),
    ("isSpecialized", "专精特新"),
    ("isNewExhibition", "首次参展"),
)


class CantonFair(Extractor):
    """``themeRos`` shop searches (JSON), ``getSearchGoods`` rows (JSON, or CSV with Python lists).

    ``shopExt``, which holds contacts, is not read.
    """

    name = "canton-fair"
    site = "cantonfair"
    promises = ("seller",)

    def claims(self, page: Page) -> bool:
        """Tell whether the text is one of these answers or tables."""
        start = page.text[:3000]
        rows = all(name in start for name in _EXHIBIT)
        return (
            is_json(page) and (_SHOPS in page.text or all(n in page.text for n in _EXHIBIT))
        ) or (rows and not start.lstrip().startswith("<"))

    def read(self, page: Page) -> Reading:
        """Return a listing for each exhibit, or for each exhibitor under its name."""
        if not is_json(page):
            return Reading(Verdict.OK, tuple(_exhibit(page, row) for row in _rows(page)))
        answer = json_value(page.text)
        shops = tuple(_exhibitor(page, shop) for shop in dicts(search(answer, _SHOPS)))
        goods = tuple(_exhibit(page, row) for row in _goods(answer, 5))
        return Reading(Verdict.OK, (*shops, *goods), next_page=_next(page, answer))


def _exhibitor(page: Page, shop: dict[str, Any]) -> Listing:
    more, trader, address = (record(shop, key) for key in ("udfs", "siteTrader", "address"))
    name = text_at(shop, "name") or ""
    ref = text_at(shop, "code", "id")
    attributes = pairs(
        [
            ("主要产品", text_at(more, "mainProducts")),
            ("关键词", text_at(more, "keyWords")),
            ("企业类型", text_at(more, "typeOfCompany")),
            ("成立年份", text_at(more, "yearOfEstablishment")),
            *(
                (label, "是")
                for key, label in _HONOURS
                if trader.get(key) in (True, "true", 1, "1")
            ),
        ]
    )
    place = [
        text_at(address.get(key), "name") or text_at(address, key) for key in ("province", "city")
    ]
    return Listing(
        ref=ref,
        kind="exhibit",
        title=name,
        description=without_contacts(text_at(shop, "description")),
        attributes=attributes,
        seller=Seller(
            ref=ref,
            name=name or None,
            url=page.absolute(text_at(more, "website")),
            company=name or None,
            location=" ".join(filter(None, place)) or text_at(address, "fullAddress"),
        ),
    )


def _exhibit(page: Page, row: Mapping[str, Any]) -> Listing:
    company = text_at(row, "companyNameCN", "companyNameEN")
    attributes = pairs(
        [
            ("英文名称", row.get("productNameEN")),
            ("英文企业名称", row.get("companyNameEN")),
            ("关键词", "、".join(_labels(row.get("productKeyWordCN"), "title"))),
            ("品牌展商", "是" if str(row.get("isBrand")) == "1" else None),
        ]
    )
    described = text_at(row, "descriptionCN", "descriptionEN")
    code = clean(row.get("currency"))
    area = [label for label in _labels(row.get("countryArea"), "label") if label != "中国"]
    return Listing(
        ref=text_at(row, "productId"),
        url=page.absolute(text_at(row, "productHrefCN", "productHrefEN")),
        kind="exhibit",
        title=text_at(row, "productNameCN", "productNameEN") or "",
        description=without_contacts(_plain(described)),
        attributes=attributes,
        price=price_range(
            row.get("minPrice"), row.get("maxPrice"), _CURRENCY.get(code or "", code)
        ),
        seller=Seller(
            ref=text_at(row, "companyId"),
            name=company,
            url=page.absolute(text_at(row, "companyHrefCN")),
            company=company,
            location=" ".join(area) or None,
        )
        if company
        else None,
        category=tuple(_labels(row.get("categoryList"), "label")),
        pictures=page.pictures(*_labels(row.get("imageList"), "url")),
    )


def _rows(page: Page) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(io.StringIO(page.text, newline=""))
    try:
        yield from reader
    except csv.Error as broken:
        raise Unreadable(Verdict.DAMAGED, f"第 {reader.line_num} 行无法按表格读取") from broken


def _goods(value: Any, levels: int) -> Iterator[dict[str, Any]]:
    """Every object that has an exhibit's name, wherever the answer puts its rows."""
    if levels and isinstance(value, list):
        for entry in value:
            yield from _goods(entry, levels - 1)
    elif levels and isinstance(value, dict):
        if "productNameCN" in value:
            yield value
        else:
            for entry in value.values():
                yield from _goods(entry, levels - 1)


def _labels(value: Any, key: str) -> list[str]:
    """The texts of a list, or of one key of its objects; the list may be one that Python wrote."""
    if isinstance(value, str) and value.startswith("[") and len(value) <= _LONGEST_LIST:
        try:
            value = literal(value)
        except Unreadable:
            return []
    entries = value if isinstance(value, list) else []
    return [text for entry in entries if (text := clean(dig(entry, key)) or clean(entry))]


def _plain(text: str | None) -> str | None:
    return clean(_TAG.sub(" ", html.unescape(text))) if text else None


def _next(page: Page, answer: Any) -> str | None:
    link = dig(answer, "_links", "next", "href")
    return page.absolute(clean(link)) if link else None
