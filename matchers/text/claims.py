"""Claims about marks that may not be made: 驰名商标 in trade, ® on an unregistered sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from leads.model import Finding, Hit, Listing, Span
from matchers.base import Matcher
from matchers.text.fields import in_words, offer

RIGHT, NAME = "mark-claim", "商标宣传"

_HINT = re.compile("[驰®Ⓡ册]")
_WELL_KNOWN = re.compile(r"(?:中国|国家|全国|国际|世界)?驰名\W{0,2}(?:商标|品牌)")
_UNREGISTERED = re.compile(
    r"(?:®|注册商标|Ⓡ)[^。；;]{0,20}(?:未注册|尚未注册|注册中|申请中|受理中|未核准)"
    r"|(?:未注册|注册申请中|商标申请中|受理中)[^。；;]{0,20}(?:®|注册商标|Ⓡ)"
)


class Claims(Matcher):
    """Finds forbidden claims about marks; they touch no single right."""

    name = "claims"

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``mark.claim`` for each kind of claim once."""
        said = offer(listing)
        if not _HINT.search(said.raw):
            return
        texts = [text for text in said.texts if _HINT.search(text.plain.raw)]
        kinds = (
            (_WELL_KNOWN, 0.8, "“驰名商标”字样不得用于商品、包装、广告宣传，涉嫌违反规定"),
            (_UNREGISTERED, 0.65, "自述未获注册而标示注册标记，涉嫌冒充注册商标；注册状态待核"),
        )
        for pattern, score, why in kinds:
            for text in texts:
                if found := pattern.search(text.plain.raw):
                    first, last = found.span()
                    span = Span(field=text.field, start=first, end=last, text=found.group())
                    yield Hit(
                        right=RIGHT,
                        name=NAME,
                        finding=Finding.MARK_CLAIM,
                        matcher=self.name,
                        score=score,
                        reason=f"{in_words(text)}中有“{found.group()}”，{why}。",
                        spans=(span,),
                    )
                    break
