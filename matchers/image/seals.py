"""The GI special mark on a pack: shown by one who may not use it, without its code, or imitated.

Whoever uses the mark must be authorised for the GI and print its own unified social credit code
with it (地理标志专用标志使用管理办法（试行）, announcement 354, art. 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from leads.model import AuthorisedUser, Finding, Hit, Listing, Right, RightKind
from leads.registry import Registry
from leads.sight import MatchKind, Sight
from matchers.base import PictureMatcher
from matchers.image.asked import Shown, boxes, by_right, lawful
from matchers.image.reading import lines_of, with_lines
from matchers.text.credit_codes import codes_in, is_credit_code
from matchers.text.fields import offer
from matchers.text.watch import Watch, names_of, protected

RIGHT, NAME = "gi-sign", "地理标志专用标志"
"""Stands for the mark where no GI is named beside it."""

_AS_DIGITS = str.maketrans("OoIl", "0011")  # letters that no credit code has


class _About(NamedTuple):
    """A GI that is named beside the mark, or the mark alone, and who may use it."""

    id: str
    name: str
    users: Sequence[AuthorisedUser]


class Seals(PictureMatcher):
    """Judges the GI special mark, and what is laid out like it."""

    name = "seals"

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._rights = protected(registry, RightKind.GI)
        self._names = Watch(names_of(self._rights))

    def match(self, listing: Listing, day: date, sights: Sequence[Sight]) -> Iterator[Hit]:
        """Yield ``gi.sign`` once for each GI named in the listing or its pictures, else once."""
        genuine = by_right(sights, MatchKind.SEAL)
        alike = by_right(sights, MatchKind.SEAL_LIKE)
        shown = [one for found in (genuine or alike).values() for one in found]
        if not shown:
            return
        named = self._named(listing, day, sights)
        if any(
            lawful(listing, right, self.registry.users.get(right.id, ()), day)
            for right in named or self._rights
        ):
            return
        for about in self._about(named):
            score, why = _code_told(sights, about, day) if genuine else (0.5, _IMITATED)
            yield Hit(
                right=about.id,
                name=about.name,
                finding=Finding.GI_SIGN,
                matcher=self.name,
                score=score,
                reason=_reason(shown, why),
                boxes=boxes(shown),
            )

    def _named(self, listing: Listing, day: date, sights: Sequence[Sight]) -> list[Right]:
        said = offer(with_lines(listing, lines_of(sights)))
        places = self._names.within(said, day)
        return list({name.right.id: name.right for _, (name, _, _) in places}.values())

    def _about(self, named: Sequence[Right]) -> list[_About]:
        if named:
            return [_About(r.id, r.name, self.registry.users.get(r.id, ())) for r in named]
        everyone = [user for r in self._rights for user in self.registry.users.get(r.id, ())]
        return [_About(RIGHT, NAME, everyone)]


_IMITATED = "与地理标志专用标志相似而不一致，或图像不清，疑似仿冒专用标志，须人工辨认"


def _reason(shown: Sequence[Shown], why: str) -> str:
    return f"{shown[0][1].reason.rstrip('。')}；{why}；疑似擅用地理标志专用标志，使用资格待核。"


def _code_told(sights: Sequence[Sight], about: _About, day: date) -> tuple[float, str]:
    """Say what the credit code that must stand with the mark tells; the reader may have slipped."""
    read = [code for one in lines_of(sights) for code in codes_in(_tidy(one.line.text))]
    if not read:
        return 0.5, "卖家不在已登记的授权使用人之列，图中未读出应随标志标明的统一社会信用代码"
    listed = {user.uscc for user in about.users if user.in_force(day)}
    if listed & set(read):
        return 0.2, "图中统一社会信用代码属于已登记的授权使用人，而卖家是另一主体"
    whole = next(filter(is_credit_code, read), None)
    if whole is None:
        return 0.5, f"图中读出的统一社会信用代码“{read[0]}”校验不符，可能为识读有误"
    return 0.7, f"图中统一社会信用代码“{whole}”不属于已登记的授权使用人"


def _tidy(text: str) -> str:
    return text.replace(" ", "").translate(_AS_DIGITS)
