"""What the columns of the three lists mean: rights, their marks, their authorised users."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from leads.model import RightKind
from matchers.text.credit_codes import is_credit_code

KIND_ZH = {
    RightKind.GI: "地理标志",
    RightKind.TRADEMARK: "商标",
    RightKind.SPECIAL_SIGN: "特殊标志",
}
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_AREA = re.compile(r"(.+?)\s*[(（](\d{6})[)）]")
_YES, _NO = {"是", "已核对", "已核", "true", "1", "yes"}, {"否", "待核", "未核", "false", "0", "no"}


class Column(NamedTuple):
    """One column: the field it fills, the headings it goes by, how a cell is read and written."""

    field: str
    headings: tuple[str, ...]
    read: Callable[[str], Any]
    """Raises ValueError in Chinese."""
    show: Callable[[Any], str] = str

    @property
    def heading(self) -> str:
        """The heading under which it is exported."""
        return self.headings[0]


@dataclass(frozen=True)
class Kind:
    """One of the lists."""

    title: str
    """Name of its sheet."""
    needed: frozenset[str]
    """Fields without which a sheet is no such list."""
    columns: tuple[Column, ...]

    def meant(self, cells: Sequence[str | None]) -> dict[int, Column]:
        """Return the columns that a row of headings names, by place; each once."""
        found: dict[int, Column] = {}
        for place, cell in enumerate(cells):
            name = re.sub(r"[\s*（(].*", "", cell or "").casefold()
            for column in self.columns:
                if name in (column.field, *column.headings) and column not in found.values():
                    found[place] = column
                    break
        return found

    def fits(self, meant: Mapping[int, Column]) -> bool:
        """Tell whether these columns make such a list."""
        return self.needed <= {column.field for column in meant.values()}


def _day(cell: str) -> date:
    written = _DATE.fullmatch(cell) or _DIGITS.fullmatch(cell)
    try:
        day = date(*map(int, written.groups())) if written else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("不是日期，应写作 2026-11-22")
    if not 1900 <= day.year < 2100:
        raise ValueError(f"年份 {day.year} 超出范围")
    return day


def _code(cell: str) -> str:
    code = re.sub(r"\s", "", cell).upper()
    if len(code) != 18:
        raise ValueError(f"统一社会信用代码应为 18 位，这里是 {len(code)} 位")
    if not is_credit_code(code):
        raise ValueError("统一社会信用代码的校验位不符（GB 32100-2015）")
    return code


def _yes(cell: str) -> bool:
    if cell.casefold() not in _YES | _NO:
        raise ValueError("应为“是”或“否”")
    return cell.casefold() in _YES


def _items(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (item.strip() for item in re.split("[;；]", cell))))


def _classes(cell: str) -> tuple[int, ...]:
    numbers = [item for item in re.split(r"[;；、,，\s]+", cell) if item]
    if not all(item.isascii() and item.isdigit() and 1 <= int(item) <= 45 for item in numbers):
        raise ValueError("商品类别应为 1 至 45 的数字，以“；”分隔")
    return tuple(map(int, numbers))


def _area(cell: str) -> tuple[dict[str, str], ...]:
    return tuple(
        {"name": coded[1], "code": coded[2]} if (coded := _AREA.fullmatch(item)) else {"name": item}
        for item in _items(cell)
    )


def _kind(cell: str) -> RightKind:
    for kind, name in KIND_ZH.items():
        if cell in (kind.value, name):
            return kind
    raise ValueError(f"应为{'、'.join(KIND_ZH.values())}之一")


def _id(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", cell, re.ASCII):
        raise ValueError("代号只能用小写字母、数字和连字符")
    return cell


def _bureau(cell: str) -> str:
    if not re.fullmatch(r"\d{6}", cell, re.ASCII):
        raise ValueError("应为六位区划代码")
    return cell


def _joined(items: Any) -> str:
    return "；".join(map(str, items))


def _areas(areas: Any) -> str:
    return _joined(f"{one.name}({one.code})" if one.code else one.name for one in areas)


def _told(value: bool) -> str:
    return "是" if value else "否"


_RIGHT = (
    Column("right", ("权利代号", "代号", "id"), _id),
    Column("right_name", ("权利名称", "地理标志", "地理标志名称", "权利"), str),
)
_TERM = (
    Column("valid_from", ("有效期起", "核准日期", "批准日期", "注册日期", "有效期自"), _day),
    Column("valid_to", ("有效期止", "终止日期", "注销日期", "到期日期", "有效期至"), _day),
)
_SOURCE = Column("source", ("来源", "依据", "公告号", "公告"), str)
_VERIFIED = Column("verified", ("已核对", "核对"), _yes, _told)

RIGHTS = Kind(
    "权利",
    frozenset({"id", "kind", "name"}),
    (
        Column("id", ("代号", "权利代号"), _id),
        Column("kind", ("种类", "权利种类"), _kind, KIND_ZH.__getitem__),
        Column("name", ("名称", "权利名称", "地理标志名称"), str),
        Column("aliases", ("别名",), _items, _joined),
        Column("translations", ("译名", "外文名"), _items, _joined),
        Column("goods", ("商品", "商品词"), _items, _joined),
        Column("not_goods", ("其他含义", "排除词"), _items, _joined),
        Column("classes", ("商品类别", "类别"), _classes, _joined),
        Column("area", ("保护范围", "产地范围"), _area, _areas),
        Column("variety", ("品种名", "通用名称"), _items, _joined),
        Column("holder", ("权利人", "持有人", "申请人"), str),
        Column("bureau", ("主管市局", "市局代码"), _bureau),
        *_TERM,
        _VERIFIED,
        _SOURCE,
        Column("note", ("备注",), str),
    ),
)
MARKS = Kind(
    "注册",
    frozenset({"text"}),
    (
        *_RIGHT,
        Column("text", ("商标文字", "注册名称", "商标", "标志文字"), str),
        Column("number", ("注册号", "公告号", "商标注册号"), str),
        Column("classes", ("商品类别", "类别"), _classes, _joined),
        Column("holder", ("注册人", "权利人", "持有人"), str),
        *_TERM,
        _VERIFIED,
    ),
)
USERS = Kind(
    "授权使用人",
    frozenset({"company"}),
    (
        *_RIGHT,
        Column("company", ("企业名称", "使用人", "授权使用人", "使用人名称", "单位名称"), str),
        Column("uscc", ("统一社会信用代码", "信用代码", "社会信用代码"), _code),
        Column("shops", ("网店", "店铺", "网店名称"), _items, _joined),
        *_TERM,
        _SOURCE,
        _VERIFIED,
    ),
)
KINDS = (RIGHTS, MARKS, USERS)
