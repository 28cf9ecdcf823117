"""Honest offers that bear a watched or a similar name, and why an officer lets them be."""

from __future__ import annotations

from leads.model import DefenceCode
from practice.case import Case, Shape
from practice.photos import HOLDERS
from practice.pictures import Drawing

HONEST = {
    "vinegar-code": Case(
        "vinegar",
        ("山西老陈醋 {adj} {size} {tail}",),
        "authorised user, told by the credit code: the firm has changed its name",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="醋源",
        facts={"产地": "山西省太原市清徐县"},
        picture=HOLDERS["gi-shanxi-laochencu"],
    ),
    "beef-company": Case(
        "beef",
        ("平遥牛肉 {adj} {size} {tail}",),
        "authorised user, told by the company's name: the shop shows no code",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="古陶",
        facts={"产地": "山西省晋中市平遥县"},
    ),
    "millet-shop": Case(
        "millet",
        ("沁州黄小米 {adj} {size} {tail}",),
        "authorised user, told by the shop's name: the shop shows no licence",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="漳源",
        facts={"产地": "山西省长治市沁县"},
    ),
    "apple-coop": Case(
        "apple",
        ("吉县苹果 {adj} {size} {tail}",),
        "authorised user in its own area",
        decoy=DefenceCode.AUTHORISED_USER,
        firm="壶口",
        facts={"产地": "山西省临汾市吉县"},
    ),
    "kangshifu-flagship": Case(
        "noodles",
        ("康师傅红烧牛肉面 {size} {tail}",),
        "the brand owner's own shop",
        decoy=DefenceCode.OWN_MARK,
        firm="康师傅",
        brand="康师傅",
    ),
    "guanyun-flagship": Case(
        "beef",
        ("冠云平遥牛肉 {adj} {size}",),
        "owner of the brand and authorised user of the name in one",
        decoy=DefenceCode.OWN_MARK,
        firm="冠云",
        brand="冠云",
        facts={"产地": "山西省晋中市平遥县"},
        picture=HOLDERS["brand-guanyun"],
    ),
    "other-millet": Case(
        "millet",
        ("金乡小米 {adj} {size} {tail}", "武乡小米 {size} {adj}", "蔚县小米 {adj}{size}"),
        "another region's own millet",
        decoy=DefenceCode.OTHER_GI,
    ),
    "delivery": Case(
        "vinegar",
        ("镇江香醋 {size} 山西发货 {tail}", "江南糯米香醋{size} 山西省外包邮 {adj}"),
        "the province only as the place of delivery",
        decoy=DefenceCode.DELIVERY_PLACE,
        facts={"产地": "江苏省镇江市", "发货地": "山西太原"},
    ),
    "delivery-beef": Case(
        "beef",
        ("内蒙古手撕牛肉 {size} 平遥发货 {tail}",),
        "the county only as the place of delivery",
        decoy=DefenceCode.DELIVERY_PLACE,
        facts={"产地": "内蒙古通辽市", "发货地": "山西平遥"},
    ),
    "ingredient": Case(
        "braised",
        ("{adj}糖醋小排 {size} {tail}", "醋泡花生米 {size} {adj}"),
        "the name only among the ingredients",
        decoy=DefenceCode.INGREDIENT,
        facts={"配料": "猪小排、白砂糖、山西老陈醋、食用盐"},
    ),
    "compatible": Case(
        "case",
        ("适用华为Mate60{noun} {adj}{size}", "适用于华为P70系列 {noun} {tail}"),
        "the mark names what it fits",
        decoy=DefenceCode.COMPATIBLE_WITH,
    ),
    "variety": Case(
        "seed",
        ("沁州黄谷子种子 {adj} {size} {tail}", "沁州黄 谷种 {size}{adj}"),
        "the name of a plant variety on seed",
        decoy=DefenceCode.VARIETY_NAME,
        facts={"品种名称": "沁州黄"},
    ),
    "resale-noodles": Case(
        "noodles",
        ("康师傅香辣牛肉面 {size} {tail}", "康师傅 鲜虾鱼板面 {adj} {size}"),
        "resale of genuine goods under their own brand",
        decoy=DefenceCode.HONEST_RESALE,
        brand="康师傅",
        facts={"厂名": "康师傅控股有限公司"},
    ),
    "longer-name": Case(
        "ornament",
        ("冠云峰太湖石{noun} {adj} {size}", "苏州园林冠云峰微缩摆件 {size}"),
        "a famous rock whose name covers the mark",
        decoy=DefenceCode.LONGER_NAME,
        brand=None,
        picture=Drawing("round", "rock", fault="missing"),
    ),
    "song": Case(
        "book",
        ("儿歌《娃哈哈》钢琴谱 {size} {tail}", "娃哈哈 儿歌合唱谱 {adj} {size}"),
        "the song, not the brand",
        decoy=DefenceCode.DESCRIPTIVE,
        brand=None,
    ),
    "boomerang": Case(
        "toy",
        ("回力标 {adj} {size} {tail}", "软胶回力镖飞盘 {size}"),
        "the same word for a boomerang",
        decoy=DefenceCode.OTHER_GOODS,
        picture=Drawing("round", "boomerang", fault="html"),
    ),
    "pull-back": Case(
        "toy",
        ("合金回力车 {adj} {size} {tail}", "儿童回力小汽车玩具 {size}"),
        "the same word for a pull-back toy car",
        decoy=DefenceCode.OTHER_GOODS,
    ),
    "postage": Case(
        "postage",
        ("邮费补差价 {adj} {tail}", "补运费差价 {tail}"),
        "a listing in form only",
        brand=None,
        shapes=(Shape.TAOBAO,),
        pseudo=True,
    ),
}
