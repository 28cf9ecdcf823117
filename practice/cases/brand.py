"""Brands used as they are, mostly under a disguise that the name matcher sees through."""

from __future__ import annotations

from leads.model import Finding
from practice.case import Case, Shape
from practice.truth import Need

_IDENTICAL = Finding.BRAND_IDENTICAL
_UNICODE = (Shape.JD, Shape.TAOBAO, Shape.STORE)

BRAND = {
    "kangshifu-dots": Case(
        "noodles",
        ("正品 康·师·傅 红烧牛肉面 {size} {tail}", "【康 师·傅】香辣牛肉面{size}"),
        "mark with dots and spaces",
        misuse=(("brand-kangshifu", _IDENTICAL),),
        brand="其他",
    ),
    "laoganma-stars": Case(
        "chilli",
        ("老*干*妈 {adj}油辣椒 {size} {tail}", "老_干_妈风味豆豉{size}"),
        "mark with symbols between",
        misuse=(("brand-laoganma", _IDENTICAL),),
    ),
    "moutai-emoji": Case(
        "liquor",
        ("茅🍶台 酱香 {adj} {size}", "飞天茅✨台 {size} {tail}"),
        "mark with an emoji inside",
        misuse=(("brand-moutai", _IDENTICAL),),
        brand="其他",
    ),
    "wahaha-zero-width": Case(
        "drink",
        ("娃\u200b哈\u200b哈 AD钙奶 {size} {tail}", "娃\ufeff哈哈 纯净水 {size}"),
        "mark with invisible characters between",
        misuse=(("brand-wahaha", _IDENTICAL),),
        shapes=_UNICODE,
    ),
    "huawei-traditional": Case(
        "charger",
        ("華為快充充电器 {size} {adj}", "華 為 无线耳机 {adj}{tail}"),
        "mark in traditional characters, goods of no maker",
        misuse=(("brand-huawei", _IDENTICAL),),
        brand="无品牌",
    ),
    "hetao-spaces": Case(
        "walnut",
        ("六 个 核 桃 {adj} {size}", "六　个　核　桃 核桃乳{size} {tail}"),
        "mark pulled apart by spaces, plain and full width",
        misuse=(("brand-liugehetao", _IDENTICAL),),
    ),
    "fenjiu-wide": Case(
        "liquor",
        ("汾．酒 清香型白酒 {size} {adj}", "汾　酒 {adj}{size} {tail}"),
        "mark with full-width signs between",
        misuse=(("brand-fenjiu", _IDENTICAL),),
        brand="其他",
    ),
    "huili-dash": Case(
        "shoes",
        ("回—力 小白鞋 {adj} {size}", "回~力帆布鞋 {size} {tail}"),
        "mark with a dash inside",
        misuse=(("brand-huili", _IDENTICAL),),
        brand="other/其他",
    ),
    "guanyun-brackets": Case(
        "beef",
        ("【冠】【云】酱牛肉 {size} {tail}", "冠(云)牛肉 {adj} {size}"),
        "mark cut up by brackets",
        misuse=(("brand-guanyun", _IDENTICAL),),
    ),
    "donghu-attribute": Case(
        "vinegar",
        ("{adj}老陈醋 {size} {tail}",),
        "mark in traditional characters and only in the brand attribute",
        misuse=(("brand-donghu", _IDENTICAL),),
        brand="東 湖",
    ),
    "laoganma-radical": Case(
        "chilli",
        ("老⼲妈 香辣脆油辣椒 {size}", "正宗老⼲妈{adj}辣酱 {size} {tail}"),
        "mark with a look-alike from another block of characters",
        misuse=(("brand-laoganma", _IDENTICAL),),
        shapes=_UNICODE,
    ),
    "liuweizhai-script": Case(
        "braised",
        ("{adj}酱肘花 {size}",),
        "mark only on a page that scripts build",
        misuse=(("brand-liuweizhai", _IDENTICAL),),
        needs=frozenset({Need.NAMES, Need.BROWSER}),
        brand="六 味 斋",
        facts={"系列": "六·味·斋酱肘"},
        shapes=(Shape.LIVE,),
    ),
}
