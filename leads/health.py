"""What a night's figures say when they are held against the nights before: where it fell short.

Each site against itself, each rule against itself; the median of the last nights is the yardstick,
for one odd night does not move it. The ideas are those of Spidermon (item count, field coverage)
and of the dataset assertions of OpenSanctions' zavod.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Annotated

from pydantic import Field

from leads.fields import MATCHER_ZH
from leads.model import Record, Verdict
from leads.nights import Night, SiteNight

FIELD_ZH = {
    "title": "标题",
    "description": "描述",
    "attributes": "参数",
    "brand": "品牌",
    "price": "价格",
    "sold": "销量",
    "seller": "卖家",
    "company": "企业名称",
    "uscc": "统一社会信用代码",
    "location": "卖家所在地",
    "origin": "产地",
    "ships_from": "发货地",
    "factory": "厂址",
    "category": "类目",
    "pictures": "图片",
}
"""Fields whose fill rates are watched."""


class HealthLimits(Record):
    """From where on a night's figures are a fault."""

    nights: Annotated[int, Field(ge=1)] = 3
    """Earlier nights that are needed before anything is compared."""
    listings: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Less than this share of the usual listings of a site is too few."""
    least: Annotated[int, Field(ge=1)] = 10
    """Shares of fewer listings, pages or leads than this say nothing."""
    fill: Annotated[float, Field(ge=0, le=1)] = 0.3
    """A field that so much larger a share of the listings usually has is missed."""
    blocked: Annotated[float, Field(ge=0, le=1)] = 0.3
    """Share of a site's pages that ask for a log-in or a CAPTCHA."""
    unknown: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of a site's pages whose structure nothing here knows."""


def faults(night: Night, before: Sequence[Night], limits: HealthLimits) -> tuple[str, ...]:
    """Return why a night fell short, a line each, in Chinese; ``before`` are the last nights."""
    return tuple(_faults(night, before, limits))


def _faults(night: Night, before: Sequence[Night], limits: HealthLimits) -> Iterator[str]:
    for site in night.sites:
        past = [then for one in before for then in one.sites if then.site == site.site]
        yield from _unseen(site, limits)
        if len(past) >= limits.nights:
            yield from _fewer(site, past, limits)
            yield from _emptier(site, past, limits)
    if len(before) >= limits.nights:
        yield from _left_out(night, before)
        yield from _silent(night, before, limits)
    if not night.listings and not night.shard:
        yield "整夜没有看到一条商品：不能据此认为没有涉嫌侵权的商品"


def _unseen(site: SiteNight, limits: HealthLimits) -> Iterator[str]:
    """Yield what could not be seen, whatever was before."""
    walled = site.visits.get(Verdict.BLOCKED, 0)
    if walled and walled == site.pages:
        yield f"{site.name}：全部 {walled} 个网页都要求登录或验证，什么也没有看到，须由人工打开"
        return
    if site.shortfall:
        yield site.shortfall
    if site.pages < limits.least:
        return
    if site.blocked > limits.blocked:
        yield (
            f"{site.name}：{walled} 个网页要求登录或验证，占 {site.blocked:.0%}，"
            f"超过 {limits.blocked:.0%}，须由人工打开"
        )
    if site.for_browser / site.pages > limits.unknown:
        yield (
            f"{site.name}：{site.for_browser} 个网页须用浏览器打开而没有打开，"
            f"占 {site.for_browser / site.pages:.0%}，超过 {limits.unknown:.0%}"
        )
    if site.unknown / site.pages > limits.unknown:
        yield (
            f"{site.name}：{site.unknown} 个网页的版式不识别，占 {site.unknown / site.pages:.0%}，"
            f"超过 {limits.unknown:.0%}，网站可能已改版"
        )


def _fewer(site: SiteNight, past: Sequence[SiteNight], limits: HealthLimits) -> Iterator[str]:
    usual = median(then.listings for then in past)
    if usual >= limits.least and site.listings < limits.listings * usual:
        yield (
            f"{site.name}：只看到 {site.listings} 条商品，不到近 {len(past)} 夜中位数 {usual:g} 条"
            f"的 {limits.listings:.0%}"
        )


def _emptier(site: SiteNight, past: Sequence[SiteNight], limits: HealthLimits) -> Iterator[str]:
    """Yield fields that are filled less than usual: in the whole site, else in one kind of page."""
    read = [then.fields for then in past if then.read >= limits.least]
    told = set()
    if site.read >= limits.least:
        for field, now, usual in _drops(site.fields, read, limits):
            told.add(field)
            yield _missing(site.name, field, now, usual)
    for kind in site.kinds:
        same = [
            other.fields
            for then in past
            for other in then.kinds
            if other.form == kind.form and other.listings >= limits.least
        ]
        if kind.listings >= limits.least:
            for field, now, usual in _drops(kind.fields, same, limits):
                if field not in told:
                    yield _missing(f"{site.name} 的 {kind.form} 类网页", field, now, usual)


def _drops(
    now: Mapping[str, float], past: Sequence[Mapping[str, float]], limits: HealthLimits
) -> Iterator[tuple[str, float, float]]:
    if len(past) < limits.nights:
        return
    for field in FIELD_ZH:
        usual = median(then.get(field, 0.0) for then in past)
        if usual - now.get(field, 0.0) > limits.fill:
            yield field, now.get(field, 0.0), usual


def _missing(where: str, field: str, now: float, usual: float) -> str:
    return f"{where}：{now:.0%} 的商品取到{FIELD_ZH[field]}，平常 {usual:.0%}，网页结构可能已变"


def _left_out(night: Night, before: Sequence[Night]) -> Iterator[str]:
    """Yield sites that every night had, and this one has not."""
    here = {site.site for site in night.sites}
    always = set.intersection(*({site.site for site in one.sites} for one in before))
    names = {site.site: site.name for one in before for site in one.sites}
    for site in sorted(always - here):
        yield f"{names[site]}：前 {len(before)} 夜都采集了，这一夜没有"


def _silent(night: Night, before: Sequence[Night], limits: HealthLimits) -> Iterator[str]:
    """Yield matchers that find nothing where they usually find something in so many listings."""
    read = sum(site.read for site in night.sites)
    rates = [(one, sum(site.read for site in one.sites)) for one in before]
    rates = [(one, listings) for one, listings in rates if listings]
    for matcher in sorted({name for one, _ in rates for name in one.matchers}):
        usual = median(one.matchers.get(matcher, 0) / listings for one, listings in rates)
        if usual * read >= limits.least and not night.matchers.get(matcher):
            shown = MATCHER_ZH.get(matcher, matcher)
            yield f"方法“{shown}”没有命中，按平常应有 {usual * read:.0f} 条左右，请检查规则"
