"""Hides who a person is, character for character, so that places in a text stay where they are.

Papers for those who are no authority (a platform, the holder of a right) and anything public show
persons only like this; sellers that are firms stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from leads.model import Lead, Listing, Seller

# Common surnames; enough for sellers' own words such as 张先生.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫"
    "孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童"
    "凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦"
)
_HAN = "一-鿿"

PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)([- ]?\d{4}[- ]?)(\d{4})(?!\d)|"
    r"(?<!\d)(0\d{2,3}[- ])(\d{3,4})(\d{4})(?!\d)"
)
"""Mobile numbers, and landlines with their area code."""
IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])(\d{6})((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx])"
    r"(?![0-9A-Za-z])"
)
"""Numbers of identity cards, GB 11643-1999, with a day of birth that can be."""
EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9])([A-Za-z0-9._%+-]*)(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_LABELLED = re.compile(
    rf"((?:联系人|负责人|经营者|法定代表人|法人|收件人|收货人|店主|姓名|投诉人|举报人)[:：\s]*)"
    rf"([{_HAN}])([{_HAN}·]{{1,3}})(?![{_HAN}])"
)
_ADDRESSED = re.compile(rf"([{_SURNAMES}])([{_HAN}]{{1,2}})(?=先生|女士|小姐)")
_HOUSE = re.compile(
    r"(\d+|[A-Za-z]\d*|[一二三四五六七八九十]+)(?=(?:号楼|号|栋|幢|座|单元|室|弄|层|楼))"
)
_PERSON = re.compile(rf"(?=[{_SURNAMES}]|欧阳|司马|上官|诸葛|夏侯)[{_HAN}·]{{2,4}}")

_NARROW = {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide) not in "：，；（）！？"
}


def masked(text: str) -> str:
    """Return ``text`` of the same length without phones, identity numbers, e-mails and names."""
    hidden = narrow(text)
    for pattern, hide in _HIDDEN:
        hidden = pattern.sub(hide, hidden)
    return text if hidden == narrow(text) else hidden


def narrow(text: str) -> str:
    """Return ``text`` with full-width letters, digits and signs as their ASCII ones."""
    return text.translate(_NARROW)


def masked_name(name: str) -> str:
    """Return the name of a person with only the surname: 张*."""
    return name[:1] + "*" * (len(name) - 1)


def is_person(company: str | None, uscc: str | None) -> bool:
    """Tell whether a seller is a natural person, a registered one (个体工商户) among them."""
    if uscc and len(uscc) == 18:
        return uscc.startswith("92")  # GB 32100-2015: 个体工商户
    return company is not None and _PERSON.fullmatch(company) is not None


def masked_lead(lead: Lead) -> Lead:
    """Return ``lead`` as it may leave to one who is no authority; spans still fit."""
    hide = _hider(lead.listing.seller)
    hits = tuple(
        hit.model_copy(
            update={
                "reason": hide(hit.reason),
                "spans": tuple(
                    span.model_copy(update={"text": hide(span.text)}) for span in hit.spans
                ),
                "defences": tuple(
                    defence.model_copy(update={"detail": hide(defence.detail)})
                    for defence in hit.defences
                ),
            }
        )
        for hit in lead.hits
    )
    routes = tuple(
        route.model_copy(update={"reason": masked_address(hide(route.reason))})
        for route in lead.routes
    )
    listing = masked_listing(lead.listing)
    return lead.model_copy(update={"listing": listing, "hits": hits, "routes": routes})


def masked_listing(listing: Listing) -> Listing:
    """Return ``listing`` with the persons in its texts hidden."""
    hide = _hider(listing.seller)
    changed: dict[str, Any] = {
        "title": hide(listing.title),
        "attributes": tuple((name, hide(value)) for name, value in listing.attributes),
        "category": tuple(map(hide, listing.category)),
        "seller": masked_seller(listing.seller) if listing.seller else None,
    }
    for field in ("description", "brand", "origin"):
        changed[field] = _or_none(hide, getattr(listing, field))
    for field in ("ships_from", "factory"):
        changed[field] = _or_none(masked_address, getattr(listing, field))
    return listing.model_copy(update=changed)


def masked_seller(seller: Seller) -> Seller:
    """Return ``seller`` with the person behind it hidden; a firm stays as it is."""
    hide = _hider(seller)
    uscc = seller.uscc
    if uscc and is_person(seller.company, uscc):
        uscc = uscc[:8] + "*" * (len(uscc) - 8)  # the code of a shop of one is that person's
    return seller.model_copy(
        update={
            "name": _or_none(hide, seller.name),
            "company": _or_none(hide, seller.company),
            "uscc": uscc,
            "location": _or_none(masked_address, seller.location),
        }
    )


def masked_address(text: str) -> str:
    """Return an address down to the street, numbers of house and flat hidden."""
    return _HOUSE.sub(lambda found: "*" * len(found.group()), masked(text))


Hide = Callable[[str], str]


def _hider(seller: Seller | None) -> Hide:
    """Return what hides persons in a text, the seller's own name among them."""
    person = seller.company if seller and is_person(seller.company, seller.uscc) else None
    if not person:
        return masked
    return lambda text: masked(text.replace(person, masked_name(person)))


def _or_none(hide: Hide, text: str | None) -> str | None:
    return None if text is None else hide(text)


def _stars(*groups: int) -> Callable[[re.Match[str]], str]:
    """Return what hides these groups of a match and keeps the rest."""

    def hide(found: re.Match[str]) -> str:
        text, start = found.group(), found.start()
        for group in groups:
            first, last = found.span(group)
            if first >= 0:
                text = text[: first - start] + "*" * (last - first) + text[last - start :]
        return text

    return hide


_HIDDEN = (
    (IDENTITY, _stars(2)),
    (PHONE, _stars(2, 5)),
    (EMAIL, _stars(2)),
    (_LABELLED, _stars(3)),
    (_ADDRESSED, _stars(2)),
)
