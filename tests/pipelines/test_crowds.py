"""A reference that everybody shows accuses nobody by itself."""

from leads.model import Listing, Seller
from leads.sight import Legible, PictureMatch, Sight
from pipelines.crowds import Crowds

DIGEST = "1" * 64
QUAD = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
MATCH = PictureMatch.model_validate(
    {
        "kind": "copy", "right": "brand-x", "source": "photos/brand-x/1.jpg", "score": 0.9,
        "reason": "疑似同一图片。", "box": (0, 0, 9, 9), "quad": QUAD, "source_quad": QUAD,
        "share": 1, "scale": 1, "inliers": 60, "certain": True,
    }
)  # fmt: skip
SIGHTS = {DIGEST: Sight(sha256=DIGEST, legible=Legible.OK, matches=(MATCH,))}


def offer(seller: int) -> Listing:
    return Listing(site="m", ref="1", title="x", seller=Seller(ref=str(seller)))


def test_beyond_so_many_sellers_a_match_is_for_review_and_says_why() -> None:
    crowds = Crowds(most=2)
    seen = [crowds.weighed(offer(seller), SIGHTS)[DIGEST].matches[0] for seller in (1, 2, 2, 3, 1)]
    assert [match.certain for match in seen] == [True, True, True, False, False]
    assert "已见于3家店铺" in seen[-1].reason
    assert crowds.crowded == ("photos/brand-x/1.jpg",)


def test_what_few_sellers_show_stays_as_it_is() -> None:
    crowds = Crowds(most=2)
    assert crowds.weighed(offer(1), SIGHTS) == SIGHTS
    assert crowds.crowded == ()
