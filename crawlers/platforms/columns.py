"""Tables of offers or exhibitors: what columns mean, guessed from headings; rows as listings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crawlers.money import fen, price, sold
from crawlers.page import Page, clean
from crawlers.platforms.labels import pairs, without_contacts
from leads.model import Listing, Price, Seller

HEADINGS: tuple[tuple[str, str], ...] = (
    (
        "title",
        r"商品标题|商品名称|宝贝标题|宝贝名称|产品名称|展品名称|货品名称|品名|标题|展品|title"
        r"|product ?name(?:cn)?|goods_?name|exhibit",
    ),
    (
        "company",
        r"(?:参展)?(?:企业|公司|单位)(?:名称|全称)?|参?展商(?:名称)?|主体名称|exhibitor(?: ?name)?"
        r"|company ?name(?:cn)?|company",
    ),
    ("shop", r"店铺(?:名称?)?|店名|卖家(?:名称|昵称)?|商家(?:名称)?|掌柜|shop ?name|seller|store"),
    ("shop_ref", r"店铺(?:id|编号)|卖家id|shop_?id|seller_?id|company_?id"),
    (
        "ref",
        r"商品(?:id|编号|编码)|宝贝id|展品编号|sku(?:id)?|item_?id|goods_?id|product_?id|编号|id",
    ),
    (
        "url",
        r"(?:商品|宝贝|产品)?(?:链接|网址)|商品地址|详情(?:页|链接)?|url|link|product ?href(?:cn)?",
    ),
    ("price_fen", r"价格[（(]分[）)]|price_?fen"),
    ("price", r"(?:商品|销售|成交|现|单|售)?价格?(?:[（(]元[）)])?|price|min_?price"),
    ("price_max", r"最高价|max_?price"),
    ("currency", r"币种|currency"),
    ("sold", r"(?:月|总)?销量|已售|成交量|付款人数|sales|sold"),
    ("brand", r"(?:商品|产品|参展)?品牌|商标|brands?"),
    ("origin", r"(?:商品|原)?产地|origin"),
    ("ships_from", r"发货地(?:址)?"),
    ("factory", r"厂址|生产地址|生产厂家地址"),
    ("country", r"国家(?:/?地区)?|国别|country"),
    ("location", r"所在地区?|地区|省份|城市|address|地址|注册地址|住所|location"),
    ("uscc", r"统一社会信用代码|信用代码"),
    (
        "category",
        r"(?:展品|商品|产品)?(?:类目|类别|分类)|所属行业|行业|categor(?:y|ies)|activity sectors?",
    ),
    ("picture", r"(?:商品|主)?图片?(?:链接|地址)?|image(?: ?url)?|picture|image_?list"),
    ("description", r"(?:商品|产品)?(?:描述|简介|介绍)|企业简介|description(?:cn)?"),
    ("website", r"(?:企业|公司)(?:网址|网站|主页)|网站|主页|官网|website|homepage"),
    ("booth", r"展位号?|摊位号?|booth(?: ?number)?|stand|展台号?"),
    ("hall", r"展馆|展区|馆号|hall(?: ?location)?"),
    ("products", r"主要展品|主营产品|主要产品|展出内容|参展产品|展品范围|主营"),
)
"""A field, and the headings (whole, whatever their case) that mean it; the first that fits wins."""

FIELDS = frozenset(field for field, _ in HEADINGS)

_FAIR = {"booth", "hall", "products"}
_PATTERNS = tuple((field, re.compile(headings, re.I)) for field, headings in HEADINGS)
_FAIR_WORD = re.compile(r"展|摊位|exhibit|booth", re.I)
_LIST = re.compile(r"[|;；、]")

Columns = Mapping[int, str]


def guess(headings: Sequence[str | None], fixed: Mapping[str, str] | None = None) -> Columns:
    """Return what each column means, by its number: ``fixed`` (heading to field) before the guess.

    A field is given to the first column that fits; empty if the headings name neither an offer nor
    a company, so that the table is none of ours.
    """
    meant: dict[int, str] = {}
    for number, heading in enumerate(headings):
        text = clean(heading) or ""
        field = (fixed or {}).get(text) or _field(text)
        if field and field not in meant.values():
            meant[number] = field
    known = set(meant.values())
    return meant if {"title", "company", "shop"} & known and len(known) > 1 else {}


def listing(
    page: Page, headings: Sequence[str | None], columns: Columns, cells: Sequence[str | None]
) -> Listing:
    """Return one row as a listing: an exhibit if it stands in a fair's table, else an offer.

    An exhibitor without a named exhibit is an exhibit under the exhibitor's name. Columns that mean
    nothing known become attributes, except contacts.
    """
    row = {field: clean(cells[n]) for n, field in columns.items() if n < len(cells)}
    other = [
        (heading, cell)
        for number, (heading, cell) in enumerate(zip(headings, cells, strict=False))
        if number not in columns or columns[number] in _FAIR
    ]
    company, shop = row.get("company"), row.get("shop")
    fair = "title" not in columns.values() or any(_FAIR_WORD.search(h or "") for h in headings)
    return Listing(
        ref=row.get("ref"),
        url=page.absolute(row.get("url")),
        kind="exhibit" if fair else "offer",
        title=row.get("title") or company or "",
        description=without_contacts(row.get("description")),
        attributes=pairs(other),
        brand=row.get("brand"),
        price=_price(row),
        sold=sold(row.get("sold")),
        seller=_seller(page, row) if company or shop else None,
        origin=row.get("origin"),
        ships_from=row.get("ships_from"),
        factory=row.get("factory"),
        category=_parts(row.get("category")),
        pictures=page.pictures(*_parts(row.get("picture"))),
    )


def _parts(cell: str | None) -> tuple[str, ...]:
    return tuple(text for part in _LIST.split(cell or "") if (text := clean(part)))


def _field(heading: str) -> str | None:
    return next((field for field, pattern in _PATTERNS if pattern.fullmatch(heading)), None)


def _seller(page: Page, row: Mapping[str, str | None]) -> Seller:
    return Seller(
        ref=row.get("shop_ref"),
        name=row.get("shop") or row.get("company"),
        url=page.absolute(row.get("website")),
        company=row.get("company"),
        uscc=row.get("uscc"),
        location=" ".join(filter(None, (row.get("country"), row.get("location")))) or None,
    )


def _price(row: Mapping[str, str | None]) -> Price | None:
    if row.get("price_fen"):
        return fen(row["price_fen"])
    low, high = (price(row.get(key), row.get("currency")) for key in ("price", "price_max"))
    if low and high:
        return low.model_copy(update={"max": max(low.max, high.max)})
    return low or high
