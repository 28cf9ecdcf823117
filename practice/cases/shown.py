"""What only pictures show: copied photos, logos, the GI seal, words; and what is shown by right."""

from __future__ import annotations

from dataclasses import replace

from leads.model import DefenceCode, Finding
from practice.case import Case
from practice.firms import NAMED, credit_code
from practice.photos import HOLDERS, PLACEHOLDER
from practice.pictures import Drawing
from practice.truth import Need

_PICTURES = frozenset({Need.PICTURES})
_PLAIN = ("{adj}{noun} {size} {tail}",)
_COPY, _LOGO, _TEXT = Finding.PICTURE_COPY, Finding.PICTURE_LOGO, Finding.PICTURE_TEXT
_BEEF, _VINEGAR = HOLDERS["brand-guanyun"], HOLDERS["gi-shanxi-laochencu"]

COPIED = {
    "photo-copied": Case(
        "beef",
        _PLAIN,
        "the right holder's photo, mirrored, cropped and with a banner",
        misuse=(("brand-guanyun", _COPY),),
        needs=_PICTURES,
        picture=replace(_BEEF, treatment="stolen"),
    ),
    "photo-framed": Case(
        "braised",
        _PLAIN,
        "the right holder's photo in a frame with a price",
        misuse=(("brand-guanyun", _COPY),),
        needs=_PICTURES,
        picture=replace(_BEEF, treatment="framed"),
    ),
    "photo-collage": Case(
        "vinegar",
        _PLAIN,
        "an authorised user's photo among four",
        misuse=(("gi-shanxi-laochencu", _COPY),),
        needs=_PICTURES,
        picture=replace(_VINEGAR, treatment="collage"),
    ),
    "photo-inset": Case(
        "vinegar",
        _PLAIN,
        "an authorised user's photo small in a corner of another",
        misuse=(("gi-shanxi-laochencu", _COPY),),
        needs=_PICTURES,
        picture=replace(_VINEGAR, treatment="inset"),
    ),
}

MARKED = {
    "logo-on-pack": Case(
        "liquor",
        ("{adj}清香型白酒 {size} {tail}",),
        "a registered logo on the pack, no name in the text",
        misuse=(("brand-fenjiu", _LOGO),),
        needs=_PICTURES,
        picture=Drawing("bottle", "unlabelled", emblem="brand-fenjiu"),
    ),
    "logo-with-maker": Case(
        "chilli",
        _PLAIN,
        "a registered logo below another maker's name",
        misuse=(("brand-laoganma", _LOGO),),
        needs=_PICTURES,
        picture=Drawing("jar", "two-names", words=("拾味坊",), emblem="brand-laoganma"),
    ),
    "seal-without-code": Case(
        "vinegar",
        ("山西老陈醋 {adj} {size} {tail}",),
        "the seal on the pack of one who is not an authorised user, no credit code below it",
        misuse=(
            ("gi-shanxi-laochencu", Finding.GI_SIGN),
            ("gi-shanxi-laochencu", Finding.GI_NAME),
        ),
        needs=_PICTURES,
        picture=Drawing("bag", "sealed", words=("山西老陈醋",), seal="genuine"),
    ),
    "seal-other-code": Case(
        "millet",
        _PLAIN,
        "the seal with the credit code of a firm that is not an authorised user",
        misuse=(
            ("gi-qinzhouhuang-xiaomi", Finding.GI_SIGN),
            ("gi-qinzhouhuang-xiaomi", _TEXT),
        ),
        needs=_PICTURES,
        picture=Drawing(
            "bag",
            "coded",
            words=("沁州黄小米",),
            seal="genuine",
            code=credit_code("370303", 777),
        ),
    ),
    "seal-imitated": Case(
        "apple",
        _PLAIN,
        "something laid out like the seal beside a GI name, both only in the picture",
        misuse=(("gi-jixian-pingguo", Finding.GI_SIGN), ("gi-jixian-pingguo", _TEXT)),
        needs=_PICTURES,
        picture=Drawing("box", "imitated", words=("吉县苹果",), seal="imitated"),
    ),
}

WRITTEN = {
    "letters-on-pack": Case(
        "charger",
        _PLAIN,
        "the mark stands only in the picture, in Latin letters",
        misuse=(("brand-huawei", _TEXT),),
        needs=_PICTURES,
        picture=Drawing("slab", "lettered", words=("HUAWEI", "65W")),
    ),
    "words-on-jar": Case(
        "chilli",
        _PLAIN,
        "the mark stands only in the picture, in Chinese",
        misuse=(("brand-laoganma", _TEXT),),
        needs=_PICTURES,
        picture=Drawing("jar", "worded", words=("老干妈", "风味豆豉")),
    ),
    "words-on-bag": Case(
        "millet",
        _PLAIN,
        "the GI name stands only in the picture",
        misuse=(("gi-qinzhouhuang-xiaomi", _TEXT),),
        needs=_PICTURES,
        picture=Drawing("bag", "worded", words=("沁州黄小米", "新米上市", "净含量2.5kg")),
    ),
    "words-imitated": Case(
        "noodles",
        _PLAIN,
        "an imitation of the mark, only in the picture",
        misuse=(("brand-kangshifu", _TEXT),),
        needs=_PICTURES,
        picture=Drawing("bag", "imitated", words=("康帅傅", "红烧牛肉面")),
    ),
    "patent-on-box": Case(
        "daily",
        _PLAIN,
        "a patent number whose check digit does not hold, only in the picture",
        misuse=(("patent", Finding.PATENT_NUMBER),),
        needs=_PICTURES,
        picture=Drawing("box", "patented", words=("家用好物", "专利号ZL201820456789.0")),
    ),
}

SHOWN_BY_RIGHT = {
    "photo-licensed": Case(
        "beef",
        _PLAIN,
        "the right holder's photo in an authorised dealer's shop, told by the credit code",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="冠云经销",
        picture=_BEEF,
    ),
    "seal-authorised": Case(
        "apple",
        ("吉县苹果 {adj} {size} {tail}",),
        "the seal with the authorised user's own credit code",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="壶口",
        facts={"产地": "山西省临汾市吉县"},
        picture=Drawing(
            "box", "authorised", words=("吉县苹果",), seal="genuine", code=NAMED["壶口"].uscc
        ),
    ),
    "logo-resale": Case(
        "liquor",
        ("汾酒 玻汾 53度 {size} {tail}",),
        "genuine goods under their own brand, with their logo",
        decoy=DefenceCode.HONEST_RESALE,
        brand="汾酒",
        picture=Drawing("bottle", "genuine", words=("汾酒",), emblem="brand-fenjiu"),
    ),
    "logo-unwatched": Case(
        "tea",
        _PLAIN,
        "a logo that is drawn in the same manner, but nobody's",
        picture=Drawing("jar", "unwatched", words=("木槿年",), emblem="maker-mujinnian"),
    ),
    "pack-alike": Case(
        "beef",
        _PLAIN,
        "a bag with another maker's words in the place of the holder's",
        picture=Drawing("bag", "alike", words=("云禾", "原切卤香", "开袋即食 350g")),
    ),
    "placeholder": Case(
        "daily",
        _PLAIN,
        "the market's own board where there is no picture",
        picture=PLACEHOLDER,
    ),
    "placeholder-again": Case(
        "toy",
        _PLAIN,
        "the same board once more",
        picture=PLACEHOLDER,
    ),
}

SHOWN = {**COPIED, **MARKED, **WRITTEN, **SHOWN_BY_RIGHT}
