"""Marks beyond the protected ones are met exactly, and only where brand or seller is named."""

from datetime import date

import pytest

from leads.model import Finding, Listing, Right, RightKind, Seller, Triage
from leads.registry import Registry
from leads.triage import triage
from matchers.engine import Engine
from matchers.text.watch import PROTECTED

OTHERS = (
    ("o1", "晨露坊", "某市晨露坊食品有限公司"),
    ("o2", "川禾", None),
    ("o3", "满庭芳", None),
    ("o4", "小蓝果", None),
)


@pytest.fixture(scope="module")
def many(registry: Registry) -> Engine:
    """Watch as many marks as are protected, and the others behind them."""
    rights = {
        f"p{n}": Right(id=f"p{n}", kind=RightKind.TRADEMARK, name=f"护标{n}号", classes=(30,))
        for n in range(PROTECTED)
    }
    for id_, name, holder in OTHERS:
        rights[id_] = Right(
            id=id_, kind=RightKind.TRADEMARK, name=name, classes=(30,), holder=holder
        )
    return Engine(registry.model_copy(update={"rights": rights, "users": {}}))


@pytest.mark.parametrize(
    ("brand", "right", "outcome"),
    [
        ("晨路坊", "o1", Triage.REVIEW),
        ("陈禄方", "o1", Triage.REVIEW),
        ("晨路风", None, Triage.NONE),
        ("晨路坊（CHENLUFANG）", "o1", Triage.REVIEW),
        ("晨露坊", None, Triage.NONE),
        ("晨露方", "o1", Triage.REVIEW),
        ("新晨路坊", None, Triage.NONE),
        ("川和", None, Triage.NONE),
        ("小兰果", "o4", Triage.REVIEW),
    ],
)
def test_a_stated_brand_of_three_characters_is_met_by_its_whole_sound(
    many: Engine, day: date, brand: str, right: str | None, outcome: Triage
) -> None:
    listing = Listing(title="绿豆糕 点心礼盒", attributes=(("品牌", brand),))
    hits = many.hits(listing, day)
    assert {hit.right for hit in hits} == ({right} if right else set())
    assert triage(hits, many.registry.scoring).triage is outcome
    for hit in hits:
        assert hit.finding is Finding.BRAND_IMITATION
        assert "读音相同或近似" in hit.reason
        assert brand.startswith(hit.spans[0].text)


def test_a_brand_that_sounds_like_a_mark_of_other_goods_is_left_alone(
    many: Engine, day: date
) -> None:
    hits = many.hits(Listing(title="水泥 50kg", brand="晨路坊"), day)
    assert triage(hits, many.registry.scoring).triage is Triage.NONE


def test_a_known_mark_that_sounds_like_another_is_its_own(many: Engine, day: date) -> None:
    twin = Right(id="twin", kind=RightKind.TRADEMARK, name="晨路坊", classes=(30,))
    rights = {**many.registry.rights, "twin": twin}
    engine = Engine(many.registry.model_copy(update={"rights": rights}))
    assert not engine.hits(Listing(title="绿豆糕 点心", brand="晨路坊"), day)


@pytest.mark.parametrize(
    ("seller", "outcome"),
    [
        ({"name": "晨露坊糕点折扣店"}, Triage.REVIEW),
        ({"name": "晨·露·坊糕点店"}, Triage.LEAD),
        ({"name": "晨露坊官方旗舰店", "company": "某县好味商贸有限公司"}, Triage.LEAD),
        ({"name": "晨露坊官方旗舰店"}, Triage.NONE),
        ({"name": "晨露坊店", "company": "某市晨露坊食品有限公司"}, Triage.NONE),
        ({"name": "晨路坊糕点店"}, Triage.NONE),
        ({"name": "川禾糕点折扣店"}, Triage.NONE),
        ({"name": "好味店", "company": "某省满庭芳糕点有限公司"}, Triage.NONE),
    ],
    ids=[
        "plain", "disguised", "another's flagship", "own flagship", "holder", "sound",
        "two characters", "the firm may be the holder",
    ],
)  # fmt: skip
def test_a_shop_that_bears_the_mark_exactly_is_looked_at(
    many: Engine, day: date, seller: dict[str, str], outcome: Triage
) -> None:
    listing = Listing(title="绿豆糕 点心礼盒", seller=Seller.model_validate(seller))
    hits = many.hits(listing, day)
    assert all(hit.finding is Finding.BRAND_SHOP_NAME for hit in hits)
    assert triage(hits, many.registry.scoring).triage is outcome


def test_another_mark_in_a_title_is_nothing(many: Engine, day: date) -> None:
    assert not many.hits(Listing(title="晨·露·坊 晨路坊 绿豆糕", description="晨露坊"), day)
