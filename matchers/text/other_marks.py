"""Marks beyond the protected ones, by the sound of a whole brand: cheap for tens of thousands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from leads.model import Defence, DefenceCode, Finding, Hit, Listing
from leads.registry import Registry
from matchers.base import Matcher
from matchers.text.defences import Case
from matchers.text.fields import Text, in_words, offer
from matchers.text.goods import Fit
from matchers.text.likeness import spoken
from matchers.text.watch import Name, known_names, other_names
from matchers.text.windows import Kind

_CHINESE = re.compile("[一-鿿]{3,}")


class OtherMarks(Matcher):
    """Finds stated brands that sound like a mark of three characters and more, written otherwise.

    Of so many marks some sound alike by chance, so a hit is for review; a known mark is its own.
    """

    name = "other_marks"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._known = known_names(registry)
        self._heard: dict[str, list[Name]] = {}
        for name in other_names(registry):
            if _CHINESE.fullmatch(name.plain.text):
                self._heard.setdefault(spoken(name.plain.text), []).append(name)

    def match(self, listing: Listing, day: date) -> Iterator[Hit]:
        """Yield ``brand.imitation`` once for each right that a stated brand sounds like."""
        if not self._heard:
            return
        told: set[str] = set()
        for text in offer(listing).brands:
            for part in _CHINESE.finditer(text.plain.text):
                if part.group() in self._known:
                    continue
                for name in self._heard.get(spoken(part.group()), ()):
                    if name.right.id not in told and name.right.in_force(day):
                        told.add(name.right.id)
                        yield self._hit(listing, text, day, name, *part.span())

    def _hit(
        self, listing: Listing, text: Text, day: date, name: Name, start: int, end: int
    ) -> Hit:
        right = name.right
        users = self.registry.users.get(right.id, ())
        case = Case(listing, right, users, day, text, start, end, True)
        span = text.cut(start, end)
        own = f"自有品牌“{span.text}”，是否另有注册待核"
        return Hit(
            right=right.id,
            name=right.name,
            finding=Finding.BRAND_IMITATION,
            matcher=self.name,
            score=0.5 if case.goods is Fit.SAME else 0.4,
            reason=f"{in_words(text)}中的“{span.text}”与注册商标“{name.plain.raw}”{Kind.SOUND}，"
            "疑似攀附；是否容易导致混淆、是否另有注册待核。",
            spans=(span,),
            defences=(*case.defences, Defence(code=DefenceCode.OWN_MARK, detail=own)),
        )
