"""Which bureau's district a place lies in, as places are written in China: from large to small."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leads.model import Bureau

_PROVINCE = "山西"
# fmt: off
_ELSEWHERE = (
    "北京", "天津", "河北", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川",
    "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "香港", "澳门", "台湾",
)
# fmt: on
# 长治路 lies in Taiyuan, 大同区 in Daqing, 大同镇 in Chongqing: none of them is the city.
_NOT_A_STREET = r"(?![东西南北中]?[路街道巷里弄]|大[道街]|[区镇乡村])"
# The name of a firm begins with its division (企业名称登记管理规定); a company name in which the
# division stands in brackets falls into parts before it is read here.
_FIRM = r"(?=.*(?:公司|厂|合作社|开发区|示范区)$)"


class Districts:
    """The districts of all bureaus, ready to be asked."""

    def __init__(self, bureaus: Iterable[Bureau]) -> None:
        self._patterns = [(bureau, *_patterns(bureau)) for bureau in bureaus]

    def of(self, place: str) -> Bureau | None:
        """Return the bureau whose city or county ``place`` names, else None.

        A name counts only where a division is written: at the start of the place, after the
        province, or after a space or mark. A short name (平遥, 太原) in running text counts only
        where the province stands before it. A place in another province gives None, and so does a
        county name that lies in many cities (城区) without its city.
        """
        inside = False
        for part in re.split(r"\W+", place):
            if part.startswith(_ELSEWHERE):
                return None
            before, province, after = part.partition(_PROVINCE)
            found = self._leading(before, inside)
            inside = inside or bool(province)
            found = found or self._leading(after.removeprefix("省"), inside)
            if found:
                return found
        return None

    def _leading(self, text: str, inside: bool) -> Bureau | None:
        for bureau, strict, loose in self._patterns:
            if (loose if inside else strict).match(text):
                return bureau
        return None


def _patterns(bureau: Bureau) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return how the district may be named: anywhere, and after the name of the province."""
    city = re.escape(bureau.city.removesuffix("市"))
    full, short = "|".join(_full(bureau.counties)), "|".join(_short(bureau.counties))
    own = "|".join(map(re.escape, bureau.counties))
    strict = rf"{city}(?:市(?!场)|地区|县|$|{own}|(?:{short})$|{_FIRM})|{full}|(?:{short})$"
    loose = rf"{city}(?:市(?!场)|{own}|{_NOT_A_STREET})|{full}|(?:{short}){_NOT_A_STREET}"
    return re.compile(strict), re.compile(loose)


def _full(counties: Iterable[str]) -> Iterator[str]:
    """Yield the counties' full names; 太谷县 is still read where it has become 太谷区."""
    for county in counties:
        stem, kind = county[:-1], county[-1]
        if len(stem) > 1:
            yield rf"{re.escape(stem)}(?:县|区|市(?!场))"
        elif kind == "县":
            yield re.escape(county)
        # 城区, 矿区, 郊区 lie in many cities and say nothing without theirs.


def _short(counties: Iterable[str]) -> Iterator[str]:
    return (re.escape(county[:-1]) for county in counties if len(county) > 2)
