"""Real saved pages beside the checkout, and the facts that were read off them by hand."""

from pathlib import Path
from typing import Any

import pytest

from crawlers.extract import extract
from crawlers.page import Page, Reading

REAL = Path(__file__).parents[3] / "shared" / "data" / "pages"

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(),
    reason="real pages are missing: there is no ../shared/data/pages beside this checkout",
)


def read(name: str) -> Reading:
    return extract(Page((REAL / name).read_bytes()))


def fact(reading: Reading, path: str) -> Any:
    """``first.seller.name``, ``first.attribute.<label>``, ``count``, ``prices``…"""
    if path == "count":
        return len(reading.listings)
    if path == "without title":
        return sum(not listing.title for listing in reading.listings)
    if path == "without price":
        return sum(listing.price is None for listing in reading.listings)
    value: Any = reading.listings[0]
    for step in path.split("."):
        if step == "attribute":
            value = dict(value.attributes)
        else:
            value = value[step] if isinstance(value, dict) else getattr(value, step)
    return str(value) if path.endswith((".min", ".max")) else value


FACTS: list[tuple[str, str, Any]] = [
    (page, path, expected)
    for page, facts in {
        "jd/item_1020565583_liangpinpuzi_pinenut_2018.html": {
            "verdict": "ok",
            "count": 1,
            "site": "jd",
            "ref": "1020565583",
            "brand": "良品铺子",
            "price": None,
            "seller.ref": "25789",
            "seller.name": "良品铺子官方旗舰店",
            "attribute.国产/进口": "国产",
            "attribute.生产许可证号": "SC11842011202060",
            "origin": None,
        },
        "jd/search_phone_2024.html": {
            "verdict": "ok",
            "count": 60,
            "without title": 0,
            "without price": 0,
            "ref": "100105483276",
            "price.min": "1999.00",
            "price.max": "1999.00",
            "seller.name": "iQOO京东自营官方旗舰店",
            "sold": None,
        },
        "taobao/search_huili_shoes_2016.html": {
            "verdict": "ok",
            "count": 36,
            "without price": 0,
            "ref": "528991075854",
            "price.min": "115.00",
            "seller.name": "回力老字号",
            "seller.location": "广东 深圳",
            "sold.count": 8,
            "sold.text": "8人付款",
            "ships_from": None,
        },
        "taobao/item_keyboard_case_2020.html": {
            "verdict": "ok",
            "count": 1,
            "ref": "562283240178",
            "price.min": "149.00",
            "price.max": "159.00",
            "seller.name": "怡科外设KBDfans",
            "brand": "KBDfans",
            "pseudo": False,
        },
        "taobao/item_yeswomen_2017.html": {
            "verdict": "ok",
            "brand": "YESWOMEN",
            "attribute.货号": "B820",
            "price.min": "79.99",
        },
        "taobao/item_postage_2017.html": {"pseudo": True, "price.min": "1.00", "count": 1},
        "tmall/item_amh_jeans_2015.html": {
            "verdict": "ok",
            "site": "tmall",
            "brand": "AMH",
            "price.min": "298.00",
            "seller.name": "AMH官方旗舰店",
            "seller.location": "山东",
        },
        "schemaorg/extruct_product.html": {
            "brand": "ACME",
            "price.min": "119.99",
            "price.currency": "USD",
            "seller.name": "Executive Objects",
        },
        "schemaorg/extruct_product_microdata.html": {"brand": "ACME", "price.min": "119.99"},
        "schemaorg/extruct_bad_JSONLD_with_control_characters.html": {
            "verdict": "unsupported",
            "count": 0,
        },
        "schemaorg/thinkgeek.html": {"price.min": "5.99", "price.currency": "USD"},
        "schemaorg/etsy.html": {"price.min": "2.99", "price.currency": "USD"},
        "schemaorg/aliexpress.html": {
            "price.min": "97.39",
            "price.max": "128.72",
            "price.currency": "EUR",
        },
        "1688/search_datacable_2023.html": {
            "verdict": "ok",
            "count": 20,
            "without price": 0,
            "site": "1688",
            "seller.company": "深圳市荣亮达科技有限公司",
            "seller.location": "广东 汕头市潮南区",
            "ships_from": "广东 汕头",
            "origin": None,
            "price.min": "1.71",
        },
        "pdd/goods_list_0.json": {
            "verdict": "ok",
            "count": 119,
            "site": "pdd",
            "ref": "2173242127",
            "price.min": "58.00",
            "price.max": "68.00",
            "sold.count": 47144,
            "seller.name": None,
        },
        "cantonfair/exhibits_411002_2021.csv": {
            "verdict": "ok",
            "count": 540,
            "without title": 0,
            "kind": "exhibit",
            # as many rows as have 0 for both ends: not given
            "without price": 396,
            "seller.location": "浙江 宁波",
            "attribute.品牌展商": "是",
        },
        "tradefair_other/heimtextil2022_exhibitors.csv": {
            "verdict": "ok",
            "count": 150,
            "kind": "exhibit",
            "attribute.BoothNumber": "G12",
            "seller.location": "Italy",
        },
        "tradefair_other/ifema_exhibitors_2022.json": {
            "kind": "exhibit",
            "seller.url": "http://www.compostelacampers.com",
            "category": ("Travel agencies",),
        },
    }.items()
    for path, expected in facts.items()
]


@pytest.mark.parametrize(("page", "path", "expected"), FACTS)
def test_a_real_page_gives_what_was_read_off_it_by_hand(
    page: str, path: str, expected: Any
) -> None:
    reading = read(page)
    found = reading.verdict.value if path == "verdict" else fact(reading, path)
    assert found == expected


def test_every_real_page_has_a_fact() -> None:
    pages = {
        file.relative_to(REAL).as_posix()
        for file in REAL.rglob("*")
        if file.suffix in (".html", ".json", ".csv")
    }
    assert pages - {page for page, _, _ in FACTS} == set()


def test_the_title_of_a_real_item_is_the_one_in_its_window() -> None:
    for page, _, _ in FACTS:
        if "/item_" in page:
            window = Page((REAL / page).read_bytes()).first("title")
            assert window is not None
            assert read(page).listings[0].title in window
