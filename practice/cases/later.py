"""Misuse that a name matcher cannot see: imitations, numbers, rules without a right."""

from __future__ import annotations

from leads.model import Finding
from practice.case import Case
from practice.truth import Need

_TEXT = frozenset({Need.TEXT})
_IMITATION = Finding.BRAND_IMITATION

LATER = {
    "kangshuaifu": Case(
        "noodles",
        ("康帅傅红烧牛肉面 {size} {tail}", "康帅博 香菇炖鸡面 {adj}{size}"),
        "imitation by shape",
        misuse=(("brand-kangshifu", _IMITATION),),
        needs=_TEXT,
        brand="康帅傅",
    ),
    "liurenhetao": Case(
        "walnut",
        ("六仁核桃 {adj} {size} {tail}", "六颗核桃乳 {size} {adj}"),
        "imitation by swapping a word",
        misuse=(("brand-liugehetao", _IMITATION),),
        needs=_TEXT,
    ),
    "laoganniang": Case(
        "chilli",
        ("老干娘 {adj}豆豉辣酱 {size} {tail}", "老乾爹香辣油辣椒 {size}"),
        "imitation by a word for kin",
        misuse=(("brand-laoganma", _IMITATION),),
        needs=_TEXT,
    ),
    "beef-style": Case(
        "beef",
        ("平遥风味牛肉 {adj} {size}", "平遥式酱牛肉 {size} {tail}"),
        "GI name with a word of style",
        misuse=(("gi-pingyao-niurou", Finding.GI_EVOCATION),),
        needs=_TEXT,
        facts={"产地": "河南省周口市"},
    ),
    "shop-name": Case(
        "drink",
        ("{adj}{noun} {size} {tail}",),
        "another's mark in the shop's name",
        misuse=(("brand-wahaha", Finding.BRAND_SHOP_NAME),),
        needs=_TEXT,
        firm="娃哈哈折扣",
    ),
    "patent-number": Case(
        "daily",
        ("国家专利 {noun} {adj} {size}",),
        "patent number whose check digit does not hold",
        misuse=(("patent", Finding.PATENT_NUMBER),),
        needs=_TEXT,
        facts={"专利号": "ZL201820456789.0"},
    ),
    "vape": Case(
        "vape",
        ("一次性电子烟 {adj} {size} {tail}",),
        "e-cigarettes may not be sold on such a market at all",
        misuse=(("tobacco", Finding.MARK_MANDATORY),),
        needs=_TEXT,
        brand=None,
    ),
}
