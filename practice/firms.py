"""Who sells on the practice market and exhibits at the fair: invented firms, all named 演练."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from leads.model import AuthorisedUser, Seller

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Place:
    """A county-level division: names from the province down, and its GB/T 2260 code."""

    province: str
    city: str
    county: str
    code: str

    @property
    def short(self) -> str:
        """Province and city as marketplaces print them: 广东 深圳."""
        province = self.province.removesuffix("省").removesuffix("市").removesuffix("自治区")
        return f"{province} {self.city.removesuffix('市')}"


PLACES = (
    Place("山西省", "太原市", "小店区", "140105"),
    Place("山西省", "运城市", "盐湖区", "140802"),
    Place("山西省", "大同市", "平城区", "140213"),
    Place("河北省", "石家庄市", "裕华区", "130108"),
    Place("山东省", "临沂市", "兰山区", "371302"),
    Place("河南省", "郑州市", "二七区", "410103"),
    Place("陕西省", "西安市", "未央区", "610112"),
    Place("江苏省", "徐州市", "云龙区", "320303"),
    Place("浙江省", "金华市", "义乌市", "330782"),
    Place("福建省", "泉州市", "晋江市", "350582"),
    Place("广东省", "深圳市", "龙岗区", "440307"),
    Place("四川省", "成都市", "郫都区", "510117"),
    Place("安徽省", "合肥市", "蜀山区", "340104"),
    Place("湖北省", "武汉市", "汉阳区", "420105"),
)


@dataclass(frozen=True)
class Firm:
    """A shop and the firm behind it; ``uscc`` is None where it is never shown."""

    shop: str
    company: str
    uscc: str | None
    place: Place
    address: str
    licensed: bool = True
    """Whether the shop's page shows the business licence."""

    def seller(self, ref: str, url: str) -> Seller:
        """Return the record of the shop under its number."""
        return Seller(
            ref=ref,
            name=self.shop,
            url=url,
            company=self.company if self.licensed else None,
            uscc=self.uscc if self.licensed else None,
            location=self.place.short,
        )


def credit_code(area: str, number: int) -> str:
    """Return a credit code that nobody bears, valid by GB 32100-2015 and, inside, by GB 11714.

    The organisation code starts with YL, a range that is not given out; ``area`` has six digits.
    """
    organisation = f"YL{number:06d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c, 36) * w for c, w in zip(organisation, weights, strict=True))
    inner = "0123456789X"[(11 - total % 11) % 11]
    body = f"91{area}{organisation}{inner}"
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _ALPHABET[(31 - total % 31) % 31]


def _firm(
    shop: str, company: str, number: int, place: Place, street: str, *, code: bool = True
) -> Firm:
    address = f"{place.province}{place.city}{place.county}{street}"
    return Firm(shop, company, credit_code(place.code, number) if code else None, place, address)


_QINGXU = Place("山西省", "太原市", "清徐县", "140121")
_PINGYAO = Place("山西省", "晋中市", "平遥县", "140728")
_QINXIAN = Place("山西省", "长治市", "沁县", "140430")
_JIXIAN = Place("山西省", "临汾市", "吉县", "141028")
_TIANJIN = Place("天津市", "天津市", "滨海新区", "120116")

NAMED: Mapping[str, Firm] = {
    "醋源": _firm("醋源老铺", "山西演练醋源酿造股份有限公司", 1, _QINGXU, "文源路演练园1号"),
    "古陶": _firm(
        "古陶肉坊", "平遥县演练古陶肉制品(集团)有限公司", 2, _PINGYAO, "康宁街演练园2号", code=False
    ),
    "漳源": replace(
        _firm("漳源谷仓", "沁县演练漳源谷物有限公司", 3, _QINXIAN, "胜利路演练园3号"),
        licensed=False,
    ),
    "壶口": _firm("壶口果园直营", "吉县演练壶口果业专业合作社", 4, _JIXIAN, "屯里镇演练园4号"),
    "康师傅": _firm(
        "康师傅官方旗舰店", "天津演练康食贸易有限公司", 5, _TIANJIN, "第一大街演练园5号"
    ),
    "冠云": _firm("冠云官方旗舰店", "平遥县演练冠云食品有限公司", 7, _PINGYAO, "顺城路演练园7号"),
    "东湖": _firm("东湖官方旗舰店", "清徐县演练东湖醋业有限公司", 8, _QINGXU, "醋都路演练园8号"),
    "冠云经销": _firm("晋味牛肉铺", "太原市演练晋味食品经销有限公司", 10, PLACES[0], "演练园10号"),
    "娃哈哈折扣": _firm(
        "娃哈哈饮品折扣店", "合肥市演练晴川商贸有限公司", 9, PLACES[12], "望江路演练园9号"
    ),
}
"""Firms that cases name; what they show differs from the register where a case needs it."""


def _user(company: str, uscc: str, *shops: str) -> AuthorisedUser:
    return AuthorisedUser(company=company, uscc=uscc, shops=shops, source="演练用虚构企业")


_GUANYUN = _user("平遥县演练冠云食品有限公司", credit_code("140728", 7), "冠云官方旗舰店")
_DONGHU = _user("清徐县演练东湖醋业有限公司", credit_code("140121", 8), "东湖官方旗舰店")

AUTHORISED: Mapping[str, tuple[AuthorisedUser, ...]] = {
    # The shop shows the same code under a newer name: only the code tells.
    "gi-shanxi-laochencu": (_user("清徐县演练醋源酿造厂", credit_code("140121", 1)), _DONGHU),
    # The shop shows no code, and other brackets: only the name tells.
    "gi-pingyao-niurou": (
        _user("平遥县演练古陶肉制品（集团）有限公司", credit_code("140728", 2)),
        _GUANYUN,
    ),
    # The shop shows no licence: only the shop's name tells.
    "gi-qinzhouhuang-xiaomi": (
        _user("沁县演练漳源谷物有限公司", credit_code("140430", 3), "漳源谷仓"),
    ),
    "gi-jixian-pingguo": (_user("吉县演练壶口果业专业合作社", credit_code("141028", 4)),),
    "brand-kangshifu": (
        _user("天津演练康食贸易有限公司", credit_code("120116", 5), "康师傅官方旗舰店"),
    ),
    "brand-guanyun": (
        _GUANYUN,
        _user("太原市演练晋味食品经销有限公司", credit_code("140105", 10)),
    ),
    "brand-donghu": (_DONGHU,),
}
"""Authorised users by right; all of them invented."""

_HEADS = "云禾溪谷松岚枫麦橙青泽楠晨屿桐渔舟蓝棠榆"
_TAILS = "和丰源润嘉盛达升悦宁"
_TRADES = ("食品", "商贸", "农产品", "电子商务", "供应链管理", "日用品")
_SHOPS = ("优选店", "食品专营店", "小铺", "百货店", "土特产店", "工厂店", "生活馆", "批发行")


def ordinary(rng: Random, number: int) -> Firm:
    """Make the firm with a running number (below 900,000); one in six shows no licence."""
    place = rng.choice(PLACES)
    name = rng.choice(_HEADS) + rng.choice(_TAILS)
    firm = _firm(
        f"{name}{rng.choice(_SHOPS)}",
        f"{place.city}演练{name}{rng.choice(_TRADES)}有限公司",
        100_000 + number,
        place,
        f"演练路{rng.randrange(1, 400)}号",
    )
    return replace(firm, licensed=rng.random() > 1 / 6)
