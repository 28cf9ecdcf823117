"""Goods that must bear a registered mark, and may not be sold openly: tobacco, e-cigarettes.

商标法 and 烟草专卖法 on mandatory marks; 电子烟管理办法 (2022, from memory) allows e-cigarettes
only on the unified platform, so any offer elsewhere is a finding without a look at the mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from leads.model import Defence, DefenceCode, Finding, Hit, Listing, Span
from matchers.base import Matcher
from matchers.text.fields import brand_of, in_words, offer

RIGHT, NAME = "tobacco", "烟草制品"

_HINT = re.compile("[烟茄雾]")
_VAPES = re.compile(
    r"电子烟(?!雾)|电子雾化烟|一次性小烟|换弹(?:式)?小烟|雾化烟弹|烟弹(?!药)|烟油(?!机)|雾化弹",
    re.I,
)
_TOBACCO = re.compile(
    r"(?:手工|手卷|散装|自卷)?(?:烟丝|卷烟|香烟|雪茄|旱烟|莫合烟|水烟膏|鼻烟)(?!机|器|管)"
)
_ACCESSORIES = re.compile(
    r"烟灰缸|打火机|火机|烟斗|烟嘴|过滤|烟盒|烟盖|收纳|保护套|挂绳|贴纸|卷烟器|卷烟纸|烟纸|空管|烟架|保湿|雪茄剪|雪茄柜|"
    r"雪茄刀|检测|显微镜|戒烟|模型|玩具|糖|烟标|充电线|支架|剪刀|柜|展示|模具|包装|花纸|同款|书|酒|香薰|皮带|雪茄椅|雪茄裤"
)
_UNMARKED = re.compile(r"无商标|无牌|无标|散装|散烟|自制|自产|农家|手工|白皮|裸烟")


class Mandatory(Matcher):
    """Finds offers of tobacco goods; they touch no single right."""

    name = "mandatory"

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``mark.mandatory`` at most once."""
        said = offer(listing)
        for text in said.texts if _HINT.search(said.raw) else ():
            if not _HINT.search(text.plain.raw):
                continue
            if text.field not in ("title", "description") and text.key not in ("品名", "类别"):
                continue
            if found := _VAPES.search(text.plain.raw):
                why = "电子烟参照卷烟管理，仅可通过统一交易管理平台销售，涉嫌违规网上销售"
                score = 0.85
            elif found := _TOBACCO.search(text.plain.raw):
                unmarked = _UNMARKED.search(listing.title) or not brand_of(listing)
                why = (
                    "烟草制品必须使用注册商标，未见商标，涉嫌销售未使用注册商标的烟草制品"
                    if unmarked
                    else "烟草制品必须使用注册商标，商标是否注册、是否有权网上销售待核"
                )
                score = 0.8 if unmarked else 0.5
            else:
                continue
            yield self._hit(
                listing,
                Span(field=text.field, start=found.start(), end=found.end(), text=found.group()),
                score,
                f"{in_words(text)}中有“{found.group()}”，{why}。",
            )
            return

    def _hit(self, listing: Listing, span: Span, score: float, reason: str) -> Hit:
        accessory = _ACCESSORIES.search(listing.title)
        return Hit(
            right=RIGHT,
            name=NAME,
            finding=Finding.MARK_MANDATORY,
            matcher=self.name,
            score=score,
            reason=reason,
            spans=(span,),
            defences=(
                (Defence(code=DefenceCode.OTHER_GOODS, detail=f"疑为用具“{accessory.group()}”"),)
                if accessory
                else ()
            ),
        )
