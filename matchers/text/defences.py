"""Why a listing may lawfully bear a protected name: one small question each.

The list follows what a careful officer asks before accusing (商标法 on descriptive, place-name and
nominative use; practice on resale). A defence is named, and the officer decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from leads.model import AuthorisedUser, Defence, DefenceCode, Listing, Right, RightKind
from matchers.text.fields import Text, brand_of, head
from matchers.text.goods import Fit, fit
from matchers.text.normalise import folded, normalise
from matchers.text.words import TOWNS, is_word, longer_word


@dataclass(frozen=True)
class Case:
    """A protected name found in a text of a listing, folded characters ``[start, end)``."""

    listing: Listing
    right: Right
    users: Sequence[AuthorisedUser]
    day: date
    text: Text
    start: int
    end: int
    disguised: bool = False

    @cached_property
    def before(self) -> str:
        """The few characters before the name, as given."""
        return self.text.plain.before(self.start, 8)

    @cached_property
    def after(self) -> str:
        """The few characters after the name, as given."""
        return self.text.plain.after(self.end, 8)

    @cached_property
    def goods(self) -> Fit:
        """Whether the goods offered are goods of the right."""
        span = self.text.cut(self.start, self.end)
        return fit(self.right, self.listing, span.text)

    @cached_property
    def defences(self) -> tuple[Defence, ...]:
        """Every defence that the listing suggests, the most telling first."""
        return tuple(defence for ask in _ASKED if (defence := ask(self)))


def authorised(case: Case) -> Defence | None:
    """The seller is on the list of authorised users, or bears the name of the holder."""
    seller = case.listing.seller
    if seller is None:
        return None
    for user in case.users:
        if user.in_force(case.day) and (
            (user.uscc and seller.uscc and _same(user.uscc, seller.uscc))
            or _same(user.company, seller.company)
            or any(_same(shop, seller.name) for shop in user.shops)
        ):
            return Defence(code=DefenceCode.AUTHORISED_USER, detail=user.company)
    if _same(case.right.holder, seller.company):
        return Defence(code=DefenceCode.AUTHORISED_USER, detail="卖家主体与登记的权利人名称一致")
    return None


def _same(known: str | None, seen: str | None) -> bool:
    return bool(known and seen and normalise(known).text == normalise(seen).text)


_OWN_SHOP = re.compile(r"(?:官方|自营|品牌)?(?:旗舰|专营|直营|直销)店|官方店|官方商城|自营店?")


def own_mark(case: Case) -> Defence | None:
    """The shop calls itself the right's own."""
    seller = case.listing.seller
    shop = (seller.name if seller else None) or ""
    named = shop and any(name in normalise(shop).text for name in folded(case.right.names))
    if named and _OWN_SHOP.search(shop):
        return Defence(code=DefenceCode.OWN_MARK, detail=f"店铺名为“{shop}”，身份未核实")
    return None


def _longer_name(case: Case) -> Defence | None:
    """A word of the dictionary or of the right's own list of other meanings reaches further."""
    text = case.text.plain.text
    name = text[case.start : case.end]
    window = text[max(0, case.start - 6) : case.end + 6]
    for word in folded(case.right.not_goods):
        if name in word and word != name and word in window:
            return Defence(code=DefenceCode.LONGER_NAME, detail=word)
    covering = longer_word(text, case.start, case.end)
    if not covering or name.isascii():
        return None
    in_town = covering == f"{name}{town_of(case)}"
    own = case.goods is Fit.SAME if in_town else _goods_added(covering, name)
    return None if own else Defence(code=DefenceCode.LONGER_NAME, detail=covering)


def _goods_added(token: str, name: str) -> bool:
    """Tell whether a longer word is only the name with the kind of goods behind it (茅台酒)."""
    return token.startswith(name) and is_word(token[len(name) :])


def town_of(case: Case) -> str:
    """Return the word behind a name that makes it that of a town, "" if none does."""
    return case.after[:1] if case.after[:1] in TOWNS else ""


def _place_name(case: Case) -> Defence | None:
    """A mark that stands in the name of a town (茅台镇), where firms may say that they are.

    On other goods the town is just a longer name.
    """
    name, town = case.text.plain.text[case.start : case.end], town_of(case)
    if case.right.kind is RightKind.TRADEMARK and town and not case.disguised:
        return Defence(
            code=DefenceCode.DESCRIPTIVE, detail=f"“{name}{town}”为地名，是否突出使用待核"
        )
    return None


_INGREDIENT_KEY = re.compile(r"配料|原料|成分|主料|辅料|食材")
_INGREDIENT_BEFORE = re.compile(
    r"(?:配料|原料|辅料|主料|食材|添加|加入|加了|选用|采用|含有|含|(?<![适专通使作])用|蘸|配|搭配|佐以)(?:表|为|是)?[:：\s]*$"
)
_INGREDIENT_AFTER = re.compile(
    r"^(?:制作|制成|腌制|浸泡|泡制|调制|调味|熬制|做的|烹制|为原料|作原料|[风口]?味)"
)


