"""Special signs (奥林匹克, 世博 …) and the GI special mark, claimed in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from leads.model import DefenceCode, Finding, Hit, Listing, RightKind
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.credit_codes import codes_in, is_credit_code
from matchers.text.defences import Case
from matchers.text.fields import Text, in_words, offer
from matchers.text.watch import Watch, names_of, pool_of, protected

_NO_TRADE = re.compile(r"图书|书籍|报纸|杂志|新闻|邮票|纪念币|钱币|教材|历史|收藏")
_HINT = re.compile("地理标志|PGI")
_GI_MARK = re.compile(r"地理标志(?:专用标志|保护产品|证明商标|集体商标|产品|认证)|国家地理标志|PGI")


class Signs(Matcher):
    """Finds names of special signs in trade, and claims to the GI special mark."""

    name = "signs"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        pool = pool_of(registry)
        self._signs = Watch(names_of(protected(registry, RightKind.SPECIAL_SIGN)), pool)
        self._gis = Watch(names_of(protected(registry, RightKind.GI)), pool)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``sign.special`` once a sign, and ``gi.sign`` once a GI that is named beside."""
        told: set[str] = set()
        for text, (name, start, end) in self._signs.within(offer(listing), day):
            if name.right.id not in told:
                told.add(name.right.id)
                users = self.registry.users.get(name.right.id, ())
                yield self._sign(Case(listing, name.right, users, day, text, start, end))
        yield from self._gi_marks(listing, day)

    def _sign(self, case: Case) -> Hit:
        trade = not _NO_TRADE.search(case.listing.title)
        return Hit(
            right=case.right.id,
            name=case.right.name,
            finding=Finding.SIGN_SPECIAL,
            matcher=self.name,
            score=0.65 if trade else 0.4,
            reason=f"{in_words(case.text)}使用特殊标志“{case.right.name}”，涉嫌未经许可用于商业目的；"
            "是否获得许可、标志是否在有效期内待核。",
            spans=(case.text.cut(case.start, case.end),),
            defences=case.defences,
        )

    def _gi_marks(self, listing: Listing, day: date) -> Iterator[Hit]:
        said = offer(listing)
        if not _HINT.search(said.raw):
            return
        claims = [
            (text, claim) for text in said.texts if (claim := _GI_MARK.search(text.plain.raw))
        ]
        if not claims:
            return
        text, claim = claims[0]
        told: set[str] = set()
        for place, (name, start, end) in self._gis.within(said, day):
            if name.right.id in told:
                continue
            told.add(name.right.id)
            users = self.registry.users.get(name.right.id, ())
            case = Case(listing, name.right, users, day, place, start, end)
            yield self._gi_mark(case, text, claim)

    def _gi_mark(self, case: Case, text: Text, claim: re.Match[str]) -> Hit:
        score, what = _code_beside(case, text)
        first, last = claim.span()
        where = {"field": text.field, "start": first, "end": last, "text": claim.group()}
        honest = [d for d in case.defences if d.code is not DefenceCode.HONEST_RESALE]
        return Hit.model_validate(
            {
                "right": case.right.id,
                "name": case.right.name,
                "finding": Finding.GI_SIGN,
                "matcher": self.name,
                "score": score,
                "reason": f"{in_words(text)}称“{claim.group()}”并涉及“{case.right.name}”，{what}；"
                "疑似擅用地理标志专用标志，使用资格待核。",
                "spans": (where, case.text.cut(case.start, case.end)),
                "defences": honest,
            }
        )


def _code_beside(case: Case, text: Text) -> tuple[float, str]:
    """Say what the credit code that must stand under the special mark tells."""
    codes = codes_in(text.plain.raw)
    if not codes:
        return 0.5, "未见应随标志标明的统一社会信用代码"
    wrong = next((code for code in codes if not is_credit_code(code)), None)
    if wrong:
        return 0.8, f"所标统一社会信用代码“{wrong}”校验不符"
    listed = {user.uscc for user in case.users if user.in_force(case.day)}
    if any(code in listed for code in codes):
        return 0.2, "所标统一社会信用代码在已登记的授权使用人之列"
    return 0.6, f"所标统一社会信用代码“{codes[0]}”不在已登记的授权使用人之列"
