"""The one way from bytes to listings: asks every extractor in turn, never raises on a bad page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from crawlers import platforms
from crawlers.decode import ruined
from crawlers.page import Extractor, Page, Reading, Unreadable, host_of
from crawlers.platforms.records import Records
from leads.model import Listing, Verdict

LARGEST_PAGE = 32 * 1024 * 1024
"""Bytes; a larger page is not looked at (the limit of a live download)."""

BLOCKS = 10
"""Up to this order, extractors recognise refusals, which may be in any charset."""
GENERIC = 90
"""From this order on, an extractor that cannot read a page leaves it to the next."""

_SCRIPT = re.compile(r"<script(?![^>]{0,200}ld\+json)")
_TAG = re.compile(r"<(/?)(\w{1,20})[^<>]{0,2000}>")
_UNSHOWN = {"script", "style", "noscript", "head"}
_PSEUDO_TITLES = ("邮费", "运费", "补差价", "差价", "定金", "订金", "专拍链接", "补邮费", "补运费")
_FIELDS_ZH = {
    "ref": "商品编号",
    "price": "价格",
    "seller": "卖家",
    "pictures": "图片",
    "attributes": "商品参数",
}


@cache
def extractors() -> tuple[Extractor, ...]:
    """Return one of each extractor in ``crawlers/platforms``, in the order they are asked."""
    found: list[Extractor] = []
    for module in pkgutil.iter_modules(platforms.__path__, f"{platforms.__name__}."):
        members = vars(importlib.import_module(module.name)).values()
        found.extend(
            member()
            for member in members
            if inspect.isclass(member)
            and issubclass(member, Extractor)
            and not inspect.isabstract(member)
            and member.__module__ == module.name
        )
    names = [extractor.name for extractor in found]
    if len(names) != len(set(names)):
        raise ValueError(f"two extractors share a name: {sorted(names)}")
    return tuple(sorted(found, key=lambda extractor: (extractor.order, extractor.name)))


def extract(
    page: Page, site: str | None = None, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read a page with the first extractor that knows it.

    Every listing has a title and a site: the one given, else the platform's name, else the host.
    ``columns`` says what the columns of a table mean, by heading (see
    :data:`crawlers.platforms.columns.FIELDS`); the others are guessed.
    Never raises on a bad page: it gets a verdict and a reason in Chinese.
    """
    if not page.body.strip():
        return Reading(Verdict.EMPTY, reason="没有内容（0 字节或只有空白）")
    if len(page.body) > LARGEST_PAGE:
        size = len(page.body) // 1024 // 1024
        return Reading(Verdict.UNSUPPORTED, reason=f"页面过大（{size} MiB，上限 32 MiB），未解析")
    if b"\0" in page.body[:4096] and not page.body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Reading(Verdict.UNSUPPORTED, reason="不是网页或文本文件")
    if not page.text.strip():
        return Reading(Verdict.EMPTY, reason="没有文字内容")
    try:
        return _read(page, site, (Records(columns), *extractors()) if columns else extractors())
    except Unreadable as bad:
        return Reading(bad.verdict, reason=bad.reason)
    except RecursionError:
        return Reading(Verdict.DAMAGED, reason="页面结构嵌套过深，未能解析")


def _read(page: Page, site: str | None, asked: tuple[Extractor, ...]) -> Reading:
    for extractor in asked:
        if not extractor.claims(page):
            continue
        if extractor.order > BLOCKS:
            _refuse_ruined(page)
        reading = extractor.read(page)
        if reading.verdict is not Verdict.UNSUPPORTED or extractor.order < GENERIC:
            return _judged(reading, extractor, site or extractor.site or page.host or None, site)
    _refuse_ruined(page)
    return _unknown(page)


def _refuse_ruined(page: Page) -> None:
    if ruined(page.text):
        raise Unreadable(
            Verdict.DAMAGED, "文字已因编码错误而损坏（乱码），无法还原，请重新获取原页面"
        )


def _judged(reading: Reading, extractor: Extractor, site: str | None, given: str | None) -> Reading:
    """Drop what is no listing, name the site, say what is missing."""
    whole = tuple(
        _finished(listing, given or listing.site or site or host_of(listing.url))
        for listing in reading.listings
        if _readable(listing.title)
    )
    dropped = len(reading.listings) - len(whole)
    if dropped and not whole:
        return Reading(
            Verdict.DAMAGED, reason=f"{dropped} 条记录都没有可读的标题，不能作为商品收录"
        )
    missing = tuple(
        field
        for field in extractor.promises
        if whole and not any(getattr(listing, field) for listing in whole)
    )
    faults = [f"{dropped} 条没有可读的标题，未收录"] if dropped else []
    if missing:
        faults.append("缺少" + "、".join(_FIELDS_ZH.get(field, field) for field in missing))
    if not faults:
        return replace(reading, listings=whole)
    if reading.reason:
        faults.insert(0, reading.reason)
    return replace(
        reading,
        verdict=Verdict.PARTIAL,
        listings=whole,
        reason="；".join(faults),
        missing=tuple(dict.fromkeys((*reading.missing, *missing))),
    )


def _readable(title: str) -> bool:
    """Whether a title is one: U+FFFD and rows of question marks are what a wrong charset leaves."""
    return bool(title) and "\ufffd" not in title and title.count("?") * 2 < max(4, len(title))


def _finished(listing: Listing, site: str | None) -> Listing:
    pseudo = listing.pseudo or listing.title.strip(" 【】[]（）()!！-—") in _PSEUDO_TITLES
    if listing.site == site and listing.pseudo == pseudo:
        return listing
    return listing.model_copy(update={"site": site, "pseudo": pseudo})


def _unknown(page: Page) -> Reading:
    if _SCRIPT.search(page.text) and _shown(page.text[:500_000]) < 200:
        return Reading(
            Verdict.UNSUPPORTED,
            reason="页面内容由脚本生成，直接读取没有商品信息，需用浏览器打开",
            needs_browser=True,
        )
    return Reading(Verdict.UNSUPPORTED, reason="不是已知的商品、店铺或展会页面")


def _shown(text: str) -> int:
    """Characters that a reader sees before any script has run."""
    shown = at = 0
    hidden: str | None = None
    for tag in _TAG.finditer(text):
        close, name = tag[1], tag[2].lower()
        if hidden is None:
            shown += len("".join(text[at : tag.start()].split()))
            hidden = name if name in _UNSHOWN and not close else None
        elif close and name == hidden:
            hidden = None
        at = tag.end()
    return shown if hidden else shown + len("".join(text[at:].split()))
