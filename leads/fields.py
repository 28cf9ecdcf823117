"""What a lead can be searched by: the fields, their kinds, and the names officers may type."""

from __future__ import annotations

from enum import StrEnum

from leads.model import FINDING_ZH, TRIAGE_ZH, State


class Kind(StrEnum):
    """How a field is compared."""

    TEXT = "text"
    """By the words in it."""
    TERM = "term"
    """By its whole value, or how that begins."""
    NUMBER = "number"
    TIME = "time"


class Field(StrEnum):
    """A searchable field; the value is its English name."""

    TITLE = "title"
    DESCRIPTION = "description"
    BRAND = "brand"
    CATEGORY = "category"
    ATTRIBUTES = "attributes"
    SELLER_NAME = "seller.name"
    SELLER_COMPANY = "seller.company"
    SELLER_LOCATION = "seller.location"
    ORIGIN = "origin"
    SHIPS_FROM = "ships_from"
    FACTORY = "factory"
    RIGHT_NAME = "right.name"
    REASON = "reason"
    DEFENCE = "defence"
    ID = "id"
    SITE = "site"
    REF = "ref"
    KIND = "kind"
    RIGHT_ID = "right.id"
    SELLER = "seller"
    """What groups the listings of one seller: :attr:`leads.model.Listing.seller_key`."""
    SELLER_REF = "seller.ref"
    SELLER_USCC = "seller.uscc"
    FINDING = "finding"
    MATCHER = "matcher"
    BUREAU = "bureau"
    TRIAGE = "triage"
    STATE = "state"
    SCORE = "score"
    PRICE = "price"
    """The lowest price asked."""
    FOUND_AT = "found_at"
    CAPTURED_AT = "captured_at"


_KINDS = {
    Kind.TEXT: "title description brand category attributes seller.name seller.company"
    " seller.location origin ships_from factory right.name reason defence",
    Kind.TERM: "id site ref kind right.id seller seller.ref seller.uscc finding matcher"
    " bureau triage state",
    Kind.NUMBER: "score price",
    Kind.TIME: "found_at captured_at",
}
KINDS: dict[Field, Kind] = {Field(n): kind for kind, ns in _KINDS.items() for n in ns.split()}

ALIASES: dict[str, tuple[Field, ...]] = {
    **{field.value: (field,) for field in Field},
    "标题": (Field.TITLE,),
    "商品名": (Field.TITLE,),
    "描述": (Field.DESCRIPTION,),
    "品牌": (Field.BRAND,),
    "类目": (Field.CATEGORY,),
    "参数": (Field.ATTRIBUTES,),
    "店铺": (Field.SELLER_NAME,),
    "企业": (Field.SELLER_COMPANY,),
    "所在地": (Field.SELLER_LOCATION,),
    "产地": (Field.ORIGIN,),
    "发货地": (Field.SHIPS_FROM,),
    "厂址": (Field.FACTORY,),
    "right": (Field.RIGHT_ID, Field.RIGHT_NAME),
    "权利": (Field.RIGHT_ID, Field.RIGHT_NAME),
    "原因": (Field.REASON,),
    "抗辩": (Field.DEFENCE,),
    "编号": (Field.ID, Field.REF),
    "线索编号": (Field.ID,),
    "商品编号": (Field.REF,),
    "平台": (Field.SITE,),
    "类型": (Field.KIND,),
    "卖家": (Field.SELLER,),
    "店铺编号": (Field.SELLER_REF,),
    "信用代码": (Field.SELLER_USCC,),
    "发现": (Field.FINDING,),
    "匹配": (Field.MATCHER,),
    "城市": (Field.BUREAU,),
    "city": (Field.BUREAU,),
    "承办": (Field.BUREAU,),
    "分级": (Field.TRIAGE,),
    "状态": (Field.STATE,),
    "分数": (Field.SCORE,),
    "价格": (Field.PRICE,),
    "发现时间": (Field.FOUND_AT,),
    "采集时间": (Field.CAPTURED_AT,),
}
"""Fields by each name that may be typed; several mean any of them."""

FACETS_ZH: dict[Field, str] = {
    Field.STATE: "状态",
    Field.TRIAGE: "分级",
    Field.SITE: "平台",
    Field.BUREAU: "城市",
    Field.RIGHT_ID: "权利",
    Field.FINDING: "发现",
    Field.MATCHER: "匹配",
    Field.KIND: "类型",
}
"""Fields by whose values leads can be counted, each with the name officers are shown."""
FACETS = tuple(FACETS_ZH)

CHOICES: dict[Field, dict[str, tuple[str, ...]]] = {
    Field.FINDING: {
        f.value: (f.value, f.value.partition(".")[0], zh) for f, zh in FINDING_ZH.items()
    },
    Field.TRIAGE: {t.value: (t.value, zh) for t, zh in TRIAGE_ZH.items()},
    Field.STATE: {s.value: (s.name, s.value) for s in State},
    Field.KIND: {"offer": ("offer", "商品"), "exhibit": ("exhibit", "展品")},
}
"""Codes of a closed list, each with the names it may be typed by; officers are shown the last."""

MATCHER_ZH: dict[str, str] = {
    "claims": "商标宣传",
    "copies": "图片盗用",
    "evocation": "攀附用语",
    "gi_imitation": "地理标志近似",
    "imitation": "商标近似",
    "inclusion": "包含他人商标",
    "latin": "外文和拼音",
    "logos": "图片标识",
    "mandatory": "必须用注册商标",
    "names": "名称相同",
    "other_marks": "其他商标",
    "patents": "专利标识",
    "seals": "专用标志图形",
    "shop_names": "店铺企业名称",
    "signs": "特殊标志",
}
"""What officers are shown for a matcher; one that is not here is shown by its own name."""
