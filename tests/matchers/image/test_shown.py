"""What pictures show becomes hits, with boxes, defences and words an officer can use."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from leads.model import Finding, Hit, Listing, Picture, Seller, Triage
from leads.registry import Registry
from leads.sight import Legible, Line, MatchKind, PictureMatch, Sight
from leads.triage import triage
from matchers.engine import Engine

ONE, TWO = "1" * 64, "2" * 64
BOX, OTHER_BOX = (10, 20, 300, 200), (40, 400, 80, 30)
AUTHORISED = Seller(name="水塔醋店", company="山西水塔醋业股份有限公司")
OWN_CODE, OTHER_CODE = "91140000110055632M", "91370303YL0007775E"


def match(kind: MatchKind, right: str, **more: Any) -> PictureMatch:
    quad = ((10.0, 20.0), (310.0, 20.0), (310.0, 220.0), (10.0, 220.0))
    facts = {
        "kind": kind, "right": right, "source": f"photos/{right}/1.jpg", "score": 0.9,
        "reason": "疑似同一图片：吻合点 60 个", "box": BOX, "quad": quad, "source_quad": quad,
        "share": 0.8, "scale": 1.0, "inliers": 60, "certain": True,
    }  # fmt: skip
    return PictureMatch.model_validate(facts | more)


def sight(digest: str = ONE, *, lines: Mapping[str, tuple[int, int, int, int]] | None = None,
          score: float = 0.98, matches: tuple[PictureMatch, ...] = ()) -> Sight:  # fmt: skip
    read = tuple(Line(text=text, box=box, score=score) for text, box in (lines or {}).items())
    return Sight(
        sha256=digest, legible=Legible.OK, width=800, height=800, matches=matches, lines=read
    )


def listing(title: str = "家用好物 500g", **more: Any) -> Listing:
    pictures = (Picture(sha256=ONE), Picture(sha256=TWO))
    return Listing.model_validate({"title": title, "pictures": pictures, **more})


def hits(engine: Engine, shown: Listing, *sights: Sight) -> tuple[Hit, ...]:
    return engine.hits(shown, date(2026, 11, 22), {one.sha256: one for one in sights})


COPY = sight(matches=(match(MatchKind.COPY, "laochencu"),))
LOGO = sight(matches=(match(MatchKind.LOGO, "fenjiu", source="logos/fenjiu/1.png"),))
SEAL = match(MatchKind.SEAL, "gi-sign", source="logos/gi-sign/1.png")
SEAL_LIKE = match(MatchKind.SEAL_LIKE, "gi-sign", source="logos/gi-sign/1.png", certain=False)
MAKER = Seller(name="云禾小铺", company="临沂市云禾食品有限公司")


@pytest.mark.parametrize(
    ("shown", "one", "finding", "right", "expected"),
    [
        (listing(), COPY, Finding.PICTURE_COPY, "laochencu", Triage.LEAD),
        (listing(seller=MAKER), COPY, Finding.PICTURE_COPY, "laochencu", Triage.LEAD),
        (listing(), sight(matches=(match(MatchKind.COPY, "laochencu", certain=False),)),
         Finding.PICTURE_COPY, "laochencu", Triage.REVIEW),
        (listing("高粱酒 53度", category=("酒类", "白酒")), LOGO,
         Finding.PICTURE_LOGO, "fenjiu", Triage.LEAD),
        (listing("汾酒 53度", brand="汾酒"), LOGO, Finding.PICTURE_LOGO, "fenjiu", Triage.REVIEW),
        (listing(), sight(matches=(SEAL,)), Finding.GI_SIGN, "gi-sign", Triage.REVIEW),
        (listing("山西老陈醋"), sight(matches=(SEAL,)),
         Finding.GI_SIGN, "laochencu", Triage.REVIEW),
        (listing(), sight(matches=(SEAL,), lines={"平遥牛肉": OTHER_BOX}),
         Finding.GI_SIGN, "pingyao-beef", Triage.REVIEW),
        (listing("山西老陈醋"), sight(matches=(SEAL,), lines={OTHER_CODE: OTHER_BOX}),
         Finding.GI_SIGN, "laochencu", Triage.LEAD),
        (listing(), sight(matches=(SEAL_LIKE,)), Finding.GI_SIGN, "gi-sign", Triage.REVIEW),
        (listing(), sight(lines={"老干妈": OTHER_BOX}),
         Finding.PICTURE_TEXT, "laoganma", Triage.REVIEW),
        (listing(), sight(lines={"平 遥 牛 肉": OTHER_BOX}),
         Finding.PICTURE_TEXT, "pingyao-beef", Triage.REVIEW),
        (listing("牛肉面", category=("方便食品",)), sight(lines={"康帅傅": OTHER_BOX}),
         Finding.PICTURE_TEXT, "kangshifu", Triage.REVIEW),
        (listing(), sight(lines={"中国驰名商标": OTHER_BOX}),
         Finding.MARK_CLAIM, "mark-claim", Triage.LEAD),
        (listing(), sight(lines={"专利号ZL201820456789.0": OTHER_BOX}),
         Finding.PATENT_NUMBER, "patent", Triage.REVIEW),
    ],
)  # fmt: skip
def test_what_a_picture_shows_is_a_hit(
    engine: Engine, shown: Listing, one: Sight, finding: Finding, right: str, expected: Triage
) -> None:
    found = [hit for hit in hits(engine, shown, one) if hit.finding is finding]
    assert [hit.right for hit in found] == [right]
    assert triage(found, engine.registry.scoring).triage is expected
    assert found[0].boxes
    assert {box.picture for box in found[0].boxes} == {ONE}
    assert "疑似" in found[0].reason or "涉嫌" in found[0].reason or "待核" in found[0].reason


@pytest.mark.parametrize(
    ("shown", "one"),
    [
        (listing(seller=AUTHORISED), COPY),
        (listing(seller=Seller(company="山西省醋产业协会")), COPY),
        (listing(seller=AUTHORISED), sight(matches=(SEAL,))),
        (listing("山西老陈醋", seller=AUTHORISED), sight(matches=(SEAL,))),
        (listing(seller=Seller(company="山西杏花村汾酒厂股份有限公司")), LOGO),
        (listing(pseudo=True), COPY),
        (listing(), sight(lines={"老干妈": OTHER_BOX}, score=0.3)),
        (listing(), sight(matches=(match(MatchKind.COPY, "unknown-right"),))),
    ],
)
def test_what_is_shown_by_right_or_hardly_read_is_no_lead(
    engine: Engine, shown: Listing, one: Sight
) -> None:
    found = [hit for hit in hits(engine, shown, one) if hit.boxes]
    assert not found


def test_a_seal_with_an_authorised_users_code_at_another_seller_is_left_alone(
    engine: Engine,
) -> None:
    one = sight(matches=(SEAL,), lines={f"统一社会信用代码:{OWN_CODE}": OTHER_BOX})
    found = hits(engine, listing("山西老陈醋", seller=MAKER), one)
    assert Finding.GI_SIGN not in {hit.finding for hit in found}


def test_a_name_that_the_text_has_is_not_told_again_for_the_picture(engine: Engine) -> None:
    found = hits(engine, listing("老干妈风味豆豉"), sight(lines={"老干妈": OTHER_BOX}))
    assert {hit.finding for hit in found if hit.right == "laoganma"} == {Finding.BRAND_IDENTICAL}


def test_a_name_read_in_a_picture_keeps_the_box_of_its_line(engine: Engine) -> None:
    lines = {"净含量500克": (1, 1, 2, 2), "老干妈": OTHER_BOX}
    (hit,) = hits(engine, listing(), sight(), sight(TWO, lines=lines))
    assert [(box.picture, box.box) for box in hit.boxes] == [(TWO, OTHER_BOX)]
    assert not hit.spans
    assert "图片文字" in hit.reason
    assert "机器识读" in hit.reason


def test_wide_print_is_no_disguise(engine: Engine) -> None:
    (hit,) = hits(engine, listing(), sight(lines={"老 干 妈": OTHER_BOX}))
    assert "变形" not in hit.reason


def test_pictures_that_are_not_the_listings_do_not_matter(engine: Engine) -> None:
    shown = Listing(title="家用好物", pictures=(Picture(sha256=TWO),))
    assert hits(engine, shown, COPY) == ()


def test_one_copy_in_two_pictures_is_one_hit_with_two_boxes(engine: Engine) -> None:
    (hit,) = hits(engine, listing(), COPY, sight(TWO, matches=COPY.matches))
    assert [box.picture for box in hit.boxes] == [ONE, TWO]


def test_matches_of_a_right_that_has_lapsed_are_no_hits(registry: Registry) -> None:
    right = registry.rights["laochencu"].model_copy(update={"valid_to": date(2020, 1, 1)})
    watched = registry.model_copy(update={"rights": {**registry.rights, "laochencu": right}})
    assert hits(Engine(watched), listing(), COPY) == ()
