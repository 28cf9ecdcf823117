"""A right holder's own photo, shown by another seller: whole, cropped, mirrored or in a collage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from leads.model import Finding, Hit, Listing
from leads.sight import MatchKind, Sight
from matchers.base import PictureMatcher
from matchers.image.asked import answers, boxes, touched


class Copies(PictureMatcher):
    """Finds copies of the photos in the bank; which goods they advertise does not matter."""

    name = "copies"

    def match(self, listing: Listing, day: date, sights: Sequence[Sight]) -> Iterator[Hit]:
        """Yield ``picture.copy`` once a right, for the clearest copy; boxes for all of them."""
        for right, users, shown in touched(self.registry, listing, day, sights, MatchKind.COPY):
            best = shown[0][1]
            yield Hit(
                right=right.id,
                name=right.name,
                finding=Finding.PICTURE_COPY,
                matcher=self.name,
                score=0.9 if best.certain else 0.45,
                reason=f"{best.reason.rstrip('。')}；卖家不在已登记的授权使用人之列，"
                "疑似未经许可使用权利人图片，是否获得许可待核。",
                boxes=boxes(shown),
                defences=answers(listing, right, users, day, any_goods=True),
            )
