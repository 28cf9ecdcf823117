"""A registered logo on a pack or in a photo, shown by another seller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from leads.model import Finding, Hit, Listing
from leads.sight import MatchKind, Sight
from matchers.base import PictureMatcher
from matchers.image.asked import answers, boxes, touched


class Logos(PictureMatcher):
    """Finds the logos in the bank."""

    name = "logos"

    def match(self, listing: Listing, day: date, sights: Sequence[Sight]) -> Iterator[Hit]:
        """Yield ``picture.logo`` once a right, for the clearest place; boxes for all of them."""
        for right, users, shown in touched(self.registry, listing, day, sights, MatchKind.LOGO):
            best = shown[0][1]
            yield Hit(
                right=right.id,
                name=right.name,
                finding=Finding.PICTURE_LOGO,
                matcher=self.name,
                score=0.7 if best.certain else 0.4,
                reason=f"{best.reason.rstrip('。')}；图片中疑似出现“{right.name}”的注册标识，"
                "是否为正品、是否获得许可待核。",
                boxes=boxes(shown),
                defences=answers(listing, right, users, day, any_goods=False),
            )
