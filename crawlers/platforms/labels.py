"""Labelled facts as every shop page lists them (品牌：…, 企业名称：…), and what they mean.

Contacts and names of natural persons are not taken over: they are not needed for a lead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawlers.page import attribute, clean, words
from leads.model import Seller

Pairs = tuple[tuple[str, str], ...]

_SEPARATOR = re.compile(r"[:：]")
_PRIVATE = re.compile(
    r"联系人|联系方式|联系电话|电话|手机|固话|传真|微信|邮箱|邮件|法定代表人|法人|负责人|经营者|身份证|姓名|住址"
    r"|收货|买家|消费者|评价|(?:投诉|举报)(?:人|内容|事项|详情)|诉求"
    r"|\bQQ\b|旺旺|phone|mobile|\btel\b|fax|e-?mail|contact person|wechat",
    re.I,
)
_CONTACT = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32}){1,4}"
    r"|(?:联系|咨询)?(?:电话|手机号?|联系方式|热线|传真|微信号?|QQ|WhatsApp|WeChat|Skype|Tel|Phone|Mobile|Fax)"
    r"\s*[:：.]?\s*[+(（]?[\w+-][\w() （）/+-]{4,30}[\w]",
    re.I,
)
_COUNTRY = ("产地", "商品产地", "原产地", "原产国", "原产国/地区", "产品产地", "货源地")
_REGION = ("省份", "产地省份", "省")
_CITY = ("城市", "地市", "产地城市", "市")
_BRAND = ("品牌", "商品品牌", "品牌名称", "品牌名", "brand")
_SHIPS_FROM = ("发货地", "发货地址", "发货地点", "宝贝发货地", "商品发货地")
_FACTORY = (
    "厂址",
    "厂家地址",
    "生产地址",
    "生产厂家地址",
    "生产企业地址",
    "生产商地址",
    "制造商地址",
)
_COMPANY = (
    "企业名称",
    "公司名称",
    "单位名称",
    "营业执照名称",
    "主体名称",
    "名称",
    "参展商",
    "参展企业",
)
_USCC = (
    "统一社会信用代码",
    "社会信用代码",
    "统一社会信用代码/注册号",
    "营业执照注册号",
    "信用代码",
)
_HOME = (
    "住所",
    "经营场所",
    "注册地址",
    "企业地址",
    "公司地址",
    "营业场所",
    "经营地址",
    "地址",
    "所在地",
)
_LISTED = "li, p, td, dd, dl, ul, table"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{2}\d{6}[0-9A-HJ-NP-RTUW-Y]{10}")
"""Shape of a unified social credit code, GB 32100-2015: 18 places without I, O, S, V, Z."""


class Places(NamedTuple):
    """What the labels of an offer say beside themselves; the places stay apart."""

    brand: str | None
    origin: str | None
    ships_from: str | None
    factory: str | None


def without_contacts(text: str | None) -> str | None:
    """Cut phone numbers, e-mail and chat accounts out of running text.

    A number alone is no phone: item and shop numbers have eleven digits, too. It is one after a
    word that says so.
    """
    return _CONTACT.sub("（联系方式略）", text) if text else None


def pair(text: str | None) -> tuple[str, str] | None:
    """Split ``label：value``; None where there is no label or no value, or the label is private."""
    found = _SEPARATOR.search(text or "", 0, 50)
    if not text or not found:
        return None
    return _kept(clean(text[: found.start()]), clean(text[found.end() :]))


def pairs(entries: Iterable[tuple[object, object]]) -> Pairs:
    """Clean label and value of each entry, leave out empty and private ones and repetitions."""
    found = (_kept(clean(label), clean(value)) for label, value in entries)
    return tuple(dict.fromkeys(entry for entry in found if entry))


def listed(nodes: Iterable[LexborNode]) -> Pairs:
    """Return the pairs in list items like ``<li title="国产">国产/进口：国产</li>``."""
    found = (pair(words(node)) for node in nodes if not holds(node, _LISTED))
    return tuple(dict.fromkeys(entry for entry in found if entry))


def holds(node: LexborNode, selector: str) -> bool:
    """Tell whether something below an element fits; only innermost lists and tables are data."""
    return any(child.css_first(selector) is not None for child in node.iter())


def defined(nodes: Iterable[LexborNode]) -> Pairs:
    """Return the pairs of ``<dt>label<dd>value`` and ``<th>label<td>value`` below the nodes."""
    innermost = (node for node in nodes if not holds(node, "dl, table"))
    return pairs(entry for node in innermost for entry in _definitions(node))


def places(attributes: Pairs) -> Places:
    """Return brand, origin (country, province and city in one line), dispatch and factory place."""
    country, region, city = (_value(attributes, names) for names in (_COUNTRY, _REGION, _CITY))
    origin = " ".join(dict.fromkeys(part for part in (country, region, city) if part))
    return Places(
        brand=_value(attributes, _BRAND),
        origin=origin or None,
        ships_from=_value(attributes, _SHIPS_FROM),
        factory=_value(attributes, _FACTORY),
    )


def licence(attributes: Pairs) -> Seller | None:
    """Return the seller that a business licence's labels name; None without name or credit code."""
    company = _value(attributes, _COMPANY)
    code = _CREDIT_CODE.search((_value(attributes, _USCC) or "").upper())
    if company is None and code is None:
        return None
    return Seller(
        company=company,
        uscc=code.group() if code else None,
        location=_value(attributes, _HOME),
    )


def _definitions(node: LexborNode) -> Iterator[tuple[object, object]]:
    rows = [row.css("th, td") for row in node.css("tr")]
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) > 1 and all(c.tag == "th" for c in rows[0]):
        yield from zip(map(_label, rows[0]), map(_told, rows[1]), strict=True)
    for cells in (*rows, node.css("dt, dd")):
        yield from _side_by_side(cells)


def _side_by_side(cells: list[LexborNode]) -> Iterator[tuple[object, object]]:
    """A heading and the cell after it; a cell that ends with a colon is a heading as well."""
    for label, value in pairwise(cells):
        heading = label.tag in ("dt", "th") or (words(label) or "").endswith((":", "："))
        if heading and value.tag in ("dd", "td"):
            yield _label(label), _told(value)


def _label(cell: LexborNode) -> str:
    return (words(cell) or "").rstrip(":： ")


def _told(cell: LexborNode) -> str | None:
    return attribute(cell, "title") or words(cell)


def _kept(label: str | None, value: str | None) -> tuple[str, str] | None:
    if not label or not value or _PRIVATE.search(label):
        return None
    return label, value


def _value(attributes: Pairs, names: tuple[str, ...]) -> str | None:
    found = {label.lower(): value for label, value in reversed(attributes)}
    return next((found[name] for name in names if name in found), None)