def _ingredient(case: Case) -> Defence | None:
    if _INGREDIENT_KEY.search(case.text.key):
        return Defence(code=DefenceCode.INGREDIENT, detail=f"属性“{case.text.key}”")
    if _INGREDIENT_BEFORE.search(case.before) or _INGREDIENT_AFTER.search(case.after):
        return Defence(code=DefenceCode.INGREDIENT)
    return None


_DELIVERY_AFTER = re.compile(
    r"^(?:本地)?(?:发货|包邮|直发|发出|仓|配送|同城|自提|专线|快递|省内|省外)"
)


def _delivery_place(case: Case) -> Defence | None:
    if _DELIVERY_AFTER.search(case.after) or re.search(r"发货地|配送|发货", case.text.key):
        return Defence(code=DefenceCode.DELIVERY_PLACE)
    return None


_FITS_BEFORE = re.compile(
    r"(?:适用于?|适配于?|兼容|通用于?|适合|匹配|配套|用于|\bfor\b)[^，。；,;]{0,8}$", re.IGNORECASE
)
_FITS_AFTER = re.compile(
    r"^[\sA-Za-z0-9]{0,6}(?:手机壳|保护套|保护壳|钢化膜|贴膜|配件|支架|充电器|充电头|数据线|表带|耳机套|"
    r"滤芯|通用|适用|专用|硒鼓|墨盒|遥控器|脚垫|座套|替换)"
)
_FITS_KEY = re.compile(r"适用|适配|兼容|车型")


def _compatible(case: Case) -> Defence | None:
    before = case.text.plain.before(case.start, 12)
    after = case.text.plain.after(case.end, 14)
    if _FITS_BEFORE.search(before) or _FITS_AFTER.search(after) or _FITS_KEY.search(case.text.key):
        return Defence(code=DefenceCode.COMPATIBLE_WITH)
    return None


_SEEDS = re.compile(r"种子|种苗|树苗|苗木|育种|良种|种薯|品种名|谷种")


def _variety(case: Case) -> Defence | None:
    said = " ".join((head(case.listing), *case.listing.category))
    name = case.text.plain.text[case.start : case.end]
    for variety, plain in zip(case.right.variety, folded(case.right.variety), strict=True):
        if plain in name and (_SEEDS.search(said) or plain == name):
            return Defence(code=DefenceCode.VARIETY_NAME, detail=variety)
    return None


def other_goods(case: Case) -> Defence | None:
    """The goods are not such as the right protects."""
    if case.goods is Fit.OTHER:
        return Defence(code=DefenceCode.OTHER_GOODS)
    return None


_RESALE = re.compile(r"正品|专柜|代购|授权|经销|专卖|进口|港版|免税|行货|转让|闲置|二手")


_IMITATION = re.compile(r"高仿|精仿|复刻|[A1]货|1[:：比]1|超A|原单|山寨|莆田|平替")


def imitation_word(listing: Listing) -> str | None:
    """Return the word by which a title admits to an imitation (高仿, 1:1 …), else None."""
    word = _IMITATION.search(head(listing))
    return word.group() if word else None


def honest_resale(case: Case) -> Defence | None:
    """A mark named as it is registered; whoever sells the genuine goods must name them."""
    honest = not case.disguised and imitation_word(case.listing) is None
    if case.right.kind is not RightKind.TRADEMARK or not honest:
        return None
    brand = brand_of(case.listing)
    if brand and any(name in normalise(brand).text for name in folded(case.right.names)):
        return Defence(code=DefenceCode.HONEST_RESALE, detail=f"品牌标注为“{brand}”")
    word = _RESALE.search(head(case.listing))
    if word:
        return Defence(code=DefenceCode.HONEST_RESALE, detail=f"标题称“{word.group()}”，真伪未核实")
    return Defence(code=DefenceCode.HONEST_RESALE)


def _descriptive(case: Case) -> Defence | None:
    """A mark that is also a word of the language, used where no goods speak for the mark."""
    name = case.text.plain.text[case.start : case.end]
    if (
        case.right.kind is RightKind.TRADEMARK
        and not case.disguised
        and case.goods is not Fit.SAME
        and is_word(name)
    ):
        return Defence(code=DefenceCode.DESCRIPTIVE, detail=f"“{name}”亦为通用词语")
    return None


_ASKED: tuple[Callable[[Case], Defence | None], ...] = (
    authorised,
    own_mark,
    _longer_name,
    other_goods,
    _compatible,
    _ingredient,
    _delivery_place,
    _variety,
    _place_name,
    _descriptive,
    honest_resale,
)
