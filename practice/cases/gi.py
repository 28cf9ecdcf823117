"""Misuse of geographical indications that the name matcher can see."""

from __future__ import annotations

from leads.model import Finding
from practice.case import Case, Shape
from practice.photos import SHARED_VINEGAR

_VINEGAR = "gi-shanxi-laochencu"
_BEEF = "gi-pingyao-niurou"
_MILLET = "gi-qinzhouhuang-xiaomi"
_APPLE = "gi-jixian-pingguo"
_JUJUBE = "gi-jishan-banzao"
_PASTRY = "gi-taigu-bing"

GI = {
    "vinegar-plain": Case(
        "vinegar",
        ("正宗山西老陈醋 {adj} {size} {tail}", "山西老陈醋{size} {adj}{tail}"),
        "GI name, seller not among the authorised users, origin not stated",
        misuse=((_VINEGAR, Finding.GI_NAME),),
        picture=SHARED_VINEGAR,
    ),
    "millet-repacked": Case(
        "millet",
        ("{maker}沁州黄小米{size} {adj} {tail}",),
        "GI name on a re-packer's bag",
        misuse=((_MILLET, Finding.GI_NAME),),
        facts={"产地": "山西省长治市沁县"},
    ),
    "apple-inside": Case(
        "apple",
        ("吉县苹果 {adj} {size} {tail}", "山西吉县苹果{size}{adj}"),
        "GI name, origin inside the area, but the seller is not an authorised user",
        misuse=((_APPLE, Finding.GI_NAME),),
        facts={"产地": "山西省临汾市吉县"},
    ),
    "jujube-spaced": Case(
        "jujube",
        ("稷 山 板 枣 {adj} {size} {tail}",),
        "GI name pulled apart by spaces",
        misuse=((_JUJUBE, Finding.GI_NAME),),
    ),
    "pastry-traditional": Case(
        "pastry",
        ("老字號 太谷餅 {adj} {size} {tail}",),
        "GI name in traditional characters",
        misuse=((_PASTRY, Finding.GI_NAME),),
    ),
    "pastry-description": Case(
        "pastry",
        ("{maker}{adj}酥饼 {size} {tail}",),
        "GI name only in the description",
        misuse=((_PASTRY, Finding.GI_NAME),),
        description="本店正宗太谷饼，传统炉火烘烤，每日现做现发。",
        shapes=(Shape.STORE,),
    ),
    "beef-zero-width": Case(
        "beef",
        ("平\u200b遥\u200b牛\u200b肉 {adj} {size}", "山西特产 平遥\u200d牛肉 {size}{tail}"),
        "GI name with invisible characters between",
        misuse=((_BEEF, Finding.GI_NAME),),
        shapes=(Shape.JD, Shape.TAOBAO, Shape.STORE),
    ),
    "vinegar-attribute": Case(
        "vinegar",
        ("{adj}陈醋 {size} {tail}",),
        "GI name only in the attributes",
        misuse=((_VINEGAR, Finding.GI_NAME),),
        facts={"系列": "山西老陈醋"},
    ),
    "vinegar-hebei": Case(
        "vinegar",
        ("山西老陈醋 {adj} {size} {tail}",),
        "GI name, origin in Hebei",
        misuse=((_VINEGAR, Finding.GI_ORIGIN),),
        facts={"产地": "河北省邢台市"},
        picture=SHARED_VINEGAR,
    ),
    "vinegar-same-province": Case(
        "vinegar",
        ("山西·老陈醋 {size} {adj}",),
        "GI name, origin in the same province but outside the area",
        misuse=((_VINEGAR, Finding.GI_ORIGIN),),
        facts={"产地": "山西省运城市盐湖区"},
    ),
    "beef-inner-mongolia": Case(
        "beef",
        ("平遥牛肉 {adj}{size} {tail}",),
        "GI name, origin in Inner Mongolia",
        misuse=((_BEEF, Finding.GI_ORIGIN),),
        facts={"产地": "内蒙古锡林郭勒盟"},
    ),
    "apple-luochuan": Case(
        "apple",
        ("吉县苹果 {adj} {size}", "【吉县苹果】{size} {tail}"),
        "GI name, origin in Shaanxi",
        misuse=((_APPLE, Finding.GI_ORIGIN),),
        facts={"产地": "陕西省延安市洛川县"},
    ),
    "millet-factory": Case(
        "millet",
        ("沁州黄小米 {adj} {size} {tail}",),
        "GI name, packed in Hebei by the factory address, origin not stated",
        misuse=((_MILLET, Finding.GI_ORIGIN),),
        facts={"厂址": "河北省张家口市蔚县工业街8号"},
        shapes=(Shape.JD, Shape.TAOBAO, Shape.TMALL),
    ),
    "jujube-xinjiang": Case(
        "jujube",
        ("稷山板枣 {adj} {size} {tail}",),
        "GI name, origin in Xinjiang",
        misuse=((_JUJUBE, Finding.GI_ORIGIN),),
        facts={"产地": "新疆若羌"},
    ),
}
