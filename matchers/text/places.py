"""Whether a stated origin lies inside a protected area, by the divisions of China (GB/T 2260)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from leads.model import Area, Listing, Right


class Where(StrEnum):
    """How a stated place lies to a protected area."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    """No place is named, or one so wide that it holds the area (the province, the whole city)."""


_PEOPLES = (
    "壮|回|维吾尔|哈萨克|柯尔克孜|蒙古|藏|羌|彝|苗|土家|侗|布依|白|傣|傈僳|哈尼|景颇|佤|拉祜|纳西|独龙|怒|"
    "普米|布朗|瑶|仡佬|仫佬|毛南|水|黎|畲|满|朝鲜|达斡尔|鄂温克|鄂伦春|锡伯|土|撒拉|东乡|保安|裕固|塔吉克|各"
)
_SUFFIX = re.compile(
    rf"(?:特别行政区|(?:(?:{_PEOPLES})族?)*(?:自治区|自治州|自治县|自治旗)|省|市|地区|盟|州|县|区|旗)$"
)
_LONGEST = 12


@cache
def _names() -> dict[str, frozenset[str]]:
    """Name or short name -> codes that bear it; a short name has two characters or more."""
    full: dict[str, set[str]] = {}
    short: dict[str, set[str]] = {}
    table = (Path(__file__).parent / "data/places.txt").read_text("utf-8")
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        code, name = line.split()
        full.setdefault(name, set()).add(code)
        brief = "内蒙古" if name == "内蒙古自治区" else _SUFFIX.sub("", name, count=1)
        if len(brief) >= 2:
            short.setdefault(brief, set()).add(code)
    return {name: frozenset(codes) for name, codes in {**short, **full}.items()}


def named(text: str) -> Iterator[frozenset[str]]:
    """Yield for every division named in a text the codes its name may stand for."""
    names, position = _names(), 0
    while position < len(text):
        for end in range(min(len(text), position + _LONGEST), position + 1, -1):
            if codes := names.get(text[position:end]):
                yield codes
                position = end - 1
                break
        position += 1


def is_place(text: str) -> bool:
    """Tell whether the text is the name of a division or country."""
    return text in _names()


def _stem(code: str) -> str:
    return re.sub(r"(00)+$", "", code)


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(_stem(outer))


def where(text: str, area: Sequence[Area]) -> Where:
    """Return how the place named in ``text`` lies to the protected area.

    The narrowest division named decides: 山西省运城市 is outside 太原市清徐县, 山西省 is unknown. A
    name borne by several divisions is read in favour of the seller.
    """
    protected = {code for part in area for code in _codes(part)}
    places = list(named(text))
    if not protected or not places:
        return Where.UNKNOWN
    every: frozenset[str] = frozenset().union(*places)
    verdicts = {_one(codes, every, protected) for codes in places} - {None}
    if Where.INSIDE in verdicts:
        return Where.INSIDE
    return Where.OUTSIDE if verdicts == {Where.OUTSIDE} else Where.UNKNOWN


def _one(codes: frozenset[str], every: frozenset[str], protected: set[str]) -> Where | None:
    """Judge one name; None if it only leads to a narrower one (the province before the city)."""
    under = {c for c in codes if any(_holds(o, c) for o in every - codes)} or codes
    if all(any(_holds(c, o) for o in every - codes) for c in under):
        return None
    if any(_holds(p, c) for c in under for p in protected):
        return Where.INSIDE
    if any(_holds(c, p) for c in under for p in protected):
        return Where.UNKNOWN
    return Where.OUTSIDE


@cache
def _codes(area: Area) -> frozenset[str]:
    if area.code:
        return frozenset((area.code,))
    places = list(named(area.name))
    return places[-1] if places else frozenset()


_ORIGIN_KEYS = re.compile(r"产地|原产|产区|省份|城市|厂址|生产地址|生产厂址|产品来源")
_SHIPPING = re.compile(r"发货|配送|销售")


def origins(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield ``(field, text)`` for everything that states where the goods are from or were made."""
    if listing.origin:
        yield "origin", listing.origin
    for number, (key, value) in enumerate(listing.attributes):
        if _ORIGIN_KEYS.search(key) and not _SHIPPING.search(key):
            yield f"attributes.{number}", value
    if listing.factory:
        yield "factory", listing.factory


def protected_area(right: Right) -> tuple[Area, ...]:
    """Return the right's area; where it is not on file, the province of the bureau in charge."""
    if right.area or not right.bureau:
        return right.area
    province = f"{right.bureau[:2]}0000"
    return (Area(name=province, code=province),)
